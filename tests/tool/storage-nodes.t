#!/bin/sh
# Preprocessing in parts: three nodes, one of which dies; a Slurm array; and the union of the parts.
. "$(dirname "$0")/lib.sh"
command -v parallel >/dev/null || skip_all "GNU parallel is missing"
export HOME="$T" # parallel writes its files there
nodes=$PWD/pipelines/storage-nodes.sh
array=$PWD/pipelines/storage-nodes.slurm
pipelines=$PWD/pipelines
tools=$PWD/tests/tool
picture=$PWD/tests/golden/images/420_gradient.jpg
[ -e "$picture" ] || picture=$(find "$PWD/tests/golden/images" -name '4*.jpg' | sort | head -1)

# Nodes: a fake ssh that runs the command here, in a folder for the node, and logs the node's name.  On the node `dying` the middle stage
# is killed if $T/die exists; the node `unplugged` dies with everything that runs on it.
mkdir "$T/ssh" "$T/home" "$T/stage"
cat >"$T/ssh/ssh" <<END
#!/bin/bash
set -m
while [ "\${1#-}" != "\$1" ]; do case \$1 in -[lpo]) shift ;; esac; shift; done
node=\$1
shift
[ "\$1" != -- ] || shift
cd "$T/home"
echo "\$node" >>"$T/nodes.log"
export NODE=\$node
bash -c "\$*" &
job=\$!
if [ "\$node" = unplugged ] && [ -e "$T/die" ]; then
	for try in {1..600}; do [ -e "$T/reached" ] || sleep .05; done
	kill -KILL -- -\$job
fi
wait \$job
END
# The middle stage of every pipe.  On a failing node it passes 2,000 bytes, and then is killed or blocks until the node dies.
cat >"$T/stage/slowly" <<END
#!/bin/sh
case \${NODE:-} in
dying) [ ! -e "$T/die" ] || { head -c 2000; kill -KILL \$\$; } ;;
unplugged) [ ! -e "$T/die" ] || { head -c 2000; touch "$T/reached"; exec sleep 60; } ;;
esac
exec cat
END
chmod +x "$T/ssh/ssh" "$T/stage/slowly"
PATH=$T/ssh:$T/stage:$PATH
export PATH

mkdir "$T/photos"
i=0
while [ $i -lt 60 ]; do
	cp "$picture" "$T/photos/$(printf %03d $i).jpg"
	echo "photo number $i" >"$T/photos/$(printf %03d $i).txt"
	i=$((i + 1))
done
cd "$T" || exit 1
cc-shard read photos | cc-shard write --max-count 10 'in-%d.tar'
arguments='--size 64 --crop random --image autoaugment --text eda'
# shellcheck disable=SC2086
cc-shard read --seed 7 'in-{0..5}.tar' | cc-augment --seed 7 $arguments | cc-shard write one.tar
one=$(cc-shard digest one.tar)

run() { # FOLDER OPTION...
	folder=$1
	shift
	"$nodes" -o "$folder" -s 7 -a "$arguments" "$@" 'in-{0..5}.tar'
}
parts() { (cd "$1" && find . -name 'part-*' | sort | tr '\n' ' '); }
three='./part-00000-of-00003.tar ./part-00001-of-00003.tar ./part-00002-of-00003.tar '

# Three nodes over ssh
ok "three nodes over ssh" run out -S alpha,beta,gamma
is "each node made a part" "$(sort nodes.log | uniq | tr '\n' ' ')" "alpha beta gamma "
is "the union equals the output of one process" "$(cc-shard digest 'out/part-{00000..00002}-of-00003.tar')" "$one"
is "the header is the same" "$(cc-shard read out | cc-view | head -1)" "$(cc-shard read one.tar | cc-view | head -1)"
is "the parts are verified, and all records were read" "$(run out -S alpha,beta,gamma 2>&1)" \
	"3 sources, 60 records, digest ${one% *}: whole
made from all 60 records of the sources, read digest $(cc-shard digest 'in-{0..5}.tar' | cut -d ' ' -f 1)"
is "the log lists three parts" "$(awk '$7 == 0' out/joblog | wc -l)" 3
ok "more parts than sources, on this machine, for a user whose shell is /bin/true" env SHELL=/bin/true "$nodes" -o many -s 7 -a "$arguments" -n 8 -j 2 'in-{0..5}.tar'
is "they have the same records" "$(cc-shard digest 'many/part-{00000..00007}-of-00008.tar')" "$one"
ok "a source that is a command" \
	"$nodes" -Q -o piped -n 2 -s 7 -a "$arguments" "pipe:cat 'in-0.tar'" 'in-{1..5}.tar'
is "the records are the same" "$(cc-shard digest piped)" "$one"

# A missing part, and a stale one
mv out/part-00001-of-00003.tar kept.tar
for verb in read verify 'verify --quick' 'digest --source'; do
	# shellcheck disable=SC2086
	fails_with "part 1 of 3 (cc-shard read --split 1/3) is missing (--subset reads some of the parts)" cc-shard $verb out/part-*
done
ok "--subset reads the other parts" sh -c 'cc-shard read --subset out/part-* >two'
is "it has two thirds of the records, and the header records the parts" "$(cc-view two | grep -c __key__) $(cc-view two | head -1 | grep -c '"--split", "0/3"')" "40 1"
cc-shard read --seed 8 --split 1/3 'in-{0..5}.tar' | cc-shard write out/part-00001-of-00003.tar
fails_with "stale: written by another run than part 0 of 3" cc-shard verify out/part-*
mv kept.tar out/part-00001-of-00003.tar
ok "a single part can be verified" cc-shard verify out/part-00001-of-00003.tar
cc-shard read --split 0/2 --take 5 in-0.tar | cc-shard write half-0-of-2.tar
cc-shard read --split 1/2 --take 5 in-0.tar | cc-shard write half-1-of-2.tar
is "--take within parts differs from --take of the whole" "$(cc-shard read half-*-of-2.tar | cc-view | grep -c '"--split", "0/2"')" 1
fails_with "does not record its source" cc-shard digest --source photos

# A stage is killed on one node.
touch die
fails_with "not all parts were made" run killed -S alpha,dying,gamma -p "slowly | cc-augment --seed 7 $arguments"
is "its part is missing, the others are whole" "$(parts killed | wc -w) $(cc-shard verify --subset killed/part-* | cut -d : -f 2)" "2  whole"
is "the log has one failed job" "$(awk 'NR > 1 && $7 != 0' killed/joblog | wc -l)" 1
is "the log names its node" "$(awk 'NR > 1 && $7 != 0 { print $2 }' killed/joblog)" dying
ls -l --full-time killed/part-* | sort >before
rm die nodes.log
ok "the same command makes the missing part" run killed -S alpha,dying,gamma -p "slowly | cc-augment --seed 7 $arguments"
is "and no other" "$(wc -l <nodes.log)" 1
ls -l --full-time killed/part-* | sort >after
is "the other parts are unchanged" "$(comm -12 before after | wc -l)" 2
is "the union is the same" "$(cc-shard digest killed)" "$one"

# A node dies with everything that runs on it.
touch die
fails_with "not all parts were made" run gone -S alpha,unplugged,gamma -p "slowly | cc-augment --seed 7 $arguments"
is "its part is missing" "$(parts gone | wc -w)" 2
ok "another node makes it" run gone -n 3 -S alpha,gamma -p "slowly | cc-augment --seed 7 $arguments"
is "the union is the same" "$(cc-shard digest gone)" "$one"
rm -rf gone reached
ok "-R 2 tries another node at once" run gone -R 2 -S alpha,unplugged,gamma -p "slowly | cc-augment --seed 7 $arguments"
is "the union is the same" "$(cc-shard digest gone)" "$one"
rm die

# Everything is killed.
cat >"$T/stage/hang" <<END
#!/bin/sh
head -c 2000
echo \$\$ >>"$T/hung"
exec sleep 60
END
chmod +x "$T/stage/hang"
cat >job <<END
exec "$nodes" -o all -n 3 -j 3 -p 'hang | cc-augment --seed 7 $arguments' -s 7 'in-{0..5}.tar'
END
setsid sh job >said 2>&1 &
job=$!
tries=0
while [ "$(wc -l 2>/dev/null <hung)" != 3 ] && [ $tries -lt 300 ]; do
	sleep .1
	tries=$((tries + 1))
done
ps -eo pid=,sid= | awk -v job=$job '$2 == job { print $1 }' >session
xargs kill -KILL <session
wait $job
code=$?
xargs kill 2>/dev/null <hung
is "everything was killed" "$code" 137
is "only the log and the recipe are left" "$(find all -type f | sort | tr '\n' ' ')" "all/joblog all/recipe "
fails_with "its parts were made by another command (see " run all -n 3
printf '#!/bin/sh\nexec cat\n' >"$T/stage/hang"
ok "the same command makes all parts" sh job
is "with the same records" "$(cc-shard digest all)" "$one"

# Wrong usage
fails_with "no SOURCE given; for help: storage-nodes.sh -h" "$nodes" -o x
fails_with "no output folder given: -o FOLDER" "$nodes" in-0.tar
fails_with "-n 'many'" "$nodes" -o x -n many in-0.tar
fails_with "parts are 0 to 2" "$nodes" -o x -n 3 -i 3 in-0.tar
fails_with "needs the number of parts: -n N" "$nodes" -o x -i 3 in-0.tar
fails_with "--take, --skip, --split and --epochs would apply to each part separately" "$nodes" -o x -n 3 -r '--take 5' in-0.tar
fails_with "No such file" "$nodes" -o x -n 2 nowhere.tar
is "no part was made" "$(parts x)" ""
cp in-5.tar in-9.tar
run less -n 2 -Q >said 2>&1
cc-shard read --skip 1 in-5.tar >fewer
rm in-5.tar
cc-shard write in-5.tar <fewer
fails_with "other records than the sources have now" run less -n 2
mv in-9.tar in-5.tar
ok "help" sh -c "'$nodes' -h | grep -q 'storage-nodes.sh -o small'"
is "-d prints the commands" "$(run dry -n 3 -d | grep -c 'cc-shard read.*--split [012]/3')" 3
ok "and runs none" [ ! -e dry ]

# Names of sources and folders that parallel or a shell, here or on a node, could execute.  Each would create a file called ran.
mkdir odd && cd odd || exit 1
set -- "a';touch ran;'.tar" '$(touch ran).tar' '`touch ran`.tar' 'sp ace  two.tar' '-dash.tar' 'back\slash\n.tar' '{= system(q(touch ran)) =}.tar' '%d {} {#}.tar' \
	'#x;touch ran' 'a"$(touch ran)"b.tar' '!x&touch ran' '~' "end'"
i=0
for name; do
	python3 "$tools/make_tar.py" "./$name" "$i.txt=$i"
	i=$((i + 1))
done
folder="o';touch ran;' \$(touch ran) 50%d \"x\" \\n"
ok "odd names on two nodes" "$nodes" -o "$folder" -n 3 -S alpha,beta -p cat -- "$@"
is "sources are read unchanged" "$(cc-shard keys "$folder"/part-* | sort -n | tr '\n' ' ')" "0 1 2 3 4 5 6 7 8 9 10 11 12 "
ok "odd names on this machine" "$nodes" -Q -o "./$folder 2" -n 2 -p cat -- "$@"
is "the records are the same" "$(cc-shard digest "$folder 2"/part-*)" "$(cc-shard digest -- "$@")"
ok "odd names in a Slurm task" env SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_COUNT=1 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=0 PIPELINES="$pipelines" \
	"$array" -o "$folder 3" -p cat -- "$@"
is "the records are the same" "$(cc-shard digest "$folder 3"/part-*)" "$(cc-shard digest -- "$@")"
fails_with "line break in 'x" "$nodes" -o out -n 2 -p cat -- 'x
touch ran'
fails_with "line break in 'o" "$nodes" -o 'o
touch ran' -n 2 -p cat -- '~'
fails_with "braces are expanded in names of sources" "$nodes" -o 'o{1..3}' -n 2 -p cat -- '~'
is "no name was executed" "$(find "$T" -name 'ran*')" ""
cd "$T" || exit 1

# A Slurm array: each task runs once; one is killed and requeued.
task() { # ID ARGUMENT...
	id=$1
	shift
	(
		export SLURM_ARRAY_TASK_ID="$id" SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=2 PIPELINES="$pipelines"
		"$array" -o slurm -s 7 -a "$arguments" "$@" 'in-{0..5}.tar'
	)
}
ok "task 0 runs" task 0
ok "task 2 runs" task 2
touch die
fails_with "ended early" env NODE=dying SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=2 \
	PIPELINES="$pipelines" "$array" -o died -s 7 -p "slowly | cc-augment --seed 7 $arguments" 'in-{0..5}.tar'
is "a killed task leaves no part" "$(find died -name "part-*")" ""
rm die
ok "task 1 runs" task 1
is "there are three parts" "$(parts slurm)" "$three"
is "with the same records" "$(cc-shard digest slurm)" "$one"
touch -d '2001-01-01' slurm/part-00001-of-00003.tar
ok "a requeued task succeeds" task 1
is "without making its part again" "$(date -r slurm/part-00001-of-00003.tar +%Y)" 2001
is "the union is verified" "$(run slurm -n 3 2>&1 | head -1)" "3 sources, 60 records, digest ${one% *}: whole"
fails_with "needs the number of parts: -n N" env SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_MAX=7 PIPELINES="$pipelines" \
	"$array" -o slurm in-0.tar
fails_with "not a task of an array" "$array" -o slurm in-0.tar
fails_with "PIPELINES=FOLDER" env SLURM_ARRAY_TASK_ID=0 SLURM_SUBMIT_DIR="$T" "$array" -o slurm in-0.tar
done_testing
