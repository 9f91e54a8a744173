"""parity_tokens.py FOLDER: writes CLIP's merges, lines of text, and what open_clip's tokenizer makes of them.

Its file is run by itself, for the package would want torch. ftfy's repairs are left out, as they are in libcommon/text; the two special
tokens get the names that OpenAI gave them."""
import gzip
import importlib.util
import os
import random
import re
import sys
import types
import unicodedata

FOLDER, LINES, CONTEXT = sys.argv[1], 5000, 77
package = os.path.dirname(importlib.util.find_spec("open_clip").origin)
for name, content in ("torch", {"LongTensor": object, "Tensor": object}), ("ftfy", {"fix_text": str}):
    sys.modules[name] = types.ModuleType(name)
    vars(sys.modules[name]).update(content)
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


def line():
    kind = rng.random()
    if kind < .4:
        return " ".join(rng.choice(words) for _ in range(rng.randrange(14)))
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


lines = [re.sub("[\r\n]", " ", line()) for _ in range(LINES)]
with open(FOLDER + "/merges", "wb") as out:
    out.write(gzip.open(os.path.join(package, "bpe_simple_vocab_16e6.txt.gz")).read())
with open(FOLDER + "/lines", "w", encoding="utf-8", newline="") as out:
    out.writelines(text + "\n" for text in lines)
with open(FOLDER + "/expected", "w") as out:
    out.writelines(" ".join(map(str, tokens(text))) + "\n" for text in lines)
