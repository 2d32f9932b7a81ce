/*
 * proc_status.h - the files of /proc/PID/task/TID as values: proc_pid_stat(5), proc_pid_syscall(5), proc_pid_status(5).
 *
 * Text in, value out; nothing here opens a file. The thread chooses its own name: it may hold blanks, newlines,
 * parentheses or bytes that look like the rest of the line.
 */
#ifndef SCL_TARGET_PROC_STATUS_H
#define SCL_TARGET_PROC_STATUS_H

#include "target/target.h"

struct scl_proc_stat {
	char name[32]; /* comm */
	char state;
	uint64_t user_ticks, system_ticks;
	uint64_t threads;   /* of the process */
	uint64_t parent;    /* pid in our pid namespace; 0: none, or not visible there */
	bool kernel_thread; /* PF_KTHREAD, include/linux/sched.h */
	bool forked;	    /* PF_FORKNOEXEC: it has not called execve(2) since it was made */
};

/* `text` is NUL-terminated. False when it is no such line; *ret is then undefined. */
bool scl_proc_stat_parse(const char *text, struct scl_proc_stat *ret);

/* Fill in_syscall, syscall and args from the text of a `syscall` file. False when it is no such text. */
bool scl_proc_syscall_parse(const char *text, struct scl_lwp_status *ret);

/* The rest of the line "Field:\t..." of a `status` file, after its blanks; NULL when there is none. */
const char *scl_proc_status_field(const char *text, const char *field);
/* The numbers of such a line, at most `max`; how many there were. */
size_t scl_proc_status_numbers(const char *text, const char *field, int base, uint64_t *ret, size_t max);

#endif
