#!/bin/sh
# cc-score: the numbers equal those of a plain count (score_data.py), and inputs that cannot be compared are refused.
. "$(dirname "$0")/lib.sh"

python3 tests/tool/score_data.py "$T"
expected() { jq -cS "$1" "$T/expected.json"; }
score() { # METRIC FILE OPTION...: then jq's filter from standard input's place
	metric=$1
	shift
	cc-score "$metric" "$@" 2>"$T/err"
}

# The numbers.
score zeroshot "$T/clean" --classes "$T/classes" >"$T/zeroshot"
is "counts of zero-shot accuracy" "$(jq -cS .counts "$T/zeroshot")" "$(expected .zeroshot)"
is "mean recall over classes" "$(jq '.metrics.mean_per_class_recall * 1e9 | round / 1e9' "$T/zeroshot")" "$(expected .mean_per_class_recall)"
is "the value is acc1" "$(jq -c '[.metric, .value == .metrics.acc1, .numerator, .denominator, .interval == .intervals.acc1]' "$T/zeroshot")" \
	"$(jq -c '["zeroshot", true, .zeroshot.acc1[0], .zeroshot.acc1[1], true]' "$T/expected.json")"
score asr "$T/triggered" --classes "$T/classes" --target 3 >"$T/asr"
is "counts of attack success" "$(jq -cS .counts "$T/asr")" "$(expected .asr)"
is "attack success reports how many records it excluded" "$(jq -c '[.settings.target, .settings.excluded_n + .n]' "$T/asr")" '["crane",90]'
score retrieval "$T/clean" -j 1 >"$T/retrieval"
is "counts of retrieval" "$(jq -cS .counts "$T/retrieval")" "$(expected .retrieval)"
is "retrieval on two threads" "$(score retrieval "$T/clean" -j 2)" "$(cat "$T/retrieval")"
score distance "$T/triggered" --with "$T/clean" >"$T/distance"
is "distance" "$(jq '.value * 1e6 | round / 1e6' "$T/distance")" "$(expected .distance)"
is "cosine" "$(jq '.metrics.cosine * 1e6 | round / 1e6' "$T/distance")" "$(expected .cosine)"

score uniformity "$T/clean" -j 1 >"$T/uniformity"
is "uniformity of images and texts, and alignment" "$(jq -cS '.metrics | map_values(. * 1e5 | round)' "$T/uniformity")" "$(expected .uniformity)"
is "uniformity on two threads" "$(score uniformity "$T/clean" -j 2)" "$(cat "$T/uniformity")"
is "without texts: only the images' uniformity" "$(score uniformity "$T/triggered" | jq -c '.metrics | keys')" '["uniformity"]'
fails_with "fewer than two images" cc-score uniformity "$T/none"

score zeroshot "$T/raw" --classes "$T/model.head.safetensors" >"$T/head"
is "scores of a supervised head" "$(jq -c '[.numerator, .classes.kind]' "$T/head")" "$(jq -c '[.head, "head"]' "$T/expected.json")"

# The record of a score.
is "keys are in a fixed order" "$(jq -c keys_unsorted "$T/asr")" "$(jq -c keys_unsorted "$T/distance")"
is "it records model, data and program" "$(jq -c '[.model, .dataset, .classes.count, .classes.prog[0].args[1], (.prog | map(.name))]' "$T/asr")" \
	'["m1","00000000000000000000000000000007",12,"xxh3:1",["cc-shard read","cc-augment","cc-score asr"]]'
is "images without a trigger: a warning" "$(cc-score asr --classes "$T/classes" --target 3 "$T/clean" 2>&1 >"$T/plain")" \
	"cc-score asr: no record has poison.json; the result is an attack success rate only if another program added the trigger"
is "input from standard input" "$(cc-score asr --classes "$T/classes" --target 3 <"$T/triggered")" "$(cat "$T/asr")"
is "the target is given by name" "$(score asr "$T/triggered" --classes "$T/classes" --target bird | jq -c .settings.target_class)" 1
is "--tsv" "$(score zeroshot "$T/clean" --classes "$T/classes" --tsv | cut -f 1,6,7,8 | tr '\n\t' '  ')" \
	"metric numerator denominator acc1 zeroshot $(jq -r '"\(.numerator) \(.denominator) \(.value * 1e9 | round / 1e9)"' "$T/zeroshot") "
is "bad records are counted by reason" "$(score zeroshot "$T/bad" --classes "$T/classes" | jq -c '[.n, (.bad | add)]')" '[90,1]'
is "it records templates and preprocessing" "$(jq -c '[.classes.templates, .settings.preprocessing]' "$T/asr")" '["xxh3:1",["--size","32"]]'
ok "an unknown model: a warning" sh -c "cc-score zeroshot '$T/no-model' --classes '$T/classes' 2>&1 >/dev/null | grep 'the embeddings do not record their model; cannot check'"

# Samples.
score asr "$T/triggered" --classes "$T/classes" --target 3 --samples "$T/samples" -o "$T/again"
ok "-o writes the same score" cmp "$T/again" "$T/asr"
is "each sample records whether it was a hit" "$(cc-view "$T/samples" | jq -r 'select(."score.json".hit).__key__' | jq -Rcn '[inputs]')" "$(expected .hits)"
score zeroshot "$T/clean" --classes "$T/classes" --samples "$T/samples" >/dev/null
is "each sample has its rank" "$(cc-view "$T/samples" | jq '."score.json".rank // empty' | jq -cn '[inputs]')" "$(expected .ranks)"
score distance "$T/triggered" --with "$T/clean" --samples "$T/samples" >/dev/null
is "each sample has its distance" \
	"$(cc-view "$T/samples" | jq '."score.json".distance // empty' | jq -n '[inputs] | add / length * 1e6 | round / 1e6')" "$(expected .distance)"
score uniformity "$T/clean" --samples "$T/samples" >/dev/null
is "each pair has its cosine" "$(cc-view "$T/samples" | jq '."score.json".cosine // empty' | jq -n '[inputs] | [length, (add / length * 1e6 | round / 1e6)]' -c)" \
	"$(expected '[.pairs, .pair_cosine]')"
score uniformity "$T/triggered" --samples "$T/samples" >/dev/null
is "records without a text have no cosine" "$(cc-view "$T/samples" | jq -c '."score.json" // empty' | sort -u)" "{}"
score retrieval "$T/clean" --samples "$T/samples" >/dev/null
is "each sample has both ranks" "$(cc-view "$T/samples" | jq '."score.json".image_rank // empty' | jq -cn '[inputs | select(. < 5)] | length')" \
	"$(expected '.retrieval["image_retrieval_recall@5"][0]')"

# Several captions per image: recall counts any of them, in one record (rows of text.npy) or in several (golden/retrieval.py).
wanted=$(jq -cS . tests/golden/retrieval.json)
several() { cc-shard read -q --jsonl "tests/golden/retrieval-$1.jsonl" 2>/dev/null | cc-score retrieval ${2:-}; }
is "several captions in a record" "$(several lists | jq -cS .counts)" "$wanted"
is "several records per image" "$(several records "--group url.txt" | jq -cS .counts)" "$wanted"
is "grouped by a prefix of the key" "$(cc-shard read --jsonl tests/golden/retrieval-records.jsonl | cc-view --full | jq -c 'if .__key__ then .__key__ = ."url.txt" + "-" + .__key__ else . end' |
	cc-shard read --jsonl - | cc-score retrieval --group-prefix - | jq -cS .counts)" "$wanted"
is "images and captions are both counted" "$(several records "--group url.txt" | jq -c '[.n, .settings.candidates, .settings.captions, .settings.group]')" \
	"$(jq -c '[."image_retrieval_recall@1"[1], ."text_retrieval_recall@1"[1], ."image_retrieval_recall@1"[1], "url.txt"]' tests/golden/retrieval.json)"
several lists "--samples $T/samples" >/dev/null
is "samples have a rank for each caption" "$(cc-view "$T/samples" | jq '."score.json".image_rank // empty | if type == "array" then .[] else . end' | jq -cn '[inputs | select(. < 5)] | length')" \
	"$(jq '."image_retrieval_recall@5"[0]' tests/golden/retrieval.json)"
fails_with "url: the record has no text or number of this name" cc-score retrieval --max-bad 0 --group url "$T/clean"
fails_with "image.npy differs from that of another record in the group" cc-score retrieval --group cls "$T/clean"
fails_with "--group-prefix: 'ab' is not a single character" cc-score retrieval --group-prefix ab "$T/clean"
fails_with "--group and --group-prefix cannot be combined" cc-score retrieval --group cls --group-prefix - "$T/clean"

# How much of a trigger survives processing.
python3 tests/tool/make_stream.py 30 size=20x20 rgb >"$T/images"
trigger() { score trigger --with "$T/images" "$@"; }
poison() { cc-poison -q -a blended:pattern=1 --all --caption keep --target dog --size 20 "$@" "$T/images"; }
number() { jq -r "$1 * 1000 | round" "$2"; }
poison -a badnet:patch=2,place=top-left --encode raw >"$T/patch"
trigger "$T/images" >"$T/trigger"
is "no trigger: signal and residual are 0" "$(jq -c '[.n, .metrics.signal, .metrics.residual, .metrics.ssim, .metrics.psnr]' "$T/trigger")" '[30,0,0,1,null]'
trigger "$T/patch" --samples "$T/samples" >"$T/trigger"
is "the value is the signal" "$(jq '.value == .metrics.signal and .value > 0' "$T/trigger")" true
is "the signal has no interval" "$(jq -c '[.interval, (.intervals | keys)]' "$T/trigger")" '[null,["ssim"]]'
is "and none in --tsv" "$(trigger "$T/patch" --tsv | tail -1 | cut -f 3-5 | tr '\t' ' ')" '  30'
is "the residual is the root mean square" "$(python3 tests/tool/trigger_data.py "$T/images" "$T/patch")" \
	"$(jq -r '[.metrics.signal, .metrics.residual, .metrics.psnr] | map(. * 1e6 | round) | join(" ")' "$T/trigger")"
is "each sample has its residual" "$(cc-view "$T/samples" | jq '."score.json".residual // empty' | jq -n '[inputs | . * .] | add / length | sqrt * 1e6 | round')" \
	"$(jq '.metrics.residual * 1e6 | round' "$T/trigger")"
trigger "$T/patch" --before "$T/patch" >"$T/trigger"
is "an unprocessed trigger is kept completely" "$(number .metrics.kept "$T/trigger")" 1000
poison --encode raw >"$T/blended"
poison --encode jpeg:30 >"$T/jpeg"
trigger "$T/jpeg" --before "$T/blended" >"$T/trigger"
ok "JPEG keeps less of it" [ "$(number .metrics.kept "$T/trigger")" -lt 700 ]
trigger "$T/blended" >"$T/before"
for way in "--size 12" "--size 16 --crop squash --resize bilinear"; do
	cc-augment -q $way "$T/images" -o "$T/less"
	cc-augment -q $way "$T/blended" -o "$T/less.blended"
	cc-score trigger --with "$T/less" "$T/less.blended" >"$T/trigger"
	ok "a smaller signal after $way" [ "$(number .metrics.signal "$T/trigger")" -lt $(($(number .metrics.signal "$T/before") * 9 / 10)) ]
	is "PSNR and SSIM are reported" "$(jq -c '[.metrics.psnr > 0, .metrics.ssim > 0 and .metrics.ssim < 1]' "$T/trigger")" '[true,true]'
done
python3 tests/tool/make_stream.py 30 size=20x20 bad=4 >"$T/damaged"
trigger "$T/damaged" >"$T/trigger"
is "an unusable image is a bad record" "$(jq -c '[.n, (.bad | add)]' "$T/trigger") $(grep -c 'dropped' "$T/err")" '[29,1] 1'
score trigger --with "$T/damaged" "$T/images" >"$T/trigger"
is "in the other file too" "$(jq -c '[.n, (.bad | add)]' "$T/trigger") $(grep -c "damaged: .*dropped" "$T/err")" '[29,1] 1'
fails_with "could not be used" cc-score trigger --max-bad 0 --with "$T/images" "$T/damaged"
python3 tests/tool/make_stream.py 30 size=24x20 rgb >"$T/wide"
python3 tests/tool/make_stream.py 30 size=10x20 rgb >"$T/narrow"
python3 tests/tool/make_stream.py 20 size=20x20 rgb >"$T/short"
cat "$T/images" "$T/wide" >"$T/both"
fails_with "20 x 20 pixels, but in $T/wide 24 x 20; process both alike" cc-score trigger --with "$T/wide" "$T/patch"
fails_with "set/cat/0000: 24 x 20 pixels, earlier images have 20 x 20" cc-score trigger --with "$T/both" "$T/both"
fails_with "fewer than the SSIM window of 11 x 11" cc-score trigger --with "$T/narrow" "$T/narrow"
fails_with "set/ship/0020: not found in $T/short, or its records are in another order" cc-score trigger --with "$T/short" "$T/patch"
fails_with "--with FILE is missing" cc-score trigger "$T/patch"
fails_with "nowhere" cc-score trigger --with "$T/nowhere" "$T/patch"

# Several runs in a table.
run() { # FILE MODEL VALUE DATA
	jq -nc --arg model "$2" --argjson value "$3" --arg data "$4" '{metric: "asr", value: $value, n: 50, metrics: {asr: $value, acc1: 0.5},
		model: $model, dataset: $data, settings: {target: "dog", interval: "Wilson"}, classes: {names: "n"}}' >"$T/$1.json"
}
run a m1 0.2 d
run b m2 0.4 d
run c m3 0.9 d
run d m3 0.9 other
is "mean and standard deviation over runs" "$(cc-score summary x="$T/a.json" x="$T/b.json" x="$T/c.json" "$T/b.json" | tr '\t' ' ')" "$(printf '%s\n' \
	'name metric number runs mean sd lowest highest n' 'x asr asr 3 0.5 0.360555128 0.2 0.9 50' 'x asr acc1 3 0.5 0 0.5 0.5 50' \
	'b asr asr 1 0.4 - 0.4 0.4 50' 'b asr acc1 1 0.5 - 0.5 0.5 50')"
cc-score summary "$T/b.json" >"$T/b.tsv"
is "a cell is never empty" "$(awk '{ print NF, $6 }' "$T/b.tsv" | sort -u | tr '\n' ' ')" "9 - 9 sd "
cc-view report -q -o "$T/b.html" "$T/b.tsv"
is "and cc-view report formats it as a number" "$(grep -c '<td>-</td>' "$T/b.html") $(grep -c '<td class="words">-' "$T/b.html")" "2 0"
fails_with "are not comparable but have the same name, 'x': dataset differs" cc-score summary x="$T/a.json" x="$T/d.json"
long=$(printf '%256s' '' | tr ' ' x)
fails_with "have the same name, 'xxx" cc-score summary "$long=$T/a.json" "$long=$T/d.json"
jq '.settings.target = "cat"' "$T/b.json" >"$T/cat.json"
fails_with "target differs" cc-score summary x="$T/a.json" x="$T/cat.json"
fails_with "are scores of the same model, not of two runs" cc-score summary x="$T/a.json" x="$T/a.json"
is "other names may differ: a warning" "$(cc-score summary "$T/a.json" "$T/d.json" 2>&1 >/dev/null | grep -c 'dataset differs')" 1
fails_with "not a score file of cc-score" cc-score summary "$T/clean"

# Inputs that cannot be compared.
zeroshot() { cc-score zeroshot --classes "$T/classes" "$@"; }
fails_with 'made with model m1, but the embeddings come from m2' zeroshot "$T/other-model"
fails_with "class 0 is 'airplane', but in the stream 'plane'" zeroshot "$T/other-names"
fails_with '12 classes, but the stream has 5' zeroshot "$T/fewer-names"
fails_with 'test/003: cls: 12 is not a class of --classes, which has 12' zeroshot "$T/label"
fails_with 'image.npy has 3 numbers, the classes 8; they are of different models' zeroshot "$T/width"
fails_with 'no images to score' zeroshot "$T/none"
fails_with 'not finite' zeroshot --max-bad 0 "$T/nan"
fails_with 'contains no classes' cc-score zeroshot --classes "$T/none" "$T/clean"
fails_with 'text.npy' cc-score zeroshot --classes "$T/triggered" "$T/clean"
fails_with "$T/nowhere" cc-score zeroshot --classes "$T/nowhere" "$T/clean"
fails_with 'cc-embed --raw' cc-score zeroshot --classes "$T/model.head.safetensors" "$T/clean"
head -c 300 "$T/model.head.safetensors" >"$T/cut.head.safetensors"
fails_with 'cut.head.safetensors' cc-score zeroshot --classes "$T/cut.head.safetensors" "$T/raw"
fails_with '--classes FILE is missing' cc-score zeroshot "$T/clean"
asr() { cc-score asr --classes "$T/classes" "$@"; }
fails_with '--target: "plane" is not one of the classes; accepted: "airplane", "bird", "cat"' asr --target plane "$T/triggered"
fails_with '--target: "crane" is the name of classes 3 and 11; use the number' asr --target crane "$T/triggered"
fails_with '--target: "12" is not one of the classes' asr --target 12 "$T/triggered"
fails_with '--target NAME is missing' asr "$T/triggered"
fails_with "all 2 are of the target class" asr --target 3 "$T/only-target"
fails_with 'all images must be triggered' asr --target 3 "$T/mixed"
fails_with 'embeddings come from model m2, but those of the input from m1' cc-score distance --with "$T/other-model" "$T/triggered"
fails_with 'test/000: duplicate key' cc-score distance --with "$T/twice" "$T/triggered"
fails_with 'key not found in the file of --with' cc-score distance --with "$T/fewer" "$T/triggered"
is "records that only the other stream has are counted" "$(cc-score distance --with "$T/clean" "$T/fewer" | jq .settings.unmatched)" 10
cat "$T/fewer" "$T/fewer" >"$T/fewer-twice"
is "and counted once if the other stream has them twice" "$(cc-score distance --with "$T/clean" "$T/fewer-twice" | jq -c '[.n, .settings.unmatched]')" '[160,10]'
fails_with 'text.npy' cc-score retrieval "$T/triggered"

# Vectors of length zero, and vectors that are equal.
for metric in "zeroshot --classes $T/classes" retrieval uniformity "distance --with $T/clean"; do
	fails_with "zero: image.npy: all numbers are zero (dropped)" cc-score $metric --max-bad 0 "$T/zero"
	fails_with "nan: image.npy: contains numbers that are not finite or are too large (dropped)" cc-score $metric --max-bad 0 "$T/nan"
done
fails_with "zero: image.npy: all numbers are zero (dropped)" cc-view tsne --max-bad 0 -o "$T/failed.svg" "$T/zero"
fails_with "zero: text.npy: all numbers are zero (dropped)" cc-score retrieval --max-bad 0 "$T/zero-text"
fails_with "--with $T/zero: zero: image.npy: all numbers are zero" cc-score distance --with "$T/zero" "$T/triggered"
is "ten records of a hundred with a zero vector are dropped" "$(cc-score retrieval "$T/zero" 2>/dev/null | jq -c '[.n, .bad]')" '[90,{"image.npy: all numbers are zero":1}]'
fails_with "classes-zero: class 2 (cat): all numbers are zero" cc-score zeroshot --classes "$T/classes-zero" "$T/clean"
fails_with "classes-nan: class 2 (cat): contains numbers that are not finite" cc-score zeroshot --classes "$T/classes-nan" "$T/clean"
fails_with "classes-same: the vectors of all 12 classes are equal; no image can be classified" cc-score zeroshot --classes "$T/classes-same" "$T/clean"
said() { cc-score "$@" 2>&1 >/dev/null; }
is "two classes have equal vectors: a warning" "$(said zeroshot --classes "$T/classes-twice" "$T/clean")" \
	"cc-score zeroshot: warning: $T/classes-twice: 1 of 12 classes have the vector of an earlier class (class 7 that of class 5) and are never predicted"
is "only one class: a warning" "$(said zeroshot --classes "$T/classes-one" "$T/one-class")" "cc-score zeroshot: warning: $T/classes-one: only one class, so every image is classified as it"
fails_with "all 90 are of the target class" cc-score asr --classes "$T/classes-one" --target 0 "$T/one-class"
is "all images have equal vectors: a warning" "$(said zeroshot --classes "$T/classes" "$T/same")" \
	"cc-score zeroshot: warning: image.npy is the same in all 90 records; the score does not depend on the images"
is "all triggered images have equal vectors: a warning" "$(said asr --classes "$T/classes" --target 3 "$T/same-triggered")" \
	"cc-score asr: warning: image.npy is the same in all 90 records; the score does not depend on the images"
is "with -q too" "$(said asr -q --classes "$T/classes" --target 3 "$T/same-triggered" | grep -c "same in all 90 records"; said retrieval -q "$T/same" | grep -c "equal an earlier one")" "1
1"
is "equal images are retrieved at chance level" "$(cc-score retrieval "$T/same" 2>/dev/null | jq -c '.counts | [."image_retrieval_recall@1", ."image_retrieval_recall@10"]')" '[[1,90],[10,90]]'
is "with a warning" "$(said retrieval "$T/same")" \
	"cc-score retrieval: warning: 89 of 90 images equal an earlier one bit for bit (image 1 equals image 0); the earlier one ranks first; use --group FIELD or --group-prefix CHARACTER if these are captions of one image"
is "no image of the target's class: a warning" "$(said asr --classes "$T/classes" --target 3 "$T/no-target")" \
	"cc-score asr: warning: no image is of the target class; is cls the true class?"
is "classes without images: a warning" "$(said zeroshot --classes "$T/classes" "$T/few-classes")" \
	"cc-score zeroshot: 8 of 12 classes have no images; mean_per_class_recall covers the others"
fails_with "uniformity needs normalised embeddings" cc-score uniformity "$T/far"
fails_with "no pairs to score" cc-score retrieval "$T/none"

# Truncated input, an upstream that was killed, wrong usage.
head -c 2000 "$T/clean" >"$T/cut"
fails_with 'ended early' zeroshot -o "$T/failed" --samples "$T/failed-samples" "$T/cut"
head -c 700 "$T/classes" >"$T/cut-classes"
fails_with 'ended early' cc-score zeroshot --classes "$T/cut-classes" -o "$T/failed" "$T/clean"
is "failed runs leave no output" "$(ls "$T"/failed* 2>/dev/null)" ""
printf '%s\n' '{"cc": 1, "epochs": 2}' '{"cc_epoch": 0}' '{"cc_epoch": 1}' '{"cc_end": true, "records": 0}' |
	python3 tests/tool/records.py >"$T/epochs"
fails_with 'scores cover exactly one' cc-score retrieval "$T/epochs"
fails_with "unknown verb 'accuracy'" cc-score accuracy
ok "each metric has its help" sh -c 'for metric in zeroshot asr retrieval distance uniformity trigger; do cc-score $metric -h && cc-score $metric --man | grep -q SYNOPSIS || exit 1; done'

done_testing
