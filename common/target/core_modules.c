/*
 * core_modules.c - programs and libraries of a core, and their files.
 *
 * The kernel saves the first page of each mapped ELF file (bit 4 of coredump_filter, set by default), gcore the first
 * segment: the headers and the build id. They say where it was loaded, and whether a file of ours is the same.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target/core_parts.h"
#include "target/path.h"
#include "target/root.h"

enum { LOOK_AHEAD = 16, SHOWN = 160, MODULES_MAX = 4096 };

static const char deleted[] = " (deleted)";

struct memory {
	const struct scl_core *core;
	scl_addr start, end; /* the mapping of the file's beginning */
};

static bool bytes_of_memory(void *source, uint64_t offset, void *to, size_t n)
{
	const struct memory *memory = source;

	return offset <= memory->end - memory->start && n <= memory->end - memory->start - offset &&
	       scl_core_read_saved(memory->core, memory->start + offset, to, n);
}

static bool bytes_of_file(void *source, uint64_t offset, void *to, size_t n)
{
	return scl_core_pread(*(const int *)source, to, n, offset);
}

static void hexadecimal(const uint8_t *id, size_t size, char *buf, size_t cap)
{
	buf[0] = '\0';
	for (size_t i = 0; i < size && 2 * i + 3 <= cap; i++)
		snprintf(buf + 2 * i, 3, "%02x", id[i]);
}

/* -- where the file of a module is ---------------------------------------------------------------------------------- */

/* What the core has in memory of a file without a build id: its headers. */
static bool same_headers(struct scl_core *core, const struct scl_core_module *module, int fd)
{
	uint8_t ours[1024], its[1024];
	size_t size = 64 + 8 * 56; /* the head, and program headers as every program has them: elf(5) */

	return !scl_core_read_saved(core, module->module.start, ours, size) ||
	       (scl_core_pread(fd, its, size, 0) && memcmp(ours, its, size) == 0);
}

/* Is this the file that was mapped? False with `why`. */
static bool verify(struct scl_core *core, struct scl_core_module *module, int fd, const char *path)
{
	char shown[SHOWN], want[SCL_CORE_BUILD_ID_TEXT], got[SCL_CORE_BUILD_ID_TEXT];
	struct scl_elf_load load;
	uint8_t id[SCL_BUILD_ID_MAX];
	size_t size = 0;

	scl_path_show(path, shown, sizeof shown);
	if (!scl_elf_load_read(bytes_of_file, &fd, &load)) {
		snprintf(module->why, sizeof module->why, "%s is no program or library", shown);
		return false;
	}
	if (!scl_elf_build_id_read(bytes_of_file, &fd, id, &size))
		size = 0;
	hexadecimal(module->id, module->id_size, want, sizeof want);
	hexadecimal(id, size, got, sizeof got);
	if (module->id_size ? strcmp(want, got) == 0 : same_headers(core, module, fd))
		return true;
	snprintf(module->why, sizeof module->why,
		 "%s is not the file of this core: the core's has build id %s, this one %s", shown,
		 want[0] ? want : "none", got[0] ? got : "none");
	return false;
}

static void explain_missing(const struct scl_core *core, struct scl_core_module *module, const char *looked, int number)
{
	char shown[SHOWN], where[SHOWN], id[SCL_CORE_BUILD_ID_TEXT];
	const char *root = core->sysroot && looked != core->exe ? core->sysroot : "";

	hexadecimal(module->id, module->id_size, id, sizeof id);
	snprintf(module->why, sizeof module->why, "the file of %s%s%s%s is not there: looked at %s%s (%s)",
		 scl_path_show(module->module.path, shown, sizeof shown), id[0] ? " (build id " : "", id,
		 id[0] ? ")" : "", root, scl_path_show(looked, where, sizeof where), strerror(number));
}

/* By a path of ours, which may lead anywhere. */
static int open_exe(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

static int open_candidate(const struct scl_core *core, const struct scl_core_module *module, const char **looked,
			  char *buf, size_t cap)
{
	const char *path = module->module.path;
	size_t len = strlen(path), tail = sizeof deleted - 1;

	if (module->module.main && core->exe) {
		*looked = core->exe;
		return open_exe(core->exe);
	}
	*looked = path;
	int fd = scl_root_open(core->root, path);
	if (fd >= 0 || len <= tail || strcmp(path + len - tail, deleted) != 0)
		return fd;
	/* It has been replaced since, perhaps by the same. */
	snprintf(buf, cap, "%.*s", (int)(len - tail), path);
	*looked = buf;
	return scl_root_open(core->root, buf);
}

int scl_core_module_file(struct scl_core *core, struct scl_core_module *module)
{
	char buf[SCL_PATH_MAX];
	const char *looked;

	if (module->tried)
		return module->fd;
	module->tried = true;
	module->fd = open_candidate(core, module, &looked, buf, sizeof buf);
	if (module->fd < 0) {
		explain_missing(core, module, looked, errno);
	} else if (!verify(core, module, module->fd, looked)) {
		close(module->fd);
		module->fd = -1;
	}
	return module->fd;
}

/* -- modules -------------------------------------------------------------------------------------------------------- */

static bool same_file(const struct scl_core_mapping *a, const struct scl_core_mapping *b)
{
	return strcmp(a->path, b->path) == 0;
}

/* Loaders map a file several times; what is mapped once is data, or no more than a script. */
static bool leads_on(const struct scl_core *core, size_t first)
{
	for (size_t i = first + 1; i < core->n_mappings && i < first + LOOK_AHEAD; i++)
		if (same_file(&core->mappings[first], &core->mappings[i]))
			return true;
	return false;
}

static bool read_load(struct scl_core *core, const struct scl_core_mapping *map, struct scl_core_module *ret,
		      struct scl_elf_load *load)
{
	struct memory memory = {.core = core, .start = map->start, .end = map->end};

	ret->known = scl_elf_load_read(bytes_of_memory, &memory, load);
	if (ret->known) {
		if (!scl_elf_build_id_read(bytes_of_memory, &memory, ret->id, &ret->id_size))
			ret->id_size = 0;
		return true;
	}
	/* A core without the headers of its files: those of the file that has the name, which nothing confirms. */
	int fd = scl_root_open(core->root, map->path);
	bool ok = fd >= 0 && scl_elf_load_read(bytes_of_file, &fd, load);
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool collect(struct scl_core *core, size_t first, bool *taken, struct scl_core_module *ret)
{
	const struct scl_core_mapping *map = &core->mappings[first];
	scl_addr headers = scl_core_auxval(core, AT_PHDR);
	struct scl_elf_load load;

	*ret = (struct scl_core_module){.fd = -1};
	if (map->offset != 0 || map->path[0] != '/' || !leads_on(core, first) || !read_load(core, map, ret, &load))
		return false;
	scl_addr bias = scl_elf_bias(&load, map->start, map->offset);
	ret->module = (struct scl_module){
		.path = map->path, .start = map->start, .end = map->end, .bias = bias, .executable = true};
	for (size_t i = first; i < core->n_mappings; i++) {
		if (i > first && core->mappings[i].start - bias >= load.end)
			break;
		if (!same_file(map, &core->mappings[i]))
			continue;
		taken[i] = true;
		ret->module.end = core->mappings[i].end;
	}
	ret->module.main = headers >= ret->module.start && headers < ret->module.end;
	return true;
}

bool scl_core_find_modules(struct scl_core *core, struct scl_error *err)
{
	bool *taken = scl_arena_calloc(&core->arena, core->n_mappings + 1, sizeof *taken);

	core->modules = scl_arena_calloc(&core->arena, core->n_mappings + 1, sizeof *core->modules);
	if (!taken || !core->modules)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	for (size_t i = 0; i < core->n_mappings && core->n_modules < MODULES_MAX; i++)
		if (!taken[i] && collect(core, i, taken, &core->modules[core->n_modules]))
			core->n_modules++;
	return true;
}

struct scl_core_module *scl_core_module_at(struct scl_core *core, scl_addr addr)
{
	for (size_t i = 0; i < core->n_modules; i++)
		if (addr >= core->modules[i].module.start && addr < core->modules[i].module.end)
			return &core->modules[i];
	return NULL;
}

void scl_core_for_each_file(struct scl_target *t, scl_core_file_fn *fn, void *arg)
{
	struct scl_core *core = scl_core_of(t);
	char id[SCL_CORE_BUILD_ID_TEXT];

	for (size_t i = 0; scl_target_is_dead(t) && i < core->n_modules; i++) {
		struct scl_core_module *module = &core->modules[i];
		hexadecimal(module->id, module->id_size, id, sizeof id);
		struct scl_core_file file = {.path = module->module.path, .build_id = id, .main = module->module.main};
		file.problem = scl_core_module_file(core, module) < 0 ? module->why : NULL;
		if (!fn(&file, arg))
			return;
	}
}
