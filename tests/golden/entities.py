"""Writes libcommon/text/entities.def: HTML5's named character references (the WHATWG's list, as Python's standard library has it)."""
import html.entities
import os

rows = sorted((name.encode(), value.encode()) for name, value in html.entities.html5.items())
path = os.path.join(os.path.dirname(__file__), "../../libcommon/text/entities.def")
with open(path, "w") as out:
    out.write("/* HTML5's named character references, sorted bytewise.  Written by tests/golden/entities.py. */\n")
    for name, value in rows:
        out.write('ENTITY("%s", "%s")\n' % (name.decode(), "".join("\\x%02X" % byte for byte in value)))
