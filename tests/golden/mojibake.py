"""Writes libcommon/text/mojibake.def: for every character that the detection of mojibake looks at, its classes, and its byte in each of the
ten single-byte encodings that are tried.  The encodings are Python's; the classes are the sets of characters that ftfy 6.3 (by Robyn Speer,
Apache License 2.0) distinguishes.  Needs the package `ftfy`."""
import os
import re

import ftfy.badness
import ftfy.chardata

CLASSES = {**ftfy.badness.MOJIBAKE_CATEGORIES, **ftfy.chardata.UTF8_CLUES}
NAMES = {"start_punctuation": "OPENING", "end_punctuation": "CLOSING", "utf8_first_of_2": "LEADS_2", "utf8_first_of_3": "LEADS_3",
         "utf8_first_of_4": "LEADS_4", "utf8_continuation": "FOLLOWS", "utf8_continuation_strict": "FOLLOWS_ONLY"}

rows = {}
for name, characters in CLASSES.items():
    one_of = re.compile(f"[{characters}]")
    for code in range(0x80, 0x10000):
        if one_of.match(chr(code)):
            rows.setdefault(code, ([], {}))[0].append("CLASS_" + NAMES.get(name, name.upper()))
for number, encoding in enumerate(ftfy.chardata.CHARMAP_ENCODINGS):
    for byte in range(0x100):
        code = ord(bytes([byte]).decode(encoding))
        if code >= 0x80:
            rows.setdefault(code, ([], {}))[1][number] = byte

path = os.path.join(os.path.dirname(__file__), "../../libcommon/text/mojibake.def")
with open(path, "w") as out:
    out.write("/* Characters in the detection of mojibake: code point, classes, encodings (bits), its byte in each.  Written by "
              "tests/golden/mojibake.py. */\n")
    for code, (classes, places) in sorted(rows.items()):
        out.write("CHARACTER(0x%04X, %s, 0x%03X, %s)\n" % (code, " | ".join(classes) or "0", sum(1 << number for number in places), ", ".join(
            "0x%02X" % places.get(number, 0) for number in range(len(ftfy.chardata.CHARMAP_ENCODINGS)))))
