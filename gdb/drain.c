/*
 * drain.c - take back a signal of ours that GDB has not reported yet.
 *
 * The debuggee stopped for another reason while our SIGINT was on its way. It is pending for that thread, in the
 * kernel or in GDB, and would show as a stop that nobody asked for, or reach the process after `detach`. So that
 * thread alone is resumed: it reports the signal before it executes an instruction.
 */
#include "shim.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	DRAIN_ROUNDS = 16,    /* other events of that thread that may come first */
	DRAIN_GUARD_MS = 250, /* then the signal is not pending any more: GDB has dropped it */
};

/*
 * GDB drops a SIGINT that it finds pending in a second thread after a Ctrl-C (linux-nat.c, set_ignore_sigint). The
 * thread would then run on, so a guard sends another one when nothing has come.
 */
struct guard {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool over, started;
	const struct scl_shot *shot;
};

static void *guard_thread(void *arg)
{
	struct guard *g = arg;
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += DRAIN_GUARD_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&g->lock);
	while (!g->over && pthread_cond_timedwait(&g->changed, &g->lock, &until) == 0)
		;
	if (!g->over)
		syscall(SYS_tgkill, g->shot->pid, g->shot->lwp, g->shot->number);
	pthread_mutex_unlock(&g->lock);
	return NULL;
}

static void guard_begin(struct guard *g, const struct scl_shot *shot)
{
	sigset_t all, before;

	*g = (struct guard){.shot = shot};
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->changed, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	g->started = pthread_create(&g->thread, NULL, guard_thread, g) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void guard_end(struct guard *g)
{
	pthread_mutex_lock(&g->lock);
	g->over = true;
	pthread_cond_signal(&g->changed);
	pthread_mutex_unlock(&g->lock);
	if (g->started)
		pthread_join(g->thread, NULL);
	pthread_cond_destroy(&g->changed);
	pthread_mutex_destroy(&g->lock);
}

/* Resume the selected thread until it has reported the signal. */
static void drain_selected(struct shim *s, const struct scl_shot *sent)
{
	for (int round = 0; round < DRAIN_ROUNDS; round++) {
		struct guard guard;
		bool resumed;

		stop_forget(s);
		guard_begin(&guard, sent);
		resumed = api_execute(s, "continue", NULL, NULL);
		guard_end(&guard);
		if (!resumed || api_pid(s) != sent->pid || halt_is_ours(s, sent))
			return;
	}
}

/* $_siginfo of the selected thread, to be put back; NULL where there is none. */
static PyObject *siginfo_save(struct shim *s)
{
	PyObject *value = PyObject_CallMethod(s->gdb, "parse_and_eval", "s", "$_siginfo");
	PyObject *done = value ? PyObject_CallMethod(value, "fetch_lazy", NULL) : NULL;

	if (!done)
		Py_CLEAR(value);
	Py_XDECREF(done);
	PyErr_Clear();
	return value;
}

static void siginfo_restore(struct shim *s, PyObject *value)
{
	PyObject *done = PyObject_CallMethod(s->gdb, "set_convenience_variable", "sO", "_scalene_siginfo", value);

	Py_XDECREF(done);
	PyErr_Clear();
	if (done)
		api_try(s, "set variable $_siginfo = $_scalene_siginfo");
	done = PyObject_CallMethod(s->gdb, "set_convenience_variable", "sO", "_scalene_siginfo", Py_None);
	Py_XDECREF(done);
	PyErr_Clear();
}

void drain_shot(struct shim *s, const struct scl_shot *sent)
{
	int event_lwp = api_lwp(s);
	struct stop event = s->stop;
	bool same = event_lwp == sent->lwp && event.kind == STOP_SIGNAL;
	char locking[32], command[64];
	PyObject *siginfo = NULL;
	struct capture capture;

	if (api_pid(s) != sent->pid || !api_select_lwp(s, sent->lwp))
		return; /* it ended, and its signals with it */
	capture_begin(s, &capture);
	api_parameter(s, "scheduler-locking", locking, sizeof locking);
	api_try(s, "set scheduler-locking on");
	if (same) {
		/* The other signal has not been delivered: it waits until the user goes on. */
		siginfo = siginfo_save(s);
		api_try(s, "queue-signal 0");
	}
	drain_selected(s, sent);
	api_try(s, "queue-signal 0");
	if (same && api_lwp(s) == sent->lwp) {
		if (siginfo)
			siginfo_restore(s, siginfo);
		snprintf(command, sizeof command, "queue-signal %s", event.signal);
		api_try(s, command);
	}
	Py_XDECREF(siginfo);
	snprintf(command, sizeof command, "set scheduler-locking %s", locking);
	api_try(s, command);
	capture_end(s, &capture, NULL);
	api_select_lwp(s, event_lwp);
	s->stop = event;
}
