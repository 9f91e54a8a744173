#!/bin/sh
# Facts are fields of the header: split, poisoned, pixels.  The arguments in prog are for people.
. "$(dirname "$0")/lib.sh"

python3 - "$T/images" <<'PY'
import os, sys
for i in range(12):
    folder = os.path.join(sys.argv[1], ("cat", "dog", "ship")[i % 3])
    os.makedirs(folder, exist_ok=True)
    open("%s/%02d.ppm" % (folder, i), "wb").write(b"P6\n4 4\n255\n" + bytes((i * 37 + j * 11) % 256 for j in range(48)))
PY
cc-shard read -q --folders --templates default "$T/images" >"$T/stream"
cc-shard write -q "$T/whole.tar" <"$T/stream"
# FIELD [FILE]: the header's field as JSON; "null" if it is missing.
fact() {
	cc-view --full ${2:+"$2"} 2>"$T/said" | head -1 | python3 -c 'import json, sys
value = json.loads(sys.stdin.readline()).get(sys.argv[1])
for name in ("entry", "whole", "options"):
    if isinstance(value, dict): value.pop(name, None)
print(json.dumps(value))' "$1"
}
poison() { cc-poison -q --attack badnet:patch=2 --target ship --size 4 --encode ppm "$@"; }

# split
for i in 0 1 2; do cc-shard read -q --split $i/3 "$T/whole.tar" | cc-augment -q --size 4 | cc-shard write -q "$T/part-$i-of-3.tar"; done
is "a part of a split" "$(cc-shard read --split 2/3 "$T/whole.tar" | fact split)" '{"part": 2, "of": 3}'
is "with --take" "$(cc-shard read --split 2/3 --take 1 "$T/whole.tar" | fact split)" '{"part": 2, "of": 3, "limited": true}'
is "one part read from its shard" "$(cc-shard read "$T/part-2-of-3.tar" | fact split)" '{"of": 3}'
is "all parts read together" "$(cc-shard read "$T"/part-*.tar | fact split)" null
is "through JSON lines" "$(cc-shard read --split 0/3 "$T/whole.tar" | cc-view --full | cc-shard read --jsonl - | fact split)" '{"of": 3}'
cc-shard read "$T/whole.tar" | cc-augment -q --size 4 | cc-shard write -q "$T/one.tar"
is "all parts together have the header of the whole" "$(cc-shard read "$T"/part-*.tar | cc-view --full | head -1)" "$(cc-shard read "$T/one.tar" | cc-view --full | head -1)"
is "without --split" "$(fact split "$T/stream")" null

# poisoned
is "not poisoned" "$(fact poisoned "$T/stream")" null
poison --rate 50% "$T/stream" >"$T/once"
is "poisoned once" "$(fact poisoned "$T/once")" 1
is "twice" "$(poison --rate 50% "$T/once" | fact poisoned)" 2
is "--undo counts as a round" "$(cc-poison -q --undo "$T/stream" "$T/once" | fact poisoned)" 2
cc-shard write -q "$T/once.tar" <"$T/once"
is "shards keep the count" "$(cc-shard read "$T/once.tar" | fact poisoned)" 1

# pixels
is "pixels" "$(cc-augment -q --size 4 --crop pad --fill 9 <"$T/stream" | fact pixels)" '{"size": 4, "resize": "bicubic", "crop": "pad", "fill": 9}'
is "pixels that already have the size" "$(cc-augment -q --size 4 --crop squash <"$T/stream" | cc-augment -q --size 4 | fact pixels)" \
	'{"size": 4, "resize": "bicubic", "crop": "squash", "fill": 0}'
is "tensors without --size" "$(cc-augment -q --size 4 --resize box <"$T/stream" | cc-augment -q --augment shiftflip:shift=1 | fact pixels)" \
	"$(cc-augment -q --size 4 --resize box <"$T/stream" | fact pixels)"
is "pixels of another size" "$(cc-augment -q --size 4 --crop squash <"$T/stream" | cc-augment -q --size 2 | fact pixels)" \
	'{"size": 2, "resize": "bicubic", "crop": "center", "fill": 0}'

# Where the header has facts, prog is not read.
forget() { cc-view --full "$1" | sed '1s/"cc-poison"/"foreign"/; 1s/"--crop", "squash"/"--crop", "pad"/; 1s/"--size", "4"/"--size", "9"/' | cc-shard read --jsonl -; }
is "the second round does not depend on prog" "$(forget "$T/once" | poison --rate 50% | cc-view | grep __key__ | md5sum)" \
	"$(poison --rate 50% "$T/once" | cc-view | grep __key__ | md5sum)"
cat >"$T/config.json" <<'END'
{"embed_dim": 2, "preprocess_cfg": {"resize_mode": "squash"},
 "vision_cfg": {"image_size": 4, "block": "basic", "width": 2, "layers": [1], "widths": [2]},
 "text_cfg": {"context_length": 8, "width": 2, "heads": 1, "layers": 1}}
END
printf '#version: 0.2\np h\nph o\n' >"$T/vocab.txt"
cc-model init "$T/config.json" --vocab "$T/vocab.txt" -o "$T/model.safetensors"
cc-augment -q -m "$T/model.safetensors" "$T/once" >"$T/pixels"
forget "$T/pixels" >"$T/forgotten"
ok "the check of pixels does not depend on prog" cc-embed -q -m "$T/model.safetensors" --image "$T/forgotten" -o "$T/embeddings"
printf 'cat\ndog\nship\n' >"$T/names"
printf 'p {}\n' >"$T/templates"
cc-embed -q -m "$T/model.safetensors" --prompts "$T/names" --templates "$T/templates" -o "$T/classes"
is "a score reports that its data is poisoned" "$(cc-score zeroshot -q --classes "$T/classes" "$T/embeddings" | python3 -c 'import json, sys
score = json.load(sys.stdin); print(score["poisoned"], score["settings"]["preprocessing"])')" "1 ['--size', '4', '--crop', 'squash']"

# A foreign file may have anything there.
for fact in '"split": 3' '"split": {"part": 5, "of": 2}' '"split": {"part": -1, "of": 1e300}' '"split": {"part": 0, "of": 2, "entry": 99, "whole": {}}' \
	'"split": {"part": 1, "of": 16777217, "entry": 0, "whole": 3}' '"split": {"part": 0, "of": 9007199254740993, "entry": -1, "whole": []}' \
	'"poisoned": -7' '"poisoned": "x"' '"poisoned": {"a": []}' '"pixels": []' '"pixels": {"size": -4}' '"pixels": {"size": 1e18, "resize": 3, "crop": {}, "fill": 999}'; do
	cc-view --full "$T/stream" | sed "1s/^{/{$fact, /" | cc-shard read --jsonl - >"$T/foreign" &&
		cc-shard write -q "$T/foreign-0-of-2.tar" <"$T/foreign" && cc-shard verify -q "$T/foreign-0-of-2.tar" >"$T/said" 2>&1 &&
		cc-shard read "$T/foreign-0-of-2.tar" | poison --all 2>"$T/said" | cc-augment -q --size 4 | cc-embed -q -m "$T/model.safetensors" --image --any-pixels >"$T/end" 2>"$T/said"
	is "$fact" "$(cc-view "$T/end" | grep -c __key__)" 12
done
done_testing
