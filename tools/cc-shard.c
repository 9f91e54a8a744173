/* cc-shard: converts files to records and back. */
#include "tools/cli/tool.h"
#include "tools/shard/verbs.h"

#include <locale.h>
#include <stddef.h>

static const struct tool_verb verbs[] = {
	{ "read", "read records from shards, tars, image folders, tables, CIFAR-10 batches", shard_read },
	{ "write", "write records to shards", shard_write },
	{ "stat", "count records, fields and bytes", shard_stat },
	{ "verify", "check shards and their set", shard_verify },
	{ "keys", "list keys, one per line", shard_keys },
	{ "digest", "print a digest of the records", shard_digest },
	{ "index", "list shards with their numbers of samples", shard_index },
	{ NULL, NULL, NULL },
};

int main(int argc, char **argv)
{
	/* Before libarchive reads a name: in any other locale it mangles non-ASCII names. */
	if (!setlocale(LC_CTYPE, "C.UTF-8") && !setlocale(LC_CTYPE, "en_US.UTF-8"))
		setlocale(LC_CTYPE, "");
	return tool_verbs("cc-shard", "convert shards and other files to a stream of records, and back", verbs, argc, argv);
}
