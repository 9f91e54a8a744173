#!/bin/bash
# Conventions that users expect of any program: help, manual pages, completion, versions, hints, installation.
. "$(dirname "$0")/lib.sh"

# COMMAND: its output and exit status on a terminal.
on_terminal() {
	python3 - "$@" <<'END'
import os, pty, sys
status = pty.spawn(sys.argv[1:], lambda fd: os.read(fd, 4096), lambda fd: b"")
print("exit", os.waitstatus_to_exitcode(status))
END
}

all=$(for tool in shard poison augment embed train score view model; do
	echo "cc-$tool"
	for verb in $(cc-$tool --complete '' | grep -v '^-'); do echo "cc-$tool $verb"; done
done)
is "there are at least 25 programs and verbs" "$(($(echo "$all" | wc -l) >= 25))" 1
wrong=$(echo "$all" | while read -r command; do
	$command -h >"$T/help" 2>&1 && $command --man >"$T/page" && $command --version >"$T/version" || echo "$command fails"
	sed '/^Example:/,$d' "$T/help" | awk 'length > 110' | grep -q . && echo "$command -h: a long line"
	case $command in cc-shard | cc-score | cc-train | cc-model) ;; *) grep -q '^Example:' "$T/help" || echo "$command -h: no example" ;; esac
	grep -q 'EXIT STATUS\|each verb has' "$T/page" || grep -qi 'verb' "$T/page" || echo "$command --man: no exit status"
	for library in libarchive libjpeg-turbo libpng libwebp msgpack-c jansson xxHash utf8proc zlib $(case $command in cc-train* | cc-embed*) echo BLIS ;; esac); do
		grep -q "$library [0-9]" "$T/version" || echo "$command --version: $library"
	done
done)
is "each has -h with an example, --man and --version" "$wrong" ""
is "-V equals --version" "$(for tool in shard poison augment embed train score view model; do cc-$tool -V | cmp - <(cc-$tool --version); done)" ""
is "help VERB equals VERB -h, and help equals -h" "$(echo "$all" | while read -r tool verb; do $tool help $verb | cmp - <($tool $verb -h); done)" ""
for tool in shard train score view model; do
	fails_with "cc-$tool: unknown verb 'nonsense'" cc-$tool help nonsense
	is "an unknown verb lists those of cc-$tool" "$(cc-$tool help nonsense 2>&1 | sed -n 's/^Verbs: //p')" "$(cc-$tool --complete '' | grep -v '^-' | tr '\n' ' ' | sed 's/ $//')"
done
fails_with "cc-poison: unknown verb 'nonsense'; cc-poison has no verbs" cc-poison help nonsense
is "the manual pages list the environment variables that set defaults" "$(for tool in augment poison; do cc-$tool --man | sed -n '/^.SH ENV/,/^.SH SEE/p' | grep -o 'CC_[A-Z]*' | tr '\n' ' '; done)" "CC_WORDNET CC_JOBS CC_JOBS "
if command -v groff >/dev/null && groff -man -Tascii </dev/null >/dev/null 2>&1; then
	is "the manual pages are valid roff" "$(echo "$all" | while read -r command; do $command --man | groff -man -ww -Tutf8 2>&1 >/dev/null | sed "s/^/$command: /"; done | head -3)" ""
else
	skip "the manual pages are valid roff" "no groff with man macros"
fi
echo "$all" | while read -r command; do $command --man >"$T/$(echo "$command" | tr ' ' -).1"; done
[ ! -e build/bin/cc-shard ] || pipelines/overview.sh build/bin >"$T/cleanclip.7"
if command -v man >/dev/null && [ -n "$(man -l "$T/cc-shard.1" 2>/dev/null)" ]; then
	is "man formats every page without a warning" "$(for page in "$T"/*.[17]; do man --warnings -E UTF-8 -l "$page" 2>&1 >/dev/null | sed "s,^,${page##*/}: ,"; done | head -3)" ""
else
	skip "man formats every page without a warning" "no man"
fi
if command -v mandoc >/dev/null; then
	is "mandoc reports no warning" "$(mandoc -T lint -W warning "$T"/*.[17] | head -3)" ""
else
	skip "mandoc reports no warning" "no mandoc"
fi
rm -f "$T"/*.[17]

# Tables on a terminal, JSON elsewhere
python3 tests/tool/score_data.py "$T"
zeroshot() { cc-score zeroshot --classes "$T/classes" "$@" "$T/clean"; }
on_terminal cc-score zeroshot --classes "$T/classes" "$T/clean" | tr -d '\r' >"$T/said"
is "a score is a table on a terminal" "$(head -1 "$T/said" | tr -s ' ') $(tail -1 "$T/said")" "zeroshot value 95% interval records exit 0"
is "--table prints the same into a pipe" "$(zeroshot --table)" "$(sed '$d' "$T/said")"
is "the table has the numbers of the JSON" "$(zeroshot --table | awk '$1 == "acc1" { print $2, $6, $8 }')" \
	"$(zeroshot | jq -r '[.value, .numerator, .denominator] | "\(.[0] * 10000 | round / 10000 | tostring | . + "0000" | .[:6]) \(.[1]) \(.[2])"')"
is "its columns are aligned" "$(sed '/^$/q' "$T/said" | awk '/ to / { print index($0, " to ") }' | sort -u | wc -l)" 1
is "--json prints JSON on a terminal" "$(on_terminal cc-score zeroshot --json --classes "$T/classes" "$T/clean" | head -1 | jq .n)" "$(zeroshot | jq .n)"
fails_with "--json, --table and --tsv cannot be combined" zeroshot --json --table
zeroshot >"$T/a.json"
is "cc-score summary: aligned on a terminal, tabs elsewhere" "$(on_terminal cc-score summary "$T/a.json" | tr -d '\r' | sed '$d' | tr -s ' ' '\t')" "$(cc-score summary "$T/a.json")"
printf 'test\trun\thits\tn\tcontrol_hits\tcontrol_n\na\t1\t40\t90\t30\t90\na\t2\t52\t90\t35\t90\n' >"$T/runs.tsv"
is "cc-score compare likewise" "$(on_terminal cc-score compare "$T/runs.tsv" | tr -d '\r' | sed '$d' | tr -s ' ' '\t')" "$(cc-score compare "$T/runs.tsv")"
fails_with "--table and --tsv cannot be combined" cc-score summary --table --tsv "$T/a.json"
write_tiny_config
cc-model init -q "$T/config.json" --vocab "$T/vocab.txt" -o "$T/model"
on_terminal cc-model info "$T/model" | tr -d '\r' >"$T/said"
is "cc-model info prints a table on a terminal" "$(sed '$d' "$T/said")" "$(cc-model info --table "$T/model")"
is "and JSON into a pipe or with --json" "$(cc-model info "$T/model" | jq .parameters.all) $(on_terminal cc-model info --json "$T/model" | tr -d '\r' | sed '$d' | jq .parameters.all)" "7069 7069"
fails_with "--json and --table cannot be combined" cc-model info --json --table "$T/model"
on_terminal cc-model tensor "$T/model" | tr -d '\r' | sed '$d' >"$T/said"
is "cc-model tensor: aligned columns on a terminal" "$(tr -s ' ' '\t' <"$T/said")" "$(cc-model tensor "$T/model")"

# Numbers
taken() { cc-shard read --take "$1" --seed "$1" tests/golden/images | cc-view | tee "$T/taken" | grep -c __key__; }
is "a leading zero does not mean octal" "$(taken 010) $(head -1 "$T/taken" | jq '.prog[0].seed')" "10 10"
is "0x means hexadecimal" "$(taken 0x10) $(head -1 "$T/taken" | jq '.prog[0].seed')" "16 16"
is "-h of a verb lists only its own options" \
	"$(for verb in clip cleanclip supervised unlearn removal; do cc-train $verb -h | grep -o -e '--\(init\|lambda2\|classes\|unlearn-target\|keys\|remove-share\) ' |
		sort -u | tr -d '\n-'; echo "$verb"; done)" \
	"$(printf '%s\n' 'init clip' 'init lambda2 cleanclip' 'classes supervised' 'init keys unlearntarget unlearn' 'init removeshare removal')"
is "details are only in the manual page" "$(cc-train clip -h | grep -c SBATCH) $(cc-train clip --man | grep -c SBATCH)" "0 1"

# Hints
fails_with "did you mean \`cc-shard read\`?" cc-shard raed
fails_with "did you mean --attack?" cc-poison --attak x
fails_with "--max-record: 5368709120 is out of range (64 to" cc-poison --max-record 5G
fails_with "--max is ambiguous: --max-bad, --max-record" cc-poison --max 1
fails_with "did you mean --size?" cc-augment -size 3
fails_with "--list takes no argument" cc-poison --list=3
cc-shard read tests/golden/npy >"$T/stream"
tar cf "$T/some.tar" -C tests/golden npy
fails_with "not a record stream; \`cc-shard read FILE | cc-augment\` reads a tar or a folder" cc-augment "$T/some.tar"
fails_with "-m takes it" cc-augment tests/golden/clip.safetensors
fails_with "an image, not a record stream" cc-poison -a yellow -t x --all "$(find tests/golden/images -name '*.png' | head -1)"
fails_with "JSON, not a record stream; " cc-view pipelines/models/tiny.json
on_terminal cc-augment >"$T/said"
ok "input from a terminal: usage and a hint" sh -c "grep -q 'Usage: cc-augment' '$T/said' && grep -q 'start with' '$T/said' && grep -q 'exit 2' '$T/said'"
on_terminal cc-view --provenance >"$T/said"
ok "--provenance does not wait for a terminal either" sh -c "grep -q 'standard input is a terminal' '$T/said' && grep -q 'exit 2' '$T/said'"
on_terminal sh -c "cc-view --full '$T/stream' >/dev/null; cc-augment '$T/stream'" >"$T/said"
ok "no binary output to a terminal" grep -q 'standard output is a terminal' "$T/said"
cc-shard read tests/golden/npy 2>"$T/said" | head -c 1 >/dev/null
is "a closed pipe: no message" "$(cat "$T/said")" ""

# Output files
for command in "cc-shard -h" "cc-shard --man" "cc-view sheet -h" "cc-train --version" "cc-model --version"; do
	fails_with "standard output: No space left on device" sh -c "$command >/dev/full"
done
fails_with "read: Bad file descriptor" sh -c "cc-shard digest <&-"
fails_with "write: Bad file descriptor" sh -c "cc-shard digest '$T/some.tar' >&-"
ok "with closed standard descriptors, output still goes to the right file" sh -c "cc-shard read -o '$T/whole' tests/golden/npy >&- 2>&- <&- && cmp '$T/whole' '$T/stream'"
python3 -c 'import pickle, sys; pickle.dump({"model": 1}, sys.stdout.buffer, 4)' >"$T/pickle"
printf '\211HDF\r\n\032\n some more' >"$T/hdf5"
fails_with "pickle: exists and is not a record stream; refusing to overwrite it" cc-shard read -o "$T/pickle" tests/golden/npy
fails_with "hdf5: exists and is not a record stream; refusing to overwrite it" cc-shard read -o "$T/hdf5" tests/golden/npy
ok "a stream and an empty file are overwritten" sh -c ": >'$T/nothing'; cc-shard read -o '$T/nothing' tests/golden/npy && cc-shard read -o '$T/nothing' tests/golden/npy"

read_npy() { cc-shard read tests/golden/npy "$@"; }
fails_with "/dev/full: write: No space left on device" read_npy -o /dev/full
read_npy -o /dev/stdout >"$T/through"
ok "-o /dev/stdout writes to standard output, a file included" cmp "$T/through" "$T/stream"
ok "and does not replace the device file" [ -L /dev/stdout ]
{ echo before && read_npy -o /dev/fd/3 3>&1; } >"$T/through"
ok "-o /dev/fd/N writes to that descriptor, at its position" sh -c "{ echo before; cat '$T/stream'; } | cmp - '$T/through'"
ln -s /dev/stdout "$T/link"
read_npy -o "$T/link" >"$T/through"
ok "and so does a link to it" sh -c "cmp '$T/through' '$T/stream' && [ -L '$T/link' ]"
mkdir "$T/there"
cp "$T/stream" "$T/there/old"
chmod 600 "$T/there/old"
ln -s there/old "$T/to-old"
ln -s there/new "$T/to-new"
ok "a link to a file stays a link" sh -c "
	cc-shard read tests/golden/npy -o '$T/to-old' && cc-shard read tests/golden/npy -o '$T/to-new' && [ -L '$T/to-old' ] && [ -L '$T/to-new' ]"
ok "its target is written" sh -c "cmp '$T/stream' '$T/there/old' && cmp '$T/stream' '$T/there/new'"
is "with its permissions unchanged" "$(stat -c %a "$T/there/old")" 600
if [ "$(id -u)" = 0 ] && chown 1234 "$T/there/old"; then
	read_npy -o "$T/there/old"
	is "and its owner, when root writes it" "$(stat -c %u:%a "$T/there/old")" 1234:600
else
	skip "and its owner" "only root gives files away"
fi
ln -s round "$T/round"
fails_with "round: Too many levels of symbolic links" read_npy -o "$T/round"
long=$(printf '%0255d' 7)
ok "a file name of the maximum length, twice" sh -c "
	cc-shard read tests/golden/npy -o '$T/there/$long' && cc-shard read tests/golden/npy -o '$T/there/$long' && cmp '$T/there/$long' '$T/stream'"
fails_with "File name too long" sh -c "head -c -5 '$T/stream' | cc-augment --max-bad 1 --size 4 -o '$T/there/x$long'" # found before any work is done
is "no other file is left" "$(find "$T/there" | wc -l)" 4
fails_with "same: two options name this output file" read_npy -o "$T/same" -MF "$T/there/../same"
ok "-o and -MF may both be /dev/null" read_npy -q -o /dev/null -MF /dev/null

# Number of threads: the main thread and those of -j or CC_JOBS.
threads() { # COMMAND...: its number of threads while it waits for the rest of its input
	rm -f "$T/fifo"
	mkfifo "$T/fifo"
	"$@" <"$T/fifo" >/dev/null 2>"$T/said" &
	python3 tests/tool/make_stream.py 20 >"$T/twenty"
	exec 8>"$T/fifo"
	head -c 5000 "$T/twenty" >&8
	for _ in $(seq 100); do
		found=$(find /proc/$!/task -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)
		[ "$found" -gt 1 ] && sleep .1 && found=$(find /proc/$!/task -mindepth 1 -maxdepth 1 | wc -l) && break
		sleep .02
	done
	exec 8>&-
	wait $!
	echo "$found"
}
is "CC_JOBS sets the number of threads" "$(CC_JOBS=5 threads cc-augment --size 8)" 6
is "-j overrides CC_JOBS" "$(CC_JOBS=5 threads cc-augment --size 8 -j 3)" 4
if command -v taskset >/dev/null; then
	is "the default is the number of CPUs it may use" "$(unset CC_JOBS; threads taskset -c 0 cc-augment --size 8)" 1
	is "an invalid CC_JOBS is ignored" "$(CC_JOBS=many threads taskset -c 0 cc-augment --size 8)" 1
fi

# The progress line appears only on a terminal, and nothing is coloured.
python3 tests/tool/make_stream.py 4000 >"$T/long"
on_terminal sh -c "{ head -c 100000 '$T/long'; sleep .5; tail -c +100001 '$T/long' | head -c 50000; sleep 2; tail -c +150001 '$T/long'; } | cc-augment --size 224 -j 1 -o '$T/o'" >"$T/said"
is "no time left is printed before it can be estimated" "$(tr '\r' '\n' <"$T/said" | grep -a 'of 4000' | head -1 | grep -c left)" 0
ok "the progress line: done, total, rate, time left" grep -qE 'cc-augment: [0-9]+ of 4000, [0-9]+/s, [0-9]+:[0-9]{2} left' "$T/said"
is "it is erased at the end" "$(tr '\r' '\n' <"$T/said" | grep -a "$(printf '\033')" | tail -1 | sed 's/exit 0//')" "$(printf '\033[K')"
on_terminal sh -c "cc-augment -q --size 224 -j 1 '$T/long' -o '$T/o'" >"$T/said"
is "no progress line with -q" "$(grep -c 'of 4000' "$T/said")" 0
on_terminal sh -c "cc-augment --size 224 -j 1 '$T/long' | cat >'$T/o'" >"$T/said"
is "nor in the middle of a pipe" "$(grep -c 'of 4000' "$T/said")" 0
cc-augment --size 224 -j 1 "$T/long" -o "$T/o" 2>"$T/said"
is "nor into a file" "$(cat "$T/said")" ""
for command in "cc-shard read -h" "cc-view $T/stream" "cc-shard raed" "cc-shard stat $T/some.tar" "cc-poison --list" "cc-augment --size 224 -j 1 $T/long -o $T/o"; do
	NO_COLOR=1 on_terminal $command >"$T/said"
	(unset NO_COLOR; TERM=xterm-256color on_terminal $command >>"$T/said")
	is "no colour: ${command%% /*}" "$(LC_ALL=C grep -c "$(printf '\033')\\[[0-9;]*m" "$T/said")" 0
done
printf 'P6 1 1 255\nabc' >"$T/$(printf 'a\033[31mb').ppm"
tar cf "$T/steers.tar" -C "$T" "$(printf 'a\033[31mb').ppm"
on_terminal cc-shard keys "$T/steers.tar" >"$T/said"
is "control characters in keys are escaped on a terminal" "$(head -1 "$T/said" | tr -d '\r')" 'a\x1b[31mb'
is "and are written unchanged into a pipe" "$(cc-shard keys "$T/steers.tar" | od -An -tx1 | tr -d ' ')" 611b5b33316d620a

# Completion, as bash asks for it
. tools/cli/complete.bash
complete_line() { # WORD...: the last one is completed
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	_cleanclip
	echo "${COMPREPLY[*]}"
}
is "verbs" "$(complete_line cc-shard ve)" verify
is "options of a verb" "$(complete_line cc-shard read --epo)" --epochs
is "but not those of other verbs" "$(complete_line cc-train clip --la)" ""
is "options of a program" "$(complete_line cc-augment --res)" --resize
is "values" "$(complete_line cc-augment --resize bi)" "bicubic bilinear"
is "names of attacks and policies" "$(complete_line cc-poison --attack bl) $(complete_line cc-augment --image rr) $(complete_line cc-augment --text e)" "blended blended-stripes rrc eda"
is "other values" "$(complete_line cc-poison -c k) $(complete_line cc-poison --encode r) $(complete_line cc-train clip --freeze lo)" "keep raw logit_scale"
is "values after =" "$(complete_line cc-augment --resize = bo)" box
is "verbs of cc-view" "$(complete_line cc-view sh)" sheet
is "verbs after help" "$(complete_line cc-shard help ve)" verify
is "parameters of an attack" "$(complete_line cc-poison --attack blended :)" "alpha= pattern="
is "the next parameter of an attack" "$(complete_line cc-poison --attack blended : alpha = .2,p)" ".2,pattern="
is "named values of a parameter" "$(complete_line cc-poison -a badnet : place = top-l)" top-left
is "parameters that take a file or a text" "$(complete_line cc-poison -a patch : fi)" file=
is "parameters of a policy" "$(complete_line cc-augment --image strong : o)" ops=
is "parameters of the second policy" "$(complete_line cc-augment --image autoaugment+strong : o)" ops=
is "parameters of a caption policy" "$(complete_line cc-augment --text eda : p)" "$(cc-augment --list --json | jq -r '.text[] | select(.name == "eda") | .numbers[].name | select(startswith("p")) + "="' | tr '\n' ' ' | sed 's/ $//')"
is "after --attack=" "$(complete_line cc-poison --attack = blended : a)" alpha=
# Other shells do not split words at : and =.
is "completion of a whole word" "$(cc-poison --complete --attack blended:alpha=.2,) $(cc-poison --complete --attack=blended:a)" "blended:alpha=.2,alpha=
blended:alpha=.2,pattern= --attack=blended:alpha="
if command -v zsh >/dev/null; then
	is "zsh" "$(zsh -fc 'compadd() { [ "$1" = -a ] && print -r -- ${(P)2}; [ "$1" = -S ] && print -r -- ${(P)4}; true; }; _files() { echo FILES; }
		_cleanclip() { . tools/cli/complete.zsh; }; words=(cc-poison --attack blended:) CURRENT=3; _cleanclip
		words=(cc-shard ve) CURRENT=2; _cleanclip; words=(cc-shard read x) CURRENT=3; _cleanclip' | grep . | tr '\n' ' ')" "blended:alpha= blended:pattern= verify FILES "
else
	skip "zsh" "no zsh"
fi
if command -v fish >/dev/null; then
	is "fish" "$(cd "$T" && HOME=$T fish -c "source $OLDPWD/tools/cli/complete.fish; complete -C 'cc-poison --attack blended:'; complete -C 'cc-shard ve'; complete -C 'cc-shard read som'" | tr '\n' ' ')" "blended:alpha= blended:pattern= verify some.tar "
else
	skip "fish" "no fish"
fi
is "files" "$(cd "$T" && complete_line cc-shard read som)" some.tar

# Scripts: the comment at the head is the help text
is "-h of each script prints its head and does nothing else" "$(for script in pipelines/*.sh pipelines/manual/*.sh pipelines/paper/*.sh pipelines/plots/*.sh; do
	[ $script = pipelines/common.sh ] && continue
	(cd "$T" && OUT=$T/nowhere timeout 10 "$OLDPWD/$script" -h >"$T/help" 2>"$T/said") && [ -s "$T/help" ] && [ ! -s "$T/said" ] && [ ! -e "$T/nowhere" ] || echo "$script"
	grep -q '^#\|set -eu' "$T/help" && echo "$script: more than its head"
done)" ""
is "a missing argument is wrong usage" "$(for script in demo-data install table pick download overview; do pipelines/$script.sh >"$T/help" 2>"$T/said" || echo $? "$(head -1 "$T/said" | cut -d ' ' -f 1)"; done)" \
	"$(printf '2 %s.sh\n' demo-data install table pick download overview | sed 's/:$//')"
ok "make help lists the targets" sh -c "make -s help | grep -q '^make demo' && make -s -C pipelines help | grep -q 'make -C pipelines paper'"

# Installed
if [ -e build/bin/cc-shard ]; then
	env -u MAKEFLAGS make -s install DESTDIR="$T/root" PREFIX=/usr B=build >/dev/null 2>"$T/said"
	is "make install" "$? $(cat "$T/said")" "0 "
	ok "an installed program runs" "$T/root/usr/bin/cc-view" "$T/stream"
	ok "manual pages are installed" ls "$T/root/usr/share/man/man1/cc-shard-read.1" "$T/root/usr/share/man/man7/cleanclip.7"
	ok "so are completion, manual and models" sh -c "cd '$T/root/usr/share' && ls bash-completion/completions/cc-train zsh/site-functions/_cleanclip fish/vendor_completions.d/cc-train.fish cleanclip/manual/reference.md cleanclip/manual/tutorial.md cleanclip/models/RN50.json"
	is "pipelines find the programs in PATH" "$(PATH=$T/root/usr/bin:$PATH make -n -f "$T/root/usr/share/cleanclip/cc3m.mk" BUILD="$T/cc3m" 2>/dev/null | grep -o '/[^ ]*/cc-[a-z]*' | sort -u | head -2)" \
		"$(printf '%s\n' "$T/root/usr/bin/cc-augment" "$T/root/usr/bin/cc-embed")"
	is "or in the folder given by BIN" "$(make -n -f "$T/root/usr/share/cleanclip/cc3m.mk" BIN=/else/where BUILD="$T/cc3m" 2>/dev/null | grep -o '/[^ ]*/cc-[a-z]*' | sort -u | head -1)" /else/where/cc-augment
	env -u MAKEFLAGS make -s uninstall DESTDIR="$T/root" PREFIX=/usr
	is "make uninstall leaves nothing" "$(find "$T/root" -type f)" ""
else
	skip "make install" "no plain build"
fi
if git rev-parse HEAD >/dev/null 2>&1; then
	tarball=$(env -u MAKEFLAGS make -s dist)
	is "the source tarball has sources, tests and licence, and no built files" "$(tar tzf "$tarball" | sed 's#^cleanclip-[0-9.]*/##' |
		grep -cx 'Makefile\|LICENSE\|tools/cc-shard.c\|tests/check.sh\|pipelines/manual/reference.md\|build/.*')" 5
else
	skip "the source tarball" "no git here"
fi
done_testing
