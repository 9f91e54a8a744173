/* What a score must say so that it can be compared, and what must fit before there can be one. */
#ifndef SCORE_PROTOCOL_H
#define SCORE_PROTOCOL_H

struct score;

/* The classes fit the stream: the same model, the same names, features as the head wants them.  */
int protocol_check(struct score *score);

/* Appends this tool to the header's prog, and notes model, classes and preprocessing in the report. */
int protocol_note(struct score *score);

/* After the last record: the data's digest, what was bad. */
int protocol_finish(struct score *score);

#endif
