/* The protocol of a score: what another score must share to be comparable, and checks that the inputs match. */
#ifndef SCORE_PROTOCOL_H
#define SCORE_PROTOCOL_H

struct score;

/* Checks that classes and stream have the same model, names and normalisation, and warns if caption templates differ. */
int protocol_check(struct score *score);

/* Appends this tool to the header's prog; records model, classes and preprocessing in the report. */
int protocol_note(struct score *score);

/* After the last record: records the digest of the data and the bad records. */
int protocol_finish(struct score *score);

#endif
