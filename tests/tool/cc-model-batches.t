#!/bin/sh
# An imported model keeps the number of batches that its batch norms have seen.
. "$(dirname "$0")/lib.sh"

write_tiny_config '1, 2'
cc-model init "$T/config.json" --vocab "$T/vocab.txt" -o "$T/new.safetensors"
python3 tests/tool/train_stream.py 18 side=12 | cc-train clip -q -m "$T/new.safetensors" --batch 6 -o "$T/trained.safetensors" >"$T/log"
is "three steps" "$(wc -l <"$T/log")" 3
batches() {
	python3 - "$1" <<'EOF'
import json, struct, sys
data = open(sys.argv[1], "rb").read()
size = struct.unpack("<Q", data[:8])[0]
header, data = json.loads(data[8 : 8 + size]), data[8 + size :]
print(sorted({struct.unpack("<q", data[slice(*t["data_offsets"])])[0] for k, t in header.items() if k.endswith("num_batches_tracked")}))
EOF
}
is "training counts batches" "$(batches "$T/trained.safetensors")" "[3]"
cc-model info --json "$T/trained.safetensors" | jq .config >"$T/whole.json"
cc-model import "$T/trained.safetensors" --config "$T/whole.json" --vocab "$T/vocab.txt" -o "$T/imported.safetensors"
is "import keeps the count" "$(batches "$T/imported.safetensors")" "[3]"
done_testing
