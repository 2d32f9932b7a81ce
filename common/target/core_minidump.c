/*
 * core_minidump.c - a minidump in place of an ELF core, which is what LLDB's `process save-core` writes on Linux.
 *
 * The format is that of minidumpapiset.h (Microsoft), with the streams that Breakpad added for Linux: llvm/BinaryFormat/
 * MinidumpConstants.def, lldb/source/Plugins/ObjectFile/Minidump/MinidumpFileBuilder.cpp. What it has is put where the
 * segments and notes of an ELF core are put, and the rest of a core is the same.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target/core_parts.h"
#include "target/proc_maps.h"
#include "target/proc_status.h"

enum {
	SIGNATURE = 0x504d444d, /* "MDMP" */
	STREAMS_MAX = 1024,
	STREAM_MAX = 256 << 20,
	RANGES_MAX = 1 << 20,
	THREADS_MAX = 1 << 20,
	/* Types of streams. */
	THREAD_LIST = 3,
	MEMORY_LIST = 5,
	EXCEPTION = 6,
	MEMORY64_LIST = 9,
	MISC_INFO = 15,
	LINUX_STATUS = 0x47670004,
	LINUX_AUXV = 0x47670008,
	LINUX_MAPS = 0x47670009,
	/* CONTEXT of x86-64. */
	CONTEXT_RAX = 0x78,
	CONTEXT_RDX = 0x88,
	CONTEXT_RSP = 0x98,
	CONTEXT_RSI = 0xa8,
	CONTEXT_RDI = 0xb0,
	CONTEXT_R8 = 0xb8,
	CONTEXT_RIP = 0xf8,
	CONTEXT_END = 0x100,
};

struct head {
	uint32_t signature, version, streams, directory, checksum, time;
	uint64_t flags;
};

struct stream {
	uint32_t type, size, at;
};

struct range {
	uint64_t start;
	uint32_t size, at;
};

struct range64 {
	uint64_t start, size;
};

struct thread {
	uint32_t id, suspended, priority_class, priority;
	uint64_t teb;
	struct range stack;
	uint32_t context_size, context;
};

struct exception {
	uint32_t thread, unused, code, flags;
	uint64_t record, address;
};

static bool read_at(const struct scl_core *core, uint64_t at, void *to, size_t size)
{
	return size <= core->size && at <= core->size - size && scl_core_pread(core->fd, to, size, at);
}

bool scl_core_is_minidump(const struct scl_core *core)
{
	uint32_t signature;

	return read_at(core, 0, &signature, sizeof signature) && signature == SIGNATURE;
}

/* -- memory ------------------------------------------------------------------------------------------------------- */

static bool make_segments(struct scl_core *core, size_t n, struct scl_error *err)
{
	core->segments = scl_arena_calloc(&core->arena, n + 1, sizeof *core->segments);
	return core->segments ? true : scl_fail(err, SCL_ENOMEM, "out of memory");
}

static void add_range(struct scl_core *core, scl_addr start, uint64_t size, uint64_t at)
{
	if (size == 0 || start > UINT64_MAX - size || size > INT64_MAX || at > INT64_MAX - size)
		return;
	core->segments[core->n_segments++] =
		(struct scl_core_segment){.start = start, .end = start + size, .offset = at, .saved = size};
	if (at + size > core->size && at + size - core->size > core->missing)
		core->missing = at + size - core->size;
}

/* The bytes of all ranges follow each other. */
static bool read_memory64(struct scl_core *core, const struct stream *stream, struct scl_error *err)
{
	uint64_t head[2];
	struct range64 range;

	if (core->segments || !read_at(core, stream->at, head, sizeof head) || head[0] > RANGES_MAX)
		return true;
	if (!make_segments(core, (size_t)head[0], err))
		return false;
	uint64_t at = head[1];
	for (size_t i = 0; i < head[0] && at <= INT64_MAX; i++) {
		if (!read_at(core, stream->at + sizeof head + i * sizeof range, &range, sizeof range) ||
		    range.size > INT64_MAX)
			break;
		add_range(core, range.start, range.size, at);
		at += range.size;
	}
	scl_core_sort(core);
	return true;
}

static bool read_memory(struct scl_core *core, const struct stream *stream, struct scl_error *err)
{
	uint32_t n;
	struct range range;

	if (core->segments || !read_at(core, stream->at, &n, sizeof n) || n > RANGES_MAX)
		return true;
	if (!make_segments(core, n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (read_at(core, stream->at + sizeof n + i * sizeof range, &range, sizeof range))
			add_range(core, range.start, range.size, range.at);
	scl_core_sort(core);
	return true;
}

/* -- threads ------------------------------------------------------------------------------------------------------ */

static uint64_t word(const uint8_t *context, size_t at)
{
	uint64_t value;

	memcpy(&value, context + at, sizeof value);
	return value;
}

static void read_context(struct scl_core *core, struct scl_core_lwp *lwp, const struct thread *thread)
{
	static const uint16_t args[] = {CONTEXT_RDI,	 CONTEXT_RSI, CONTEXT_RDX,
					CONTEXT_R8 + 16, CONTEXT_R8,  CONTEXT_R8 + 8};
	uint8_t context[CONTEXT_END];

	if (thread->context_size < sizeof context || !read_at(core, thread->context, context, sizeof context))
		return;
	lwp->has_registers = true;
	lwp->stack_pointer = word(context, CONTEXT_RSP);
	lwp->blocked = scl_core_was_blocked(word(context, CONTEXT_RAX));
	lwp->blocked_at = lwp->blocked ? word(context, CONTEXT_RIP) : 0;
	for (size_t i = 0; i < sizeof args / sizeof args[0]; i++)
		lwp->args[i] = word(context, args[i]);
}

static bool read_threads(struct scl_core *core, const struct stream *stream, struct scl_error *err)
{
	uint32_t n;
	struct thread thread;

	if (core->lwps || !read_at(core, stream->at, &n, sizeof n) || n > THREADS_MAX)
		return true;
	core->lwps = scl_arena_calloc(&core->arena, (size_t)n + 1, sizeof *core->lwps);
	if (!core->lwps)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		if (!read_at(core, stream->at + sizeof n + i * sizeof thread, &thread, sizeof thread))
			break;
		struct scl_core_lwp *lwp = &core->lwps[core->n_lwps++];
		*lwp = (struct scl_core_lwp){.id = thread.id, .syscall = UINT64_MAX};
		read_context(core, lwp, &thread);
	}
	return true;
}

/* On Linux the code is the number of a signal, the flags are its si_code. */
static void read_exception(struct scl_core *core, const struct stream *stream)
{
	struct exception e;

	if (core->has_siginfo || !read_at(core, stream->at, &e, sizeof e))
		return;
	core->has_siginfo = true;
	core->death = (struct scl_death){.lwp = e.thread,
					 .signal = e.code < (uint32_t)SIGRTMAX ? (int)e.code : 0,
					 .code = (int)e.flags,
					 .has_address = e.address != 0,
					 .address = e.address};
}

static void finish_death(struct scl_core *core)
{
	struct scl_death *death = &core->death;

	if (core->n_lwps > 0 && death->lwp == 0)
		death->lwp = core->lwps[0].id;
	for (size_t i = 0; i < core->n_lwps; i++)
		if (core->lwps[i].id == death->lwp)
			death->stack_pointer = core->lwps[i].stack_pointer;
}

/* -- what the kernel said of the process -------------------------------------------------------------------------- */

/* A whole stream, with a null behind it; NULL when it is not there or too long. */
static char *read_text(struct scl_core *core, const struct stream *stream)
{
	char *text = stream->size <= STREAM_MAX && stream->size <= core->size
			     ? scl_arena_alloc(&core->arena, (size_t)stream->size + 1)
			     : NULL;

	if (!text || !read_at(core, stream->at, text, stream->size))
		return NULL;
	text[stream->size] = '\0';
	return text;
}

/* `read` segments, ascending, have been saved: of the others those that may have been written to are known to be lost. */
static void add_lost(struct scl_core *core, const struct scl_mapping *map, size_t read, size_t *at)
{
	while (*at < read && core->segments[*at].end <= map->start)
		++*at;
	if (*at < read && core->segments[*at].start < map->end)
		core->segments[*at].writable = map->writable;
	else if (map->writable)
		core->segments[core->n_segments++] =
			(struct scl_core_segment){.start = map->start, .end = map->end, .writable = true};
}

static bool take_maps(struct scl_core *core, const struct scl_mapping *maps, size_t n, struct scl_error *err)
{
	size_t read = core->n_segments, at = 0;
	struct scl_core_segment *all = scl_arena_calloc(&core->arena, read + n + 1, sizeof *all);

	core->mappings = scl_arena_calloc(&core->arena, n + 1, sizeof *core->mappings);
	if (!all || !core->mappings)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	if (read)
		memcpy(all, core->segments, read * sizeof *all);
	core->segments = all;
	for (size_t i = 0; i < n; i++) {
		add_lost(core, &maps[i], read, &at);
		if (maps[i].path[0] == '/')
			core->mappings[core->n_mappings++] = (struct scl_core_mapping){.start = maps[i].start,
										       .end = maps[i].end,
										       .offset = maps[i].offset,
										       .path = maps[i].path};
	}
	scl_core_sort(core);
	return true;
}

/* After the memory: what was mapped and is not there is known from both. */
static bool read_maps(struct scl_core *core, const struct stream *stream, struct scl_error *err)
{
	char *text = core->mappings ? NULL : read_text(core, stream);
	struct scl_mapping *maps;
	size_t n;

	if (!text)
		return true;
	if (!scl_proc_maps_parse(text, &maps, &n, err))
		return false;
	bool ok = take_maps(core, maps, n, err);
	free(maps);
	return ok;
}

static void read_status(struct scl_core *core, const struct stream *stream)
{
	const char *text = read_text(core, stream);
	const char *name = text ? scl_proc_status_field(text, "Name") : NULL;
	uint64_t pid;

	if (name)
		snprintf(core->fname, sizeof core->fname, "%.*s", (int)strcspn(name, "\n"), name);
	if (text && scl_proc_status_numbers(text, "Pid", 10, &pid, 1) == 1 && pid <= INT32_MAX)
		core->base.pid = (int)pid;
}

/* MINIDUMP_MISC_INFO: its size, which of its fields are valid, the process id. */
static void read_misc(struct scl_core *core, const struct stream *stream)
{
	uint32_t misc[3];

	if (read_at(core, stream->at, misc, sizeof misc) && (misc[1] & 1) && misc[2] <= INT32_MAX)
		core->base.pid = (int)misc[2];
}

static void read_auxv(struct scl_core *core, const struct stream *stream)
{
	char *bytes = core->auxv ? NULL : read_text(core, stream);

	if (bytes) {
		core->auxv = (const uint64_t *)(const void *)bytes;
		core->n_auxv = stream->size / (2 * sizeof *core->auxv);
	}
}

static bool read_stream(struct scl_core *core, const struct stream *stream, struct scl_error *err)
{
	switch (stream->type) {
	case MEMORY64_LIST:
		return read_memory64(core, stream, err);
	case MEMORY_LIST:
		return read_memory(core, stream, err);
	case LINUX_MAPS:
		return read_maps(core, stream, err);
	case THREAD_LIST:
		return read_threads(core, stream, err);
	case EXCEPTION:
		read_exception(core, stream);
		return true;
	case LINUX_STATUS:
		read_status(core, stream);
		return true;
	case MISC_INFO:
		read_misc(core, stream);
		return true;
	case LINUX_AUXV:
		read_auxv(core, stream);
		return true;
	default:
		return true;
	}
}

bool scl_core_parse_minidump(struct scl_core *core, struct scl_error *err)
{
	/* Maps need the memory. */
	static const uint32_t order[] = {MEMORY64_LIST, MEMORY_LIST, LINUX_MAPS,   THREAD_LIST,
					 EXCEPTION,	MISC_INFO,   LINUX_STATUS, LINUX_AUXV};
	struct stream streams[STREAMS_MAX];
	struct head head;

	if (!read_at(core, 0, &head, sizeof head) || head.streams > STREAMS_MAX ||
	    !read_at(core, head.directory, streams, head.streams * sizeof streams[0]))
		return scl_fail(err, SCL_ECORRUPT, "%s is a minidump without a readable directory: it is %s",
				core->name, core->size < 4096 ? "truncated" : "truncated or corrupt");
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
		for (size_t j = 0; j < head.streams; j++)
			if (streams[j].type == order[i] && !read_stream(core, &streams[j], err))
				return false;
	finish_death(core);
	return core->segments ? true : make_segments(core, 0, err);
}
