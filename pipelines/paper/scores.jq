# scores.jsonl: every score of a data set in one file, a JSON object a line.  What many scores share is stored once and referenced by number.
#
#	{ chain: 3, prog: [..] }                       a pipe as headers record it: programs and their arguments
#	{ protocol: 2, metric, settings, classes, .., prog: 3 }   a score without its numbers, which are null here; each prog is the number of a chain
#	{ checkpoint: DIGEST, cc, data, prog: 4 }      a model that others were made from
#	{ result: "ATTACK/SEED/STATE", on: "clean", protocol: 2, model, vectors, metrics, intervals, counts, .. }   the numbers
#	{ result, curve: [names], rows: [[..], ..] }   some steps of its training
#	{ result, seconds }                            how long that took
#
# Instead of "on": measure, of STATE.measures.json; trigger and after, of triggers/TRIGGER.jsonl; score, of another STATE.SCORE.json.
# Where a chain or protocol has { the: "model" } or { the: "vectors" }, each score has that digest of its own.
def numbers: ["value", "interval", "n", "numerator", "denominator", "metrics", "intervals", "counts", "model", "data", "file"];
def names: ["result", "trigger", "on", "measure", "after", "score"];

# The headline number of a score is one of its metrics, and not stored twice.
def headline: if .metric == "zeroshot" then "acc1" else .metric end;
def is_headline: headline as $m | .metrics[$m]? as $value | $value != null and .value == $value
	and (has("intervals") and .interval == .intervals[$m]) and .numerator == .counts[$m][0] and .denominator == .counts[$m][1];
def add_headline: headline as $m | .value = .metrics[$m] | .interval = .intervals[$m]
	| .numerator = .counts[$m][0] | .denominator = .counts[$m][1];

def file_name:
	if .trigger then "triggers/\(.trigger).jsonl" elif .on then "\(.result).jsonl" elif .measure then "\(.result).measures.json"
	elif .curve then "\(.result).curve" elif .seconds then "\(.result).seconds" elif .score then "\(.result).\(.score).json" else empty end;
# Names become files and words of make: these and no others.
def safe_name: if type == "string" and test("^[A-Za-z0-9_][A-Za-z0-9._+-]*(/[A-Za-z0-9_][A-Za-z0-9._+-]*)*$") then . else error("'\(.)' is not a name of a score") end;

# { chains, protocols, checkpoints, results }, of the lines of a file
def read_scores(lines): reduce lines as $line ({ chains: [], protocols: [], checkpoints: {}, results: [] };
	if $line.chain != null then .chains[$line.chain] = $line.prog
	elif $line.protocol != null and ($line | has("result") or has("trigger") | not) then .protocols[$line.protocol] = ($line | del(.protocol))
	elif $line.checkpoint then .checkpoints[$line.checkpoint] = ($line | del(.checkpoint))
	else .results += [$line] end);

# ---- a score as it was
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

# ---- a score in parts: $state is that of read_scores, and numbers are those of its chains and protocols by text
def number_of($list; $text): .numbers[$list][$text];
def add_to($list; $it): ($it | tojson) as $text
	| if .numbers[$list][$text] != null then . else .numbers[$list][$text] = (.[$list] | length) | .[$list] += [$it] end;
def templated($the): if type == "string" then . as $text | ($the | to_entries | map(select(.value == $text))[0].key) as $key | if $key then { the: $key } else . end
	elif type == "array" or type == "object" then map_values(templated($the)) else . end;
# { state, it }: it with the number of a chain for each prog
def share_chains: if .it | type != "object" then . else
	reduce (.it | to_entries[] | select(.key == "prog" or (.value | type == "object")).key) as $key (.;
		if $key == "prog" then .it.prog as $prog | .state |= add_to("chains"; $prog) | .it.prog = .state.numbers.chains[$prog | tojson]
		else .it[$key] as $part | .it as $whole | .it = $part | share_chains | .it as $shared | .it = ($whole | .[$key] = $shared) end) end;
# . is a state, $entry one of names, and of: the score
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
