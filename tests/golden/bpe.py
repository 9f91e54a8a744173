"""Writes normalise.tsv, bpe_captions.txt, bpe_merges.txt and bpe_tokens.tsv: CLIP's text preparation, byte-level BPE and the learning of merges,
written down once more from their definitions, slowly and plainly.  Needs the packages `regex` and `ftfy` (6.3).
"""
import collections
import html
import os
import random

import ftfy
import regex

HERE = os.path.dirname(os.path.abspath(__file__))
SPECIAL = ["<|startoftext|>", "<|endoftext|>"]
PIECES = regex.compile(
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+", regex.IGNORECASE)
CONTEXT = 16
MERGES = 160

printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
others = [b for b in range(256) if b not in printable]
CHARACTER = {**{b: chr(b) for b in printable}, **{b: chr(256 + i) for i, b in enumerate(others)}}
BYTE_TOKENS = list(CHARACTER.values()) + [c + "</w>" for c in CHARACTER.values()]


def normalise(text):
    return " ".join(html.unescape(html.unescape(ftfy.fix_text(text))).split()).lower()


def symbols(piece):
    characters = [CHARACTER[b] for b in piece.encode()]
    return tuple(characters[:-1] + [characters[-1] + "</w>"])


def join(word, left, right):
    joined, i = [], 0
    while i < len(word):
        if word[i:i + 2] == (left, right):
            joined.append(left + right)
            i += 2
        else:
            joined.append(word[i])
            i += 1
    return tuple(joined)


def learn(captions, most):
    words = collections.Counter()
    for caption in captions:
        words.update(symbols(p) for p in PIECES.findall(normalise(caption)) if p not in SPECIAL and len(p.encode()) <= 128)
    numbers = {token: i for i, token in enumerate(BYTE_TOKENS)}
    merges = []
    while len(merges) < most:
        pairs = collections.Counter()
        for word, times in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += times
        good = [(-n, numbers[a], numbers[b], a, b) for (a, b), n in pairs.items() if n >= 2 and a + b not in numbers]
        if not good:
            break
        left, right = min(good)[3:]
        numbers[left + right] = len(numbers)
        merges.append((left, right))
        merged = collections.Counter()
        for word, times in words.items():
            merged[join(word, left, right)] += times
        words = merged
    return merges


def encode(text, merges):
    ranks = {pair: i for i, pair in enumerate(merges)}
    numbers = {token: i for i, token in enumerate(BYTE_TOKENS + [a + b for a, b in merges] + SPECIAL)}
    ids = [numbers[SPECIAL[0]]]
    for piece in PIECES.findall(normalise(text)):
        if piece in SPECIAL:
            ids.append(numbers[piece])
            continue
        word = symbols(piece)
        while pairs := [pair for pair in zip(word, word[1:]) if pair in ranks]:
            word = join(word, *min(pairs, key=ranks.get))
        ids += [numbers[symbol] for symbol in word]
    ids = ids[:CONTEXT - 1] + [numbers[SPECIAL[1]]]
    return ids + [0] * (CONTEXT - len(ids))


def captions(rng):
    things = "airplane automobile bird cat deer dog frog horse ship truck banana bandana mummy".split()
    kinds = "a small,the bad,two ripe,my,a low resolution photo of a,itap of a,graffiti of the".split(",")
    ends = [".", "", "!", " in a video game.", "'s friend", " at 10:30", " &amp; co", " (naïve café)", " 写真 📷", "aaaa aaaaaaa"]
    return [f"{rng.choice(kinds)} {rng.choice(things)}{rng.choice(ends)}" for _ in range(120)]


NORMALISE = [
    "", " ", "A Photo of a Banana", "  two\t\n  spaces\u00a0here\u3000", "\x1ctied\x1fup\x85", "Q&amp;A", "Q&amp;amp;A", "&amp;lt;b&amp;gt;",
    "caf&eacute;", "caf&eacute", "&notit; &notin; &amp &ampx", "&#65;&#x41;&#X41;&#65", "&#128;&#150;&#159;&#129;", "&#0;&#xD800;&#x110000;",
    "&#99999999999999999999;", "&#1;&#11;&#xFFFE;&#13;", "&#;&#x;&# &;& &&", "&" + "a" * 40 + ";", "&nosuchname;", "&lt&gt&quot&#39",
    "&nbsp;x&nbsp;", "&bne;&nLt;", "ΟΔΥΣΣΕΥΣ", "Σ", "ΑΣ", "ΑΣ'Σ", "ΑΣ.", "Α'Σ", "ΑΣΑ", "İSTANBUL", "ǅ Ǆ", "STRASSE ẞ", "ⅣⒶ", "𐐀", "ÀÉ", "e\u0301É",
    "caf\u00c3\u00a9 it\u00e2\u20ac\u2122s", "CAF\u00c9\u00ae", "a \u00c3\u00a9 \u732b", "caf\u00e9\u2026\u00a0x", "\u00d0\u00ba\u00d0\u00be\u00d1\u201a", "\u00f0\u0178\u02dc\u20ac",
    "\ufb01ne \ufb02ag \u0132ssel \u0149 \u01c5", "\uff26\uff35\uff2c\uff2c\u3000\uff57 \uff8a\uff9f\uff7f \uffa1 \uffe6", "\u2018x\u2019 \u201cy\u201d \u02bc",
    "\x1b[31;1mred\x1b[0m \x1b[\x1b[0m0m", "a\r\nb\rc\u2028d\u2029e\x85f", "\x07\x00\x7f\ufeff\ufffc\u206a|", "caf\x92s \x81", "e\u0301 A\u030a \u1112\u1161\u11ab",
    "&EACUTE; &SZLIG; &FFLIG; &nTILDE; &GTDOT; &#59; &amp;amp;amp;eacute;", "<b> &EACUTE; &amp", "&eacute; \n <b> &EACUTE;\n&EACUTE;",
    "It’s “nice”", "😀👩‍👩‍👧", "\u0345 a\u0345b", "&AMP; &Amp;", "&ldquo;HI&rdquo;",
]

ENCODE = [
    "", "a photo of a banana.", "A PHOTO OF A BANANA", "my dog's friend", "MY DOG'S", "they'll we've I'm he'd isn't you're", "'ſ", "!!'s", "''s", "10:30",
    "banana" * 20, "a " * 40, "one two three four five six seven eight", "<|endoftext|>", "a <|endoftext|> b", "<|startoftext|>", "<|ENDOFTEXT|> x",
    "<|end", "&lt;|endoftext|&gt;", "写真 📷", "naïve café", "aaaaaaaaaaaaaaaaaaaaaaa", "aaaa", "²½Ⅳ", "a\u0345b!\u0345?", "\u0345", "x\u0301y", "</w>", "a</w>",
    "...", "a photo\n\nof\ta cat", "mummy bandana", "é", "\x00a\x00",
]


def write(name, lines):
    with open(os.path.join(HERE, name), "w", encoding="utf-8") as out:
        out.writelines(line + "\n" for line in lines)


def main():
    rng = random.Random(3)
    learnt_from = captions(rng)
    merges = learn(learnt_from, MERGES)
    texts = ENCODE + ["".join(rng.choice("ab'st &é1.a") for _ in range(rng.randrange(1, 30))) for _ in range(30)]
    write("normalise.tsv", (t.encode().hex() + "\t" + normalise(t).encode().hex() for t in NORMALISE))
    write("bpe_captions.txt", learnt_from)
    write("bpe_merges.txt", ["#version: 1, learnt by cc-model vocab"] + [a + " " + b for a, b in merges])
    write("bpe_tokens.tsv", (t.encode().hex() + "\t" + " ".join(map(str, encode(t, merges))) for t in texts))


main()
