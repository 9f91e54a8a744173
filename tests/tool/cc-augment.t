#!/bin/sh
. "$(dirname "$0")/lib.sh"

stream() { python3 tests/tool/make_stream.py "$@"; }
augment() { cc-augment --size 8 "$@"; }
shown() { cc-view "$1" | jq -c "select(.__key__) | $2"; }
shapes() { shown "$1" "[$2] | map(.shape) | flatten" | sort -u; }
data() { cc-view --full "$1" | jq -r ".\"$2\".data.base64 // empty"; }

stream 60 >"$T/in"
stream 30 rgb >"$T/rgb"

# Pixels for the model.
augment <"$T/in" >"$T/out"
is "rgb.npy has the requested size" "$(shapes "$T/out" '."rgb.npy"')" "[8,8,3]"
is "the encoded image is removed, other fields are kept" "$(shown "$T/out" 'keys | join(" ")' | sort -u)" '"Own __key__ cls rgb.npy txt"'
augment --keep <"$T/in" >"$T/keep"
is "--keep keeps the encoded image" "$(shown "$T/keep" 'keys | join(" ")' | sort -u)" '"Own __key__ cls png rgb.npy txt"'
is "records stay in order" "$(shown "$T/out" .__key__)" "$(shown "$T/in" .__key__)"
cc-augment <"$T/in" >"$T/big"
is "the default size is 224" "$(shapes "$T/big" '."rgb.npy"')" "[224,224,3]"
is "the header's prog has this stage" "$(cc-view "$T/out" | jq -c 'select(.cc) | .prog[-1]')" \
	'{"name":"cc-augment","version":"0.2.0","seed":0,"args":["--size","8"]}'
augment --size 10 <"$T/in" >"$T/ten"
augment --size 10 <"$T/rgb" >"$T/ten.rgb"
is "a PNG and rgb.npy with the same pixels give the same result" "$(data "$T/ten" rgb.npy | head -30)" "$(data "$T/ten.rgb" rgb.npy)"

# A crop from the middle of computed pixels, without a resize: what Pillow's crop gives.
is "a crop from the middle, without a resize" "$(data "$T/ten" rgb.npy | head -1)" "$(python3 -c '
import base64
print(base64.b64encode(bytes((x * 7 + y * 13 + c * 50) % 256 for y in range(10) for x in range(1, 11) for c in range(3))).decode())')"

# The same bytes for any number of threads and any split.
for policies in "--image autoaugment+shiftflip --augment strong --text eda" "--crop random --image rrc"; do
	augment $policies -j 1 <"$T/in" >"$T/j1"
	ok "the same bytes for -j 3: $policies" sh -c "cc-augment --size 8 $policies -j 3 <'$T/in' | cmp - '$T/j1'"
	{
		stream 25 | augment $policies >"$T/half1"
		stream 35 skip=25 | augment $policies >"$T/half2"
		cc-view --full "$T/half1" | jq -c 'select(.__key__)'
		cc-view --full "$T/half2" | jq -c 'select(.__key__)'
	} >"$T/split"
	cc-view --full "$T/j1" | jq -c 'select(.__key__)' >"$T/whole"
	ok "and for any split" cmp "$T/split" "$T/whole"
done
stream 20 epochs=2 | augment --image strong >"$T/epochs"
is "each epoch has its own views" "$(data "$T/epochs" aug.rgb.npy | sort -u | wc -l | tr -d ' ')" 40
is "but the same images" "$(data "$T/epochs" rgb.npy | sort -u | wc -l | tr -d ' ')" 20
stream 20 | augment --image strong --seed 1 >"$T/seed"
ok "another seed gives other views" [ "$(data "$T/seed" aug.rgb.npy)" != "$(data "$T/epochs" aug.rgb.npy | head -20)" ]

# Views.
augment --image strong <"$T/in" >"$T/view"
is "--image adds a view" "$(shapes "$T/view" '."rgb.npy", ."aug.rgb.npy"')" "[8,8,3,8,8,3]"
is "and does not change rgb.npy" "$(data "$T/view" rgb.npy)" "$(data "$T/out" rgb.npy)"
augment --augment shiftflip:shift=2 --image strong <"$T/in" >"$T/both"
ok "--augment changes rgb.npy" [ "$(data "$T/both" rgb.npy)" != "$(data "$T/out" rgb.npy)" ]
is "but not the view" "$(data "$T/both" aug.rgb.npy)" "$(data "$T/view" aug.rgb.npy)"
augment --image none <"$T/in" >"$T/none"
is "--image none copies the image" "$(data "$T/none" aug.rgb.npy)" "$(data "$T/none" rgb.npy)"
augment --augment shiftflip:shift=0,flip=1 <"$T/rgb" >"$T/flip"
augment --augment shiftflip:shift=0,flip=1+shiftflip:shift=0,flip=1 <"$T/rgb" >"$T/twice"
augment <"$T/rgb" >"$T/plain"
ok "a mirrored image differs" [ "$(data "$T/flip" rgb.npy)" != "$(data "$T/plain" rgb.npy)" ]
is "mirroring twice restores it" "$(data "$T/twice" rgb.npy)" "$(data "$T/plain" rgb.npy)"
for policy in autoaugment strong shiftflip rrc; do
	augment --image $policy <"$T/in" >"$T/view"
	is "$policy: the view has the requested size" "$(shapes "$T/view" '."aug.rgb.npy"')" "[8,8,3]"
done
for crop in center random squash pad; do
	augment --crop $crop --resize bilinear <"$T/in" >"$T/$crop"
	is "--crop $crop" "$(shapes "$T/$crop" '."rgb.npy"')" "[8,8,3]"
done
ok "the crops differ" [ "$(data "$T/center" rgb.npy | head -1)" != "$(data "$T/squash" rgb.npy | head -1)" ]

augment --crop pad --fill 9 <"$T/in" >"$T/grey"
ok "--fill changes the border" [ "$(data "$T/grey" rgb.npy | head -1)" != "$(data "$T/pad" rgb.npy | head -1)" ]
fails_with "--fill" augment --crop pad --fill 256 "$T/in"

# Options from a model: pixels and header are the same as with the corresponding options.
model() { echo "{\"vision_cfg\": {\"image_size\": 8}, \"preprocess_cfg\": $1}" >"$T/model.json"; }
same() {
	cc-augment -m "$T/model.json" $2 <"$T/in" >"$T/by-model"
	cc-augment $3 <"$T/in" >"$T/by-hand"
	ok "-m: $1" cmp "$T/by-model" "$T/by-hand"
}
model null
same "CLIP's way" "" "--size 8"
model '{"interpolation": "bilinear", "resize_mode": "squash", "mean": 0.5, "std": 0.5}'
same "SigLIP's way" "" "--size 8 --resize bilinear --crop squash"
same "what is given prevails" "--resize box" "--size 8 --resize box --crop squash"
model '{"resize_mode": "longest", "fill_color": 9, "size": [8, 8], "mode": "RGB"}'
same "longest" "" "--size 8 --crop pad --fill 9"
model '{"resize_mode": "shortest", "interpolation": "random"}'
same "a random crop" "--crop random" "--size 8 --crop random"
same "pixels that come as such, too" "--image strong" "--size 8 --image strong"
fails_with "--size 9: $T/model.json needs 8x8 pixels" cc-augment -m "$T/model.json" --size 9 "$T/in"
model '{"resize_mode": "tile"}'
fails_with "model.json: preprocess_cfg: resize_mode: 'tile' is not supported; supported: shortest, longest, squash" cc-augment -m "$T/model.json" "$T/in"
model '{"size": 9}'
fails_with "size: 9, but the image tower takes 8" cc-augment -m "$T/model.json" "$T/in"
echo '{"vision_cfg": {}}' >"$T/model.json"
fails_with "vision_cfg: image_size: missing" cc-augment -m "$T/model.json" "$T/in"
fails_with "No such file" cc-augment -m "$T/nowhere" "$T/in"
fails_with "$T/in: " cc-augment -m "$T/in" "$T/in"

# Images that are already small.
cc-augment --image strong <"$T/rgb" >"$T/small"
is "rgb.npy keeps its size, cropped to a square" "$(shapes "$T/small" '."rgb.npy", ."aug.rgb.npy"')" "[10,10,3,10,10,3]"
augment --image rrc <"$T/rgb" >"$T/small"
is "with --size both have that size" "$(shapes "$T/small" '."rgb.npy", ."aug.rgb.npy"')" "[8,8,3,8,8,3]"
augment <"$T/in" | augment | cc-view --full | jq -c 'select(.__key__)' >"$T/two"
cc-view --full "$T/out" | jq -c 'select(.__key__)' | cmp -s - "$T/two"
is "a second run changes nothing" $? 0

# Captions.
augment --text none <"$T/in" >"$T/text"
is "--text none copies the caption" "$(shown "$T/text" '.txt == ."aug.txt"' | sort -u)" true
if [ -e "${CC_WORDNET:-/usr/share/wordnet}/index.noun" ]; then
	augment --text eda:operation=swap <"$T/in" >"$T/text"
	is "--text eda" "$(shown "$T/text" '(.txt | split(" ") | sort) == (."aug.txt" | split(" ") | sort), (.txt == ."aug.txt")' |
		sort -u | tr '\n' ' ')" "false true "
else
	skip "--text eda" "WordNet is not installed"
fi
fails_with "wordnet" augment --text eda --wordnet "$T/nowhere" "$T/in"

# Bad records.
stream 60 bad=7 >"$T/bad"
augment <"$T/bad" >"$T/out" 2>"$T/said"
is "a truncated image is dropped" "$(shown "$T/out" .__key__ | wc -l | tr -d ' ')" 59
ok "it is reported" grep -q "set/dog/0007: png: premature end of data" "$T/said"
is "and counted" "$(cc-view "$T/out" | jq -c 'select(.cc_end) | [.records, (.bad | add)]')" "[59,1]"
fails_with "--max-bad" augment --max-bad 0 "$T/bad"
stream 3 no-txt >"$T/no-txt"
ok "without --text no caption is required" augment "$T/no-txt" -o "$T/out"
fails_with "txt: the record has no caption" augment --text none "$T/no-txt" -o "$T/never"
fails_with "12 x 10 pixels, more than the limit of 119" augment --max-pixels 119 "$T/in" -o "$T/never"
fails_with "12 x 10 pixels, more than the limit of 119" augment --max-pixels 119 "$T/rgb" -o "$T/never"
python3 - >"$T/odd" <<'PYTHON'
import sys
sys.path.insert(0, "tests/tool")
from tinymsgpack import packb
tensor = lambda dtype, shape, n: {"dtype": dtype, "shape": shape, "data": bytes(n)}
for k, fields in enumerate(({}, {"rgb.npy": tensor("<f4", [2, 2, 3], 48)}, {"rgb.npy": tensor("|u1", [2, 2, 4], 16)},
		{"rgb.npy": tensor("|u1", [2, 0, 3], 0)}, {"rgb.npy": b"12"}, {"jpg": "text"}, {"jpg": b""}, {"png": b"GIF89a"},
		{"jpg": b"\xff\xd8\xff" + bytes(40)}, {"rgb.npy": tensor("|u1", [1, 1, 3], 3)})):
	sys.stdout.buffer.write(packb({"__key__": "k%d" % k, **fields}))
PYTHON
augment --max-bad 100% "$T/odd" >"$T/out" 2>"$T/said"
is "what is not an image is dropped" "$(shown "$T/out" .__key__)" '"k9"'
is "each with its reason" "$(grep -cE '^cc-augment: k[0-8]: .{8}' "$T/said")" 9
rm -f "$T/never"
head -c 3000 "$T/in" >"$T/cut"
fails_with "" augment "$T/cut" -o "$T/never"
ok "a truncated stream leaves no file" [ ! -e "$T/never" ]

# Truncated JPEGs are dropped, or kept with --lenient.
mkdir "$T/jpegs"
for picture in 444 420 progressive cmyk restarts; do
	head -c $(($(wc -c <tests/golden/images/$picture.jpg) * 9 / 10)) tests/golden/images/$picture.jpg >"$T/jpegs/$picture.jpg"
done
head -c 100 tests/golden/images/444.jpg >"$T/jpegs/head.jpg"
cp tests/golden/images/grey.jpg "$T/jpegs/whole.jpg"
head -c -2 tests/golden/images/444.jpg >"$T/jpegs/end.jpg" # the end marker alone, which Pillow does not miss here either
cc-shard read "$T/jpegs" >"$T/in.cut"
augment --max-bad 100% "$T/in.cut" >"$T/out" 2>"$T/said"
is "a truncated JPEG is dropped" "$(shown "$T/out" .__key__ | tr '\n' ' ')" '"end" "whole" '
augment --lenient --max-bad 50% "$T/in.cut" >"$T/out" 2>"$T/said"
is "--lenient keeps it, but not one without image data" "$(shown "$T/out" .__key__ | tr '\n' ' ')" '"420" "444" "cmyk" "end" "progressive" "restarts" "whole" '
is "each is reported" "$(grep -c 'jpeg: premature end of data: grey where pixels are missing (kept)$' "$T/said")" 5
ok "and counted" grep -q "5 of 8 records are faulty and were kept" "$T/said"
is "in the tail too" "$(cc-view "$T/out" | jq -c '.bad // empty | to_entries | map(.value) | sort')" '[1,5]'
is "the same with -j 1" "$(augment -q -j 1 --lenient --max-bad 50% "$T/in.cut" 2>/dev/null | cc-shard digest)" "$(cc-shard digest <"$T/out")"
augment -q --max-bad 100% "$T/in.cut" 2>/dev/null >"$T/strict"
is "intact images are unchanged" "$(shown "$T/strict" '."rgb.npy"' | wc -l)$(cc-view --full "$T/out" | jq -c 'select(.__key__ == "whole")' | cksum)" \
	"2$(cc-view --full "$T/strict" | jq -c 'select(.__key__ == "whole")' | cksum)"
cc-augment --size 60 -q --crop squash --lenient --max-bad 50% "$T/in.cut" 2>/dev/null >"$T/out"
is "missing pixels are grey" "$(cc-view --full "$T/out" | jq -r 'select(.__key__ == "444")."rgb.npy".data.base64' | base64 -d | tail -c 3 | od -An -tu1 | tr -s ' ')" \
	" 128 128 128"
# --fast: JPEGs decoded at a reduced scale.  Scenes of 512 x 512, and the golden images of 61 x 45 in every colour space.
python3 - >"$T/scenes.ppm" <<'PYTHON'
import math
import sys
sys.path.insert(0, "tests/tool")
from tinymsgpack import packb
def light(k, x, y):
	away = math.hypot(x - .6, y - .4)
	value = 90 + 60 * x + 25 * math.sin(9 * x + (10 + k) * y) - (60 if y > .7 + .1 * math.sin(12 * x) else 0) + 9 * math.sin((60 + k) * away)
	return [max(0, min(255, int(value + (70 - 40 * c if away < .2 + .01 * k else 0) + 9 * c * y))) for c in range(3)]
for k in range(4):
	pixels = bytes(v for y in range(256) for x in range(256) for v in light(k, x / 256, y / 256))
	sys.stdout.buffer.write(packb({"__key__": "scene%d" % k, "txt": "a scene", "ppm": b"P6 256 256 255\n" + pixels}))
PYTHON
cc-poison -q -a badnet:patch=1 --all --caption keep --size 512 --encode jpeg:92 "$T/scenes.ppm" -o "$T/scenes"
psnrs() { # A B FIELD: PSNR of each image in dB, rounded
	data "$1" "$3" >"$T/a"
	data "$2" "$3" | paste "$T/a" - | python3 -c '
import base64, math, sys
for line in sys.stdin:
	a, b = (base64.b64decode(word) for word in line.split())
	assert len(a) == len(b)
	print(int(10 * math.log10(255 ** 2 * len(a) / (sum((p - q) ** 2 for p, q in zip(a, b)) or 1e-9))))'
}
within() { awk -v low="$1" -v high="$2" '{ n++; if ($1 < low || $1 > high) bad = 1 } END { exit bad || !n }' "$3"; }
for size in 224 127 50; do
	cc-augment --size $size "$T/scenes" -o "$T/slow"
	cc-augment --size $size --fast "$T/scenes" -o "$T/fast"
	psnrs "$T/slow" "$T/fast" rgb.npy >"$T/alike"
	ok "--fast to $size: other bytes, the same picture ($(sort -n "$T/alike" | head -1) dB)" within 36 70 "$T/alike"
	is "--fast to $size: the size is exact" "$(shapes "$T/fast" '."rgb.npy"')" "[$size,$size,3]"
done
is "the header's prog has --fast" "$(cc-view "$T/fast" | jq -c 'select(.cc) | .prog[-1].args')" '["--size","50","--fast"]'
for way in "--size 257" "--size 400 --crop squash" "--size 512" "--size 600" "--size 224 --image rrc"; do
	cc-augment $way "$T/scenes" | cc-view --full | jq -c 'select(.__key__)' >"$T/slow.json"
	ok "--fast changes nothing: $way" sh -c "cc-augment $way --fast '$T/scenes' | cc-view --full | jq -c 'select(.__key__)' | cmp - '$T/slow.json'"
done
cc-augment --size 100 --crop random --image autoaugment --seed 3 "$T/scenes" -o "$T/slow"
cc-augment --size 100 --crop random --image autoaugment --seed 3 --fast "$T/scenes" -o "$T/fast"
psnrs "$T/slow" "$T/fast" rgb.npy >"$T/alike"
ok "--fast and --crop random choose the same crop" within 36 70 "$T/alike"
psnrs "$T/slow" "$T/fast" aug.rgb.npy >"$T/alike"
ok "--fast and autoaugment: the same view of the reduced image ($(sort -n "$T/alike" | head -1) dB)" within 20 70 "$T/alike"
ok "--fast: the same bytes for -j 3" sh -c "cc-augment --size 100 --crop random --image autoaugment --seed 3 --fast -j 3 '$T/scenes' | cmp - '$T/fast'"
tar cf "$T/colours.tar" -C tests/golden/images 420.jpg 422.jpg 444.jpg cmyk.jpg grey.jpg progressive.jpg restarts.jpg turned.jpg
cc-shard read -q "$T/colours.tar" | cc-augment --size 6 -o "$T/slow"
cc-shard read -q "$T/colours.tar" | cc-augment --size 6 --fast -o "$T/fast"
psnrs "$T/slow" "$T/fast" rgb.npy >"$T/alike"
ok "--fast decodes every kind of JPEG" within 30 70 "$T/alike"
is "all eight are compared" "$(wc -l <"$T/alike" | tr -d ' ')" 8
cc-shard read -q "$T/colours.tar" | cc-augment --size 40 | cc-view --full | jq -c 'select(.__key__)' >"$T/slow.json"
ok "at size 40 --fast changes nothing" sh -c "cc-shard read -q '$T/colours.tar' | cc-augment --size 40 --fast | cc-view --full | jq -c 'select(.__key__)' | cmp - '$T/slow.json'"

# Lists and wrong usage.
fails_with "and several joined by +; did you mean strong?" augment --image stron:ops=5 "$T/in"
ok "--list names the policies" sh -c 'cc-augment --list | grep -q "^autoaugment: "'
is "--list --json" "$(cc-augment --list --json | jq -c '[.image[].name]')" '["none","autoaugment","strong","shiftflip","rrc"]'
is "-h is at most 80 columns wide" "$(cc-augment -h | awk 'length > 80')" ""
fails_with "--image: unknown image policy \"blur\"; accepted: none, autoaugment, strong, shiftflip, rrc" augment --image blur "$T/in"
fails_with "--augment: shiftflip: shift=x" augment --augment shiftflip:shift=x "$T/in"
fails_with "--text: unknown text policy \"strong\"" augment --text strong "$T/in"
fails_with "bicubic, bilinear, box" augment --resize nearest "$T/in"
fails_with "center, random, squash" augment --crop left "$T/in"
fails_with "--size" cc-augment --size 0 "$T/in"
cc-augment --image blur </dev/null >/dev/null 2>&1
is "wrong usage: exit status 2" $? 2

# Real photographs: decoded, resized and cropped by Pillow they give the same bytes.
photos=${CC_DATA:-../shared/data}/photos/photos.tar
python=build/venv/bin/python
if [ -e "$photos" ] && $python -c 'import PIL, sys; sys.exit(int(PIL.__version__.split(".")[0]) < 13)' 2>/dev/null; then
	check() { # OPTIONS FILTER CROP
		cc-shard read "$photos" | cc-augment $1 | $python -c '
import hashlib, io, sys, tarfile
sys.path[:0] = ["tests/tool", "tests/golden"]
from tinymsgpack import Unpacker
from image_reference import decode, preprocess
records = {r["__key__"]: r["rgb.npy"]["data"] for r in Unpacker(sys.stdin.buffer) if "__key__" in r}
same = sum(records.get(m.name.split(".")[0]) == preprocess(decode(t.extractfile(m).read()), 224, int(sys.argv[2]), int(sys.argv[3]), 9).tobytes()
	for t in [tarfile.open(sys.argv[1])] for m in t if m.isfile())
print(len(records), same)' "$photos" "$2" "$3"
	}
	is "250 photographs equal Pillow's" "$(check "" 0 0)" "250 250"
	is "bilinear and squashed" "$(check "--resize bilinear --crop squash" 1 2)" "250 250"
	is "bicubic and padded" "$(check "--crop pad --fill 9" 0 3)" "250 250"
else
	skip "250 photographs equal Pillow's" "needs $photos, and Pillow 13 in build/venv"
fi
if [ -e "$photos" ]; then
	cc-shard read -q --take 40 "$photos" | cc-augment --size 112 -o "$T/slow"
	cc-shard read -q --take 40 "$photos" | cc-augment --size 112 --fast -o "$T/fast"
	psnrs "$T/slow" "$T/fast" rgb.npy >"$T/alike"
	ok "--fast of photographs ($(sort -n "$T/alike" | head -1) dB and more)" within 30 200 "$T/alike"
	is "38 of them are large enough to be reduced" "$(awk '$1 < 70' "$T/alike" | wc -l | tr -d ' ')" 38
else
	skip "--fast of photographs" "needs $photos"
fi
# Buffered records are limited in bytes too: many threads do not hold hundreds of large records.
most=$(python3 - <<'EOF'
import resource, subprocess, sys
sys.path.insert(0, "tests/tool")
from tinymsgpack import packb
out = subprocess.Popen(["cc-augment", "-q", "-j8", "--size", "4"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
for number in range(48):
    out.stdin.write(packb({"__key__": str(number), "ppm": b"P6 2 2 255\n" + bytes(12), "bin": bytes(25 << 20)}))
out.stdin.close()
print(out.wait() or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10)
EOF
)
ok "large records take at most 1000 MB ($most)" test "$most" -gt 1 -a "$most" -lt 1000

# --max-bad is a share of the announced records, however far the reader is ahead, and at the end of those that were read.
cc-view --full "$T/in" | jq -c 'if .png and input_line_number < 5 then .png.data.base64 = "AAAA" else . end' |
	cc-shard read -q --jsonl - >"$T/early"
bad=$(augment --max-bad 1 <"$T/early" 2>&1 >/dev/null | grep -c dropped)
ok "some of the first records are bad" [ "$bad" -ge 2 ]
is "a share that allows them is accepted with any number of threads" "$(for jobs in 1 2 3 4 1 2 3 4; do augment -j $jobs --max-bad 10% <"$T/early" >/dev/null 2>&1; echo $?; done | sort -u)" 0
cc-view --full "$T/early" | jq -c 'if .cc then del(.records) else . end' | cc-shard read -q --jsonl - >"$T/untold"
is "also when no count is announced" "$(for jobs in 1 2 3 4 1 2 3 4; do augment -j $jobs --max-bad 10% <"$T/untold" >/dev/null 2>&1; echo $?; done | sort -u)" 0
fails_with "$bad of 60 records could not be used" augment --max-bad 2% "$T/untold"
cc-view --full "$T/early" | jq -c 'if .cc then .records = 1000000 else . end' >"$T/lying"
fails_with "$bad of 60 records could not be used" sh -c "cc-shard read -q --jsonl '$T/lying' | cc-augment --size 8 --max-bad 2%"
cc-view --full "$T/in" | jq -c 'if .png and input_line_number < 30 then .png.data.base64 = "AAAA" else . end | if .cc then del(.records) else . end' |
	cc-shard read -q --jsonl - >"$T/untold"
fails_with "11 records could not be used; --max-bad allows 1 % of all records (a stream counts as at least 1000 records)" augment -j 1 "$T/untold"
cc-view --full "$T/untold" | jq -c 'if .cc then .records = 900 else . end' >"$T/lying"
fails_with "10 of the announced 900 records could not be used; --max-bad allows 1 %" sh -c "cc-shard read -q --jsonl '$T/lying' | cc-augment --size 8 -j 1"
done_testing
