/* test_threads.c - threads of running processes: their ids in pid namespaces, their CPU time, and many of them. */
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>

#include "check.h"
#include "child.h"
#include "in_fork.h"
#include "target/live.h"

static struct scl_error err;

static int sleep_in_namespace(int ready)
{
	uint64_t lwp = (uint64_t)gettid();

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (write(ready, &lwp, sizeof lwp) != sizeof lwp)
		_exit(1);
	pause();
	_exit(0);
}

static int look_into_pid_namespace(void)
{
	struct scl_lwp_status status;
	int ready[2];
	uint64_t inside = 0;

	if (pipe(ready) != 0 || unshare(CLONE_NEWPID) != 0)
		return 1;
	int pid = fork();
	if (pid == 0)
		sleep_in_namespace(ready[1]);
	CHECK(read(ready[0], &inside, sizeof inside) == sizeof inside);
	CHECK_INT(inside, 1);
	struct scl_target *target = scl_live_open(pid, &err);
	CHECK(target != NULL);
	if (target) {
		CHECK_INT(scl_lwp_from_inside(target, inside), pid);
		CHECK_INT(scl_lwp_from_inside(target, inside), pid);
		CHECK_INT(scl_lwp_from_inside(target, 12345678), 0);
		CHECK(scl_lwp_status(target, scl_lwp_from_inside(target, inside), SCL_LWP_STAT, &status, &err));
		scl_target_close(target);
	}
	end_process(pid);
	return 0;
}

static void maps_thread_ids_of_a_pid_namespace(void)
{
	run_in_fork(look_into_pid_namespace);
}

static void *spin(void *arg)
{
	struct itimerval stop = {.it_value = {.tv_sec = 20}};

	(void)arg;
	setitimer(ITIMER_REAL, &stop, NULL); /* its default action ends the process, should the test not */
	for (volatile uint64_t i = 0;; i++)
		;
	return NULL;
}

static void counts_cpu_time_of_a_running_thread(void)
{
	struct scl_lwp_status status = {0};
	bool ran = false;
	int pid = fork();

	if (pid == 0)
		spin(NULL);
	struct scl_target *target = scl_live_open(pid, &err);
	CHECK(target != NULL);
	struct timespec some = {.tv_nsec = 5 * 1000 * 1000};
	for (int i = 0; target && i < 2000 && status.user_ns < 30 * 1000 * 1000; i++) {
		nanosleep(&some, NULL);
		CHECK(scl_lwp_status(target, (uint64_t)pid, SCL_LWP_STAT | SCL_LWP_SYSCALL, &status, &err));
		ran = ran || (status.state == 'R' && !status.in_syscall && status.syscall == -1);
	}
	CHECK(ran);
	CHECK(status.user_ns >= 30 * 1000 * 1000);
	CHECK(status.user_ns % (10 * 1000 * 1000) == 0);
	end_process(pid);
	scl_target_close(target);
}

static void *wait_for_ever(void *arg)
{
	int *gate = arg;
	char byte;

	return read(*gate, &byte, 1) < 0 ? gate : NULL;
}

static void have_threads(int gate, int ready, int n)
{
	pthread_attr_t small;
	pthread_t id;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 128 * 1024);
	for (int i = 0; i < n; i++)
		if (pthread_create(&id, &small, wait_for_ever, &gate) != 0)
			_exit(1);
	if (write(ready, "r", 1) == 1)
		pause();
	_exit(1);
}

static uint64_t last_lwp;

struct statuses {
	struct scl_target *target;
	int seen, bad;
};

static bool take_status(uint64_t lwp, void *arg)
{
	struct statuses *all = arg;
	struct scl_lwp_status status;

	all->seen++;
	last_lwp = lwp;
	if (!scl_lwp_status(all->target, lwp, SCL_LWP_STAT | SCL_LWP_SYSCALL, &status, &err) || status.state == '?')
		all->bad++;
	return true;
}

static int open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

struct crowd {
	int pid, gate[2], ready[2];
};

/* A process with that many threads. */
static void crowd_start(struct crowd *crowd, int threads)
{
	char byte;

	CHECK(pipe(crowd->gate) == 0 && pipe(crowd->ready) == 0);
	crowd->pid = fork();
	if (crowd->pid == 0)
		have_threads(crowd->gate[0], crowd->ready[1], threads);
	CHECK(read(crowd->ready[0], &byte, 1) == 1);
}

static void crowd_end(struct crowd *crowd)
{
	end_process(crowd->pid);
	for (int i = 0; i < 2; i++) {
		close(crowd->gate[i]);
		close(crowd->ready[i]);
	}
}

/* Look twice at all threads; how many descriptors that has left open. */
static int look_twice(struct statuses *all, int threads)
{
	int before = open_descriptors();

	*all = (struct statuses){.target = all->target};
	for (int round = 0; all->target && round < 2; round++)
		CHECK(scl_for_each_lwp(all->target, take_status, all, &err));
	CHECK_INT(all->seen, 2 * (1 + threads));
	CHECK_INT(all->bad, 0);
	return open_descriptors() - before;
}

/* More threads than files are kept open for. */
static void bounds_its_descriptors(void)
{
	enum { THREADS = 300 };
	struct crowd crowd;

	crowd_start(&crowd, THREADS);
	int before = open_descriptors();
	struct statuses all = {.target = scl_live_open(crowd.pid, &err)};
	CHECK(look_twice(&all, THREADS) <= 2 * 96);
	scl_target_close(all.target);
	CHECK_INT(open_descriptors(), before);
	crowd_end(&crowd);
}

/* `ulimit -n 64`: most are for others. */
static int with_few_descriptors(void)
{
	enum { THREADS = 100 };
	struct rlimit few = {64, 64};
	struct crowd crowd;

	crowd_start(&crowd, THREADS);
	CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
	struct statuses all = {.target = scl_live_open(crowd.pid, &err)};
	CHECK(look_twice(&all, THREADS) <= 16);
	scl_target_close(all.target);
	crowd_end(&crowd);
	return 0;
}

/* The program that we live in has taken all that were left. */
static int with_no_descriptor(void)
{
	enum { THREADS = 100 };
	struct rlimit few = {256, 256};
	struct crowd crowd;

	crowd_start(&crowd, THREADS);
	CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
	struct statuses all = {.target = scl_live_open(crowd.pid, &err)};
	CHECK(look_twice(&all, THREADS) > 40);
	while (dup(STDOUT_FILENO) >= 0)
		;
	/* It is not one of the first, so its files are not open. */
	CHECK(scl_lwp_status(all.target, last_lwp, SCL_LWP_STAT, &(struct scl_lwp_status){0}, &err));
	CHECK(dup(STDOUT_FILENO) >= 0);
	CHECK(look_twice(&all, THREADS) == 0);
	scl_target_close(all.target);
	crowd_end(&crowd);
	return 0;
}

static void leaves_descriptors_to_others(void)
{
	run_in_fork(with_few_descriptors);
	run_in_fork(with_no_descriptor);
}

int main(void)
{
	RUN(maps_thread_ids_of_a_pid_namespace);
	RUN(counts_cpu_time_of_a_running_thread);
	RUN(bounds_its_descriptors);
	RUN(leaves_descriptors_to_others);
	return check_finish();
}
