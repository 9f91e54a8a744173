#!/bin/bash
# -MF writes the files that were read as a rule for make.
. "$(dirname "$0")/lib.sh"

# A rule that make includes.
mkdir "$T/make"
tar cf "$T/some.tar" -C tests/golden npy
cp "$T/some.tar" "$T/make/a b.tar"
printf '%s\n' 'x.msgpack:' '	cc-shard read -q "a b.tar" -MF x.d -o x.msgpack; echo made' '-include x.d' >"$T/make/Makefile"
run_make() { env -u MAKEFLAGS make -s -C "$T/make"; }
is "the first run makes the target" "$(run_make)" made
is "a second run does not" "$(run_make)" ""
sleep 1
touch "$T/make/a b.tar"
is "it is rebuilt after its source changed" "$(run_make)" made
rm "$T/make/a b.tar"
is "a missing source is not an error" "$(run_make 2>&1 | grep -c 'No rule')" 0
fails_with "-MT needs -MF FILE, the file to write the rule to" cc-shard read -MT set.tar "$T/some.tar"
fails_with "-MF needs a target: -o FILE" sh -c "cc-shard read -MF '$T/d' '$T/some.tar' >'$T/o'"
cc-shard read -q -MF "$T/d" -MT 'set.tar' "$T/some.tar" >"$T/o"
is "-MT names another target" "$(head -1 "$T/d")" 'set.tar: \'

# For any name: make finds the file, notices that it is newer, and accepts that it is missing; or the name is refused.
cat >"$T/names.py" <<'END'
import os, shutil, subprocess, sys
place, tar = sys.argv[1:]
refused = []
names = ["plain"] + [form % c for c in map(chr, range(32, 127)) if c != "/" for form in ("a%sb", "%sb", "a%s", "a\\%sb", "a\\\\%sb")]
names += ["a\nb", "a\tb", "a\rb", "\u00e9 \u00fc", "x[1]", "%a%b", "$(touch ran)", "a\n\ttouch ran", "a;touch ran", "`touch ran`", "#", "a: b", "a=b c=d"]
for name in names:
    shutil.rmtree(place, ignore_errors=True)
    os.mkdir(place)
    path = place + "/" + name
    shutil.copy(tar, path)
    with open(place + "/Makefile", "w") as rules:
        rules.write("out:\n\t@echo made\n\n-include rule\n")
    run = subprocess.run(["cc-shard", "read", "-q", "-MF", "rule", "-o", "out", "./" + name], cwd=place, capture_output=True)
    if run.returncode:
        assert b"make cannot read this name" in run.stderr and not os.path.exists(place + "/rule") and not os.path.exists(place + "/out"), (name, run)
        refused.append(name)
        continue
    def make():
        made = subprocess.run(["make", "-s", "out"], cwd=place, capture_output=True, text=True)
        assert made.returncode == 0 and not made.stderr, (name, made)
        return made.stdout == "made\n"
    os.utime(place + "/out", (1000, 1000))
    os.utime(path, (2000, 2000))
    assert make(), (name, "is newer")
    os.utime(path, (500, 500))
    assert not make(), (name, "is older")
    os.remove(path)
    make()
    assert not os.path.exists(place + "/ran"), name
print(" ".join(sorted(set(c for name in refused for c in name if not c.isalnum() and c not in " \\%&$()"))).encode("unicode_escape").decode(), len(names) - len(refused) > 400)
END
is "make reads every other name" "$(env -u MAKEFLAGS python3 "$T/names.py" "$T/named" "$T/some.tar" 2>&1)" '\t \n \r ; |'" True"

# Every file that a verb reads is in the rule: COMMAND | FILE...
score_data=$PWD/tests/tool/score_data.py
python3 "$score_data" "$T"
python3 tests/tool/make_stream.py 30 size=20x20 rgb >"$T/pixels"
python3 tests/tool/make_tar.py "$T/a.tar" a/1.txt=one a/2.txt=two
python3 tests/tool/train_stream.py 30 aug >"$T/pairs"
write_tiny_config
cd "$T" || exit 1
cp a.tar b.tar
cp pixels before
echo 'a.tar*2' >list
echo a.tar >plain
printf '%s\n' red green blue >names
echo 'a {}' >templates
cc-shard keys <pixels | head -1 >keys
cc-shard keys <pairs | head -1 >pair-keys
cc-shard index -q a.tar -o index.json
cc-shard read -q a.tar | cc-view --full >lines.jsonl
cc-train clip -q --init config.json --vocab vocab.txt --batch 4 pairs -o model >/dev/null
cc-embed -q -m model --prompts names -o prompts
cc-score uniformity -q clean -o 1.json
cc-score zeroshot -q clean --classes classes -o 2.json
cc-poison -q -a yellow -t cat --all --size 20 --encode raw pixels -o poisoned
cat >commands <<'END'
cc-shard read '{b,a}.tar' --subset | a.tar b.tar
cc-shard read @list --classes names --templates templates | list a.tar names templates
cc-shard read index.json | index.json a.tar
cc-shard read --jsonl lines.jsonl | lines.jsonl
cc-shard write '%d.tar' <pixels |
cc-shard stat '{a,b}.tar' | a.tar b.tar
cc-shard verify a.tar | a.tar
cc-shard keys @plain | plain a.tar
cc-shard digest a.tar b.tar | a.tar b.tar
cc-shard index a.tar b.tar | a.tar b.tar
cc-poison -a yellow -t cat --size 20 --keys keys --templates templates pixels | pixels keys templates
cc-poison --undo pixels poisoned | pixels poisoned
cc-augment -m model pixels | model pixels
cc-embed -m model --image pairs | model pairs
cc-embed -m model --prompts names --templates templates | model names templates
cc-train clip --init config.json --vocab vocab.txt --batch 4 pairs -o new | config.json vocab.txt pairs
cc-train cleanclip -m model --batch 4 pairs -o new | model pairs
cc-train ss -m model --batch 4 pairs -o new | model pairs
cc-train unlearn -m model --batch 4 --keys pair-keys pairs -o new | model pair-keys pairs
cc-train removal -m model --batch 4 pairs -o new | model pairs
cc-train par -m model --batch 4 pairs -o new | model pairs
cc-train supervised -m model --batch 4 --classes prompts pairs -o new | model prompts pairs
cc-train probe -m model --batch 4 pairs -o new | model pairs
cc-score zeroshot clean --classes classes | clean classes
cc-score asr triggered --classes classes --target 3 | triggered classes
cc-score retrieval clean | clean
cc-score distance triggered --with clean | triggered clean
cc-score uniformity clean | clean
cc-score trigger poisoned --with pixels --before before | poisoned pixels before
cc-score summary one=1.json 2.json | 1.json 2.json
cc-score compare runs.tsv | runs.tsv
cc-view pixels | pixels
cc-view --provenance pixels model | pixels model
cc-view sheet poisoned --with pixels | poisoned pixels
cc-view tsne --iterations 2 clean again=triggered | clean triggered
cc-view report one=1.json 2.json model | 1.json 2.json model
cc-model init config.json --vocab vocab.txt -o new | config.json vocab.txt
cc-model info model | model
cc-model config model | model
cc-model tensor model logit_scale | model
cc-model import model --config config.json --vocab vocab.txt -o new | model config.json vocab.txt
cc-model vocab pairs | pairs
cc-model tokens -m model names | model names
cc-model mix model other -o new | model other
cc-model recalibrate -m model pairs -o new | model pairs
END
cp model other
printf 'test\trun\thits\tn\tcontrol_hits\tcontrol_n\na\t1\t4\t9\t3\t9\na\t2\t5\t9\t3\t9\n' >runs.tsv
while IFS='|' read -r command files; do
	rm -f rule
	eval "$command" -q -MF rule -MT made >out 2>said
	is "$command" "$(sed '/^$/,$d' rule | tr -d '\\\n' | sed 's/^made: *//; s/  */ /g' | tr ' ' '\n' | sort | tr '\n' ' ')$(grep -v '^#' said | head -3)" \
		"$(echo "$files" | tr ' ' '\n' | sort | grep . | tr '\n' ' ')"
done <commands
verbs=$(for tool in shard poison augment embed train score view model; do
	cc-$tool --complete '' | grep -v '^-' | sed "s/^/cc-$tool /" | grep . || echo "cc-$tool"
done)
is "every verb is tested" "$(echo "$verbs" | while read -r verb; do grep -q "^$verb " commands || echo "$verb"; done)" ""
done_testing
