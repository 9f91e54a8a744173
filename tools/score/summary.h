/* cc-score summary: scores of several runs as one table. */
#ifndef SCORE_SUMMARY_H
#define SCORE_SUMMARY_H

int score_summary(int argc, char **argv);

#endif
