/* tracee.c - see tracee.h. */
#include "target/tracee.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

bool scl_tracee_status(int pid, int lwp, struct scl_tracee_status *ret)
{
	char path[64], line[256];
	FILE *f;

	*ret = (struct scl_tracee_status){0};
	snprintf(path, sizeof path, "/proc/%d/task/%d/status", pid, lwp);
	f = fopen(path, "re");
	if (!f)
		return false;
	while (fgets(line, sizeof line, f)) {
		if (strncmp(line, "State:", 6) == 0)
			ret->state = line[6 + strspn(line + 6, " \t")];
		else if (strncmp(line, "TracerPid:", 10) == 0)
			ret->tracer = (int)strtol(line + 10, NULL, 10);
		else if (strncmp(line, "SigPnd:", 7) == 0 || strncmp(line, "ShdPnd:", 7) == 0)
			ret->pending |= strtoull(line + 7, NULL, 16);
		else if (strncmp(line, "SigBlk:", 7) == 0)
			ret->blocked = strtoull(line + 7, NULL, 16);
	}
	fclose(f);
	return ret->state != '\0';
}

uint64_t scl_tracee_stat(int pid, enum scl_tracee_stat field)
{
	char path[64], text[1024];
	const char *at;
	size_t n;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = '\0';
	at = strrchr(text, ')'); /* ends field 2, which may hold anything */
	for (int i = 2; at && i < (int)field; i++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

bool scl_program_of(int lwp, struct scl_program *ret)
{
	char path[64];
	struct stat exe;

	*ret = (struct scl_program){.code = scl_tracee_stat(lwp, SCL_STAT_STARTCODE),
				    .stack = scl_tracee_stat(lwp, SCL_STAT_STARTSTACK)};
	snprintf(path, sizeof path, "/proc/%d/exe", lwp);
	if (stat(path, &exe) == 0) {
		ret->device = exe.st_dev;
		ret->inode = exe.st_ino;
	}
	return ret->code != 0;
}

bool scl_program_same(const struct scl_program *a, const struct scl_program *b)
{
	return a->device == b->device && a->inode == b->inode && a->code == b->code && a->stack == b->stack;
}

/* -- the signal that stops it --------------------------------------------------------------------------- */

bool scl_tracee_can_stop(int pid, int lwp, scl_tracer_fn *ours, struct scl_tracee_status *status)
{
	return lwp > 0 && scl_tracee_status(pid, lwp, status) && !strchr("ZXx", status->state) && status->tracer &&
	       ours(status->tracer);
}

static bool takes_sigint(const struct scl_tracee_status *status)
{
	return !(status->blocked >> (SIGINT - 1) & 1);
}

/* The preferred thread; else the first that takes SIGINT, else any that is ours. 0: none. */
static int choose(int pid, int preferred, scl_tracer_fn *ours, struct scl_tracee_status *status)
{
	char path[64];
	struct dirent *entry;
	struct scl_tracee_status other;
	int found = 0;
	DIR *dir;

	if (scl_tracee_can_stop(pid, preferred, ours, status))
		return preferred;
	snprintf(path, sizeof path, "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		int lwp = (int)strtol(entry->d_name, NULL, 10);

		if (!scl_tracee_can_stop(pid, lwp, ours, &other) || (found && !takes_sigint(&other)))
			continue;
		found = lwp;
		*status = other;
		if (takes_sigint(status))
			break;
	}
	if (dir)
		closedir(dir);
	return found;
}

bool scl_tracee_takes_sigint(int pid, scl_tracer_fn *ours)
{
	struct scl_tracee_status status;

	return choose(pid, 0, ours, &status) && takes_sigint(&status);
}

bool scl_tracee_is_traced(int pid, scl_tracer_fn *ours)
{
	struct scl_tracee_status status;

	return choose(pid, pid, ours, &status) != 0;
}

/* When the process began; 0 where it is not ours to stop, stands or is gone. */
static uint64_t running_since(int pid, scl_tracer_fn *ours)
{
	struct scl_tracee_status status;

	return scl_tracee_can_stop(pid, pid, ours, &status) && status.state != 't'
		       ? scl_tracee_stat(pid, SCL_STAT_STARTTIME)
		       : 0;
}

static int find_running(scl_tracer_fn *ours)
{
	uint64_t youngest = 0;
	struct dirent *entry;
	int found = 0;
	DIR *dir = opendir("/proc");

	while (dir && (entry = readdir(dir))) {
		int pid = (int)strtol(entry->d_name, NULL, 10);
		uint64_t since = pid > 0 ? running_since(pid, ours) : 0;

		if (since && since >= youngest) {
			youngest = since;
			found = pid;
		}
	}
	if (dir)
		closedir(dir);
	return found;
}

int scl_tracee_find_running(scl_tracer_fn *ours)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	int pid = find_running(ours);

	/* A process that runs is in a stop of ptrace(2) for a moment at each signal and fork. */
	for (int tries = 0; !pid && tries < 20; tries++) {
		nanosleep(&pause, NULL);
		pid = find_running(ours);
	}
	return pid;
}

bool scl_tracee_send(int pid, int lwp, bool use_sigint, scl_tracer_fn *ours, struct scl_shot *sent)
{
	for (int tries = 0; tries < 8; tries++) {
		struct scl_tracee_status status = {0};
		int chosen = choose(pid, lwp, ours, &status);
		struct scl_shot shot = {pid, chosen, use_sigint && takes_sigint(&status) ? SIGINT : SIGSTOP};

		if (!chosen)
			return false;
		/* The sampled debuggee may stop at once: what was sent is noted before. */
		*sent = shot;
		if (syscall(SYS_tgkill, pid, chosen, shot.number) == 0)
			return true;
		sent->number = 0; /* the thread ended in between */
	}
	return false;
}

bool scl_shot_is_pending(const struct scl_shot *sent)
{
	struct scl_tracee_status status;

	return sent->number && scl_tracee_status(sent->pid, sent->lwp, &status) &&
	       (status.pending >> (sent->number - 1) & 1);
}
