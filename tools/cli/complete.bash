# bash completion: each program prints its own verbs, options and values.
_cleanclip()
{
	local candidates status
	candidates=$("${COMP_WORDS[0]}" --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
	status=$?
	COMPREPLY=()
	[[ -z $candidates ]] || mapfile -t COMPREPLY <<<"$candidates"
	if [[ $candidates == *= ]]; then # the value follows
		compopt -o nospace 2>/dev/null
	fi
	if [[ $status -eq 1 ]]; then
		compopt -o filenames 2>/dev/null
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]/#=/}")
	fi
}
complete -F _cleanclip cc-shard cc-poison cc-augment cc-embed cc-train cc-score cc-view cc-model
