/* cc-shard: files to records and back. */
#include "tools/cli/tool.h"
#include "tools/shard/verbs.h"

#include <locale.h>
#include <stddef.h>

static const struct tool_verb verbs[] = {
	{ "read", "records from shards, tars, image folders, CSV, CIFAR-10 batches", shard_read },
	{ "write", "records to shards", shard_write },
	{ "stat", "records, fields and bytes", shard_stat },
	{ "verify", "whether shards, and their set, are whole", shard_verify },
	{ "keys", "the keys, one a line", shard_keys },
	{ "digest", "whether it is the same data", shard_digest },
	{ "index", "a list of shards with their numbers of samples", shard_index },
	{ NULL, NULL, NULL },
};

int main(int argc, char **argv)
{
	/* Before libarchive sees a name: in any other locale it mangles what is not ASCII. */
	if (!setlocale(LC_CTYPE, "C.UTF-8") && !setlocale(LC_CTYPE, "en_US.UTF-8"))
		setlocale(LC_CTYPE, "");
	return tool_verbs("cc-shard", "shards and other files to a stream of records, and back", verbs, argc, argv);
}
