/*
 * core.h - a core dump as a target: core(5), elf(5).
 *
 * What the core has is read from it; a page that was not saved, because a file has it, comes from that file, when its
 * build id, or else its headers, are those that the core has in memory. The core's file is read, never mapped: it may be
 * truncated meanwhile, and SIGBUS would end the debugger.
 */
#ifndef SCL_TARGET_CORE_H
#define SCL_TARGET_CORE_H

#include "target/target.h"

struct scl_core_options {
	const char *exe;     /* the program's file by a path of ours; NULL: by the core's own name for it */
	const char *sysroot; /* directory that has the files of the machine or container; NULL: "/" */
};

/*
 * Open the core in descriptor `fd`, which is the target's from now on, also on failure; `name` is for messages. What is
 * missing of a truncated core is named when it is asked for. SCL_EIO (no such sysroot, no ELF file), SCL_EUNSUPPORTED (no
 * core, or of another kind of machine).
 */
struct scl_target *scl_core_open_fd(int fd, const char *name, const struct scl_core_options *options,
				    struct scl_error *err);
/* The same by its path. */
struct scl_target *scl_core_open(const char *path, const struct scl_core_options *options, struct scl_error *err);

/* One file that the process had mapped as a program or library. */
struct scl_core_file {
	const char *path;
	const char *build_id; /* in hexadecimal, as in the core's memory; "" where it has none or it was not saved */
	bool main;	      /* the program itself */
	const char *problem;  /* why its file is not used; NULL: it is */
};
typedef bool scl_core_file_fn(const struct scl_core_file *file, void *arg);
/* All of them, each looked for now; nothing where the target is no core. */
void scl_core_for_each_file(struct scl_target *t, scl_core_file_fn *fn, void *arg);
/* How many bytes the file lacks of those that its headers promise; 0: whole. */
uint64_t scl_core_missing_bytes(struct scl_target *t);

#endif
