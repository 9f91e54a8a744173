#!/bin/sh
# The graph at toy size: -j2 makes every file, a second run has nothing to do, and an interrupted run can be resumed.
. "$(dirname "$0")/lib.sh"
photos=${CC_DATA:-../shared/data}/cifar10/train.tar
[ -e "$photos" ] || skip_all "needs $photos"

mkdir "$T/data"
draw() { # NAME SKIP TAKE
	cc-shard read -q --folders --templates pipelines/templates/captions.txt --shuffle --skip "$2" --take "$3" "$photos" |
		cc-shard write -q "$T/data/$1.tar"
}
draw train 0 512
draw clean 512 256
draw test 768 128
printf '%s\n' airplane automobile bird cat deer dog frog horse ship truck >"$T/data/classes.txt"
graph() {
	make -s -f pipelines/cleanclip.mk DATA="$T/data" OUT="$T/out" BIN="$(dirname "$(command -v cc-shard)")" SEEDS="3 4" \
		EPOCHS=1 CLEAN_EPOCHS=1 SUPERVISED_EPOCHS=1 POISONS=10 "$@"
}

fails_with "/nonexist/train.tar is missing: DATA is a folder with" graph DATA=/nonexist
fails_with "OUT is '$T/a b': expected one name that does not begin with - and has no spaces" graph OUT="$T/a b"
cat >"$T/mine.mk" <<END
include pipelines/cleanclip.mk
\$(DATA)/train.tar:
	@echo own rule; exit 1
END
fails_with "own rule" make -s -f "$T/mine.mk" DATA="$T/data2" OUT="$T/out2"
ok "make -j2" graph -j2
is "sixteen scores" "$(cat "$T/out"/[34]/*.json | jq -rs 'map(.metric) | sort | group_by(.) | map("\(length) \(.[0])") | join(", ")')" \
	"8 asr, 8 zeroshot"
is "every score records its seed" "$(jq -r '.prog | length > 3' "$T/out"/[34]/*.json | sort -u)" true
for made in poisoned.png differences.png views.png report.html; do
	ok "$made" [ -s "$T/out/$made" ]
done
ok "the report has a row for each model" [ "$(sed '/<details>/,$d' "$T/out/report.html" | grep -c '<th scope="row">')" -ge 4 ]
is "ten records are poisoned" "$(cc-shard read -q "$T/out/poisoned.tar" | cc-view | grep -c '"poison.json"')" 10
is "a second run has nothing to do" "$(graph -n)" ""
cp "$T/out/3/cleanclip.safetensors" "$T/before"
rm "$T/out/3/cleanclip.safetensors" "$T/out/3/cleanclip.clean.json"
ok "a missing file is rebuilt" graph -j2
ok "with the same bytes" cmp "$T/before" "$T/out/3/cleanclip.safetensors"
rm "$T/out/3/cleanclip.safetensors"
# As if killed in the middle of a training: its stream ends early.
cp "$T/out/3/cleanclip.jsonl" "$T/jsonl"
mkdir "$T/bin"
ln -s "$(dirname "$(command -v cc-shard)")"/cc-* "$T/bin"
rm "$T/bin/cc-augment"
printf '#!/bin/sh\n%s "$@" | head -c 600000\n' "$(command -v cc-augment)" >"$T/bin/cc-augment"
chmod +x "$T/bin/cc-augment"
fails_with "the state of step" graph BIN="$T/bin" "$T/out/3/cleanclip.safetensors"
ok "make resumes in the middle of the training" graph "$T/out/3/cleanclip.safetensors"
ok "the resumed model has the same bytes" cmp "$T/before" "$T/out/3/cleanclip.safetensors"
ok "the metrics are the same" cmp "$T/jsonl" "$T/out/3/cleanclip.jsonl"
graph
is "the table has a row for each model" "$(pipelines/table.sh "$T/out" "3 4" | grep -c '\.[0-9][0-9][0-9] (')" 4
done_testing
