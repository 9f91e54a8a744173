#!/usr/bin/env python3
# paired.py: writes paired.tsv (a table for cc-score compare) and paired_expected.tsv, by SciPy's ttest_rel and statsmodels'
# multipletests.  Needs scipy and statsmodels.
import math, os, random
import numpy
from scipy import stats
from statsmodels.stats.multitest import multipletests

random.seed(4)
here = os.path.dirname(os.path.abspath(__file__))
logit = lambda hits, n: math.log((hits + .5) / (n - hits + .5))
tests = {"badnet": (5, 60, 400), "blended": (5, 20, 35), "wanet, low": (3, 100, 110), "edge": (4, 0, 899), "same": (3, 50, 50)}
rows, results = [], []
for name, (runs, method, control) in tests.items():
    pairs = []
    for run in range(1, runs + 1):
        spread = 0 if name == "same" else 30
        pair = [min(900, max(0, value + random.randrange(-spread, spread + 1))) for value in (method, control)]
        pairs.append(pair)
        rows.append((name, run, pair[0], 900, pair[1], 900))
    a, b = (numpy.array([logit(pair[k], 900) for pair in pairs]) for k in (0, 1))
    difference = a - b
    if name == "same":
        results.append((name, runs, 0, 0, 0, 1))
        continue
    test = stats.ttest_rel(a, b)
    interval = test.confidence_interval(.95)
    results.append((name, runs, difference.mean(), interval.low, interval.high, test.pvalue))
corrected = multipletests([result[5] for result in results], method="holm")[1]
with open(os.path.join(here, "paired.tsv"), "w") as out:
    print("test", "run", "hits", "n", "control_hits", "control_n", sep="\t", file=out)
    for row in rows:
        print(*row, sep="\t", file=out)
with open(os.path.join(here, "paired_expected.tsv"), "w") as out:
    for result, holm in zip(results, corrected):
        print(*result[:2], *("%.6g" % value for value in (*result[2:], holm)), sep="\t", file=out)
