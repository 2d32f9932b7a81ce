/*
 * live_files.c - files, command line and environment of a running process, as it sees them itself.
 *
 * Paths are resolved below /proc/PID/root: a symbolic link of a container points into the container, and must not lead
 * us to a file of our own, which we may be allowed to read and the target may not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "target/live_process.h"
#include "target/path.h"
#include "target/root.h"

void scl_live_root(const struct scl_live *live, char *buf, size_t cap)
{
	if (!scl_root_read_link(live->own, "root", buf, cap))
		snprintf(buf, cap, "/");
}

const char *scl_live_seen(const char *path, const char *root)
{
	const char *below = scl_path_below(path, root);

	return below ? below : path;
}

bool scl_live_link(const struct scl_live *live, const char *name, char *buf, size_t cap)
{
	char link[SCL_PATH_MAX], root[SCL_PATH_MAX];

	if (cap == 0 || !scl_root_read_link(live->own, name, link, sizeof link))
		return false;
	scl_live_root(live, root, sizeof root);
	snprintf(buf, cap, "%s", scl_live_seen(link, root));
	return true;
}

/* The path with the working directory before it when it is relative. */
static bool absolute(struct scl_live *live, const char *path, char *buf, size_t cap)
{
	char cwd[SCL_PATH_MAX] = "";

	if (path[0] != '/') {
		if (scl_live_link(live, "cwd", cwd, sizeof cwd))
			memcpy(live->last_cwd, cwd, sizeof cwd);
		else if (live->last_cwd[0])
			memcpy(cwd, live->last_cwd, sizeof cwd);
		else
			return false;
	}
	if (snprintf(buf, cap, "%s%s%s", cwd, path[0] == '/' ? "" : "/", path) < (int)cap)
		return true;
	errno = ENAMETOOLONG;
	return false;
}

int scl_live_open_file(struct scl_target *t, const char *path)
{
	struct scl_live *live = scl_live_of(t);
	char whole[SCL_PATH_MAX];

	if (!absolute(live, path, whole, sizeof whole))
		return -1;
	return scl_root_open(live->root, whole);
}

void scl_live_realpath(struct scl_target *t, const char *path, char *buf, size_t cap)
{
	struct scl_live *live = scl_live_of(t);
	char whole[SCL_PATH_MAX], name[32], found[SCL_PATH_MAX], root[SCL_PATH_MAX];

	if (!absolute(live, path, whole, sizeof whole)) {
		scl_path_clean(path, buf, cap);
		return;
	}
	int fd = scl_root_find(live->root, whole);
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	scl_live_root(live, root, sizeof root);
	if (fd >= 0 && scl_root_read_link(AT_FDCWD, name, found, sizeof found))
		snprintf(buf, cap, "%s", scl_live_seen(found, root));
	else
		scl_path_clean(whole, buf, cap);
	if (fd >= 0)
		close(fd);
}

bool scl_live_command_line(struct scl_target *t, struct scl_arena *arena, const char *const **argv, size_t *argc,
			   struct scl_error *err)
{
	struct scl_live *live = scl_live_of(t);
	struct scl_buffer text = {0};
	size_t n = 0;

	if (!scl_live_slurp(live->own, "cmdline", &text)) {
		scl_buffer_destroy(&text);
		return scl_live_fail_proc(live, "cmdline", errno, err);
	}
	/* A process that wrote over its arguments (setproctitle) may have left no NUL at the end; slurp put one. */
	for (size_t at = 0; at < text.len; at += strlen(text.data + at) + 1)
		n++;
	const char **list = scl_arena_calloc(arena, n + 1, sizeof *list);
	bool ok = list != NULL;
	n = 0;
	for (size_t at = 0; ok && at < text.len;) {
		size_t len = strlen(text.data + at);
		list[n] = scl_arena_strndup(arena, text.data + at, len);
		ok = list[n++] != NULL;
		at += len + 1;
	}
	scl_buffer_destroy(&text);
	*argv = list;
	*argc = n;
	return ok ? true : scl_fail_errno(err, SCL_ENOMEM, ENOMEM, "out of memory");
}

bool scl_live_cwd(struct scl_target *t, char *buf, size_t cap, struct scl_error *err)
{
	struct scl_live *live = scl_live_of(t);

	if (!scl_live_link(live, "cwd", buf, cap))
		return scl_live_fail_proc(live, "cwd", errno, err);
	return true;
}

bool scl_live_getenv(struct scl_target *t, const char *name, char *buf, size_t cap, struct scl_error *err)
{
	struct scl_live *live = scl_live_of(t);
	struct scl_buffer text = {0};
	size_t len = strlen(name);
	bool found = false;

	if (!scl_live_slurp(live->own, "environ", &text)) {
		scl_buffer_destroy(&text);
		return scl_live_fail_proc(live, "environ", errno, err);
	}
	for (size_t at = 0; !found && at < text.len; at += strlen(text.data + at) + 1) {
		const char *entry = text.data + at;
		found = strncmp(entry, name, len) == 0 && entry[len] == '=';
		if (found)
			snprintf(buf, cap, "%s", entry + len + 1);
	}
	scl_buffer_destroy(&text);
	return found ? true : scl_fail(err, SCL_ENOTFOUND, "the process was started without %s", name);
}
