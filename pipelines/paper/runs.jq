# jq -nRc --arg set NAME --arg format json -f runs.jq experiments.tsv --args WORD=VALUE...: the runs of a data set, one object each:
#	{ run, experiments, seed, attack, poisons, pretrain, method, lr, lambda2, clean, epochs, .. }
#
# A line of experiments.tsv stands for every combination of the values in its cells.  A word that begins with a capital letter is a
# setting of the data set (a variable of make), any other word a value, and "-" the default: the cell of the method's "default" line.
# A new column is a new setting.  Columns before "method" belong to the poisoned model, those after it to the cleaned one.
#	seed		of initialisation, order and views
#	attack		NAME of ATTACK.NAME, or "none": trained without poison
#	poisons		number of poisoned pairs
#	pretrain	"none" (CLIP's loss alone), or what is added: "ss" (the self-supervised loss), "removal" (progressive removal)
#	method		"poisoned", the model before it is cleaned, or NAME of TRAIN.NAME and VIEWS.NAME
#	clean		number of clean pairs, or "foreign" or "labelled": pairs of another kind
#
# "run" is the path of the run's files: ATTACK/SEED/METHOD, with the learning rate and each setting that is not the default.
# Nothing reads settings back from that path.
def settings_of($line): $line | del(.experiment, .set) | with_entries(select(.value != "-"));
def values($words): split(" ")[] | if test("^[A-Z]") then . as $word | $words[$word] // error("experiments.tsv: \($word) is not a setting") | split(" ")[] else . end;
def combinations($words): reduce to_entries[] as $cell ([{}]; [.[] as $run | ($cell.value | values($words)) as $value | $run + { ($cell.key): $value }]) | .[];
def named($run; $default; $columns): [$columns[] as $column | $run[$column] | select(. != null)
	| select(. != $default[$column] or ($column == "lr" and $run.method != "poisoned")) | "_\({ poisons: "n" }[$column] // $column)_\(.)"] | add // "";

($ARGS.positional | map(capture("^(?<key>[^=]*)=(?<value>.*)$"; "s")) | from_entries | map_values(gsub("^ +| +$"; "") | gsub(" +"; " "))) as $words
| [inputs | split("\t")] as $table | $table[0] as $columns | ($columns | index("method")) as $method
| [$table[1:][] | [$columns, .] | transpose | map({ key: .[0], value: (.[1] // "-") }) | from_entries | select(.set == "-" or .set == $set)] as $lines
| ([$lines[] | select(.experiment == "default") | settings_of(.) | map_values(first(values($words)))] | map({ key: .method, value: . }) | from_entries) as $defaults
| [$lines[] | select(.experiment != "default") | .experiment as $experiment | settings_of(.) | combinations($words)
	| ($defaults[.method] // error("experiments.tsv: the method \(.method) has no default line")) as $default | ($default + .) as $run
	| "\(.attack)\(named($run; $default; $columns[4:$method]))" as $folder
	| { run: "\($folder)/\(.seed)/\(.method)\(named($run; $default; $columns[$method + 1:]))", $folder, $experiment } + $run
	| if .attack == "none" then .poisons = "0" else . end]
| group_by(.run)
| if $format == "make" then ($columns[2:][] | "COLUMNS+=\(.)"), (.[]
		| (.[] | "\(.experiment)+=\(.run)"),
		  (.[0] | .run as $run | .folder as $folder | (to_entries[] | "\(.key).\($run):=\(.value)"), ({ attack, poisons, pretrain } | to_entries[] | "\(.key).\($folder):=\(.value)")))
  else .[] | .[0] as $run | reduce $columns[2:][] as $column ({ run: $run.run, experiments: map(.experiment) };
		if $run[$column] then .[$column] = $run[$column] else . end) end
