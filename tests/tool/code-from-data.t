#!/bin/sh
# Names and lists in data never run as code.  Each command below would create a file called ran.
. "$(dirname "$0")/lib.sh"

top=$PWD
mkdir "$T/d"
python3 tests/tool/make_tar.py "$T/d/good.tar" x.txt=x
cd "$T/d" || exit 1
evil='pipe:touch ran;cat good.tar'
keys() { cc-shard read -q "$@" | cc-shard keys | tr '\n' ' '; }
# NAME COMMAND...: it fails with NAME in its message
refused() {
	fails_with "$@"
	is "  and nothing ran" "$(ls ran 2>/dev/null)" ''
}

# An existing file of that name is read as a file.
cp good.tar "$evil"
is "an argument that names a file" "$(keys "$evil")" "x "
is "a glob" "$(keys pipe*)" "x "
echo "{\"wids_version\": 1, \"shardlist\": [{\"url\": \"$evil\", \"nsamples\": 1}]}" >index.json
is "an index" "$(keys index.json)" "x "
is "an index within an index" "$(echo '{"wids_version": 1, "datasets": [{"source_url": "index.json"}]}' >outer.json && keys outer.json)" "x "
is "sizes.json" "$(echo "{\"$evil\": 1}" >sizes.json && keys sizes.json)" "x "
is "a file URL" "$(echo "{\"file:$evil\": 1}" >url.json && keys url.json)" "x "
is "a list" "$(echo "$evil" >list && keys @list)" "x "
is "braces" "$(keys 'pipe:touch ran;cat {good,none}.tar' 2>/dev/null; rm -f ran; keys '{pipe:touch ran;cat ,}good.tar')" "x x "
is "shuffled" "$(keys --shuffle "$evil")" "x "
is "a folder of tars" "$(mkdir shards && cp good.tar "shards/$evil" && keys --subset shards)" "x "
mkdir 'pipe:touch ran;echo' && printf x >'pipe:touch ran;echo/x.txt'
is "a folder" "$(keys 'pipe:touch ran;echo')" "x "
rm 'pipe:touch ran;echo/x.txt' && cp good.tar 'pipe:touch ran;echo' && cp good.tar 'pipe:touch ran;echo/pipe:touch ran;.tar'
is "a folder of that name with tars" "$(keys --subset 'pipe:touch ran;echo')" "x x "
is "an index with such a base" "$(echo '{"wids_version": 1, "base": "pipe:touch ran;echo", "shardlist": [{"url": "good.tar", "nsamples": 1}]}' >base.json && keys base.json)" "x "
rm -r 'pipe:touch ran;echo'
printf 'image,caption\ngood.tar,x\n' >'pipe:touch ran;cat rows.csv'
is "a table" "$(keys 'pipe:touch ran;cat rows.csv')" "good "
rm 'pipe:touch ran;cat rows.csv'
is "cc-shard verify" "$(cc-shard verify "$evil" | cut -d , -f 1)" "1 source"
refused "-MF: './$evil': make cannot read this name in a rule" cc-shard read -q -MF deps -MT made index.json
is "and -MF writes no rule" "$(ls deps 2>/dev/null)" ""
is "an entry '-' is a file, not standard input" "$(cp good.tar ./- && echo '{"-": 1}' >dash.json && keys dash.json </dev/null)" "x "
is "no command ran" "$(ls ran shards/ran 2>/dev/null)" ''

# Without such a file only a command-line argument runs.
rm "$evil"
refused "index.json: shardlist[0]: a list of shards cannot run commands: pipe:touch ran;cat good.tar: No such file" cc-shard read index.json
refused "a list of shards cannot run commands" cc-shard read sizes.json
refused "a list of shards cannot run commands" cc-shard read outer.json
refused "@list: line 1: pipe:touch ran;cat good.tar: commands in lists are not run; use --allow-pipe if you trust the list" cc-shard read @list
refused "commands in lists are not run" cc-shard stat @list
refused "commands in lists are not run" sh -c "echo @list | cc-shard read @-"
refused "commands in lists are not run" cc-shard read '@list*2'
refused "No such file" cc-shard read '{pipe:touch ran;cat ,}good.tar'
refused "No such file" sh -c "echo '{pipe:touch ran;cat ,}good.tar' >braces && cc-shard read --allow-pipe @braces"
ln -s nowhere "$evil"
refused "pipe:touch ran;cat good.tar: No such file" cc-shard read pipe*
rm "$evil"
printf 'image,caption\npipe:touch ran,x\n' >rows.csv
refused "pipe:touch ran: No such file" cc-shard read --max-bad 0 rows.csv
refused "pipe:touch ran: No such file" cc-shard read --image-root 'pipe:touch ran' --max-bad 0 rows.csv
refused "pipe:touch ran: No such file" cc-shard read --keys 'pipe:touch ran' good.tar
refused "pipe:touch ran: No such file" cc-shard read --classes 'pipe:touch ran' good.tar
refused "pipe:touch ran: No such file" cc-view 'pipe:touch ran'
refused "pipe:touch ran: No such file" cc-view --provenance 'pipe:touch ran'
refused "pipe:touch ran: No such file" sh -c "cc-shard read good.tar | cc-poison --undo 'pipe:touch ran'"
is "a command-line argument runs" "$(keys "$evil"; ls ran; rm -f ran)" "x ran"
is "a list with --allow-pipe" "$(keys --allow-pipe @list; ls ran; rm -f ran)" "x ran"
for verb in stat verify digest keys; do
	is "cc-shard $verb --allow-pipe" "$(cc-shard $verb --allow-pipe @list >/dev/null; ls ran; rm -f ran)" ran
done

# Provenance is printed as commands to paste into a shell: every word is quoted, program names included.
cat >made.json <<'END'
{"metric": "x", "value": 1, "n": 1, "prog": [{"name": "touch ran #", "version": "1\ntouch ran", "seed": "0\ntouch ran", "args": ["a b", "--x=$(touch ran)"]},
 {"name": "cc-shard read;touch ran", "args": ["it's", "`touch ran`", "\ntouch ran\n", "", 3]}, {"name": "A=1", "args": ["touch", "ran"]},
 {"name": "cc-x `touch ran`", "args": ["~", "*", "#"]}, {"name": "-", "args": []}, {"name": "\ntouch ran\n"}, {"name": "cc-shard read", "args": ["--shuffle"]}]}
END
is "provenance" "$(cc-view --provenance made.json | grep -v '^# ')" "'touch ran #' 'a b' '--x=\$(touch ran)'  # 1\x0atouch ran, seed \"0\\ntouch ran\"
cc-shard 'read;touch ran' 'it'\''s' '\`touch ran\`' '\x0atouch ran\x0a' '' '?'  # ?
'A=1' touch ran  # ?
cc-x '\`touch ran\`' '~' '*' '#'  # ?
-  # ?
'\x0atouch ran\x0a'  # ?
cc-shard read --shuffle  # ?"
cc-view --provenance made.json >lines
mkdir touch && ln -s "$(command -v touch)" touch/touch
PATH=$PWD/touch /bin/sh lines >said 2>&1
is "as a script it runs nothing" "$(ls ran 2>/dev/null; grep -c 'not found' said)" 7
cc-view report -o page.html made.json 2>said
python3 - page.html >blocks <<'END'
import html, re, sys
for block in re.findall("<pre>(.*?)</pre>", open(sys.argv[1], encoding="utf-8").read(), re.S): print(html.unescape(block))
END
ok "the report's commands to copy are quoted" grep -qF "cc-shard 'read;touch ran' 'it'\\''s' '\`touch ran\`'" blocks
PATH=$PWD/touch /bin/sh blocks >said 2>&1
is "and run nothing" "$(ls ran 2>/dev/null)" ''

# Completion treats typed words and file names as plain words.
mkdir names && touch 'names/$(touch ran)' 'names/`touch ran`' "names/it's;touch ran" 'names/-x'
cat >complete.sh <<'END'
. "$1"
complete_words() { COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=(); _cleanclip; printf '%s\n' "${COMPREPLY[@]}"; }
complete_words cc-shard read names/
complete_words cc-shard read --classes 'names/$('
complete_words cc-shard read '$(touch ran)/'
complete_words cc-shard '`touch ran`' '$(touch ran)'
complete_words cc-shard 'a[$(touch ran)]' 'b[$(touch ran)]'
END
is "completion" "$(LC_ALL=C bash complete.sh "$top/tools/cli/complete.bash" 2>said | LC_ALL=C sort -u | grep . | tr '\n' '|')" \
	"names/\$(touch ran)|names/-x|names/\`touch ran\`|names/it's;touch ran|"
is "and runs nothing" "$(ls ran 2>/dev/null)" ''

done_testing
