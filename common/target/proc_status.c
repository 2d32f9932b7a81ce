/* proc_status.c - see proc_status.h. */
#include "target/proc_status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	PF_FORKNOEXEC = 0x00000040,
	PF_KTHREAD = 0x00200000,
	/* Numbers of the fields of stat, proc_pid_stat(5), which counts from 1. */
	STAT_STATE = 3,
	STAT_PPID = 4,
	STAT_FLAGS = 9,
	STAT_UTIME = 14,
	STAT_STIME = 15,
	STAT_NUM_THREADS = 20,
};

static void copy_name(const char *from, const char *end, char *to, size_t cap)
{
	size_t len = (size_t)(end - from);

	if (len > cap - 1)
		len = cap - 1;
	memcpy(to, from, len);
	to[len] = '\0';
}

/* No field after the name holds a parenthesis, so the last one ends it, whatever the name is. */
bool scl_proc_stat_parse(const char *text, struct scl_proc_stat *ret)
{
	const char *open = strchr(text, '('), *close = strrchr(text, ')');
	uint64_t field[STAT_NUM_THREADS + 1];

	if (!open || !close || close < open || close[1] != ' ' || close[2] == '\0' || close[3] != ' ')
		return false;
	copy_name(open + 1, close, ret->name, sizeof ret->name);
	ret->state = close[2];
	const char *at = close + 3;
	for (int i = STAT_STATE + 1; i <= STAT_NUM_THREADS; i++) {
		char *end;
		/* tty_nr, tpgid and the priorities may be negative; the ones that are kept are not. */
		field[i] = strtoull(at, &end, 10);
		if (end == at)
			return false;
		at = end;
	}
	ret->user_ticks = field[STAT_UTIME];
	ret->system_ticks = field[STAT_STIME];
	ret->threads = field[STAT_NUM_THREADS];
	ret->parent = field[STAT_PPID];
	ret->forked = (field[STAT_FLAGS] & PF_FORKNOEXEC) != 0;
	ret->kernel_thread = (field[STAT_FLAGS] & PF_KTHREAD) != 0;
	return true;
}

/* "running", or "-1 SP PC" for a thread blocked elsewhere, or "NR ARG0 .. ARG5 SP PC". */
bool scl_proc_syscall_parse(const char *text, struct scl_lwp_status *ret)
{
	char *end;

	ret->in_syscall = false;
	ret->syscall = -1;
	if (strncmp(text, "running", 7) == 0)
		return true;
	long long number = strtoll(text, &end, 10);
	if (end == text)
		return false;
	if (number < 0)
		return true;
	for (size_t i = 0; i < 6; i++) {
		const char *at = end;
		ret->args[i] = strtoull(at, &end, 16);
		if (end == at)
			return false;
	}
	ret->in_syscall = true;
	ret->syscall = number;
	return true;
}

const char *scl_proc_status_field(const char *text, const char *field)
{
	size_t len = strlen(field);

	/* Name: is the first line and the only one that the process chooses; its newlines are escaped as "\n". */
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, field, len) == 0 && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " \t");
	}
	return NULL;
}

size_t scl_proc_status_numbers(const char *text, const char *field, int base, uint64_t *ret, size_t max)
{
	const char *at = scl_proc_status_field(text, field);
	size_t n = 0;

	while (at && n < max) {
		char *end;
		at += strspn(at, " \t");
		if (*at == '\n' || *at == '\0')
			break;
		uint64_t value = strtoull(at, &end, base);
		if (end == at)
			break;
		ret[n++] = value;
		at = end;
	}
	return n;
}
