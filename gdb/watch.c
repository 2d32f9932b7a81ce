/*
 * watch.c - Ctrl-C for a debuggee that blocks SIGINT in every thread.
 *
 * GDB's answer to Ctrl-C is a SIGINT for the debuggee, and `continue` goes on until that is reported. There it only
 * becomes pending. So a thread of ours looks for it and halts the debuggee the other way.
 */
#include "shim.h"

#include <signal.h>
#include <time.h>

enum { WATCH_MS = 50 };

static bool sigint_is_pending(int pid)
{
	struct scl_tracee_status status;

	return scl_tracee_status(pid, pid, &status) && (status.pending >> (SIGINT - 1) & 1);
}

/* With the lock given up; at most until the run is over. */
static void sleep_in_run(struct scl_running *r)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += WATCH_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&r->changed, &r->lock, &until);
}

static void *watch_thread(void *arg)
{
	struct shim *s = arg;
	struct run *r = &s->run;
	bool seen = false;

	pthread_mutex_lock(&r->running.lock);
	while (!seen && r->running.phase != SCL_RUN_OVER) {
		sleep_in_run(&r->running);
		seen = r->running.phase == SCL_RUN_GOING && sigint_is_pending(r->pid);
		r->by_user = seen;
	}
	pthread_mutex_unlock(&r->running.lock);
	if (seen)
		run_halt(&s->host);
	return NULL;
}

void watch_begin(struct shim *s, struct watch *w)
{
	sigset_t all, before;

	s->run.by_user = false;
	w->started = false;
	if (halt_takes_sigint(s->run.pid) || sigint_is_pending(s->run.pid))
		return;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	w->started = pthread_create(&w->thread, NULL, watch_thread, s) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void watch_end(struct watch *w)
{
	if (w->started)
		pthread_join(w->thread, NULL);
}
