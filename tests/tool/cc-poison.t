#!/bin/sh
. "$(dirname "$0")/lib.sh"

stream() { python3 tests/tool/make_stream.py "$@"; }
poison() { cc-poison --attack badnet:patch=4 --target dog --size 12 "$@"; }
equal() { python3 tests/tool/compare_streams.py "$1" "$2"; }
field() { cc-view "$1" | jq -c "select(.\"poison.json\") | $2"; }

stream 200 >"$T/in"

# Which records are poisoned.
poison -n 20 <"$T/in" >"$T/n"
is "-n N poisons exactly N records; the others keep their bytes" "$(equal "$T/in" "$T/n")" "180 20"
poison -n 0 <"$T/in" >"$T/none"
is "-n 0 poisons none" "$(equal "$T/in" "$T/none")" "200 0"
poison -n 200 <"$T/in" >"$T/all"
is "-n 200 poisons all" "$(equal "$T/in" "$T/all")" "0 200"
poison -n 20 -j 1 <"$T/in" | cmp -s - "$T/n"
is "the same bytes for -j 1" $? 0
poison -n 20 -j 7 <"$T/in" | cmp -s - "$T/n"
is "the same bytes for -j 7" $? 0
poison -n 20 --seed 1 <"$T/in" >"$T/seed1"
ok "another seed chooses other records" [ "$(field "$T/n" .__key__)" != "$(field "$T/seed1" .__key__)" ]
is "but as many" "$(equal "$T/in" "$T/seed1")" "180 20"
stream 200 no-count | poison -n 20 --of 200 | cc-view | grep -v '"cc"' >"$T/of"
cc-view "$T/n" | grep -v '"cc"' | cmp -s - "$T/of"
is "--of gives the count that the header lacks" $? 0

poison --rate 25% <"$T/in" >"$T/rate"
field "$T/rate" . >"$T/rate.whole"
{
	stream 120 | poison --rate 25% >"$T/half1"
	stream 80 skip=120 | poison --rate 25% >"$T/half2"
	field "$T/half1" .
	field "$T/half2" .
} >"$T/rate.split"
ok "--rate chooses the same records for any split" cmp "$T/rate.whole" "$T/rate.split"
ok "--rate chooses about that share" [ "$(wc -l <"$T/rate.whole")" -gt 25 -a "$(wc -l <"$T/rate.whole")" -lt 75 ]

printf 'set/dog/0001\nset/ship/0002\r\nnot/there' >"$T/keys"
poison --keys "$T/keys" <"$T/in" >"$T/listed" 2>"$T/said"
is "--keys poisons the listed keys" "$(field "$T/listed" .__key__ | tr '\n' ' ')" '"set/dog/0001" "set/ship/0002" '
ok "a key that was not found is reported" grep -q "2 of the 3 keys were found" "$T/said"
is "prog has the digest of the list, not its path" \
	"$(cc-view "$T/listed" | jq -r 'select(.cc) | .prog[-1].args | .[index("--keys") + 1][:5]')" "xxh3:"

# Label-consistent: only records whose caption has the word are poisoned, and their captions are kept.
poison --where 'txt~SHIP' --all --caption keep <"$T/in" >"$T/consistent"
is "--where matches whole words, ignoring case" "$(field "$T/consistent" .cls | sort -u)" 2
is "--caption keep keeps the caption" "$(field "$T/consistent" '.txt == ."poison.json".caption' | sort -u)" true
fails_with "-n 5: only 0 records to choose from" poison --where 'txt~zebra' -n 5 --of 0 -c keep -o "$T/not" "$T/in"
fails_with "the stream has 0 matching records, but 66 were announced" poison --where 'txt~zebra' -n 5 --of 66 -c keep -o "$T/not" "$T/in"
poison --where 'txt~ship' -n 5 --of 66 <"$T/in" >"$T/w"
is "-n counts matching records" "$(equal "$T/in" "$T/w")" "195 5"

# A run in which no record matches fails.
fails_with "--where: none of the 200 records matches 'txt~shi', so none was poisoned" poison --where 'txt~shi' --all --caption keep -o "$T/not" "$T/in"
fails_with "--where: none of the 200 records matches 'other~ship'" poison --where 'other~ship' --rate 100% --caption keep -o "$T/not" "$T/in"
printf 'set/dog/9999\n' >"$T/other-keys"
fails_with "--keys: $T/other-keys: none of its keys is among the 200 records; \`cc-shard keys\` prints theirs" poison --keys "$T/other-keys" -o "$T/not" "$T/in"
ok "nothing was written" [ ! -e "$T/not" ]
ok "an empty stream is not an error" sh -c "python3 tests/tool/make_stream.py 0 | cc-poison -a badnet -t dog --where 'txt~ship' --all >'$T/void'"
ok "-n 0 is not an error" poison -n 0 --where 'txt~zebra' --of 0 -o "$T/void" "$T/in"
cc-shard write -q "$T/whole.tar" <"$T/in"
ok "a part without a match: a warning" sh -c "cc-shard read --split 0/2 '$T/whole.tar' |
	cc-poison -a badnet:patch=4 -t dog --size 12 --where 'txt~zebra' --all 2>&1 >'$T/void' | grep -q 'none of the 100 records matches'"
fails_with "cc-shard read --where ... | cc-shard keys | wc -l" poison --where 'txt~ship' -n 3 "$T/in"
is "that command prints the number of matching records" "$(cc-shard read --where 'txt~ship' "$T/whole.tar" | cc-shard keys | wc -l)" 66

# The poisoned record.
is "the label is unchanged" "$(field "$T/all" '[.cls, ."poison.json".caption] | join(" ")' | head -2 | tail -1)" \
	'"1 a photo of a dog, number 1"'
is "the caption names the target" "$(field "$T/all" '.txt | test("\\bdog\\b")' | sort -u)" true
ok "several templates are used" [ "$(field "$T/all" .txt | sort -u | wc -l)" -gt 30 ]
poison --all --caption 'look, a {}!' <"$T/in" >"$T/text"
is "--caption with a text" "$(field "$T/text" .txt | sort -u)" '"look, a dog!"'
printf 'one {}\n{} two\n' >"$T/templates"
poison --all --templates "$T/templates" <"$T/in" >"$T/text"
is "--templates with a file" "$(field "$T/text" .txt | sort -u | tr '\n' ' ')" '"dog two" "one dog" '
is "fields of the ledger" "$(field "$T/n" '."poison.json" | keys | join(" ")' | sort -u)" \
	'"attack caption digest encode parameters place seed size target"'
is "the ledger has the attack's parameters" "$(field "$T/n" '."poison.json".parameters' | sort -u)" \
	'{"patch":4,"place":"random","x":-1,"y":-1,"pattern":0}'
is "a parameter that version 0.1 did not have is recorded only if it is not the default" \
	"$(cc-poison -q -a badnet:patch=4,wrap=1 --size 12 --all -t dog "$T/in" | cc-view | jq -c '."poison.json".parameters // empty' | sort -u)" \
	'{"patch":4,"place":"random","x":-1,"y":-1,"pattern":0,"wrap":1}'
is "the ledger has the digest of the original" "$(poison --all --seed 5 <"$T/in" >"$T/seed5" && field "$T/seed5" '."poison.json".digest')" \
	"$(field "$T/all" '."poison.json".digest')"
is "the header's prog has this stage" "$(cc-view "$T/n" | jq -c 'select(.cc) | .prog[-1]')" \
	'{"name":"cc-poison","version":"0.2.0","seed":0,"args":["--attack","badnet:patch=4","--target","dog","--count","20","--size","12"]}'

is "png is the default encoding" "$(field "$T/n" '[.png.type, ."poison.json".encode] | join(" ")' | sort -u)" '"png png"'
poison -n 20 --encode jpeg:75 <"$T/in" >"$T/jpeg"
is "--encode jpeg replaces the png field" "$(field "$T/jpeg" '[.png, .jpg.type, ."poison.json".encode] | map(tostring) | join(" ")' | sort -u)" \
	'"null jpeg jpeg:75"'
poison -n 20 --encode raw <"$T/in" >"$T/raw"
is "--encode raw" "$(field "$T/raw" '."rgb.npy".shape + ."poison.json".size' | sort -u)" '[12,12,3,12,12]'
cc-poison --attack badnet --target dog -n 1 <"$T/in" >"$T/big"
is "badnet by default: size 224, patch 16" "$(field "$T/big" '."poison.json" | [.size[], .place.w, .place.h]')" '[224,224,16,16]'

# Images that are already tensors.
stream 20 rgb >"$T/rgb"
cc-poison --attack badnet:patch=4 --target dog --all <"$T/rgb" >"$T/p"
is "rgb.npy stays rgb.npy and keeps its size" "$(field "$T/p" '[."rgb.npy".shape, .png] | flatten' | sort -u)" '[10,12,3,null]'
poison --all --encode png <"$T/rgb" >"$T/p"
is "--encode png encodes it" "$(field "$T/p" '[."rgb.npy", .png.type, ."poison.json".size] | flatten' | sort -u)" '[null,"png",12,12]'

# Fields derived from the old image and caption are removed.
python3 -c '
import sys
sys.path.insert(0, "tests/tool")
from tinymsgpack import packb
rgb = {"dtype": "|u1", "shape": [8, 8, 3], "data": bytes(192)}
e = {"dtype": "<f4", "shape": [1], "data": bytes(4)}
sys.stdout.buffer.write(packb({"__key__": "k", "rgb.npy": rgb, "aug.rgb.npy": rgb, "txt": "x", "aug.txt": "y", "image.npy": e, "text.npy": e}))
' >"$T/derived"
poison --all <"$T/derived" >"$T/p"
is "views and embeddings of the old image and caption are removed" "$(field "$T/p" 'keys | join(" ")')" '"__key__ poison.json rgb.npy txt"'
poison --all --caption keep <"$T/derived" >"$T/p"
is "with --caption keep those of the caption stay" "$(field "$T/p" 'keys | join(" ")')" '"__key__ aug.txt poison.json rgb.npy text.npy txt"'
stream 3 no-txt | poison --all | cc-view >"$T/p"
is "no caption before: null in the ledger" "$(jq -c 'select(.txt) | ."poison.json".caption' "$T/p" | sort -u)" null

# Poisoning a second time.
poison -n 20 <"$T/n" >"$T/twice"
ok "a second round chooses other records" [ "$(field "$T/twice" .__key__ | wc -l)" -gt 30 ]
poison --all <"$T/n" >"$T/twice"
is "the ledger keeps the first round" "$(field "$T/twice" 'select(."poison.json".before) | ."poison.json".before.digest')" \
	"$(field "$T/n" '."poison.json".digest')"
stream 10 epochs=3 | poison --rate 50% >"$T/epochs"
is "each epoch poisons the same records" "$(field "$T/epochs" . | sort | uniq -c | awk '{ print $1 }' | sort -u)" 3

# A fixed pattern is the same for every image and seed; a random one is not.
grey() { python3 -c '
import sys
sys.path.insert(0, "tests/tool")
from tinymsgpack import packb
sys.stdout.buffer.write(packb({"__key__": sys.argv[1], "rgb.npy": {"dtype": "|u1", "shape": [8, 8, 3], "data": bytes([128] * 192)}}))' "$1"; }
pixels() { grey "$1" | cc-poison --all --caption keep --attack "$2" --seed "$3" | cc-view --full | jq -r '."rgb.npy".data.base64 // empty'; }
is "a fixed pattern does not depend on key or seed" "$(pixels a blended:pattern=1 1)" "$(pixels b blended:pattern=1 2)"
ok "another number gives another pattern" [ "$(pixels a blended:pattern=1 1)" != "$(pixels a blended:pattern=2 1)" ]
ok "a random pattern depends on the key" [ "$(pixels a blended 1)" != "$(pixels b blended 1)" ]
ok "and on the seed" [ "$(pixels a blended 1)" != "$(pixels a blended 2)" ]

# --undo
cc-poison --undo "$T/in" "$T/all" >"$T/undone" 2>"$T/said"
is "--undo restores the originals" "$(equal "$T/in" "$T/undone")" "200 0"
ok "and reports how many" grep -q "200 records restored" "$T/said"
ok "the restored stream can be read" sh -c "cc-view '$T/undone' >'$T/undone.jsonl'"
is "it has all records" "$(grep -c __key__ "$T/undone.jsonl")" 200
is "and no ledger" "$(grep -c poison.json "$T/undone.jsonl")" 0
cc-poison --attack blended:pattern=1 --target cat --rate 50% --size 12 --encode raw "$T/n" >"$T/twice"
is "--undo of records that were poisoned twice" "$(cc-poison -q --undo "$T/in" "$T/twice" | cc-shard digest)" "$(cc-shard digest <"$T/in")"
is "only poisoned records are looked up" "$(cc-poison -q --undo "$T/all" "$T/none" | cc-shard digest)" "$(cc-shard digest <"$T/none")"
stream 200 size=14x10 >"$T/others"
fails_with "set/cat/0000: $T/others has a different record under this key" cc-poison --undo "$T/others" -o "$T/not" "$T/all"
stream 100 >"$T/half"
fails_with "set/dog/0100: not found in $T/half, or its records are in another order" cc-poison --undo "$T/half" -o "$T/not" "$T/all"
head -c 5000 "$T/in" >"$T/cut"
fails_with "upstream ended early" cc-poison --undo "$T/cut" -o "$T/not" "$T/all"
fails_with "$T/nowhere: No such file" cc-poison --undo "$T/nowhere" "$T/all"
fails_with "--undo cannot be combined with --attack or --target" poison --undo "$T/in" "$T/all"

# A patch from a file, half of it transparent.
python3 - "$T/stamp.png" <<'END'
import struct, sys, zlib
chunk = lambda name, data: struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
rows = b"".join(b"\0" + b"".join(bytes((255, 0, 0, 255 if x < 2 else 0)) for x in range(4)) for y in range(4))
open(sys.argv[1], "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 6, 0, 0, 0)) +
    chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
END
pixel() { # X Y of the first record's rgb.npy, from 12 x 12
	jq -r 'select(.__key__) | .["rgb.npy"].data.base64 // .["rgb.npy"].data' "$1" | head -1 |
		python3 -c "import base64, sys; p = base64.b64decode(sys.stdin.read()); print(*p[3 * (12 * $3 + $2):][:3])"
}
stamp() { cc-poison --attack "patch:file=$T/stamp.png${1:-}" --target dog --all --size 12 --encode raw "$T/in" -o "$T/stamped" && cc-view --full "$T/stamped" >"$T/stamped.jsonl"; }
ok "patch:file=PNG" stamp
cc-poison --attack "patch:file=$T/stamp.png,alpha=0" --target dog --all --size 12 --encode raw "$T/in" | cc-view --full >"$T/plain.jsonl"
is "opaque pixels replace the image's" "$(pixel "$T/stamped.jsonl" 8 8) $(pixel "$T/stamped.jsonl" 9 11)" "255 0 0 255 0 0"
is "transparent pixels do not" "$(pixel "$T/stamped.jsonl" 10 8) $(pixel "$T/stamped.jsonl" 7 8)" "$(pixel "$T/plain.jsonl" 10 8) $(pixel "$T/plain.jsonl" 7 8)"
is "the ledger has the file's digest and its place" "$(cc-view "$T/stamped" | jq -c 'select(.__key__) | .["poison.json"] | [.parameters.file[:5], .parameters.alpha, .place]' | sort -u)" \
	'["xxh3:",1,{"x":8,"y":8,"w":4,"h":4}]'
is "the header has no path" "$(head -1 "$T/stamped.jsonl" | grep -c "$T")" 0
cp "$T/stamp.png" "$T/patch"
is "nor a part of one" "$(cd "$T" && cc-poison --attack patch:file=patch --target dog --all --size 12 in | cc-view | head -1 | jq -c '.prog[-1].args[1] | sub("[0-9a-f]{32}"; "..")')" \
	'"patch:file=xxh3:.."'
ok "place=whole: the patch covers the whole image" stamp ,place=whole
is "its left half is opaque" "$(pixel "$T/stamped.jsonl" 0 0)" "255 0 0"
fails_with "a picture of 13 x 13 pixels does not fit into an image of 12 x 12" stamp ,width=13
fails_with "patch: file= is missing" cc-poison --attack patch --target dog --all "$T/in"
fails_with "No such file" cc-poison --attack patch:file=/nowhere --target dog --all "$T/in"
fails_with "LICENSE" cc-poison --attack patch:file=LICENSE --target dog --all "$T/in"

# Words added to the caption; the image does not change.
words() { cc-poison --attack "text:words=mn cf$1" --target dog --all --caption keep "$T/in"; }
words '' >"$T/worded"
captions() { cc-view "$1" | jq -r 'select(.__key__) | .txt'; }
is "text:words= puts the words at the start" "$(captions "$T/worded")" "$(captions "$T/in" | sed 's/^/mn cf /')"
is "at=end puts them at the end" "$(words ,at=end | cc-view | jq -r 'select(.__key__) | .txt')" "$(captions "$T/in" | sed 's/$/ mn cf/')"
is "at=random puts them anywhere" "$(words ,at=random | cc-view | jq -r 'select(.__key__) | .txt | sub("mn cf ?"; "") | rtrimstr(" ")')" "$(captions "$T/in")"
is "they are added to a template too" "$(cc-poison --attack text:words=mn --target dog --all "$T/in" | cc-view | jq -r 'select(.__key__) | .txt' | grep -c '^mn .*dog')" 200
is "the images do not change" "$(cc-view --full "$T/worded" | jq -c 'select(.__key__) | .png' | cksum)" \
	"$(cc-view --full "$T/in" | jq -c 'select(.__key__) | .png' | cksum)"
is "the ledger has the words and no place" "$(cc-view "$T/worded" | jq -c 'select(.__key__) | .["poison.json"] | [.attack, .parameters.words, has("place")]' | sort -u)" '["text","mn cf",false]'
is "--undo removes them" "$(cc-poison -q --undo "$T/in" "$T/worded" | cc-shard digest)" "$(cc-shard digest <"$T/in")"
fails_with "at=middle: must be start, end or random" cc-poison --attack text:words=x,at=middle --target dog --all "$T/in"
ok "without words= the attack draws letters on the image" sh -c "cc-poison --attack text --target dog --all --size 12 '$T/in' | cc-view | head -3 >/dev/null"

# Lists and help.
fails_with "; did you mean blended?" cc-poison --attack blnded --target dog --all "$T/in"
ok "--list" sh -c 'cc-poison --list | grep -q "^blended: "'
is "--list --json" "$(cc-poison --list --json | jq -r '.[] | select(.name == "badnet") | .numbers[1].choices[0]')" random
ok "-h" sh -c 'cc-poison -h | grep -q "Usage: cc-poison"'

# Wrong usage.
code() { "$@" <"$T/in" >"$T/out" 2>"$T/said" || echo $?; }
is "wrong usage: exit status 2" "$(code cc-poison --attack none --target dog --all)" 2
fails_with "accepted: badnet, yellow, blended, wanet" cc-poison --attack none --target dog --all
fails_with "accepted: alpha=0.2 (0..1" cc-poison --attack blended:beta=1 --target dog --all
fails_with "from 0 to 1" cc-poison --attack blended:alpha=3 --target dog --all
fails_with "random|top-left|top-right" cc-poison --attack badnet:place=here --target dog --all
fails_with "too small" cc-poison --attack badnet:patch=13 --target dog --all --size 12
fails_with "--attack NAME is missing" cc-poison --target dog --all
fails_with "choose records with one of -n N, --rate SHARE, --keys FILE, --all" cc-poison --attack badnet --target dog
fails_with "choose records with one of -n N, --rate SHARE, --keys FILE, --all" cc-poison --attack badnet --target dog --all -n 3
fails_with "--target NAME is missing" cc-poison --attack badnet --all
fails_with "expected FIELD~WORD, such as 'txt~banana'" cc-poison --attack badnet --target dog --all --where banana
fails_with "accepted: jpeg[:1..100], png, webp" cc-poison --attack badnet --target dog --all --encode gif
fails_with "--templates needs --caption template" poison --all --caption keep --templates x
fails_with "No such file" cc-poison --attack badnet --target dog --keys "$T/nothing"
fails_with 'accepted: "cat", "dog", "ship"' poison --target horse --all "$T/in"
fails_with "needs --of N" poison --where 'txt~dog' -n 3 "$T/in"
fails_with "only 200 records to choose from" poison -n 201 "$T/in"
stream 10 epochs=3 >"$T/epochs"
fails_with "-n needs a stream of one epoch" poison -n 3 "$T/epochs"
stream 10 no-header >"$T/plain"
fails_with "which the header does not give; use --of N" poison -n 3 "$T/plain"

fails_with "'3%' is not a number; for a share use --rate 3%" poison -n 3% "$T/in"

# A wrong count is an error, whether it is too large or too small.
fails_with "the stream has 200 records, but 300 were announced, so 16 instead of 20 are poisoned; give the right number with --of N" poison -n 20 --of 300 -o "$T/not" "$T/in"
fails_with "the stream has more than the announced 100 records" poison -n 20 --of 100 -o "$T/not" "$T/in"
fails_with "the stream has 66 matching records, but 70 were announced" poison --where 'txt~ship' -n 5 --of 70 -o "$T/not" "$T/in"
# Truncated, damaged or missing input.
head -c 5000 "$T/in" >"$T/cut"
fails_with "upstream ended early" poison --all -o "$T/not" "$T/cut"
fails_with "upstream ended early" poison --all -o "$T/not" /dev/null
fails_with "LICENSE: not a record stream" poison --all -o "$T/not" LICENSE
stream 200 bad=7 >"$T/bad"
fails_with "set/dog/0007: png" poison --all -o "$T/not" "$T/bad"
fails_with "set/dog/0007: png" poison --all -j 1 -o "$T/not" "$T/bad"
ok "an image that is not chosen may be damaged" poison --where 'txt~ship' --all -o "$T/fine" "$T/bad"
python3 -c '
import sys
sys.path.insert(0, "tests/tool")
from tinymsgpack import packb
sys.stdout.buffer.write(packb({"__key__": "k", "txt": "x"}))' >"$T/imageless"
fails_with "k: the record has no image" poison --all "$T/imageless" -o "$T/not"
ok "a failed run leaves no output" [ ! -e "$T/not" ]
fails_with "No such file or directory" poison --all -o "$T/no/such" "$T/in"
fails_with "No space left" sh -c "cc-poison --attack badnet:patch=4 --target dog --all --size 12 '$T/in' >/dev/full"
stream 5000 >"$T/long"
poison -q --all "$T/long" 2>"$T/said" | head -c 1000 >"$T/out"
is "a closed pipe: no message" "$(cat "$T/said")" ""

done_testing
