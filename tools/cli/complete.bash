# Completion for bash: the programs know their verbs, options and values themselves.
_cleanclip()
{
	local tool=${COMP_WORDS[0]}
	local -a words=("${COMP_WORDS[@]:1:COMP_CWORD}")
	local candidates

	if [[ ${#words[@]} -gt 1 && ${words[0]} != -* ]]; then # a verb comes first
		candidates=$("$tool" "${words[0]}" --complete "${words[@]:1}" 2>/dev/null)
	else
		candidates=$("$tool" --complete "${words[@]}" 2>/dev/null)
	fi
	local status=$?
	mapfile -t COMPREPLY <<<"$candidates"
	[[ -n $candidates ]] || COMPREPLY=()
	if [[ $status -eq 1 ]]; then
		compopt -o filenames 2>/dev/null
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]/#=/}")
	fi
}
complete -F _cleanclip cc-shard cc-poison cc-augment cc-embed cc-train cc-score cc-view cc-model
