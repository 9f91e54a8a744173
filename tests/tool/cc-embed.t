#!/bin/sh
. "$(dirname "$0")/lib.sh"

stream() { python3 tests/tool/train_stream.py "$@"; }
rows() { cc-view "$1" | jq -c "select(.__key__) | $2"; }

cat >"$T/config.json" <<'END'
{"embed_dim": 8,
 "vision_cfg": {"image_size": 12, "block": "basic", "width": 4, "layers": [1, 1], "widths": [6, 8]},
 "text_cfg": {"context_length": 12, "width": 8, "heads": 2, "layers": 1}}
END
printf '#version: 0.2\np h\nph o\nt h\n' >"$T/vocab.txt"
stream 30 epochs=2 aug >"$T/in"
cc-train clip --init "$T/config.json" --vocab "$T/vocab.txt" --batch 6 --lr 1e-2 --log 100 -o "$T/m.safetensors" "$T/in" >"$T/log"
digest=$(cc-model info --json "$T/m.safetensors" | jq -r .digest)
embed() { cc-embed -m "$T/m.safetensors" "$@"; }

# Records.
embed --image --text <"$T/in" >"$T/out"
is "all records, in order" "$(rows "$T/out" .__key__ | cksum)" "$(rows "$T/in" .__key__ | cksum)"
is "epoch marks keep their positions" "$(cc-view "$T/out" | grep -n cc_epoch | cut -d: -f1 | tr '\n' ' ')" "2 33 "
is "the tail has the digest of the input" "$(cc-view "$T/out" | tail -1 | jq -c '[.records, .digest]')" \
	'[60,"00112233445566778899aabbccddeeff"]'
is "pixels are removed" "$(rows "$T/out" keys | sort -u)" '["__key__","aug.txt","cls","image.npy","text.npy","txt"]'
embed --image --keep <"$T/in" >"$T/kept"
is "--keep keeps them" "$(rows "$T/kept" keys | sort -u)" '["__key__","aug.rgb.npy","aug.txt","cls","image.npy","rgb.npy","txt"]'
is "the header names the model by its digest" "$(cc-view "$T/out" | head -1 | jq -r .model)" "$digest"
is "and so does prog" "$(cc-view "$T/out" | head -1 | jq -r '.prog[-1].args[1]')" "$digest"
cc-view --jsonl --full "$T/out" >"$T/full"
ok "vectors have length 1" python3 - "$T/full" <<'END'
import base64, json, struct, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
rows = [r for r in rows if "__key__" in r]
for r in rows:
    for name in "image.npy", "text.npy":
        data = r[name]["data"]
        v = struct.unpack("<8f", base64.b64decode(data["base64"] if isinstance(data, dict) else data))
        assert abs(sum(x * x for x in v) - 1) < 1e-5, v
END
embed --image --raw <"$T/in" >"$T/raw"
is "--raw is recorded in the header" "$(cc-view "$T/raw" | head -1 | jq .raw)" true
ok "the same bytes for -j 1" sh -c "cc-embed -m $T/m.safetensors --image --text -j 1 <$T/in | cmp - $T/out"
ok "the same bytes for -j 3" sh -c "cc-embed -m $T/m.safetensors --image --text -j 3 <$T/in | cmp - $T/out"
embed --text --batch 7 <"$T/in" >"$T/sevens"
is "any --batch gives all records" "$(rows "$T/sevens" .__key__ | cksum)" "$(rows "$T/in" .__key__ | cksum)"
stream 0 >"$T/none"
is "an empty stream is not an error" "$(embed --image "$T/none" | cc-view | tail -1 | jq .records)" 0

# Prompts of classes.
printf 'red\r\ngreen\n\nblue' >"$T/classes.txt"
printf 'a photo of a {} thing\n{}\n' >"$T/templates.txt"
embed --prompts "$T/classes.txt" --templates "$T/templates.txt" -o "$T/classes.emb"
is "one record per class" "$(rows "$T/classes.emb" '[.__key__, .cls, .txt]' | tr '\n' ' ')" \
	'["0",0,"red"] ["1",1,"green"] ["2",2,"blue"] '
is "the header has the class names" "$(cc-view "$T/classes.emb" | head -1 | jq -c '[.records, .classes, .model]')" \
	"[3,[\"red\",\"green\",\"blue\"],\"$digest\"]"
is "prog has the digest of the templates, not their path" "$(cc-view "$T/classes.emb" | head -1 | grep -c "$T")" 0
embed --prompts "$T/classes.txt" -o "$T/many.emb"
ok "without --templates: ImageNet's 80" [ "$(cksum <"$T/many.emb")" != "$(cksum <"$T/classes.emb")" ]
printf '{}\n' >"$T/name.txt"
embed --prompts "$T/classes.txt" --templates "$T/name.txt" -o "$T/plain.emb"
ok "with one template the vector is that of the text" python3 - "$T" <<'END'
import os, sys
sys.path.insert(0, "tests/tool")
from tinymsgpack import packb, Unpacker
import subprocess, io
T = sys.argv[1]
records = b"".join(packb({"__key__": str(i), "txt": n}) for i, n in enumerate(["red", "green", "blue"]))
out = subprocess.run(["cc-embed", "-m", T + "/m.safetensors", "--text"], input=records, capture_output=True, check=True).stdout
mine = [r["text.npy"]["data"] for r in Unpacker(io.BytesIO(out)) if "__key__" in r]
theirs = [r["text.npy"]["data"] for r in Unpacker(open(T + "/plain.emb", "rb")) if "__key__" in r]
import struct
for a, b in zip(mine, theirs, strict=True):
    assert all(abs(x - y) < 1e-6 for x, y in zip(struct.unpack("<8f", a), struct.unpack("<8f", b)))
END

# What goes wrong.
stream 30 cut=20 >"$T/bad"
fails_with "upstream ended early" embed --image "$T/bad"
fails_with "upstream ended early" embed --image "$T/bad" -o "$T/left"
ok "no file is left" [ ! -e "$T/left" ]
stream 240 no-rgb=5 no-txt=220 >"$T/bad"
is "bad records are dropped and counted" "$(embed --image --text "$T/bad" 2>"$T/said" | cc-view | tail -1 | jq -c '[.records, (.bad | length)]')" \
	'[238,2]'
ok "and reported" grep -q "blue/0005: .*(dropped)" "$T/said"
stream 9 side=16 >"$T/bad"
fails_with "rgb.npy is 16x16, but the model takes 12x12" embed --image "$T/bad"

# Pixels whose preprocessing differs from the model's configuration.
photos() { python3 tests/tool/make_stream.py 9 | cc-augment "$@"; }
photos -m "$T/m.safetensors" >"$T/pixels"
ok "pixels that match the model" embed --image "$T/pixels" -o "$T/x"
photos --size 12 --crop random --pillow 12 >"$T/pixels"
ok "a random crop is accepted" embed --image "$T/pixels" -o "$T/x"
photos --size 12 --resize bilinear >"$T/pixels"
fails_with "the pixels' preprocessing (12x12, bilinear, center) differs from the model's (12x12, bicubic, center); use \`cc-augment -m $T/m.safetensors\`" \
	embed --image "$T/pixels"
ok "--text ignores pixels" embed --text "$T/pixels" -o "$T/x"
ok "--any-pixels accepts them" embed --image --any-pixels "$T/pixels" -o "$T/x"
photos --size 12 --crop pad --fill 3 >"$T/pixels"
fails_with "(12x12, bicubic, pad with 3)" embed --image "$T/pixels"
photos --size 24 --crop squash | cc-augment --image strong | cc-augment --size 12 >"$T/pixels"
ok "only the last resize counts" embed --image "$T/pixels" -o "$T/x"
photos --size 12 --crop squash | cc-augment --size 12 --image strong >"$T/pixels"
fails_with "(12x12, bicubic, squash)" embed --image "$T/pixels"
photos --size 24 >"$T/pixels"
fails_with "(24x24, bicubic, center)" embed --image "$T/pixels"
is "pixels of another size: --any-pixels is not suggested" "$(cc-embed -m "$T/m.safetensors" --image "$T/pixels" -o "$T/no" 2>&1 | grep -c any-pixels)" 0

fails_with "nothing to embed: use --image, --text or both" embed "$T/in"
fails_with "reads no records" embed --prompts "$T/classes.txt" --image
fails_with "--templates needs --prompts" embed --image --templates "$T/name.txt" "$T/in"
fails_with "-m MODEL is missing" cc-embed --image "$T/in"
printf 'red\nblue\nred\n' >"$T/twice.txt"
embed --prompts "$T/twice.txt" -o "$T/twice.emb"
is "two classes may have the same name" "$(rows "$T/twice.emb" '[.cls, .txt]' | tr '\n' ' ')$(cc-view "$T/twice.emb" | head -1 | jq -c .classes)" \
	'[0,"red"] [1,"blue"] [2,"red"] ["red","blue","red"]'
printf '\357\273\277red\r\ngreen\n\nblue' >"$T/mark.txt"
is "a byte order mark is not part of a name" "$(embed --prompts "$T/mark.txt" --templates "$T/templates.txt" | cc-view | jq -c '.classes // empty')" '["red","green","blue"]'
printf 'red\nbl\0ue\n' >"$T/zero.txt"
fails_with "zero.txt: line 2: contains a NUL byte" embed --prompts "$T/zero.txt"
printf 'red\ngr\374n\n' >"$T/latin.txt"
fails_with "latin.txt: line 2: not UTF-8" embed --prompts "$T/latin.txt"
: >"$T/empty.txt"
fails_with "contains no class names" embed --prompts "$T/empty.txt"
printf 'no place\n' >"$T/bad.txt"
fails_with "bad.txt" embed --prompts "$T/classes.txt" --templates "$T/bad.txt"
for parameter in text_projection visual.bn1.bias; do
	python3 tests/tool/edit_safetensors.py "$T/m.safetensors" nan=$parameter >"$T/nan.safetensors"
	fails_with "$T/nan.safetensors: $parameter: contains a number that is not finite" cc-embed -m "$T/nan.safetensors" --image "$T/in"
	fails_with "$parameter: contains a number that is not finite" cc-embed -m "$T/nan.safetensors" --prompts "$T/classes.txt"
done
fails_with "No space left" sh -c "cc-embed -m $T/m.safetensors --image $T/in >/dev/full"
is "a closed pipe: no message" "$(embed --image "$T/in" 2>&1 >/dev/null | head -c 0)" ""

done_testing
