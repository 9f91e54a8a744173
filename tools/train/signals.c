#include "tools/train/signals.h"

#include <string.h>

static const int handled[] = { SIGUSR1, SIGTERM, SIGINT };

static bool is_ignored(int signal)
{
	struct sigaction action;

	return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void signals_defer(struct signals *signals)
{
	sigemptyset(&signals->set);
	if (!is_ignored(SIGUSR1))
		sigaddset(&signals->set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &signals->set, &signals->before);
	signals->blocked = true;
}

void signals_block(struct signals *signals)
{
	for (size_t i = 0; i < sizeof handled / sizeof *handled; i++)
		if (!is_ignored(handled[i]))
			sigaddset(&signals->set, handled[i]);
	pthread_sigmask(SIG_BLOCK, &signals->set, NULL);
}

static void *signals_main(void *context)
{
	struct signals *signals = context;
	sigset_t set = signals->set;
	int signal;

	sigaddset(&set, SIGUSR1); /* signals_stop sends it, even if it is ignored */
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	while (sigwait(&set, &signal) == 0 && !atomic_load(&signals->stop)) {
		atomic_store(signal == SIGUSR1 ? &signals->save : &signals->termination, signal);
		ring_wake(signals->ring);
	}
	return NULL;
}

int signals_start(struct signals *signals, struct ring *ring, struct err *err)
{
	signals->ring = ring;
	if (pthread_create(&signals->thread, NULL, signals_main, signals))
		return err_set(err, "cannot start a thread");
	signals->started = true;
	return 0;
}

void signals_stop(struct signals *signals)
{
	if (signals->started) {
		atomic_store(&signals->stop, true);
		pthread_kill(signals->thread, SIGUSR1);
		pthread_join(signals->thread, NULL);
		signals->started = false;
	}
	if (signals->blocked)
		pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
	signals->blocked = false;
}

bool signals_save_requested(struct signals *signals)
{
	return atomic_exchange(&signals->save, 0) != 0;
}

int signals_termination(struct signals *signals)
{
	return atomic_exchange(&signals->termination, 0);
}

void signals_die(int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	signal(number, SIG_DFL);
	raise(number);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
