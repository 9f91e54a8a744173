# TAP for the shell, to be read in by `. "$(dirname "$0")/lib.sh"`: the functions below, an empty folder $T that is removed
# at the end, and the top of the tree as the place where the test begins.
set -u
cd "$(dirname "$0")/../.." || exit 1
count=0
failed=0
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
trap 'exit 1' HUP INT TERM

# What a command said, which may be binary: as comments, whole lines.
show_output() {
	{ cat "$T/.out" && echo; } | LC_ALL=C tr -c '[:print:]\n' '?' | cut -c 1-500 | sed 's/^/# /'
}

# NAME COMMAND...: the command succeeds.
ok() {
	name=$1
	shift
	count=$((count + 1))
	if "$@" >"$T/.out" 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		show_output
		failed=$((failed + 1))
	fi
}

# NAME GOT WANTED
is() {
	count=$((count + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		printf 'got:    %s\nwanted: %s\n' "$2" "$3" | sed 's/^/# /'
		failed=$((failed + 1))
	fi
}

# TEXT COMMAND...: the command fails by itself (not by a signal) and what it says holds TEXT.
fails_with() {
	text=$1
	shift
	status=0
	"$@" >"$T/.out" 2>&1 || status=$?
	count=$((count + 1))
	if [ "$status" -ge 1 ] && [ "$status" -lt 126 ] && grep -qF -e "$text" "$T/.out"; then
		echo "ok $count - fails: $text"
	else
		echo "not ok $count - fails: $text"
		echo "# exit $status: $*"
		show_output
		failed=$((failed + 1))
	fi
}

# NAME REASON
skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# A whole test that cannot run here.
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

done_testing() {
	echo "1..$count"
	exit $((failed > 0))
}
