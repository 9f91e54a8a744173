#!/bin/sh
# Classes are numbers: class names may repeat, and folders may have names other than those in captions.
. "$(dirname "$0")/lib.sh"
header() { cc-view "$1" | head -1 | jq -c "${2:-.classes}"; }
rows() { cc-view "$1" | jq -r "select(.__key__) | $2"; }

# ImageNet's layout: folders are WordNet numbers, and the names in its list repeat.
for folder in n01440764 n03773504 n04008634 n04356056 n02999999; do
	mkdir -p "$T/set/$folder"
	for i in 1 2 3 4; do cp "tests/golden/images/rgb8.png" "$T/set/$folder/$i.png"; done
done
cat >"$T/names" <<'END'
n01440764 tench, Tinca tinca
n03773504 missile
n04008634	missile

n04356056   sunglasses, dark glasses, shades
n02999999 fire_truck
n99999999 not here
END
printf 'a photo of a {}.\n' >"$T/templates"
cc-shard read -q --folders --class-names "$T/names" --templates "$T/templates" "$T/set" >"$T/in"
is "--class-names: the header has the names, in the order of the folders" "$(header "$T/in")" '["tench","fire_truck","missile","missile","sunglasses"]'
is "cls is the number of the folder" "$(rows "$T/in" '"\(.__key__[0:9]) \(.cls)"' | sort -u | tr '\n' ' ')" \
	"n01440764 0 n02999999 1 n03773504 2 n04008634 3 n04356056 4 "
is "captions use the names, with spaces for underscores" "$(rows "$T/in" .txt | sort -u | tr '\n' ' ')" \
	"a photo of a fire truck. a photo of a missile. a photo of a sunglasses. a photo of a tench. "
is "a tar of the folders gives the same" "$(tar cf "$T/set.tar" -C "$T/set" . && cc-shard read -q --folders --class-names "$T/names" --templates "$T/templates" "$T/set.tar" |
	cc-view | jq -r 'select(.__key__) | "\(.cls) \(.txt)"' | sort | cksum)" "$(rows "$T/in" '"\(.cls) \(.txt)"' | sort | cksum)"
ok "shards with repeated names are written" sh -c "cc-shard write -q '$T/shard.tar' <'$T/in'"
is "and read" "$(cc-shard read -q "$T/shard.tar" | cc-view | head -1 | jq -c .classes)" "$(header "$T/in")"
printf '%s\n' n04356056 n01440764 n02999999 n03773504 n04008634 >"$T/order"
is "--classes gives the order of the folders, --class-names their names" \
	"$(cc-shard read -q --folders --classes "$T/order" --class-names "$T/names" "$T/set" | cc-view | head -1 | jq -c .classes)" \
	'["sunglasses","tench","fire_truck","missile","missile"]'
cc-shard read -q --folders "$T/set" | cc-shard write -q "$T/numbers.tar"
is "--class-names for shards that were written without it" "$(cc-shard read -q --class-names "$T/names" "$T/numbers.tar" | cc-view | head -1 | jq -c .classes)" "$(header "$T/in")"
fails_with "has no name for class 'n02999999'" sh -c "grep -v n02999999 '$T/names' >'$T/fewer'; cc-shard read --folders --class-names '$T/fewer' '$T/set'"
fails_with "lonely: line 2: expected a folder and its class name, such as 'n01440764 tench'" sh -c "printf 'a b\nn02999999\n' >'$T/lonely'; cc-shard read --folders --class-names '$T/lonely' '$T/set'"
fails_with "again: line 2: duplicate folder 'a'" sh -c "printf 'a b\na c\n' >'$T/again'; cc-shard read --folders --class-names '$T/again' '$T/set'"
fails_with "empty: contains no class names" sh -c "echo >'$T/empty'; cc-shard read --folders --class-names '$T/empty' '$T/set'"
fails_with "--class-names: the classes are unknown; give --folders or --classes FILE" cc-shard read --class-names "$T/names" "$T/set"
mkdir -p "$T/blank/golden retriever" "$T/blank/caf$(printf 'e\314\201')"
cp tests/golden/images/rgb8.png "$T/blank/golden retriever"
cp tests/golden/images/rgb8.png "$T/blank/caf$(printf 'e\314\201')"
printf 'golden retriever\tdog\ncaf\303\251\tcoffee\n' >"$T/tabs"
is "folder names with blanks and in decomposed Unicode" "$(cc-shard read -q --folders --class-names "$T/tabs" "$T/blank" | cc-view | head -1 | jq -c .classes)" '["coffee","dog"]'

# Classes looked up by name.
fails_with '--target: "missile" is the name of classes 2 and 3; use the number' cc-poison -a badnet:patch=2 --size 12 -t missile --all "$T/in"
cc-poison -q -a badnet:patch=2 --size 12 -t 3 --all "$T/in" >"$T/bad"
is "a target given by its number" "$(rows "$T/bad" '[.txt, ."poison.json".target] | join(" ")' | sort -u)" "a photo of a missile. missile"
fails_with '--target: "5" is not one of the classes; accepted: "tench", "fire_truck"' cc-poison -a badnet --all -t 5 "$T/in"
printf '%s\n' crane deer crane >"$T/cranes"
cat >"$T/rows.csv" <<END
image,label
set/n01440764/1.png,deer
set/n01440764/2.png,2
set/n01440764/3.png,crane
END
cc-shard read --max-bad 1 --classes "$T/cranes" "$T/rows.csv" 2>"$T/said" >"$T/out"
is "labels as a number and as a unique name" "$(rows "$T/out" .cls | tr '\n' ' ')" "1 2 "
ok "the name of two classes makes a bad record" grep -qF "cls: 'crane' is the name of classes 0 and 2; use the number (dropped)" "$T/said"

# Prompts, a supervised head, scores.
write_tiny_config
cc-augment -q --size 12 "$T/in" >"$T/pixels"
cc-train clip -q --init "$T/config.json" --vocab "$T/vocab.txt" --batch 5 -o "$T/m" "$T/pixels" >/dev/null
header "$T/in" '.classes[]' | jq -r . >"$T/classes.txt"
ok "prompts of repeated names are embedded" cc-embed -q -m "$T/m" --prompts "$T/classes.txt" -o "$T/classes"
is "each class has its own record" "$(rows "$T/classes" '"\(.cls) \(.txt)"' | tr '\n' ' ')" "0 tench 1 fire_truck 2 missile 3 missile 4 sunglasses "
ok "a supervised head that starts from the prompts" cc-train supervised -q -m "$T/m" --classes "$T/classes" --batch 5 -o "$T/s" "$T/pixels"
ok "and one that starts from the header's classes" cc-train probe -q -m "$T/m" --batch 5 -o "$T/p" "$T/pixels"
cc-embed -q -m "$T/m" --image "$T/pixels" >"$T/images"
cc-embed -q -m "$T/s" --image --raw "$T/pixels" >"$T/raw"
is "zeroshot with repeated names" "$(cc-score zeroshot -q --classes "$T/classes" "$T/images" 2>/dev/null | jq -c '[.n, .classes.count]')" '[20,5]'
is "zeroshot by the head" "$(cc-score zeroshot -q --classes "$T/s.head.safetensors" "$T/raw" 2>/dev/null | jq -c '[.n, .classes.count]')" '[20,5]'
fails_with '--target: "missile" is the name of classes 2 and 3; use the number' cc-score asr --classes "$T/classes" --target missile "$T/images"
is "asr with the target's number" "$(cc-score asr -q --classes "$T/classes" --target 3 "$T/images" 2>/dev/null | jq -c '[.settings.target, .settings.target_class, .n]')" \
	'["missile",3,16]'
ok "sheet and map with repeated names" sh -c "cc-view sheet '$T/in' -o '$T/sheet.png' && cc-view tsne --perplexity 4 '$T/images' -o '$T/map.svg'"

# Classes named by numbers: "3" can only be a name, never class number 3.
mkdir "$T/digits"
for name in 0 1 10 11 2; do mkdir "$T/digits/$name" && cp tests/golden/images/rgb8.png "$T/digits/$name/1.png"; done
cc-shard read -q --folders "$T/digits" >"$T/digits.in"
is "a target whose name is a number" "$(cc-poison -q -a yellow -t 2 --all -c keep "$T/digits.in" | cc-view | jq -r '."poison.json".target // empty' | sort -u)" 2
fails_with '"3" is not one of the classes' cc-poison -q -a yellow -t 3 --all -c keep "$T/digits.in"

# A failed download is not a list of names.
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n' >"$T/lfs"
printf '<!DOCTYPE html>\n<html>login</html>\n' >"$T/html"
printf '["cat",\n"dog"]\n' >"$T/array.json"
printf 'cat\ndog\n' | gzip >"$T/gz"
lists() { # FILE WHAT
	fails_with "--prompts: $1: $2, not a list of classes" cc-embed -m "$T/m" --prompts "$1"
	fails_with "--classes: $1: $2, not a list of classes" cc-shard read --folders --classes "$1" "$T/set"
	fails_with "--class-names: $1: $2, not a list of folders and names" cc-shard read --folders --class-names "$1" "$T/set"
	fails_with "--templates: $1: $2, not a list of templates" cc-shard read --folders --templates "$1" "$T/set"
	fails_with "--templates: $1: $2, not a list of templates" cc-poison -a yellow -t 0 --all --templates "$1" "$T/in"
	fails_with "--keys: $1: $2, not a list of keys" cc-shard read --folders --keys "$1" "$T/set"
	fails_with "--keys: $1: $2, not a list of keys" cc-poison -a yellow -t 0 --keys "$1" "$T/in"
	fails_with "--keys: $1: $2, not a list of keys" cc-train unlearn -m "$T/m" --batch 5 --keys "$1" -o "$T/u" "$T/pixels"
}
lists "$T/lfs" "a Git LFS pointer"
lists "$T/html" "a web page (HTML), as servers send for a login or an error"
lists "$T/gz" "a gzip file"
lists "$T/array.json" "JSON text"
fails_with "not a list of classes, one item per line: \`jq -r '.[]' FILE\` prints the items of an array" cc-embed -m "$T/m" --prompts "$T/array.json"
fails_with "@$T/lfs: line 1: a Git LFS pointer, not a list of sources" cc-shard read "@$T/lfs"
fails_with "$T/lfs: a Git LFS pointer, not a record stream" cc-score zeroshot --classes "$T/lfs" "$T/images"
fails_with "a web page (HTML), as servers send for a login or an error, not a record stream" cc-score distance --with "$T/html" "$T/images"
fails_with "$T/lfs: a Git LFS pointer, not a record stream: \`git lfs pull\`" cc-augment --size 8 "$T/lfs"
fails_with "a gzip file, not a record stream" cc-augment --size 8 - <"$T/gz"
printf '[a]\n{b}\nGIF89 or not\n<c>\n%%PDF-\n' >"$T/brackets"
is "names may begin with brackets" "$(cc-embed -q -m "$T/m" --prompts "$T/brackets" | cc-view | head -1 | jq -c .classes)" '["[a]","{b}","GIF89 or not","<c>","%PDF-"]'
is "and so may templates" "$(printf '{} in a picture\n[{}]\n' >"$T/braces" && cc-embed -q -m "$T/m" --templates "$T/braces" --prompts "$T/classes.txt" 2>"$T/said" | cc-view | head -1 | jq -c .templates)" \
	'["{} in a picture","[{}]"]'

# Mixtures: a set without classes, such as a crawl, goes with any other; two different lists of classes do not go together.
mkdir "$T/crawl"
cp tests/golden/images/rgb8.png "$T/crawl/a.png"
cc-shard read -q "$T/crawl" | cc-shard write -q "$T/crawl.tar"
is "the header of a mixture has the classes of the labelled set" "$(cc-shard read -q "$T/shard.tar*1" "$T/crawl.tar*1" | cc-view | head -1 | jq -c .classes)" "$(header "$T/in")"
is "in either order" "$(cc-shard read -q "$T/crawl.tar" "$T/shard.tar" | cc-view | head -1 | jq -c .classes)" "$(header "$T/in")"
is "with all records" "$(cc-shard read -q --shuffle "$T/crawl.tar" "$T/shard.tar" | cc-shard keys | wc -l)" 21
fails_with "numbers.tar: its classes differ from those of the shards before it" cc-shard read "$T/shard.tar" "$T/numbers.tar"
fails_with "numbers.tar: its classes differ from those of the shards before it" cc-shard read "$T/crawl.tar" "$T/shard.tar" "$T/numbers.tar"
done_testing
