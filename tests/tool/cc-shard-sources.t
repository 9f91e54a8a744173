#!/bin/sh
# cc-shard read: tables, lists of sources, weights, --rename; CIFAR-10's archive.
. "$(dirname "$0")/lib.sh"

make() { python3 tests/tool/make_tar.py "$@"; }
keys() { cc-shard read "$@" | cc-shard keys | tr '\n' ' '; }
header() { cc-shard read "$@" | cc-view | head -1; }
records() { cc-shard read "$@" | cc-view --jsonl | jq -c 'select(.__key__)'; }
ppm() { printf 'P6 1 1 255\n%s' "$1"; }

# A table with the columns of CleanCLIP's authors, paths relative to its folder, and everything that RFC 4180 allows.
mkdir -p "$T/d/images/deep" "$T/elsewhere"
for i in 0 1 2 3; do ppm "${i}ab" >"$T/d/images/$i.ppm"; done
ppm abc >"$T/d/images/deep/a.b.ppm"
ppm xyz >"$T/d/images/bare"
ppm out >"$T/elsewhere/4.PPM"
printf '\357\273\277image,caption,source\r\nimages/0.ppm,"a dog, ""Rex""",web\r\nimages/1.ppm,"two\nlines",\r\n\r\n./images/2.ppm,,x\r\nimages/deep/a.b.ppm,Z\303\274rich,x\r\nimages/bare,none,x\r\n../elsewhere/4.PPM,out,x\r\nimages/1.ppm,again,x' >"$T/d/train.csv"
cat >"$T/wanted" <<END
{"__key__":"images/0","ppm":{"bytes":14,"type":"ppm"},"txt":"a dog, \"Rex\""}
{"__key__":"images/1","ppm":{"bytes":14,"type":"ppm"},"txt":"two\nlines"}
{"__key__":"images/2","ppm":{"bytes":14,"type":"ppm"}}
{"__key__":"images/deep/a_b","ppm":{"bytes":14,"type":"ppm"},"txt":"Zürich"}
{"__key__":"images/bare","ppm":{"bytes":14,"type":"ppm"},"txt":"none"}
{"__key__":"elsewhere/4","PPM":{"bytes":14,"type":"ppm"},"txt":"out"}
{"__key__":"images/1~2","ppm":{"bytes":14,"type":"ppm"},"txt":"again"}
END
records "$T/d/train.csv" >"$T/got"
ok "a table" diff "$T/wanted" "$T/got"
digest=$(cc-shard digest "$T/d/train.csv")
is "the image's bytes are unchanged" "$(cc-shard read --take 1 "$T/d/train.csv" | cc-shard write "$T/one.tar"; tar xOf "$T/one.tar" images/0.ppm)" "$(ppm 0ab)"
is "the header has the count" "$(header "$T/d/train.csv" | jq .records)" 7
is "--shuffle gives the same records" "$(cc-shard read --shuffle --seed 3 "$T/d/train.csv" | cc-shard digest)" "$digest"
is "in another order" "$([ "$(keys --shuffle --seed 3 "$T/d/train.csv")" != "$(keys "$T/d/train.csv")" ] && echo yes)" yes
is "--epochs repeats them" "$(cc-shard read --epochs 2 --shuffle "$T/d/train.csv" | cc-view | grep -c __key__)" 14
is "parts of a split add up" "$({ keys --split 0/2 "$T/d/train.csv"; keys --split 1/2 --shuffle "$T/d/train.csv"; } | tr " " "\n" | sort | tr "\n" " ")" \
	"elsewhere/4 images/0 images/1 images/1~2 images/2 images/bare images/deep/a_b "
is "--skip, --take" "$(keys --skip 4 --take 2 "$T/d/train.csv")" "images/bare elsewhere/4 "
is "--where" "$(keys --where 'txt~again' "$T/d/train.csv")" "images/1~2 "
gzip -c "$T/d/train.csv" >"$T/d/train.csv.gz"
is "a compressed table" "$(cc-shard digest "$T/d/train.csv.gz")" "$digest"
fails_with "a full --shuffle needs a seekable file: use --shuffle=N" cc-shard read --shuffle "$T/d/train.csv.gz"
is "two tables, shuffled" "$(cc-shard read --shuffle "$T/d/train.csv" "$T/d/train.csv" | cc-shard digest | cut -d ' ' -f 2)" 14
tr ',' '\t' <"$T/d/train.csv" | sed 's/dog\t/dog,/' >"$T/d/train.tsv"
is "a table with tabs" "$(cc-shard digest "$T/d/train.tsv")" "$digest"
mkdir "$T/d/tables"
tr ',' ';' <"$T/d/train.csv" | sed 's/dog;/dog,/' >"$T/d/tables/train.csv"
is "another delimiter, another image folder" "$(cc-shard read --delimiter ';' --image-root "$T/d" "$T/d/tables/train.csv" | cc-shard digest)" "$digest"
printf 'filepath\ttitle\tid\n%s/d/images/0.ppm\ta "dog\tx7\n%s/d/images/1.ppm\t"cat"\tx8\n' "$T" "$T" >"$T/clip.csv"
is "columns by name, absolute paths, quotes inside cells" \
	"$(records --delimiter tab --image-column filepath --caption-column title --key-column id --no-quotes "$T/clip.csv" | jq -c '[.__key__, .txt]')" \
	'["x7","a \"dog"]
["x8","\"cat\""]'
printf 'image,label\nimages/0.ppm,7\nimages/1.ppm,0\n' >"$T/d/labels.csv"
is "labels, as in the authors' labels.csv" "$(records "$T/d/labels.csv" | jq -c .cls | tr '\n' ' ')" "7 0 "
printf 'image,label\nimages/0.ppm,dog\nimages/1.ppm,cat\n' >"$T/d/names.csv"
printf 'cat\ndog\n' >"$T/classes"
is "class names as labels" "$(records --classes "$T/classes" "$T/d/names.csv" | jq -c .cls | tr '\n' ' ')" "1 0 "
fails_with "line 2: images/0: label 'dog' is not an integer; use --classes FILE to number class names" cc-shard read --max-bad 0 "$T/d/names.csv"
is "stat has the sizes of a table's fields" "$(cc-shard stat --json "$T/d/labels.csv" | jq -c "[.records, .fields.ppm.bytes, .fields.cls.bytes]")" "[2,28,2]"
fails_with "images/large.png: 2000 bytes, more than a record may have" sh -c "head -c 2000 /dev/zero >'$T/d/images/large.png'; printf 'image,caption\nimages/large.png,x\n' >'$T/d/large.csv'; cc-shard read --max-bad 0 --max-record 1K '$T/d/large.csv'"
is "--templates makes captions from labels" "$(records --classes "$T/classes" --templates default "$T/d/names.csv" | grep -c '"txt":".*\(dog\|cat\)')" 2
is "--fields txt reads no image" "$(printf 'image,caption\nnowhere.jpg,x\n' >"$T/t.csv"; keys --fields txt "$T/t.csv")" "nowhere "
is "the image field is named by its content, not by its file name" "$(printf 'image,caption\nd/images/bare,x\n' >"$T/t.csv"; cc-shard read --skip 0 "$T/t.csv" | cc-view --jsonl | jq -c 'select(.__key__) | keys' )" '["__key__","ppm","txt"]'

# A table recognized by its options: on standard input, from a command, under another name.
printf 'title\tfilepath\na dog, "Rex"\td/images/0.ppm\nb "x" y\td/images/1.ppm\n' >"$T/pairs.txt"
pairs() { (cd "$T" && cc-shard read --delimiter tab --image-column filepath --caption-column title "$@" | cc-view | jq -c 'select(.__key__) | [.__key__, .txt]' | tr '\n' ' '); }
wanted='["d/images/0","a dog, \"Rex\""] ["d/images/1","b \"x\" y"] '
is "a table named .txt" "$(pairs pairs.txt)" "$wanted"
is "a table on standard input" "$(pairs - <"$T/pairs.txt")" "$wanted"
is "a table from a command, twice" "$(pairs --epochs 2 'pipe:cat ./pairs.txt')" "$wanted$wanted"
is "next to a table named .tsv, a tar on standard input is read as a tar" "$(cp "$T/pairs.txt" "$T/pairs.tsv"; tar cf - -C "$T/d" images/2.ppm | pairs pairs.tsv - | tr -d ' ')" \
	"$(echo "$wanted" | tr -d ' ')"'["images/2",null]'
fails_with "pairs.txt: not a tar, plain or compressed; a table must be named .csv or .tsv, or be read with an option" cc-shard read "$T/pairs.txt"
fails_with "standard input: not a tar, plain or compressed; a table must" sh -c "cc-shard read - <'$T/pairs.txt'"

# Invalid tables.
bad() { printf "$1" >"$T/d/bad.csv"; }
bad 'image,caption\nimages/0.ppm,x\nimages/nope.jpg,y\n'
fails_with "bad.csv: line 3: images/nope: $T/d/images/nope.jpg: No such file or directory (dropped)" cc-shard read --max-bad 0 "$T/d/bad.csv"
fails_with "$T/clip/d/images/0.ppm: No such file or directory; use --image-root to name the folder that paths are relative to (dropped)" sh -c "mkdir '$T/clip'; cd '$T'; printf 'image,caption\nd/images/0.ppm,x\n' >clip/x.csv; cc-shard read --max-bad 0 '$T/clip/x.csv'"
is "--image-root names the folder" "$(cd "$T" && keys --image-root . clip/x.csv)" "d/images/0 "
is "a missing image is counted" "$(cc-shard read -q "$T/d/bad.csv" 2>/dev/null | cc-view | tail -1 | jq -c '[.records, .bad[]]')" "[1,1]"
is "with --shuffle too" "$(cc-shard read -q --shuffle "$T/d/bad.csv" 2>/dev/null | cc-view | tail -1 | jq -c '[.records, .bad[]]')" "[1,1]"
fails_with "bad.csv: line 1: column 'text' not found (columns: 'image', 'caption'); use --caption-column NAME" cc-shard read --caption-column text "$T/d/bad.csv"
fails_with "column 'key' not found (columns: 'image', 'caption'); use --key-column NAME" cc-shard read --key-column key "$T/d/bad.csv"
bad 'url,text\nx,y\n'
fails_with "column 'image' not found (columns: 'url', 'text'); use --image-column NAME" cc-shard read "$T/d/bad.csv"
fails_with "column 'caption' or 'label' not found (columns: 'url', 'text'); use --caption-column NAME or --label-column NAME" cc-shard read --image-column url "$T/d/bad.csv"
bad 'image;caption\nx;y\n'
fails_with "column 'image' not found (the only column: 'image;caption'); use --delimiter CHARACTER" cc-shard read "$T/d/bad.csv"
bad 'image,caption,image\nx,y,z\n'
fails_with "two columns are called 'image'" cc-shard read "$T/d/bad.csv"
bad 'image,caption\nimages/0.ppm,a dog, running\nimages/1.ppm\n,x\n'
cc-shard read --max-bad 100% "$T/d/bad.csv" >/dev/null 2>"$T/said"
is "too many cells, too few, an empty path" "$(grep -c 'line 2: images/0: 3 cells, but the first line names 2 columns\|line 3: images/1: 1 cell,\|line 4: row-at-byte-55: no image path' "$T/said")" 3
bad 'image,caption\nimages/0.ppm,fine\nimages/1.ppm,"never closed\nimages/2.ppm,x\n'
fails_with "bad.csv: line 3, column 14: the quote that begins here is never closed" cc-shard read "$T/d/bad.csv"
bad 'image,caption\nimages/0.ppm,"a "dog""\n'
fails_with "line 2, column 18: text after a closing quote (inside quotes, a quote is doubled; --escape '\' reads \\\" as one, --no-quotes reads quotes as text)" cc-shard read "$T/d/bad.csv"
bad 'id,image,caption\na,images/0.ppm,x\nb,images/1.ppm,x\na,images/2.ppm,x\nd.e,images/3.ppm,x\n'
fails_with "bad.csv: line 4: duplicate key 'a', first used in line 2" cc-shard read --key-column id "$T/d/bad.csv"
bad ''
fails_with "bad.csv: empty" cc-shard read "$T/d/bad.csv"
mkfifo "$T/d/images/fifo.jpg"
bad 'image,caption\nimages/fifo.jpg,x\nimages,x\n/dev/zero,x\n'
cc-shard read --max-bad 100% "$T/d/bad.csv" >/dev/null 2>"$T/said"
is "FIFOs, folders and devices are not read" "$(grep -c 'not a regular file (dropped)' "$T/said")" 3
fails_with "--delimiter" cc-shard read --delimiter ab "$T/d/train.csv"
cp "$T/d/train.csv" "$T/d/text.csv"
cc-shard read --epochs 100000 --shuffle "$T/d/text.csv" 2>"$T/said" | {
	head -c 1000 >/dev/null
	sed s/images/imagos/ "$T/d/train.csv" >"$T/d/other.csv"
	cat "$T/d/other.csv" >"$T/d/text.csv"
	cat >/dev/null
}
ok "a file that changes while it is read is reported" grep "text.csv: byte [0-9]*: .*\(the file has changed: this place now holds another sample\|this place no longer holds a sample\)" "$T/said"

# Lists of sources.
make --samples=10 "$T/a.tar"
make --samples=1000 "$T/b.tar"
make "$T/s-0.tar" x.txt=x
make "$T/s-1.tar" y.txt=y
printf '# mine\n\n  %s/s-{0,1}.tar  \r\n%s/a.tar*0.000001' "$T" "$T" >"$T/list"
is "@FILE" "$(keys "@$T/list")" "x y "
is "a list is replaced by its sources, in order" "$(keys "$T/s-1.tar" "@$T/list")" "y x y "
is "@- reads the list from standard input" "$(echo "$T/s-0.tar" | keys @-)" "x "
is "a nested list" "$(echo "@$T/list" >"$T/outer"; keys "@$T/outer")" "x y "
is "a file whose name begins with @ is read as a file" "$(cd "$T" && cp s-1.tar @list && keys @list)" "y "
is "paths are relative to the current folder" "$(cd "$T" && mkdir -p lists && echo s-0.tar >lists/l && keys @lists/l)" "x "
fails_with "@$T/nowhere: No such file or directory" cc-shard read "@$T/nowhere"
fails_with "@$T/l2: line 2: $T/c.tar: No such file or directory" sh -c "printf '%s\n' '$T/a.tar' '$T/c.tar' >'$T/l2'; cc-shard read '@$T/l2'"
fails_with "lists no sources" sh -c "echo '#' >'$T/l3'; cc-shard read '@$T/l3'"
fails_with "lists are nested more than 8 deep" sh -c "echo '@$T/l4' >'$T/l4'; cc-shard read '@$T/l4'"
fails_with "@$T: read: Is a directory" cc-shard read "@$T"
fails_with "line 1: a tar archive, not a list of sources" cc-shard read "@$T/a.tar"
fails_with "line 2: contains a NUL byte" sh -c "printf 'a.tar\\nb\\0c\\n' >'$T/zero'; cd '$T' && cc-shard read @zero"

# Weights.
is "a weight of 2: the second copy has keys of its own" "$(keys "$T/s-{0,1}.tar*2")" "x y x@2 y@2 "
is "sources are mixed evenly and end together" "$(keys "$T/s-0.tar*3" "$T/s-1.tar*2")" "x y x@2 y@2 x@3 "
make "$T/p.tar" p1.txt=1 p2.txt=2 p3.txt=3 p4.txt=4 p5.txt=5 p6.txt=6
make "$T/q.tar" q1.txt=1 q2.txt=2
is "sources without weights are read one after the other" "$(keys "$T/p.tar" "$T/q.tar")" "p1 p2 p3 p4 p5 p6 q1 q2 "
is "sources with weights are mixed in proportion to their counts" "$(keys "$T/p.tar*1" "$T/q.tar*1")" "p1 p2 q1 p3 p4 p5 q2 p6 "
is "a source without a weight counts as 1" "$(keys "$T/p.tar" "$T/q.tar*2")" "p1 q1 p2 q2 p3 p4 q1@2 p5 q2@2 p6 "
is "without counts they are mixed in proportion to their weights" "$(keys "$T/p.tar*2" - <"$T/q.tar")" "p1 q1 p2 p3 q2 p4 p5 p6 p1@2 p2@2 p3@2 p4@2 p5@2 p6@2 "
is "a command among them runs once" "$(keys "pipe:echo run >>'$T/ran'; cat '$T/q.tar'" "$T/p.tar*1" "pipe:cat '$T/s-0.tar'"; cat "$T/ran")" "q1 p1 q2 p2 x p3 p4 p5 p6 run"
is "each epoch is mixed" "$(cc-shard read --epochs 2 "$T/p.tar*1" "$T/q.tar*1" | cc-view --jsonl | jq -r '.__key__ // empty' | tr '\n' ' ')" "p1 p2 q1 p3 p4 p5 q2 p6 p1 p2 q1 p3 p4 p5 q2 p6 "
is "--skip, --take" "$(keys --skip 2 --take 3 "$T/p.tar*1" "$T/q.tar*1")" "q1 p3 p4 "
is "the parts of a split have every record once" "$(for i in 0 1 2 3 4; do keys --split $i/5 "$T/p.tar*1" "$T/q.tar*1"; done)" "p1 p5 p2 q2 q1 p6 p3 p4 "
is "--shuffle=N gives the same records as --shuffle" "$(cc-shard read --shuffle=3 "$T/p.tar*1" "$T/q.tar*1.5" | cc-shard digest)" "$(cc-shard read --shuffle "$T/p.tar*1" "$T/q.tar*1.5" | cc-shard digest)"
is "a bad record is reported with its source" "$(cc-shard read --max-bad 1 "$T/d/labels.csv*1" "$T/d/large.csv*2" --max-record 1K 2>&1 >/dev/null | grep -c 'large.csv: line 2: images/large[@2]*: .*2000 bytes, more')" 2
many=$(for i in $(seq 70); do echo "$T/q.tar*1"; done)
fails_with "more than 64 weights; use --shuffle without =N to mix them" cc-shard read $many
is "--shuffle mixes more than 64" "$(cc-shard read --shuffle $many | cc-shard digest | cut -d ' ' -f 2)" 140
is "a weight of 0.3: the header has the count" "$(header "$T/b.tar*0.3" | jq .records)" "$(keys "$T/b.tar*0.3" | wc -w)"
ok "which is about that share" sh -c "n=\$(cc-shard read '$T/b.tar*0.3' | cc-shard keys | wc -l); [ \$n -gt 250 ] && [ \$n -lt 350 ]"
is "each epoch has the same share" "$(cc-shard read --epochs 2 "$T/b.tar*0.1" | cc-view --jsonl | jq -r '.__key__ // empty' | sort | uniq -c | awk '{print $1}' | uniq)" 2
is "and any order" "$(cc-shard read --shuffle "$T/b.tar*2.25" "$T/a.tar*0.5" | cc-shard digest)" "$(cc-shard read "$T/b.tar*2.25" "$T/a.tar*0.5" | cc-shard digest)"
is "another seed gives another share" "$([ "$(keys --seed 1 "$T/b.tar*0.1")" != "$(keys --seed 2 "$T/b.tar*0.1")" ] && echo yes)" yes
is "the parts of a split have the whole share" "$(for i in 0 1 2; do keys --split $i/3 "$T/b.tar*0.1"; done | tr " " "\n" | sort | cksum)" \
	"$(keys "$T/b.tar*0.1" | tr " " "\n" | sort | cksum)"
is "a share of a pipe" "$(keys -- "-*0.1" <"$T/b.tar")" "$(keys "$T/b.tar*0.1")"
is "a weight of a list" "$(keys "@$T/list*2")" "x y x@2 y@2 "
is "repeated records can be written" "$(cc-shard read "$T/a.tar*2" | cc-shard write "$T/twice.tar"; cc-shard verify "$T/twice.tar" | cut -d , -f 1-2)" "1 source, 20 records"
cc-shard read "$T/b.tar" | cc-shard write --max-count 300 "$T/set-%04d.tar"
is "shards of ours are checked in each pass" "$(cc-shard read "$T/set-{0000..0003}.tar*2" | cc-shard digest | cut -d ' ' -f 2)" 2000
is "the count of a share of a set" "$(header "$T/set-{0000..0003}.tar*0.5" | jq .records)" "$(keys "$T/set-{0000..0003}.tar*0.5" | wc -w)"
is "and of a repeated set, without reading it" "$(header "$T/set-{0000..0003}.tar*2" | jq .records)" 2000
is "a file whose name ends in *2 is read as a file" "$(cd "$T" && cp s-1.tar 'a.tar*2' && keys 'a.tar*2')" "y "
is "prog records weights, not names" "$(header "$T/set-{0000..0003}.tar*0.5" "$T/s-0.tar" | jq -c .prog[-1].args) $(header "$T/s-0.tar*1" | jq -c .prog[-1].args)" '["*0.5","*1"] []'
rm "$T/a.tar*2"
mv "$T/set-0001.tar" "$T/lost.tar"
fails_with "shard 1 of the set is missing" cc-shard read "$T/set-{0000,0002,0003}.tar*2" "$T/p.tar*1"
mv "$T/lost.tar" "$T/set-0001.tar"
for weight in 0 -1 nan inf 0.0 1e9; do
	fails_with "a.tar*$weight: a weight must be more than 0 and at most 1000" cc-shard read "$T/a.tar*$weight"
done
fails_with "/*2: No such file" cc-shard read "$T/lists/*2"
fails_with "read only once" cc-shard read -- "-*2" <"$T/a.tar"
fails_with "only cc-shard read supports weights" cc-shard stat "$T/a.tar*2"

# A command that fails midway: both the tar's error and its cause are reported.
fails_with ": the tar is truncated at byte 5000 (Truncated input file (needed 503 bytes, only 383 available)): the command failed with exit status 7" \
	cc-shard read "pipe:head -c 5000 '$T/b.tar'; exit 7"
fails_with ": the command was killed by signal 9" cc-shard read "pipe:head -c 1024 '$T/b.tar'; kill -9 \$\$"
fails_with "pipe:exit 3: empty: 0 bytes: the command failed with exit status 3" cc-shard read "pipe:exit 3"
fails_with "upstream ended early" sh -c "cc-shard read \"pipe:head -c 5000 '$T/b.tar'; exit 7\" 2>/dev/null | cc-shard write '$T/never.tar'"
ok "and nothing is written" [ ! -e "$T/never.tar" ]

# --rename.
make "$T/odd.tar" "a.caption.txt=a dog" a.jpeg=j a.label=7 "b.caption.txt=a cat" b.jpeg=k b.label=8
is "--rename renames fields" "$(records --rename caption.txt=txt,JPEG=jpg,label=cls "$T/odd.tar" | head -1)" '{"__key__":"a","txt":"a dog","jpg":{"bytes":1},"cls":7}'
is "and back again" "$(cc-shard read --rename caption.txt=txt,label=cls "$T/odd.tar" | cc-shard write "$T/n.tar"; cc-shard read --rename txt=caption.txt,cls=label "$T/n.tar" | cc-shard digest)" \
	"$(cc-shard digest "$T/odd.tar")"
is "two fields exchange their names" "$(records --rename caption.txt=jpeg,jpeg=caption.txt --fields caption.txt --take 1 "$T/odd.tar")" '{"__key__":"a","caption.txt":"j"}'
is "names are changed before --where and --fields" "$(keys --rename caption.txt=txt --where 'txt~cat' --fields txt "$T/odd.tar")" "b "
is "with --shuffle and --key-prefix" "$(cc-shard read --shuffle --rename label=cls --key-prefix x/ "$T/odd.tar" | cc-shard digest)" "$(cc-shard read --rename label=cls --key-prefix x/ "$T/odd.tar" | cc-shard digest)"
is "a set of ours is still verified" "$(cc-shard read --rename txt=caption.txt "$T/set-{0000..0003}.tar" | cc-shard digest | cut -d ' ' -f 2)" 1000
fails_with "the record has two fields txt" cc-shard read --max-bad 0 --rename label=txt,caption.txt=txt "$T/odd.tar"
ok "a field that no record has is reported" sh -c "cc-shard read --rename capton=txt '$T/odd.tar' 2>&1 >/dev/null | grep -qF \"no record has a field 'capton'\""
ok "but not one that --fields excludes" sh -c "[ -z \"\$(cc-shard read --rename label=cls --fields jpeg '$T/odd.tar' 2>&1 >/dev/null)\" ]"
for wrong in a a= =b a=b=/ a=x,A=y; do
	fails_with "--rename" cc-shard read --rename "$wrong" "$T/odd.tar"
done
is "--key-prefix: {} stands for the name of the source" "$(keys --key-prefix '{}/' "$T/s-{0,1}.tar" "$T/npy.d/../d/train.csv" 2>/dev/null; keys --take 1 --key-prefix 'one-{}/' "$T/a.tar")" "one-a/s/000000 "
is "--key-prefix makes equal keys of two sources distinct" "$(cp "$T/s-0.tar" "$T/t-0.tar"; cc-shard read --key-prefix '{}.d/' "$T/s-0.tar" "$T/t-0.tar" | cc-shard write "$T/joined.tar"; tar tf "$T/joined.tar" | grep -v __ | tr '\n' ' ')" "s-0.d/x.txt t-0.d/x.txt "
fails_with "--key-prefix: 'v1.': the key has a dot" cc-shard read --key-prefix v1. "$T/odd.tar"

# CIFAR-10's official archive, and a repacked one.
python3 tests/tool/cifar_archive.py "$T/cifar.tar.gz" 4
is "records of the official archive" "$(cc-shard read "$T/cifar.tar.gz" | cc-view --jsonl | jq -c 'if .cc then [.records, .classes[0]] elif .__key__ then [.__key__, .cls] else empty end' | sed -n '1,2p;$p' | tr '\n' ' ')" \
	'[24,"airplane"] ["data_batch_1/00000",0] ["test_batch/00003",3] '
mkdir "$T/cifar"
tar xzf "$T/cifar.tar.gz" -C "$T/cifar"
tar cf "$T/packed.tar" -C "$T/cifar/cifar-10-batches-bin" batches.meta.txt data_batch_1.bin data_batch_2.bin data_batch_3.bin data_batch_4.bin data_batch_5.bin readme.html test_batch.bin
is "repacked without its folder it has the same digest" "$(cc-shard digest "$T/packed.tar")" "$(cc-shard digest "$T/cifar.tar.gz")"
is "and the class names" "$(header "$T/packed.tar" | jq -c '.classes[9]')" '"truck"'
make "$T/py.tar" cifar-10-batches-py/batches.meta=x cifar-10-batches-py/data_batch_1=x cifar-10-batches-py/readme.html=x
fails_with "py.tar: byte 0: CIFAR-10's Python version, which is pickled; use the binary version" cc-shard read "$T/py.tar"
mkdir "$T/cifar-10-batches-py"
fails_with "CIFAR-10's Python version" cc-shard read "$T/cifar-10-batches-py/"

done_testing
