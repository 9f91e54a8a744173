#!/bin/sh
# A label that is text or a caption that is bytes comes from a stage that packs the wrong type.  Programs that use the field report
# the record by its key and the field's name.
. "$(dirname "$0")/lib.sh"

write_tiny_config
cc-model init -q "$T/config.json" --vocab "$T/vocab.txt" -o "$T/model"
printf '%s\n' cat dog >"$T/classes.txt"
cc-embed -q -m "$T/model" --prompts "$T/classes.txt" -o "$T/classes"

stream() { # FIELDS: a stream of one record "a/1" with pixels, an embedding and these fields, written in Python
	python3 -c '
import struct, sys
sys.path.insert(0, "tests/tool")
from tinymsgpack import packb
record = {"__key__": "a/1", "rgb.npy": {"dtype": "|u1", "shape": [12, 12, 3], "data": bytes(432)},
	"image.npy": {"dtype": "<f4", "shape": [8], "data": struct.pack("<8f", *range(8))}}
record.update(eval(sys.argv[1]))
for item in {"cc": 1, "classes": ["cat", "dog"]}, record, {"cc_end": True, "records": 1}:
    sys.stdout.buffer.write(packb(item))' "$1"
}

stream '{"cls": "dog", "txt": "a dog"}' >"$T/label"
text="a/1: cls: 'dog' is text, but a label is an integer"
fails_with "$text" cc-score zeroshot --classes "$T/classes" "$T/label"
fails_with "$text" cc-score asr --classes "$T/classes" --target cat "$T/label"
fails_with "$text" cc-train supervised -m "$T/model" --classes "$T/classes" --batch 1 --steps 1 -o "$T/not" "$T/label"
fails_with "$text" cc-poison -a badnet:patch=2 --size 12 -t cat --all --caption swap --max-bad 0 "$T/label"
stream '{"cls": b"dog", "txt": "a dog"}' >"$T/bytes"
fails_with "$text" cc-score zeroshot --classes "$T/classes" "$T/bytes"
stream '{"cls": [1], "txt": "a dog"}' >"$T/list"
fails_with "a/1: cls: not an integer" cc-score zeroshot --classes "$T/classes" "$T/list"
stream '{"txt": "a dog"}' >"$T/none"
fails_with "a/1: cls: the record has no label" cc-score zeroshot --classes "$T/classes" "$T/none"
is "programs that do not use the label pass it on" "$(cc-augment --size 12 "$T/label" | cc-view | jq -r 'select(.cls).cls')" dog
printf dog >"$T/1.cls"
printf x >"$T/1.png"
is "a class name as the label of a shard becomes a number where the class names are known" \
	"$(tar cf - -C "$T" 1.cls 1.png | cc-shard read -q --classes "$T/classes.txt" - | cc-view | jq -r 'select(.__key__).cls')" 1
stream '{"cls": "dog"}' | cc-shard write -q "$T/label.tar"
echo 'a {}' >"$T/templates.txt"
fails_with "a/1: cls: 'dog' is text, but a label is an integer" cc-shard read --templates "$T/templates.txt" --max-bad 0 -o "$T/not" "$T/label.tar"

stream '{"cls": 1, "txt": b"a dog"}' >"$T/caption"
text="a/1: txt: bytes, but a caption is a string"
fails_with "$text" cc-shard write "$T/not.tar" <"$T/caption"
fails_with "$text" cc-poison -a badnet:patch=2 --size 12 -t cat --all --max-bad 0 "$T/caption"
fails_with "$text" cc-poison -a badnet:patch=2 --size 12 -t cat --all --caption keep --max-bad 0 "$T/caption"
fails_with "$text" cc-poison -a badnet:patch=2 --size 12 -t cat --all --caption swap --max-bad 0 "$T/caption"
fails_with "$text" cc-augment --size 12 --text eda --max-bad 0 "$T/caption"
fails_with "$text" cc-embed -m "$T/model" --text --max-bad 0 "$T/caption"
fails_with "$text" cc-train clip -m "$T/model" --batch 2 --steps 1 --max-bad 0 -o "$T/not" "$T/caption"
fails_with "$text" cc-model vocab -o "$T/not" <"$T/caption"
is "programs that do not use the caption pass it on" "$(cc-augment --size 12 "$T/caption" | cc-view --full | jq -r 'select(.cls).txt.base64')" YSBkb2c=
done_testing
