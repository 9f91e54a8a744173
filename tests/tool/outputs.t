#!/bin/sh
# Whole outputs against tests/golden/outputs.txt: anything missing or added is found.
# `GOLDEN=write tests/tool/outputs.t` rewrites that file; review the difference before you commit it.
# What depends on the machine or version is masked: digests of models, versions, digits after the sixth, bytes of memory.
. "$(dirname "$0")/lib.sh"

mkdir "$T/expected" "$T/run"
python3 tests/tool/score_data.py "$T"
python3 tests/tool/make_tar.py "$T/a.tar" cat/1.txt="a cat" cat/1.cls=0 cat/2.txt=" " dog/1.txt="a dog" dog/1.cls=1 dog/1.json='{"w": 3}'
python3 tests/tool/make_tar.py "$T/b.tar" ship/1.txt="a ship"
python3 tests/tool/make_stream.py 20 size=20x20 rgb >"$T/rgb"
cc-poison -q -a badnet:patch=2,place=top-left --all --caption keep --target dog --size 20 --encode raw "$T/rgb" >"$T/patch"
write_tiny_config
cc-model init -q "$T/config.json" --vocab "$T/vocab.txt" -o "$T/model"
# Two models with the same scores before and after, and a third with other settings, whose number has a footnote.
score() { # METRIC HITS MODEL DATA EXTRA
	jq -nc --arg metric "$1" --argjson hits "$2" --arg model "$3" --arg data "$4" "{metric: \$metric, value: (\$hits / 200), interval: [0.1, 0.9], n: 200,
		numerator: \$hits, denominator: 200, metrics: {(if \$metric == \"asr\" then \"asr\" else \"acc1\" end): (\$hits / 200)},
		counts: {(if \$metric == \"asr\" then \"asr\" else \"acc1\" end): [\$hits, 200]}, model: \$model, dataset: \$data, settings: {interval: \"Wilson, 95 %\"} ,
		classes: {kind: \"prompts\", count: 2, names: \"n\", templates: \"t\"}, prog: [{name: \"cc-score \(\$metric)\", version: \"1\", seed: 3, args: []}]} $5"
}
score zeroshot 150 m1 5e7da7a5e7da7a5e7da7a5e7da7a5e01 '' >"$T/run/bad.clean.json"
score asr 190 m1 5e7da7a5e7da7a5e7da7a5e7da7a5e02 '| .settings.target = "dog" | .settings.triggered_by_ledger = true' >"$T/run/bad.asr.json"
score zeroshot 140 m2 5e7da7a5e7da7a5e7da7a5e7da7a5e01 '| .bad = {"jpg: premature end of data": 2}' >"$T/run/good.clean.json"
score asr 10 m2 5e7da7a5e7da7a5e7da7a5e7da7a5e02 '| .settings.target = "dog" | .settings.triggered_by_ledger = true' >"$T/run/good.asr.json"
score zeroshot 150 m3 5e7da7a5e7da7a5e7da7a5e7da7a5e01 '| .classes.templates = "u"' >"$T/run/other.clean.json"

round() { jq -S 'walk(if type == "number" then (. * 1e6 | round / 1e6) else . end)'; }
texts() {
	python3 -c '
import html.parser, sys
class Texts(html.parser.HTMLParser):
    skip = False
    def handle_starttag(self, tag, attrs): self.skip = tag in ("style", "script")
    def handle_endtag(self, tag): self.skip = False
    def handle_data(self, data):
        if data.strip() and not self.skip: print(data.strip())
Texts().feed(sys.stdin.read())'
}
one() { # NAME
	case $1 in
	stat) cc-shard stat "$T/a.tar" "$T/b.tar" ;;
	stat-json) cc-shard stat --json "$T/a.tar" "$T/b.tar" | jq -S . ;;
	stat-stream) cc-shard stat --json "$T/rgb" 2>/dev/null || cc-shard stat --json <"$T/rgb" | jq -S . ;;
	verify) cc-shard verify "$T/a.tar" "$T/b.tar" ;;
	info) cc-model info --table "$T/model" | sed -E 's/ +[0-9.e-]+ GB/  N GB/g' ;;
	info-json) cc-model info --json "$T/model" | jq -S '.cost |= with_entries(if .key | startswith("bytes_") then .value = "N" else . end)' ;;
	zeroshot) cc-score zeroshot --classes "$T/classes" "$T/clean" | round ;;
	asr) cc-score asr --classes "$T/classes" --target 3 --samples "$T/asr.samples" "$T/triggered" | round ;;
	asr-samples) cc-view "$T/asr.samples" | head -16 ;;
	zeroshot-samples) cc-score zeroshot --classes "$T/classes" --samples "$T/z.samples" "$T/clean" >/dev/null && cc-view "$T/z.samples" | head -12 ;;
	retrieval) cc-score retrieval "$T/clean" | round ;;
	distance) cc-score distance --with "$T/clean" "$T/triggered" | round ;;
	uniformity) cc-score uniformity "$T/clean" | round ;;
	trigger) cc-score trigger --with "$T/rgb" "$T/patch" | round ;;
	summary) cc-score summary x="$T/run/bad.clean.json" x="$T/run/good.clean.json" "$T/run/bad.asr.json" ;;
	report) cc-view report -q -o "$T/page.html" --title "A page" bad="$T/run/bad.clean.json" bad="$T/run/bad.asr.json" good="$T/run/good.clean.json" \
		good="$T/run/good.asr.json" other="$T/run/other.clean.json" && texts <"$T/page.html" ;;
	report-alone) cc-view report -q -o "$T/page.html" "$T/run/other.clean.json" && texts <"$T/page.html" ;;
	esac 2>&1 | sed -E "s#$T/(run/)?##g; s/\"(digest|model)\": \"[0-9a-f]{32}\"/\"\\1\": \"<digest>\"/g; s/^(digest +)[0-9a-f]{32}/\\1<digest>/; s/xxh3:[0-9a-f]{32}/xxh3:<digest>/g; s/$version/<version>/g"
}
version=$(cc-shard --version | cut -d " " -f 2 | sed "s/[.]/[.]/g")
names="stat stat-json stat-stream verify info info-json zeroshot asr asr-samples zeroshot-samples retrieval distance uniformity trigger summary report report-alone"
golden=tests/golden/outputs.txt
if [ "${GOLDEN:-}" = write ]; then
	for name in $names; do echo "=== $name" && one "$name"; done >$golden
fi
awk -v folder="$T/expected/" '/^=== / { file = folder $2; printf "" >file; next } { print >file }' $golden
is "the golden file has all outputs and no others" "$(ls "$T/expected" | tr '\n' ' ')" "$(echo "$names" | tr ' ' '\n' | sort | tr '\n' ' ')"
for name in $names; do
	one "$name" >"$T/got"
	ok "$name" diff "$T/expected/$name" "$T/got"
done

# Masked above: two views need more memory than one, and --recompute less.
is "memory of a step, by recipe" "$(cc-model info --json "$T/model" | jq -c '.cost | [.bytes_cleanclip > 1.5 * .bytes_clip, .bytes_clip_recompute < .bytes_clip,
	.bytes_cleanclip_recompute < .bytes_cleanclip, .bytes_cleanclip_recompute > 1.5 * .bytes_clip_recompute]')" "[true,true,true,true]"
done_testing
