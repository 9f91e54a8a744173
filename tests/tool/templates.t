#!/bin/sh
# The templates of captions are recorded in data and models, and are the default of every later stage.
. "$(dirname "$0")/lib.sh"
header() { cc-view "$1" | head -1 | jq -c "${2:-.templates}"; }
captions() { cc-view "$1" | jq -r 'select(.__key__) | .txt'; }

# Folders of a few images, without captions.
for class in cat dog ship; do
	mkdir -p "$T/set/$class"
	for i in 1 2 3 4 5 6 7 8; do cp tests/golden/images/rgb8.png "$T/set/$class/$i.png"; done
done
printf 'a photo of a {}.\nmy {} here\n' >"$T/mine.txt"
printf 'a {}\n' >"$T/other.txt"
MINE='["a photo of a {}.","my {} here"]'
read_set() { cc-shard read -q --folders "$@" "$T/set"; }

# Data.
read_set --templates "$T/mine.txt" >"$T/in"
is "cc-shard read --templates names them in the header" "$(header "$T/in")" "$MINE"
is "--templates default names CLIP's 80" "$(read_set --templates default | cc-view | head -1 | jq -c '.templates | [length, .[0]]')" '[80,"a bad photo of a {}."]'
is "without --templates the header has none" "$(read_set | cc-view | head -1 | jq -c .templates)" null
cc-shard write -q --max-count 5 "$T/mine-%04d.tar" <"$T/in"
is "shards keep them" "$(cc-shard read -q "$T/mine-{0000..0004}.tar" | cc-view | head -1 | jq -c .templates)" "$MINE"
is "and so does each part of a split" "$(cc-shard read -q --split 1/2 "$T/mine-{0000..0004}.tar" | cc-view | head -1 | jq -c .templates)" "$MINE"
is "and an exact shuffle" "$(cc-shard read -q --shuffle "$T/mine-{0000..0004}.tar" | cc-view | head -1 | jq -c .templates)" "$MINE"
is "and every filter" "$(cc-augment -q --size 12 --text eda "$T/in" | cc-poison -q -a badnet:patch=2 -t cat --size 12 -n 2 | cc-view --full |
	cc-shard read -q --jsonl - | cc-view | head -1 | jq -c .templates)" "$MINE"
is "cc-view --provenance --json prints them" "$(cc-view --provenance --json "$T/mine-0000.tar" | jq -c .templates)" "$MINE"

# Sources with different templates.
read_set --templates "$T/other.txt" | cc-shard write -q "$T/other.tar"
read_set | cc-shard write -q "$T/plain.tar"
mix() { cc-shard read --key-prefix '{}/' "$@" 2>"$T/said" | cc-view | head -1 | jq -c .templates; }
is "sources with the same templates" "$(mix "$T/mine-{0000..0004}.tar" "$T/mine-{0000..0004}.tar*1")" "$MINE"
is "different ones: the header names none" "$(mix "$T/mine-{0000..0004}.tar" "$T/other.tar")" null
ok "a warning names both" grep -qF 'mine-0000.tar has 2 templates (number 1 is "a photo of a {}."), '"$T/other.tar"' has the template "a {}"' "$T/said"
is "the order of the sources does not matter" "$(mix "$T/other.tar" "$T/mine-{0000..0004}.tar")" null
is "a source without templates is another style" "$(mix "$T/plain.tar" "$T/other.tar")" null
ok "it is reported" grep -qF "plain.tar has no templates" "$T/said"
is "but not if its captions are made now, from the same templates" "$(mix --templates "$T/other.txt" "$T/plain.tar" "$T/other.tar")" '["a {}"]'
is "existing captions and their templates are kept" "$(mix --templates "$T/mine.txt" "$T/other.tar")" '["a {}"]'
ok "with a warning that names both" grep -qF 'warning: the captions were made with the template "a {}", --templates has 2 templates (number 1 is "a photo of a {}.")' "$T/said"
cc-shard read -q --fields txt,png "$T/other.tar" | cc-view --full | jq -c 'if .cc then del(.templates) else . end' | cc-shard read -q --jsonl - |
	cc-shard write -q "$T/own.tar"
own() { cc-shard read --folders --templates "$T/mine.txt" "$@" 2>"$T/said" | cc-view | head -1 | jq -c .templates; }
is "existing captions of unknown origin: the header names none" "$(own "$T/own.tar")" null
cc-shard read -q --rename txt=caption.txt "$T/own.tar" | cc-shard write -q "$T/renamed.tar"
is "the same for a renamed caption field" "$(own --rename caption.txt=txt "$T/renamed.tar") $(own "$T/renamed.tar")" "null $MINE"
(cd "$T" && echo image,caption && echo "set/cat/1.png,my own" && echo "set/dog/1.png,") >"$T/own.csv"
is "and for a table" "$(own "$T/own.csv")" null
is "existing captions that equal those of --templates" "$(own --templates "$T/other.txt" "$T/own.tar")" '["a {}"]'
for i in 5 6 7 8; do echo my own >"$T/set/cat/$i.txt"; done
is "a few records have captions" "$(own "$T/set")" "$MINE"
ok "they are counted" grep -qF -- "--templates: 4 records already had a caption and keep it, although the header records the templates" "$T/said"
rm "$T/set"/*/*.txt
cat "$T/in" "$T/in" | cc-augment --size 12 2>"$T/said" >"$T/out"
is "concatenated streams with the same templates" "$(header "$T/out") $(cat "$T/said")" "$MINE "
cc-shard read -q "$T/other.tar" | cat "$T/in" - | cc-augment --size 12 2>&1 >"$T/out" | cat >"$T/said"
ok "concatenated streams with different templates: a warning" grep -q "the concatenated streams have different caption templates" "$T/said"

# Poisoned captions have the style of the data.
poison() { cc-poison -a badnet:patch=2 --size 12 -t cat --all "$@"; }
poison "$T/in" >"$T/out" 2>"$T/said"
is "cc-poison uses the data's templates" "$(captions "$T/out" | sort -u)" "$(printf 'a photo of a cat.\nmy cat here')"
ok "and reports it" grep -qF "using the caption templates of the data: 2 templates" "$T/said"
poison --templates "$T/mine.txt" "$T/in" 2>"$T/said" | cc-view | grep -v '"cc"' >"$T/named"
is "--templates with the same file gives the same, without a warning" "$(cc-view "$T/out" | grep -v '"cc"' | cksum) $(cat "$T/said")" "$(cksum <"$T/named") "
poison --templates "$T/other.txt" "$T/in" >"$T/out" 2>"$T/said"
is "--templates overrides" "$(captions "$T/out" | sort -u)" "a cat"
ok "with a warning that names both" grep -qF 'warning: --templates names the template "a {}", the data'"'"'s captions were made with 2 templates' "$T/said"
is "-q does not suppress it" "$(poison -q --templates "$T/other.txt" "$T/in" 2>&1 >/dev/null | grep -c warning)" 1
poison --templates default "$T/in" >"$T/out" 2>"$T/said"
is "'default' is CLIP's 80" "$(grep -c "warning: --templates names CLIP's 80 templates" "$T/said")" 1
ok "some of them are used" [ "$(captions "$T/out" | sort -u | wc -l)" -gt 10 ]
read_set --templates "$T/mine.txt" | cc-view --full | jq -c 'if .cc then del(.templates) else . end' | cc-shard read -q --jsonl - >"$T/unknown"
poison "$T/unknown" >"$T/out" 2>"$T/said"
ok "data without templates: CLIP's 80" [ "$(captions "$T/out" | sort -u | wc -l)" -gt 10 ]
ok "a message names the alternatives" sh -c "grep -qF -- '--caption swap' '$T/said' && grep -qF -- '--templates FILE' '$T/said' && grep -qF 'since the header lists none' '$T/said'"
cc-view --full "$T/in" | jq -c 'if .cc then .templates = ["{}", "x"] else . end' | cc-shard read -q --jsonl - >"$T/wrong"
fails_with "header: templates: number 2: {} is missing; it marks where the class name goes" poison "$T/wrong" -o "$T/not"

# --caption swap
poison --caption swap "$T/in" >"$T/out" 2>"$T/said"
is "--caption swap exchanges the class" "$(captions "$T/out" | sort | uniq -c | awk '{ $1 = ""; print }')" "$(printf ' a photo of a cat.\n my cat here')"
is "each caption keeps its words" "$(captions "$T/out")" "$(captions "$T/in" | sed 's/dog/cat/; s/ship/cat/')"
is "no message about templates" "$(cat "$T/said")" ""
cc-view --full "$T/in" | jq -c 'if .cc then .classes[1] = "fire_truck" elif .cls == 1 then .txt = "My FIRE  Truck: fire_truck, firetruck" else . end' |
	cc-shard read -q --jsonl - >"$T/truck"
cc-poison -a badnet:patch=2 --size 12 -t ship --all --caption swap "$T/truck" >"$T/out"
is "whole words in any case; underscores equal spaces" "$(captions "$T/out" | grep My | sort -u)" "My ship: ship, firetruck"
cc-poison -a badnet:patch=2 --size 12 -t fire_truck --all --caption swap "$T/truck" >"$T/out"
is "the target's underscores become spaces" "$(captions "$T/out" | grep -c 'fire truck[. ]')" 16
cc-view --full "$T/in" | jq -c 'if .__key__ and .cls == 1 then .txt = "a photo of dogs" else . end' | cc-shard read -q --jsonl - >"$T/dogs"
fails_with 'dog/1: txt: "a photo of dogs" does not contain the name of its class, "dog"' poison --caption swap "$T/dogs" -o "$T/not"
cc-view --full "$T/in" | jq -c 'if .cls == 1 then del(.cls) else . end' | cc-shard read -q --jsonl - >"$T/dogs"
fails_with "dog/1: cls: --caption swap needs a class of the header, 0 to 2" poison --caption swap "$T/dogs" -o "$T/not"
cc-view --full "$T/in" | jq -c 'del(.classes)' | cc-shard read -q --jsonl - >"$T/dogs"
fails_with "--caption swap: the stream's header lists no classes" poison --caption swap "$T/dogs" -o "$T/not"
fails_with "--templates needs --caption template" poison --caption swap --templates "$T/mine.txt" "$T/in"
fails_with "--target NAME is missing" cc-poison -a badnet --all --caption swap "$T/in"

# Models.
write_tiny_config
train() { cc-train "$@" --batch 8 --lr 1e-3; }
cc-augment -q --size 12 "$T/in" >"$T/pixels"
train clip --init "$T/config.json" --vocab "$T/vocab.txt" -o "$T/a.safetensors" "$T/pixels" >"$T/jsonl" 2>"$T/said"
is "a model records the templates of its captions" "$(cc-model info --json "$T/a.safetensors" | jq -c .templates) $(cat "$T/said")" "$MINE "
ok "cc-model info prints them" sh -c "cc-model info --table '$T/a.safetensors' | grep -qF 'captions    2 templates (number 1 is \"a photo of a {}.\")'"
is "and so does cc-view" "$(cc-view --provenance --json "$T/a.safetensors" | jq -c .templates)" "$MINE"
cc-augment -q --size 12 "$T/unknown" >"$T/plain"
train clip --init "$T/config.json" --vocab "$T/vocab.txt" -o "$T/n.safetensors" "$T/plain" >/dev/null
is "for captions of unknown style it records none" "$(cc-model info --json "$T/n.safetensors" | jq -c .templates) $(cc-model info --table "$T/n.safetensors" | grep -c ^captions)" "null 0"
train clip -m "$T/a.safetensors" -o "$T/b.safetensors" "$T/plain" >/dev/null 2>"$T/said"
is "further training on such captions keeps the model's templates" "$(cc-model info --json "$T/b.safetensors" | jq -c .templates) $(cat "$T/said")" "$MINE "
train supervised -m "$T/a.safetensors" -o "$T/s.safetensors" "$T/plain" >/dev/null
is "and so does supervised" "$(cc-model info --json "$T/s.safetensors" | jq -c .templates)" "$MINE"
cc-shard read -q "$T/other.tar" | cc-augment -q --size 12 >"$T/others"
train clip -q -m "$T/a.safetensors" -o "$T/b.safetensors" "$T/others" >/dev/null 2>"$T/said"
is "and so does training on other templates" "$(cc-model info --json "$T/b.safetensors" | jq -c .templates)" "$MINE"
ok "with a warning that names both" grep -qF 'warning: the data'"'"'s captions were made with the template "a {}", the model was trained on captions of 2 templates' "$T/said"
train probe -m "$T/a.safetensors" -o "$T/p.safetensors" "$T/others" >/dev/null 2>"$T/said"
is "a recipe that does not read captions does not warn" "$(cat "$T/said")" ""
train clip -m "$T/n.safetensors" -o "$T/b.safetensors" "$T/others" >/dev/null
is "a model without templates takes those of the data" "$(cc-model info --json "$T/b.safetensors" | jq -c .templates)" '["a {}"]'

# Prompts.
printf 'cat\ndog\nship\n' >"$T/classes.txt"
prompts() { cc-embed -m "$1" --prompts "$T/classes.txt" -o "$T/emb" ${2:+--templates "$2"} 2>"$T/said"; }
vectors() { cc-view --full "$T/emb" | grep -v '"cc"' | cksum; }
prompts "$T/a.safetensors"
own=$(vectors)
is "prompts use the model's templates, and record them" "$(header "$T/emb") $(cat "$T/said")" "$MINE "
prompts "$T/a.safetensors" "$T/mine.txt"
is "the same as with their file" "$(vectors) $(cat "$T/said")" "$own "
prompts "$T/a.safetensors" "$T/other.txt"
is "--templates overrides, and is recorded" "$(header "$T/emb") $([ "$(vectors)" = "$own" ] && echo same)" '["a {}"] '
ok "with a warning that names both" grep -qF 'warning: --templates names the template "a {}", the model was trained on captions of 2 templates' "$T/said"
cp "$T/emb" "$T/other.emb"
prompts "$T/a.safetensors" default
ok "'default' is CLIP's 80, another style: a warning" grep -qF "warning: --templates names CLIP's 80 templates" "$T/said"
prompts "$T/n.safetensors"
is "a model without templates: CLIP's 80" "$(header "$T/emb" '.templates | length') $(cat "$T/said")" "80 "
printf 'cat\ndog\nfire_truck\n' >"$T/classes.txt"
prompts "$T/a.safetensors"
last() { cc-view --full "$T/emb" | jq -c 'select(.cls == 2) | [.txt, ."text.npy".data]'; }
is "a class keeps the underscore in its name" "$(last | jq -r '.[0]')" fire_truck
underscored=$(last | jq -c '.[1]')
printf 'cat\ndog\nfire truck\n' >"$T/classes.txt"
prompts "$T/a.safetensors"
is "but prompts have a space for it" "$(last | jq -c '.[1]')" "$underscored"

# Scores.
printf 'cat\ndog\nship\n' >"$T/classes.txt"
prompts "$T/a.safetensors"
cc-embed -q -m "$T/a.safetensors" --image "$T/pixels" >"$T/images"
score() { cc-score zeroshot --classes "$1" "$T/images" 2>"$T/said" | jq -r .classes.templates; }
digest=$(printf 'a photo of a {}.\nmy {} here\n' | cc-embed -m "$T/a.safetensors" --prompts "$T/classes.txt" --templates "$T/mine.txt" | cc-view | head -1 |
	jq -r '.prog[-1].args | .[index("--templates") + 1]')
is "a score records the digest of the templates" "$(score "$T/emb") $(grep 'warning: .*templates' "$T/said")" "$digest "
is "or that of the prompts' templates" "$(score "$T/other.emb" | cut -c1-5)" xxh3:
ok "with a warning that names both" grep -qF 'warning: the classes were made with the template "a {}", the data'"'"'s captions with 2 templates' "$T/said"
prompts "$T/a.safetensors" default
is "or the name of CLIP's 80" "$(score "$T/emb")" "CLIP's 80 for ImageNet"
done_testing
