/* What a file is, told by its first bytes. */
#ifndef VIEW_FILE_KIND_H
#define VIEW_FILE_KIND_H

enum file_kind {
	FILE_STREAM, /* or empty, or something that cannot be looked into, such as a pipe */
	FILE_CHECKPOINT,
	FILE_JSON,
	FILE_OTHER,  /* a tar, perhaps compressed, or nothing of ours */
};

enum file_kind file_kind(int fd);

/* The command that shows what is in such a file: "`cc-shard read FILE | cc-view`". */
const char *file_kind_hint(enum file_kind kind);

#endif
