#!/bin/sh
# Each error text is shown by a test.  Exceptions are in tests/golden/refusals.txt, which may only become shorter.  This file has the
# texts that belong to no other test.
. "$(dirname "$0")/lib.sh"

is "every error text is shown by a test, or listed" "$(python3 tests/tool/refusals.py 2>/dev/null)" ""

write_tiny_config
python3 tests/tool/score_data.py "$T"
python3 tests/tool/train_stream.py 12 aug >"$T/pairs"
python3 tests/tool/make_stream.py 6 size=20x20 rgb >"$T/rgb"
python3 tests/tool/make_stream.py 6 >"$T/png"
python3 tests/tool/make_tar.py "$T/a.tar" a/1.txt=one a/2.txt=two
cc-model init -q "$T/config.json" --vocab "$T/vocab.txt" -o "$T/model"

# Options and arguments.
fails_with "unknown option --colour (options: --shuffle, " cc-shard read --colour "$T/a.tar"
fails_with "unknown option --shuffel; did you mean --shuffle? (options: " cc-shard read --shuffel "$T/a.tar"
fails_with "unknown option -Z (options: " cc-shard read -Z "$T/a.tar"
fails_with "'1.5' is not a non-negative integer" cc-shard read --take 1.5 "$T/a.tar"
fails_with "--take needs an argument" cc-shard read "$T/a.tar" --take
fails_with "'150%' is not a share (0 to 1, or 0% to 100%)" cc-shard stat --max-bad 150% "$T/a.tar"
fails_with "patch is given twice" cc-poison -q -a badnet:patch=2,patch=3 -t dog --all "$T/png"
fails_with "image encoding; accepted: " cc-poison -q -a yellow -t dog --all --encode gif "$T/png"
fails_with "x and y cannot be used with place=four-corners" cc-poison -q -a badnet:patch=2,place=four-corners,x=1,y=1 -t dog --all "$T/rgb"
fails_with "the patch of 4 pixels does not fit inside 20 x 20" cc-poison -q -a badnet:patch=4,x=19,y=19 -t dog --all --size 20 --max-bad 0 "$T/rgb"
fails_with "use either -m MODEL or --vocab FILE" cc-model tokens "$T/pairs"
fails_with "-o cannot be used: PATTERN is the output" sh -c "cc-shard write '$T/w.tar' -o '$T/x' <'$T/png'"
fails_with "--name cannot be used with --sizes: sizes.json stores no name" cc-shard index --sizes --name x "$T/a.tar" -o "$T/sizes.json"
fails_with "--accumulate: a batch of 4 cannot be split into 3 equal pieces" cc-train clip -m "$T/model" --batch 4 --accumulate 3 -o "$T/no" "$T/pairs"
fails_with "a.tar: given twice" sh -c "cd '$T' && cc-shard index --sizes a.tar a.tar -o sizes.json"
fails_with "expands to more than 1048576 names" cc-shard read "$T/{0..2000000}.tar"
printf 'image,caption\n' >"$T/head.csv"
fails_with "head.csv: no rows after the first line" cc-shard read "$T/head.csv"
printf '{"image": {"path": "a.jpg"}, "caption": "x"}\n' >"$T/object.jsonl"
fails_with "image: expected a string or a number" cc-shard read --max-bad 0 "$T/object.jsonl"
fails_with "the weights need more than 1000 passes" sh -c "yes '$T/a.tar*1000' | head -20000 >'$T/many'; cc-shard read '@$T/many'"
fails_with "--lr: 'x' is not a number" cc-train clip --lr x
fails_with "--betas: 'x' is not two numbers of at least 0 and below 1" cc-train clip -m x --betas x -o x y
fails_with "--source needs shards as arguments" sh -c "cc-shard digest --source <'$T/png'"
fails_with "--rename: 'txt' is named twice" cc-shard read --rename txt=a,txt=b "$T/a.tar"
fails_with "--split: 'x': expected I/N with I from 0 to N-1, such as 0/4" cc-shard read --split x "$T/a.tar"
fails_with "--fields: expected names separated by commas, such as jpg,txt" cc-shard read --fields ,txt "$T/a.tar"
fails_with "pairs of braces" cc-shard read "$T/$(printf '{a,b}%.0s' $(seq 100)).tar"

# Records.
records() { python3 tests/tool/records.py; }
printf '%s\n' '{"cc": 1}' '{"__key__": "a", "txt": 3}' '{"cc_end": true, "records": 1}' | records >"$T/number.txt"
fails_with "txt: must be a string" cc-embed -m "$T/model" --text --max-bad 0 "$T/number.txt"
printf '%s\n' '{"cc": 1}' '{"cc_epoch": "x"}' | records >"$T/epoch"
fails_with "cc_epoch is not a whole number" cc-view "$T/epoch"
printf '%s\n' '{"cc": 1}' '{"__key__": "a", "txt": " "}' '{"cc_end": true, "records": 1}' | records >"$T/blank"
fails_with "the captions contain no words" cc-model vocab "$T/blank"
printf '\301' >"$T/never"
fails_with "msgpack: invalid byte 0xc1" sh -c "cc-view <'$T/never'"
printf '%s\n' '{"cc": 1}' '{"__key__": "a", "image.npy": {"f4": [1, 2]}, "text.npy": {"f4": [1, 2, 3]}}' '{"cc_end": true, "records": 1}' |
	records >"$T/widths"
fails_with "image.npy has 2 numbers, text.npy 3" cc-score retrieval --max-bad 0 "$T/widths"
printf '%s\n' '{"cc": 1}' '{"__key__": "a", "image.npy": {"f4": [1, 2]}}' '{"cc_end": true, "records": 1}' | records >"$T/one"
fails_with "fewer than two images to score" cc-score uniformity "$T/one"
printf '%s\n' '{"cc": 1}' '{"__key__": "a", "image.npy": {"f4": [0.6, 0.8]}}' '{"__key__": "b", "image.npy": {"f4": [0, 0, 1]}}' \
	'{"cc_end": true, "records": 2}' | records >"$T/two-widths"
fails_with "b: image.npy has 3 numbers, earlier ones have 2" cc-score uniformity "$T/two-widths"
fails_with "b: image.npy has 3 numbers, earlier ones have 2" cc-score distance --with "$T/two-widths" "$T/one"
fails_with "the stream has no poisoned record" cc-view sheet --poisoned "$T/png" -o "$T/no.png"

# Shards.
mkdir "$T/round" && mkdir "$T/round/in" && ln -s .. "$T/round/in/again"
fails_with "links to a folder that contains it" cc-shard read "$T/round"
python3 tests/tool/make_tar.py "$T/flat.tar" 1.txt=one
fails_with "cls: the key has no folder to take the class from (--folders)" cc-shard read --folders --max-bad 0 "$T/flat.tar"
printf 'a\0b\n' >"$T/zero"
fails_with "contains a NUL byte; @FILE must be text with one source per line" cc-shard read "@$T/zero"
printf ' \n' >"$T/blanks"
fails_with "contains no class names" cc-shard read --classes "$T/blanks" "$T/a.tar"

# Checkpoints.
safetensors() { # HEADER DATA
	python3 -c 'import struct, sys
sys.stdout.buffer.write(struct.pack("<Q", len(sys.argv[1])) + sys.argv[1].encode() + sys.argv[2].encode())' "$1" "$2" >"$T/st.safetensors"
}
tensor() { # TEXT HEADER
	safetensors "$2" "${3:-abcd}"
	fails_with "$1" cc-model tensor "$T/st.safetensors"
}
tensor "not a safetensors file: its header is not JSON" '[1]'
tensor "dtype is missing or unknown" '{"a": {"shape": [1], "data_offsets": [0, 4]}}'
tensor "shape is missing or not a list" '{"a": {"dtype": "F32", "shape": 1, "data_offsets": [0, 4]}}'
tensor "shape: axis 0 is not a count" '{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}'
tensor "data_offsets is not [begin, end]" '{"a": {"dtype": "F32", "shape": [1], "data_offsets": [4]}}'
tensor "4 bytes, but its shape requires 8" '{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}'
tensor "begins at byte 2 of the data, but the tensor before it ends at 4" '{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "b": {"dtype": "F32", "shape": [1], "data_offsets": [2, 6]}}' abcdef
tensor "the tensors take 4 bytes, but the file has 6" '{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}' abcdef
tensor "__metadata__ is not a map" '{"__metadata__": 3}' ''
tensor "__metadata__ contains a value that is not a string" '{"__metadata__": {"a": 3}}' ''
tensor "axes, more than" '{"a": {"dtype": "F32", "shape": [1,1,1,1,1,1,1,1,1,1,1,1], "data_offsets": [0, 4]}}'
safetensors '{"__metadata__": {"classes": "[\"a\", 3]"}, "head.weight": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]}, "head.bias": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}}' abcdefghijklmnop
fails_with "classes: item 1 is not a string" cc-score zeroshot --classes "$T/st.safetensors" "$T/clean"
safetensors '{"__metadata__": {"classes": "[\"a\"]"}, "head.weight": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}' abcd
fails_with "no head.weight (F32, two axes), so it is not a classifier" cc-score zeroshot --classes "$T/st.safetensors" "$T/clean"
safetensors '{"__metadata__": {"classes": "[\"a\"]"}, "head.weight": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]}}' abcdefgh
fails_with "classes: must be a list of 2 names, one for each row of head.weight" cc-score zeroshot --classes "$T/st.safetensors" "$T/clean"
safetensors '{"head.weight": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]}, "head.bias": {"dtype": "F32", "shape": [1], "data_offsets": [8, 12]}}' abcdefghijkl
fails_with "head.bias: must be F32 with one number for each row of head.weight" cc-score zeroshot --classes "$T/st.safetensors" "$T/clean"
prompts() { # TEXT SECOND-RECORD
	printf '%s\n' '{"cc": 1}' '{"__key__": "a", "cls": 0, "txt": "a", "text.npy": {"f4": [1, 2]}}' "$2" '{"cc_end": true, "records": 2}' | records >"$T/prompts"
	fails_with "$1" cc-score zeroshot --classes "$T/prompts" "$T/clean"
}
prompts "b: expected cls 1: classes must be numbered 0, 1, 2, ... in this order" '{"__key__": "b", "cls": 2, "txt": "b", "text.npy": {"f4": [1, 2]}}'
prompts "b: text.npy has 3 numbers; earlier classes have 2" '{"__key__": "b", "cls": 1, "txt": "b", "text.npy": {"f4": [1, 2, 3]}}'

# Scores: only the classes differ, and one list of names is longer.
run() { # FILE MODEL NAMES
	jq -nc --arg model "$2" --arg names "$3" '{metric: "asr", value: 0.5, n: 50, metrics: {asr: 0.5}, model: $model, dataset: "d",
		settings: {target: "dog"}, classes: {names: $names}}' >"$T/$1.json"
}
run one m1 n && run two m2 other
fails_with "classes differ" cc-score summary x="$T/one.json" x="$T/two.json"
echo '{"metric": "asr", "model": "m", "metrics": {"asr": "x"}}' >"$T/none.json"
fails_with "the score of asr has no number in \"metrics\" or \"value\"" cc-view report -o "$T/no.html" "$T/none.json"
fails_with "a folder; name the files in it" cc-view report -o "$T/no.html" "$T"
# Values of options, and small files that options name.
fails_with "--warmup: " cc-train clip -m "$T/model" --batch 4 --warmup x -o "$T/no" "$T/pairs"
fails_with "scale=0.9 exceeds most=0.5" cc-augment -q --size 12 --image rrc:scale=.9,most=.5 "$T/rgb"
fails_with "policies are joined" cc-augment -q --size 12 --image "$(printf 'rrc+%.0s' $(seq 40))rrc" "$T/rgb"
printf 'nobody\n' >"$T/nobody"
fails_with "none of its keys is among the 6 records" cc-poison -q -a yellow -t dog --keys "$T/nobody" "$T/png"
fails_with "templates: no template in the file; expected one per line, with {} where the name goes" cc-poison -q -a yellow -t dog --all --templates "$T/blanks" "$T/png"
printf 'a photo of nothing\n' >"$T/no-braces"
fails_with "templates: line 1: " cc-poison -q -a yellow -t dog --all --templates "$T/no-braces" "$T/png"
printf 'a photo\0\n' >"$T/zeros"
fails_with "line 1: contains a NUL byte; is this a UTF-8 text file?" cc-poison -q -a yellow -t dog --keys "$T/zeros" "$T/png"

# Configurations.
config() { # TEXT SED-SCRIPT
	sed "$2" "$T/config.json" >"$T/wrong.json"
	fails_with "$1" cc-model init -q "$T/wrong.json" --vocab "$T/vocab.txt" -o "$T/no"
}
config "image_size: 13 is not a multiple of" 's/"image_size": 12/"image_size": 13/'
config "must be three numbers" 's/"embed_dim"/"preprocess_cfg": {"mean": [1, 2]}, "embed_dim"/'
config "must be three numbers above" 's/"embed_dim"/"preprocess_cfg": {"std": [1, 2, -1]}, "embed_dim"/'
config "width: 5 is odd, but the stem's first layers have half of it" 's/"vision_cfg": {[^}]*}/"vision_cfg": {"image_size": 32, "layers": [1, 1, 1, 1], "width": 5}/'

# Pages.
echo '{"step": 0, "epoch": 0, "loss": 1}' >"$T/curve.jsonl"
fails_with "step 0 of epoch 0 is invalid: steps count from 1, epochs from 0" cc-view report -o "$T/no.html" "$T/curve.jsonl"
printf '\377\330\377\340' >"$T/picture.jpg"
fails_with "only PNG pictures are supported" cc-view report -o "$T/no.html" "$T/picture.jpg"
printf '%s\n' '{"cc": 1, "prog": [3]}' '{"cc_end": true, "records": 0}' | records >"$T/chain"
fails_with "the chain of programs is damaged" cc-view --provenance "$T/chain"
printf '%s\n' '{"cc": 1}' '{"__key__": "a", "jpg": "text"}' '{"cc_end": true, "records": 1}' | records >"$T/text.jpg"
fails_with "jpg: an image must be bytes" cc-augment -q --size 12 --max-bad 0 "$T/text.jpg"

# Zip archives, by PyTorch and others.
zip() { # TEXT NAME=CONTENT...
	text=$1
	shift
	python3 -W ignore -c 'import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as out:
    for entry in sys.argv[2:]: out.writestr(*entry.split("=", 1))' "$T/zip.pt" "$@"
	fails_with "$text" cc-model import "$T/zip.pt" -o "$T/no"
}
zip "a ZIP archive without data.pkl, not a PyTorch checkpoint" a/b=c
zip "the ZIP archive contains two files named data.pkl" a/data.pkl=c a/data.pkl=c
zip "byteorder: only little endian is supported" a/byteorder=big a/data.pkl=.
done_testing
