/* tracee.c - see tracee.h. */
#include "tracee.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/text.h"
#include "target/proc_status.h"
#include "target/refusal.h"

enum { FILE_TEXT = 4096, PATH_TEXT = 64 };

/* A file of /proc as text, "" when it cannot be read. */
static void read_text(const char *path, char *buf, size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, buf, cap - 1);

	if (fd >= 0)
		close(fd);
	buf[got > 0 ? got : 0] = '\0';
}

char tracee_state(int pid, int lwp)
{
	char path[PATH_TEXT], text[FILE_TEXT];
	struct scl_proc_stat stat;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, lwp);
	read_text(path, text, sizeof(text));
	return scl_proc_stat_parse(text, &stat) ? stat.state : '\0';
}

/* The thread that traces this one; 0: none, or one of another pid namespace. */
static int tracer_of(int pid, int lwp)
{
	char path[PATH_TEXT], text[FILE_TEXT];
	uint64_t tracer = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", pid, lwp);
	read_text(path, text, sizeof(text));
	return scl_proc_status_numbers(text, "TracerPid", 10, &tracer, 1) == 1 ? (int)tracer : 0;
}

static bool fail_traced(int pid, int tracer, struct scl_error *err)
{
	char path[PATH_TEXT], name[PATH_TEXT];
	struct scl_buffer safe = {0};

	snprintf(path, sizeof(path), "/proc/%d/comm", tracer);
	read_text(path, name, sizeof(name));
	scl_text_append(&safe, name, strcspn(name, "\n"));
	scl_error_set(err, SCL_EPERM, EPERM, 0,
		      "cannot stop process %d: process %d (%s) traces it: detach it or use --mode live", pid, tracer,
		      scl_buffer_str(&safe));
	scl_buffer_destroy(&safe);
	return false;
}

bool tracee_refused(int pid, int lwp, struct scl_error *err)
{
	int tracer = tracer_of(pid, lwp);
	struct scl_refusal why;
	char path[PATH_TEXT];

	if (tracer)
		return fail_traced(pid, tracer, err);
	snprintf(path, sizeof(path), "/proc/%d", pid);
	int proc = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scl_refusal_collect(pid, proc, &why);
	if (proc >= 0)
		close(proc);
	why.act = "stop";
	return scl_refusal_fail(&why, EPERM, err);
}
