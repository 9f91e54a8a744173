#!/bin/sh
# cc-shard digest --digest sha256, compared with Python's hashlib.
. "$(dirname "$0")/lib.sh"

python3 tests/tool/make_stream.py 12 >"$T/stream"
mkdir "$T/set"
cc-shard write -q --max-count 5 "$T/set/%d.tar" <"$T/stream"
cat >"$T/sha256.py" <<'END'
"""The SHA-256 of the sorted SHA-256 of samples in tars, and their number."""
import hashlib, sys, tarfile
samples = {}
for path in sys.argv[1:]:
    for member in (tar := tarfile.open(path)):
        key, _, field = member.name.partition(".")
        if not key.startswith("__"):
            samples.setdefault(key, {})[field.encode()] = tar.extractfile(member).read()
def long(data): return len(data).to_bytes(8, "little") + data
digests = sorted(hashlib.sha256(long(key.encode()) + b"".join(long(name) + long(fields[name]) for name in sorted(fields))).digest()
                 for key, fields in samples.items())
print(hashlib.sha256(b"".join(digests)).hexdigest(), len(digests))
END
expected=$(python3 "$T/sha256.py" "$T"/set/*.tar)
sha256() { cc-shard digest --digest sha256 "$@"; }
is "the digest is over 12 records" "${expected#* }" 12
is "digest of shards" "$(sha256 "$T/set/0.tar" "$T/set/1.tar" "$T/set/2.tar")" "$expected"
is "digest of a stream" "$(sha256 <"$T/stream")" "$expected"
is "the same in another order and in other shards" "$(cc-shard read -q --shuffle --seed 3 "$T/set/{2,0,1}.tar" | cc-shard write -q --max-count 7 "$T/other-%d.tar" && sha256 "$T/other-1.tar" "$T/other-0.tar")" "$expected"
is "digest of an empty stream" "$(printf '{"cc": 1}\n{"cc_end": true, "records": 0}\n' | python3 tests/tool/records.py | sha256)" "$(printf '' | sha256sum | cut -d ' ' -f 1) 0"
python3 tests/tool/make_stream.py 12 skip=1 >"$T/moved"
ok "another record, another digest" [ "$(sha256 <"$T/moved")" != "$expected" ]
is "a record that occurs twice counts twice" "$(cc-shard read -q --subset "$T/set/0.tar" "$T/set/0.tar" | sha256 | cut -d ' ' -f 2)" 10
is "xxh3 is the default" "$(cc-shard digest --digest xxh3 <"$T/stream")" "$(cc-shard digest <"$T/stream")"
fails_with "'sha1' is not one of: xxh3, sha256" cc-shard digest --digest sha1 "$T/set/0.tar"
fails_with "--source: sets record the xxh3 digest of their source" sha256 --source "$T/set/0.tar"
done_testing
