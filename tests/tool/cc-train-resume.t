#!/bin/sh
. "$(dirname "$0")/lib.sh"

stream() { python3 tests/tool/train_stream.py "$@"; }
how="--batch 4 --lr 1e-2" # words, not a function: $! must be the program's process
new="cc-train clip $how --init $T/config.json --vocab $T/vocab.txt"
old="$how -m $T/clip.safetensors"
new() { $new "$@"; }
lines() { wc -l <"$1" | tr -d ' '; }

write_tiny_config
stream 150 epochs=3 aug no-txt=140 >"$T/in" # 37 steps an epoch; bad records come late

# COMMAND...: killed repeatedly, a little later each time, and restarted; the result is that of an uninterrupted run.
killed=0
same_after_kills() {
	recipe=$1 && shift
	"$@" -o "$T/whole.safetensors" "$T/in" >"$T/whole.jsonl" 2>"$T/log"
	rm -f "$T/part".*
	delay=5 turn=0 status=1
	while [ "$status" -ne 0 ] && [ "$turn" -lt 200 ]; do
		"$@" -j $((1 + turn % 2)) --resume --save-every $((1 + turn % 3)) -o "$T/part.safetensors" "$T/in" \
			>>"$T/part.jsonl" 2>"$T/log" &
		sleep "$(printf '0.%03d' "$delay")"
		kill -9 $! 2>/dev/null
		status=0
		wait $! 2>/dev/null || status=$?
		if [ "$status" -eq 137 ]; then killed=$((killed + 1)); elif [ "$status" -ne 0 ]; then break; fi
		delay=$((delay + 2)) turn=$((turn + 1))
	done
	ok "$recipe: the run ends" [ "$status" -eq 0 ]
	ok "$recipe: the same model" cmp "$T/whole.safetensors" "$T/part.safetensors"
	ok "$recipe: the same metrics" cmp "$T/whole.jsonl" "$T/part.jsonl"
}
same_after_kills clip $new
echo "somebody else's" >"$T/alone.safetensors.state.tmp-0123456789abcdef"
ok "a run without --save-every" new --steps 2 -q -o "$T/alone.safetensors" "$T/in"
ok "does not remove the state of another run" [ -s "$T/alone.safetensors.state.tmp-0123456789abcdef" ]
cp "$T/whole.safetensors" "$T/clip.safetensors"
same_after_kills cleanclip cc-train cleanclip $old --freeze logit_scale
same_after_kills par cc-train par $old
same_after_kills removal cc-train removal $old --remove-after 1,2 --remove-share 20%
same_after_kills supervised cc-train supervised $old --steps 60
ok "supervised: the same head" cmp "$T/whole.head.safetensors" "$T/part.head.safetensors"
ok "after it was killed $killed times" [ "$killed" -ge 3 ]
is "no other files are left" "$(cd "$T" && echo part.* whole.*)" \
	"part.head.safetensors part.jsonl part.safetensors whole.head.safetensors whole.jsonl whole.safetensors"

# A stream truncated anywhere, also within an epoch: the completed steps are kept.
stream 18 epochs=2 >"$T/small"
size=$(wc -c <"$T/small")
new -o "$T/whole.safetensors" "$T/small" >"$T/whole.jsonl"
states='' broken=''
for part in 2 3 4 5 6 7 8 9 10 11 12; do
	head -c $((size * part / 13)) "$T/small" | new --save-every 100 -o "$T/cut.safetensors" >"$T/cut.jsonl" 2>"$T/log" &&
		broken="$broken done:$part"
	states="$states$(sed -n 's/.*the state of step \([0-9]*\) .*/\1/p' "$T/log")"
	new --resume -o "$T/cut.safetensors" "$T/small" >>"$T/cut.jsonl" 2>"$T/log"
	cmp -s "$T/whole.safetensors" "$T/cut.safetensors" && cmp -s "$T/whole.jsonl" "$T/cut.jsonl" || broken="$broken $part"
	rm -f "$T/cut.safetensors"
done
is "truncated anywhere, it resumes to the same result" "$broken" ""
is "every step was the last of some run" "$(echo "$states" | fold -w 1 | sort -u | tr -d '\n')" 1234567

# SIGNAL FILE BYTES STEPS: sends the signal while the run waits for the rest of its input.
while_waiting() {
	signal=$1 file=$2 bytes=$3 steps=$4
	: >"$file.jsonl"
	$new -o "$file.safetensors" <"$T/fifo" >"$file.jsonl" 2>"$T/log" &
	job=$! i=0
	exec 9>"$T/fifo" # stays open, so the input does not end
	head -c "$bytes" "$T/small" >&9
	while [ "$(lines "$file.jsonl")" -lt "$steps" ] && [ $((i += 1)) -lt 200 ]; do sleep .02; done
	kill -"$signal" "$job"
}
mkfifo "$T/fifo"
while_waiting TERM "$T/term" $((size / 2)) 4
status=0
wait "$job" || status=$?
is "SIGTERM ends the run with the signal's status" "$status" 143
ok "and the state is written" [ -s "$T/term.safetensors.state" ]
ok "it is reported" grep -q "the state of step 4 is in $T/term.safetensors.state; the same command with --resume continues from it" "$T/log"
new --resume -o "$T/term.safetensors" "$T/small" >>"$T/term.jsonl" 2>"$T/log"
ok "the resumed run gives the same model" cmp "$T/whole.safetensors" "$T/term.safetensors"
ok "and the same metrics" cmp "$T/whole.jsonl" "$T/term.jsonl"
ok "the state is removed" [ ! -e "$T/term.safetensors.state" ]
while_waiting USR1 "$T/usr" $((size / 2)) 4
i=0
while [ ! -e "$T/usr.safetensors.state" ] && [ $((i += 1)) -lt 200 ]; do sleep .02; done
ok "SIGUSR1 writes the state" [ -s "$T/usr.safetensors.state" ]
ok "and the run continues" kill -0 "$job"
kill -9 "$job"
wait "$job" 2>/dev/null
new --resume -o "$T/usr.safetensors" "$T/small" >>"$T/usr.jsonl" 2>"$T/log"
ok "killed after SIGUSR1: the same model" cmp "$T/whole.safetensors" "$T/usr.safetensors"

while_waiting TERM "$T/last" $((size - 20)) 8 # all but the tail
wait "$job" 2>/dev/null
ok "while the tail is missing, the state of the last step is kept" grep -q "the state of step 8 is in" "$T/log"
new --resume -o "$T/last.safetensors" "$T/small" >>"$T/last.jsonl" 2>"$T/log"
ok "only the tail was missing" cmp "$T/whole.safetensors" "$T/last.safetensors"

# The manual's Slurm script: a signal before the time limit ends the training and requeues the job.
cat >"$T/job.sh" <<END
scontrol() { echo "\$@" >>"$T/queue"; }
$new --save-every 1000 --resume -o $T/slurm.safetensors <\$1 >>$T/slurm.jsonl &
trap 'kill -TERM \$!; wait \$!; scontrol requeue \$SLURM_JOB_ID; exit' USR1
echo >$T/ready
wait \$!
END
SLURM_JOB_ID=7 sh "$T/job.sh" "$T/fifo" 2>"$T/log" &
job=$! i=0
exec 9>"$T/fifo"
head -c $((size / 2)) "$T/small" >&9
: >>"$T/slurm.jsonl"
while { [ "$(lines "$T/slurm.jsonl")" -lt 4 ] || [ ! -e "$T/ready" ]; } && [ $((i += 1)) -lt 200 ]; do sleep .02; done
kill -USR1 "$job"
wait "$job"
is "the job is requeued" "$(cat "$T/queue")" "requeue 7"
sh "$T/job.sh" "$T/small" 2>"$T/log"
ok "and the resumed run gives the same model" cmp "$T/whole.safetensors" "$T/slurm.safetensors"
ok "and the same metrics" cmp "$T/whole.jsonl" "$T/slurm.jsonl"

# A state can be used as a model, and is kept.
head -c $((size / 2)) "$T/small" | new --save-every 2 -o "$T/s.safetensors" >"$T/s.jsonl" 2>"$T/log"
state=$T/s.safetensors.state
cp "$state" "$T/good"
is "a state records its position" "$(cc-model info --json "$state" | jq -c '.provenance.data | [.steps, .records, .partial]')" \
	'[4,16,true]'
printf 'red\ngreen\n' >"$T/classes.txt"
ok "and can embed and be scored" cc-embed -m "$state" --prompts "$T/classes.txt" -o "$T/classes.emb"
resume() { new --resume -o "$T/s.safetensors" "$@"; }
fails_with "$state: left by an unfinished run; continue it with --resume, or remove the file to start over" \
	new -o "$T/s.safetensors" "$T/small"
fails_with "$state: was left by another run: cc-train clip: --lr was 1e-2, now it is 2e-2" resume --lr 2e-2 "$T/small"
fails_with "cc-train clip: --eps was not given before" resume --eps 1e-7 "$T/small"
fails_with "cc-train clip: seed was 0, now it is 1" resume --seed 1 "$T/small"
printf '#version: 0.2\np h\n' >"$T/vocab2.txt"
fails_with "cc-train clip: --vocab was xxh3:" resume --vocab "$T/vocab2.txt" "$T/small"
fails_with "cc-train supervised" cc-train supervised -m "$T/clip.safetensors" --resume -o "$T/s.safetensors" "$T/small"
stream 20 epochs=2 >"$T/bad"
fails_with "the stream: records was 18, now it is 20" resume "$T/bad"
stream 18 epochs=2 no-rgb=3 >"$T/bad"
fails_with "the first 16 records of the stream differ from those of the earlier run; resume with the same stream" resume "$T/bad"
head -c 3000 "$T/small" >"$T/bad"
fails_with "upstream ended early" resume "$T/bad"
stream 12 says=18 says-epochs=2 >"$T/bad"
fails_with "the stream ended after 12 records, but the state was saved after 16; resume with the same stream" resume "$T/bad"
head -c 5000 "$T/good" >"$state"
fails_with "$state: truncated" resume "$T/small"
: >"$state"
fails_with "$state: an empty file, not a safetensors model: copy or download it again; to start over, remove it" resume "$T/small"
cp "$T/whole.safetensors" "$state"
fails_with "$state: is not the state of a run" resume "$T/small"
flip() { python3 tests/tool/edit_safetensors.py "$T/good" "flip=$1" >"$state"; }
flip 100
fails_with "$state: its digest does not" resume "$T/small"
flip 50000
fails_with "its digest does not match its contents; the file is damaged" resume "$T/small"
sed 's/\\"step\\": 4/\\"step\\": 3/' "$T/good" >"$state"
fails_with "its digest does not match its contents; the file is damaged" resume "$T/small"
cp "$T/good" "$state"
ok "an intact state is still accepted" resume "$T/small"
ok "and gives the same model" cmp "$T/whole.safetensors" "$T/s.safetensors"

# Metrics appended to a file.
cp "$T/good" "$state"
head -c 500 "$T/whole.jsonl" >"$T/s.jsonl"
resume "$T/small" >>"$T/s.jsonl" 2>"$T/log"
ok "a truncated line is completed" cmp "$T/whole.jsonl" "$T/s.jsonl"
cp "$T/good" "$state"
{ head -n 4 "$T/whole.jsonl"; echo '# requeued'; sed -n 5,6p "$T/whole.jsonl"; printf '{"step": 9'; } >"$T/s.jsonl"
{ cat "$T/s.jsonl"; echo; sed -n '7,$p' "$T/whole.jsonl"; } >"$T/wanted.jsonl"
resume "$T/small" >>"$T/s.jsonl" 2>"$T/log"
ok "other lines are kept, and a different truncated line is ended" cmp "$T/wanted.jsonl" "$T/s.jsonl"
cp "$T/good" "$state"
resume "$T/small" 2>"$T/log" | cat >"$T/s.jsonl"
is "a pipe gets only the remaining lines" "$(jq -r .step "$T/s.jsonl" | tr -d '\n')" 5678
is "--steps records that the stream was not read to its end" \
	"$(new --steps 3 -o "$T/x.safetensors" "$T/small" >"$T/log" && cc-model info --json "$T/x.safetensors" |
		jq -c '.provenance.data | [.steps, .records, .partial, (.digest_of_part | length), .digest]')" '[3,12,true,32,null]'

# A full disk, or one that is too small: an error at the start; later the previous state is kept.
fails_with "needs 0.0 MB, but no file may be larger than" \
	sh -c "ulimit -f 10; exec cc-train clip -m $T/clip.safetensors --batch 4 -o $T/no.safetensors $T/small"
fails_with "no.safetensors.state: needs 0.2 MB, but no file may be larger than 0.1 MB" \
	sh -c "ulimit -f 200; exec cc-train clip -m $T/clip.safetensors --batch 4 --save-every 1 -o $T/no.safetensors $T/small"
cat >"$T/full.sh" <<'END'
mount -t tmpfs -o size=200k tmpfs "$1" && shift && exec "$@"
END
mkdir "$T/disk"
if unshare -m sh "$T/full.sh" "$T/disk" true 2>"$T/log"; then
	# The model and one state fit, two states do not; at the end the model is copied outside the small file system.
	ok "a full disk does not end the run" unshare -m sh "$T/full.sh" "$T/disk" sh -c "
		$new --save-every 3 -o $T/disk/m.safetensors <$T/small >$T/full.jsonl 2>$T/said; cp $T/disk/m.safetensors $T/full.safetensors"
	ok "it is reported" grep -q "the state of step 6 was not written; that of step 3 still exists" "$T/said"
	ok "and the model is the same" cmp "$T/whole.safetensors" "$T/full.safetensors"
else
	skip "a disk that becomes full" "no tmpfs can be mounted here"
fi
fails_with "need a regular file as -o" new --resume -o /dev/null "$T/small"

# Memory: a step that does not fit is refused, with numbers.
sed 's/"image_size": 12/"image_size": 512/' "$T/config.json" >"$T/large.json"
fails_with "not enough memory: gradients and moments take 0.00 GB, 4 queued batches 52781.19 GB; " \
	cc-train clip --init "$T/large.json" --vocab "$T/vocab.txt" --batch 16777216 --steps 1 -o "$T/no.safetensors" "$T/small"
sed 's/"vision_cfg": {.*}/"vision_cfg": {"image_size": 32, "layers": 100, "width": 64, "patch_size": 4, "head_width": 64}/' \
	"$T/config.json" >"$T/deep.json"
python3 tests/tool/train_stream.py 4 side=32 >"$T/small32"
fails_with "are free; with --recompute" cc-train clip --init "$T/deep.json" --vocab "$T/vocab.txt" --batch 16384 --steps 1 \
	-o "$T/no.safetensors" "$T/small32"
cp "$T/.out" "$T/log"
ok "it fails before the first step" grep -qE "not enough memory: a step of 16384 records takes at least [0-9.]+ GB and [0-9.]+ GB are free" "$T/log"
ok "-v prints the memory of a step" sh -c "$new -v --steps 1 -o $T/no.safetensors $T/small 2>&1 | grep 'memory: [0-9.]* MB per step, [0-9.]* MB for the model'"

# Values that are not finite.
python3 tests/tool/edit_safetensors.py "$T/clip.safetensors" nan=ln_final.bias >"$T/nan.safetensors"
fails_with "ln_final.bias: contains a number that is not finite" \
	cc-train clip -m "$T/nan.safetensors" --batch 4 -o "$T/no.safetensors" "$T/in"
rm "$T/nan.safetensors"
fails_with "not finite" new --lr 10 --wd 100 --warmup 0 --save-every 1 -o "$T/nan.safetensors" "$T/in"
cp "$T/.out" "$T/log"
ok "the value and the step are reported" grep -E "step [0-9]+: (the loss|the gradient of [a-z_.]+) is not finite" "$T/log"
is "the last good state is kept" "$(cc-model info --json "$T/nan.safetensors.state" | jq .provenance.data.steps)" \
	"$(tail -n 1 "$T/log" | sed 's/.*step \([0-9]*\):.*/\1 - 1/' | xargs expr)"
done_testing
