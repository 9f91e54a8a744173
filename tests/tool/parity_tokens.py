"""parity_tokens.py FOLDER: writes CLIP's merges, difficult lines of text, and the tokens of open_clip's tokenizer.

Its file is run by itself, because the package needs torch; the two special tokens get the names that OpenAI gave them.
FOLDER/lines and lines.expected: words, entities, odd characters.  FOLDER/garbled and garbled.expected: mojibake of every encoding that ftfy
repairs, damaged or not, and random characters (tests/golden/garble.py).  LINES=N: how many in total.
Left out are texts with a character that Python's Unicode (14) does not have: regex is compiled from a later Unicode than utf8proc, and they
disagree on what is a letter among the characters that were added between."""
import gzip
import importlib.util
import os
import random
import re
import sys
import types
import unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../golden"))
from garble import make_string  # noqa: E402

FOLDER, LINES, CONTEXT = sys.argv[1], int(os.environ.get("LINES", 100000)), 77
package = os.path.dirname(importlib.util.find_spec("open_clip").origin)
sys.modules["torch"] = types.ModuleType("torch")
vars(sys.modules["torch"]).update(LongTensor=object, Tensor=object)
source = open(os.path.join(package, "tokenizer.py")).read()
source = source.replace("<start_of_text>", "<|startoftext|>").replace("<end_of_text>", "<|endoftext|>")
source = source.replace('"|".join(special_tokens)', '"|".join(map(re.escape, special_tokens))')
module = {"__file__": os.path.join(package, "tokenizer.py"), "__name__": "tokenizer"}
exec(compile(source, "tokenizer.py", "exec"), module)
tokenizer = module["SimpleTokenizer"]()

rng = random.Random(int(os.environ.get("SEED", 1)))
words = [line.split()[0].replace("_", " ") for c in ("noun", "verb", "adj") for line in open("/usr/share/wordnet/index." + c) if line[0] != " "]
letters = [chr(c) for c in range(1, 0x30000) if not 0xD800 <= c <= 0xDFFF and unicodedata.category(chr(c)) != "Cn"]
ends = ["'s ", "'RE ", "&amp;amp; ", ",", "! ", "'ll", " 42 ", "!!'s ", " <|endoftext|> ", "<|startoftext|>", "&#8217;", "\u2019s "]
odd = """caf\u00e9 na\u00efve \u732b \u043a\u043e\u0442 \uac15 \ufb01ne \ufb02ag \u0132ssel \u0149 \u01c6 &amp; &amp;amp; &lt;b&gt; &EACUTE; &SZLIG; &NTILDE; &copy; &COPY; &#39; &#8217; &#x1F600;
&HEARTS; &nosuch; &#59; &amp <b> \u2018x\u2019 \u201cy\u201d \uff26\uff35\uff2c\uff2c \u3000 \uff8a\uff9f\uff7f\uff7a\uff9d \u0301 e\u0301 A\u030a \x1b[31mred\x1b[0m \x07 \ufeff \x92s \u200b
\U0001f600 \U0001f468\u200d\U0001f469\u200d\U0001f467 it\u2019s \u2026 \u2014 \u20a9 \u00bd \u00b2 &nbsp; &NBSP; \uffe1 \uffe6 \uffe8 \uffa1 \x0c \x0b \ufffc &frac12; &#150; &#x80; &GTDOT; &FFLIG;""".split(" ")


def line():
    kind = rng.random()
    if kind < .4:
        return " ".join(rng.choice(words) for _ in range(rng.randrange(14)))
    if kind < .5:
        return rng.choice(("", " ")).join(rng.choice(odd) for _ in range(rng.randrange(12)))
    if kind < .6:
        return "The " + "".join(rng.choice(words) + rng.choice(ends) for _ in range(rng.randrange(8)))
    if kind < .8:
        return "".join(rng.choice(letters) for _ in range(rng.randrange(50)))
    if kind < .9:
        return "".join(chr(rng.randrange(1, 0x250)) for _ in range(rng.randrange(90)))
    if kind < .95:
        return "".join(rng.choice("aabcde\u00e9\u0345") for _ in range(rng.randrange(300)))
    return "".join(rng.choice(" '\tstrvemld<|>\u017fS\u2019\u00e9A1\u00b2\u00bd") for _ in range(rng.randrange(120)))


def tokens(text):
    ids = [tokenizer.sot_token_id] + tokenizer.encode(text)
    ids = ids[:CONTEXT - 1] + [tokenizer.eot_token_id]
    return ids[:ids.index(tokenizer.eot_token_id) + 1]


def take(make, count):
    texts = []
    while len(texts) < count:
        text = re.sub("[\r\n]", " ", make())
        if all(unicodedata.category(c) != "Cn" for c in module["basic_clean"](text)):
            texts.append(text)
    return texts


lines, mangled = take(line, LINES // 2), take(lambda: make_string(rng), LINES - LINES // 2)
with open(FOLDER + "/merges", "wb") as out:
    out.write(gzip.open(os.path.join(package, "bpe_simple_vocab_16e6.txt.gz")).read())
for name, texts in (("lines", lines), ("garbled", mangled)):
    with open(f"{FOLDER}/{name}", "w", encoding="utf-8", newline="") as out:
        out.writelines(text + "\n" for text in texts)
    with open(f"{FOLDER}/{name}.expected", "w") as out:
        out.writelines(" ".join(map(str, tokens(text))) + "\n" for text in texts)
