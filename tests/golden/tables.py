"""Writes tables.tsv: hard tables and what Python's csv module reads in them.  A line for each: its name, its delimiter (and the escape
character, if any), its bytes and its rows, each byte in hexadecimal; cells with a comma between them, rows with a slash.  Blank lines
are not rows.  Where the first line ends with LF or CR LF, a CR alone is text (to Python it always ends a line)."""
import csv
import io
import os
import random
import re

TABLES = {
    "plain": "image,caption\na.jpg,a dog\nb.jpg,a cat\n",
    "no newline at the end": "a,b\nc,d",
    "quotes within quotes": 'a,"say ""hi"""\n"""",""""""\n',
    "delimiters and lines within": '"a,b","c\nd"\n"e\r\nf","g\rh"\n',
    "crlf": "a,b\r\nc,d\r\n",
    "cr": "a,b\rc,d\r",
    "a lone cr is text": "a,b\nc,d\re\n\rf,g\r\n\"h\ri\",j\r",
    "and after crlf": "a,b\r\nc,d\re\r\n",
    "mixed line ends": "a\r\nb\nc\rd\n\re\r\r\nf",
    "empty cells": ",\n,,\n\"\",\n\"\"\n,\"\"",
    "a quote inside": 'a"b,c"\nd"",e\n',
    "spaces are text": 'x,y\n a , "b" \n\t,x\n',
    "blank lines": "\n\na,b\n\n\r\nc,d\n\n",
    "ragged": "a,b,c\nd\ne,f\n",
    "any alphabet": "Zürich,日本\n😀,\"ü\n,ö\"\n",
    "many cells": ",".join(str(i) for i in range(300)) + "\n" + "," * 299 + "\n",
    "a long cell": '"' + "x\n" * 40 + '",' + "y" * 100 + "\n",
    "only quotes": '""\n""""\n"\n"\n',
    "nothing": "",
    "one character": "a",
    "form feeds and zero width": "a\f,b\v\n\u2028,\u0085\n",
}

ESCAPED = {
    "backslashes": 'image,caption\n0.jpg,"2\\" seam, blue"\n1.jpg,"a \\"quoted\\" word"\n',
    "a backslash outside quotes": "a\\,b,c\\\\,\\\"d\n",
    "escaped line ends": 'a,b\nc\\\nd,"e\\\nf"\n',
    "other letters": 'a,\\n,"\\t"\nd\\é,"\\é",f\n',
    "doubled quotes too": 'a,"say ""hi\\" """\n',
    "escaped escapes": '"a\\\\",b\n"\\\\\\"",c\n',
}
LONE_CR = "\ue000"


def rows(text, delimiter, escape=None):
    first = re.search("\r\n|\n|\r", text)
    if first and first[0] != "\r":
        text = re.sub("\r(?!\n|$)", LONE_CR, text)
    read = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, escapechar=escape, strict=True)
    return [[cell.replace(LONE_CR, "\r") for cell in row] for row in read if row]


def hexadecimal(text):
    return text.encode().hex()


def random_tables():
    """What the two readers agree to be whole; the rest is in the unit test."""
    draw = random.Random(7)
    for number in range(60):
        text = "".join(draw.choice(['"', '"', ",", "\n", "\r", "a", "b ", '""', '","', '"\n"']) for _ in range(draw.randrange(1, 24)))
        try:
            rows(text, ",")
        except csv.Error:
            continue
        if text.count('"') % 2 == 0:
            yield f"random {number}", text


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "tables.tsv"), "w") as out:
    for name, text in [*TABLES.items(), *random_tables()]:
        for delimiter in (",", "\t", ";") if name in TABLES else (",",):
            changed = text.replace(",", delimiter)
            shown = "/".join(",".join(hexadecimal(cell) for cell in row) for row in rows(changed, delimiter))
            print(name, hexadecimal(delimiter), hexadecimal(changed), shown, sep="\t", file=out)
    for name, text in ESCAPED.items():
        shown = "/".join(",".join(hexadecimal(cell) for cell in row) for row in rows(text, ",", "\\"))
        print(name, hexadecimal(",\\"), hexadecimal(text), shown, sep="\t", file=out)
