/* target.c - what every target answers: the back end where it can, the shared layer where it cannot. */
#include "target/target.h"

#include <errno.h>
#include <string.h>

#include "target/backend.h"
#include "target/elf.h"
#include "target/fd.h"
#include "target/page_cache.h"
#include "target/path.h"

void scl_target_init(struct scl_target *t, const struct scl_target_ops *ops, int pid)
{
	*t = (struct scl_target){.ops = ops, .pid = pid, .ceiling = {.calls = UINT64_MAX, .bytes = UINT64_MAX}};
}

void scl_target_close(struct scl_target *t)
{
	if (!t)
		return;
	scl_page_cache_destroy(t->cache);
	scl_elf_cache_destroy(t->elves);
	t->ops->close(t);
}

const char *scl_target_kind(const struct scl_target *t)
{
	return t->ops->name;
}

int scl_target_pid(const struct scl_target *t)
{
	return t->pid;
}

bool scl_for_each_module(struct scl_target *t, scl_module_fn *fn, void *arg, struct scl_error *err)
{
	if (!t->ops->for_each_module)
		return scl_fail(err, SCL_EUNSUPPORTED, "this target (%s) knows no modules", t->ops->name);
	return t->ops->for_each_module(t, fn, arg, err);
}

bool scl_find_symbol(struct scl_target *t, const struct scl_module *module, const char *name, struct scl_symbol *ret,
		     struct scl_error *err)
{
	if (t->ops->find_symbol)
		return t->ops->find_symbol(t, module, name, ret, err);
	return scl_elf_find_symbol(t, module, name, ret, err);
}

bool scl_find_section(struct scl_target *t, const struct scl_module *module, const char *name, struct scl_symbol *ret,
		      struct scl_error *err)
{
	if (t->ops->find_section)
		return t->ops->find_section(t, module, name, ret, err);
	return scl_elf_find_section(t, module, name, ret, err);
}

bool scl_module_build_id(struct scl_target *t, const struct scl_module *module, char *buf, size_t cap,
			 struct scl_error *err)
{
	return scl_elf_build_id(t, module, buf, cap, err);
}

int scl_target_open_file(struct scl_target *t, const char *path)
{
	if (t->ops->open_file)
		return t->ops->open_file(t, path);
	errno = ENOENT;
	return -1;
}

bool scl_target_command_line(struct scl_target *t, struct scl_arena *arena, const char *const **argv, size_t *argc,
			     struct scl_error *err)
{
	static const char *const none[] = {NULL};

	if (t->ops->command_line)
		return t->ops->command_line(t, arena, argv, argc, err);
	*argv = none;
	*argc = 0;
	return true;
}

bool scl_target_cwd(struct scl_target *t, char *buf, size_t cap, struct scl_error *err)
{
	if (t->ops->cwd)
		return t->ops->cwd(t, buf, cap, err);
	if (cap > 0)
		buf[0] = '\0';
	return true;
}

bool scl_target_getenv(struct scl_target *t, const char *name, char *buf, size_t cap, struct scl_error *err)
{
	if (t->ops->getenv)
		return t->ops->getenv(t, name, buf, cap, err);
	return scl_fail(err, SCL_ENOTFOUND, "no environment is known");
}

void scl_target_realpath(struct scl_target *t, const char *path, char *buf, size_t cap)
{
	if (t->ops->realpath)
		t->ops->realpath(t, path, buf, cap);
	else
		scl_path_clean(path, buf, cap);
}

bool scl_target_process(struct scl_target *t, struct scl_process *ret, struct scl_error *err)
{
	*ret = (struct scl_process){0};
	if (!t->ops->process)
		return scl_fail(err, SCL_EUNSUPPORTED, "this target (%s) knows no kernel", t->ops->name);
	return t->ops->process(t, ret, err);
}

bool scl_target_is_dead(const struct scl_target *t)
{
	return t->ops->dead;
}

bool scl_target_death(struct scl_target *t, struct scl_death *ret, struct scl_error *err)
{
	*ret = (struct scl_death){0};
	if (!t->ops->death)
		return scl_fail(err, SCL_EUNSUPPORTED, "this target (%s) is no core dump", t->ops->name);
	return t->ops->death(t, ret, err);
}

bool scl_for_each_lwp(struct scl_target *t, scl_lwp_fn *fn, void *arg, struct scl_error *err)
{
	if (!t->ops->for_each_lwp)
		return scl_fail(err, SCL_EUNSUPPORTED, "this target (%s) knows no threads", t->ops->name);
	return t->ops->for_each_lwp(t, fn, arg, err);
}

bool scl_lwp_status(struct scl_target *t, uint64_t lwp, unsigned want, struct scl_lwp_status *ret,
		    struct scl_error *err)
{
	*ret = (struct scl_lwp_status){.state = '?', .syscall = -1};
	if (!t->ops->lwp_status)
		return scl_fail(err, SCL_EUNSUPPORTED, "this target (%s) knows no kernel", t->ops->name);
	return t->ops->lwp_status(t, lwp, want, ret, err);
}

uint64_t scl_lwp_from_inside(struct scl_target *t, uint64_t lwp)
{
	return t->ops->lwp_from_inside ? t->ops->lwp_from_inside(t, lwp) : lwp;
}

bool scl_target_fd(struct scl_target *t, struct scl_fds *fds, int fd, struct scl_fd *ret, struct scl_error *err)
{
	*ret = (struct scl_fd){.kind = SCL_FD_OTHER};
	if (!t->ops->fd)
		return scl_fail(err, SCL_EUNSUPPORTED, "this target (%s) knows no kernel", t->ops->name);
	if (fds)
		return t->ops->fd(t, fds, fd, ret, err);
	fds = scl_fds_create();
	if (!fds)
		return scl_fail_errno(err, SCL_ENOMEM, ENOMEM, "out of memory");
	bool ok = t->ops->fd(t, fds, fd, ret, err);
	scl_fds_destroy(fds);
	return ok;
}
