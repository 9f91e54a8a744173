# choose.awk: from the lines of frontier.tsv (see ladder.sh), the model that each method would use at each accuracy budget.
#
#	awk -v budgets=".01 .02 .03 .05" -f choose.awk frontier.tsv
#
# Only held-out accuracy chooses. Without interpolation (factor "1") it is the highest rate whose held-out accuracy is at most the
# budget below that of the poisoned model. With interpolation ("METHOD, mixed") it is the highest rate of which some factor keeps the
# budget, and the largest such factor.
# Columns: attack clean budget method seed lr factor test test_n asr asr_n kept note; a choice that does not exist has "-" and a note.
BEGIN {
	FS = OFS = "\t"
	count = split(budgets == "" ? ".01 .02 .03 .05" : budgets, budget, " ")
}
NR == 1 {
	for (i = 1; i <= NF; i++)
		column[$i] = i
	split("attack seed clean method lr factor held held_n test test_n asr asr_n kept", needed, " ")
	for (i = 1; i in needed; i++)
		if (!(needed[i] in column)) {
			printf "choose.awk: column '%s' is missing\n", needed[i] >"/dev/stderr"
			failed = 1
			exit 1
		}
	next
}
function get(name) {
	return $column[name]
}
{
	unit = get("attack") OFS get("seed")
	held = get("held") / get("held_n")
	if (get("method") == "poisoned") {
		before[unit] = held
		next
	}
	lines++
	line_held[lines] = held
	line_lr[lines] = get("lr")
	line_factor[lines] = get("factor")
	line_scores[lines] = get("test") OFS get("test_n") OFS get("asr") OFS get("asr_n") OFS get("kept")
	ladder = get("attack") OFS get("clean") OFS get("method") OFS get("seed")
	if (!(ladder in known)) {
		known[ladder] = unit
		order[++ladders] = ladder
	}
	steps[ladder, ++count_of[ladder]] = lines
	if (get("factor") != 1)
		mixed[ladder] = 1
	if (get("factor") == 1 && get("lr") + 0 >= top[ladder] + 0) {
		top[ladder] = get("lr")
		top_held[ladder] = held
	}
}
# The line chosen for a ladder at a budget; 0: none.
function choose(ladder, allowed, interpolate, k, i, best) {
	for (k = 1; k <= count_of[ladder]; k++) {
		i = steps[ladder, k]
		if ((!interpolate && line_factor[i] != 1) || line_held[i] < before[known[ladder]] - allowed - 1e-9)
			continue
		if (!best || line_lr[i] + 0 > line_lr[best] + 0 || (line_lr[i] == line_lr[best] && line_factor[i] + 0 > line_factor[best] + 0))
			best = i
	}
	return best
}
function report(ladder, allowed, interpolate, part, line, note) {
	split(ladder, part, OFS)
	line = choose(ladder, allowed, interpolate)
	note = !line ? "every rate costs more" : !interpolate && top_held[ladder] >= before[known[ladder]] - allowed - 1e-9 ? "the highest rate keeps the budget" : ""
	print part[1], part[2], allowed, part[3] (interpolate ? ", mixed" : ""), part[4], (line ? line_lr[line] OFS line_factor[line] OFS line_scores[line] : "-\t-\t-\t-\t-\t-\t-"), note
}
END {
	if (failed)
		exit 1
	print "attack", "clean", "budget", "method", "seed", "lr", "factor", "test", "test_n", "asr", "asr_n", "kept", "note"
	for (l = 1; l <= ladders; l++) {
		if (!(known[order[l]] in before)) {
			printf "choose.awk: %s has no line of its poisoned model\n", order[l] >"/dev/stderr"
			exit 1
		}
		for (b = 1; b <= count; b++) {
			report(order[l], budget[b], 0)
			if (order[l] in mixed)
				report(order[l], budget[b], 1)
		}
	}
}
