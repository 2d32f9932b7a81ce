/* in_fork.h - checks in a process of their own, for a test that gives away rights or namespaces; after check.h. */
#ifndef SCL_TESTS_IN_FORK_H
#define SCL_TESTS_IN_FORK_H

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { IN_FORK_SKIPPED = 77 };

/* `body` returns 1 when it could not be tried, which counts as skipped; its failed checks fail this test. */
static inline void run_in_fork(int (*body)(void))
{
	int status = 0;

	fflush(stdout);
	int pid = fork();
	if (pid == 0) {
		int skipped = body();
		fflush(stdout);
		_exit(skipped ? IN_FORK_SKIPPED : check_bad);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == IN_FORK_SKIPPED)
		check_skipped++;
	else
		CHECK_INT(status, 0);
}

#endif
