#!/bin/sh
# The ladder of learning rates (pipelines/ladder.sh) on small data, and the choice by held-out accuracy (pipelines/paper/choose.awk).
. "$(dirname "$0")/lib.sh"

# ---- the choice, on lines of which every number is known
cat >"$T/lines" <<'END'
attack	seed	clean	method	lr	factor	held	held_n	test	test_n	asr	asr_n	kept
a	1	-	poisoned	-	1	800	1000	780	1000	990	1000	5
a	1	100	clip	1e-4	1	800	1000	779	1000	900	1000	50
a	1	100	clip	1.5e-4	1	790	1000	771	1000	700	1000	150
a	1	100	clip	2.2e-4	1	770	1000	760	1000	400	1000	350
a	1	100	clip	3.3e-4	1	749	1000	740	1000	100	1000	600
a	1	100	clip	3.3e-4	.7	780	1000	765	1000	300	1000	500
a	1	100	clip	3.3e-4	.5	791	1000	775	1000	600	1000	300
a	1	100	other	1e-4	1	700	1000	690	1000	10	1000	600
a	1	100	mild	1e-4	1	799	1000	781	1000	800	1000	60
END
choose() { awk -v budgets="$1" -f pipelines/paper/choose.awk "$T/lines" | grep -F "	$2	" | cut -f 3,6-8,10,13; }
is "the highest rate that keeps the budget" "$(choose ".01 .03" clip)" "$(printf '.01\t1.5e-4\t1\t771\t700\t\n.03\t2.2e-4\t1\t760\t400\t')"
is "exactly at the budget counts" "$(choose .03 clip)" "$(printf '.03\t2.2e-4\t1\t760\t400\t')"
is "with interpolation: the highest rate of which a factor does, and the largest such factor" "$(choose ".01 .03" "clip, mixed")" \
	"$(printf '.01\t3.3e-4\t.5\t775\t600\t\n.03\t3.3e-4\t.7\t765\t300\t')"
is "nothing keeps it: an empty choice with the reason" "$(choose .05 other)" "$(printf '.05\t-\t-\t-\t-\tevery rate costs more')"
is "the budget never binds: said" "$(choose .05 mild)" "$(printf '.05\t1e-4\t1\t781\t800\tthe highest rate keeps the budget')"
fails_with "a	100	clip	1 has no line of its poisoned model" sh -c 'sed "/poisoned/d" "$0" | awk -f pipelines/paper/choose.awk' "$T/lines"
fails_with "column 'kept' is missing" sh -c 'cut -f 1-12 "$0" | awk -f pipelines/paper/choose.awk' "$T/lines"

# ---- a ladder
data=${CC_DATA:-../shared/data}
[ -e "$data/cifar10/train.tar" ] || {
	skip "a ladder" "no photographs under \$CC_DATA ($data)"
	done_testing
	exit
}
mkdir "$T/data"
draw() { # NAME SKIP TAKE
	cc-shard read -q --folders --templates pipelines/templates/captions.txt --shuffle --skip "$2" --take "$3" "$data/cifar10/train.tar" |
		cc-shard write -q "$T/data/$1.tar"
}
draw train 0 320
draw clean 320 64
draw tune 384 60
draw spare 444 104
draw test 548 100
printf '%s\n' airplane automobile bird cat deer dog frog horse ship truck >"$T/data/classes.txt"
ladder() { BIN=build/bin DATA="$T/data" OUT="$T/out" RESULTS="$T/results" EPOCHS=1 POISONS=20 BATCH=32 RATE=1e-4 MOST=${MOST:-2e-4} BUDGET=1 FACTORS=.5 HELD=40 pipelines/ladder.sh "$@"; }
ok "a ladder of two rates and two methods" ladder blended 3 64 crossmodal supervised
is "each rate, with and without interpolation; a head is not interpolated" "$(cut -f 1-6 "$T/results" | sed 1d)" "$(printf '%s\n' "blended	3	-	poisoned	-	1" \
	"blended	3	64	crossmodal	1e-4	1" "blended	3	64	crossmodal	1e-4	.5" "blended	3	64	crossmodal	0.00015	1" "blended	3	64	crossmodal	0.00015	.5" \
	"blended	3	64	supervised	1e-4	1" "blended	3	64	supervised	0.00015	1")"
is "counts of 100 held-out, 100 test and the triggered images" "$(sed 1d "$T/results" | cut -f 8,10,12 | sort -u)" "$(printf '100\t100\t90')"
cp "$T/results" "$T/before"
sed -i '$d' "$T/results"
MOST=1e-4 ladder blended 3 64 crossmodal supervised
ok "finished lines are not computed again" cmp "$T/results" "$(sed '$d' "$T/before" >"$T/short" && echo "$T/short")"
ladder blended 3 64 supervised
ok "a missing line is computed again, with the same numbers" cmp "$T/results" "$T/before"
ok "a model without poison" ladder none 3 64 crossmodal
is "has one line" "$(grep -c '^none' "$T/results")" 1
fails_with "'magic' is not a method of paper/methods.tsv (crossmodal cleanclip " ladder blended 3 64 magic
fails_with "has fewer than 9000 clean pairs" ladder blended 3 9000 crossmodal

# ---- every method of the table is one that runs
for method in $(sed 1d pipelines/paper/methods.tsv | cut -f 1); do
	ok "$method runs" env MOST=1e-4 BIN=build/bin DATA="$T/data" OUT="$T/out" RESULTS="$T/results" EPOCHS=1 BATCH=32 RATE=1e-4 BUDGET=1 FACTORS= HELD=40 \
		pipelines/ladder.sh blended 3 64 "$method"
done
done_testing
