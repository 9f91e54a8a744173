# scores.jsonl: all scores of a data set in one file, one JSON object per line.  What many scores share is stored once and referenced by number.
#
#	{ chain: 3, prog: [..] }                       a pipe as headers record it: programs and their arguments
#	{ protocol: 2, metric, settings, classes, .., prog: 3 }   a score whose numbers are null; each prog is the number of a chain
#	{ checkpoint: DIGEST, cc, data, prog: 4 }      a model that other models were trained from
#	{ result: RUN, seed, attack, poisons, pretrain, method, lr, lambda2, clean, epochs }   a run's settings (see runs.jq); from RUN.run.json
#	{ result, on: "clean", protocol: 2, model, vectors, metrics, intervals, counts, .. }   the numbers of one of its scores; from RUN.jsonl
#	{ result, curve: [names], rows: [[..], ..] }   some steps of its training; from RUN.curve
#	{ result, seconds }                            duration of its training; from RUN.seconds
#
# Instead of "on", a line has "measure" if it is from RUN.measures.json, "trigger" and "after" if from triggers/TRIGGER.jsonl, and "score" if from
# another RUN.SCORE.json.  { the: "model" } or { the: "vectors" } in a chain or protocol stands for that digest in the score's own line.
def numbers: ["value", "interval", "n", "numerator", "denominator", "metrics", "intervals", "counts", "model", "data", "file"];
def names: ["result", "trigger", "on", "measure", "after", "score"];

# The headline number of a score is one of its metrics; it is not stored twice.
def headline: if .metric == "zeroshot" then "acc1" else .metric end;
def is_headline: headline as $m | .metrics[$m]? as $value | $value != null and .value == $value
	and (has("intervals") and .interval == .intervals[$m]) and .numerator == .counts[$m][0] and .denominator == .counts[$m][1];
def add_headline: headline as $m | .value = .metrics[$m] | .interval = .intervals[$m]
	| .numerator = .counts[$m][0] | .denominator = .counts[$m][1];

def file_name:
	if .method then "\(.result).run.json" elif .trigger then "triggers/\(.trigger).jsonl" elif .on then "\(.result).jsonl" elif .measure then "\(.result).measures.json"
	elif .curve then "\(.result).curve" elif .seconds then "\(.result).seconds" elif .score then "\(.result).\(.score).json" else empty end;
# Names become file names and words of make, so only these characters are allowed.
def safe_name: if type == "string" and test("^[A-Za-z0-9_][A-Za-z0-9._+-]*(/[A-Za-z0-9_][A-Za-z0-9._+-]*)*$") then . else error("'\(.)' is not a valid name of a result") end;

# The lines of a file as { chains, protocols, checkpoints, results }
def read_scores(lines): reduce lines as $line ({ chains: [], protocols: [], checkpoints: {}, results: [] };
	if $line.chain != null then .chains[$line.chain] = $line.prog
	elif $line.protocol != null and ($line | has("result") or has("trigger") | not) then .protocols[$line.protocol] = ($line | del(.protocol))
	elif $line.checkpoint then .checkpoints[$line.checkpoint] = ($line | del(.checkpoint))
	else .results += [$line] end);

# Settings by the name of the run, from lines { run, .. } of runs.jq or { result, .. } of scores.jsonl
def by_run(lines): [lines | { key: (.run // .result), value: del(.run, .result, .experiments) }] | from_entries;

# ---- unpacking: a score as cc-score wrote it
def with_chains($chains; $the):
	if type == "array" then map(with_chains($chains; $the))
	elif type != "object" then .
	elif .the | type == "string" then $the[.the]
	else (if .prog | type == "number" then .prog = $chains[.prog] else . end) | map_values(with_chains($chains; $the)) end;
def restored($all): . as $line | $all.protocols[.protocol] // error("protocol \(.protocol) of \(file_name) is missing")
	| with_chains($all.chains; $line)
	| . as $protocol | reduce numbers[] as $key (.; if $line | has($key) then .[$key] = $line[$key] else . end)
	| if $line | has("metrics") and (has("value") | not) then add_headline else . end
	| if .kind == "checkpoint" and .model != null then .model = ({ digest: $line.model }
		+ ($all.checkpoints[$line.model] // error("checkpoint \($line.model) is missing") | with_chains($all.chains; {}))) else . end;

# ---- packing: $state is what read_scores returns, and its "numbers" map the text of a chain or protocol to its number
def number_of($list; $text): .numbers[$list][$text];
def add_to($list; $it): ($it | tojson) as $text
	| if .numbers[$list][$text] != null then . else .numbers[$list][$text] = (.[$list] | length) | .[$list] += [$it] end;
def templated($the): if type == "string" then . as $text | ($the | to_entries | map(select(.value == $text))[0].key) as $key | if $key then { the: $key } else . end
	elif type == "array" or type == "object" then map_values(templated($the)) else . end;
# { state, it }: replaces each prog in "it" by the number of its chain
def share_chains: if .it | type != "object" then . else
	reduce (.it | to_entries[] | select(.key == "prog" or (.value | type == "object")).key) as $key (.;
		if $key == "prog" then .it.prog as $prog | .state |= add_to("chains"; $prog) | .it.prog = .state.numbers.chains[$prog | tojson]
		else .it[$key] as $part | .it as $whole | .it = $part | share_chains | .it as $shared | .it = ($whole | .[$key] = $shared) end) end;
# Adds a score to the state; $entry names the score, and $entry.of is its content.
def packed($entry): .  as $state | $entry.of as $score
	| ($score | { model: (if .model | type == "object" then .model.digest else .model end), vectors: (.classes.vectors? // null) }
		| with_entries(select(.value | type == "string"))) as $the
	| (if $score.model | type == "object" then
		{ $state, it: ($score.model | del(.digest)) } | share_chains | .it as $it | .state.checkpoints[$score.model.digest] = $it | .state else $state end)
	| { state: ., it: (($score | reduce numbers[] as $key (.; if has($key) then .[$key] = null else . end)) | templated($the)) } | share_chains
	| .it as $protocol | .state |= add_to("protocols"; $protocol)
	| .state.numbers.protocols[$protocol | tojson] as $number
	| .state.results += [($entry | del(.of)) + { protocol: $number } + $the
		+ ($score | . as $whole | if has("metrics") and is_headline then del(.value, .interval, .numerator, .denominator) else . end
			| with_entries(select(.key as $key | $key != "model" and (numbers | index($key)))))]
	| .state;
