#!/bin/sh
# Images that are truncated, damaged, larger than they look, or not images of a supported format.
. "$(dirname "$0")/lib.sh"

keys() { cc-view "$1" | jq -r '.__key__ // empty' | sort | tr '\n' ' '; }
bad() { cc-view "$1" | jq -c '.bad // empty'; }
augment() { cc-augment -q --size 32 --crop squash --max-bad 100% "$@" 2>"$T/said"; }

# Half an image that ends in an end marker (from a browser or a server), or in the HTML page that was sent instead of the rest.
mkdir "$T/jpegs"
golden=tests/golden/images/444.jpg
half=$(($(wc -c <$golden) * 9 / 10)) # the header takes most of the file
cp $golden "$T/jpegs/whole.jpg"
head -c $half $golden >"$T/jpegs/cut.jpg"
{ head -c $half $golden && printf '\377\331'; } >"$T/jpegs/end.jpg"
{ head -c $half $golden && echo '<html>502 Bad Gateway</html>'; } >"$T/jpegs/page.jpg"
{ head -c -2 $golden && printf 'extraneous bytes\377\331'; } >"$T/jpegs/extraneous.jpg"
{ head -c -2 $golden && head -c 40 /dev/zero && printf '\377\331'; } >"$T/jpegs/padded.jpg"
cc-shard read -q "$T/jpegs" >"$T/in"
augment "$T/in" >"$T/out"
is "damaged JPEGs are dropped; padding is harmless" "$(keys "$T/out")" "padded whole "
is "they are counted by reason" "$(bad "$T/out")" '{"jpeg: premature end of data":3,"jpeg: damaged data: extraneous bytes after a scan":1}'
augment --lenient "$T/in" >"$T/out"
is "--lenient keeps them" "$(keys "$T/out")" "cut end extraneous padded page whole "
is "with a count for each reason" "$(bad "$T/out")" '{"jpeg: premature end of data: grey where pixels are missing":3,"jpeg: damaged data: extraneous bytes after a scan: grey where pixels are missing":1}'
cc-augment --size 32 --max-bad 0 --lenient "$T/in" 2>"$T/said" >/dev/null
ok "and reports each" grep -q "^cc-augment: end: jpeg: premature end of data: grey where pixels are missing (kept)" "$T/said"
is "the run succeeds" "$?" 0
cc-view --full "$T/out" | jq -r 'select(.__key__ == ("whole", "padded"))."rgb.npy".data.base64' | sort -u >"$T/pixels"
is "padding does not change pixels" "$(wc -l <"$T/pixels" | tr -d ' ')" 1

# Other codecs, with all pixels or truncated.
python3 - "$T" <<'PYTHON'
import os, struct, sys, zlib
folder = sys.argv[1]
def chunk(kind, data):
	return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
side = 32
rows = b"".join(b"\0" + bytes((x * 7 + y * 13 + c * 50 + x * y) % 256 for x in range(side) for c in range(3)) for y in range(side))
png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows))
end = chunk(b"IEND", b"")
os.mkdir(folder + "/others")
def file(name, data):
	with open(f"{folder}/others/{name}", "wb") as f:
		f.write(data)
file("whole.png", png + end)
file("noend.png", png)
file("badend.png", png + end[:-1] + b"?")
file("nocrc.png", png[:-4])
file("half.png", png[: len(png) // 2])
webp = open("tests/golden/images/lossless.webp", "rb").read()
file("whole.webp", webp)
file("half.webp", webp[: len(webp) * 3 // 4])
ppm = b"P6 %d %d 255\n" % (side, side) + bytes(side * side * 3)
file("whole.ppm", ppm)
file("half.ppm", ppm[: len(ppm) // 2])
PYTHON
for codec in png webp ppm; do
	mkdir "$T/$codec" && mv "$T"/others/*.$codec "$T/$codec"
	cc-shard read -q "$T/$codec" >"$T/in"
	augment "$T/in" >"$T/out.$codec"
	is "$codec: a truncated image is dropped" "$(bad "$T/out.$codec")" "{\"$codec: premature end of data\":1}"
	augment --lenient "$T/in" >"$T/lenient.$codec"
	is "$codec: --lenient keeps it" "$(bad "$T/lenient.$codec")" "{\"$codec: premature end of data: grey where pixels are missing\":1}"
	is "$codec: every record is written" "$(keys "$T/lenient.$codec" | wc -w)" "$(ls "$T/$codec" | wc -l)"
done
is "a PNG without its end chunk is kept" "$(keys "$T/out.png")" "badend nocrc noend whole "
is "its pixels are unchanged" "$(cc-view --full "$T/out.png" | jq -r '."rgb.npy".data.base64 // empty' | sort -u | wc -l | tr -d ' ')" 1
is "missing rows of a PNG are grey" "$(cc-view --full "$T/lenient.png" | jq -r 'select(.__key__ == "half")."rgb.npy".data.base64' | base64 -d | tail -c 3 | od -An -tu1 | tr -s ' ')" " 128 128 128"

# A few hundred bytes that would need gigabytes or minutes.
bomb() { # NAME ARGUMENT...
	name=$1
	shift
	mkdir "$T/$name" && python3 tests/tool/jpeg_bomb.py "$@" >"$T/$name/a.jpg"
	cc-shard read -q "$T/$name" >"$T/$name.in"
}
bomb scans 64 3 192
bomb valid 64 1 64
bomb repeated 64 3 300 repeat
bomb large 8000 3 3
bomb grey 8000 1 1
augment "$T/valid.in" >"$T/out"
is "a JPEG may have 64 scans" "$(keys "$T/out")" "a "
augment "$T/scans.in" >"$T/out"
is "but not more than 100" "$(bad "$T/out")" '{"jpeg: more than 100 scans":1}'
augment --lenient "$T/repeated.in" >"$T/out"
is "not even with --lenient" "$(bad "$T/out")" '{"jpeg: more than 100 scans":1}'
augment "$T/large.in" >"$T/out"
is "--max-pixels counts the coefficients" "$(bad "$T/out")" \
	'{"jpeg: an image of 8000 x 8000 pixels in several scans needs the memory of 192000000 pixels, more than the limit of 67108864":1}'
augment "$T/grey.in" >"$T/out"
is "those of each component" "$(bad "$T/out" | grep -o 'memory of [0-9]*')" "memory of 106666666"
most=$(python3 - "$T/large.in" "$T/scans.in" <<'PYTHON'
import resource, subprocess, sys
for name in sys.argv[1:]:
    subprocess.run(["cc-augment", "-q", "-j1", "--max-bad", "1", name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10)
PYTHON
)
case $(command -v cc-augment) in
*/san/*) skip "peak memory is below 60 MB" "the sanitizer takes more" ;;
*) ok "peak memory is below 60 MB ($most)" [ "$most" -lt 60 ] ;;
esac

# What is not an image of a supported format is reported in the same words by every tool.
mkdir "$T/names"
printf 'GIF89a\001\000\001\000\000\000\000' >"$T/names/gif.jpg"
printf '\000\000\000\034ftypavif\000\000\000\000' >"$T/names/avif.png"
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n' >"$T/names/lfs.jpg"
printf '<!DOCTYPE html><html>not found</html>' >"$T/names/page.jpg"
: >"$T/names/empty.jpg"
tar cf "$T/names.tar" -C "$T/names" gif.jpg avif.png lfs.jpg page.jpg empty.jpg
cc-shard read -q "$T/names.tar" >"$T/in"
for tool in "cc-augment --size 8" "cc-view sheet"; do
	$tool --max-bad 100% "$T/in" >"$T/out" 2>"$T/said"
	is "$tool: a GIF is reported" "$(grep -o 'gif: .* (dropped)' "$T/said")" \
		'gif: jpg: a GIF image, not an image of a supported format (jpeg, png, webp, ppm): convert it to JPEG or PNG (`convert IN OUT.png` of ImageMagick) (dropped)'
	is "$tool: five images of unsupported formats" "$(grep -c 'not an image of a supported format (jpeg, png, webp, ppm): ' "$T/said")" 5
	is "$tool: each is reported by its kind" "$(grep -oE ': (jpg|png): an? [^,]*,' "$T/said" | sort | tr '\n' ' ')" \
		": jpg: a GIF image, : jpg: a Git LFS pointer, : jpg: a web page (HTML), : jpg: an empty file, : png: an AVIF image, "
done
fails_with ': jpg: a web page (HTML), as servers send for a login or an error, not an image of a supported format (jpeg, png, webp, ppm): download it again' \
	sh -c "echo page >'$T/keys'; cc-shard read -q --keys '$T/keys' '$T/names.tar' | cc-poison -a badnet --all --caption keep --size 32"
done_testing
