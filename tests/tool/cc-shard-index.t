#!/bin/sh
# cc-shard index, and lists of shards as sources: wids index and sizes.json; counts in files next to a tar.
. "$(dirname "$0")/lib.sh"

make() { python3 tests/tool/make_tar.py "$@"; }
records() { cc-shard read "$@" | cc-view | sed -n '1p;$p' | jq -sc '[.[0].records, .[1].records]'; }
mkdir "$T/set" "$T/set/deep"
make --samples=3 "$T/set/a.tar"
make "$T/set/b.tar" b/1.txt=x b/1.cls=2
make "$T/set/deep/c.tar" c/1.txt=y
digest=$(cc-shard digest "$T/set/a.tar" "$T/set/b.tar" "$T/set/deep/c.tar")

# An index is written and read.
ok "cc-shard index" cc-shard index "$T/set/a.tar" "$T/set/b.tar" "$T/set/deep/c.tar" --name mine -o "$T/set/index.json"
is "the format is that of wids" "$(jq -c '[.wids_version, .name, (.shardlist[] | [.url, .nsamples])]' "$T/set/index.json")" \
	'[1,"mine",["a.tar",3],["b.tar",1],["deep/c.tar",1]]'
is "with the sizes in bytes" "$(jq .shardlist[1].filesize "$T/set/index.json")" "$(wc -c <"$T/set/b.tar")"
is "an index is a source" "$(cc-shard digest "$T/set/index.json")" "$digest"
is "its number of records is known" "$(records "$T/set/index.json")" '[5,5]'
is "and that of a part" "$(records --skip 1 --take 3 "$T/set/index.json")" '[3,3]'
is "--shuffle with --epochs" "$(cc-shard read --shuffle --epochs 2 "$T/set/index.json" | cc-view | grep -c __key__)" 10
is "a weight" "$(cc-shard read "$T/set/index.json*2" | cc-view | tail -1 | jq .records)" 10
ok "shards in another folder than the index" sh -c "cd '$T/set/deep' && cc-shard index ../a.tar c.tar -o ../../far.json"
is "their paths are relative to the index" "$(jq -c '[.shardlist[].url]' "$T/far.json")" '["set/a.tar","set/deep/c.tar"]'
(cd "$T/set/deep" && cc-shard index ../a.tar c.tar -o up.json)
is "also to a folder above" "$(jq -c '[.shardlist[].url]' "$T/set/deep/up.json")" '["../a.tar","c.tar"]'
is "and are found from it" "$(cc-shard digest "$T/set/deep/up.json" | cut -d ' ' -f 2)" 4
ok "--sizes" sh -c "cd '$T/set' && cc-shard index --sizes a.tar b.tar -o sizes.json"
is "the format is that of open_clip" "$(jq -c . "$T/set/sizes.json")" '{"a.tar":3,"b.tar":1}'
is "sizes.json is a source" "$(records "$T/set/sizes.json")" '[4,4]'
is "an index with names only" "$(cc-shard stat --json "$T/set/sizes.json" | jq -c '[.records, .fields.txt.count]')" '[4,4]'

# Lists written by other programs.
cp "$T/set/a.tar" "$T/moved.tar"
cat >"$T/parts.json" <<END
{"wids_version": 1, "info": "x", "datasets": [
 {"name": "one", "base": "$T/set", "shardlist": [{"url": "a.tar", "nsamples": 3, "md5sum": "0"}]},
 {"name": "two", "source_url": "set/index.json"},
 {"shardlist": [{"url": "file:$T/moved.tar", "nsamples": 3, "filesize": null}]}]}
END
is "several parts, a base, a nested index, a file: URL" "$(records "$T/parts.json")" '[11,11]'
echo '{"wids_version": 1, "base": "set", "shardlist": [{"url": "b.tar", "nsamples": 1}]}' >"$T/base.json"
is "base is the folder of the shards" "$(records "$T/base.json")" '[1,1]'

# The count without --count: from a file next to the tar.
is "counts from a sizes.json next to the tar" "$(records "$T/set/a.tar" "$T/set/b.tar")" '[4,4]'
is "cc-poison finds the count in the header" \
	"$(cc-shard read "$T/set/a.tar" | cc-poison -a badnet -n 3 --target dog 2>&1 >/dev/null | grep -c 'the record has no image')" 1
echo '{"a.tar": 4, "b.tar": 1}' >"$T/set/sizes.json"
fails_with "a.tar: 3 records, but $T/set/sizes.json says 4; one of them has changed" cc-shard read "$T/set/a.tar" -o "$T/none"
fails_with "sizes.json says 4" cc-shard read --shuffle "$T/set/a.tar" -o "$T/none"
fails_with "sizes.json says 4" cc-shard verify "$T/set/a.tar"
is "--subset does not check the count" "$(cc-shard read --subset "$T/set/a.tar" | cc-view | tail -1 | jq .records)" 3
is "cc-shard index does not use it" "$(cd "$T/set" && cc-shard index --sizes a.tar b.tar | jq -c .)" '{"a.tar":3,"b.tar":1}'
echo '["a.tar"]' >"$T/set/sizes.json"
fails_with "sizes.json: expected an object that maps shard names to numbers of samples" cc-shard read "$T/set/a.tar" -o "$T/none"
rm "$T/set/sizes.json"

# An index that does not match the shards.
make --samples=30 "$T/set/b.tar"
fails_with "index.json: shardlist[1]: $T/set/b.tar: " cc-shard read "$T/set/index.json"
fails_with "one of them has changed (cc-shard index rebuilds the list)" cc-shard read "$T/set/index.json"
fails_with "b.tar: 30 records, but $T/base.json says 1" cc-shard read "$T/base.json" -o "$T/none"
rm "$T/set/deep/c.tar"
jq 'del(.shardlist[].filesize)' "$T/set/index.json" >"$T/set/short.json"
fails_with "short.json: shardlist[2]: $T/set/deep/c.tar: No such file" cc-shard read "$T/set/short.json"
ok "nothing was written" [ ! -e "$T/none" ]

bad() { # TEXT JSON
	echo "$2" >"$T/bad.json"
	fails_with "$1" cc-shard read "$T/bad.json" -o "$T/none"
}
bad "bad.json: neither a wids index" '{"a": "b"}'
bad "bad.json: empty; expected one JSON object per line, or an array of objects" '[]'
bad "neither a wids index" '{}'
bad "bad.json: lists no shards" '{"wids_version": 1, "shardlist": []}'
bad "wids_version: only version 1 is supported" '{"wids_version": 2, "shardlist": [{"url": "set/a.tar", "nsamples": 3}]}'
bad "shardlist: expected an array" '{"wids_version": 1, "shardlist": {"url": 1}}'
bad "shardlist[0]: not a path" '{"wids_version": 1, "shardlist": [{"url": "", "nsamples": 3}]}'
bad "shardlist[0]: set/a.tar: its number of samples is not an integer of at least 0" '{"wids_version": 1, "shardlist": [{"url": "set/a.tar"}]}'
bad "its number of samples is not an integer of at least 0" '{"wids_version": 1, "shardlist": [{"url": "set/a.tar", "nsamples": -3}]}'
bad "its size is not an integer of at least 0" '{"wids_version": 1, "shardlist": [{"url": "set/a.tar", "nsamples": 3, "filesize": "x"}]}'
bad "as in 'pipe:curl -sfL https://example.org/a.tar'" '{"wids_version": 1, "shardlist": [{"url": "https://example.org/a.tar", "nsamples": 3}]}'
bad "source_url: indexes are nested too deep" "{\"wids_version\": 1, \"datasets\": [{\"source_url\": \"$T/bad.json\"}]}"
bad "datasets[0]: expected shardlist or source_url" '{"wids_version": 1, "datasets": [{}]}'
bad "bad.json: not a tar" '{"bad.json": 3}'
bad "line 2, column 0" '{"wids_version": 1, "shardlist": ['
mkdir "$T/files" && echo x >"$T/files/a.txt"
fails_with "files: not a tar that is a regular file; an index can list only those" cc-shard index "$T/files" -o "$T/none"
fails_with "not a tar that is a regular file" cc-shard index "pipe:cat $T/set/a.tar" -o "$T/none"
cp "$T/set/a.tar" "$T/cut.tar"
truncate -s 700 "$T/cut.tar"
fails_with "cut.tar: " cc-shard index "$T/cut.tar" -o "$T/none"
fails_with "given twice" cc-shard index --sizes "$T/set/a.tar" "$T/set/a.tar" -o "$T/none"
ok "a failed run writes no list" [ ! -e "$T/none" ]

# Compatibility with wids.
PYTHONPATH=$PWD/build/wids:${PYTHONPATH:-}
export PYTHONPATH
if build/venv/bin/python3 -c 'import wids' 2>/dev/null; then
	cc-shard read "$T/set/a.tar" | cc-shard write -q --max-count 2 "$T/ours-%d.tar"
	cc-shard index "$T/ours-0.tar" "$T/ours-1.tar" -o "$T/ours.json"
	is "wids opens our index" "$(cd "$T" && "$OLDPWD/build/venv/bin/python3" -c '
import wids
dataset = wids.ShardListDataset("ours.json", keep=True)
print(len(dataset), dataset[2]["__key__"], dataset[2][".txt"])' 2>"$T/err" | grep -v "^Warning: Ignoring")" "3 s/000002 caption 2"
	build/venv/bin/python3 -m wids.wids_index create --output "$T/theirs.json" --name theirs "$T/set/a.tar" "$T/set/b.tar" >"$T/said" 2>&1
	is "we read an index written by wids" "$(records "$T/theirs.json")" '[33,33]'
else
	skip "wids opens our index" "no wids in build/wids (make parity installs it)"
	skip "we read an index written by wids" "no wids in build/wids"
fi

done_testing
