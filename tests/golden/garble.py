"""Strings for comparing text repair with ftfy's: real text read in a wrong encoding, damaged on the way, and random characters of the kinds
that ftfy's rules distinguish.  Used by repair.py here and by tests/tool/parity_tokens.py.  Needs the package `ftfy`."""
import re
import struct
import unicodedata

import ftfy.badness
import ftfy.chardata

ENCODINGS = ftfy.chardata.CHARMAP_ENCODINGS
CLASSES = [[chr(code) for code in range(0x10000) if re.match(f"[{characters}]", chr(code))]
           for characters in {**ftfy.badness.MOJIBAKE_CATEGORIES, **ftfy.chardata.UTF8_CLUES}.values()]
IN_RULES = sorted(set(ftfy.badness.BADNESS_RE.pattern))
ASSIGNED = [chr(code) for code in range(1, 0x30000) if not 0xD800 <= code <= 0xDFFF and unicodedata.category(chr(code)) != "Cn"]
MEANT = ["it’s a café", "“quoted”", "naïve résumé", "кот и пёс", "日本語", "über – schön", "São Paulo", "50 €", "emoji 😀 here", "Ελληνικά", "déjà vu",
         "café\u00a0noir", "à la mode", "às vezes", "àquele", "עברית", "العربية", "ไทย", "한국어 텍스트", "žluťoučký kůň", "Łódź gęś", "Çağ İstanbul ğ",
         "ā ē ī ņ", "x² ± ½", "©®™", "l’été “œuvre”…", "\x00 null", "𝒳 math", "à", "Ø Å Ü", "ß", "ＦＵＬＬ ﾊﾟｿ", "ﬁne Ĳssel ŉ ǆ", "e\u0301 A\u030a",
         "\x1b[31mred\x1b[0m", "a\u2028b\u2029c\x85d", "&eacute; &EACUTE; &#146;"]
# UTF-8, CESU-8 and Java's U+0000; the same with a blank for A0, with lost bytes, with a question mark for one.
SEQUENCES = [b"\xc3\xa9", b"\xe2\x80\x99", b"\xed\xa0\xbd\xed\xb8\x80", b"\xc0\x80", b"\xf0\x9f\x98\x80", b" ", b"a", b"\xed\x95\x9c", b"\xc3 ", b"\xc3 s ",
             b"\xe2 \x99", b"\xe3\x80 ", b"\xf0\x9f \x80", b"\xf0 \x9f\x80", b"\x1a", b"\xe2\x80\x1a", b"\xe2\x80?", b"\xc3?", b"\xed\xa0?\xed\xb0\x80",
             b"\xf0\x9f\x1a\x1a", b"\xc0", b"\xed"]


def cesu8(text):
    units = "".join(c if c < "\U00010000" else "".join(map(chr, struct.unpack("<2H", c.encode("utf-16-le")))) for c in text)
    return units.encode("utf-8", "surrogatepass").replace(b"\0", b"\xc0\x80")


def garble(rng, text):
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3))):
        text = (cesu8(text) if rng.random() < .1 else text.encode()).decode(rng.choice(ENCODINGS))
        if rng.random() < .15:
            text = re.sub("[\x80-\x9f]", rng.choice(["\ufffd", "?", "\x1a", ""]), text)
        if rng.random() < .15:
            text = text.replace("\xa0", " ")
        if rng.random() < .1 and text:
            at = rng.randrange(len(text))
            text = text[:at] + rng.choice(["\ufffd", "?", " ", "", "\x1a", "é", "漢"]) + text[at + 1:]
    return text


def make_string(rng):
    kind = rng.randrange(9)
    if kind in (0, 1):
        return garble(rng, " ".join(rng.choice(MEANT) for _ in range(1 + rng.randrange(3))))
    if kind == 2:
        return garble(rng, rng.choice(MEANT)) + rng.choice(["", " ", "x"]) + rng.choice(MEANT) + garble(rng, rng.choice(MEANT))
    if kind == 3:
        return "".join(rng.choice(rng.choice(CLASSES)) for _ in range(rng.randrange(1, 8)))
    if kind == 4:
        return "".join(rng.choice(rng.choice((IN_RULES, rng.choice(CLASSES), " aZ"))) for _ in range(rng.randrange(1, 12)))
    if kind == 5:
        return "".join(chr(rng.randrange(1, 0x180)) for _ in range(rng.randrange(60)))
    if kind == 6:
        return "".join(rng.choice(ASSIGNED) for _ in range(rng.randrange(50)))
    if kind == 7:
        few = b"\xc3\xc2\xe2\xf0\xed\xa0\xb0\x80 ?\x1a\xc0\xed"
        return bytes(rng.choice((rng.randrange(256), rng.choice(few))) for _ in range(rng.randrange(1, 12))).decode(rng.choice(ENCODINGS))
    return b"".join(rng.choice(SEQUENCES) for _ in range(rng.randrange(1, 6))).decode(rng.choice(ENCODINGS)) + rng.choice(["", "", "漢"])
