/* Signals that ask a run for something: a thread waits for them, so that they are served between two steps.
 * SIGUSR1 wants the state kept; SIGTERM and SIGINT want that too, and the run's end. */
#ifndef TOOLS_SIGNALS_H
#define TOOLS_SIGNALS_H

#include "core/err.h"
#include "core/ring.h"

#include <signal.h>
#include <stdatomic.h>

struct signals {
	sigset_t set, before;
	struct ring *ring; /* who waits for it is woken */
	atomic_int kept, ending; /* pending: SIGUSR1, and which of the others */
	atomic_bool stop;
	pthread_t thread;
	bool blocked, started;
};

/* At the very start: SIGUSR1 waits, and does not end a run that is still reading its model. */
void signals_hold(struct signals *signals);

/* Before any other thread is started, which then do not get them.  One that is ignored stays so. */
void signals_block(struct signals *signals);

int signals_start(struct signals *signals, struct ring *ring, struct err *err);
void signals_stop(struct signals *signals); /* they do again what they did; one that came late does so now */

/* Each pending one is told once.  signals_ending: its number, or 0. */
bool signals_asked(struct signals *signals);
int signals_ending(struct signals *signals);

/* Ends the process as the signal would have. */
void signals_die(int signal);

#endif
