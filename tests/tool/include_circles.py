"""Prints include cycles among the project's headers: a.h includes b.h includes a.h."""
import glob
import os
import re

headers = {}
for path in sorted(glob.glob("libcommon/*/*.h") + glob.glob("formats/*/*.h") + glob.glob("tools/*/*.h")):
    names = re.findall(r'^#include "([^"]+\.h)"', open(path).read(), re.M)
    headers[path] = [name if os.path.exists(name) else "libcommon/" + name for name in names]

done = set()


def visit(path, above):
    if path in above:
        print(" -> ".join(above[above.index(path):] + [path]))
    elif path not in done:
        for name in headers.get(path, []):
            visit(name, above + [path])
        done.add(path)


for path in headers:
    visit(path, [])
