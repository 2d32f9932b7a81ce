/*
 * refusal.h - why the kernel does not let us read a process, and what to do about it: ptrace(2), "Ptrace access mode
 * checking".
 *
 * Collecting what is known and putting it into words are two functions, so that every text can be tested.
 */
#ifndef SCL_TARGET_REFUSAL_H
#define SCL_TARGET_REFUSAL_H

#include "base/error.h"

struct scl_refusal {
	int pid;
	const char *act;	   /* what is refused, "stop"; NULL: "read" */
	unsigned our_uid, its_uid; /* effective */
	bool have_uids;
	bool ptrace_capable; /* we have CAP_SYS_PTRACE, in our own user namespace */
	int ptrace_scope;    /* /proc/sys/kernel/yama/ptrace_scope; -1 without Yama */
	bool other_user_namespace;
	bool not_dumpable;	/* prctl(2) PR_SET_DUMPABLE, a setuid program, one with file capabilities */
	bool more_capabilities; /* it is permitted something that we are not */
	bool seccomp;		/* we run under a seccomp filter: containers do */
	bool container;		/* we run in one, as far as that can be told */
};

/* `proc` is a descriptor of /proc/PID, or -1. */
void scl_refusal_collect(int pid, int proc, struct scl_refusal *ret);
/* The sentence and the remedy. Returns false, like scl_fail. */
bool scl_refusal_fail(const struct scl_refusal *why, int sys_errno, struct scl_error *err);

#endif
