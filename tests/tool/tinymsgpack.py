"""The part of msgpack that tests need, with the interface of the msgpack package, for machines without it."""
import struct


def packb(o, unicode_errors=None):
    if o is None:
        return b"\xc0"
    if o is True or o is False:
        return b"\xc3" if o else b"\xc2"
    if isinstance(o, int):
        return struct.pack("b", o) if -32 <= o < 128 else b"\xd3" + struct.pack(">q", o) if o < 2**63 else b"\xcf" + struct.pack(">Q", o)
    if isinstance(o, float):
        return b"\xcb" + struct.pack(">d", o)
    if isinstance(o, str):
        o = o.encode("utf-8", "surrogateescape")
        return (bytes([0xA0 | len(o)]) if len(o) < 32 else b"\xdb" + struct.pack(">I", len(o))) + o
    if isinstance(o, (bytes, bytearray)):
        return b"\xc6" + struct.pack(">I", len(o)) + bytes(o)
    if isinstance(o, (list, tuple)):
        return b"\xdd" + struct.pack(">I", len(o)) + b"".join(map(packb, o))
    head = bytes([0x80 | len(o)]) if len(o) < 16 else b"\xdf" + struct.pack(">I", len(o))
    return head + b"".join(packb(k) + packb(v) for k, v in o.items())


class Unpacker:
    def __init__(self, file, raw=False, max_buffer_size=0, unicode_errors=None):
        self.file = file

    def __iter__(self):
        while first := self.file.read(1):
            yield self.value(first[0])

    def take(self, code, size):
        return struct.unpack(">" + code, self.file.read(size))[0]

    def value(self, b=None):
        b = self.file.read(1)[0] if b is None else b
        if b < 0x80 or b >= 0xE0:
            return b if b < 0x80 else b - 256
        if b < 0x90:
            return self.map(b & 15)
        if b < 0xA0:
            return [self.value() for _ in range(b & 15)]
        if b < 0xC0:
            return self.text(b & 31)
        if b in (0xC0, 0xC2, 0xC3):
            return {0xC0: None, 0xC2: False, 0xC3: True}[b]
        if 0xC4 <= b <= 0xC6:
            return self.file.read(self.take("BHI"[b - 0xC4], 1 << b - 0xC4))
        if 0xCA <= b <= 0xD3:
            return self.take("fdBHIQbhiq"[b - 0xCA], (4, 8, 1, 2, 4, 8, 1, 2, 4, 8)[b - 0xCA])
        if 0xD9 <= b <= 0xDB:
            return self.text(self.take("BHI"[b - 0xD9], 1 << b - 0xD9))
        if b in (0xDC, 0xDD):
            return [self.value() for _ in range(self.take("HI"[b - 0xDC], 2 << b - 0xDC))]
        if b in (0xDE, 0xDF):
            return self.map(self.take("HI"[b - 0xDE], 2 << b - 0xDE))
        raise ValueError("byte %#x is not handled here" % b)

    def text(self, size):
        return self.file.read(size).decode("utf-8", "surrogateescape")

    def map(self, count):
        return {self.value(): self.value() for _ in range(count)}
