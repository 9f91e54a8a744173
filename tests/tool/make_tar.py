"""make_tar.py FILE MEMBER...: a tar of the members NAME=CONTENT in that order, repeated ones included; NAME@COUNT has COUNT bytes.
Options before FILE: --format=ustar|gnu|pax, --link (the last member is a link to the first), --sparse (members are
NAME=SIZE,OFFSET,CONTENT: a file of that size with a hole before and after one piece), --samples=N (more: s/NNNNNN.txt, .cls)."""
import io
import sys
import tarfile

formats = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
options = dict(o[2:].partition("=")[::2] for o in sys.argv[1:] if o.startswith("--"))
path, *members = [a for a in sys.argv[1:] if not a.startswith("--")]
with tarfile.open(path, "w", format=formats[options.get("format", "pax")]) as tar:

    def add(name, content):
        info = tarfile.TarInfo(name)
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))

    def add_sparse(name, size, offset, content):
        info = tarfile.TarInfo(name)
        info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": name, "GNU.sparse.realsize": size}
        places = b"1\n%s\n%d\n" % (offset.encode(), len(content)) if content else b"0\n"
        content = places.ljust(512, b"\0") + content.encode()
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))

    for number, member in enumerate(members):
        name, at, size = member.partition("@")
        if "sparse" in options:
            name, _, parts = member.partition("=")
            add_sparse(name, *parts.split(","))
        elif at:
            add(name, b"x" * int(size))
        elif "link" in options and number == len(members) - 1:
            info = tarfile.TarInfo(member.partition("=")[0])
            info.type, info.linkname = tarfile.LNKTYPE, members[0].partition("=")[0]
            tar.addfile(info)
        else:
            name, _, content = member.partition("=")
            add(name, content.encode("utf-8", "surrogateescape"))
    for number in range(int(options.get("samples", 0))):
        add("s/%06d.txt" % number, b"caption %d" % number)
        add("s/%06d.cls" % number, b"%d" % (number % 10))
