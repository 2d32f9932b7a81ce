/*
 * backend.h - what a back end gives: one designated initialiser of struct scl_target_ops.
 *
 * Included by back ends and by target.c only. NULL in the table means that the shared layer answers, by
 * "unsupported" or by the ELF reader. A back end's own struct begins with a struct scl_target.
 */
#ifndef SCL_TARGET_BACKEND_H
#define SCL_TARGET_BACKEND_H

#include "target/target.h"

struct scl_page_cache;
struct scl_elf_cache;
struct scl_fd;
struct scl_fds;

struct scl_target_ops {
	const char *name;
	bool dead; /* nothing of it will ever run again */
	/* All of the spans or an error; n is 1..SCL_SPANS_MAX, sizes are 0..SCL_READ_MAX, no span wraps. */
	bool (*read)(struct scl_target *t, const struct scl_span *spans, size_t n, struct scl_error *err);
	bool (*for_each_module)(struct scl_target *t, scl_module_fn *fn, void *arg, struct scl_error *err);
	bool (*find_symbol)(struct scl_target *t, const struct scl_module *m, const char *name, struct scl_symbol *ret,
			    struct scl_error *err);
	bool (*find_section)(struct scl_target *t, const struct scl_module *m, const char *name, struct scl_symbol *ret,
			     struct scl_error *err);
	int (*open_file)(struct scl_target *t, const char *path);
	/* The file that is mapped as `m`, also where its path has been deleted since; NULL: open_file(m->path). */
	int (*open_module)(struct scl_target *t, const struct scl_module *m);
	/* Say why there is no such file, where a system call's error would not; may be NULL. */
	void (*explain_module)(struct scl_target *t, const struct scl_module *m, struct scl_error *err);
	bool (*death)(struct scl_target *t, struct scl_death *ret, struct scl_error *err);
	bool (*command_line)(struct scl_target *t, struct scl_arena *arena, const char *const **argv, size_t *argc,
			     struct scl_error *err);
	bool (*cwd)(struct scl_target *t, char *buf, size_t cap, struct scl_error *err);
	bool (*getenv)(struct scl_target *t, const char *name, char *buf, size_t cap, struct scl_error *err);
	void (*realpath)(struct scl_target *t, const char *path, char *buf, size_t cap);
	bool (*process)(struct scl_target *t, struct scl_process *ret, struct scl_error *err);
	bool (*for_each_lwp)(struct scl_target *t, scl_lwp_fn *fn, void *arg, struct scl_error *err);
	bool (*lwp_status)(struct scl_target *t, uint64_t lwp, unsigned want, struct scl_lwp_status *ret,
			   struct scl_error *err);
	uint64_t (*lwp_from_inside)(struct scl_target *t, uint64_t lwp);
	/* `ret` is zeroed before; `fds` is not NULL. */
	bool (*fd)(struct scl_target *t, struct scl_fds *fds, int fd, struct scl_fd *ret, struct scl_error *err);
	void (*close)(struct scl_target *t); /* frees the back end's own struct, `t` included */
};

struct scl_target {
	const struct scl_target_ops *ops;
	int pid;
	bool still;
	struct scl_read_budget ceiling; /* of `asked`; UINT64_MAX where there is no limit */
	struct scl_read_budget asked;	/* by our callers; reads that the page cache answered are in it */
	struct scl_read_budget spent;	/* by the back end */
	enum scl_status refused;	/* why no read is allowed any more; SCL_OK: they are */
	bool (*stop)(void *arg);	/* may be NULL */
	void *stop_arg;
	struct scl_page_cache *cache; /* NULL until needed, and where memory ran out */
	struct scl_read_log *log;     /* NULL: nobody wants to know */
	struct scl_elf_cache *elves;  /* NULL until needed */
};

/* Fill the shared part; for the `_create` or `_open` of a back end. */
void scl_target_init(struct scl_target *t, const struct scl_target_ops *ops, int pid);

#endif
