#!/bin/sh
# Files made by version 0.1.0 (tests/golden/old/make.sh) are read as they were then.
. "$(dirname "$0")/lib.sh"

tar -C "$T" -xzf tests/golden/old/old.tar.gz
O=$T/old
records() { cc-view "$@" | grep __key__ | md5sum; }

# Records and digests.
while read -r sources digest; do
	is "digest of $sources" "$(cd "$O" && cc-shard digest "$sources")" "$digest"
done <"$O/digests.txt"
while read -r file sum; do
	is "records of $file" "$(records "$O/$file")" "$sum"
done <"$O/records.txt"
ok "verify accepts old shards" cc-shard verify "$O/set-{0,1}.tar"
ok "and a poisoned one" cc-shard verify "$O/poisoned.tar"
is "shards have the records of the stream" "$(cc-shard read "$O/set-{0,1}.tar" | records)" "$(sed -n 's/^stream //p' "$O/records.txt")"
is "undo restores the originals" "$(cc-shard read "$O/poisoned.tar" | cc-poison -q --undo "$O/stream" | cc-shard digest)" "$(cc-shard digest <"$O/stream")"

# Parts of a split.
ok "all parts of a split" cc-shard verify "$O"/part-*.tar
ok "are read together" sh -c "cc-shard read '$O'/part-*.tar >'$T/together' && cc-view '$T/together' >'$T/together.jsonl'"
is "and the header no longer has split" "$(head -1 "$T/together.jsonl" | grep -c '"cc".*split') $(head -1 "$T/together.jsonl" | grep -c '"cc"')" "0 1"
mv "$O/part-1-of-3.tar" "$T/kept.tar"
for verb in read verify; do
	fails_with "part 1 of 3 (cc-shard read --split 1/3) is missing (--subset reads some of the parts)" cc-shard $verb "$O"/part-*.tar
done
ok "some of the parts" sh -c "cc-shard read --subset $O/part-*.tar >$T/two"
cc-shard read --seed 4 --split 1/3 "$O/set-0.tar" "$O/set-1.tar" | cc-shard write -q "$O/part-1-of-3.tar"
fails_with "stale" cc-shard verify "$O"/part-*.tar
cc-shard read --seed 3 --split 1/3 "$O/set-0.tar" "$O/set-1.tar" | cc-shard write -q "$O/part-1-of-3.tar"
ok "a new part among old ones" cc-shard verify "$O"/part-*.tar
is "the digest is that of the whole" "$(cc-shard digest "$O"/part-*.tar)" "$(cc-shard digest "$O/set-{0,1}.tar")"
mv "$T/kept.tar" "$O/part-1-of-3.tar"
poison() { cc-poison --attack badnet:patch=2 --target cat --size 4 --encode ppm "$@"; }
fails_with "none of the 12 records matches" sh -c "cc-shard read $O/set-{0,1}.tar | cc-poison -q -a badnet:patch=2 -t cat --where txt~zebra --rate 50% --size 4"
ok "a part may have no matching record" sh -c "cc-shard read $O/part-1-of-3.tar | cc-poison -q -a badnet:patch=2 -t cat --where txt~zebra --rate 50% --size 4 >$T/none"

# A second round chooses the same records as then and writes the same bytes; pixels that do not match the model are refused.
is "a second round of poisoning" "$(cc-shard read "$O/poisoned.tar" | poison -q --rate 50% | records)" "$(cat "$O/again.txt")"
sed 's/"squash"/"shortest"/' "$O/config.json" >"$T/center.json"
cc-model init "$T/center.json" --vocab "$O/vocab.txt" -o "$T/center.safetensors"
ok "pixels that match the model" sh -c "cc-embed -q -m $O/model.safetensors --image --text <$O/pixels >$T/pixels.emb"
fails_with "the pixels' preprocessing (4x4, bicubic, squash) differs from the model's" cc-embed -m "$T/center.safetensors" --image "$O/pixels"

# Scores: every entry of the old score is in the new one, except the version of cc-score.
same_score() {
	python3 -c 'import json, sys
old, new = (json.load(open(name)) for name in sys.argv[1:])
assert old["prog"][-1].pop("version") == "0.1.0" != new["prog"][-1].pop("version")
for name in old:
    if old[name] != new.get(name): sys.exit("%s: %s, was %s" % (name, new.get(name), old[name]))' "$@"
}
cc-score zeroshot -q --classes "$O/classes" "$O/embeddings" >"$T/zeroshot.json"
ok "zero-shot accuracy" same_score "$O/zeroshot.json" "$T/zeroshot.json"
cc-score zeroshot -q --classes "$O/classes" "$O/triggered" >"$T/triggered.json"
ok "triggered accuracy" same_score "$O/triggered.json" "$T/triggered.json"
cc-score asr -q --target ship --classes "$O/classes" "$O/triggered" >"$T/asr.json"
ok "attack success" same_score "$O/asr.json" "$T/asr.json"
titles() { cc-view report -o "$T/page.html" "$1" && grep -oE "(triggered|clean) accuracy" "$T/page.html" | sort -u; }
is "a report of a clean score" "$(titles "$O/zeroshot.json")" "clean accuracy"
is "a report of a triggered score" "$(titles "$O/triggered.json")" "triggered accuracy"

# The state of a run can be resumed.
ok "an old run is resumed" sh -c "cd $O && cc-train clip -q --init config.json --vocab vocab.txt --batch 4 --lr 1e-2 --save-every 100 --resume -o run.safetensors pixels >>run.jsonl"
is "with the same losses" "$(sed 's/.*"loss": \([-0-9.]\{5\}\).*/\1/' "$O/run.jsonl" | tr '\n' ' ')" \
	"$(sed 's/.*"loss": \([-0-9.]\{5\}\).*/\1/' "$O/model.jsonl" | tr '\n' ' ')"
is "the model's provenance" "$(cc-model info --table "$O/run.safetensors" | wc -l)" "$(cc-model info --table "$O/model.safetensors" | wc -l)"
done_testing
