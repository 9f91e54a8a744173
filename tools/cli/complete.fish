# fish completion: each program prints its own verbs, options and values.
function __cleanclip_complete
	set -l words (commandline -opc) (commandline -ct)
	set -l candidates (command $words[1] --complete $words[2..-1] 2>/dev/null)
	set -l code $status
	string join \n -- $candidates
	test $code -ne 1; or __fish_complete_path (commandline -ct)
end
for tool in cc-shard cc-poison cc-augment cc-embed cc-train cc-score cc-view cc-model
	complete -c $tool -f -a '(__cleanclip_complete)'
end
