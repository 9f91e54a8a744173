"""refusals.py [write]: compares the error texts that no test quotes with the list in tests/golden/refusals.txt.

A text counts as quoted if 16 characters of the longest part of its format without a conversion, or all of a shorter part, are in a test.
Reports new texts that no test quotes, and listed texts that a test quotes or that no longer exist: the list may only become shorter."""
import glob
import re
import sys

KNOWN, ENOUGH, SHORTEST = "tests/golden/refusals.txt", 16, 8
CALL = re.compile(r"\b(?:err_set|err_add|err_errno|tool_usage)\s*\(")
STRING = r'"(?:[^"\\]|\\.)*"'
CONVERSION = re.compile(r"%[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+)?)?(?:hh|h|ll|l|z|j)?[a-zA-Z%]|%$")


def call_at(source, begin):
    """The arguments of the call whose parenthesis is at begin - 1."""
    depth, at = 1, begin
    while depth:
        if source[at] in "\"'":
            quote = source[at]
            at += 1
            while source[at] != quote:
                at += 1 + (source[at] == "\\")
        depth += {"(": 1, ")": -1}.get(source[at], 0)
        at += 1
    return source[begin:at - 1]


def texts(source):
    for match in CALL.finditer(source):
        for group in re.findall(r"(?:%s\s*(?:PRI\w+\s*)?)+" % STRING, call_at(source, match.end())):
            yield "".join(part[1:-1] for part in re.findall(STRING, group))


def plain(text):
    return re.sub(r"\s+", " ", re.sub(r"\\(.)", r"\1", text.replace("'\\''", "'")))


def is_quoted(text, tests):
    longest = plain(max(CONVERSION.split(text), key=len)).strip()
    size = min(len(longest), ENOUGH)
    return size < SHORTEST or any(longest[i:i + size] in tests for i in range(len(longest) - size + 1))


def main():
    names = glob.glob("tests/tool/*.t") + glob.glob("tests/tool/*.py") + glob.glob("tests/unit/*.c") + glob.glob("tests/fuzz/*.c")
    tests = plain("\n".join(open(name, encoding="utf-8", errors="replace").read() for name in names))
    sources = sorted(glob.glob("libcommon/*/*.c") + glob.glob("formats/*/*.c") + glob.glob("tools/*.c") + glob.glob("tools/*/*.c"))
    untested = sorted({text for name in sources for text in texts(open(name, encoding="utf-8").read()) if not is_quoted(text, tests)})
    if sys.argv[1:] == ["write"]:
        open(KNOWN, "w", encoding="utf-8").write("".join(text + "\n" for text in untested))
    known = open(KNOWN, encoding="utf-8").read().splitlines()
    for text in sorted(set(untested) - set(known)):
        print("no test shows: " + text)
    for text in sorted(set(known) - set(untested)):
        print("remove from %s: %s" % (KNOWN, text))
    print("%d texts are listed as untested" % len(known), file=sys.stderr)


main()
