/* The verbs of cc-shard. */
#ifndef SHARD_VERBS_H
#define SHARD_VERBS_H

int shard_read(int argc, char **argv);
int shard_write(int argc, char **argv);
int shard_stat(int argc, char **argv);
int shard_verify(int argc, char **argv);
int shard_keys(int argc, char **argv);
int shard_digest(int argc, char **argv);
int shard_index(int argc, char **argv);

#endif
