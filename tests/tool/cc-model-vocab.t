#!/bin/sh
# cc-model vocab and cc-model tokens.
. "$(dirname "$0")/lib.sh"

records() { python3 tests/tool/records.py; }
captions() { # FILE: a stream of its lines
	echo '{"cc": 1}'
	jq -cR '{__key__: "\(input_line_number)", txt: .}' "$1"
	echo '{"cc_end": true, "records": 0}'
}

# The captions of the golden vocabulary give that vocabulary, in any order.
captions tests/golden/bpe_captions.txt | records >"$T/captions"
ok "cc-model vocab learns from a stream" cc-model vocab --size 674 -o "$T/vocab" "$T/captions"
ok "the merges equal the golden ones" cmp "$T/vocab" tests/golden/bpe_merges.txt
sort -r tests/golden/bpe_captions.txt >"$T/sorted"
captions "$T/sorted" | records | cc-model vocab --size 674 >"$T/sorted-vocab" 2>"$T/err"
ok "the order of captions does not matter" cmp "$T/sorted-vocab" "$T/vocab"

echo 'twice twice' >"$T/few"
is "few captions give few merges" \
	"$(captions "$T/few" | records | cc-model vocab 2>&1 >"$T/out" | sed 's/.*: //')" 'no further pair occurs twice in the 1 words'
is "all of them are written" "$(wc -l <"$T/out")" 5
is "only the first epoch counts" "$(
	printf '%s\n' '{"cc": 1, "epochs": 2}' '{"cc_epoch": 0}' '{"__key__": "a", "txt": "once"}' '{"cc_epoch": 1}' \
		'{"__key__": "a", "txt": "once"}' '{"cc_end": true, "records": 2}' | records | cc-model vocab -q | wc -l
)" 1

# Bad input.
echo | head -c 0 >"$T/empty"
fails_with 'ended early' cc-model vocab -o "$T/no" "$T/empty"
head -c 900 "$T/captions" >"$T/cut"
fails_with 'ended early' cc-model vocab -o "$T/no" "$T/cut"
printf '%s\n' '{"cc": 1}' '{"cc_end": true, "records": 0}' | records >"$T/none"
fails_with 'no word' cc-model vocab -o "$T/no" "$T/none"
printf '%s\n' '{"cc": 1}' '{"__key__": "a/b", "txt": "x\udcff"}' '{"__key__": "c"}' '{"cc_end": true, "records": 2}' | records >"$T/bad"
fails_with 'a/b: txt: byte 1 is not UTF-8 (0xFF)' cc-model vocab -o "$T/no" "$T/bad"
fails_with 'c: txt: the record has no caption' cc-model vocab -o "$T/no" "$T/bad"
is "failed runs leave no output" "$(ls "$T/no" 2>/dev/null)" ""
fails_with '513' cc-model vocab --size 513 "$T/captions"

# cc-model tokens.
is "tokens of lines" "$(printf 'a photo\r\n\nA PHOTO' | cc-model tokens --vocab "$T/vocab")" \
	"$(printf '%s\n' '642 320 541 643' '642 643' '642 320 541 643')"
is "tokens as text" "$(echo 'Banana & 300' | cc-model tokens -t --vocab "$T/vocab" 2>&1 | head -1)" \
	'<|startoftext|> banana_ &_ 3_ 0_ 0_ <|endoftext|>'
head -4 "$T/vocab" >"$T/three"
is "--merges N uses the first N merges" "$(echo 'a photo' | cc-model tokens --merges 3 --vocab "$T/vocab")" \
	"$(echo 'a photo' | cc-model tokens --vocab "$T/three")"
is "--context truncates" "$(echo 'a photo of a bird' | cc-model tokens --context 4 --vocab "$T/vocab")" '642 320 541 643'
is "a last line of a megabyte without a newline" "$(head -c 1000000 /dev/zero | tr '\0' x | cc-model tokens --vocab "$T/vocab" | wc -w)" 77
fails_with 'line 2: longer than' sh -c "(echo a; head -c 2000000 /dev/zero | tr '\\0' x) | cc-model tokens --vocab '$T/vocab'"
fails_with 'line 2: text: byte 1 is not UTF-8' sh -c "printf 'a\nb\377\n' | cc-model tokens --vocab '$T/vocab'"
fails_with 'line 3:' sh -c "printf '#version\na b\nabc d\n' >'$T/broken'; cc-model tokens --vocab '$T/broken' </dev/null"
fails_with 'line 1: "#version" is missing' cc-model tokens --vocab "$T/few" /dev/null
fails_with 'captions: a record stream, not a vocabulary' cc-model tokens --vocab "$T/captions" /dev/null
fails_with "use either -m MODEL or --vocab FILE" cc-model tokens
fails_with '/nowhere' cc-model tokens --vocab /nowhere
fails_with '/nowhere' cc-model tokens --vocab "$T/vocab" /nowhere
ok "a closed pipe: no message" sh -c "yes 'a photo' | cc-model tokens --vocab '$T/vocab' 2>'$T/err' | head -1; test ! -s '$T/err'"

# A vocabulary in each published format.
mkdir "$T/hf" "$T/alone"
python3 tests/tool/make_vocabulary.py "$T/vocab" "$T/hf"
gzip -c "$T/vocab" >"$T/vocab.txt.gz"
echo 'A photo of a Banana & 300 naïve cafés' >"$T/line"
cc-model tokens --vocab "$T/vocab" "$T/line" >"$T/wanted"
for form in vocab.txt.gz hf/merges.txt hf/vocab.json hf/tokenizer.json hf/pairs.json; do
	is "$form: the same tokens" "$(cc-model tokens --vocab "$T/$form" "$T/line")" "$(cat "$T/wanted")"
done
tokens() { cc-model tokens --vocab "$@" /dev/null; }
cp "$T/hf/vocab.json" "$T/alone/vocab.json"
fails_with "alone/vocab.json: a vocab.json needs merges.txt in the same folder" tokens "$T/alone/vocab.json"
wrong() { jq -c "$2" "$T/hf/$1" >"$T/alone/$1"; }
wrong vocab.json '. as $v | .a = $v.b | .b = $v.a'
cp "$T/hf/merges.txt" "$T/alone"
fails_with "alone/vocab.json: token \"a\" has id 65, but the merges give it id 64" tokens "$T/alone/vocab.json"
fails_with "alone/vocab.json: token \"a\" has id 65" tokens "$T/alone/merges.txt"
wrong vocab.json 'del(.["<|endoftext|>"])'
fails_with "alone/vocab.json: has 643 tokens, but the merges give 644" tokens "$T/alone/merges.txt"
wrong vocab.json '.zzzz = 644'
fails_with 'token "zzzz" is not a byte, a merge, the start token or the end token' tokens "$T/alone/merges.txt"
wrong tokenizer.json '.model.vocab.a = 1'
fails_with "tokenizer.json: model: token \"a\" has id 1" tokens "$T/alone/tokenizer.json"
wrong tokenizer.json '.model.merges[3] = "x"'
fails_with "merges: line 5: expected two symbols" tokens "$T/alone/tokenizer.json"
wrong tokenizer.json '.model.merges[3] = 7'
fails_with "model: merges: item 3: must be two tokens" tokens "$T/alone/tokenizer.json"
wrong tokenizer.json '.model.merges = null'
fails_with "model: merges: missing, or not a list" tokens "$T/alone/tokenizer.json"
wrong tokenizer.json '.model.vocab = []'
fails_with "model: vocab: missing, or not a map from tokens to numbers" tokens "$T/alone/tokenizer.json"
wrong tokenizer.json '.normalizer = null'
fails_with "normalizer: does not convert to lower case" tokens "$T/alone/tokenizer.json"
wrong tokenizer.json '.model.end_of_word_suffix = null'
fails_with "end_of_word_suffix" tokens "$T/alone/tokenizer.json"
wrong tokenizer.json '.model.type = "WordPiece"'
fails_with "model: type: only BPE" tokens "$T/alone/tokenizer.json"
wrong tokenizer.json '.added_tokens += [{"id": 644, "content": "<pad>"}]'
fails_with 'added_tokens: "<pad>" is not one of CLIP' tokens "$T/alone/tokenizer.json"
wrong tokenizer.json 'del(.model.vocab["<|endoftext|>"])'
is "tokenizer.json whose end token is only among the added tokens" "$(cc-model tokens --vocab "$T/alone/tokenizer.json" "$T/line")" "$(cat "$T/wanted")"
head -c 500 "$T/vocab.txt.gz" >"$T/cut.txt.gz"
fails_with "--vocab: $T/cut.txt.gz: truncated gzip input" tokens "$T/cut.txt.gz"

done_testing
