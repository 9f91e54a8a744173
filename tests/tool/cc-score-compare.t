#!/bin/sh
# cc-score compare, against SciPy's paired t-test and statsmodels' Holm correction (tests/golden/paired.py).
. "$(dirname "$0")/lib.sh"

is "differences, intervals, p-values and corrected p-values equal those of SciPy and statsmodels" \
	"$(cc-score compare tests/golden/paired.tsv | sed 1d | cut -f 1,2,5-9)" "$(cat tests/golden/paired_expected.tsv)"
is "columns are found by name; other columns are ignored" "$(awk -F '\t' -v OFS='\t' '{ print "x", $6, $5, $4, $3, $2, $1 }' tests/golden/paired.tsv | sed '1s/x/y/' | cc-score compare)" \
	"$(cc-score compare tests/golden/paired.tsv)"
table() { printf 'test\trun\thits\tn\tcontrol_hits\tcontrol_n\n'; printf '%b\n' "$@"; }
is "one run has no interval and no p-value" "$(table 'a\t1\t1\t10\t5\t10' | cc-score compare | tail -1)" "$(printf 'a\t1\t0.1\t0.5\t-1.84583\t-\t-\t-\t-')"
is "and does not count as a test in the correction" \
	"$(table 'a\t1\t1\t10\t5\t10' 'b\t1\t1\t10\t5\t10' 'b\t2\t2\t10\t5\t10' | cc-score compare | tail -1 | cut -f 8,9)" "$(printf '0.127287\t0.127287')"
is "tests are printed in the order of their first run" "$(table 'b\t1\t1\t10\t5\t10' 'a\t1\t1\t10\t5\t10' 'b\t2\t2\t10\t5\t10' | cc-score compare | cut -f 1,2 | tr '\n' ' ')" \
	"$(printf 'test\truns b\t2 a\t1 ')"
is "200,000 runs take seconds" "$(awk 'BEGIN { print "test\trun\thits\tn\tcontrol_hits\tcontrol_n"; for (i = 0; i < 200000; i++) print "t" i % 20000 "\t" i "\t1\t9\t2\t9" }' |
	timeout 60 cc-score compare | wc -l)" 20001
is "a table without rows gives the heading" "$(table | grep . | cc-score compare | wc -l)" 1
refused() { table "$2" >"$T/table"; fails_with "$1" cc-score compare "$T/table"; }
refused "line 2: hits is 11 of 10" 'a\t1\t11\t10\t5\t10'
refused "line 2: control_hits is 0 of 0" 'a\t1\t1\t10\t0\t0'
refused "line 2: hits is not a whole number" 'a\t1\t.5\t10\t5\t10'
refused "line 2: n is not a whole number" 'a\t1\t5\t-10\t5\t10'
refused "line 3: run '1' of test 'a' is a duplicate" 'a\t1\t1\t10\t5\t10\na\t1\t2\t10\t5\t10'
fails_with "standard input: the table is empty" sh -c ': | cc-score compare'
fails_with "column 'control_n' is missing (columns: test, run, hits, n, control_hits, control_n)" sh -c 'cut -f 1-5 tests/golden/paired.tsv | cc-score compare'
fails_with "No such file" cc-score compare "$T/none"
done_testing
