# jq -nr -L . -f unpack.jq scores.jsonl: prints each line of the packed files, after the file's name and a tab
include "scores";
read_scores(inputs) as $all
| ($all.results[] | (.result // .trigger | safe_name) as $_ | (.score // "json" | safe_name) as $_ | .
	| if .rows then file_name as $file | .curve as $names | .rows[] | "\($file)\t\([$names, .] | transpose | map({ key: .[0], value: .[1] }) | from_entries | tojson)"
	elif .seconds then "\(file_name)\t\(.seconds)"
	elif .measure then empty
	elif .method then "\(file_name)\t\(del(.result) | tojson)"
	else "\(file_name)\t\((with_entries(select(.key == "on" or .key == "after"))) + restored($all) | tojson)" end),
(reduce ($all.results[] | select(.measure)) as $line ({}; .[$line | file_name] += { ($line.measure): ($line | restored($all)) })
	| to_entries[] | "\(.key)\t\(.value | tojson)")
