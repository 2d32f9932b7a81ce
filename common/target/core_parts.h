/* core_parts.h - the inside of a core target, for core*.c alone. */
#ifndef SCL_TARGET_CORE_PARTS_H
#define SCL_TARGET_CORE_PARTS_H

#include "base/arena.h"
#include "target/backend.h"
#include "target/core.h"
#include "target/elf_headers.h"

enum { SCL_CORE_BUILD_ID_TEXT = 2 * SCL_BUILD_ID_MAX + 1, SCL_CORE_WHY = 512 };

/* A PT_LOAD, or a range of a minidump: memory [start, end), of which the first `saved` bytes are at `offset` of the file. */
struct scl_core_segment {
	scl_addr start, end;
	uint64_t offset, saved;
	bool writable;
};

/* An entry of NT_FILE, or of a minidump's copy of /proc/PID/maps. */
struct scl_core_mapping {
	scl_addr start, end;
	uint64_t offset;
	const char *path;
};

/* A thread, from its NT_PRSTATUS or its CONTEXT. */
struct scl_core_lwp {
	uint64_t id;
	int signal;
	bool has_registers, blocked; /* in a system call */
	uint64_t stack_pointer;	     /* 0 without registers */
	scl_addr blocked_at; /* the instruction after a system call whose number has not been looked for; else 0 */
	uint64_t syscall, args[6]; /* UINT64_MAX: not known */
};

struct scl_core_module {
	struct scl_module module;
	uint8_t id[SCL_BUILD_ID_MAX];
	size_t id_size;
	bool known; /* the core has its headers */
	bool tried; /* `fd` or `why` says what came of it */
	int fd;	    /* the file, -1: there is none that can be used */
	char why[SCL_CORE_WHY];
};

struct scl_core {
	struct scl_target base;
	struct scl_arena arena;
	int fd, root;
	const char *name, *exe, *sysroot; /* the last two may be NULL */
	uint64_t size, missing;
	bool minidump;

	struct scl_core_segment *segments; /* ascending */
	size_t n_segments;
	struct scl_core_mapping *mappings; /* ascending */
	size_t n_mappings;
	struct scl_core_module *modules;
	size_t n_modules;
	struct scl_core_lwp *lwps; /* in the order of the file */
	size_t n_lwps, lwps_cap;

	char fname[17]; /* comm of the main thread */
	bool has_siginfo;
	struct scl_death death;
	const uint64_t *auxv; /* pairs */
	size_t n_auxv;
	bool looked_for_stack; /* `strings` are what there is */
	const scl_addr *argv, *envp;
	size_t argc, envc;
};

/* Segments and notes, from the file. */
SCL_CHECKED bool scl_core_parse(struct scl_core *core, struct scl_error *err);
/* The same from a minidump. */
bool scl_core_is_minidump(const struct scl_core *core);
SCL_CHECKED bool scl_core_parse_minidump(struct scl_core *core, struct scl_error *err);
/* Segments and mappings ascending. */
void scl_core_sort(struct scl_core *core);
/* Is this what a system call returns that a signal has interrupted? */
bool scl_core_was_blocked(uint64_t result);
/* Modules, from mappings and memory. */
SCL_CHECKED bool scl_core_find_modules(struct scl_core *core, struct scl_error *err);
/* The value of an entry of the auxiliary vector, getauxval(3); 0 where there is none. */
uint64_t scl_core_auxval(const struct scl_core *core, uint64_t type);
/* Bytes that the core itself has, all of them or none. */
bool scl_core_read_saved(const struct scl_core *core, scl_addr addr, void *to, size_t size);
bool scl_core_read(struct scl_target *t, const struct scl_span *spans, size_t n, struct scl_error *err);
/* The module's own file, the core's to close; -1, and module->why says why. */
int scl_core_module_file(struct scl_core *core, struct scl_core_module *module);
struct scl_core_module *scl_core_module_at(struct scl_core *core, scl_addr addr);
/* pread(2) to the end; false when there is less. */
bool scl_core_pread(int fd, void *to, size_t size, uint64_t offset);

/* What the kernel put on the first stack: arguments and environment. */
bool scl_core_command_line(struct scl_target *t, struct scl_arena *arena, const char *const **argv, size_t *argc,
			   struct scl_error *err);
bool scl_core_getenv(struct scl_target *t, const char *name, char *buf, size_t cap, struct scl_error *err);

static inline struct scl_core *scl_core_of(struct scl_target *t)
{
	return (struct scl_core *)t;
}

#endif
