#!/bin/sh
# cc-view report: one page of scores, training curves, pictures and provenance.
. "$(dirname "$0")/lib.sh"

score() { # METRIC HITS OF MODEL DATASET
	jq -nc --arg metric "$1" --argjson hits "$2" --argjson of "$3" --arg model "$4" --arg data "$5" '{metric: $metric, value: ($hits / $of), interval: [0.1, 0.9],
		n: $of, numerator: $hits, denominator: $of, metrics: {(if $metric == "asr" then "asr" else "acc1" end): ($hits / $of)},
		counts: {(if $metric == "asr" then "asr" else "acc1" end): [$hits, $of]}, model: $model, dataset: $data, settings: {interval: "Wilson, 95 %"},
		classes: {kind: "prompts", count: 2, names: "n", templates: "t"}, prog: [{name: "cc-score \($metric)", version: "1", seed: 3, args: ["--target", "it'"'"'s <b>"]}]}'
}
mkdir "$T/1" "$T/2"
for run in 1 2; do
	score zeroshot $((70 + run)) 100 model$run data >"$T/$run/bad.clean.json"
	score asr $((90 + run)) 100 model$run data2 >"$T/$run/bad.asr.json"
	for step in 1 2 3 4 5 6 7 8 9 10 11 12; do
		echo "{\"step\": $step, \"epoch\": 0, \"loss\": $((20 - step)).$run, \"lr\": 0.00$step, \"cross_modal\": 1.$step, \"gradient_norm\": 3}"
	done >"$T/$run/bad.jsonl"
done
cc-shard read -q tests/golden/npy >"$T/stream.msgpack"
python3 -c 'import struct, sys, zlib
def chunk(kind, data): return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
sys.stdout.buffer.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 1, 8, 2, 0, 0, 0)) +
	chunk(b"IDAT", zlib.compress(b"\0\1\2\3\4\5\6")) + chunk(b"IEND", b""))' >"$T/sheet.png"

# Prints the texts of a page.  Fails if a tag is not closed or something is loaded from elsewhere.
cat >"$T/check.py" <<'END'
import html.parser, sys
class Check(html.parser.HTMLParser):
    empty, open, texts = {"meta", "img", "br", "link", "input"}, [], []
    def handle_starttag(self, tag, attrs):
        if tag not in self.empty: self.open.append(tag)
        for name, value in attrs:
            assert not (name in ("src", "href") and not value.startswith(("data:", "#"))), (tag, name, value[:50])
    def handle_startendtag(self, tag, attrs): pass
    def handle_endtag(self, tag): assert self.open.pop() == tag, (tag, self.getpos())
    def handle_data(self, data): self.texts.append(data.strip())
check = Check()
page = open(sys.argv[1], encoding="utf-8").read()
check.feed(page)
assert not check.open and "http:" not in page and "https:" not in page and "@import" not in page
print("\n".join(text for text in check.texts if text))
END
page() { # NAME ARGUMENT...: its texts are in $T/NAME.txt
	page=$1
	shift
	cc-view report -o "$T/$page.html" "$@" 2>"$T/said" && python3 "$T/check.py" "$T/$page.html" >"$T/$page.txt"
}
has() { grep -qF -e "$2" "$T/$1.txt"; }
clean=$T/1/bad.clean.json asr=$T/1/bad.asr.json

ok "a page of scores, curves and pictures" page all --title 'A <b>& "B"' --note 'read <i>this</i> first' "$clean" "$asr" "$T/1/bad.jsonl" "$T/sheet.png" 'x<script>"'"=$T/stream.msgpack" "$T/stream.msgpack"
ok "markup in the title is shown as text" has all 'A <b>& "B"'
ok "markup in the note is shown as text" has all 'read <i>this</i> first'
ok "clean accuracy and attack success" sh -c "grep -qx 71.0 '$T/all.txt' && grep -qx 91.0 '$T/all.txt'"
ok "commands are quoted for a shell" has all "cc-score asr --target 'it'\\''s <b>' --seed 3"
ok "a stream's commands are shown" has all "cc-shard read FILES"
ok "the picture is embedded" grep -q 'src="data:image/png;base64,iVBORw0KGgo' "$T/all.html"
cp "$T/all.html" "$T/before.html"
page all --title 'A <b>& "B"' --note 'read <i>this</i> first' "$clean" "$asr" "$T/1/bad.jsonl" "$T/sheet.png" 'x<script>"'"=$T/stream.msgpack" "$T/stream.msgpack"
ok "a single curve has a maximum width; a table wider than the page has a shadow at its edge" sh -c "grep -q 'figure.curve{max-width' '$T/all.html' && grep -q 'background-attachment:local' '$T/all.html'"
ok "the same files, the same page" cmp "$T/all.html" "$T/before.html"
page seeds "$T"/[12]/bad.*
ok "two models of one name: a mean" has seeds "mean of 2"
is "71 and 72" "$(grep -c '^71.5$' "$T/seeds.txt")" 1
ok "with standard deviation and minimum" has seeds "0.7; 71.0"
ok "the picture is shown once, for both runs" has seeds "2 runs,"
jq '.settings.interval = "other"' "$clean" >"$T/other.json"
page apart "$clean" "other=$T/other.json"
ok "scores with other settings are in a separate table" has apart "Scores in different tables were measured with different data, settings or classes"
jq '.dataset = "0123456789abcdef0123456789abcdef" | .settings.lambda_x = 3' "$clean" >"$T/digest.json"
page digest "$T/digest.json"
ok "the protocol is stated in a sentence" sh -c "tr '\n' ' ' <'$T/digest.txt' | grep -qF 'zeroshot was measured on 100 records of data set 01234567… , classified by prompts for 2 classes (names n, templates t). Intervals: Wilson, 95 %. lambda x: 3.'"
ok "a digest is shortened; its title attribute is complete" grep -q '<code title="0123456789abcdef0123456789abcdef">01234567&#8230;</code>' "$T/digest.html"
ok "on a phone each number has a label" grep -q '<td data-label="clean accuracy.↑"><b>71.0</b>' "$T/digest.html"
page named "Good=$clean"
ok "NAME=FILE names the row" has named Good

# Figures and tables from other programs.
cat >"$T/evil.svg" <<'END'
<?xml version="1.0"?><!-- <b>no</b> -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300.5 200" onload="alert(1)"><desc>what &lt;it&gt; shows</desc>
<style>body{display:none}</style><script>alert(2)</script><image href="http://elsewhere/x.png"/>
<g class="c2" onclick="alert(3)"><path class="c1" d="M1 2h0" style="fill:url(http://elsewhere)" stroke="#12ab9f"/><path class="evil" stroke="#000000" d="M3 4"/></g>
<a href="javascript:alert(4)"><text x="5" y="6">label</text></a><foreignObject><iframe src="http://elsewhere"></iframe></foreignObject></g></svg>
END
printf 'setting\tvalue <i>\n1\t<script>alert(5)</script>\n' >"$T/rows.tsv"
cc-view --provenance --json "$T/stream.msgpack" >"$T/said.json"
ok "a page from the JSON of cc-view --provenance" page said "$T/said.json"
ok "shows the provenance" has said "cc-shard read"
ok "a page with an SVG and a table" page others "map=$T/evil.svg" "$T/rows.tsv"
figures_of "$T/others.html" >"$T/shown.svg"
ok "the figure is embedded as an image, in which no script runs" cmp "$T/shown.svg" "$T/evil.svg"
ok "with its size and name, and inverted in dark mode" grep -q '<img class="light" width="300" height="200" alt="map" src="data:image/svg+xml;base64,' "$T/others.html"
ok "its description becomes the caption" has others "what <it> shows"
is "none of its content is in the page outside the image" "$(grep -c 'alert\|elsewhere\|iframe\|body{display\|evil' "$T/others.html")" 1
ok "cells of a table are shown as text" has others "<script>alert(5)</script>"
ok "and so are its headings" has others "value <i>"
is "one row per line of the file" "$(grep -c '<tr><td>1</td>' "$T/others.html")" 1
sed 's/viewBox="[^"]*"//' "$T/evil.svg" >"$T/sizeless.svg"
fails_with "the SVG has no size; it needs a viewBox, or width and height" cc-view report -o "$T/no.html" "$T/sizeless.svg"

sed 's/viewBox="[^"]*"/width = "30.5mm" height='"'20'"'/; s/<desc>.*<.desc>//' "$T/evil.svg" >"$T/wide.svg"
page wide "$T/wide.svg"
ok "the size is taken from width and height" grep -q '<img class="light" width="30" height="20" alt="wide"' "$T/wide.html"
for odd in '<svg viewBox="0 0 nan 1e9"/>' '<!-- <svg viewBox="0 0 9 9"> <svg>' '<svg data-viewBox="0 0 9 9">' '<svg viewBox="" width=" height="5">' \
	'<svg'"$(printf '%070000d' 0 | sed 's/0/ width/g')"'>'; do
	printf '%s\n' "$odd" >"$T/odd.svg"
	cc-view report -o "$T/odd.html" "$T/odd.svg" 2>"$T/said"
	status=$?
	is "no size, no crash: $(echo "$odd" | head -c 40)" "$status $(grep -c 'the SVG has no size\|a file with provenance' "$T/said")" "1 1"
done

if command -v gnuplot >/dev/null; then
	ok "curves are drawn" grep -q '<svg viewBox="0 0 440 300"' "$T/all.html"
	head -2 "$T/1/bad.jsonl" >"$T/short.jsonl"
	page short "$T/short.jsonl"
	is "few steps have one tick mark each" "$(grep -o '<text[^>]*>[0-2]</text>' "$T/short.html" | tail -3 | tr -dc '0-2<' | tr -d '<')" 012
else
	skip "curves are drawn" "no gnuplot"
fi
mkdir "$T/bin"
ln -s "$(command -v cc-view)" "$T/bin/cc-view"
(PATH=$T/bin && cc-view report -o "$T/plain.html" "$T/1/bad.jsonl") 2>"$T/said"
is "without gnuplot the page is still written" "$? $(cat "$T/said")" "0 cc-view report: gnuplot is not installed; the page has tables instead of curves"
python3 "$T/check.py" "$T/plain.html" >"$T/plain.txt"
ok "with the numbers of the curves" sh -c "grep -qx 19.1 '$T/plain.txt' && grep -q 'gnuplot was not installed' '$T/plain.txt'"

if command -v chromium >/dev/null; then
	chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync --disable-quic \
		--user-data-dir="$T/profile" --dump-dom "file://$T/all.html" >"$T/dom" 2>/dev/null
	ok "a browser adds the buttons" grep -q '<button type="button">copy</button>' "$T/dom"
else
	skip "a browser adds the buttons" "no chromium"
fi

echo '{"a": 1}' >"$T/odd.json"
printf '{"step": 1, "loss": 2}\n{"step": 0, "loss": 2}\n' >"$T/odd.jsonl"
: >"$T/empty"
fails_with "odd.json: not a score of cc-score, JSON lines of cc-train, a PNG, an SVG, a tab-separated table or a file with provenance" cc-view report -o "$T/no.html" "$T/odd.json"
fails_with "odd.jsonl: line 2: step 0 of epoch 0 is invalid: steps count from 1, epochs from 0" cc-view report -o "$T/no.html" "$T/odd.jsonl"
fails_with "empty: the file is empty" cc-view report -o "$T/no.html" "$T/empty"
fails_with "not a regular file but a folder; name the files in it" cc-view report -o "$T/no.html" "$T"
fails_with "No such file" cc-view report -o "$T/no.html" "$T/nowhere"
fails_with "missing" cc-view report -o "$T/no.html"
ok "failed runs leave no page" [ ! -e "$T/no.html" ]
done_testing
