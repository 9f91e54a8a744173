"""Reads and writes CleanCLIP record streams; the format is described in cleanclip-stream(7).

    import cleanclip

    def shout(record):
        record["txt"] = record["txt"].upper()
        return record  # or None, to drop it

    cleanclip.run("shout.py", shout)

Needs the package msgpack (python3-msgpack).  Arrays are converted with numpy by to_array and to_map.
"""
import signal
import sys

import msgpack


class Truncated(Exception):
    """The input has a header and no tail."""


def read(file=sys.stdin.buffer):
    """Yields the maps of a stream as dictionaries: header, epoch marks, records and tail."""
    count, needs_tail = 0, False
    for item in msgpack.Unpacker(file, unicode_errors="surrogateescape", max_buffer_size=2**32 - 1):
        if "__key__" in item:
            count += 1
        elif "cc_end" in item:
            needs_tail = False
        elif "cc" in item:
            needs_tail = True
        yield item
    if needs_tail:
        raise Truncated("upstream ended early, after %d records" % count)


def write(item, file=sys.stdout.buffer):
    file.write(msgpack.packb(item, unicode_errors="surrogateescape"))


def run(name, stage, args=(), drops=False):
    """Passes each record through stage(record), from standard input to standard output.

    Epoch marks, the tail and unknown fields are kept.  args is recorded in the header's provenance.
    drops: stage may return None, so the number of records is not known in advance."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    written = 0
    try:
        for item in read():
            if "__key__" in item:
                item = stage(item)
                written += item is not None
            elif "cc_end" in item:
                item["records"], written = written, 0
            elif "cc" in item:
                item["prog"] = item.get("prog", []) + [{"name": name, "version": "1", "seed": 0, "args": list(args)}]
                if drops:
                    item.pop("records", None)
            if item is not None:
                write(item)
    except Truncated as error:
        sys.exit("%s: %s" % (name, error))


def to_array(field):
    import numpy
    return numpy.frombuffer(field["data"], field["dtype"]).reshape(field["shape"])


def to_map(array):
    dtype = array.dtype.newbyteorder("<")
    return {"dtype": dtype.str, "shape": list(array.shape), "data": array.astype(dtype).tobytes()}
