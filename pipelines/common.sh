# Functions that the scripts here share; include with `. "$(dirname "$0")/common.sh"`.
unset CDPATH # cd prints nothing

# Prints the comment at the top of the script.
script_head() {
	sed -n '1d; /^#/!q; s/^# \{0,1\}//p' "$0"
}

# LEAST ARGUMENT...: prints the usage for -h, and on standard error, with exit status 2, for fewer than LEAST arguments.
usage() {
	least=$1
	shift
	case ${1:-} in
	-h | --help)
		script_head
		exit 0
		;;
	esac
	[ $# -ge "$least" ] && return
	script_head >&2
	exit 2
}

# Sets BIN, the folder of the programs, unless it is set.  The default is the source tree's, else the one in PATH.
find_programs() {
	[ -z "${BIN:-}" ] || return 0
	BIN=$(dirname "$0")/../build/bin
	[ -x "$BIN/cc-shard" ] || ! command -v cc-shard >/dev/null || BIN=$(dirname "$(command -v cc-shard)")
	BIN=$(cd "$BIN" 2>/dev/null && pwd) || {
		echo "${0##*/}: cc-shard not found: add its folder to PATH, or set BIN=FOLDER" >&2
		exit 1
	}
}
