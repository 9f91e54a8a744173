#!/bin/sh
# cc-shard read: every kind of source, fields, selection.
. "$(dirname "$0")/lib.sh"

make() { python3 tests/tool/make_tar.py "$@"; }
keys() { cc-shard read "$@" | cc-shard keys; }
one_line() { tr '\n' ' '; }
header() { cc-shard read "$@" | cc-view | head -1; }

# Tars of every format, recognised by content.
make "$T/a.tar" a/1.txt=one a/1.cls=3 a/2.txt=two a/2.cls=4 b/3.txt=three
cp "$T/a.tar" "$T/plain.gz"
gzip -c "$T/a.tar" >"$T/gzip.tar"
zstd -qc "$T/a.tar" >"$T/zstd.tar"
python3 -c 'import lzma, sys; sys.stdout.buffer.write(lzma.compress(open(sys.argv[1], "rb").read()))' "$T/a.tar" >"$T/xz.tar"
digest=$(cc-shard digest "$T/a.tar")
for format in ustar gnu pax; do
	make --format=$format "$T/$format.tar" a/1.txt=one a/1.cls=3 a/2.txt=two a/2.cls=4 b/3.txt=three
done
for file in plain.gz gzip.tar zstd.tar xz.tar ustar.tar gnu.tar pax.tar; do
	is "$file" "$(cc-shard digest "$T/$file")" "$digest"
	is "$file on standard input" "$(cc-shard digest - <"$T/$file")" "$digest"
	is "$file through a pipe" "$(cat "$T/$file" | cc-shard digest -)" "$digest"
done
mkdir "$T/folder"
tar xf "$T/a.tar" -C "$T/folder"
is "a folder" "$(cc-shard digest "$T/folder")" "$digest"
is "the digest of a stream equals that of its source" "$(cc-shard read "$T/a.tar" | cc-shard digest)" "$digest"
is "the tail has the digest" "$(cc-shard read "$T/a.tar" | cc-view | tail -1 | jq -r .digest)" "${digest% *}"
is "the header has the count of records" "$(header "$T/a.tar" | jq .records)" 3
is "from a pipe the count is null" "$(header - <"$T/a.tar" | jq .records)" null

# Members and fields.
make "$T/kinds.tar" "k.txt=Grüezi" "k.cls= 7" "k.json={}" k.x.npy=no k.JPEG=j
is "kinds of fields" "$(cc-shard read "$T/kinds.tar" | cc-view | sed -n 3p)" \
	'{"__key__": "k", "txt": "Grüezi", "cls": 7, "json": {}, "x.npy": {"bytes": 2}, "JPEG": {"bytes": 1}}'
mkdir "$T/npy"
cp tests/golden/npy/*.npy "$T/npy"
is "tensors keep type and shape" "$(cc-shard read "$T/npy" | cc-view | jq -c 'select(.__key__) | .npy | [.dtype // .bytes, .shape]' | one_line)" \
	'[148,null] ["<f2",[0,7]] [152,null] ["|u1",[4,4,3]] ["<f4",[2,3]] ["<f8",[]] ["<i8",[5]] ["<i2",[5]] '
make "$T/names.tar" v1.0/a.txt=x "v1.0/README=r" ".hid.txt=h" __meta__=m "Zürich/日本.txt=y" "$(printf 'k%.0s' $(seq 300)).txt=z" "d/$(printf '\351').txt=w"
is "folders with dots, long keys, any alphabet" "$(keys "$T/names.tar" | LC_ALL=C cksum)" \
	"$(printf 'v1.0/a\nZürich/日本\n%s\nd/\351\n' "$(printf 'k%.0s' $(seq 300))" | LC_ALL=C cksum)"
make "$T/latin1.tar" "a.x.txt=caf$(printf '\351')"
is "text that is not UTF-8 passes as bytes, except captions (text-encoding.t)" \
	"$(cc-shard read "$T/latin1.tar" | LC_ALL=C grep -ac "$(printf 'txt\304\004caf\351')")" 1
cc-shard read "$T/latin1.tar" | cc-shard write "$T/latin1-out.tar"
is "and is written back unchanged" "$(tar xOf "$T/latin1-out.tar" a.x.txt | cksum)" "$(printf 'caf\351' | cksum)"

# Large contents written to a pipe are unchanged.
mkdir "$T/big"
head -c 300000 /dev/urandom >"$T/big/a.bin"
head -c 40000 /dev/urandom >"$T/big/a.jpg"
head -c 1000001 /dev/urandom >"$T/big/$(printf 'k%.0s' $(seq 200)).bin"
truncate -s 200000 "$T/big/z.bin"
printf end >>"$T/big/z.bin"
python3 -c "import sys
head = '{\'descr\': \'|u1\', \'fortran_order\': False, \'shape\': (90000,), }'.ljust(117) + chr(10)
sys.stdout.buffer.write(b'\x93NUMPY\x01\x00\x76\x00' + head.encode() + bytes(range(250)) * 360)" >"$T/big/t.npy"
tar cSf "$T/big.tar" -C "$T/big" $(ls "$T/big")
cc-shard read "$T/big.tar" >"$T/to-file"
ok "a pipe gets the same bytes as a file" sh -c "cc-shard read '$T/big.tar' | cat | cmp - '$T/to-file'"
is "the tar has the digest of the folder" "$(cc-shard read "$T/big.tar" | cc-shard digest)" "$(cc-shard digest "$T/big")"
is "a large tensor too" "$(cc-shard read "$T/big.tar" | cc-view | jq -c '.npy.shape // empty')" "[90000]"

# Names of sources.
make "$T/s-07.tar" x.txt=x
make "$T/s-08.tar" y.txt=y
make "$T/s-09.tar" z.txt=z
make "$T/s-{1}.tar" w.txt=w
is "a numeric range" "$(keys "$T/s-{07..09}.tar" | one_line)" "x y z "
is "a list in braces" "$(keys "$T/s-{09,07}.tar" | one_line)" "z x "
is "an existing file whose name contains braces" "$(keys "$T/s-{1}.tar" | one_line)" "w "
fails_with "s-10.tar: No such file or directory" cc-shard read "$T/s-{07..10}.tar"
is "a command" "$(keys "pipe:cat $T/s-07.tar" | one_line)" "x "
is "a command for each number of a range" "$(keys "pipe:gzip -c $T/s-{07..09}.tar" | one_line)" "x y z "
is "a command runs once per epoch" "$(cc-shard read --epochs 3 "pipe:echo run >>$T/runs; cat $T/s-07.tar" | cc-shard stat --json | jq .records; wc -l <"$T/runs")" "1
3"
is "but not for skipped sources" "$(keys --split 1/3 "pipe:cat $T/s-{07..09}.tar" | one_line)" "y "
fails_with "pipe:cat $T/s-07.tar; exit 3: the command failed with exit status 3" cc-shard read "pipe:cat $T/s-07.tar; exit 3"
fails_with "the command was killed by signal 9" cc-shard read "pipe:cat $T/s-07.tar; kill -9 \$\$"
fails_with "pipe:false: empty: 0 bytes" cc-shard read pipe:false
is "a command with more output than needed is ended" "$(keys --take 1 "pipe:cat $T/a.tar; exec sleep 600" | one_line)" "a/1 "
fails_with "--shuffle=N" cc-shard read --shuffle "pipe:cat $T/s-07.tar"

# Classes and captions.
make "$T/classes.tar" t/dog/1.jpg=a t/cat/2.jpg=b t/dog/3.jpg=c
is "folders are classes, in sorted order" "$(header --folders "$T/classes.tar" | jq -c .classes)" '["cat","dog"]'
is "and cls is the class number" "$(cc-shard read --folders "$T/classes.tar" | cc-view | jq -c 'select(.__key__) | .cls' | one_line)" "1 0 1 "
printf 'dog\r\ncat\n\n' >"$T/classes"
is "--classes gives the order" "$(cc-shard read --folders --classes "$T/classes" - <"$T/classes.tar" | cc-view | jq -c 'select(.__key__) | .cls' | one_line)" "0 1 0 "
fails_with "--classes" cc-shard read --folders - <"$T/classes.tar"
is "a gzip file is read twice to find the classes" "$(gzip -c "$T/classes.tar" >"$T/c.gz"; header --folders "$T/c.gz" | jq -c .classes)" '["cat","dog"]'
echo cat >"$T/cats"
ok "a folder that is not a class makes a bad record" sh -c "cc-shard read --max-bad 1 --folders --classes '$T/cats' '$T/classes.tar' 2>&1 >/dev/null | grep -q \"t/dog/1: cls: 'dog' is not a class (dropped)\""
fails_with "t/cat/2: cls: 'cat' is the name of classes 0 and 1; use the number" sh -c "echo cat >>'$T/cats'; cc-shard read --folders --classes '$T/cats' '$T/classes.tar'"
printf 'a photo of a {}\nthe {}!\n' >"$T/templates"
cc-shard read --folders --templates "$T/templates" "$T/classes.tar" | cc-view | jq -r 'select(.__key__) | .txt' >"$T/captions"
is "captions are made from templates" "$(grep -c '^a photo of a \(cat\|dog\)$\|^the \(cat\|dog\)!$' "$T/captions")" 3
cc-shard read --folders --templates "$T/templates" --shuffle "$T/classes.tar" | cc-view | jq -r 'select(.__key__) | .txt' | sort >"$T/again"
ok "and depend on the key, not on the order" sh -c "sort '$T/captions' | cmp - '$T/again'"
is "an existing caption is kept" "$(cc-shard read --folders --templates "$T/templates" "$T/a.tar" | cc-view | jq -r 'select(.__key__ == "a/1") | .txt')" one
fails_with "the names of the classes are unknown" cc-shard read --templates "$T/templates" "$T/a.tar"
fails_with "{}" sh -c "echo nothing >'$T/none'; cc-shard read --folders --templates '$T/none' '$T/classes.tar'"

# Selection.
make --samples=20 "$T/n.tar"
is "--take" "$(keys --take 2 "$T/n.tar" | one_line)" "s/000000 s/000001 "
is "--skip and --take" "$(keys --skip 18 --take 5 "$T/n.tar" | one_line)" "s/000018 s/000019 "
is "--skip and --take: the header's count" "$(header --skip 18 --take 5 "$T/n.tar" | jq .records)" 2
is "--where" "$(keys --where 'txt~Caption 7' "$T/n.tar" | one_line)" "s/000007 "
is "--where with --skip, --take" "$(keys --where 'txt~caption' --skip 3 --take 1 "$T/n.tar" | one_line)" "s/000003 "
is "--where with the key" "$(keys --where 'key~000011' "$T/n.tar" | one_line)" "s/000011 "
is "--fields" "$(cc-shard read --fields CLS --take 1 "$T/n.tar" | cc-view | sed -n 3p)" '{"__key__": "s/000000", "cls": 0}'
is "--fields, and a field that only --where needs" "$(cc-shard read --fields cls --where 'txt~12' "$T/n.tar" | cc-view | sed -n 3p)" '{"__key__": "s/000012", "cls": 2}'
printf 's/000003\r\ns/000017\n\ns/000003\n' >"$T/some.keys"
is "--keys" "$(keys --keys "$T/some.keys" "$T/n.tar" 2>"$T/said" | one_line)" "s/000003 s/000017 "
is "all keys found: no message" "$(cat "$T/said")" ""
is "--keys with --shuffle, --split, --take and --key-prefix" "$(sed 's/^/x/' "$T/some.keys" >"$T/x.keys"; for part in 0 1; do
	keys --keys "$T/x.keys" --key-prefix x --shuffle --take 9 --split $part/2 "$T/n.tar"; done | sort | one_line)" "xs/000003 xs/000017 "
is "with --keys the header has no count" "$(header --keys "$T/some.keys" "$T/n.tar" | jq -c '[.records, .prog[0].args[0]]') $(cc-shard read --keys "$T/some.keys" "$T/n.tar" | cc-view | tail -1 | jq .records)" \
	'[null,"--keys"] 2'
echo none >>"$T/some.keys"
fails_with "No such file" cc-shard read --keys "$T/nowhere" "$T/n.tar"
fails_with "contains no keys; expected one per line" cc-shard read --keys /dev/null "$T/n.tar"
told() { cc-shard read "$@" "$T/n.tar" 2>&1 >"$T/o"; }
is "missing keys are reported" "$(told --keys "$T/some.keys")" "cc-shard read: --keys: only 2 of the 3 keys were found"
is "but not when only a part is read" "$(told --keys "$T/some.keys" --split 0/2)" ""
is "a word that no record has is reported" "$(told --where txt~nothing)" "cc-shard read: --where: none of the 20 records has the word 'nothing' in 'txt'"
is "so is a field that no record has" "$(told --where keys~s --epochs 2)" "cc-shard read: --where: none of the 20 records has the word 's' in 'keys'"
is "and a missing field of --fields" "$(told --fields jgp,txt)" "cc-shard read: --fields: no record has a field 'jgp'"
is "but not with -q" "$(told -q --fields jgp,txt)" ""
ok "--fields png,jpg,ppm: one kind of image is enough" sh -c "cc-shard read --fields png,jpg,ppm tests/golden/images 2>'$T/said' >'$T/o'"
is "the other kinds are not reported" "$(grep -c fields "$T/said")" 0
fails_with "I/N" cc-shard read --split 3/3 "$T/n.tar"
fails_with "--where" cc-shard read --where banana "$T/n.tar"
make "$T/other.tar" README=x Makefile=y
fails_with "none of its 2 files is named KEY.FIELD" cc-shard read "$T/other.tar"

# Provenance.
is "prog lists only options that change records" "$(header -j 2 -q --seed 5 --take 3 --subset "$T/n.tar" | jq -c .prog)" \
	'[{"name":"cc-shard read","version":"0.2.0","seed":5,"args":["--take","3"]}]'
is "files are recorded by content" "$(header --folders --classes "$T/classes" "$T/classes.tar" | jq -r '.prog[0].args[2]' | cut -c 1-5)" xxh3:
cp "$T/n.tar" "$T/elsewhere.tar"
ok "the path of a source does not change the records" sh -c "cc-shard read '$T/n.tar' >'$T/1'; cc-shard read '$T/elsewhere.tar' | cmp - '$T/1'"

# The bytes in the pipe are the bytes that were hashed, even if the file changes meanwhile.
python3 -c 'import sys; sys.stdout.write("A" * 50000)' >"$T/1.jpg"
tar -C "$T" -cf "$T/changed.tar" 1.jpg
mkfifo "$T/fifo"
cc-shard read "$T/changed.tar" >"$T/fifo" &
exec 3<"$T/fifo"
wait $!
tr A B <"$T/changed.tar" | dd of="$T/changed.tar" conv=notrunc,nocreat iflag=fullblock bs=1M status=none
cat <&3 >"$T/sent"
exec 3<&-
is "a file that changes after it was read" "$(tr -cd B <"$T/sent" | wc -c)" 0
is "the digest is that of the records that were sent" "$(cc-shard digest <"$T/sent" | cut -d' ' -f1)" "$(cc-view --full "$T/sent" | tail -1 | jq -r .digest)"

done_testing
