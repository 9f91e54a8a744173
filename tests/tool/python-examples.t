#!/bin/sh
# pipelines/examples: stages in Python, with the msgpack package if it is installed, else with tinymsgpack.py.
. "$(dirname "$0")/lib.sh"

python=python3
for candidate in build/venv/bin/python3 python3; do
	"$candidate" -c 'import msgpack' 2>/dev/null && python=$candidate && break
done
mkdir "$T/path"
cp pipelines/examples/*.py "$T/path"
"$python" -c 'import msgpack' 2>/dev/null || cp tests/tool/tinymsgpack.py "$T/path/msgpack.py"
stage() { # FILE [ARGUMENT]...
	PYTHONPATH=$T/path:${PYTHONPATH:-} PYTHONDONTWRITEBYTECODE=1 "$python" "$@"
}

cat >"$T/same.py" <<'END'
import cleanclip
cleanclip.run("same.py", lambda record: record)
END
cat >"$T/shout.py" <<'END'
import cleanclip

def shout(record):
    if "ship" in record["txt"]:
        return None
    record["txt"] = record["txt"].upper()
    return record

cleanclip.run("shout.py", shout, ["--loud"], drops=True)
END

# Everything passes unchanged: other fields, lists of captions, bytes that are not UTF-8, tensors, epochs, digest and bad records.
python3 -c '
import sys
sys.path.insert(0, "tests/tool")
from tinymsgpack import packb
for item in [{"cc": 1, "records": 2, "epochs": 2, "classes": ["a"], "theirs": {"x": [1, None, 2.5]}}, {"cc_epoch": 0},
        {"__key__": "a", "txt": ["one", "two"], "Own": {"kept": [b"\0\xff", -5, 2**40, True]}},
        {"__key__": "b\udcff", "txt": "caf\udce9", "rgb.npy": {"dtype": "|u1", "shape": [2, 2, 3], "data": bytes(range(12))}}, {"cc_epoch": 1},
        {"__key__": "a", "png": bytes(300)}, {"__key__": "b", "cls": 0},
        {"cc_end": True, "records": 4, "digest": "0" * 31 + "1", "bad": {"no image": 3}}]:
    sys.stdout.buffer.write(packb(item))' >"$T/in"
stage "$T/same.py" <"$T/in" >"$T/out"
is "a stage that changes nothing passes everything" "$(cc-view --full "$T/out" | jq -c 'del(.prog)')" "$(cc-view --full "$T/in" | jq -c 'del(.prog)')"
is "and is added to the provenance" "$(cc-view "$T/out" | jq -c 'select(.cc).prog')" '[{"name":"same.py","version":"1","seed":0,"args":[]}]'
cat "$T/in" "$T/in" >"$T/two"
fails_with "only streams of one epoch" cc-view "$T/two"
python3 tests/tool/make_stream.py 6 >"$T/six"
cat "$T/six" "$T/six" | stage "$T/same.py" | cc-view >"$T/joined"
is "concatenated streams stay concatenated" "$(tail -1 "$T/joined" | jq -c '[.records, .claimed]')" "[12,null]"

# The stage in README.md, which also drops records.
stage "$T/shout.py" <"$T/six" | cc-view >"$T/lines"
is "captions are changed" "$(jq -r 'select(.__key__).txt' "$T/lines" | head -1)" "A PHOTO OF A CAT, NUMBER 0"
is "the header has no count, and lists the stage" "$(jq -c 'select(.cc) | [.records, .prog[-1].args]' "$T/lines")" '[null,["--loud"]]'
is "the tail counts the records written" "$(tail -1 "$T/lines" | jq -c '[.cc_end, .records, .claimed]')" "[true,4,null]"
stage "$T/shout.py" <"$T/six" | cc-shard write -q "$T/shouted.tar"
is "cc-shard writes the stream into a shard" "$(cc-shard keys "$T/shouted.tar" | wc -l | tr -d ' ')" 4

# Truncated input.
head -c 2500 "$T/six" >"$T/cut"
fails_with "same.py: upstream ended early, after" stage "$T/same.py" <"$T/cut"
stage "$T/same.py" <"$T/cut" 2>/dev/null >"$T/cut.out"
is "no tail is written" "$(cc-view "$T/cut.out" 2>/dev/null | grep -c cc_end)" 0
fails_with "upstream ended early" cc-view -o "$T/not" "$T/cut.out"

"$python" -c 'import numpy' 2>/dev/null || {
	skip "numpy arrays" "$python has no numpy"
	done_testing
	exit
}
is "numpy arrays are read and written" "$(stage -c '
import cleanclip, numpy
for a in numpy.arange(6, dtype="<i2").reshape(2, 3), numpy.ones((), "<f8"), numpy.zeros((0, 4), "|u1"), numpy.array([1, 2], ">f4"), numpy.arange(9.).reshape(3, 3).T:
    m = cleanclip.to_map(a)
    b = cleanclip.to_array(m)
    print(m["dtype"], m["shape"], len(m["data"]) == a.nbytes, b.shape == a.shape, (a == b).all())')" "<i2 [2, 3] True True True
<f8 [] True True True
|u1 [0, 4] True True True
<f4 [2] True True True
<f8 [3, 3] True True True"

# Nearly equal images: embeddings at 0 and 3 degrees, and one at 90.
python3 tests/tool/records.py >"$T/embedded" <<'END'
{"cc": 1, "records": 5}
{"__key__": "a", "image.npy": {"f4": [1, 0]}}
{"__key__": "b", "image.npy": {"f4": [0, 2]}}
{"__key__": "c", "image.npy": {"f4": [2, 0.1]}}
{"__key__": "d", "image.npy": {"f4": [0.1, 2]}}
{"__key__": "e", "image.npy": {"f4": [1, 1]}}
{"cc_end": true, "records": 5}
END
is "near duplicates are dropped" "$(stage "$T/path/near-duplicates.py" <"$T/embedded" | cc-view | jq -r '.__key__ // empty' | tr '\n' ' ')" "a b e "
is "the argument sets the cosine" "$(stage "$T/path/near-duplicates.py" 0.6 <"$T/embedded" | cc-view | jq -r '.__key__ // empty' | tr '\n' ' ')" "a b "
is "and is in the provenance" "$(stage "$T/path/near-duplicates.py" 0.6 <"$T/embedded" | cc-view | jq -c 'select(.cc).prog[-1].args')" '["0.6"]'
fails_with "near-duplicates.py: set/cat/0000: no image.npy" stage "$T/path/near-duplicates.py" <"$T/six"
python3 -c '
import math, json
print("{\"cc\": 1}")
for i in range(3000):
    print(json.dumps({"__key__": str(i), "image.npy": {"f4": [math.cos(i / 1000), math.sin(i / 1000)]}}))
print("{\"cc_end\": true, \"records\": 3000}")' | python3 tests/tool/records.py >"$T/many"
is "duplicates are found among more than a thousand" "$(stage "$T/path/near-duplicates.py" 0.9999999 <"$T/many" | cc-view | grep -c __key__)" 3000
done_testing
