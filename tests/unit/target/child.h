/*
 * child.h - a process for the tests of the live back end: a fork of the test that shares known memory with it.
 *
 *	CHILD_BASE        two pages of known bytes, ending in a C string
 *	+ 2 pages         a hole
 *	+ 3 pages         one page of known bytes
 *
 * The child says "ready" on a pipe and ends when the test closes the other one.
 */
#ifndef SCL_TESTS_CHILD_H
#define SCL_TESTS_CHILD_H

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, CHILD_THREADS = 2 };

#define CHILD_BASE   UINT64_C(0x200000000000)
#define CHILD_SECOND (CHILD_BASE + 3 * PAGE)
#define CHILD_TAIL   "the end of a page"

/* Blanks, parentheses and a newline, as a process may call its threads. */
static const char *const child_names[CHILD_THREADS] = {"worker one", "a) R 1 (\n2 3"};

struct child {
	int pid;
	int hold;	      /* closing it ends the child */
	int block, block_end; /* the pipe that its threads read from */
	uint64_t lwps[CHILD_THREADS];
};

static inline uint8_t child_byte(uint64_t addr)
{
	return (uint8_t)(addr * 7 + (addr >> 12) + 3);
}

static inline void child_fill(uint8_t *to, uint64_t addr, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] = child_byte(addr + i);
}

/* What is in the two mappings. */
static inline void child_fill_both(uint8_t *first, uint8_t *second)
{
	child_fill(first, CHILD_BASE, 2 * PAGE);
	child_fill(second, CHILD_SECOND, PAGE);
	memcpy(first + 2 * PAGE - sizeof CHILD_TAIL, CHILD_TAIL, sizeof CHILD_TAIL);
}

/* The two mappings, shared with children that are forked later. */
static inline bool child_map(void)
{
	int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
	uint8_t *first = mmap((void *)CHILD_BASE, 2 * PAGE, PROT_READ | PROT_WRITE, flags, -1, 0);
	uint8_t *second = mmap((void *)CHILD_SECOND, PAGE, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (first != (void *)CHILD_BASE || second != (void *)CHILD_SECOND)
		return false;
	child_fill_both(first, second);
	return true;
}

struct child_thread {
	int block, ready;
	size_t index;
};

struct child_hello {
	size_t index;
	uint64_t lwp;
};

static inline void *child_thread_main(void *arg)
{
	const struct child_thread *thread = arg;
	struct child_hello hello = {.index = thread->index, .lwp = (uint64_t)gettid()};
	char byte;

	prctl(PR_SET_NAME, child_names[thread->index]);
	if (write(thread->ready, &hello, sizeof hello) != sizeof hello || read(thread->block, &byte, 1) < 0)
		_exit(1);
	return NULL;
}

static inline void child_main(int hold, int ready, int block)
{
	struct child_thread threads[CHILD_THREADS];
	pthread_t id;
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < CHILD_THREADS; i++) {
		threads[i] = (struct child_thread){.block = block, .ready = ready, .index = i};
		if (pthread_create(&id, NULL, child_thread_main, &threads[i]) != 0)
			_exit(1);
	}
	_exit(read(hold, &byte, 1) < 0);
}

/* False when there is none. */
static inline bool child_start(struct child *child)
{
	int hold[2], ready[2], block[2];
	struct child_hello hello;

	*child = (struct child){.pid = -1, .hold = -1, .block = -1, .block_end = -1};
	if (pipe2(hold, O_CLOEXEC) != 0 || pipe2(ready, O_CLOEXEC) != 0 || pipe2(block, O_CLOEXEC) != 0)
		return false;
	child->pid = fork();
	if (child->pid == 0) {
		close(hold[1]);
		close(block[1]);
		child_main(hold[0], ready[1], block[0]);
	}
	close(hold[0]);
	close(ready[1]);
	child->block = block[0];
	child->block_end = block[1];
	child->hold = hold[1];
	bool ok = child->pid > 0;
	for (size_t i = 0; ok && i < CHILD_THREADS; i++) {
		ok = read(ready[0], &hello, sizeof hello) == sizeof hello && hello.index < CHILD_THREADS;
		if (ok)
			child->lwps[hello.index] = hello.lwp;
	}
	close(ready[0]);
	return ok;
}

/* End a process that a test started; nothing for the -1 of a failed fork, which kill(2) takes for everybody. */
static inline void end_process(int pid)
{
	if (pid <= 1)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* It becomes a zombie. */
static inline void child_kill(const struct child *child)
{
	siginfo_t info;

	if (child->pid <= 1)
		return;
	kill(child->pid, SIGKILL);
	waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOWAIT);
}

static inline void child_end(struct child *child)
{
	end_process(child->pid);
	close(child->hold);
	close(child->block);
	close(child->block_end);
}

/* A system call of this process fails with `number` from now on; false when that cannot be had. */
static inline bool forbid_syscall(long call, int number)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)number),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = sizeof code / sizeof code[0], .filter = code};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

#endif
