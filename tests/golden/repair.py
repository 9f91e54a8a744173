"""Writes repair.tsv: strings and what ftfy.fix_text makes of them, both in hexadecimal.  Needs the package `ftfy` (6.3.1)."""
import os
import random
import re

import ftfy

from garble import ENCODINGS, MEANT, SEQUENCES, cesu8, make_string

ODD = ["<b> &eacute;", "&eacute;\n<b> &eacute;\n&eacute;", "Ã\n", "ÃÂ \n", "À\n", "í\xa0\x80í°\n", "\x1b[٣m\x1b[1;2m x", "Ã" + "ƒ" * 40 + "漢",
       "&" + "amp;" * 30, "voilÃ le travail", "fÃ cil", "Ã quele", "Ã quel", "\x9d\x81", "caf\x92s", "é\x92", "œ", "œ ", "œa", "Âµ", "a Â b", "Ã ", " Ã "]

rng = random.Random(5)
texts = ODD + [text.encode().decode(encoding) for text in MEANT for encoding in ENCODINGS]
texts += [cesu8(text).decode("sloppy-windows-1252") for text in MEANT]
texts += [b"".join((sequence, b"\xc3\xa9")).decode(encoding) for sequence in SEQUENCES for encoding in ENCODINGS[:2]]
texts += [re.sub("[\x80-\x9f]", "\ufffd", text.encode().decode("latin-1")) for text in MEANT]
texts += [make_string(rng) for _ in range(400)]
with open(os.path.join(os.path.dirname(__file__), "repair.tsv"), "w") as out:
    out.writelines(f"{text.encode().hex()}\t{ftfy.fix_text(text).encode().hex()}\n" for text in texts)
