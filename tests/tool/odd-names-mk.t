#!/bin/sh
# Names that make, a shell, awk or jq could execute, through all makefiles.  Each would create a file called ran.
. "$(dirname "$0")/lib.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL DATA CLASSES TARGET OUT SEEDS EPOCHS CLEAN_EPOCHS
top=$PWD
bin=$(cd "$(dirname "$(command -v cc-shard)")" && pwd)

# The project itself is in a folder with such a name.
tree="$T/it's \$(touch ran) \"a\" #tree;touch ran"
mkdir -p "$tree/build"
cp -R Makefile pipelines "$tree"
ln -s "$bin" "$tree/build/bin"
cd "$tree" || exit 1
ran() { find "$T" -name 'ran*' | wc -l; }
run() { env "$@" >"$T/out" 2>"$T/said" || { tail -3 "$T/said" >&2; return 1; }; }

set -- '$(shell touch ran)' "a';touch ran;'" 'sp ace' 'ha#sh' 'per%cent' 'co:lon' 'back\slash' '-dash' '$HOME `touch ran`' '*' 'q"$(touch ran)"q' "esc$(printf '\033')[31m"
for class; do
	mkdir -p "$T/photos/$class"
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do
		printf 'P6 2 2 255\nabcdefghijkl' >"$T/photos/$class/$i.ppm"
		printf 'P6 2 2 255\n%s%02d%s' "$class" "$i" 0123456789 | head -c 23 >"$T/photos/$class/$i\$x;y.ppm"
	done
done
mkdir "$T/photos/.hidden" && cp "$T/photos/sp ace/1.ppm" "$T/photos/.hidden"
is "the demo" "$(run DATA="$T/photos" EPOCHS=1 CLEAN_EPOCHS=1 CC_JOBS=1 pipelines/demo.sh && echo done)" done
is "all classes are in the list" "$(cat build/demo/data/classes.txt)" "$(printf '%s\n' "$@" | LC_ALL=C sort)"
is "the first class is the target" "$(jq -r .settings.target build/demo/21/cleanclip.asr.json)" '$(shell touch ran)'
is "poisoned captions contain its name" "$(cc-shard read -q build/demo/poisoned.tar | cc-view | jq -r 'select(."poison.json") | .txt | contains("$(shell touch ran)")' | sort | uniq -c | tr -s ' ')" " 10 true"
ok "the table shows it" grep -qF 'the target is "$(shell touch ran)".' "$T/out"
ok "the report's title has it" grep -qF 'CleanCLIP: $(shell touch ran) by blended' build/demo/report.html
is "no name was executed" "$(ran)" 0
is "few images: batch size and warm-up are reduced" "$(for state in poisoned crossmodal cleanclip supervised; do
	cc-model info --json build/demo/21/$state.safetensors | jq -r '.provenance.prog[-1].args | "\(.[index("--batch") + 1]) \(.[index("--warmup") + 1])"'
done | tr '\n' ,)" '32 0,16 10%,16 10%,16 10%,'

# Each name as the target, on the command line and in the environment: the arguments that the programs get
mkdir "$T/fake"
for tool in "$bin"/cc-*; do ln -s "$tool" "$T/fake"; done
rm "$T/fake/cc-poison"
cat >"$T/fake/cc-poison" <<END
#!/bin/sh
while [ \$# -gt 0 ]; do [ "\$1" != --target ] || printf '%s\n' "\$2" >>'$T/targets'; shift; done
exit 1
END
chmod +x "$T/fake/cc-poison"
set -- "$@" '$$x' 'a\' 'new
line' 'blank behind ' '{a,b}' '~' '!x' '&' '<x>'
for class; do
	make -s -f pipelines/cleanclip.mk BIN="$T/fake" OUT=build/none DATA=build/demo/data TARGET="$class" build/none/poisoned.tar >"$T/out" 2>&1
	TARGET=$class make -s -f pipelines/cleanclip.mk BIN="$T/fake" OUT=build/none DATA=build/demo/data build/none/poisoned.tar >"$T/out" 2>&1
done
is "targets arrive unchanged" "$(cat "$T/targets")" "$(for class; do printf '%s\n' "$class" "$class"; done)"
make -s -f pipelines/cleanclip.mk BIN="$T/fake" OUT=build/none DATA=build/demo/data ATTACK="x';touch ran;'" TITLE='$(shell touch ran)' build/none/poisoned.tar >"$T/out" 2>&1
is "none of these was executed" "$(ran)" 0

# The publication's graph: the target, the attack, the lists of shards.
rm "$T/targets"
paper() { make -s -f pipelines/paper.mk BIN="$T/fake" SET=cifar10 MADE=build/demo/data BUILD=build/p STORE=build/r "$@" build/p/cifar10/blended/poisoned.tar; }
for class; do paper TARGET="$class" >"$T/out" 2>&1; done
is "targets arrive unchanged in paper.mk" "$(cat "$T/targets")" "$(printf '%s\n' "$@")"
is "the attack is passed on unchanged" "$(paper ATTACK.blended="x';touch ran;'\$(shell touch ran)" -n | grep -cF -e "--attack 'x'\\'';touch ran;'\\''\$(shell touch ran)' --size")" 1
printf '%s\n' "$@" >build/classes.txt
shards="it's.tar \$(touch\${IFS}ran).tar a;touch\${IFS}ran \`ran\` #a%b\\c {0..3}.tar"
full() { make -s -f pipelines/cc3m.mk BIN="$T/fake" BUILD=build/f STORE=build/fr CLASSES=build/classes.txt VOCAB= TARGET="a';touch ran;'" "$@"; }
ok "make data with odd lists of shards" full CC3M="$shards" data
# shellcheck disable=SC2086 # words
is "lists hold the words unchanged" "$(cat build/f/cc3m/data/train.list)" "$(printf '%s\n' $shards)"
is "the same lists are not rebuilt" "$(full CC3M="$shards" -n data)" ""
ok "make data with another list of shards" full CC3M="x'y" data
is "changes the list" "$(cat build/f/cc3m/data/train.list)" "x'y"
fails_with "target '\$(touch ran)' is not a class in build/classes.txt" full TARGET='$(touch ran)' BUILD=build/g data
is "the folder of CIFAR-10 is passed on unchanged" "$(make -n -f pipelines/paper.mk SET=cifar10 BUILD=build/q STORE=build/qr DATA="it's \$(touch ran)" data | grep -cF "CC_DATA='it'\\''s \$(touch ran)'")" 1
for name in '$(shell touch ran)' 'x;touch ran' "a'b" '`touch ran`'; do
	for variable in SET SETS BUILD STORE MADE MAIN LRS RESULTS_MD MODEL; do
		fails_with "$variable is '$name': " make -n -f pipelines/paper.mk SET=cifar10 BUILD=build/q STORE=build/qr "$variable=$name"
	done
done
fails_with "No rule to make target" make -C pipelines "x';touch ran;'"
fails_with "the name of a set is expected" pipelines/paper/figures.sh 'x|;e touch ran' build/r build/f
is "none of these was executed in paper.mk" "$(ran)" 0

# gnuplot and sed execute their scripts, so these contain no path.
cp -R "$top/pipelines/results/paper/cifar10" build/results
mkdir "$T/tmp'; system('touch ran'); '\`touch ran\`"
ok "make figures with an odd temporary folder" env TMPDIR="$T/tmp'; system('touch ran'); '\`touch ran\`" \
	make -s -f pipelines/paper.mk BIN="$bin" SET=cifar10 STORE=build/r RESULTS=build/results figures
is "gives the same figures" "$(cd build/results/figures && for figure in *.svg; do cmp "$figure" "$top/pipelines/results/paper/cifar10/figures/$figure"; done 2>&1)" ""
is "the folder's name was not executed" "$(ran)" 0

# Names of make's targets that make cannot handle are refused.
for name in '$(shell touch ran)' 'x;touch ran' "a'b" 'a#b' 'a%b' 'a:b' '`touch ran`' -x; do
	for variable in OUT DATA MODEL TEMPLATES BIN; do
		fails_with "$variable is '$name': expected one name that does not begin with -" make -n -f pipelines/cleanclip.mk "$variable=$name"
	done
	fails_with "OUT is '$name': expected one name that does not begin with -" env OUT="$name" make -n -f pipelines/cleanclip.mk
done
fails_with "OUT is 'a" make -n -f pipelines/cleanclip.mk 'OUT=a
b'
fails_with "SEEDS is '1;touch ran': expected whole numbers" make -n -f pipelines/cleanclip.mk SEEDS='1;touch ran'
fails_with "POISONS is '1;touch ran': expected whole numbers" make -n -f pipelines/cleanclip.mk POISONS='1;touch ran'
fails_with "SEEDS is '\$(touch ran)': expected whole numbers" env SEEDS='$(touch ran)' pipelines/demo.sh
is "refused names were not executed" "$(ran)" 0

# make demo passes its variables to the script unchanged.
printf '#!/bin/sh\nprintf "%%s\\n" "$DATA" "$TARGET" "$OUT" "$CLASSES"\n' >pipelines/demo.sh
printf '#!/bin/sh\n' >pipelines/deps.sh
is "make demo passes names literally" "$(make -s demo MAKE=true DATA='$(shell touch ran)' TARGET="a';touch ran;'" OUT='$$x `touch ran`' CLASSES='#%$y' 2>"$T/said")" \
	"\$(shell touch ran)
a';touch ran;'
\$\$x \`touch ran\`
#%\$y"
is "make demo executed no name" "$(ran)" 0

# A class name with a line break would become two classes in the list.
mkdir "$T/photos/new
line" && cp "$T/photos/sp ace"/* "$T/photos/new
line"
fails_with 'line" has a line break: rename the class' env DATA="$T/photos" pipelines/demo-data.sh build/lines
is "a folder whose name begins with a dash" "$(cd "$T" && rm -r photos/new* && mv photos ./-photos && DATA=-photos "$tree/pipelines/demo-data.sh" "$T/dash" 2>"$T/said" && wc -l <"$T/dash/classes.txt")" 12
done_testing
