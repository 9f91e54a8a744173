"""make_vocabulary.py MERGES FOLDER: the vocabulary of a file of merges as Hugging Face publishes it: merges.txt, vocab.json, tokenizer.json (merges as
texts) and pairs.json (the same, merges as pairs)."""
import json
import os
import sys

merges_path, folder = sys.argv[1:]
with open(merges_path, encoding="utf-8") as f:
    head, *merges = f.read().splitlines()
visible = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
symbols = [chr(b) for b in visible] + [chr(256 + n) for n in range(256 - len(visible))]
tokens = symbols + [symbol + "</w>" for symbol in symbols] + [merge.replace(" ", "") for merge in merges] + ["<|startoftext|>", "<|endoftext|>"]
vocab = {token: i for i, token in enumerate(tokens)}
tokenizer = {"version": "1.0", "added_tokens": [{"id": vocab[token], "content": token, "special": True} for token in tokens[-2:]],
             "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Lowercase"}]},
             "model": {"type": "BPE", "end_of_word_suffix": "</w>", "vocab": vocab, "merges": merges}}


def write(name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
        f.write(text)


write("merges.txt", "\n".join([head] + merges) + "\n")
write("vocab.json", json.dumps(vocab, ensure_ascii=False))
write("tokenizer.json", json.dumps(tokenizer))
tokenizer["model"]["merges"] = [merge.split() for merge in merges]
write("pairs.json", json.dumps(tokenizer))
