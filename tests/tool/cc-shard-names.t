#!/bin/sh
# Names: one normal form for folders, tars and lists; ignored files; dots in the names of images; Unicode normalization.
. "$(dirname "$0")/lib.sh"
image=$PWD/tests/golden/images/grey1.png
nfc=$(printf 'Z\303\274rich') nfd=$(printf 'Zu\314\210rich')

# FOLDER NAME...: creates these files in it; images are small, other files contain their own name.
make_files() {
	folder=$1
	shift
	for name; do
		mkdir -p "$folder/$(dirname "$name")"
		case $name in
		*.png | *.jpg) cp "$image" "$folder/$name" ;;
		*) printf %s "$name" >"$folder/$name" ;;
		esac
	done
}

# SOURCE...: the records of cc-shard read as "key: field field; key: field", sorted by key.
fields_of() {
	cc-shard read -q "$@" 2>/dev/null | cc-view | jq -r 'select(.__key__) | .__key__ + ": " + (keys - ["__key__"] | join(" "))' | sort | paste -sd ';' | sed 's/;/; /g'
}

# A folder and its tars are the same data, however the tar was made.
tars_of() {
	rm -f "$T"/way?.tar
	tar --sort=name -cf "$T/way1.tar" -C "$1" .
	(cd "$1" && tar --sort=name -cf "$T/way2.tar" -- *)
	python3 -c 'import sys, tarfile
with tarfile.open(sys.argv[2], "w") as tar:
    tar.add(sys.argv[1], arcname="/")' "$1" "$T/way3.tar"
	python3 -c 'import sys, tarfile, os
with tarfile.open(sys.argv[2], "w", format=tarfile.GNU_FORMAT) as tar:
    for folder, _, names in sorted(os.walk(sys.argv[1])):
        for name in sorted(names):
            path = os.path.join(folder, name)
            info = tar.gettarinfo(path, arcname="x")
            info.name = "/" + ".//" + os.path.relpath(path, sys.argv[1])
            tar.addfile(info, open(path, "rb"))' "$1" "$T/way4.tar"
}

same_data() { # NAME FOLDER OPTION...
	what=$1 tree=$2
	shift 2
	tars_of "$tree"
	for way in 1 2 3 4; do
		is "$what: the digest is the folder's, tar $way" "$(cc-shard digest "$@" "$T/way$way.tar")" "$(cc-shard digest "$@" "$tree")"
		is "$what: the keys are the folder's, tar $way" "$(cc-shard keys "$@" "$T/way$way.tar" | sort)" "$(cc-shard keys "$@" "$tree" | sort)"
	done
}

make_files "$T/plain" 0.jpg 0.txt 1.jpg 1.txt v1.0/2.jpg v1.0/2.seg.png v1.0/2.txt "a b/3.jpg" "a b/3.json"
same_data "a plain tree" "$T/plain"
is "ordinary names do not change" "$(fields_of "$T/plain")" "0: jpg txt; 1: jpg txt; a b/3: jpg json; v1.0/2: jpg seg.png txt"

make_files "$T/litter" cat/1.jpg cat/1.txt dog/2.jpg .ipynb_checkpoints/1-checkpoint.jpg cat/.hidden.jpg cat/._1.jpg __MACOSX/cat/._1.jpg __MACOSX/3.jpg \
	cat/.DS_Store cat/Thumbs.db cat/thumbs.db dog/desktop.ini dog/2.jpg:Zone.Identifier "dog/2.jpg:Zone.Identifier:\$DATA" dog/@eaDir/2.jpg/x.jpg .git/objects/a.jpg \
	README.md LICENSE.txt .gitattributes
same_data "a tree with litter" "$T/litter"
is "hidden and temporary files are not records" "$(fields_of "$T/litter")" "cat/1: jpg txt; dog/2: jpg"
for source in "$T/litter" "$T"/way?.tar; do
	is "nor classes, in ${source##*/}" "$(cc-shard read --folders "$source" | cc-view | jq -c 'select(.cc) | [.records, .classes]')" '[2,["cat","dog"]]'
done
make_files "$T/hidden" .a/1.jpg .b.jpg
fails_with "hidden: no files in this folder or its subfolders (hidden files are ignored)" cc-shard keys "$T/hidden"
tar -cf "$T/hidden.tar" -C "$T/hidden" .
fails_with "all of its 2 files are hidden" cc-shard keys "$T/hidden.tar"

# Members of a sample whose names are spelled differently.
python3 - "$T" <<'END'
import io, sys, tarfile
def tar(name, members):
    with tarfile.open(sys.argv[1] + "/" + name, "w") as out:
        for member, text in members:
            info = tarfile.TarInfo(member)
            info.size = len(text)
            out.addfile(info, io.BytesIO(text))
tar("split.tar", [("./0.a", b"1"), ("0.b", b"2"), ("/1.a", b"3"), ("1.b", b"4"), ("x//2.a", b"5"), ("x/./2.b", b"6")])
tar("twice.tar", [("./0.a", b"1"), ("1.a", b"1"), ("0.a", b"2")])
tar("apart.tar", [("./0.a", b"1"), ("1.a", b"1"), ("0.txt", b"2")])
tar("up.tar", [("0.a", b"1"), ("../../u.a", b"1"), ("x/../v.a", b"1"), ("x\\..\\w.a", b"1"), ("C:\\w.a", b"1"), ("C:/w.a", b"1"), ("/abs/w.a", b"1")])
tar("dots.tar", [("a..jpg", b"1"), ("a...jpg", b"1"), ("a.txt", b"1")])
tar("up-folder.tar", [("b/0.a", b"1"), ("../1.a", b"1")])
tar("stereo.tar", [("0.left.jpg", b"1"), ("0.right.jpg", b"1"), ("0.txt", b"1"), ("1.jpg", b"1"), ("1.seg.png", b"1"), ("2.depth.png", b"1"), ("2.txt", b"1")])
END
is "different spellings of a name belong to one sample" "$(fields_of "$T/split.tar")" "0: a b; 1: a b; x/2: a b"
fails_with "duplicate key, first at byte 0" cc-shard keys "$T/twice.tar"
fails_with "members of the sample are not adjacent" cc-shard keys "$T/apart.tar"
is "--regroup joins them" "$(fields_of --regroup "$T/apart.tar")" "0: a txt; 1: a"
for how in "" --shuffle --regroup; do
	cc-shard read $how --max-bad 100% "$T/up.tar" 2>"$T/said" | cc-shard write -q "$T/written.tar"
	is "names that lead out of their folder are dropped and reported${how:+ ($how)}" "$(grep -c 'the name points outside its folder (.. or a drive letter) (dropped)' "$T/said")" 5
	is "and none is written${how:+ ($how)}" "$(tar tf "$T/written.tar" | sort | tr '\n' ' ')" "0.a __cc__ __end__ abs/w.a "
done
fails_with "../../u.a: the name points outside its folder (.. or a drive letter)" cc-shard verify "$T/up.tar"
fails_with "a: 2 images (.jpg, ..jpg), and none is called jpg" cc-shard read "$T/dots.tar"
is "and do not become a class" "$(cc-shard read -q --folders --max-bad 100% "$T/up-folder.tar" 2>/dev/null | cc-view | jq -c 'select(.cc) | .classes')" '["b"]'

# A record of another program whose key does not belong in a tar.
printf '{"__key__":"./a//b","txt":"x"}\n{"__key__":"../c","txt":"x"}\n{"__key__":".git/d","txt":"x"}\n{"__key__":"/e","txt":"x"}\n' |
	cc-shard read -q --jsonl - 2>/dev/null >"$T/foreign"
printf '{"__key__":"./a//b","txt":"x"}\n{"__key__":"/e","txt":"x"}\n' | cc-shard read -q --jsonl - 2>/dev/null >"$T/raw"
cc-shard write -q --max-bad 100% "$T/foreign.tar" <"$T/foreign" 2>"$T/said"
is "it is written under its normalized key" "$(tar tf "$T/foreign.tar" | tr '\n' ' ')" "__cc__ a/b.txt e.txt __end__ "
ok "the shard is whole" cc-shard verify "$T/foreign.tar"
is "or it is dropped and reported" "$(grep -c -e '\.\./c: the key contains the part \.\.' -e '\.git/d: the key has a part that readers ignore' "$T/said")" 2

# A shard of an earlier version made from a tar of ".": its keys begin with "./", and its digest covers these keys.
python3 - "$T" <<'END'
import io, json, subprocess, sys, tarfile
source, target = sys.argv[1] + "/foreign.tar", sys.argv[1] + "/old.tar"
with tarfile.open(source) as tar:
    members = [(m.name, tar.extractfile(m).read()) for m in tar]
def rewrite(path, digest, text=None):
    with tarfile.open(path, "w") as out:
        for name, data in members:
            if name == "a/b.txt":
                name, data = "./a//b.txt", text or data
            if name == "e.txt":
                name = "/e.txt"
            if name in ("__cc__", "__end__"):
                head = json.loads(data)
                head["digest" if name == "__cc__" else "written"] = digest
                data = json.dumps(head).encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            out.addfile(info, io.BytesIO(data))
# The digest over the raw keys of a stream's records.
digest = subprocess.run("cc-shard digest < " + sys.argv[1] + "/raw", shell=True, capture_output=True, text=True).stdout.split()[0]
rewrite(target, digest)
rewrite(sys.argv[1] + "/old-changed.tar", digest, b"y")
END
ok "a shard with such keys is whole" cc-shard verify "$T/old.tar"
is "and its records have the normalized keys" "$(cc-shard read --shuffle "$T/old.tar" | cc-shard keys | sort | tr '\n' ' ')" "a/b e "
fails_with "the digest of its records differs from the one in __cc__" cc-shard verify "$T/old-changed.tar"

# Dots in the names of images.
make_files "$T/pets" cat/cat.0.jpg cat/cat.0.txt cat/cat.0.json cat/cat.1.jpg cat/cat.1.txt cat/cat.1.caption.txt cat/cat.2.jpg dog/dog.0.png dog/dog.0.json dog/dog.0.txt dog/Dr.\ Dog.png
wanted="cat/cat_0: cls jpg json txt; cat/cat_1: caption.txt cls jpg txt; cat/cat_2: cls jpg; dog/Dr_ Dog: cls png; dog/dog_0: cls json png txt"
is "--folders: one record per image, with the files that share its name" "$(fields_of --folders "$T/pets")" "$wanted"
is "in any order" "$(fields_of --folders --shuffle "$T/pets")" "$wanted"
is "the same without classes" "$(fields_of "$T/pets")" "$(echo "$wanted" | sed 's/ cls//g')"
rm "$T/pets/cat/cat.1.caption.txt"
same_data "dotted names" "$T/pets" --per-image
is "the tar with --folders" "$(fields_of --folders "$T/way1.tar")" "$(fields_of --folders "$T/pets")"
is "the tar with --folders, in any order" "$(fields_of --folders --shuffle "$T/way1.tar")" "$(fields_of --folders "$T/pets")"
is "the tar with --folders from a pipe" "$(printf 'cat\ndog\n' >"$T/two" && fields_of --folders --classes "$T/two" "pipe:cat '$T/way1.tar'")" "$(fields_of --folders "$T/pets")"
fails_with "3 images (0.jpg, 1.jpg, ...), and none is called jpg or png alone" cc-shard verify "$T/way1.tar"
cc-shard read --max-bad 100% "$T/way1.tar" 2>"$T/said" >/dev/null
is "without --folders the merged sample is dropped and reported" "$(grep -c '3 images (0.jpg, 1.jpg, ...).*--per-image to make a record of each.*(dropped)' "$T/said")" 1
cc-shard read --max-bad 100% --shuffle "$T/way1.tar" 2>"$T/said" >/dev/null
is "in any order" "$(grep -c '3 images (0.jpg, 1.jpg, ...).*(dropped)' "$T/said")" 1
make_files "$T/shots" a/0014.jpg "a/Screenshot 2020-01-02 10.15.09.jpg" "a/Screenshot 2020-01-02 10.15.14.jpg" b/photo.v1.jpg b/photo.v1.txt b/x.jpg b/x.1.jpg b/x.2.jpg
is "dates, version numbers and copies in names" "$(fields_of "$T/shots" | tr ';' '\n')" "a/0014: jpg
 a/Screenshot 2020-01-02 10_15_09: jpg
 a/Screenshot 2020-01-02 10_15_14: jpg
 b/photo_v1: jpg txt
 b/x: jpg
 b/x_1: jpg
 b/x_2: jpg"
make_files "$T/collide" a.0.jpg a_0.jpg
fails_with "a_0.jpg: files 1 and 2 have the same key; rename one" cc-shard read "$T/collide" -o "$T/out"

# Fields of shards that are intentionally named LEFT.jpg and RIGHT.jpg.
is "--rename makes one of them the image" "$(fields_of --rename left.jpg=jpg "$T/stereo.tar")" "0: jpg right.jpg txt; 1: jpg seg.png; 2: depth.png txt"
is "--fields chooses one of them" "$(fields_of --fields left.jpg,right.jpg "$T/stereo.tar" | cut -d ';' -f 1)" "0: left.jpg right.jpg"
make_files "$T/stereo" 0.left.jpg 0.right.jpg 0.txt 1.jpg 1.seg.png 2.depth.png 2.txt
is "the same in a folder" "$(fields_of --rename left.jpg=jpg "$T/stereo")" "0: jpg right.jpg txt; 1: jpg seg.png; 2: depth.png txt"

# Unicode: composed and decomposed names are equal.
make_files "$T/decomposed" "$nfd/1.jpg" "$nfd/1.txt" Bern/2.jpg
make_files "$T/composed" "$nfc/1.jpg" Bern/2.jpg
printf %s "$nfd/1.txt" >"$T/composed/$nfc/1.txt"
is "a folder unpacked on macOS has the original's digest" "$(cc-shard digest "$T/decomposed")" "$(cc-shard digest "$T/composed")"
is "and the same keys" "$(cc-shard keys "$T/decomposed" | tr '\n' ' ')" "Bern/2 $nfc/1 "
same_data "decomposed names" "$T/decomposed"
for list in "$nfc" "$nfd"; do
	printf '%s\nBern\n' "$list" >"$T/classes"
	is "--classes in the other form" "$(cc-shard read --folders --classes "$T/classes" "$T/decomposed" | cc-view | jq -c 'select(.__key__) | [.__key__, .cls]' | tr '\n' ' ')" "[\"Bern/2\",1] [\"$nfc/1\",0] "
	echo "./$list//1" >"$T/keys"
	is "--keys in the other form" "$(cc-shard read --keys "$T/keys" "$T/composed" | cc-shard keys)" "$nfc/1"
	is "--key-prefix in the other form" "$(cc-shard read --key-prefix "$list/" --take 1 "$T/composed" | cc-shard keys)" "$nfc/Bern/2"
done
make_files "$T/both" "$nfc/1.jpg" "$nfd/1.jpg"
fails_with "two files have this name in different Unicode normal forms" cc-shard keys "$T/both"
make_files "$T/both2" "$nfc.jpg" "$nfd.jpg"
fails_with "two files have this name in different Unicode normal forms" cc-shard keys "$T/both2"
make_files "$T/mixed" "$nfc.jpg" "$nfd.txt"
is "an image and its caption in different forms are one sample" "$(fields_of "$T/mixed")" "$nfc: jpg txt"
is "in any order" "$(fields_of --shuffle "$T/mixed")" "$nfc: jpg txt"

# Dangling links.
make_files "$T/links" n01/deep/keep n01/1.jpg a/1.jpg
ln -s nowhere.jpg "$T/links/n01/deep/x.jpg"
ln -s /no/such/folder "$T/links/n02"
for how in "" --shuffle; do
	cc-shard read --max-bad 100% $how "$T/links" 2>"$T/said" >"$T/out"
	is "a dangling link is dropped and reported with its whole path${how:+ ($how)}" "$(grep -c -e "$T/links/n01/deep/x.jpg: a link to 'nowhere.jpg', which does not exist (dropped)" -e "n02: $T/links/n02: a link to '/no/such/folder', which does not exist (dropped)" "$T/said")" 2
	is "and the run continues${how:+ ($how)}" "$(cc-shard keys <"$T/out" | sort | tr '\n' ' ')" "a/1 n01/1 "
done


python3 tests/tool/make_tar.py "$T/windows.tar" 'dir\a.txt=x'
is "a backslash in a tar is an ordinary character of the key" "$(cc-shard keys "$T/windows.tar")" 'dir\a'

# A FIFO or device among the images is reported and counted, and is never opened.
make_files "$T/special" cat/1.jpg cat/2.txt
mkfifo "$T/special/cat/2.jpg" "$T/special/cat/README"
ln -s /dev/zero "$T/special/cat/3.png"
for how in "" --shuffle; do
	timeout 60 cc-shard read --max-bad 100% $how "$T/special" 2>"$T/said" >"$T/out"
	is "a FIFO and a device are dropped and reported${how:+ ($how)}" "$(grep -c "$T/special/cat/\(2.jpg\|3.png\): a FIFO, socket or device; samples must be regular files (dropped)" "$T/said")" 2
	is "and counted${how:+ ($how)}" "$(cc-shard keys <"$T/out"; cc-view --jsonl <"$T/out" | jq -c 'select(.cc_end) | [.bad[]] | add')" "cat/1
2"
done
fails_with "cat/2.jpg: a FIFO, socket or device; samples must be regular files" timeout 60 cc-shard verify "$T/special"

mkdir -p "$T/gone/data"
ln -s nowhere.tar "$T/gone/data/1.tar"
for verb in read "read --shuffle" verify stat; do
	fails_with "gone/data/1.tar: No such file or directory" cc-shard $verb "$T/gone/data"
	fails_with "gone/data/1.tar: No such file or directory" cc-shard $verb "$T/gone"
done
cp "$T/way1.tar" "$T/gone/data/0.tar"
fails_with "gone/data/1.tar: No such file or directory" cc-shard verify "$T/gone"

# A table may use the other Unicode form.
printf 'image,caption\n%s/1.jpg,one\nBern/2.jpg,two\n' "$nfc" >"$T/decomposed/t.csv"
printf 'image,caption,key\n%s/1.jpg,one,.//%s\n' "$nfd" "$nfd" >"$T/composed/t.csv"
is "a composed table finds decomposed files" "$(fields_of "$T/decomposed/t.csv")" "Bern/2: jpg txt; $nfc/1: jpg txt"
is "in any order" "$(fields_of --shuffle "$T/decomposed/t.csv")" "Bern/2: jpg txt; $nfc/1: jpg txt"
is "a decomposed table finds composed files, and its keys are normalized" "$(fields_of --key-column key "$T/composed/t.csv")" "$nfc: jpg txt"
mkdir -p "$T/tables/.cache"
cp "$image" "$T/tables/.cache/a.png"
printf 'image,key,caption\n.cache/a.png,a,x\n.cache/a.png,../b,x\n.cache/a.png,.c/d,x\n' >"$T/tables/t.csv"
is "a hidden image listed in a table gets a key that a tar may hold" "$(cc-shard keys "$T/tables/t.csv" | head -1)" _cache/a
cc-shard read --key-column key --max-bad 100% "$T/tables/t.csv" 2>"$T/said" | cc-shard keys >"$T/out"
is "keys of a table that lead out of the folder or are hidden are bad rows" "$(cat "$T/out") $(grep -c -e 'the part \.\.,' -e 'a part that readers ignore' "$T/said")" "a 2"

# Shards with the same name in different folders.
mkdir -p "$T/s/a" "$T/s/b/v1.0" "$T/s/c/v1.0"
printf '{"__key__":"k","txt":"x"}\n' | cc-shard read -q --jsonl - 2>/dev/null >"$T/one"
for shard in a/0 b/v1.0/0 c/v1.0/0 a/1; do
	cc-shard write -q "$T/s/$shard.tar" <"$T/one"
done
is "--key-prefix '{}/' puts the folder's name before equal shard names" \
	"$(cd "$T/s" && cc-shard read --subset --key-prefix '{}/' a/0.tar ./a/1.tar b//v1.0/0.tar ./c/v1.0/0.tar | cc-shard keys | tr '\n' ' ')" "a/0/k 1/k b/v1.0/0/k c/v1.0/0/k "
is "a single shard gives only its own name" "$(cd "$T/s" && cc-shard read --subset --key-prefix '{}/' a/0.tar | cc-shard keys)" 0/k

# Files that are not tars: the message says what to do.
expect_hint() { # TEXT FILE
	fails_with "$1" cc-shard read "$2"
	fails_with "$1" cc-shard read --shuffle "$2"
	fails_with "$1" cc-shard verify "$2"
	fails_with "$1" cc-shard read "pipe:cat '$2'"
	gzip -c "$2" >"$T/packed.tar.gz"
	fails_with "$1" cc-shard read "$T/packed.tar.gz"
}
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 123456789\n' >"$T/lfs.tar"
expect_hint "lfs pull" "$T/lfs.tar" 2>/dev/null
printf '<!DOCTYPE html><html></html>' >"$T/login.tar"
expect_hint "a web page (HTML), as servers send for a login or an error, not a tar: download it again" "$T/login.tar"
printf '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>' >"$T/denied.tar"
expect_hint "an XML document, as servers send for an error, not a tar: download it again" "$T/denied.tar"
python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1], "w").writestr("0.jpg", b"x")' "$T/set.zip"
expect_hint "a ZIP archive, not a tar: \`unzip FILE -d FOLDER\`, then read the folder" "$T/set.zip"
printf 'PAR1....PAR1' >"$T/0.parquet"
expect_hint "a Parquet file, not a tar: write it as CSV" "$T/0.parquet"
printf '{"error": "Repository not found", "code": 404}' >"$T/0.tar"
expect_hint "JSON text, not a tar: if a server sent it for an error, download it again" "$T/0.tar"
fails_with "as in 'pipe:curl -sfL https://example.org/{0..3}.tar'" cc-shard read 'https://example.org/{0..3}.tar'
fails_with "as in 'pipe:curl -sfL URL'" cc-shard read 'https://example.org/0.tar?$(touch x)'
fails_with "as in 'pipe:aws s3 cp s3://bucket/0.tar -'" cc-shard verify s3://bucket/0.tar
fails_with "as in 'pipe:gcloud storage cat gs://bucket/0.tar'" cc-shard keys gs://bucket/0.tar

cp "$T/lfs.tar" "$T/lfs.csv"
cp "$T/lfs.tar" "$T/lfs.json"
cp "$T/set.zip" "$T/xlsx.csv"
fails_with "lfs.csv: a Git LFS pointer, not a table" cc-shard read "$T/lfs.csv"
fails_with "lfs.json: a Git LFS pointer, not a list of shards (JSON)" cc-shard read "$T/lfs.json"
fails_with "xlsx.csv: a ZIP archive, not a table" cc-shard read --shuffle "$T/xlsx.csv"

# A tar is judged the same however it is read: numbers followed by more than a zero byte.
python3 - "$T/odd.tar" <<'END'
import io, sys, tarfile
with tarfile.open(sys.argv[1], "w", format=tarfile.USTAR_FORMAT) as out:
    folder = tarfile.TarInfo("d")
    folder.type = tarfile.DIRTYPE
    out.addfile(folder)
    for key in "bcd":
        info = tarfile.TarInfo("d/%s.txt" % key)
        info.size = 1
        out.addfile(info, io.BytesIO(key.encode()))
data = bytearray(open(sys.argv[1], "rb").read())
for at in (512, 1536, 2560):
    header = bytearray(data[at:at + 512])
    header[108:116] = b"000\x00000\0"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    data[at:at + 512] = header
open(sys.argv[1], "wb").write(data)
END
ok "unusual headers: the tar is whole" cc-shard verify "$T/odd.tar"
for how in "" --shuffle --regroup --count --folders "--shuffle --folders"; do
	is "unusual headers: read ${how:-in order}" "$(fields_of $how "$T/odd.tar" | sed 's/cls //g')" "d/b: txt; d/c: txt; d/d: txt"
done

# A folder of folders of shards.
mkdir -p "$T/repo/data" "$T/repo/.git/x"
echo "# Data" >"$T/repo/README.md"
printf '*.tar filter=lfs' >"$T/repo/.gitattributes"
tar -cf "$T/repo/data/0.tar" -C "$T/plain" 0.jpg 0.txt
tar -cf "$T/repo/data/1.tar" -C "$T/plain" 1.jpg 1.txt
cp "$T/lfs.tar" "$T/repo/.git/x/2.tar"
is "a folder is searched for shards" "$(fields_of "$T/repo")" "0: jpg txt; 1: jpg txt"
ok "and verify does the same" sh -c "cc-shard verify '$T/repo' | grep '2 sources, 2 records.*whole'"
cp "$T/lfs.tar" "$T/repo/data/2.tar"
fails_with "data/2.tar: a Git LFS pointer, not a tar" cc-shard read "$T/repo"
mkdir "$T/repo/test"
mv "$T/repo/data/2.tar" "$T/repo/data/1.tar" "$T/repo/test"
fails_with "repo: 2 folders below it contain shards ($T/repo/data, $T/repo/test); name the ones to read" cc-shard read "$T/repo"
make_files "$T/repo/images" cat/1.jpg
fails_with "contains both tars ($T/repo/data) and images or folders ($T/repo/images/cat/1.jpg)" cc-shard read "$T/repo"
mkdir "$T/images"
make_files "$T/images" a/1.jpg
cp "$T/repo/data/0.tar" "$T/images/a/z.tar"
fails_with "images/a/z.tar: a tar in a folder of other files" cc-shard read "$T/images"
tar cf "$T/repo.tar" -C "$T/repo" data README.md
for verb in read "read --shuffle" verify digest; do
	fails_with "data/0: a tar inside a tar, not a sample; unpack the outer one and name the inner ones" cc-shard $verb "$T/repo.tar"
done
mv "$T/images/a/z.tar" "$T/images/a/z.TAR"
fails_with "images/a/z.TAR: a tar in a folder of other files" cc-shard read "$T/images"
python3 tests/tool/make_tar.py "$T/video.tar" 0.jpg=x 0.frames.tar=x
is "a tar next to an image is a field" "$(fields_of "$T/video.tar")" "0: frames.tar jpg"
make_files "$T/point" a/cat.0. a/cat.0.jpg a/b.1. a/b.txt
same_data "names that end with a dot" "$T/point" --per-image
mkdir -p "$T/hub/data"
cp "$T/0.parquet" "$T/hub/data/train.parquet"
fails_with "contains no samples, only files in another format ($T/hub/data/train.parquet)" cc-shard read "$T/hub"
mkdir "$T/loops" "$T/loops/data"
tar -cf "$T/loops/data/0.tar" -C "$T/plain" 0.jpg 0.txt
for link in a b c; do ln -s . "$T/loops/$link"; done
is "links to a parent folder are not followed" "$(timeout 20 cc-shard keys "$T/loops")" 0
mkdir "$T/fans" "$T/fans/data" "$T/fans/e"
cp "$T/loops/data/0.tar" "$T/fans/data"
for level in 1 2 3 4 5 6; do
	mkdir "$T/fan$level"
	for link in 0 1 2 3 4 5 6 7 8 9; do ln -s "$T/fan$((level + 1))" "$T/fan$level/$link"; done
done
mkdir "$T/fan7" && ln -s "$T/fan1" "$T/fans/e/fan"
fails_with "fans: $T/fans/data contains shards, but there are too many folders to search them all; name the ones to read" timeout 60 cc-shard read "$T/fans"

# img2dataset with output_format=files.
crawl() { # FORM FOLDER
	rm -rf "$2"
	mkdir "$2"
	for shard in 0 1; do
		make_files "$2/0000$shard" 0000${shard}0000.jpg 0000${shard}0000.txt 0000${shard}0001.jpg 0000${shard}0001.txt
		for i in 0 1; do
			echo '{"key":"0000'$shard'000'$i'","status":"success"}' >"$2/0000$shard/0000${shard}000$i.json"
		done
		echo '{"count":3,"successes":2,"failed_to_download":1,"failed_to_resize":0,"status_dict":{"success":2,"HTTP Error 404: Not Found":1}}' >"$2/0000${shard}_stats.json"
		cp "$T/0.parquet" "$2/0000$shard.parquet"
		[ "$1" = files ] || tar --sort=name -cf "$2/0000$shard.tar" -C "$2/0000$shard" .
		[ "$1" = files ] || rm -r "$2/0000$shard"
	done
}
crawl files "$T/crawl"
crawl tars "$T/crawl-tars"
is "a crawl in folders has the digest of the crawl in tars" "$(cc-shard digest "$T/crawl")" "$(cc-shard digest "$T/crawl-tars")"
is "and the same statistics" "$(cc-shard stat --json "$T/crawl" | jq -c .crawl)" "$(cc-shard stat --json "$T/crawl-tars" | jq -c .crawl)"
is "other files are not records, and the header has the count" "$(cc-shard read "$T/crawl" | cc-view | jq -c 'select(.cc) | .records'): $(cc-shard keys "$T/crawl" | tr '\n' ' ')" "4: 000000000 000000001 000010000 000010001 "
make_files "$T/crawl/extra" a.jpg a.txt
for verb in read verify "read --subset"; do
	fails_with "crawl: contains folders of a crawl (00000) and another folder (extra); name the ones to read" cc-shard $verb "$T/crawl"
done
rm -r "$T/crawl/extra"
rm "$T/crawl/00000/000000001.jpg" "$T/crawl/00000/000000001.txt" "$T/crawl/00000/000000001.json"
fails_with "00000: 1 records, but its _stats.json says 2" cc-shard verify "$T/crawl"
crawl files "$T/crawl"
rm -r "$T/crawl/00001"
for verb in verify "read -o $T/out"; do
	fails_with "00001_stats.json: its shard is missing (--subset reads the others)" cc-shard $verb "$T/crawl"
done
is "--subset reads the finished folders" "$(cc-shard read --subset "$T/crawl" | cc-shard keys | tr '\n' ' ')" "000000000 000000001 "
rm "$T/crawl/00001_stats.json"
mkdir "$T/crawl/00001"
fails_with "00001: unfinished: img2dataset has not written 00001_stats.json" cc-shard verify "$T/crawl"
crawl files "$T/crawl"
rm -r "$T/crawl/00000" "$T/crawl/00001"
fails_with "img2dataset output in parquet format" cc-shard read "$T/crawl"
touch "$T/crawl/00000.tfrecord"
fails_with "img2dataset output in tfrecord format" cc-shard read "$T/crawl"
rm "$T"/crawl/*.tfrecord "$T"/crawl/*.parquet
fails_with "contains _stats.json files of img2dataset, but none of its shards" cc-shard read "$T/crawl"
done_testing
