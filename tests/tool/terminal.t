#!/bin/sh
# Names and contents of data cannot send control sequences to a terminal, and no name can forge a line of a message.
. "$(dirname "$0")/lib.sh"

mkdir "$T/evil"
python3 tests/tool/hostile_names.py make "$T/evil"
evil=$(printf '\033[31m\302\233x\342\200\256')
write_tiny_config
cc-model init "$T/config.json" --vocab "$T/vocab.txt" -o "$T/tiny.safetensors"

while read -r command; do
	got=$(cd "$T/evil" && sh -c "python3 '$OLDPWD/tests/tool/hostile_names.py' run $command" 2>&1 | tail -1)
	is "on a terminal: $command" "$got" "dangerous:"
done <<'END'
cc-shard stat evil.tar
cc-shard stat evil.stream
sh -c 'cc-shard stat <evil.stream'
sh -c 'cc-shard stat --json <evil.stream'
cc-shard keys evil.tar
sh -c 'cc-shard keys <evil.stream'
cc-shard verify evil.tar
cc-shard digest evil.tar
sh -c 'cc-shard digest <broken.stream'
sh -c 'cc-shard read --max-bad 1 evil.tar | cc-view'
sh -c 'cc-shard read --max-bad 1 --folders classes.tar | cc-view'
sh -c 'cc-shard read --max-bad 1 table.csv | cc-view'
sh -c 'cc-shard read columns.csv | cc-view'
sh -c 'cc-shard read --jsonl evil.jsonl | cc-view'
cc-view evil.stream
cc-view --full evil.stream
cc-view broken.stream
cc-view --provenance evil.stream
cc-view --provenance --json evil.stream
cc-view report evil.stream score.json
sh -c 'cc-view sheet evil.stream | wc -c'
sh -c 'cc-shard write out.tar <evil.stream'
sh -c 'cc-augment --size 8 <evil.stream | cc-view'
sh -c 'cc-augment --size 8 --text eda <evil.stream | cc-view'
sh -c 'cc-poison --attack badnet -n 1 --size 32 --target cat <evil.stream | cc-view'
sh -c 'cc-embed --text -m ../tiny.safetensors <evil.stream | cc-view'
sh -c 'cc-train clip --init ../config.json --vocab ../vocab.txt -o m.safetensors <evil.stream'
sh -c 'cc-score zeroshot --classes evil.stream <evil.stream'
cc-score summary score.json
cc-score zeroshot evil.stream
cc-model tensor evil.safetensors
cc-model tensor --json evil.safetensors
cc-model tensor type.safetensors
cc-model info evil.safetensors
cc-model info config.json
cc-model import evil.safetensors -o imported.safetensors
cc-model tokens --vocab merges.txt merges.txt
sh -c 'cc-model tokens --text --vocab ../vocab.txt merges.txt'
sh -c 'cc-model vocab <evil.stream'
sh -c 'cc-view --provenance evil.safetensors'
END

for command in "cc-shard $evil" "cc-shard stat $evil" "cc-shard read --where $evil $T/evil/evil.tar" "cc-view $evil" "cc-model tensor $T/tiny.safetensors $evil" "cc-augment --image $evil" "cc-poison --attack $evil"; do
	# shellcheck disable=SC2086
	is "an argument: $(echo "$command" | tr -dc 'a-z -')" "$(python3 tests/tool/hostile_names.py run $command 2>&1 | tail -1)" "dangerous:"
done

# Output for people is escaped in a pipe too, because the pipe may end at a terminal.
for command in "cc-shard stat evil.tar" "cc-model tensor evil.safetensors" "cc-score summary score.json"; do
	is "into a pipe: $command" "$(cd "$T/evil" && $command 2>&1 | python3 "$OLDPWD/tests/tool/hostile_names.py" check | tail -1)" "dangerous:"
done
is "keys are written to a pipe unchanged" "$(cd "$T/evil" && cc-shard keys --max-bad 1 evil.tar 2>/dev/null | LC_ALL=C grep -c "$(printf '\033')")" 1
fails_with 'the key contains a line break and cannot be listed (dropped)' cc-shard keys --max-bad 0 "$T/evil/evil.tar"
is "a reason that quotes bytes does not corrupt the shard that counts it" "$(printf 'image,label\na.ppm,\377\nb.ppm,1\nc.ppm,2\n' >"$T/labels.csv"
	for key in a b c; do printf 'P6 1 1 255\nrgb' >"$T/$key.ppm"; done
	cc-shard read --max-bad .5 "$T/labels.csv" 2>/dev/null | cc-shard write "$T/labels.tar" 2>&1; cc-shard stat --json "$T/labels.tar" | jq -r '.bad | keys[0]')" \
	"label '\xff' is not an integer; use --classes FILE to number class names"
done_testing
