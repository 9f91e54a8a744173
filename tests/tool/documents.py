"""Checks documents and prints one line for each error.

links FILE...      relative links and their anchors exist
paths FILE...      each name in backticks that looks like a path of the tree exists, and each identifier is in the sources
"""
import glob, os, re, subprocess, sys


def without_blocks(text):
    return re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)


def anchors(path):
    """Anchors of headings, as GitHub makes them."""
    with open(path) as file:
        for title in re.findall(r"^#+ (.*)$", without_blocks(file.read()), re.M):
            title = re.sub(r"[`*]|\]\([^)]*\)|\[", "", title).lower()
            yield re.sub(r"[^\w\- ]", "", title).replace(" ", "-")


def links(page):
    with open(page) as file:
        text = without_blocks(file.read())
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:|mailto:", target):
            continue
        path, _, anchor = target.partition("#")
        path = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
        if not os.path.exists(path):
            print("%s: %s: no such file" % (page, target))
        elif anchor and anchor not in anchors(path):
            print("%s: %s: no such heading" % (page, target))


def sources():
    text = ""
    for path in subprocess.run(["git", "ls-files", "*.[ch]", "*.def", "*.sh", "*.t", "*.py", "*.mk", "Makefile", "*.md"], capture_output=True, text=True,
                               check=True).stdout.split():
        if not path.endswith("CONTRIBUTING.md") and os.path.exists(path):
            with open(path, errors="replace") as file:
                text += file.read()
    return text


def paths(page):
    with open(page) as file:
        names = re.findall(r"`([^`\n]+)`", without_blocks(file.read()))
    everything = sources()
    for name in dict.fromkeys(names):
        if re.fullmatch(r"(tools|formats|libcommon|pipelines|tests)(/[\w.*-]+)*/?|Makefile|[A-Z]+\.md", name):
            if not glob.glob(name):
                print("%s: %s: no such file" % (page, name))
        elif re.fullmatch(r"(struct )?[a-zA-Z_]\w*_\w+|\.?[a-z_]+->[a-z]+", name):
            if name.replace("struct ", "") not in everything:
                print("%s: %s: not in the sources" % (page, name))


for file in sys.argv[2:]:
    {"links": links, "paths": paths}[sys.argv[1]](file)
