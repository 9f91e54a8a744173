/* cc-shard: converts files to record streams and back, and checks shards. */
#include "tools/cli/tool.h"
#include "tools/shard/verbs.h"

#include <locale.h>
#include <stddef.h>

static const struct tool_verb verbs[] = {
	{ "read", "read shards, tars, folders, tables and CIFAR-10 batches as records", shard_read },
	{ "write", "write records to shards", shard_write },
	{ "stat", "count records, fields and bytes", shard_stat },
	{ "verify", "check that shards and shard sets are complete", shard_verify },
	{ "keys", "list the keys, one per line", shard_keys },
	{ "digest", "compute a digest of the data, independent of order and sharding", shard_digest },
	{ "index", "list shards with their numbers of samples", shard_index },
	{ NULL, NULL, NULL },
};

int main(int argc, char **argv)
{
	/* libarchive mangles non-ASCII names in other locales. */
	if (!setlocale(LC_CTYPE, "C.UTF-8") && !setlocale(LC_CTYPE, "en_US.UTF-8"))
		setlocale(LC_CTYPE, "");
	return tool_verbs("cc-shard", "convert shards and other files to record streams and back", verbs, argc, argv);
}
