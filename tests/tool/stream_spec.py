"""stream_spec.py PAGE FOLDER: the examples of formats/STREAM.md as files.

A block ```hex NAME is appended as bytes to FOLDER/NAME.  Each command of a ```console block, a line that begins with "$ " and those
below it that begin with "> ", becomes FOLDER/N.sh, and the lines below it, its output, FOLDER/N.wanted."""
import os
import re
import sys

page, folder = sys.argv[1:]
blocks = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", open(page).read(), re.M | re.S)
count = 0
for kind, name, text in blocks:
    if kind == "hex":
        for line in text.splitlines():
            digits = re.fullmatch(r" *((?:[0-9a-f]{2} ?)+)(?: .*)?", line)
            if not digits:
                sys.exit("%s: not a line of hexadecimal bytes: %s" % (page, line))
            with open(os.path.join(folder, name), "ab") as file:
                file.write(bytes.fromhex(digits.group(1)))
    elif kind == "console":
        for line in text.splitlines(True):
            if line.startswith("$ "):
                count += 1
                open(os.path.join(folder, "%d.wanted" % count), "w").close()
            command = line.startswith(("$ ", "> "))
            with open(os.path.join(folder, "%d.%s" % (count, "sh" if command else "wanted")), "a") as file:
                file.write(line[2:] if command else line)
    elif kind not in ("python", "sh"):
        sys.exit("%s: a block of unknown kind: %s" % (page, kind))
