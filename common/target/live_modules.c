/* live_modules.c - the ELF files that are mapped into a running process, from /proc/PID/maps. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target/elf_headers.h"
#include "target/live.h"
#include "target/live_process.h"
#include "target/proc_maps.h"

enum { LOOK_AHEAD = 16 };

static const char deleted[] = " (deleted)";

struct modules {
	struct scl_live *live;
	struct scl_mapping *maps;
	size_t n;
	char exe[SCL_PATH_MAX]; /* "" where not known */
	char root[SCL_PATH_MAX];
};

struct memory {
	struct scl_target *t;
	const struct scl_mapping *map; /* of the file's beginning */
};

static bool bytes_of_memory(void *source, uint64_t offset, void *to, size_t n)
{
	const struct memory *memory = source;
	const struct scl_mapping *map = memory->map;
	struct scl_span span = {.addr = map->start + offset, .to = to, .size = n};

	if (offset > map->end - map->start || n > map->end - map->start - offset)
		return false;
	return memory->t->ops->read(memory->t, &span, 1, NULL);
}

static bool bytes_of_file(void *source, uint64_t offset, void *to, size_t n)
{
	return offset <= INT64_MAX && pread(*(const int *)source, to, n, (off_t)offset) == (ssize_t)n;
}

static bool same_file(const struct scl_mapping *a, const struct scl_mapping *b)
{
	return a->inode == b->inode && a->dev_major == b->dev_major && a->dev_minor == b->dev_minor &&
	       strcmp(a->path, b->path) == 0;
}

/*
 * Whether the file of this mapping is mapped executable here or a little further on, as a loader does it. Other files are
 * left alone: a look at their first bytes might have to wait for a disk or a server.
 */
static bool leads_to_code(const struct modules *all, size_t first)
{
	for (size_t i = first; i < all->n && i < first + LOOK_AHEAD; i++)
		if (all->maps[i].executable && same_file(&all->maps[first], &all->maps[i]))
			return true;
	return false;
}

/* Only the first mapping of the file's beginning can start a module; without one, an executable mapping can. */
static bool read_load(struct modules *all, const struct scl_mapping *map, struct scl_elf_load *load)
{
	struct memory memory = {.t = &all->live->base, .map = map};

	if (map->offset == 0 && map->readable && scl_elf_load_read(bytes_of_memory, &memory, load))
		return true;
	if (!map->executable)
		return false;
	struct scl_module module = {.path = scl_live_seen(map->path, all->root), .start = map->start, .end = map->end};
	int fd = scl_live_open_module(&all->live->base, &module);
	if (fd < 0)
		return false;
	bool ok = scl_elf_load_read(bytes_of_file, &fd, load);
	close(fd);
	return ok;
}

/*
 * The module that begins with mapping `first`: all mappings of the same file up to where its program headers end. The
 * same file further up is another instance, or a plain mmap(2) of it.
 */
static bool collect(struct modules *all, size_t first, bool *taken, struct scl_module *ret)
{
	const struct scl_mapping *map = &all->maps[first];
	struct scl_elf_load load;

	if (!read_load(all, map, &load))
		return false;
	scl_addr bias = scl_elf_bias(&load, map->start, map->offset);
	*ret = (struct scl_module){
		.path = scl_live_seen(map->path, all->root), .start = map->start, .end = map->end, .bias = bias};
	for (size_t i = first; i < all->n; i++) {
		if (i > first && all->maps[i].start - bias >= load.end)
			break;
		if (!same_file(map, &all->maps[i]))
			continue;
		taken[i] = true;
		ret->end = all->maps[i].end;
		ret->executable = ret->executable || all->maps[i].executable;
	}
	ret->main = ret->executable && strcmp(map->path, all->exe) == 0;
	return true;
}

static bool walk(struct modules *all, scl_module_fn *fn, void *arg, struct scl_error *err)
{
	bool *taken = calloc(all->n + 1, sizeof *taken);

	if (!taken)
		return scl_fail_errno(err, SCL_ENOMEM, ENOMEM, "out of memory");
	for (size_t i = 0; i < all->n; i++) {
		struct scl_module module;
		if (taken[i] || all->maps[i].inode == 0 || all->maps[i].path[0] != '/')
			continue;
		if (leads_to_code(all, i) && collect(all, i, taken, &module) && !fn(&module, arg))
			break;
	}
	free(taken);
	return true;
}

/* The program's path as in maps, that is: from our own root. */
static void read_exe(struct modules *all)
{
	ssize_t len = readlinkat(all->live->own, "exe", all->exe, sizeof all->exe - 1);

	all->exe[len > 0 ? len : 0] = '\0';
}

bool scl_live_for_each_module(struct scl_target *t, scl_module_fn *fn, void *arg, struct scl_error *err)
{
	struct modules all = {.live = scl_live_of(t)};
	struct scl_buffer text = {0};

	if (!scl_live_slurp(all.live->own, "maps", &text)) {
		scl_buffer_destroy(&text);
		return scl_live_fail_proc(all.live, "maps", errno, err);
	}
	if (!text.data) { /* a process without memory has just ended, or is about to */
		scl_buffer_destroy(&text);
		return scl_live_fail_gone(all.live, err);
	}
	read_exe(&all);
	scl_live_root(all.live, all.root, sizeof all.root);
	bool ok = scl_proc_maps_parse(text.data, &all.maps, &all.n, err) && walk(&all, fn, arg, err);
	free(all.maps);
	scl_buffer_destroy(&text);
	return ok;
}

/* The link /proc/PID/map_files/START-END, which needs CAP_CHECKPOINT_RESTORE and works for deleted files. */
static int open_map_file(struct scl_live *live, const struct scl_mapping *map)
{
	char path[64];

	snprintf(path, sizeof path, "map_files/%" PRIx64 "-%" PRIx64, map->start, map->end);
	return openat(live->proc, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

static bool find_mapping(struct scl_live *live, scl_addr start, struct scl_mapping *ret)
{
	struct scl_buffer text = {0};
	struct scl_mapping *maps = NULL;
	size_t n = 0;
	bool found = false;

	if (scl_live_slurp(live->own, "maps", &text) && text.data && scl_proc_maps_parse(text.data, &maps, &n, NULL))
		for (size_t i = 0; i < n && !found; i++)
			if (maps[i].start == start) {
				*ret = maps[i];
				ret->path = NULL;
				found = true;
			}
	free(maps);
	scl_buffer_destroy(&text);
	return found;
}

static bool is_inode(int fd, uint64_t inode)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (uint64_t)st.st_ino == inode;
}

static int open_deleted(struct scl_live *live, const struct scl_module *m)
{
	struct scl_mapping map;

	if (!find_mapping(live, m->start, &map)) {
		errno = ENOENT;
		return -1;
	}
	/* A file may really be called that. */
	int fd = scl_live_open_file(&live->base, m->path);
	if (fd >= 0 && is_inode(fd, map.inode))
		return fd;
	if (fd >= 0)
		close(fd);
	fd = open_map_file(live, &map);
	if (fd >= 0)
		return fd;
	fd = openat(live->own, "exe", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || is_inode(fd, map.inode))
		return fd;
	close(fd);
	errno = ENOENT;
	return -1;
}

int scl_live_open_module(struct scl_target *t, const struct scl_module *m)
{
	size_t len = strlen(m->path), tail = sizeof deleted - 1;

	if (len > tail && strcmp(m->path + len - tail, deleted) == 0)
		return open_deleted(scl_live_of(t), m);
	return scl_live_open_file(t, m->path);
}
