#!/bin/sh
# Time is linear in the size of hostile input: each input is so large that quadratic time would be more than 50 times over the limit.
. "$(dirname "$0")/lib.sh"

printf '#version: 0.2\n' >"$T/vocab"

python3 -c '
import sys
sys.stdout.write("e" + "\u0301\u0327" * 250000 + "\n")' >"$T/marks"
ok "a caption of a megabyte of combining marks has tokens" timeout 20 cc-model tokens --vocab "$T/vocab" "$T/marks"
python3 -c '
import sys
n = 250000
sys.stdout.write("\u00c3" + "\u0192" * n + "\u6f22\n" + "&" + "amp;" * n + "\n" + "\x1b[" + "0;" * n + "\n" + "\u03a3\u0027" * n + "\n")
' >"$T/rounds"
ok "captions that repairing changes once a round have tokens" timeout 60 cc-model tokens --vocab "$T/vocab" "$T/rounds"
done_testing
