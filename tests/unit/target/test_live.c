/* test_live.c - what only a running process shows: opening, ending, being refused. */
#include <errno.h>
#include <linux/sched.h>
#include <sys/syscall.h>

#include "check.h"
#include "child.h"
#include "in_fork.h"
#include "target/live.h"

static struct scl_error err;

static void refuses_pids_that_are_none(void)
{
	const int pids[] = {0, -1, INT32_MIN, INT32_MAX, 4194304 /* PID_MAX_LIMIT */};

	for (size_t i = 0; i < sizeof pids / sizeof pids[0]; i++) {
		CHECK(!scl_live_open(pids[i], &err));
		CHECK_INT(err.code, SCL_ENOTFOUND);
		CHECK_CONTAINS(err.text, "there is no process");
	}
	CHECK(!scl_live_open(0, NULL));
}

static void refuses_a_thread_id(void)
{
	struct child child;
	char want[64];

	CHECK(child_start(&child));
	CHECK(!scl_live_open((int)child.lwps[0], &err));
	CHECK_INT(err.code, SCL_ENOTFOUND);
	snprintf(want, sizeof want, "is a thread of process %d", child.pid);
	CHECK_CONTAINS(err.text, want);
	child_end(&child);
}

static void refuses_a_zombie(void)
{
	struct child child;

	CHECK(child_start(&child));
	child_kill(&child);
	CHECK(!scl_live_open(child.pid, &err));
	CHECK_INT(err.code, SCL_EGONE);
	CHECK_CONTAINS(err.text, "is a zombie");
	child_end(&child);
	CHECK(!scl_live_open(child.pid, &err));
	CHECK_INT(err.code, SCL_ENOTFOUND);
}

static void refuses_a_kernel_thread(void)
{
	char line[256] = "";
	FILE *stat = fopen("/proc/2/stat", "r");

	bool there = stat && fgets(line, sizeof line, stat) && strstr(line, "(kthreadd)");
	if (stat)
		fclose(stat);
	if (!there) {
		check_skipped++;
		return;
	}
	CHECK(!scl_live_open(2, &err));
	CHECK_INT(err.code, SCL_EUNSUPPORTED);
	CHECK_CONTAINS(err.text, "thread of the kernel");
}

static bool none(uint64_t lwp, void *arg)
{
	(void)lwp;
	(void)arg;
	return true;
}

static bool no_module(const struct scl_module *module, void *arg)
{
	(void)module;
	(void)arg;
	return true;
}

static void check_gone(struct scl_target *target, const struct child *child)
{
	struct scl_lwp_status status;
	uint8_t byte;

	CHECK(!scl_live_alive(target));
	CHECK(!scl_read_u8(target, CHILD_BASE, &byte, &err));
	CHECK_INT(err.code, SCL_EGONE);
	CHECK_CONTAINS(err.text, "has ended");
	CHECK(!scl_lwp_status(target, child->lwps[0], SCL_LWP_STAT, &status, &err));
	CHECK_INT(err.code, SCL_EGONE);
	CHECK(!scl_lwp_status(target, child->lwps[1], SCL_LWP_SYSCALL, &status, &err));
	CHECK_INT(err.code, SCL_EGONE);
	CHECK(!scl_for_each_module(target, no_module, NULL, &err));
	CHECK_INT(err.code, SCL_EGONE);
}

static void says_when_the_process_ends(void)
{
	struct scl_lwp_status status;
	struct child child;
	uint8_t byte;

	CHECK(child_start(&child));
	struct scl_target *target = scl_live_open(child.pid, &err);
	CHECK(target && scl_live_alive(target));
	CHECK(target && scl_read_u8(target, CHILD_BASE, &byte, &err));
	CHECK(target && scl_lwp_status(target, child.lwps[0], SCL_LWP_STAT, &status, &err));
	child_kill(&child);
	if (target)
		check_gone(target, &child);
	child_end(&child);
	if (target) {
		check_gone(target, &child);
		CHECK(!scl_for_each_lwp(target, none, NULL, &err));
		CHECK_INT(err.code, SCL_EGONE);
	}
	scl_target_close(target);
}

static void *stay(void *arg)
{
	(void)arg;
	pause();
	return NULL;
}

/* Its main thread ends when it is told, the other one stays. */
static int fork_leaderless(int go)
{
	pthread_t thread;
	char byte;
	int pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (pthread_create(&thread, NULL, stay, NULL) != 0 || read(go, &byte, 1) != 1)
		_exit(1);
	syscall(SYS_exit, 0); /* of the thread alone */
	_exit(1);
}

static void await_main_thread_end(struct scl_target *target, int pid)
{
	struct scl_lwp_status status = {0};
	struct timespec some = {.tv_nsec = 1000 * 1000};

	for (int i = 0; target && i < 10000 && status.state != 'Z'; i++) {
		CHECK(scl_lwp_status(target, (uint64_t)pid, SCL_LWP_STAT, &status, &err));
		nanosleep(&some, NULL);
	}
	CHECK_INT(status.state, 'Z');
}

static void read_leaderless(struct scl_target *target)
{
	uint8_t byte = 0;

	CHECK(target && scl_live_alive(target));
	CHECK(target && scl_read_u8(target, CHILD_BASE + 5, &byte, &err));
	CHECK_INT(byte, child_byte(CHILD_BASE + 5));
}

static void goes_on_without_the_main_thread(void)
{
	int go[2];

	CHECK(pipe(go) == 0);
	int pid = fork_leaderless(go[0]);
	struct scl_target *before = scl_live_open(pid, &err);
	read_leaderless(before);
	CHECK(write(go[1], "g", 1) == 1);
	await_main_thread_end(before, pid);
	read_leaderless(before);
	struct scl_target *after = scl_live_open(pid, &err);
	read_leaderless(after);
	CHECK(after && scl_for_each_module(after, no_module, NULL, &err));
	end_process(pid);
	CHECK(after && !scl_live_alive(after));
	CHECK(before && !scl_for_each_lwp(before, none, NULL, &err));
	scl_target_close(before);
	scl_target_close(after);
	close(go[0]);
	close(go[1]);
}

/* A process with exactly this pid, clone3(2) set_tid: what else takes the counter a long way round. */
static int fork_as(int pid)
{
	pid_t want = pid;
	struct clone_args args = {.exit_signal = SIGCHLD, .set_tid = (uintptr_t)&want, .set_tid_size = 1};
	long got = syscall(SYS_clone3, &args, sizeof args);

	if (got == 0) {
		pause();
		_exit(0);
	}
	return (int)got;
}

static void notices_a_recycled_pid(void)
{
	struct timespec some = {.tv_nsec = 30 * 1000 * 1000};
	struct child child;
	uint8_t byte;

	CHECK(child_start(&child));
	struct scl_target *target = scl_live_open(child.pid, &err);
	child_end(&child);
	int other = fork_as(child.pid);
	if (other != child.pid || !target) {
		check_skipped++;
	} else {
		/* The number is looked at again after some ms, not at each read. */
		nanosleep(&some, NULL);
		CHECK(!scl_read_u8(target, CHILD_BASE, &byte, &err));
		CHECK_INT(err.code, SCL_EGONE);
		CHECK(!scl_read_u8(target, CHILD_BASE, &byte, &err));
		CHECK_INT(err.code, SCL_EGONE);
		end_process(other);
	}
	scl_target_close(target);
}

/* After execve(2) an open /proc/PID/mem is of the old memory, and empty. */
static int read_over_exec(void)
{
	int go[2], ready[2];
	char byte;

	if (!forbid_syscall(SYS_process_vm_readv, EPERM) || pipe(go) != 0 || pipe(ready) != 0)
		return 1;
	int pid = fork();
	if (pid == 0) {
		char *const args[] = {"exec", "wait", NULL};
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ready[1], STDOUT_FILENO);
		if (read(go[0], &byte, 1) == 1)
			execv("/proc/self/exe", args);
		_exit(1);
	}
	struct scl_target *target = scl_live_open(pid, &err);
	CHECK(target && scl_read(target, CHILD_BASE, &byte, 1, &err));
	CHECK(write(go[1], "g", 1) == 1 && read(ready[0], &byte, 1) == 1);
	CHECK(target && !scl_read(target, CHILD_BASE, &byte, 1, &err));
	CHECK_INT(err.code, SCL_EFAULT);
	CHECK(target && scl_live_alive(target));
	end_process(pid);
	CHECK(target && !scl_read(target, CHILD_BASE, &byte, 1, &err));
	CHECK_INT(err.code, SCL_EGONE);
	scl_target_close(target);
	return 0;
}

static void goes_on_after_exec(void)
{
	run_in_fork(read_over_exec);
}

static int victim;

static int open_as_nobody(void)
{
	if (geteuid() != 0 || setgid(65534) != 0 || setuid(65534) != 0)
		return 1;
	CHECK(!scl_live_open(victim, &err));
	CHECK_INT(err.code, SCL_EPERM);
	CHECK_CONTAINS(err.text, "belongs to uid 0 and you are uid 65534");
	CHECK_CONTAINS(err.text, "sudo");
	return 0;
}

static int open_not_dumpable(void)
{
	if (geteuid() != 0 || setgid(65534) != 0 || setuid(65534) != 0)
		return 1;
	int other = fork();
	if (other == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	/* The fork of a process that has changed its uid is not dumpable, prctl(2) PR_SET_DUMPABLE. */
	CHECK(!scl_live_open(other, &err));
	CHECK_INT(err.code, SCL_EPERM);
	CHECK_CONTAINS(err.text, "not dumpable");
	end_process(other);
	return 0;
}

/* Without CAP_SYS_PTRACE root is as good as anybody. */
static int open_without_capability(void)
{
	if (geteuid() != 0 || prctl(PR_CAPBSET_DROP, 19) != 0)
		return 1;
	/* execve(2) would take it from the other sets; capset(2) does it here, with the effective and permitted sets. */
	struct {
		uint32_t version;
		int pid;
	} header = {0x20080522, 0};
	uint32_t sets[6];
	if (syscall(SYS_capget, &header, sets) != 0)
		return 1;
	sets[0] &= ~(UINT32_C(1) << 19);
	sets[1] &= ~(UINT32_C(1) << 19);
	if (syscall(SYS_capset, &header, sets) != 0)
		return 1;
	CHECK(!scl_live_open(victim, &err));
	CHECK_INT(err.code, SCL_EPERM);
	CHECK_CONTAINS(err.text, "without CAP_SYS_PTRACE");
	CHECK_CONTAINS(err.text, "--cap-add=SYS_PTRACE");
	return 0;
}

static void says_why_it_is_refused(void)
{
	struct child child;

	CHECK(child_start(&child));
	victim = child.pid;
	run_in_fork(open_as_nobody);
	run_in_fork(open_not_dumpable);
	run_in_fork(open_without_capability);
	child_end(&child);
}

static void knows_a_copy_of_its_parent(void)
{
	struct scl_process process;
	struct child child;

	CHECK(child_start(&child));
	struct scl_target *target = scl_live_open(child.pid, &err);
	CHECK(target && scl_target_process(target, &process, &err));
	CHECK_INT(process.parent, getpid());
	CHECK(process.forked);
	scl_target_close(target);
	child_end(&child);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "wait") == 0) {
		if (write(STDOUT_FILENO, "r", 1) == 1)
			pause();
		return 1;
	}
	if (!child_map())
		return 1;
	RUN(refuses_pids_that_are_none);
	RUN(refuses_a_thread_id);
	RUN(refuses_a_zombie);
	RUN(refuses_a_kernel_thread);
	RUN(says_when_the_process_ends);
	RUN(goes_on_without_the_main_thread);
	RUN(notices_a_recycled_pid);
	RUN(goes_on_after_exec);
	RUN(says_why_it_is_refused);
	RUN(knows_a_copy_of_its_parent);
	return check_finish();
}
