#!/bin/sh
# The output of img2dataset: folders of tars, their _stats.json files, unfinished shards.
. "$(dirname "$0")/lib.sh"

crawl() { python3 tests/tool/make_crawl.py "$@"; }
crawl "$T/crawl" 3 40
cc-shard read -q "$T/crawl" >"$T/stream"
is "a folder of tars gives the records of its tars" "$(cc-view "$T/stream" | sed -n '1p;$p' | jq -sc '[.[0].records, .[1].records]')" '[120,120]'
is "as a range of their names does" "$(cc-shard digest "$T/crawl/{00000..00002}.tar")" "$(cc-shard digest "$T/crawl")"
is "each record has caption, image and metadata" "$(cc-view "$T/stream" | jq -c 'select(.__key__ == "000010007") | [.txt, .jpg.type, .json.status]')" \
	'["a photo, number 7","jpeg","success"]'
is "parts of a split add up" "$(for i in 0 1 2; do cc-shard read --split $i/3 "$T/crawl"; done | cc-shard digest)" "$(cc-shard digest "$T/crawl")"
is "--shuffle gives the same records" "$(cc-shard read --shuffle "$T/crawl" | cc-shard digest)" "$(cc-shard digest "$T/crawl")"
is "verify reports the set as whole" "$(cc-shard verify --quick "$T/crawl")" "3 sources, 120 records: whole"
is "-n N uses the counts of the shards" "$(cc-shard read --fields jpg,txt "$T/crawl" | cc-poison -q -a badnet -n 5 -t banana --size 32 | cc-view | grep -c poison.json)" 5

# Statistics of the links.
is "stat adds them up" "$(cc-shard stat --json "$T/crawl" | jq -c '.crawl | [.shards, .links, .stored, .not_downloaded, .not_resized]')" '[3,126,120,3,3]'
is "with a count for each reason" "$(cc-shard stat --json "$T/crawl" | jq -c '.crawl.reasons["HTTP Error 404: Not Found"]')" 3
is "stat without --json prints them" "$(cc-shard stat "$T/crawl" | tail -6 | tr -s ' ')" " 126 links in 3 shards of img2dataset
 120 stored
 3 not downloaded
 3 not resized
 3 HTTP Error 404: Not Found
 3 Image decoding error"
is "statistics of one shard" "$(cc-shard stat --json "$T/crawl/00001.tar" | jq -c '[.sources[0].records, .crawl.links]')" '[40,42]'
is "no statistics for tars without _stats.json" "$(cc-shard read "$T/crawl" | cc-shard write -q "$T/ours.tar"; cc-shard stat --json "$T/ours.tar" | jq .crawl)" null
printf '{"count": 1, "successes": 40, "failed_to_download": 9223372036854775807, "failed_to_resize": 0, "status_dict": {"a\\u001b[31m": 9223372036854775807}}' \
	>"$T/crawl/00002_stats.json"
ok "numbers out of range and values of other types are harmless" sh -c "cc-shard stat '$T/crawl' >'$T/stat' && ! grep -q '$(printf '\033')' '$T/stat'"
printf '{"count": 1}' >"$T/crawl/00002_stats.json"
fails_with "00002_stats.json: successes: expected an integer of at least 0" cc-shard read "$T/crawl" -o "$T/none"
printf '{"count": 1,' >"$T/crawl/00002_stats.json"
fails_with "00002_stats.json: line 1" cc-shard stat "$T/crawl"

# Missing, unfinished and changed shards.
crawl "$T/crawl" 3 40
rm "$T/crawl/00001_stats.json"
fails_with "crawl/00001.tar: unfinished: img2dataset has not written 00001_stats.json; run it again" cc-shard read "$T/crawl" -o "$T/none"
fails_with "unfinished: img2dataset has not written" cc-shard verify "$T/crawl"
is "--subset reads the existing shards" "$(cc-shard read --subset "$T/crawl" | cc-view | tail -1 | jq .records)" 120
is "a shard can be read by its name" "$(cc-shard read "$T/crawl/00001.tar" | cc-view | tail -1 | jq .records)" 40
mv "$T/crawl/00001.tar" "$T/lost.tar"
crawl "$T/other" 2 40
cp "$T/other/00001_stats.json" "$T/crawl"
fails_with "crawl/00001_stats.json: its shard is missing" cc-shard read "$T/crawl" -o "$T/none"
is "--subset reads the other shards" "$(cc-shard read --subset "$T/crawl" | cc-view | tail -1 | jq .records)" 80
python3 tests/tool/make_tar.py --samples=7 "$T/crawl/00001.tar"
fails_with "00001.tar: 7 records, but its _stats.json says 40; one of them has changed" cc-shard read "$T/crawl" -o "$T/none"
mv "$T/lost.tar" "$T/crawl/00001.tar"
truncate -s 20000 "$T/crawl/00001.tar"
fails_with "00001.tar: " cc-shard read "$T/crawl" -o "$T/none"
ok "none of these wrote an output" [ ! -e "$T/none" ]

# Tars next to images.
mkdir -p "$T/mixed/cat" && cp "$T/crawl/00000.tar" "$T/mixed/x.tar"
fails_with "mixed: contains both tars (x.tar) and images or folders (cat); name the ones to read" cc-shard read "$T/mixed"
rmdir "$T/mixed/cat" && mkdir "$T/mixed/_tmp" && echo note >"$T/mixed/README"
is "other files of img2dataset are ignored" "$(cc-shard read "$T/mixed" | cc-view | tail -1 | jq .records)" 40
mv "$T/mixed/x.tar" "$T/x.tar" && gzip "$T/x.tar" && mv "$T/x.tar.gz" "$T/mixed"
is "compressed tars" "$(cc-shard read "$T/mixed" | cc-view | tail -1 | jq .records)" 40

done_testing
