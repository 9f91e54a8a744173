"""Checks that each message in the manual's error index is a string in the sources.

In a row's first cell, text in backticks is a message, in which `...` and words in capitals stand for what changes.
Prints the messages that no string of the sources has; nothing: all are there.
"""
import glob, re, sys

STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
# Adjacent strings, also with a macro such as PRIu64 between them.
JOINED = re.compile(r'"(?:[^"\\\n]|\\.)*"(?:\s*(?:PRI\w+\s*)?"(?:[^"\\\n]|\\.)*")*')


def strings():
    for path in glob.glob("formats/*/*.[ch]") + glob.glob("libcommon/*/*.[ch]") + glob.glob("tools/**/*.[ch]", recursive=True):
        with open(path) as file:
            for run in JOINED.finditer(file.read()):
                yield "".join(STRING.findall(run.group())).replace('\\"', '"').replace("\\\\", "\\").replace("%%", "%")
    for path in glob.glob("pipelines/*.mk") + glob.glob("pipelines/*.sh"):
        with open(path) as file:
            yield from file.read().split("\n")


def fixed(message):
    pieces = re.split(r"\.\.\.|\b[A-Z]+\b", message)
    return [piece.strip(" ,:;()'") for piece in pieces if len(piece.strip(" ,:;()'")) > 3]


def holds(text, pieces):
    at = 0
    for piece in pieces:
        at = text.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return True


def main(page):
    texts = list(strings())
    with open(page) as file:
        index = file.read().split("## Error messages", 1)[1]
    messages = [message for row in re.findall(r"^\| (`.*?`(?:, `.*?`)*) \|", index, re.M) for message in re.findall(r"`(.*?)`", row)]
    if len(messages) < 40:
        print("only %d messages" % len(messages))
    for message in messages:
        pieces = fixed(message)
        if not pieces or not any(holds(text, pieces) for text in texts):
            print(message)


main(sys.argv[1])
