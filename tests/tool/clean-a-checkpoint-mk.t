#!/bin/sh
# pipelines/clean-a-checkpoint.mk at toy size: from a PyTorch checkpoint to scores, a page and open_clip's folder.  A second run has
# nothing to do, and an interrupted run can be resumed.  Also the rule of pick.sh.
. "$(dirname "$0")/lib.sh"
make_block_data
unset MAKEFLAGS MFLAGS MAKELEVEL

cat >"$T/vit.json" <<'END'
{"embed_dim": 16, "quick_gelu": true, "vision_cfg": {"image_size": 16, "layers": 1, "width": 64, "patch_size": 8},
 "text_cfg": {"context_length": 16, "width": 64, "heads": 1, "layers": 1}}
END
bin=$(dirname "$(command -v cc-shard)")
cc-shard read -q "$T/train.tar" | cc-model vocab -q --size 600 -o "$T/vocab.txt"
cc-shard read -q "$T/train.tar" | cc-poison -q --attack badnet --size 32 -n 70 --target airplane | cc-augment -q -m "$T/vit.json" |
	cc-train clip -q --init "$T/vit.json" --vocab "$T/vocab.txt" --batch 64 --lr 1e-3 -o "$T/bad.safetensors" >"$T/log"
python3 tests/tool/make_weights.py "$T/bad.safetensors" training "$T/bad.pt"
graph() {
	make -s -f pipelines/clean-a-checkpoint.mk BIN="$bin" CKPT="$T/bad.pt" IMPORT="--activation quick_gelu" VOCAB="$T/vocab.txt" CLEAN="$T/clean.tar" \
		TEST="$T/test.tar" CLASSES="$T/classes.txt" TEMPLATES="$T/captions.txt" OUT="$T/out" HELD=100 LRS="1e-4 1e-3" EPOCHS=1 BATCH=32 \
		ATTACK=badnet TARGET=airplane POISON_SIZE=32 CONTROL=1 "$@"
}

is "make plan" "$(graph plan)" "2 trainings of 6 steps"
fails_with "no training step: 20 pairs of CLEAN are left after HELD=280 are held out, fewer than BATCH=32" graph plan HELD=280 OUT="$T/none"
fails_with "OUT is '$T/a b': expected one name that does not begin with - and has no spaces" graph plan OUT="$T/a b"
ok "make -j2" graph -j2
is "scores before and after, clean and with the trigger" "$(cd "$T/out" && jq -r '"\(input_filename) \(.metric)"' ./*.clean.json ./*.asr.json | sort | tr '\n' ' ')" \
	"./after.asr.json asr ./after.clean.json zeroshot ./before.asr.json asr ./before.clean.json zeroshot ./control.asr.json asr ./control.clean.json zeroshot "
is "labelled pairs are held out by accuracy" "$(jq -r '[.metric, .n] | @tsv' "$T/out/lr/1e-4.held.json")" "$(printf 'zeroshot\t100')"
is "no held-out pair is trained on" "$({ cc-shard keys "$T/out/held.tar" && cc-shard keys "$T/out/pairs.tar"; } | sort | uniq | wc -l)" 300
ok "the result is the model at the chosen rate" cmp "$T/out/after.safetensors" "$T/out/lr/$(cat "$T/out/chosen").safetensors"
is "cleaning started from the original model" "$(cc-model info --json "$T/out/after.safetensors" | jq -r .provenance.model.digest)" \
	"$(cc-model info --json "$T/out/before.safetensors" | jq -r .digest)"
is "which equals the published one" "$(cc-model tensor "$T/out/before.safetensors" visual.proj | cksum)" "$(cc-model tensor "$T/bad.safetensors" visual.proj | cksum)"
ok "the report page exists" [ "$(sed '/<details>/,$d' "$T/out/report.html" | grep -c '<th scope="row">')" -ge 3 ]
is "open_clip's folder: the configuration" "$(jq -r .model_cfg.vision_cfg.width "$T/out/open_clip/open_clip_config.json")" 64
ok "open_clip's folder: the model" cmp "$T/out/after.safetensors" "$T/out/open_clip/open_clip_model.safetensors"
is "a second run has nothing to do" "$(graph -n | grep -v '^:')" ""
cp "$T/out/after.safetensors" "$T/before"
rate=$(cat "$T/out/chosen")
rm -r "$T/out/lr" "$T/out/chosen" "$T/out"/after.* "$T/out"/control.* "$T/out/report.html" "$T/out/open_clip"

# As if killed in the middle of a training: its stream ends early.
mkdir "$T/cut"
ln -s "$bin"/cc-* "$T/cut"
rm "$T/cut/cc-augment"
printf '#!/bin/sh\n%s "$@" | head -c 150000\n' "$bin/cc-augment" >"$T/cut/cc-augment"
chmod +x "$T/cut/cc-augment"
fails_with "the state of step" graph BIN="$T/cut" "$T/out/lr/$rate.safetensors"
ok "make resumes" graph -j2
ok "the resumed model has the same bytes" cmp "$T/before" "$T/out/after.safetensors"

# One of our models is used unchanged; for pairs without labels, the rate is chosen by retrieval.
cc-shard read -q --fields jpg,txt "$T/clean.tar" | cc-shard write -q "$T/unlabelled.tar"
ok "one of our models, pairs without labels" graph CKPT="$T/bad.safetensors" VOCAB= CLEAN="$T/unlabelled.tar" TAKE=64 LRS=1e-4 ATTACK= CONTROL= TEMPLATES= OUT="$T/ours"
ok "our model is copied unchanged" cmp "$T/bad.safetensors" "$T/ours/before.safetensors"
is "prompts use the model's own templates before and after" \
	"$(for state in before after; do cc-view "$T/ours/$state.classes" | head -1 | jq -r '.templates[]'; done | sort | uniq -c | awk '{ print $1 }' | sort -u)" 2
is "the rate is chosen by retrieval" "$(jq -r .metric "$T/ours/before.held.json")" retrieval
is "TAKE limits the pairs" "$(cc-shard keys "$T/ours/pairs.tar" | wc -l)" 64
ok "without ATTACK there is no attack score" [ ! -e "$T/ours/after.asr.json" ]
fails_with "CLASSES is missing: one class name per line" graph CLASSES=
fails_with "TARGET is missing: the class that ATTACK is to produce" graph TARGET=

# After a change of HELD, TAKE or BATCH, only what depends on it is rebuilt.
changed() { # SETTING...: prints the files that are rebuilt, without those of settings
	find "$T/ours" -type f ! -name 'settings.*' -printf '%P %T@\n' | sort >"$T/then"
	graph CKPT="$T/bad.safetensors" VOCAB= CLEAN="$T/unlabelled.tar" TAKE=64 LRS=1e-4 ATTACK= CONTROL= TEMPLATES= OUT="$T/ours" "$@" || return
	find "$T/ours" -type f ! -name 'settings.*' -printf '%P %T@\n' | sort | comm -13 "$T/then" - | cut -d ' ' -f 1 | tr '\n' ' '
}
is "without a change nothing is rebuilt" "$(changed)" ""
is "TAKE rebuilds the pairs, trainings and scores" "$(changed TAKE=70 | tr ' ' '\n' | grep 'tar$\|after.safe\|before\|^lr.*safe' | tr '\n' ' ') $(cc-shard keys "$T/ours/pairs.tar" | wc -l)" "after.safetensors lr/1e-4.safetensors pairs.tar  70"
is "BATCH rebuilds trainings and scores" "$(changed TAKE=70 BATCH=35 | tr ' ' '\n' | grep 'tar$\|after.safe\|before\|^lr.*safe' | tr '\n' ' ') $(tail -1 "$T/ours/after.jsonl" | jq .step)" "after.safetensors lr/1e-4.safetensors  2"
is "HELD rebuilds everything after the split" "$(changed TAKE=70 BATCH=35 HELD=90 | tr ' ' '\n' | grep 'tar$\|after.safe\|before.safe\|before.held\|^lr.*safe' | tr '\n' ' ') $(jq .n "$T/ours/before.held.json")" \
	"after.safetensors before.held.json held.tar lr/1e-4.safetensors pairs.tar  90"
# A training that was started with another BATCH is not resumed.
graph CKPT="$T/bad.safetensors" VOCAB= CLEAN="$T/unlabelled.tar" LRS=1e-3 ATTACK= CONTROL= TEMPLATES= OUT="$T/ours" BIN="$T/cut" >"$T/said" 2>&1
ok "an unfinished training" test -e "$T/ours/lr/1e-3.safetensors.state"
ok "another BATCH restarts the training" graph CKPT="$T/bad.safetensors" VOCAB= CLEAN="$T/unlabelled.tar" LRS=1e-3 ATTACK= CONTROL= TEMPLATES= OUT="$T/ours" BATCH=16
is "from its first step" "$(head -1 "$T/ours/after.jsonl" | jq .step)" 1

# Too few pairs: an error before anything is scored, and no empty set is left.
few() { graph CKPT="$T/bad.safetensors" VOCAB= CLEAN="$T/unlabelled.tar" OUT="$T/few" "$@"; }
fails_with "CLEAN has no pairs left after HELD=300 are held out; use a smaller HELD or set TUNE" few HELD=300
fails_with "no training step: 20 pairs of CLEAN are left after HELD=280 are held out, fewer than BATCH=32" few HELD=280
fails_with "no training step: 31 pairs of CLEAN are left after HELD=100 are held out and TAKE=31, fewer than BATCH=32" few TAKE=31
fails_with "no training step: 200 pairs of CLEAN are left after HELD=100 are held out, fewer than BATCH=201" few BATCH=201
fails_with "CLEAN has no pairs left" few TAKE=0
fails_with "HELD is '0': held-out pairs are needed to choose the learning rate; or name other pairs with TUNE" few HELD=0
is "nothing was scored" "$(ls "$T/few" | grep -v '^settings' | tr '\n' ' ')" "before.safetensors held.tar pairs.tar "
ok "with enough pairs it continues" few EPOCHS=1 LRS=1e-4 ATTACK= CONTROL=

# Names that make or a shell could execute.
mkdir "$T/odd" && cd "$T/odd" || exit 1
for name in 'a;touch ran' "it's\$(touch ran)" '-x.tar' 'a#b%c:d' '@list'; do cp "$T/unlabelled.tar" "./$name"; done
cp "$T/test.tar" "te;touch ran'st.tar"
mk=$OLDPWD/pipelines/clean-a-checkpoint.mk
names() { make -s -f "$mk" BIN="$bin" CKPT="$T/bad.safetensors" TEST="$T/test.tar" CLASSES="$T/classes.txt" OUT=out HELD=1 BATCH=2 EPOCHS=1 "$@"; }
# A blank separates words of a make variable.
mv 'a;touch ran' 'a;touch${IFS}ran' && mv "it's\$(touch ran)" "it's\$(touch\${IFS}ran)" && mv "te;touch ran'st.tar" "te;touch\${IFS}ran'st.tar"
for name in *touch*ran* '-x.tar' 'a#b%c:d' '@list'; do
	case $name in te*) continue ;; esac
	rm -rf out
	is "CLEAN='$name'" "$(names CLEAN="$name" plan 2>&1)" "3 trainings of 149 steps"
	is "CLEAN='$name' in the environment" "$(CLEAN=$name names plan 2>&1)" "3 trainings of 149 steps"
done
rm -rf out
is "wildcards and weights" "$(names CLEAN="$T/unlab*.tar $T/test.tar*2" plan)" "3 trainings of 349 steps"
ok "a source that is a command" names CLEAN="$T/unlabelled.tar" HELD=100 BATCH=100 LRS=1e-4 TEST="pipe:cat '$T/test.tar'" OUT=piped
is "all words of the command are used" "$(jq .n piped/after.clean.json)" 200
ok "TEST" names CLEAN="$T/unlabelled.tar" HELD=100 BATCH=100 LRS=1e-4 TEST="te;touch\${IFS}ran'st.tar" ATTACK="badnet" TARGET=airplane POISON_SIZE=32
is "the target is passed on literally" "$(names CLEAN="$T/unlabelled.tar" HELD=100 BATCH=100 LRS=1e-4 TEST="te;touch\${IFS}ran'st.tar" ATTACK="badnet" TARGET='$(shell touch ran)' POISON_SIZE=32 2>&1 | grep -o '.*is not one of the classes' | head -1)" \
	'cc-poison: --target: "$(shell touch ran)" is not one of the classes'
for name in '$(shell touch ran)' 'x;touch ran' "a'b" 'a#b' '-x'; do
	for variable in OUT CKPT CLASSES VOCAB TEMPLATES; do
		fails_with "$variable is '$name': expected one name that does not begin with -" names CLEAN="$T/unlabelled.tar" "$variable=$name" -n
	done
	fails_with "BATCH is '$name': expected whole numbers" names CLEAN="$T/unlabelled.tar" "BATCH=$name" -n
	fails_with "LRS is '$name': expected numbers" names CLEAN="$T/unlabelled.tar" "LRS=$name" -n
done
is "no name was executed" "$(find "$T" -name 'ran*')" ""
cd "$OLDPWD" || exit 1

# The rule of pick.sh: the highest learning rate that keeps accuracy.
held() { echo "{\"value\": $2}" >"$T/$1.held.json"; }
pick() { pipelines/pick.sh .01 "$T/before.held.json" "$T/3e-6.held.json" "$T/3e-5.held.json" "$T/1e-5.held.json" 2>"$T/said"; }
held before .60 && held 3e-6 .62 && held 1e-5 .595 && held 3e-5 .55
is "the highest rate within the tolerance" "$(pick)" 1e-5
held 3e-5 .591
is "also if it is the highest rate" "$(pick)" 3e-5
held 3e-6 .40 && held 1e-5 .50 && held 3e-5 .30
is "if no rate is within the tolerance, the one that costs least" "$(pick)" 1e-5
is "this is reported" "$(tail -1 "$T/said")" "every rate costs more than .01; using 1e-5, which costs least; try lower rates (LRS)"
is "every rate is reported" "$(grep -c 'on held-out pairs, 0.6000 before' "$T/said")" 3
done_testing
