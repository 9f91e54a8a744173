#!/bin/sh
# Class names with commas, quotes, markup and a tab, from folders to the report; and a linear probe from end to end.
. "$(dirname "$0")/lib.sh"

write_tiny_config
tab=$(printf '\t')
set -- "cat, domestic" 'dog "good"' "hen's \$(x)" "a${tab}tab" '<b>&amp;</b>x'
pictures="444.jpg cmyk.jpg grey8.png rgb8.png palette8.png" # one for each class
for name; do
	folder=$T/set/$(printf '%s' "$name" | tr / _) picture=${pictures%% *} pictures=${pictures#* }
	mkdir -p "$folder"
	for copy in 1 2 3 4; do cp "tests/golden/images/$picture" "$folder/$copy.${picture#*.}"; done
done
cc-shard read -q --folders --templates pipelines/templates/captions.txt "$T/set" >"$T/in"
cc-view "$T/in" | head -1 | jq -r '.classes[]' >"$T/names"
is "folders are classes" "$(LC_ALL=C sort "$T/names")" "$(printf '%s\n' '<b>&amp;<_b>x' "a${tab}tab" "cat, domestic" 'dog "good"' "hen's \$(x)")"
cc-shard write -q "$T/set.tar" <"$T/in"
is "folder names become classes" "$(cc-shard read -q "$T/set.tar" | cc-view | head -1 | jq -c .classes)" "$(cc-view "$T/in" | head -1 | jq -c .classes)"
is "--classes keeps them too" "$(cc-shard read -q --classes "$T/names" "$T/set.tar" | cc-view | head -1 | jq -r '.classes[]')" "$(cat "$T/names")"

# Poison, train, score.
cc-poison -q -a badnet:patch=4 --target 'dog "good"' --size 12 --all --encode raw "$T/in" >"$T/bad"
is "the target is the whole name" "$(cc-view "$T/bad" | jq -r 'select(.txt) | .txt | test("dog \"good\"")' | sort -u)" true
fails_with '"cat" is not one of the classes; accepted: ' cc-poison -a badnet:patch=4 --target cat --size 12 --all "$T/in"
is "--where matches one word of a name" "$(cc-poison -q -a badnet:patch=4 --target 'dog "good"' --where 'txt~domestic' --all -c keep --size 12 "$T/in" |
	cc-view | jq -r 'select(."poison.json").cls' | sort -u | wc -l | tr -d ' ')" 1
cc-augment -q --size 12 "$T/in" >"$T/small"
cc-model vocab "$T/in" -o "$T/vocab" 2>"$T/said"
cc-train clip -q --init "$T/config.json" --vocab "$T/vocab" --batch 10 -o "$T/model" "$T/small" >"$T/log"
cc-embed -q -m "$T/model" --prompts "$T/names" -o "$T/classes"
cc-augment -q --size 12 "$T/bad" | cc-embed -q -m "$T/model" --image -o "$T/bad.emb"
cc-score asr -q --classes "$T/classes" --target 'cat, domestic' -o "$T/asr.json" "$T/bad.emb"
is "--target takes the whole name" "$(jq -c '[.settings.target, .n]' "$T/asr.json")" '["cat, domestic",16]'
is "a tab in a name does not add a column to --tsv" \
	"$(cc-score asr -q --classes "$T/classes" --target "a${tab}tab" --tsv "$T/bad.emb" | awk -F "$tab" '{ print NF }' | sort -u | wc -l | tr -d ' ')" 1
fails_with '--target: "cat" is not one of the classes; accepted: ' cc-score asr --classes "$T/classes" --target cat "$T/bad.emb"
cc-view report -o "$T/report.html" "$T/asr.json"
ok "a report shows the name as text" grep -q 'cat, domestic' "$T/report.html"
is "and not as markup" "$(grep -c '<b>&amp;<_b>x' "$T/report.html")" 0
cc-view tsne -q --perplexity 5 --iterations 20 -o "$T/map.svg" "$T/bad.emb"
ok "a map with such names is valid SVG" python3 -c 'import sys, xml.etree.ElementTree as tree
texts = {t.text for t in tree.parse(sys.argv[1]).getroot().iter("{http://www.w3.org/2000/svg}text")}
assert {"cat, domestic", "dog \"good\"", "<b>&amp;<_b>x"} <= texts, texts' "$T/map.svg"

# A linear probe: AdamW on unnormalized features; its classifier replaces the prompts.
cc-shard read -q --folders --epochs 40 "$T/set" | cc-augment -q --size 12 |
	cc-train probe -q -m "$T/model" --batch 20 --lr 1 -o "$T/probed.safetensors" >"$T/probe.jsonl"
ok "the probe learns" jq -es 'last.loss < .7 * .[0].loss' "$T/probe.jsonl"
cc-embed -q -m "$T/probed.safetensors" --image --raw "$T/small" >"$T/raw.emb"
cc-score zeroshot --classes "$T/probed.head.safetensors" "$T/raw.emb" >"$T/probe.json" 2>"$T/said"
is "and its head is used for scoring" "$(jq -c '[.n, .value > 0.7, .classes.kind, .classes.count]' "$T/probe.json")" '[20,true,"head",5]'
is "with the class names" "$(jq -rc '.classes | has("names")' "$T/probe.json")" true
cc-embed -q -m "$T/probed.safetensors" --image "$T/small" >"$T/unit.emb"
fails_with "a head needs embeddings that are not normalised; use \`cc-embed --raw\`" cc-score zeroshot --classes "$T/probed.head.safetensors" "$T/unit.emb"

done_testing
