#!/bin/sh
. "$(dirname "$0")/lib.sh"

stream() { python3 tests/tool/train_stream.py "$@"; }
edit() { python3 tests/tool/edit_safetensors.py "$@"; }
train() { recipe=$1 && shift && cc-train "$recipe" --batch 4 --lr 1e-2 "$@"; }
new() { train clip --init "$T/config.json" --vocab "$T/vocab.txt" "$@"; }
absent() { [ ! -e "$1" ]; }

write_tiny_config
stream 30 epochs=2 >"$T/in"
stream 30 epochs=2 aug >"$T/aug"

# A model and its metrics.
new -o "$T/a.safetensors" -j 1 <"$T/in" >"$T/a.jsonl"
is "steps are epochs times full batches" "$(jq -s length "$T/a.jsonl")" 14
is "a batch never spans two epochs" "$(jq -r .epoch "$T/a.jsonl" | tr -d '\n')" 00000001111111
is "fields of a line" "$(jq -c keys "$T/a.jsonl" | sort -u)" \
	'["epoch","gradient_norm","logit_scale","loss","lr","step"]'
is "the learning rate rises during the first tenth of the steps" "$(jq -r .lr "$T/a.jsonl" | head -1)" 0.01
is "and falls to almost 0" "$(jq '.lr < 2e-4' "$T/a.jsonl" | tail -1)" true
new -o "$T/b.safetensors" -j 3 <"$T/in" >"$T/b.jsonl"
ok "the same bytes for -j 1 and -j 3" cmp "$T/a.safetensors" "$T/b.safetensors"
ok "and the same metrics" cmp "$T/a.jsonl" "$T/b.jsonl"
new -o "$T/c.safetensors" --seed 1 <"$T/in" >"$T/c.jsonl"
ok "another seed gives another model" [ "$(cksum <"$T/a.safetensors")" != "$(cksum <"$T/c.safetensors")" ]
ok "--init equals cc-model init followed by -m" sh -c "
	cc-model init $T/config.json --vocab $T/vocab.txt --seed 3 -o $T/new.safetensors &&
	cc-train clip -m $T/new.safetensors --batch 4 --lr 1e-2 -o $T/1.safetensors <$T/in >/dev/null &&
	cc-train clip --init $T/config.json --vocab $T/vocab.txt --seed 3 --batch 4 --lr 1e-2 -o $T/2.safetensors <$T/in >/dev/null"
is "the tables of both are equal" "$(cc-model info --table "$T/1.safetensors")" "$(cc-model info --table "$T/2.safetensors")"
is "--log N prints every N-th step" "$(new --log 5 -o "$T/x" <"$T/in" | jq -r .step | tr '\n' ' ')" "5 10 14 "
is "-v prints the speed" "$(new -v -o "$T/x" <"$T/in" | jq 'select(.records_per_second > 0) | 1' | wc -l)" 14
is "input from a file argument" "$(new -o "$T/x" "$T/in" | jq -s length)" 14
rm "$T/x"

# Provenance: the stream's commands and digest, the model it started from.
train clip -m "$T/a.safetensors" --steps 3 -o "$T/d.safetensors" <"$T/in" >"$T/d.jsonl"
info() { cc-model info --json "$1" | jq -c "$2"; }
is "prog lists all commands" "$(info "$T/a.safetensors" '[.provenance.prog[].name]')" '["train_stream","cc-train clip"]'
is "provenance of the data" "$(info "$T/a.safetensors" '.provenance.data')" \
	'{"steps":14,"records":60,"digest":"00112233445566778899aabbccddeeff"}'
is "and no path" "$(info "$T/a.safetensors" .provenance | grep -c "$T")" 0
is "the digest of the original model" "$(info "$T/d.safetensors" .provenance.model.digest)" "$(info "$T/a.safetensors" .digest)"
is "and its prog" "$(info "$T/d.safetensors" '[.provenance.model.prog[].name]')" '["train_stream","cc-train clip"]'
is "--steps ends the run early" "$(jq -s length "$T/d.jsonl")" 3

# The other recipes.
train cleanclip -m "$T/a.safetensors" --lambda2 2 -o "$T/e.safetensors" <"$T/aug" >"$T/e.jsonl"
is "cleanclip: the loss is the sum of its parts" \
	"$(jq 'select((.loss - .cross_modal - 2 * .self_supervised) | fabs < 1e-4) | 1' "$T/e.jsonl" | wc -l)" 14
stream 60 epochs=6 | train supervised -m "$T/a.safetensors" -o "$T/f.safetensors" >"$T/f.jsonl"
ok "supervised learns three colours" jq -es 'last.loss < 0.35' "$T/f.jsonl"
ok "the head is written next to the model" [ -s "$T/f.head.safetensors" ]
ok "the text tower does not change" python3 - "$T/a.safetensors" "$T/f.safetensors" <<'END'
import json, struct, sys
def tensors(path):
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__")
    return {k: data[8 + size + v["data_offsets"][0] : 8 + size + v["data_offsets"][1]] for k, v in header.items()}
a, f = map(tensors, sys.argv[1:])
changed = {k for k in a if a[k] != f[k]}
assert changed and all(k.startswith("visual.") for k in changed), changed
END
printf 'red\ngreen\nblue\n' >"$T/classes.txt"
printf 'red\nblue\ngreen\n' >"$T/other.txt"
printf 'a photo of a {} thing\n' >"$T/templates.txt"
cc-embed -m "$T/a.safetensors" --prompts "$T/classes.txt" --templates "$T/templates.txt" -o "$T/classes.emb"
cc-embed -m "$T/a.safetensors" --prompts "$T/other.txt" -o "$T/other.emb"
cc-embed -m "$T/d.safetensors" --prompts "$T/classes.txt" -o "$T/d.emb"
ok "supervised starts as the zero-shot classifier" \
	train supervised -m "$T/a.safetensors" --classes "$T/classes.emb" -o "$T/g.safetensors" "$T/in"
train clip -m "$T/a.safetensors" --freeze text --freeze logit_scale -o "$T/h.safetensors" <"$T/in" >"$T/h.jsonl"
is "--freeze logit_scale" "$(jq .logit_scale "$T/h.jsonl" | sort -u | wc -l)" 1

train probe -m "$T/a.safetensors" --classes "$T/classes.emb" -o "$T/p.safetensors" "$T/in" >"$T/p.jsonl"
is "probe does not change the model" "$(info "$T/p.safetensors" .digest)" "$(info "$T/a.safetensors" .digest)"
ok "and writes a head" [ -s "$T/p.head.safetensors" ]
is "cleanclip without the cross-modal loss" "$(train cleanclip -m "$T/a.safetensors" --lambda1 0 -o "$T/x" "$T/aug" |
	jq 'select(.loss == .self_supervised) | 1' | wc -l)" 14

# ss is the self-supervised loss alone.
train ss -m "$T/a.safetensors" -o "$T/ss.safetensors" "$T/aug" >"$T/ss.jsonl"
train cleanclip -m "$T/a.safetensors" --lambda1 0 -o "$T/x" "$T/aug" >"$T/x.jsonl"
is "ss is cleanclip --lambda1 0" "$(jq -c '[.step, .loss, .gradient_norm]' "$T/ss.jsonl")" "$(jq -c '[.step, .loss, .gradient_norm]' "$T/x.jsonl")"
fails_with "--batch: 0 is out of range (1 to 16777216)" train clip -m "$T/a.safetensors" --batch 0 -o "$T/no" "$T/in"
fails_with "--lambda1 is not an option of ss; it is for: cleanclip" train ss -m "$T/a.safetensors" --lambda1 1 -o "$T/no" "$T/aug"
ok "pre-training with both losses" train cleanclip --init "$T/config.json" --vocab "$T/vocab.txt" -o "$T/both.safetensors" "$T/aug"

# unlearn: known poisoned pairs are driven apart, and are excluded from the contrastive loss.
stream 4 poison=1,2 >"$T/known"
cc-embed -m "$T/a.safetensors" --image --text <"$T/known" | cc-view --full >"$T/known.jsonl"
train unlearn -m "$T/a.safetensors" --unlearn-weight 3 --freeze bn -o "$T/u.safetensors" "$T/known" >"$T/u.jsonl"
is "the loss equals its formula" "$(jq -r '[.cross_modal, .unlearn, .loss] | map(. * 1e3 | round) | @text' "$T/u.jsonl")" \
	"$(python3 tests/tool/unlearn_loss.py "$T/known.jsonl" "$(jq .logit_scale "$T/u.jsonl")" 3 -1)"
printf '%s\n' green/0001 blue/0002 >"$T/keys"
printf '%s\n' green/0001 blue/0002 red/0000 red/0003 >"$T/allkeys"
stream 4 poison=0 >"$T/other"
train unlearn -m "$T/a.safetensors" --unlearn-weight 3 --freeze bn --keys "$T/keys" -o "$T/x" "$T/other" >"$T/x.jsonl"
ok "--keys lists the known pairs" cmp "$T/u.jsonl" "$T/x.jsonl"
ok "without known pairs it is plain contrastive learning" sh -c "
	cc-train clip -m $T/a.safetensors --batch 4 --lr 1e-2 -o $T/x $T/in | jq .loss >$T/1.loss &&
	cc-train unlearn -m $T/a.safetensors --batch 4 --lr 1e-2 -o $T/x $T/in | jq .loss | cmp - $T/1.loss"
stream 60 epochs=8 poison="$(seq -s , 0 3 60)" >"$T/red"
train unlearn -m "$T/a.safetensors" -o "$T/x" "$T/red" >"$T/x.jsonl"
ok "training lowers their cosines" jq -es '.[0].unlearn > 1.5 and last.unlearn < .5' "$T/x.jsonl"
ok "a batch may consist of known pairs only" train unlearn -m "$T/a.safetensors" -o "$T/x" --keys "$T/allkeys" "$T/known"
fails_with "--keys is not an option of clip; it is for: unlearn" train clip -m "$T/a.safetensors" --keys "$T/keys" -o "$T/no" "$T/in"

# removal: at a learning rate of 0 the cosines are those of cc-embed, so the removed pairs can be predicted.
stream 30 >"$T/once"
cc-embed -m "$T/a.safetensors" --image --text <"$T/once" | cc-view --full >"$T/once.jsonl"
most=$(python3 tests/tool/unlearn_loss.py "$T/once.jsonl" 28 7)
stream 30 epochs=3 poison="$most" >"$T/three"
removal() { cc-train removal -m "$T/a.safetensors" --batch 4 --lr 0 --freeze bn --remove-share 25% "$@" "$T/three"; }
removal -o "$T/r.safetensors" -j 1 >"$T/r.jsonl" 2>"$T/said"
ok "the most similar pairs are removed" grep -q "epoch 1: 7 of 28 pairs (cosine at least .*) are removed from later epochs; 7 of them are poisoned" "$T/said"
is "later epochs are shorter" "$(jq -r .epoch "$T/r.jsonl" | tr -d '\n')" 00000001111122222
is "and the schedule takes that into account" "$(jq 'select(.step == 17) | .lr' "$T/r.jsonl") $(grep -c schedule "$T/said")" "0 0"
is "the model's provenance has both" "$(info "$T/r.safetensors" '[.provenance.data.steps, .provenance.data.left_out]')" '[17,{"pairs":7,"poisoned":7}]'
cp "$T/r.safetensors" "$T/x"
removal -o "$T/r.safetensors" -j 2 >"$T/x.jsonl" 2>"$T/said"
ok "the same bytes for any -j" cmp "$T/r.safetensors" "$T/x"
removal --remove-after 1,2 -o "$T/x" >"$T/x.jsonl" 2>"$T/said"
is "removal after two epochs" "$(jq -r .epoch "$T/x.jsonl" | tr -d '\n')" 0000000111112222
for epochs in 0 2,1 1,,2 x ''; do
	fails_with "is not a list of ascending epochs" removal --remove-after "$epochs" -o "$T/no"
done
fails_with "records cannot fill one batch of 4" removal --remove-share 100% -o "$T/no"
fails_with "--remove-share is not an option of clip; it is for: removal" train clip -m "$T/a.safetensors" --remove-share 1% -o "$T/no" "$T/in"

# par: moves away from the embeddings of the original model.
train par -m "$T/a.safetensors" --freeze bn -o "$T/par.safetensors" "$T/in" >"$T/par.jsonl"
is "at the first step all distances are 0" "$(jq -c '[.image_distance, .text_distance, .loss == .cross_modal]' "$T/par.jsonl" | head -1)" '[0,0,true]'
ok "and the model changes" jq -es 'last | .image_distance > .01 and .text_distance > .01' "$T/par.jsonl"
is "the loss equals its formula" "$(jq 'select(.loss - (.cross_modal - (.image_distance + .text_distance) / 2) | fabs > 1e-5) | .step' "$T/par.jsonl")" ""
is "the logit scale does not change" "$(jq .logit_scale "$T/par.jsonl" | sort -u | wc -l)" 1
train par -m "$T/a.safetensors" --freeze bn --accumulate 2 -o "$T/x.safetensors" "$T/in" >"$T/x.jsonl"
is "the same with --accumulate" "$(jq '.loss * 1e4 | round' "$T/x.jsonl")" "$(jq '.loss * 1e4 | round' "$T/par.jsonl")"
train par -m "$T/a.safetensors" --tau 0 --steps 1 -o "$T/x.safetensors" "$T/in" >/dev/null
train clip -m "$T/a.safetensors" --freeze logit_scale --wd 1e-4 --betas .9,.98 --steps 1 -o "$T/y.safetensors" "$T/in" >/dev/null
is "beyond tau it equals clip" "$(info "$T/x.safetensors" .digest)" "$(info "$T/y.safetensors" .digest)"
fails_with "par needs a model to start from" train par -o "$T/no" "$T/in"
fails_with "--init is not an option of par" train par --init "$T/config.json" --vocab "$T/vocab.txt" -o "$T/no" "$T/in"

# --accumulate: a batch in pieces.
pieces() { train cleanclip -m "$T/a.safetensors" --freeze bn -o "$T/$1.safetensors" --accumulate "$1" "$T/aug" -j "$2"; }
pieces 1 2 >"$T/1.jsonl"
pieces 4 2 >"$T/4.jsonl"
ok "the loss and the gradient are those of the whole batch" jq -se '(.[0] | [.loss, .gradient_norm]) as $a |
	(.[14] | [.loss, .gradient_norm]) as $b | ($a[0] - $b[0] | fabs) < 1e-5 and ($a[1] - $b[1] | fabs) < 1e-4' "$T/1.jsonl" "$T/4.jsonl"
mv "$T/4.safetensors" "$T/x"
pieces 4 1 >"$T/4.jsonl"
ok "the same bytes for any -j" cmp "$T/x" "$T/4.safetensors"
fails_with "a batch of 4 cannot be split into 3 equal pieces" pieces 3 1

# --recompute: the same bytes, including batch norm's running statistics, also with --accumulate.
cat >"$T/RN.json" <<'END'
{"embed_dim": 8, "quick_gelu": false, "vision_cfg": {"image_size": 32, "layers": [2, 1, 2, 1], "width": 8, "head_width": 16},
 "text_cfg": {"context_length": 12, "width": 8, "heads": 2, "layers": 3}}
END
cat >"$T/ViT.json" <<'END'
{"embed_dim": 8, "quick_gelu": false, "vision_cfg": {"image_size": 32, "layers": 3, "width": 16, "patch_size": 8, "head_width": 8},
 "text_cfg": {"context_length": 12, "width": 8, "heads": 2, "layers": 2}}
END
stream 12 aug side=32 >"$T/aug32"
again() { # NAME CONFIG RECORDS OPTION...
	name=$1 config=$2 records=$3 && shift 3
	train cleanclip --init "$config" --vocab "$T/vocab.txt" -j 2 -o "$T/$name.safetensors" "$@" "$records" >"$T/$name.jsonl"
}
for model in "config $T/aug" "RN $T/aug32" "ViT $T/aug32"; do
	set -- $model
	for options in "" "--accumulate 2" "--freeze bn" "--freeze image"; do
		again kept "$T/$1.json" "$2" $options
		again again "$T/$1.json" "$2" $options --recompute
		ok "$1 $options: --recompute gives the same model" cmp "$T/kept.safetensors" "$T/again.safetensors"
		ok "and the same lines" cmp "$T/kept.jsonl" "$T/again.jsonl"
	done
done

# Bad records.
ok "two bad records are accepted and counted" sh -c "
	python3 tests/tool/train_stream.py 240 no-txt=5 no-rgb=220 | cc-train clip -m $T/a.safetensors --batch 4 -o $T/i.safetensors"
is "with their reasons" "$(info "$T/i.safetensors" '.provenance.data.bad | length')" 2
ok "a schedule that ended early is reported" sh -c "
	python3 tests/tool/train_stream.py 8 no-txt=5 | cc-train clip -m $T/a.safetensors --batch 4 -o $T/x 2>&1 >/dev/null |
	grep 'ended after 1 of 2 steps'"
stream 9 >"$T/one"
cat "$T/one" "$T/one" | train clip -m "$T/a.safetensors" -o "$T/two.safetensors" >"$T/log" 2>"$T/said"
ok "concatenated streams: batches beyond the first header's count are reported" grep -q "2 batches more than the stream.s header announced were not used" "$T/said"
is "and the provenance has both streams" "$(info "$T/two.safetensors" '.provenance.data | [.steps, .records, (.behind | length)]')" "[2,18,1]"
cat "$T/one" "$T/one" | train clip -m "$T/a.safetensors" --steps 4 -o "$T/x" >"$T/log"
is "--steps uses them all" "$(jq -s length "$T/log")" 4
stream 20 no-txt=5 no-rgb=6 >"$T/bad"
fails_with "2 of the announced 20 records could not be used" train clip -m "$T/a.safetensors" -o "$T/no" "$T/bad"
stream 20 cls=5 >"$T/bad"
ok "a label without a class is a bad record" sh -c "
	cc-train supervised -m $T/a.safetensors --batch 4 -o $T/x $T/bad 2>&1 | grep 'blue/0005: cls is 7, but there are 3 classes'"
fails_with "; add it with \`cc-augment --image POLICY\`" train cleanclip -m "$T/a.safetensors" -o "$T/no" "$T/in"
stream 9 side=16 >"$T/bad"
fails_with "red/0000: rgb.npy is 16x16, but the model takes 12x12; preprocess with \`cc-augment --size 12\`" \
	train clip -m "$T/a.safetensors" -o "$T/no" "$T/bad"

python3 tests/tool/make_stream.py 9 | cc-augment --size 12 --crop squash >"$T/bad"
fails_with "(12x12, bicubic, squash) differs from the model's (12x12, bicubic, center); use \`cc-augment -m $T/a.safetensors\`, or accept it with --any-pixels" \
	train clip -m "$T/a.safetensors" -o "$T/no" "$T/bad"
fails_with "use \`cc-augment -m $T/config.json\`" new -o "$T/no" "$T/bad"
ok "unless --any-pixels is given" train clip -m "$T/a.safetensors" --any-pixels -o "$T/x" "$T/bad"

# Runs that learn nothing or something unintended: an error, or a warning with the reason.
said() { recipe=$1 && shift && cc-train "$recipe" -m "$T/a.safetensors" --batch 4 --lr 1e-2 -o "$T/x" "$@" 2>&1 >/dev/null; }
for recipe in clip cleanclip ss unlearn removal par; do
	fails_with "--batch 1: a contrastive loss of one pair is always 0; use 2 or more" \
		cc-train $recipe -m "$T/a.safetensors" --batch 1 -o "$T/no" "$T/aug"
done
ok "a classifier may use a batch size of 1" cc-train probe -m "$T/a.safetensors" --batch 1 --steps 2 -o "$T/x" "$T/in"
stream 3 >"$T/bad"
fails_with "3 records cannot fill one batch of 4; use --batch 3 or less" train clip -m "$T/a.safetensors" -o "$T/no" "$T/bad"
stream 1 >"$T/bad"
fails_with "1 record cannot fill one batch of 4" train clip -m "$T/a.safetensors" -o "$T/no" "$T/bad"
stream 9 >"$T/bad"
is "a single record left at the end of an epoch is dropped" "$(train clip -m "$T/a.safetensors" -o "$T/x" "$T/bad" | jq -s length)" 2
is "a warm-up longer than the run: a warning" "$(said clip --warmup 100 "$T/in" | grep warmup)" \
	"cc-train clip: --warmup 100 is longer than the run of 14 steps, so the learning rate only reaches 0.0014 of 0.01"
is "with -q too" "$(said clip -q --warmup 100 "$T/in" | grep -c warmup)" 1
warm_up() { said clip --warmup 14 "$T/in" >"$T/said"; }
ok "a warm-up as long as the run" warm_up
is "is accepted" "$(grep -c warmup "$T/said")" 0
is "a learning rate of 0: a warning" "$(said clip --lr 0 "$T/in" | grep -- --lr)" "cc-train clip: --lr 0: the weights do not change"
is "no record to unlearn: a warning" "$(said unlearn -q "$T/in")" "cc-train unlearn: nothing was unlearnt: no record has a poison.json; list the poisoned pairs with --keys FILE"
echo nobody >"$T/keys"
is "no listed key occurs: a warning" "$(said unlearn -q --keys "$T/keys" "$T/in")" "cc-train unlearn: nothing was unlearnt: no record is listed in --keys"
is "a loss without gradient is reported once" "$(said cleanclip -q --lambda1 0 --lambda2 0 "$T/aug")" \
	"cc-train cleanclip: step 1: all gradients are 0, so this batch changes nothing"
echo red >"$T/one.txt"
cc-embed -m "$T/a.safetensors" --prompts "$T/one.txt" -o "$T/one.emb" 2>/dev/null
stream 30 no-classes >"$T/bad"
for recipe in supervised probe; do
	fails_with "there is only one class; a classifier needs at least two" \
		train $recipe -m "$T/a.safetensors" --classes "$T/one.emb" -o "$T/no" "$T/bad"
done

# Streams that end early or whose header lacks something.
stream 30 cut=20 >"$T/bad"
fails_with "upstream ended early" train clip -m "$T/a.safetensors" -o "$T/no" "$T/bad"
: >"$T/bad"
fails_with "no input" train clip -m "$T/a.safetensors" -o "$T/no" "$T/bad"
stream 0 >"$T/bad"
fails_with "0 records cannot fill one batch of 4" train clip -m "$T/a.safetensors" -o "$T/no" "$T/bad"
stream 3 no-count >"$T/bad"
fails_with "no epoch has a full batch of 4 usable records" train clip -m "$T/a.safetensors" --steps 5 -o "$T/no" "$T/bad"
fails_with "give --steps N" train clip -m "$T/a.safetensors" -o "$T/no" "$T/bad"
stream 30 says-epochs=3 >"$T/bad"
fails_with "announces 3 epochs, but it has 1; give --steps" train clip -m "$T/a.safetensors" -o "$T/no" "$T/bad"
stream 30 says=4000000000000000 >"$T/bad"
fails_with "announces records for 1000000000000000 steps, but there were enough for 7; give --steps" train clip -m "$T/a.safetensors" -o "$T/no" "$T/bad"
train clip -q -m "$T/a.safetensors" --steps 9 -o "$T/x" "$T/bad" 2>"$T/said" >"$T/log"
is "and no warning with -q" "$? $(wc -c <"$T/said")" "0 0"
stream 30 says=200 >"$T/bad"
ok "a filter may have dropped most of the announced records" sh -c "cc-train clip -q --batch 4 -m '$T/a.safetensors' -o '$T/x' '$T/bad' 2>&1 >/dev/null | grep 'ended after 7 of 50 steps'"
ok "the failed runs wrote no model" [ ! -e "$T/no" ]
stream 30 no-classes >"$T/bad"
fails_with "the stream's header has no class names; add them with" train supervised -m "$T/a.safetensors" -o "$T/no" "$T/bad"
fails_with "class 1 is 'blue', but in the stream it is 'green'" \
	train supervised -m "$T/a.safetensors" --classes "$T/other.emb" -o "$T/no" "$T/in"
fails_with "; make it again with \`cc-embed -m $T/a.safetensors --prompts\`" train supervised -m "$T/a.safetensors" --classes "$T/d.emb" -o "$T/no" "$T/in"
ok "the failed runs wrote no file" absent "$T/no"
ok "and no head" absent "$T/no.head.safetensors"

# Models that do not fit.
model() { edit "$T/a.safetensors" "$1" >"$T/bad.safetensors"; }
model 'config=c["vision_cfg"]["widths"] = [6, 16]'
fails_with "visual.layer2.0.bn1.bias: has shape 8 in the file, but its configuration requires 16" \
	train clip -m "$T/bad.safetensors" -o "$T/no" "$T/in"
model 'config=c["vision_cfg"]["widths"] = [6, 1 << 14]; c["text_cfg"]["layers"] = 1000'
fails_with "required by its configuration" train clip -m "$T/bad.safetensors" -o "$T/no" "$T/in"
model 'config=c["text_cfg"]["vocab_size"] = 515'
fails_with "token_embedding.weight: has shape 517x8 in the file" train clip -m "$T/bad.safetensors" -o "$T/no" "$T/in"
model 'config=c["vision_cfg"]["timm_model_name"] = "x"'
fails_with "timm_model_name: timm towers are not supported" train clip -m "$T/bad.safetensors" -o "$T/no" "$T/in"
model drop=ln_final.bias
fails_with "ln_final.bias: missing from the file" train clip -m "$T/bad.safetensors" -o "$T/no" "$T/in"
model rename=ln_final.bias:ln_final.other
fails_with "ln_final.other: unexpected; its configuration has no such parameter" \
	train clip -m "$T/bad.safetensors" -o "$T/no" "$T/in"
model flip=1000
fails_with "its digest does not match its contents" train clip -m "$T/bad.safetensors" -o "$T/no" "$T/in"
model cut=1
fails_with "truncated" train clip -m "$T/bad.safetensors" -o "$T/no" "$T/in"
model plain
fails_with "no configuration in its metadata" train clip -m "$T/bad.safetensors" -o "$T/no" "$T/in"
fails_with "a record stream, not a safetensors model" train clip -m "$T/in" -o "$T/no" "$T/in"
fails_with "No such file" train clip -m "$T/none" -o "$T/no" "$T/in"
printf '#version: 0.2\nq z\nzz z\n' >"$T/bad.txt"
fails_with "line 3" train clip --init "$T/config.json" --vocab "$T/bad.txt" -o "$T/no" "$T/in"

# Wrong usage.
fails_with "unknown verb 'mix'" cc-train mix
fails_with "give either --init CONFIG" train clip -o "$T/no" "$T/in"
fails_with "--init needs --vocab" train clip --init "$T/config.json" -o "$T/no" "$T/in"
fails_with "-o FILE is missing" train clip -m "$T/a.safetensors" "$T/in"
fails_with "is not one of: image, text, logit_scale, bn" train clip -m "$T/a.safetensors" --freeze head -o "$T/no" "$T/in"
fails_with "everything that clip trains is frozen" \
	train clip -m "$T/a.safetensors" --freeze image --freeze text --freeze logit_scale -o "$T/no" "$T/in"
fails_with "--lambda2 is not an option of clip; it is for: cleanclip" train clip -m "$T/a.safetensors" --lambda2 2 -o "$T/no" "$T/in"
fails_with "not two numbers" train clip -m "$T/a.safetensors" --betas .9,1 -o "$T/no" "$T/in"
fails_with "neither a number of steps nor a share" train clip -m "$T/a.safetensors" --warmup often -o "$T/no" "$T/in"
fails_with "--init is not an option of supervised" train supervised --init "$T/config.json" -o "$T/no" "$T/in"

# The model is written completely or not at all.
fails_with "No space left" train clip -m "$T/a.safetensors" -o /dev/full "$T/in"
fails_with "No such file" train clip -m "$T/a.safetensors" -o "$T/none/x" "$T/in"
mkdir "$T/killed"
(
	cat "$T/in" | head -c 20000
	sleep 5
) | cc-train clip -m "$T/a.safetensors" --batch 4 -o "$T/killed/x.safetensors" >"$T/killed.jsonl" 2>&1 &
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -s "$T/killed.jsonl" ] && break
	sleep .2
done
kill -9 $!
wait $! 2>/dev/null
ok "it was training when it was killed" [ -s "$T/killed.jsonl" ]
is "and no file is left" "$(ls -A "$T/killed")" ""

done_testing
