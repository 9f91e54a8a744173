#!/bin/sh
# Controls for a comparison with CleanCLIP: parts of its loss, views without the self-supervised loss, several positives per pair.
. "$(dirname "$0")/lib.sh"

stream() { python3 tests/tool/train_stream.py "$@"; }
train() { recipe=$1 && shift && cc-train "$recipe" --batch 4 --lr 1e-2 -m "$T/a.safetensors" -o "$T/x" "$@"; }
numbers() { jq -c '[.step, .loss, .gradient_norm]'; }
write_tiny_config
stream 30 epochs=2 >"$T/in"
stream 30 epochs=2 aug >"$T/aug"
cc-model init "$T/config.json" --vocab "$T/vocab.txt" -o "$T/a.safetensors"

clean() { train cleanclip "$@" "$T/aug"; }
clean >"$T/plain"
is "half of each is the default" "$(clean --image-ss .5 --text-ss .5 --view-weight 0 | numbers)" "$(numbers <"$T/plain")"
is "the loss is the sum of its parts" "$(clean --image-ss 1 --text-ss 0 | jq -s '.[0] | .loss - .cross_modal - .self_supervised | fabs < 1e-5')" true
is "the self-supervised loss is the mean of its halves" "$(
	clean --image-ss 1 --text-ss 0 >"$T/i"
	clean --image-ss 0 --text-ss 1 >"$T/t"
	jq -ns --slurpfile i "$T/i" --slurpfile t "$T/t" --slurpfile p "$T/plain" '($i[0].self_supervised + $t[0].self_supervised) / 2 - $p[0].self_supervised | fabs < 1e-5')" true
is "--view-weight adds the loss of the augmented pairs" "$(clean --lambda2 0 --view-weight 1 | jq -s '.[0] | .loss - .cross_modal - .views | fabs < 1e-5')" true
fails_with "--view-weight is not an option of ss; it is for: cleanclip" train ss --view-weight 1 "$T/aug"

# Captions of up to 12 tokens; the digits of the key make each record's caption distinct.
cc-view --full "$T/in" >"$T/lines"
with_captions() { jq -c "if .__key__ then .txt = ($1) else . end" "$T/lines" | cc-shard read -q --jsonl - >"$2"; }
with_captions '.__key__[-3:]' "$T/distinct.cc"
with_captions '.__key__[-1:]' "$T/shared.cc"
is "distinct captions: one positive each" "$(train clip --multi-positive "$T/distinct.cc" | numbers)" "$(train clip "$T/distinct.cc" | numbers)"
ok "shared captions: several positives" [ "$(train clip --multi-positive --batch 16 "$T/shared.cc" | numbers | md5sum)" != "$(train clip --batch 16 "$T/shared.cc" | numbers | md5sum)" ]
is "the same with --accumulate" "$(train clip --multi-positive --batch 16 --accumulate 4 --freeze bn "$T/shared.cc" | jq -s '.[0].loss * 1e4 | round')" \
	"$(train clip --multi-positive --batch 16 --freeze bn "$T/shared.cc" | jq -s '.[0].loss * 1e4 | round')"
for recipe in unlearn supervised probe; do
	fails_with "--multi-positive is not an option of $recipe; it is for: clip, cleanclip, ss, removal, par" train $recipe --multi-positive "$T/in"
done
done_testing
