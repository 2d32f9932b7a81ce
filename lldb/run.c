/*
 * run.c - let the debuggee run under LLDB while the sampler's thread reads it, and stop it again.
 *
 * The command's thread sits in a synchronous SBProcess::Continue; command/running.h orders what the two want. The
 * signal is for one thread: SBProcess::Stop takes 0.1 s, and LLDB 14 mistakes a signal for the whole process.
 */
#include "shim.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	WATCH_MS = 50,
	DRAIN_ROUNDS = 16, /* other events of that thread that may come first */
};

void run_begin(struct shim *s)
{
	scl_running_begin(&s->run.running);
}

/* -- asked for by the sampler's thread ------------------------------------------------------------------ */

/* When there is nobody to stop any more, LLDB sees that by itself. */
static void send(struct scl_running *running)
{
	struct run *r = &((struct shim *)running->arg)->run;
	/* After a fork LLDB may have been told to keep the child. */
	int pid = scl_tracee_is_traced(r->pid, host_is_tracer) ? r->pid : scl_tracee_find_running(host_is_tracer);

	if (pid)
		scl_tracee_send(pid, pid == r->pid ? r->lwp : pid, r->use_sigint, host_is_tracer, &running->sent);
}

void run_halt(struct scl_host *host)
{
	struct shim *s = host->arg;

	scl_running_halt(&s->run.running);
}

bool run_hold(struct scl_host *host, struct scl_error *err)
{
	struct shim *s = host->arg;

	return scl_running_hold(&s->run.running, err);
}

void run_release(struct scl_host *host)
{
	struct shim *s = host->arg;

	scl_running_release(&s->run.running);
}

/* -- Ctrl-C ----------------------------------------------------------------------------------------------- */

struct watch {
	struct shim *s;
	pthread_t thread;
	bool started;
};

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
	struct scl_running *r = &s->run.running;
	bool seen = false;

	pthread_mutex_lock(&r->lock);
	while (!seen && r->phase != SCL_RUN_OVER) {
		sleep_in_run(r);
		seen = r->phase == SCL_RUN_GOING && s->host.interrupted(&s->host);
		s->run.by_user = s->run.by_user || seen;
	}
	pthread_mutex_unlock(&r->lock);
	if (seen)
		run_halt(&s->host);
	return NULL;
}

static void watch_begin(struct shim *s, struct watch *w)
{
	sigset_t all, mask;

	s->run.by_user = false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	w->started = pthread_create(&w->thread, NULL, watch_thread, s) == 0;
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

static void watch_end(struct watch *w)
{
	if (w->started)
		pthread_join(w->thread, NULL);
}

/* -- on the command's thread ------------------------------------------------------------------------------ */

static bool is_shot(const struct sb_stop *stop, const struct scl_shot *sent)
{
	return sent->number && stop->kind == SB_STOP_SIGNAL && stop->lwp == sent->lwp && stop->number == sent->number;
}

/* Is the last stop the one that `sent` caused, and that one alone? */
static bool is_ours(struct shim *s, const struct scl_shot *sent)
{
	struct sb_stop stop, other;

	sb_stop_of(s->sb, sent->lwp, &stop);
	sb_stop(s->sb, sent->lwp, &other);
	return is_shot(&stop, sent) && other.kind == SB_STOP_NONE && !scl_shot_is_pending(sent);
}

static bool is_fault(const struct sb_stop *stop)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};

	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		if (stop->kind == SB_STOP_SIGNAL && stop->number == faults[i])
			return true;
	return false;
}

/*
 * Take back a signal of ours that LLDB has not reported, the debuggee having stopped for another reason. It would show
 * as a stop that nobody asked for, or reach the process after `detach`. So that thread alone is resumed: it reports the
 * signal before it executes an instruction.
 */
static void drain_shot(struct shim *s, const struct scl_shot *sent)
{
	int selected = sb_selected_lwp(s->sb);
	struct sb_stop event, now;
	struct sb_signal how, held;
	bool kept;

	sb_stop_of(s->sb, sent->lwp, &event);
	/* A signal that stopped the same thread has not been delivered: it must wait until the user goes on. */
	kept = event.kind == SB_STOP_SIGNAL;
	if (kept) {
		sb_signal_get(s->sb, (int)event.number, &how);
		held = how;
		held.suppress = true;
		sb_signal_set(s->sb, (int)event.number, &held);
	}
	sb_suspend_others(s->sb, sent->lwp, true);
	for (int round = 0; round < DRAIN_ROUNDS && scl_shot_is_pending(sent); round++)
		if (!sb_continue(s->sb, NULL))
			break;
	if (kept) {
		/* The instruction that faulted does so again; other signals are sent again, and reported then. */
		if (is_fault(&event))
			(void)!sb_continue(s->sb, NULL);
		sb_signal_set(s->sb, (int)event.number, &how);
		sb_stop_of(s->sb, sent->lwp, &now);
		if (!how.suppress && !is_fault(&event) && now.number != event.number)
			syscall(SYS_tgkill, sent->pid, sent->lwp, (int)event.number);
	}
	sb_suspend_others(s->sb, sent->lwp, false);
	sb_select_lwp(s->sb, selected);
}

/* Ctrl-C while it stood for a sample: it stands already, but whoever samples may have asked for the next stop. */
static void end_by_user(struct shim *s)
{
	struct scl_shot sent = scl_running_over(&s->run.running);

	pthread_mutex_lock(&s->run.running.lock);
	s->run.by_user = true;
	pthread_mutex_unlock(&s->run.running.lock);
	if (scl_shot_is_pending(&sent))
		drain_shot(s, &sent);
}

/* Continue until a stop that is not one of ours for a sample. False: that stop was none of ours at all. */
static bool serve(struct shim *s, struct scl_error *err, bool *failed)
{
	struct run *r = &s->run;
	struct scl_shot sent;

	for (;;) {
		*failed = !sb_continue(s->sb, err);
		sent = scl_running_sent(&r->running);
		if (*failed || !is_ours(s, &sent))
			break;
		if (!scl_running_stopped(&r->running))
			return true;
		if (s->host.interrupted(&s->host)) {
			end_by_user(s);
			return true;
		}
	}
	scl_running_over(&r->running);
	return false;
}

static void stop_reason(const struct sb_stop *stop, char *reason, size_t cap)
{
	switch (stop->kind) {
	case SB_STOP_SIGNAL:
		snprintf(reason, cap, stop->number == SIGINT ? "interrupted (signal %s)" : "signal %s", stop->text);
		break;
	case SB_STOP_BREAKPOINT:
		snprintf(reason, cap, "breakpoint %ld", stop->number);
		break;
	case SB_STOP_WATCHPOINT:
		snprintf(reason, cap, "watchpoint %ld", stop->number);
		break;
	case SB_STOP_EXITED:
		/* LLDB has the number of the signal there, too, where one has killed it, and does not tell them apart. */
		snprintf(reason, cap, "exited with status %ld", stop->number);
		break;
	case SB_STOP_OTHER:
	case SB_STOP_NONE:
		snprintf(reason, cap, "%s", stop->text[0] ? stop->text : "stopped");
		break;
	}
}

/* A stop of the debuggee's own: say it in LLDB's words, and take back what may still be on its way. */
static void foreign_stop(struct shim *s, char *reason, size_t cap)
{
	struct scl_shot sent = s->run.running.sent;
	struct scl_buffer report = {0};
	struct sb_stop stop;

	sb_stop(s->sb, 0, &stop);
	stop_reason(&stop, reason, cap);
	sb_report(s->sb, &report);
	sb_write(s->sb, scl_buffer_str(&report), report.len);
	scl_buffer_destroy(&report);
	if (stop.kind != SB_STOP_EXITED && scl_shot_is_pending(&sent))
		drain_shot(s, &sent);
}

/* What LLDB has to be for run(): signals that we may use. */
static bool prepare(struct shim *s, struct scl_error *err)
{
	struct run *r = &s->run;
	struct sb_process process;
	struct sb_signal how;

	sb_process(s->sb, &process);
	r->pid = process.pid;
	r->lwp = sb_selected_lwp(s->sb);
	sb_signal_get(s->sb, SIGINT, &how);
	r->use_sigint = how.stop && how.suppress;
	sb_signal_get(s->sb, SIGSTOP, &how);
	if (!r->use_sigint && !(how.stop && how.suppress))
		return scl_fail(err, SCL_EUNSUPPORTED,
				"LLDB is told not to stop at SIGINT (or to pass it on) and not at SIGSTOP, so the "
				"process could not be stopped again: `process handle SIGINT --stop true --pass false`");
	return true;
}

/*
 * Signals of a working process that LLDB, other than GDB, stops at or says a line about: an interval timer's, which a
 * profiler inside sets, a terminal's, a socket's, a child's.
 */
static const int everyday[] = {SIGVTALRM, SIGWINCH, SIGURG, SIGIO, SIGCHLD};
enum { EVERYDAY = sizeof everyday / sizeof everyday[0] };

static void pass_everyday(struct shim *s, struct sb_signal was[EVERYDAY])
{
	for (size_t i = 0; i < EVERYDAY; i++) {
		struct sb_signal quiet = {0};

		sb_signal_get(s->sb, everyday[i], &was[i]);
		quiet.suppress = was[i].suppress;
		sb_signal_set(s->sb, everyday[i], &quiet);
	}
}

static void put_back(struct shim *s, const struct sb_signal was[EVERYDAY])
{
	for (size_t i = 0; i < EVERYDAY; i++)
		sb_signal_set(s->sb, everyday[i], &was[i]);
}

bool run_run(struct scl_host *host, char *reason, size_t cap, struct scl_error *err)
{
	struct shim *s = host->arg;
	struct run *r = &s->run;
	struct watch watch;
	struct sb_signal was[EVERYDAY];
	bool ours, failed;

	if (cap)
		reason[0] = '\0';
	if (!prepare(s, err)) {
		scl_running_over(&r->running);
		return false;
	}
	if (!scl_running_go(&r->running))
		return true;
	pass_everyday(s, was);
	watch_begin(s, &watch);
	ours = serve(s, err, &failed);
	watch_end(&watch);
	put_back(s, was);
	if (ours && r->by_user)
		snprintf(reason, cap, "interrupted (signal SIGINT)");
	else if (!ours && !failed)
		foreign_stop(s, reason, cap);
	if (ours)
		sb_select_lwp(s->sb, r->lwp);
	return !failed;
}

void run_init(struct shim *s)
{
	scl_running_init(&s->run.running, send, s);
}
