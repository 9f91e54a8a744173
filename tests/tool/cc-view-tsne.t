#!/bin/sh
# cc-view tsne: a map of embeddings.
. "$(dirname "$0")/lib.sh"

python3 tests/tool/tsne_data.py "$T"
map() { cc-view tsne --iterations 300 "$@"; }
cat >"$T/read.py" <<'END'
"""Counts the marks of each colour of the map, and prints its texts."""
import sys, xml.etree.ElementTree as tree
space = "{http://www.w3.org/2000/svg}"
root = tree.parse(sys.argv[1]).getroot()
width, height = (int(n) for n in root.get("viewBox").split()[2:])
assert width == 560 and 560 < height < 660, (width, height)
marks = {}
for path in root.iter(space + "path"):
    colour = path.get("class") or "none"
    marks[colour] = marks.get(colour, 0) + path.get("d").count("M")
    for point in path.get("d").split("M")[1:]:
        x, y = (float(n) for n in point.split("h")[0].split("m-")[0].split()[:2])
        assert 0 <= x <= width and 0 <= y <= height, point
print(" ".join("%s:%d" % item for item in sorted(marks.items())))
print("\n".join(text.text for text in root.iter(space + "text")))
END
marks() { python3 "$T/read.py" "$1"; }

ok "one stream" map -j 1 -o "$T/one.svg" --coordinates "$T/one.jsonl" "$T/clean"
is "has a colour for each class" "$(marks "$T/one.svg")" "$(printf 'c1:21 c2:21 c3:21\ncat, "the" <pet>\ndog\ncrane')"
is "and a mark for each class" "$(grep -o '<path class="c[123]"[^M]*M[0-9. ]*[^M"]*' "$T/one.svg" | sed 's/M[0-9.]* [0-9.]*//; s/.* d="//' | sort | uniq -c | tr -s " " | tr "\n" ";")" " 2 h0; 2 m-2.5-2.5l5 5m0-5l-5 5; 2 m-3 0h6m-3-3v6;"
is "--coordinates writes one line per point" "$(jq -sc '[length, .[4].__key__, .[4].class, .[4].group, (.[0] | keys)]' "$T/one.jsonl")" \
	'[60,"a/004","dog","clean",["__key__","class","cls","group","x","y"]]'
ok "clusters stay together" jq -se 'group_by(.cls) | map({x: (map(.x) | add / length), y: (map(.y) | add / length), all: .}) | . as $c |
	map(. as $own | .all[] | . as $p | ($c | min_by((.x - $p.x) * (.x - $p.x) + (.y - $p.y) * (.y - $p.y))) == $own) | all' "$T/one.jsonl"
cp "$T/one.svg" "$T/before.svg"
map -j 3 -o "$T/one.svg" "$T/clean"
ok "same bytes at any -j" cmp "$T/one.svg" "$T/before.svg"
ok "same bytes from a pipe" sh -c "cc-view tsne --iterations 300 <'$T/clean' | sed 's/(points)/(clean)/' | cmp - '$T/before.svg'"
map --seed 1 -o "$T/other.svg" "$T/clean"
ok "another seed, another map" [ "$(cksum <"$T/other.svg")" != "$(cksum <"$T/one.svg")" ]
ok "a map of two streams" map -o "$T/two.svg" "$T/clean" "triggered <&>=$T/moved"
is "one colour for each group" "$(marks "$T/two.svg")" "$(printf 'c1:61 c2:61\nclean\ntriggered <&>')"
map -o "$T/classes.svg" --colour class "$T/clean" "$T/moved"
is "or one colour for each class" "$(marks "$T/classes.svg" | head -3)" "$(printf 'c1:41 c2:41 c3:41 none:2\nclean\nmoved')"
ok "a label may be any number" timeout 60 cc-view tsne --iterations 10 -o "$T/far.svg" "$T/far"
is "a class without a name has its own colour" "$(marks "$T/far.svg")" "$(printf 'c1:21 c2:21 c3:20 c5:2\ncat, "the" <pet>\ndog\ncrane\n%d' $((1 << 62)))"
ok "without labels, all points have one colour" map -o "$T/plain.svg" "$T/unlabelled"
is "that of the group" "$(marks "$T/plain.svg")" "$(printf 'c1:61\nunlabelled')"
ok "its description lists data and settings" grep -q 't-SNE of 120 points of 8 numbers (clean, triggered .*): perplexity 10, 300 iterations, theta 0.5, seed 0, divergence 0\.[0-9]*; model m1' "$T/two.svg"
ok "-v prints progress" sh -c "cc-view tsne -v --iterations 100 '$T/clean' 2>&1 >/dev/null | grep -q 'step 100: divergence'"
ok "a report includes it" cc-view report -o "$T/report.html" "$T/two.svg"
ok "with its own colours for light and dark mode" sh -c "! grep -q '<img class=\"light\"' '$T/report.html'"
is "with all its marks" "$(figures_of "$T/report.html" | grep -o '<path class="c[12]" fill="none" stroke-linecap="round"[^>]*' | tr -cd M | wc -c | tr -d ' ')" 122

# Errors.
fails_with "other-model: the embeddings come from model m2, but earlier ones from m1" map -o "$T/no.svg" "$T/clean" "$T/other-model"
fails_with "wide: b/000: image.npy has 9 numbers, but the others have 8" map -o "$T/no.svg" "$T/clean" "$T/wide"
fails_with "a perplexity of 10 needs at least 31 points; there are 30" map -o "$T/no.svg" "$T/few"
ok "a lower perplexity is accepted" map --perplexity 5 -o "$T/few.svg" "$T/few"
ok "a bad record is dropped" sh -c "cc-view tsne --iterations 10 '$T/bad' 2>&1 >/dev/null | grep -q 'none: .*image.npy.*dropped'"
fails_with "could not be used" map --max-bad 0 -o "$T/no.svg" "$T/bad"
fails_with "one of" map --colour red "$T/clean"
cp "$T/clean" "$T/kept"
fails_with "kept: exists and is not text but a record stream; refusing to overwrite it" map -o "$T/no.svg" --coordinates "$T/kept" "$T/few"
ok "a file of another kind is not overwritten" cmp "$T/kept" "$T/clean"
ok "an older map is overwritten" map -o "$T/one.svg" --coordinates "$T/one.jsonl" "$T/clean"
fails_with "$T/nowhere" map -o "$T/no.svg" "$T/nowhere"
head -c 900 "$T/clean" >"$T/cut"
fails_with "ended early" map -o "$T/no.svg" "$T/cut"
fails_with "epochs: the stream has a second epoch; a map shows each record once" map -o "$T/no.svg" "$T/epochs"
c=$T/clean
fails_with "clean: too many files; at most 8 are supported" map -o "$T/no.svg" "$c" "$c" "$c" "$c" "$c" "$c" "$c" "$c" "$c"
cat "$T/clean" "$T/clean" >"$T/twice"
ok "concatenated streams are one group" map -o "$T/twice.svg" "$T/twice"
ok "failed runs leave no file" [ ! -e "$T/no.svg" ]

fails_with "-o $T/map.PNG: the name must end in .svg" cc-view tsne -o "$T/map.PNG" "$T/nothing"
fails_with "-o $T/page.pdf: the name must end in .html" cc-view report -o "$T/page.pdf" "$T/nothing"
fails_with "-o $T/page.svg: the name must end in .png or .html" cc-view sheet -o "$T/page.svg" "$T/nothing"
fails_with "nothing: No such file" cc-view report -o "$T/page.HTM" "$T/nothing"

done_testing
