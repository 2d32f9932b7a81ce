/* refusal.c - see refusal.h. */
#include "target/refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target/live_process.h"
#include "target/proc_status.h"

enum { CAP_SYS_PTRACE = 19 }; /* include/uapi/linux/capability.h */

static uint64_t one_number(const struct scl_buffer *text, const char *field, int base)
{
	uint64_t value = 0;

	return scl_proc_status_numbers(scl_buffer_str(text), field, base, &value, 1) == 1 ? value : 0;
}

static int read_ptrace_scope(void)
{
	struct scl_buffer text = {0};
	int scope = -1;

	if (scl_live_slurp(AT_FDCWD, "/proc/sys/kernel/yama/ptrace_scope", &text))
		scope = (int)strtol(scl_buffer_str(&text), NULL, 10);
	scl_buffer_destroy(&text);
	return scope;
}

/* A user namespace of its own shows in uid_map, which everybody may read; ns/user needs the right that we lack. */
static bool differs(int proc, const char *name, const char *ours)
{
	struct scl_buffer its = {0}, own = {0};
	bool known = scl_live_slurp(proc, name, &its) && scl_live_slurp(AT_FDCWD, ours, &own);
	bool other = known && strcmp(scl_buffer_str(&its), scl_buffer_str(&own)) != 0;

	scl_buffer_destroy(&its);
	scl_buffer_destroy(&own);
	return other;
}

static bool in_container(void)
{
	/* Marks that Docker and podman leave; Kubernetes sets the variable for every container. */
	return access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0 ||
	       access("/var/run/secrets/kubernetes.io", F_OK) == 0;
}

void scl_refusal_collect(int pid, int proc, struct scl_refusal *ret)
{
	struct scl_buffer own = {0}, its = {0};
	uint64_t uids[2] = {0};
	struct stat st;

	*ret = (struct scl_refusal){.pid = pid, .our_uid = (unsigned)geteuid(), .ptrace_scope = read_ptrace_scope()};
	ret->container = in_container();
	if (scl_live_slurp(AT_FDCWD, "/proc/self/status", &own)) {
		ret->ptrace_capable = (one_number(&own, "CapEff", 16) >> CAP_SYS_PTRACE) & 1;
		ret->seccomp = one_number(&own, "Seccomp", 10) == 2;
	}
	if (proc >= 0 && scl_live_slurp(proc, "status", &its)) {
		ret->have_uids = scl_proc_status_numbers(scl_buffer_str(&its), "Uid", 10, uids, 2) == 2;
		ret->its_uid = (unsigned)uids[1];
		ret->more_capabilities = (one_number(&its, "CapPrm", 16) & ~one_number(&own, "CapPrm", 16)) != 0;
		ret->other_user_namespace = differs(proc, "uid_map", "/proc/self/uid_map");
		/* Files of a process that is not dumpable belong to root, task_dump_owner() in fs/proc/base.c. */
		ret->not_dumpable = ret->have_uids && ret->its_uid != 0 && fstatat(proc, "maps", &st, 0) == 0 &&
				    (unsigned)st.st_uid != ret->its_uid;
	}
	scl_buffer_destroy(&own);
	scl_buffer_destroy(&its);
}

/* The reasons in the order in which the kernel would meet them; the first that holds is the one to tell. */
static void say_why(const struct scl_refusal *why, char *text, size_t cap)
{
	if (why->have_uids && why->our_uid != why->its_uid && why->our_uid != 0)
		snprintf(text, cap,
			 "it belongs to uid %u and you are uid %u. Run the same command as that user "
			 "(sudo -u '#%u' ...) or as root (sudo ...)",
			 why->its_uid, why->our_uid, why->its_uid);
	else if (why->other_user_namespace)
		snprintf(text, cap,
			 "it lives in another user namespace (a rootless container). Run the same command as root "
			 "outside of it (sudo ...), or enter it: sudo nsenter -t %d -a",
			 why->pid);
	else if (why->ptrace_scope == 3)
		snprintf(text, cap,
			 "kernel.yama.ptrace_scope is 3: nobody may read another process, not even root, until the "
			 "machine is started with another value (remove it from /etc/sysctl.d and reboot)");
	else if (why->our_uid == 0)
		snprintf(text, cap,
			 "you are root without CAP_SYS_PTRACE%s. Start the container with it: docker run "
			 "--cap-add=SYS_PTRACE ..., in Kubernetes: kubectl debug --profile=sysadmin, or "
			 "securityContext.capabilities.add: [SYS_PTRACE]",
			 why->container ? ", in a container" : "");
	else if (why->not_dumpable)
		snprintf(text, cap,
			 "it is not dumpable (a setuid program, one with file capabilities, or PR_SET_DUMPABLE 0). "
			 "Run the same command as root: sudo ...");
	else if (why->more_capabilities)
		snprintf(text, cap, "it has capabilities that you lack. Run the same command as root: sudo ...");
	else if (why->ptrace_scope == 2)
		snprintf(text, cap,
			 "kernel.yama.ptrace_scope is 2: only root may. Run the same command as root (sudo ...), or: "
			 "echo 1 | sudo tee /proc/sys/kernel/yama/ptrace_scope, and start the process from the "
			 "debugger");
	else if (why->ptrace_scope == 1)
		snprintf(text, cap,
			 "kernel.yama.ptrace_scope is 1: only a parent may. Run the same command as root (sudo ...), "
			 "or allow it until the next boot: echo 0 | sudo tee /proc/sys/kernel/yama/ptrace_scope");
	else if (why->seccomp)
		snprintf(text, cap,
			 "a seccomp filter%s forbids it. Start the container with --cap-add=SYS_PTRACE, or with "
			 "--security-opt seccomp=unconfined",
			 why->container ? " of this container" : "");
	else
		snprintf(text, cap,
			 "no usual cause was found: a security module (SELinux, AppArmor) may forbid it; "
			 "sudo dmesg | tail shows its denials");
}

bool scl_refusal_fail(const struct scl_refusal *why, int sys_errno, struct scl_error *err)
{
	char text[SCL_ERROR_TEXT];

	if (why->ptrace_capable && !why->other_user_namespace && why->ptrace_scope != 3)
		snprintf(text, sizeof text,
			 "you have CAP_SYS_PTRACE: %s forbids it. Look for its denials: sudo dmesg | tail",
			 why->seccomp ? "a seccomp filter or a security module"
				      : "a security module (SELinux, AppArmor)");
	else
		say_why(why, text, sizeof text);
	return scl_fail_errno(err, SCL_EPERM, sys_errno, "not allowed to %s process %d: %s",
			      why->act ? why->act : "read", why->pid, text);
}
