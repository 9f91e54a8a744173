# jq -nc -L . --slurpfile old scores.jsonl -f pack.jq: the lines of a new scores.jsonl.  The input are entries { result, on, of: SCORE }, or of the
# other kinds that scores.jq lists; lines of $old are kept unless they are from the same files.
include "scores";
[inputs | (.result // .trigger | safe_name) as $_ | .] as $new
| ([$new[] | { key: (file_name), value: true }] | from_entries) as $replaced
| read_scores($old[])
| .results |= map(select($replaced[file_name] | not))
| .numbers = { chains: (.chains | to_entries | map({ key: (.value | tojson), value: .key }) | from_entries),
	protocols: (.protocols | to_entries | map({ key: (.value | tojson), value: .key }) | from_entries) }
| reduce $new[] as $entry (.; if $entry.of then packed($entry) else .results += [$entry] end)
| (.chains | to_entries[] | { chain: .key, prog: .value }), (.protocols | to_entries[] | { protocol: .key } + .value),
	(.checkpoints | to_entries | sort_by(.key)[] | { checkpoint: .key } + .value),
	(.results | map([[(.result // ""), (.trigger // ""), file_name], .]) | sort_by(.[0])[][1])
