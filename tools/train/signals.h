/* Signals to a run.  A thread waits for them, and the run handles them between two steps: SIGUSR1 saves the state; SIGTERM and
 * SIGINT save it and end the run. */
#ifndef TOOLS_SIGNALS_H
#define TOOLS_SIGNALS_H

#include "core/err.h"
#include "core/ring.h"

#include <signal.h>
#include <stdatomic.h>

struct signals {
	sigset_t set, before;
	struct ring *ring; /* its waiting reader is woken */
	atomic_int save, termination; /* pending signal: SIGUSR1; SIGTERM or SIGINT; 0: none */
	atomic_bool stop;
	pthread_t thread;
	bool blocked, started;
};

/* At the start of the program: blocks SIGUSR1, so that it does not end a run that is still reading its model. */
void signals_defer(struct signals *signals);

/* Blocks all three; called before other threads start, which inherit the mask.  Ignored signals stay ignored. */
void signals_block(struct signals *signals);

int signals_start(struct signals *signals, struct ring *ring, struct err *err);
void signals_stop(struct signals *signals); /* restores the mask; a pending signal is then delivered */

/* Each pending signal is reported once.  signals_termination: its number, or 0. */
bool signals_save_requested(struct signals *signals);
int signals_termination(struct signals *signals);

/* Ends the process by the signal's default action. */
void signals_die(int signal);

#endif
