#!/bin/sh
# Tables written by common programs: escapes, Excel, line ends, blanks, Windows paths.
. "$(dirname "$0")/lib.sh"

mkdir -p "$T/d/sub"
for i in 0 1 2; do printf 'P6\n1 1\n255\n%s%s%s' $i $i $i >"$T/d/$i.ppm"; done
cp "$T/d/0.ppm" "$T/d/sub/3.ppm"
table() { printf "$1" >"$T/d/t.csv"; }
rows() { cc-shard read "$@" "$T/d/t.csv" 2>"$T/said" | cc-view | jq -c 'select(.__key__) | [.__key__, .txt, .cls]' | tr '\n' ' '; }

# Escapes.
table 'image,caption\n0.ppm,"2\\" seam, blue"\n1.ppm,"a \\"quoted\\" word"\n2.ppm,plain\n'
fails_with "t.csv: line 2, column 11: text after a closing quote that follows a backslash (--escape '\\' reads \\\" as a quote)" cc-shard read "$T/d/t.csv"
wanted='["0","2\" seam, blue",null] ["1","a \"quoted\" word",null] ["2","plain",null] '
is "--escape" "$(rows --escape '\')" "$wanted"
is "--escape with --shuffle" "$(rows --escape '\' --shuffle | sed 's/] /]\n/g' | sort | tr '\n' ' ')" "$wanted"
is "prog records --escape" "$(cc-shard read --escape '\' "$T/d/t.csv" | cc-view | head -1 | jq -c '.prog[0] | tostring | contains("escape")')" true
printf 'image,caption\n%s,a dog\\, running\n' 0.ppm >"$T/d/comma.csv"
fails_with "line 2: 0: 3 cells, but the first line names 2 columns; if a backslash escapes the delimiter, use --escape '\\'" cc-shard read --max-bad 0 "$T/d/comma.csv"
is "an escaped delimiter is text" "$(cc-shard read --escape '\' "$T/d/comma.csv" | cc-view | jq -r '.txt // empty')" "a dog, running"
printf 'image,caption\n%s,a dog, running\n' 0.ppm >"$T/d/comma.csv"
fails_with "3 cells, but the first line names 2 columns (dropped)" cc-shard read --max-bad 0 "$T/d/comma.csv"
fails_with "--escape: 'ab' is not a single character" cc-shard read --escape ab "$T/d/t.csv"
fails_with "--escape: '\"' is not a single character" cc-shard read --escape '"' "$T/d/t.csv"
fails_with "--escape: ';' is not a single character other than the delimiter, such as '\\'" cc-shard read --delimiter ';' --escape ';' "$T/d/t.csv"

# Excel.
table 'sep=;\r\nimage;caption\r\n0.ppm;a dog, running\r\n'
is "sep= names the delimiter" "$(rows)" '["0","a dog, running",null] '
table 'sep=;\r\nimage;caption\r\n0.ppm;a dog\r\nnone.ppm;x\r\n'
fails_with "t.csv: line 4: none" cc-shard read --max-bad 0 "$T/d/t.csv"
table '\357\273\277"sep=,"\nimage,caption\n0.ppm,a dog\n'
is "sep= after a byte order mark, in quotes" "$(rows)" '["0","a dog",null] '
printf 'image,caption\n0.ppm,a dog\n' | iconv -f UTF-8 -t UTF-16 >"$T/d/t.csv"
fails_with "UTF-16; expected UTF-8 (iconv -f UTF-16 -t UTF-8 converts it)" cc-shard read "$T/d/t.csv"
printf 'image,caption\n0.ppm,a dog\n' | iconv -f UTF-8 -t UTF-16LE >"$T/d/t.csv"
fails_with "line 1, column 2: contains a NUL byte, so it is not text (iconv -f UTF-16LE -t UTF-8 converts UTF-16)" cc-shard read "$T/d/t.csv"

# Line ends.
table 'image,caption\n0.ppm,a dog\rand a cat\n1.ppm,"a\rb"\n'
is "a single CR inside a cell is text" "$(rows)" '["0","a dog\rand a cat",null] ["1","a\rb",null] '
table 'image,caption\r0.ppm,a dog\r1.ppm,"a\rb"\r'
is "where lines end in CR, it ends the line" "$(rows)" '["0","a dog",null] ["1","a\rb",null] '
table 'image,caption\r\n0.ppm,"two\r\nlines"\r\n\r\nnone.ppm,"x\n\ny"\r\n1.ppm,a,b\r\n'
cc-shard read --max-bad 100% "$T/d/t.csv" >/dev/null 2>"$T/said"
is "line numbers are those of an editor" "$(grep -o 't.csv: line [0-9]*: [a-z0-9]*' "$T/said" | tr '\n' ' ')" "t.csv: line 5: none t.csv: line 8: 1 "

# Blanks around names.
table 'image, caption, label\n0.ppm, "a dog, running", 1\n1.ppm,  a cat, 2\n'
is "blanks after delimiters" "$(rows)" '["0","a dog, running",1] ["1","a cat",2] '
table 'caption , image , label\na dog , 0.ppm , 1\n'
is "blanks before delimiters" "$(rows)" '["0","a dog",1] '
table 'image,caption\n0.ppm, a dog\n'
is "blanks that the first line does not have are text" "$(rows)" '["0"," a dog",null] '

# Paths.
table 'image,caption\nsub\\3.ppm,a\n.\\0.ppm,b\n'
is "backslashes separate folders" "$(rows)" '["sub/3","a",null] ["0","b",null] '
cp "$T/d/1.ppm" "$T/d/x\\y.ppm"
table 'image,caption\nx\\y.ppm,a\n'
is "unless a file has that name" "$(rows)" '["x/y","a",null] '
table 'image,caption\nC:\\data\\a.ppm,a\n\\\\server\\share\\a.ppm,b\nhttps://example.org/a.jpg?x=1,c\n0.ppm,d\n'
is "a path that cannot exist here makes a bad row" "$(rows --max-bad 100%)" '["0","d",null] '
is "it is reported" "$(grep -c "line 2: .*an absolute Windows path; make the paths in the table relative and name their folder with --image-root\|line 3: .*a Windows network path\|line 4: .*a URL; download the images first, for example with img2dataset" "$T/said")" 3

# Files that are not text.
printf 'PAR1\025\0\025\0' >"$T/d/p.csv"
fails_with "p.csv: a Parquet file, not a table: write it as CSV: \`python3" cc-shard read "$T/d/p.csv"
printf 'SQLite format 3\0\020\0' >"$T/d/s.csv"
fails_with "s.csv: an SQLite database, not a table: write a table as CSV: \`sqlite3" cc-shard read "$T/d/s.csv"
python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1], "w").writestr("[Content_Types].xml", "<x/>")' "$T/d/x.csv"
fails_with "x.csv: an Excel workbook, not a table: save the sheet as CSV UTF-8" cc-shard read "$T/d/x.csv"
echo '<!DOCTYPE html><html>' >"$T/d/h.jsonl"
fails_with "h.jsonl: a web page (HTML)" cc-shard read "$T/d/h.jsonl"

# Columns.
table 'file,text,label\n0.ppm,a,1\n'
fails_with "t.csv: line 1: column 'image' not found (columns: 'file', 'text', 'label'); use --image-column NAME" cc-shard read "$T/d/t.csv"

done_testing
