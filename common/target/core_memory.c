/* core_memory.c - a core's memory: what it has saved, and the files for what it has not. */
#include <string.h>
#include <unistd.h>

#include "target/core_parts.h"

bool scl_core_pread(int fd, void *to, size_t size, uint64_t offset)
{
	size_t done = 0;

	if (offset > (uint64_t)INT64_MAX - size)
		return false;
	while (done < size) {
		ssize_t got = pread(fd, (char *)to + done, size - done, (off_t)(offset + done));
		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

/* The last segment that begins at or before `addr`; NULL. */
static const struct scl_core_segment *segment_before(const struct scl_core *core, scl_addr addr)
{
	size_t low = 0, high = core->n_segments;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (core->segments[middle].start <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &core->segments[low - 1] : NULL;
}

static const struct scl_core_mapping *mapping_at(const struct scl_core *core, scl_addr addr)
{
	size_t low = 0, high = core->n_mappings;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (core->mappings[middle].start <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low && addr < core->mappings[low - 1].end ? &core->mappings[low - 1] : NULL;
}

static size_t at_most(size_t size, uint64_t max)
{
	return size < max ? size : (size_t)max;
}

bool scl_core_read_saved(const struct scl_core *core, scl_addr addr, void *to, size_t size)
{
	for (size_t done = 0; done < size;) {
		const struct scl_core_segment *segment = segment_before(core, addr + done);
		uint64_t inside = segment ? addr + done - segment->start : 0;
		if (!segment || inside >= segment->saved)
			return false;
		size_t piece = at_most(size - done, segment->saved - inside);
		if (!scl_core_pread(core->fd, (char *)to + done, piece, segment->offset + inside))
			return false;
		done += piece;
	}
	return true;
}

/* A page that a file has and the core has not: one that was never written, of a program or library that is the one. */
static bool read_file_page(struct scl_core *core, const struct scl_core_mapping *map, scl_addr at, void *to,
			   size_t size, struct scl_error *err)
{
	struct scl_core_module *module = scl_core_module_at(core, at);

	if (!module)
		return scl_fail_at(err, SCL_EFAULT, at,
				   "cannot read %zu bytes at 0x%" PRIx64 ": the core has not saved this file's mapping",
				   size, at);
	int fd = scl_core_module_file(core, module);
	if (fd < 0)
		return scl_fail_at(err, SCL_EFAULT, at, "the core has not saved 0x%" PRIx64 ", and %s", at,
				   module->why);
	if (!scl_core_pread(fd, to, size, map->offset + (at - map->start)))
		return scl_fail_at(err, SCL_EFAULT, at,
				   "cannot read %zu bytes at 0x%" PRIx64 ": they are behind the end of the mapped file",
				   size, at);
	return true;
}

static bool read_unsaved(struct scl_core *core, const struct scl_core_segment *segment, scl_addr at, void *to,
			 size_t size, size_t *done, struct scl_error *err)
{
	const struct scl_core_mapping *map = mapping_at(core, at);
	bool inside = segment && at < segment->end;

	if (!map && !inside)
		return scl_fail_at(err, SCL_EFAULT, at,
				   "cannot read %zu bytes at 0x%" PRIx64
				   ": nothing was mapped there, or it was not saved",
				   size, at);
	if (!map || (inside && segment->writable))
		return scl_fail_at(err, SCL_EFAULT, at,
				   "cannot read %zu bytes at 0x%" PRIx64 ": the core has not saved them (%s)", size, at,
				   core->minidump ? "a minidump has them with --style=full"
						  : "coredump_filter, core(5)");
	size_t next = segment ? (size_t)(segment - core->segments) + 1 : 0;
	size_t piece = at_most(size, map->end - at);
	if (inside)
		piece = at_most(piece, segment->end - at);
	else if (next < core->n_segments && core->segments[next].start > at)
		piece = at_most(piece, core->segments[next].start - at);
	*done += piece;
	return read_file_page(core, map, at, to, piece, err);
}

static bool read_span(struct scl_core *core, const struct scl_span *span, struct scl_error *err)
{
	for (size_t done = 0; done < span->size;) {
		scl_addr at = span->addr + done;
		uint8_t *to = (uint8_t *)span->to + done;
		const struct scl_core_segment *segment = segment_before(core, at);
		if (!segment || at - segment->start >= segment->saved) {
			if (!read_unsaved(core, segment, at, to, span->size - done, &done, err))
				return false;
			continue;
		}
		uint64_t inside = at - segment->start;
		size_t piece = at_most(span->size - done, segment->saved - inside);
		if (!scl_core_pread(core->fd, to, piece, segment->offset + inside))
			return scl_fail_at(err, SCL_EFAULT, at,
					   "cannot read %zu bytes at 0x%" PRIx64 ": the core is truncated before them",
					   piece, at);
		done += piece;
	}
	return true;
}

bool scl_core_read(struct scl_target *t, const struct scl_span *spans, size_t n, struct scl_error *err)
{
	for (size_t i = 0; i < n; i++)
		if (!read_span(scl_core_of(t), &spans[i], err))
			return false;
	return true;
}
