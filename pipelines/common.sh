# What the scripts here share: read in by `. "$(dirname "$0")/common.sh"`.
unset CDPATH # cd prints nothing

# The comment at the top of the script.
script_head() {
	sed -n '1d; /^#/!q; s/^# \{0,1\}//p' "$0"
}

# LEAST ARGUMENT...: -h shows how the script is used; so do fewer than LEAST arguments, which is wrong usage.
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

# Sets BIN, where the programs are, unless it is set: in the source tree, or where PATH has them.
find_programs() {
	[ -z "${BIN:-}" ] || return 0
	BIN=$(dirname "$0")/../build/bin
	[ -x "$BIN/cc-shard" ] || ! command -v cc-shard >/dev/null || BIN=$(dirname "$(command -v cc-shard)")
	BIN=$(cd "$BIN" 2>/dev/null && pwd) || {
		echo "${0##*/}: cc-shard is not found: put its folder into PATH, or name it by BIN=FOLDER" >&2
		exit 1
	}
}
