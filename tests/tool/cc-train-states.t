#!/bin/sh
# Each recipe saves its state, and --resume continues with the next step.  Comparing the final models is not enough: a run that starts
# over gives the same model.
. "$(dirname "$0")/lib.sh"

write_tiny_config
python3 tests/tool/train_stream.py 24 epochs=3 aug poison=1,4,7,10 >"$T/in"
cc-train clip -q --init "$T/config.json" --vocab "$T/vocab.txt" --batch 4 --lr 1e-2 --steps 5 -o "$T/model" "$T/in" >/dev/null
begin="-m $T/model"
size=$(wc -c <"$T/in")
for recipe in $(cc-train --complete "" | grep -v "^-"); do
	train="cc-train $recipe $begin --batch 4 -j 1"
	$train -q -o "$T/whole" "$T/in" >"$T/whole.jsonl" 2>"$T/said"
	steps=$(jq -s length "$T/whole.jsonl")
	# At two thirds of the run, removal has already removed its pairs.
	head -c $((size * 2 / 3)) "$T/in" | $train -q --save-every 3 -o "$T/part" >"$T/part.jsonl" 2>"$T/said"
	is "$recipe: a truncated stream gives no model" "$(ls "$T" | grep '^part' | tr '\n' ' ')" "part.jsonl part.state "
	kept=$(cc-model info --json "$T/part.state" | jq .provenance.data.steps)
	ok "$recipe: the state is of step $kept of $steps" [ "$kept" -gt 3 -a "$kept" -lt "$steps" ]
	printed=$(jq -s length "$T/part.jsonl")
	$train --resume -o "$T/part" "$T/in" 2>"$T/said" | cat >"$T/rest.jsonl"
	ok "$recipe: --resume reports where it continues" grep -q "after step $kept;" "$T/said"
	is "$recipe: it makes only the remaining steps" "$(jq -s '[.[0].step, .[-1].step, length]' -c "$T/rest.jsonl")" \
		"[$((kept + 1)),$steps,$((steps - kept))]"
	is "$recipe: the same metrics as an uninterrupted run" "$(cat "$T/rest.jsonl")" "$(tail -n $((steps - kept)) "$T/whole.jsonl")"
	is "$recipe: every step is printed once" "$printed" "$kept"
	ok "$recipe: the same model" cmp "$T/part" "$T/whole"
	is "$recipe: the state is removed" "$(ls "$T/part.state" 2>/dev/null)" ""
	rm -f "$T"/part* "$T"/whole*
done
done_testing
