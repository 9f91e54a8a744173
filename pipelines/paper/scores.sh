#!/bin/sh
# scores.sh pack FILE FOLDER: add the settings, scores, curves and times under FOLDER to FILE (scores.jsonl, described in scores.jq), then remove them
# scores.sh unpack FILE FOLDER: write them as files under FOLDER again
# scores.sh list FILE: print the names of these files
set -eu
. "$(dirname "$0")/../common.sh"
usage 2 "$@"
wrong_usage() {
	script_head >&2
	exit 2
}
command=$1 file=$2 folder=${3:-}
here=$(cd "$(dirname "$0")" && pwd)
case $file in /*) ;; *) file=./$file ;; esac
case $folder in '' | /*) ;; *) folder=./$folder ;; esac

unpack() { # FILE FOLDER
	jq -nr -L "$here" -f "$here/unpack.jq" "$1" >"$work/lines"
	mkdir -p "$2"
	cut -f 1 "$work/lines" | sed -n 's|/[^/]*$||p' | sort -u | (cd "$2" && xargs -r -d '\n' mkdir -p --)
	(cd "$2" && awk '{ name = $0; sub(/\t.*/, "", name); if (name != last) { if (last) close(last); if (!(name in seen)) printf "" >name; close(name); seen[name]; last = name }
		print substr($0, length(name) + 2) >>name }' "$work/lines")
}

# Prints an entry per line for every file under the current folder.
entries() {
	find . -type f ! -name '*.new' | sed 's|^\./||' | LC_ALL=C sort >"$work/files"
	grep '^triggers/[^/]*\.jsonl$' "$work/files" | xargs -r -d '\n' jq -c '{ trigger: (input_filename | sub("^triggers/"; "") | sub("[.]jsonl$"; "")), after, of: del(.after) }'
	grep '\.jsonl$' "$work/files" | grep -v '^triggers/' | xargs -r -d '\n' jq -c '{ result: (input_filename | sub("[.]jsonl$"; "")), on, of: del(.on) }'
	grep '\.measures\.json$' "$work/files" | xargs -r -d '\n' jq -c '{ result: (input_filename | sub("[.]measures[.]json$"; "")) } + (to_entries[] | { measure: .key, of: .value })'
	grep '\.run\.json$' "$work/files" | xargs -r -d '\n' jq -c '{ result: (input_filename | sub("[.]run[.]json$"; "")) } + .'
	grep '\.json$' "$work/files" | grep -v '\.measures\.json$\|\.run\.json$' | xargs -r -d '\n' jq -c '(input_filename | capture("^(?<result>.*)[.](?<score>[^./]*)[.]json$")) + { of: . }'
	# Successive lines with the same fields are one entry.  An incomplete line, left by a killed training, is skipped.
	grep '\.curve$' "$work/files" | while IFS= read -r curve; do
		jq -Rn -c --arg result "${curve%.curve}" '[inputs | fromjson? | select(type == "object")]
			| reduce .[] as $line ([]; ($line | keys_unsorted) as $names
				| if .[-1].curve != $names then . + [{ $result, curve: $names, rows: [] }] else . end
				| .[-1].rows += [[$line[]]])
			| .[]' "$curve" || exit
	done
	grep '\.seconds$' "$work/files" | xargs -r -d '\n' jq -c '{ result: (input_filename | sub("[.]seconds$"; "")), seconds: . }'
}

work=$(cd "$(mktemp -d)" && pwd)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
case $command in
pack)
	[ $# = 3 ] || wrong_usage
	[ -d "$folder" ] || exit 0
	mkdir -p "$(dirname "$file")"
	file=$(cd "$(dirname "$file")" && pwd)/${file##*/}
	exec 9<"$(dirname "$file")"
	flock 9
	trap 'rm -rf "$work" "$file.new"' EXIT
	cd "$folder"
	entries >"$work/new"
	[ -s "$work/new" ] || exit 0
	old=$file
	[ -e "$file" ] || old=/dev/null
	jq -nc -L "$here" --slurpfile old "$old" -f "$here/pack.jq" "$work/new" >"$file.new"
	# Remove only what the new file gives back.
	unpack "$file.new" "$work/again"
	grep '\.jsonl*$' "$work/files" >"$work/scores" || true
	xargs -r -d '\n' jq -c . <"$work/scores" >"$work/before"
	(cd "$work/again" && xargs -r -d '\n' jq -c .) <"$work/scores" >"$work/after"
	cmp -s "$work/before" "$work/after" || {
		echo "scores.sh: $file.new does not give back the scores in $folder" >&2
		exit 1
	}
	mv "$file.new" "$file"
	# Files of other kinds are kept.
	(cd "$work/again" && find . -type f) | sed 's|^\./||' | LC_ALL=C sort >"$work/packed"
	LC_ALL=C comm -12 "$work/files" "$work/packed" | xargs -r -d '\n' rm -f --
	;;
unpack)
	[ $# = 3 ] || wrong_usage
	unpack "$file" "$folder"
	exit
	;;
list)
	[ $# = 2 ] || wrong_usage
	exec jq -nr -L "$here" 'include "scores"; inputs | file_name | safe_name' "$file"
	;;
*) wrong_usage ;;
esac
