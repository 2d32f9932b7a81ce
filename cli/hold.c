/*
 * hold.c - stopping a process for one sample.
 *
 * PTRACE_SEIZE and PTRACE_INTERRUPT send no signal, so that the process sees none, and its parent no stop
 * (ptrace(2)). Nothing stays attached from one sample to the next: between them there is no tracer that a signal would
 * have to wait for.
 *
 * A thread in an uninterruptible sleep, such as vfork(2) until the child executes, stops when it wakes up and not
 * before. It stands anyway, so the sample is taken without waiting for it. But a thread that has not stopped cannot be
 * detached: only the end of its tracer lets it go, as if nothing had been (exit_ptrace, kernel/ptrace.c). So the tracer
 * is a thread of its own, which ends after such a sample, and the next one has another.
 */
#include "hold.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "tracee.h"

enum {
	THREADS_MAX = 65536,
	ROUNDS_MAX = 100,
	ASLEEP_NS = 2 * SCL_NS_PER_MS, /* uninterruptible for that long: it is not waited for */
	POLL_MIN_NS = 20 * SCL_NS_PER_US,
	POLL_MAX_NS = SCL_NS_PER_MS,
	GIVE_UP_S = 5, /* for a thread to stop that could: none on a machine that works takes so long */
};

struct held {
	pid_t lwp;
	int signal; /* that stopped it instead of us, to be delivered when it goes on */
	bool stands;
	bool asleep;	    /* uninterruptibly; it is not waited for */
	uint64_t asleep_ns; /* when that was first seen; 0: it was not */
};

struct cli_hold {
	int pid;
	bool (*quit)(void);
	struct held *threads;
	size_t n, cap;
	/* The tracer takes an order, stop or let go, and answers it. */
	pthread_t tracer;
	pid_t tracer_lwp;
	sem_t order, answer;
	bool started, over;
	bool stopped; /* the answer to stop; if not, `why` */
	bool ends;    /* the tracer's last answer */
	struct scl_error why;
};

/* -- on the tracer's thread ----------------------------------------------------------------------------- */

static bool is_held(const struct cli_hold *hold, pid_t lwp)
{
	for (size_t i = 0; i < hold->n; i++)
		if (hold->threads[i].lwp == lwp)
			return true;
	return false;
}

static bool add(struct cli_hold *hold, pid_t lwp)
{
	if (hold->n == hold->cap) {
		size_t cap = hold->cap ? 2 * hold->cap : 64;
		struct held *threads = cap <= THREADS_MAX ? realloc(hold->threads, cap * sizeof(*threads)) : NULL;
		if (!threads)
			return scl_fail(&hold->why, SCL_ENOMEM, "too many threads to stop");
		hold->threads = threads;
		hold->cap = cap;
	}
	hold->threads[hold->n++] = (struct held){.lwp = lwp};
	return true;
}

static bool fail_seize(struct cli_hold *hold, pid_t lwp, int number)
{
	if (number == EPERM)
		return tracee_refused(hold->pid, lwp, &hold->why);
	return scl_fail_errno(&hold->why, number == ESRCH ? SCL_EGONE : SCL_EIO, number, "cannot stop process %d: %s",
			      hold->pid, strerror(number));
}

/* A thread that has ended, or ends now, is refused (ptrace_attach, kernel/ptrace.c) and is no error. */
static bool has_ended(const struct cli_hold *hold, pid_t lwp, int number)
{
	char state = number == EPERM ? tracee_state(hold->pid, lwp) : '\0';

	return number == ESRCH || (number == EPERM && (!state || strchr("ZX", state)));
}

static bool seize(struct cli_hold *hold, pid_t lwp)
{
	if (!add(hold, lwp))
		return false;
	if (ptrace(PTRACE_SEIZE, lwp, NULL, NULL) != 0) {
		int number = errno;
		hold->n--;
		return has_ended(hold, lwp, number) || fail_seize(hold, lwp, number);
	}
	ptrace(PTRACE_INTERRUPT, lwp, NULL, NULL);
	return true;
}

/* Seize every thread that is not yet; *added says how many that were. */
static bool seize_listed(struct cli_hold *hold, size_t *added)
{
	char path[64];
	struct dirent *entry;
	bool done = true;

	snprintf(path, sizeof(path), "/proc/%d/task", hold->pid);
	DIR *dir = opendir(path);
	*added = 0;
	if (!dir)
		return fail_seize(hold, hold->pid, errno == ENOENT ? ESRCH : errno);
	while (done && (entry = readdir(dir))) {
		pid_t lwp = (pid_t)strtol(entry->d_name, NULL, 10);
		size_t before = hold->n;
		if (lwp > 0 && !is_held(hold, lwp))
			done = seize(hold, lwp);
		*added += hold->n - before;
	}
	closedir(dir);
	return done;
}

/*
 * Has it stopped? False when it has ended. A stop for a signal counts as well: the signal is kept for the release. A
 * group stop (PTRACE_EVENT_STOP with a stopping signal) and our own interrupt (with SIGTRAP) have none to deliver.
 */
static bool look(struct held *held)
{
	int status = 0;
	pid_t got = waitpid(held->lwp, &status, __WALL | WNOHANG);

	if (got == 0)
		return true;
	if (got != held->lwp || !WIFSTOPPED(status))
		return false;
	held->stands = true;
	held->signal = status >> 16 ? 0 : WSTOPSIG(status);
	return true;
}

/* Is it to be waited for? */
static bool moves(struct cli_hold *hold, struct held *held, uint64_t now, uint64_t began)
{
	if (held->stands || held->asleep)
		return false;
	if (now - began < ASLEEP_NS)
		return true;
	if (tracee_state(hold->pid, held->lwp) != 'D')
		held->asleep_ns = 0;
	else if (held->asleep_ns == 0)
		held->asleep_ns = now;
	else
		held->asleep = now - held->asleep_ns >= ASLEEP_NS;
	return !held->asleep;
}

/* One of the threads that are waited for; 0: none. */
static pid_t look_at_all(struct cli_hold *hold, size_t from, uint64_t now, uint64_t began)
{
	pid_t waiting = 0;

	for (size_t i = from; i < hold->n;) {
		struct held *held = &hold->threads[i];
		if (!held->stands && !look(held)) {
			*held = hold->threads[--hold->n];
			continue;
		}
		if (moves(hold, held, now, began))
			waiting = held->lwp;
		i++;
	}
	return waiting;
}

/* Wait until threads[from ..] stand. */
static bool await_stops(struct cli_hold *hold, size_t from)
{
	uint64_t began = scl_clock_monotonic(), now = began;
	long pause = POLL_MIN_NS;

	for (pid_t lwp; (lwp = look_at_all(hold, from, now, began)) != 0; now = scl_clock_monotonic()) {
		if (hold->quit())
			return scl_fail(&hold->why, SCL_EINTERRUPTED, "interrupted");
		if (now - began > GIVE_UP_S * (uint64_t)SCL_NS_PER_S)
			return scl_fail(&hold->why, SCL_EUNSUPPORTED,
					"cannot stop process %d: its thread %d does not stop", hold->pid, lwp);
		nanosleep(&(struct timespec){.tv_nsec = pause}, NULL);
		pause = 2 * pause < POLL_MAX_NS ? 2 * pause : POLL_MAX_NS;
	}
	return true;
}

static bool stop_all(struct cli_hold *hold)
{
	size_t added = 1;

	for (int round = 0; added && round < ROUNDS_MAX; round++) {
		size_t from = hold->n;
		if (!seize_listed(hold, &added) || !await_stops(hold, from))
			return false;
	}
	if (!added && hold->n > 0)
		return true;
	return scl_fail(&hold->why, added ? SCL_EUNSUPPORTED : SCL_EGONE,
			added ? "process %d makes threads faster than they can be stopped" : "process %d has ended",
			hold->pid);
}

/* False when the end of the tracer has to do the rest. */
static bool let_go(struct cli_hold *hold)
{
	bool all = true;

	for (size_t i = 0; i < hold->n; i++) {
		struct held *held = &hold->threads[i];
		if (!held->stands && !look(held))
			continue;
		/* The raw call: glibc's wrapper takes the signal for a pointer. */
		if (!held->stands || syscall(SYS_ptrace, PTRACE_DETACH, held->lwp, 0L, (long)held->signal) != 0)
			all = false;
	}
	hold->n = 0;
	return all;
}

static void await(sem_t *sem)
{
	while (sem_wait(sem) != 0 && errno == EINTR)
		;
}

static void *tracer_main(void *arg)
{
	struct cli_hold *hold = arg;

	hold->tracer_lwp = gettid();
	for (await(&hold->order); !hold->over; await(&hold->order)) {
		hold->stopped = stop_all(hold);
		if (hold->stopped) {
			sem_post(&hold->answer);
			await(&hold->order);
		}
		bool ends = hold->ends = !let_go(hold);
		sem_post(&hold->answer);
		if (ends)
			break;
	}
	return NULL;
}

/* -- on the thread of the one who samples --------------------------------------------------------------- */

struct cli_hold *cli_hold_create(int pid, bool (*quit)(void))
{
	struct cli_hold *hold = calloc(1, sizeof(*hold));

	if (!hold)
		return NULL;
	hold->pid = pid;
	hold->quit = quit;
	sem_init(&hold->order, 0, 0);
	sem_init(&hold->answer, 0, 0);
	return hold;
}

static void order(struct cli_hold *hold)
{
	sem_post(&hold->order);
	await(&hold->answer);
}

/*
 * After the tracer's last answer. pthread_join() returns a moment before the kernel detaches the rest, which is when
 * the thread leaves /proc.
 */
static void join(struct cli_hold *hold)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d", hold->tracer_lwp);
	pthread_join(hold->tracer, NULL);
	while (access(path, F_OK) == 0)
		nanosleep(&(struct timespec){.tv_nsec = POLL_MIN_NS}, NULL);
	hold->started = hold->ends = hold->stopped = false;
}

void cli_hold_destroy(struct cli_hold *hold)
{
	if (!hold)
		return;
	cli_hold_release(hold);
	if (hold->started) {
		hold->over = true;
		sem_post(&hold->order);
		join(hold);
	}
	sem_destroy(&hold->order);
	sem_destroy(&hold->answer);
	free(hold->threads);
	free(hold);
}

bool cli_hold_stop(struct cli_hold *hold, struct scl_error *err)
{
	if (!hold->started && pthread_create(&hold->tracer, NULL, tracer_main, hold) != 0)
		return scl_fail(err, SCL_EIO, "cannot start a thread");
	hold->started = true;
	order(hold);
	if (hold->stopped)
		return true;
	if (hold->ends)
		join(hold);
	return scl_fail_errno(err, hold->why.code, hold->why.sys_errno, "%s", hold->why.text);
}

void cli_hold_release(struct cli_hold *hold)
{
	if (!hold->stopped)
		return;
	order(hold);
	hold->stopped = false;
	if (hold->ends)
		join(hold);
}
