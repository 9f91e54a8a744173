#!/bin/sh
# The defaults of each recipe: a run without options and the help agree with tests/golden/recipe_defaults.txt.
. "$(dirname "$0")/lib.sh"

write_tiny_config
python3 tests/tool/train_stream.py 300 epochs=2 aug poison=1,4,7,10 >"$T/in"
cc-train clip -q --init "$T/config.json" --vocab "$T/vocab.txt" --batch 50 --steps 5 -o "$T/model" "$T/in" >/dev/null
run() { # RECIPE OUTPUT OPTION...: the model, the head, and the metrics with the learning rates
	recipe=$1 out=$2
	shift 2
	cc-train "$recipe" -q -m "$T/model" "$@" -o "$T/$out" "$T/in" >"$T/$out.jsonl" 2>"$T/said"
	cc-model info --json "$T/$out" | jq -r .digest
	cat "$T/$out.jsonl"
}
grep -v '^#' tests/golden/recipe_defaults.txt >"$T/defaults"
is "every recipe is listed" "$(cut -d ' ' -f 1 "$T/defaults" | tr '\n' ' ')" "$(cc-train --complete '' | grep -v '^-' | tr '\n' ' ')"
while read -r recipe options; do
	# shellcheck disable=SC2086
	is "$recipe: without options it equals a run with $options" "$(run "$recipe" plain)" "$(run "$recipe" given $options)"
	rate=$(echo "$options" | sed 's/.*--lr \([^ ]*\).*/\1/')
	is "$recipe: the learning rate reaches its peak" "$(jq -s --argjson rate "$rate" '(map(.lr) | max) / $rate * 1e6 | round' "$T/plain.jsonl")" 1000000
	help=$(cc-train "$recipe" -h | tr -s ' \n' '  ')
	missing=
	while read -r name value; do
		[ "$name" = remove-share ] && value=2%
		case $help in *"--$name "*"(default $value"[\),\;]*) ;; *) missing="$missing $name" ;; esac
	done <<END
$(echo " $options" | sed 's/ --/\n/g' | tail -n +2)
END
	is "$recipe: the help prints its defaults" "$missing" ""
	ok "$recipe: ten times the learning rate gives another model" [ "$(run "$recipe" other --lr "$(echo "$rate" | awk '{ print 10 * $1 }')")" != "$(run "$recipe" plain)" ]
done <"$T/defaults"
done_testing
