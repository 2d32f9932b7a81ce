/* core.c - opening a core, and what it answers; see core.h. */
#include "target/core.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "target/core_parts.h"
#include "target/path.h"
#include "target/root.h"

static bool core_for_each_module(struct scl_target *t, scl_module_fn *fn, void *arg, struct scl_error *err)
{
	struct scl_core *core = scl_core_of(t);

	if (core->n_mappings == 0)
		return scl_fail(
			err, SCL_ENOTFOUND,
			"%s does not say which files were mapped (it has no NT_FILE note): it is truncated, or not "
			"from Linux",
			core->name);
	for (size_t i = 0; i < core->n_modules; i++)
		if (!fn(&core->modules[i].module, arg))
			break;
	return true;
}

static int core_open_module(struct scl_target *t, const struct scl_module *m)
{
	struct scl_core_module *module = scl_core_module_at(scl_core_of(t), m->start);
	int fd = module ? scl_core_module_file(scl_core_of(t), module) : -1;

	errno = ENOENT;
	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

static void core_explain_module(struct scl_target *t, const struct scl_module *m, struct scl_error *err)
{
	const struct scl_core_module *module = scl_core_module_at(scl_core_of(t), m->start);

	scl_error_set(err, SCL_EIO, ENOENT, 0, "%s%s", module ? module->why : "the core has no such module",
		      !module	? ""
		      : m->main ? "; name the right one with -e EXE, or a directory with its files with --sysroot DIR"
				: "; name a directory with the files of that machine with --sysroot DIR");
}

/* -- files -------------------------------------------------------------------------------------------------------- */

/* A core does not tell its working directory: this is where the process was started, as far as its shell said so. */
static bool core_cwd(struct scl_target *t, char *buf, size_t cap, struct scl_error *err)
{
	(void)err;
	if (cap && (!scl_core_getenv(t, "PWD", buf, cap, NULL) || buf[0] != '/'))
		buf[0] = '\0';
	return true;
}

static bool absolute(struct scl_target *t, const char *path, char *buf, size_t cap)
{
	char cwd[SCL_PATH_MAX] = "";

	if (path[0] != '/' && (!core_cwd(t, cwd, sizeof cwd, NULL) || !cwd[0]))
		return false;
	return snprintf(buf, cap, "%s%s%s", cwd, path[0] == '/' ? "" : "/", path) < (int)cap;
}

static int core_open_file(struct scl_target *t, const char *path)
{
	char whole[SCL_PATH_MAX];

	errno = ENOENT;
	return absolute(t, path, whole, sizeof whole) ? scl_root_open(scl_core_of(t)->root, whole) : -1;
}

static void core_realpath(struct scl_target *t, const char *path, char *buf, size_t cap)
{
	char whole[SCL_PATH_MAX], name[32], found[SCL_PATH_MAX], root[SCL_PATH_MAX];
	struct scl_core *core = scl_core_of(t);

	if (!absolute(t, path, whole, sizeof whole)) {
		scl_path_clean(path, buf, cap);
		return;
	}
	int fd = scl_root_find(core->root, whole);
	bool ok = fd >= 0;
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	ok = ok && scl_root_read_link(AT_FDCWD, name, found, sizeof found);
	snprintf(name, sizeof name, "/proc/self/fd/%d", core->root);
	ok = ok && scl_root_read_link(AT_FDCWD, name, root, sizeof root);
	const char *below = ok ? scl_path_below(found, root) : NULL;
	if (below)
		snprintf(buf, cap, "%s", below);
	else
		scl_path_clean(whole, buf, cap);
	if (fd >= 0)
		close(fd);
}

/* -- threads ------------------------------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static bool core_for_each_lwp(struct scl_target *t, scl_lwp_fn *fn, void *arg, struct scl_error *err)
{
	struct scl_core *core = scl_core_of(t);
	uint64_t first = (uint64_t)t->pid;
	uint64_t *ids = calloc(core->n_lwps + 1, sizeof *ids);

	if (!ids)
		return scl_fail_errno(err, SCL_ENOMEM, ENOMEM, "out of memory");
	for (size_t i = 0; i < core->n_lwps; i++)
		ids[i] = core->lwps[i].id;
	qsort(ids, core->n_lwps, sizeof *ids, by_number);
	bool more = !bsearch(&first, ids, core->n_lwps, sizeof *ids, by_number) || fn(first, arg);
	for (size_t i = 0; more && i < core->n_lwps; i++)
		more = ids[i] == first || (i > 0 && ids[i] == ids[i - 1]) || fn(ids[i], arg);
	free(ids);
	return true;
}

/*
 * A minidump has no orig_rax. In the C library the number is loaded right before the call: mov $NUMBER,%eax; syscall. The
 * code may be in the library's file alone, so this is asked when it is known.
 */
static void find_syscall(struct scl_core *core, struct scl_core_lwp *lwp)
{
	uint8_t code[7];
	const struct scl_span span = {.addr = lwp->blocked_at - sizeof code, .to = code, .size = sizeof code};
	uint32_t number;

	lwp->blocked_at = 0;
	if (!scl_core_read(&core->base, &span, 1, NULL) || code[0] != 0xb8 || code[5] != 0x0f || code[6] != 0x05)
		return;
	memcpy(&number, code + 1, sizeof number);
	lwp->syscall = number;
}

/* What a thread did last, from its registers: a core has no letters for states. */
static bool core_lwp_status(struct scl_target *t, uint64_t id, unsigned want, struct scl_lwp_status *ret,
			    struct scl_error *err)
{
	struct scl_core *core = scl_core_of(t);
	struct scl_core_lwp *lwp = NULL;

	for (size_t i = 0; i < core->n_lwps && !lwp; i++)
		if (core->lwps[i].id == id)
			lwp = &core->lwps[i];
	if (!lwp)
		return scl_fail(err, SCL_EGONE, "the core has no thread %" PRIu64, id);
	if (lwp->blocked_at)
		find_syscall(core, lwp);
	if (want & SCL_LWP_STAT)
		ret->state = !lwp->has_registers ? '?' : lwp->blocked ? 'S' : 'R';
	if ((want & SCL_LWP_SYSCALL) && lwp->blocked && lwp->syscall != UINT64_MAX) {
		ret->in_syscall = true;
		ret->syscall = (int64_t)lwp->syscall;
		memcpy(ret->args, lwp->args, sizeof ret->args);
	}
	if ((want & SCL_LWP_NAME) && id == (uint64_t)t->pid)
		snprintf(ret->name, sizeof ret->name, "%s", core->fname);
	return true;
}

static bool core_death(struct scl_target *t, struct scl_death *ret, struct scl_error *err)
{
	const struct scl_core *core = scl_core_of(t);

	if (core->n_lwps == 0)
		return scl_fail(err, SCL_ENOTFOUND,
				"%s has no thread (no NT_PRSTATUS note): it is truncated or corrupt", core->name);
	*ret = core->death;
	return true;
}

uint64_t scl_core_missing_bytes(struct scl_target *t)
{
	return scl_target_is_dead(t) ? scl_core_of(t)->missing : 0;
}

/* -- opening ------------------------------------------------------------------------------------------------------- */

static void core_close(struct scl_target *t)
{
	struct scl_core *core = scl_core_of(t);

	for (size_t i = 0; i < core->n_modules; i++)
		if (core->modules[i].fd >= 0)
			close(core->modules[i].fd);
	if (core->fd >= 0)
		close(core->fd);
	if (core->root >= 0)
		close(core->root);
	scl_arena_destroy(&core->arena);
	free(core);
}

static const struct scl_target_ops core_ops = {
	.name = "core",
	.dead = true,
	.read = scl_core_read,
	.for_each_module = core_for_each_module,
	.open_file = core_open_file,
	.open_module = core_open_module,
	.explain_module = core_explain_module,
	.death = core_death,
	.command_line = scl_core_command_line,
	.cwd = core_cwd,
	.getenv = scl_core_getenv,
	.realpath = core_realpath,
	.for_each_lwp = core_for_each_lwp,
	.lwp_status = core_lwp_status,
	.close = core_close,
};

static const char *copy(struct scl_core *core, const char *text)
{
	return text ? scl_arena_strndup(&core->arena, text, strlen(text)) : NULL;
}

/* A name of ours, as messages show it; a path without a symbolic link's help, since one is resolved from its root. */
static bool take_options(struct scl_core *core, const char *name, const struct scl_core_options *options,
			 struct scl_error *err)
{
	char shown[SCL_PATH_MAX];

	core->name = copy(core, scl_path_show(name, shown, sizeof shown));
	core->exe = copy(core, options->exe);
	core->sysroot = copy(core, options->sysroot);
	if (!core->name || (options->exe && !core->exe) || (options->sysroot && !core->sysroot))
		return scl_fail_errno(err, SCL_ENOMEM, ENOMEM, "out of memory");
	core->root = open(core->sysroot ? core->sysroot : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (core->root < 0)
		return scl_fail_errno(err, SCL_EIO, errno, "cannot open the sysroot %s: %s",
				      scl_path_show(core->sysroot ? core->sysroot : "/", shown, sizeof shown),
				      strerror(errno));
	return true;
}

/* A program that the user names must be the one: an answer from another one's would be nonsense. */
static bool check_exe(struct scl_core *core, struct scl_error *err)
{
	for (size_t i = 0; core->exe && i < core->n_modules; i++)
		if (core->modules[i].module.main && scl_core_module_file(core, &core->modules[i]) < 0)
			return scl_fail(err, SCL_EIO, "%s", core->modules[i].why);
	return true;
}

struct scl_target *scl_core_open_fd(int fd, const char *name, const struct scl_core_options *options,
				    struct scl_error *err)
{
	struct scl_core *core = calloc(1, sizeof *core);

	if (!core) {
		close(fd);
		scl_error_set(err, SCL_ENOMEM, ENOMEM, 0, "out of memory");
		return NULL;
	}
	scl_target_init(&core->base, &core_ops, 0);
	core->fd = fd;
	core->root = -1;
	if (!take_options(core, name, options, err) || !scl_core_parse(core, err) ||
	    !scl_core_find_modules(core, err) || !check_exe(core, err)) {
		core_close(&core->base);
		return NULL;
	}
	return &core->base;
}

struct scl_target *scl_core_open(const char *path, const struct scl_core_options *options, struct scl_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char shown[256];

	if (fd >= 0)
		return scl_core_open_fd(fd, path, options, err);
	scl_error_set(err, SCL_EIO, errno, 0, "cannot open %s: %s", scl_path_show(path, shown, sizeof shown),
		      strerror(errno));
	return NULL;
}
