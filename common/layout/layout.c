/* layout.c - the fields' names and sizes, the choice of a layout, and its refinement from _Py_DebugOffsets. */
#include "layout/layout.h"

#include <string.h>

const uint8_t scl_field_size[SCL_NFIELDS] = {
#define FIELD(structure, field, size) [SCL_FIELD_##structure##_##field] = (size),
#include "layout/fields.def"
#undef FIELD
};

const char *const scl_field_name[SCL_NFIELDS] = {
#define FIELD(structure, field, size) [SCL_FIELD_##structure##_##field] = #structure "." #field,
#include "layout/fields.def"
#undef FIELD
};

/* A structure larger than this is no structure: PyInterpreterState, the largest, has 384 KB in 3.12. */
enum { STRUCT_MIN = 8, STRUCT_MAX = 16 * 1024 * 1024 };

const struct scl_layout *scl_layout_for(uint32_t hexversion)
{
	size_t n;
	const struct scl_layout *const *all = scl_layouts(&n);
	for (size_t i = 0; i < n; i++)
		if (all[i]->major == hexversion >> 24 && all[i]->minor == (hexversion >> 16 & 0xff))
			return all[i];
	return NULL;
}

bool scl_opcode_calls(const struct scl_layout *layout, uint8_t opcode)
{
	return layout->call_opcodes[opcode];
}

/* Every member of _Py_DebugOffsets is a uint64_t of the target's byte order, which is ours. */
static uint64_t table_at(const void *table, size_t at)
{
	uint64_t value;
	memcpy(&value, (const char *)table + at, sizeof value);
	return value;
}

bool scl_debug_offsets_head(const void *table, size_t size, uint32_t *hexversion, bool *free_threaded)
{
	if (size < SCL_DEBUG_OFFSETS_HEAD ||
	    memcmp(table, SCL_DEBUG_OFFSETS_COOKIE, sizeof SCL_DEBUG_OFFSETS_COOKIE - 1) != 0)
		return false;
	uint64_t version = table_at(table, 8), flavour = table_at(table, 16);
	if (version > UINT32_MAX || flavour > 1)
		return false;
	*hexversion = (uint32_t)version;
	*free_threaded = flavour == 1;
	return true;
}

static bool refine_field(struct scl_layout *layout, const struct scl_debug_offset *d, const void *table,
			 struct scl_error *err)
{
	const char *name = scl_field_name[d->field];
	uint64_t whole = table_at(table, d->size_at), value = table_at(table, d->at);
	if (whole < STRUCT_MIN || whole > STRUCT_MAX)
		return scl_fail(err, SCL_ECORRUPT, "published offsets: %s: its structure has %" PRIu64 " bytes", name,
				whole);
	uint64_t plus = d->plus_at ? table_at(table, d->plus_at) : 0;
	uint64_t minus = d->minus_at ? table_at(table, d->minus_at) : 0;
	if (value > whole || plus > whole || minus > value)
		return scl_fail(err, SCL_ECORRUPT,
				"published offsets: %s cannot be %" PRIu64 " + %" PRIu64 " - %" PRIu64, name, value,
				plus, minus);
	/* Zero says "this build has none" (co_tlbc with a GIL), and also "at the start"; our table knows which. */
	if (value == 0 && layout->off[d->field] == SCL_ABSENT)
		return true;
	value = value + plus - minus;
	uint64_t width = scl_field_size[d->field];
	if (value + width > whole || value % (width ? width : 4) != 0)
		return scl_fail(err, SCL_ECORRUPT, "published offsets: %s cannot be at %" PRIu64 " of %" PRIu64, name,
				value, whole);
	layout->off[d->field] = (int32_t)value;
	return true;
}

static bool refine_fields(struct scl_layout *layout, const struct scl_debug_offset *list, const void *table,
			  size_t size, struct scl_error *err)
{
	for (const struct scl_debug_offset *d = list; d->field != SCL_NFIELDS; d++) {
		size_t last = d->at > d->size_at ? d->at : d->size_at;
		last = d->plus_at > last ? d->plus_at : last;
		last = d->minus_at > last ? d->minus_at : last;
		if (last + sizeof(uint64_t) > size)
			return scl_fail(err, SCL_ECORRUPT, "published offsets: %zu bytes end before %s", size,
					scl_field_name[d->field]);
		if (!refine_field(layout, d, table, err))
			return false;
	}
	return true;
}

/* What is not published stays as far from its neighbour that is as it was. */
static void move_with(struct scl_layout *refined, const struct scl_layout *layout, enum scl_field field,
		      enum scl_field neighbour)
{
	if (layout->off[field] != SCL_ABSENT)
		refined->off[field] += refined->off[neighbour] - layout->off[neighbour];
}

bool scl_layout_refine(struct scl_layout *layout, const void *table, size_t size, struct scl_error *err)
{
	uint32_t hexversion;
	bool free_threaded;
	if (!scl_debug_offsets_head(table, size, &hexversion, &free_threaded))
		return scl_fail(err, SCL_ECORRUPT, "published offsets: no valid cookie, version and flavour");
	if (hexversion >> 24 != layout->major || (hexversion >> 16 & 0xff) != layout->minor)
		return scl_fail(err, SCL_ECORRUPT, "published offsets: version 0x%08" PRIx32 " is not CPython %s",
				hexversion, layout->name);
	struct scl_layout refined = *layout;
	if (!refine_fields(&refined, layout->debug_offsets, table, size, err))
		return false;
	/* What follows PyThreadState in _PyThreadStateImpl moves with its size (it grew within 3.13 and 3.14). */
	move_with(&refined, layout, SCL_FIELD_thread_running_loop, SCL_FIELD_thread_sizeof);
	move_with(&refined, layout, SCL_FIELD_thread_running_task, SCL_FIELD_thread_sizeof);
	move_with(&refined, layout, SCL_FIELD_thread_tasks_head, SCL_FIELD_thread_sizeof);
	refined.published = layout->debug_offsets->field != SCL_NFIELDS;
	*layout = refined;
	return true;
}

bool scl_layout_refine_asyncio(struct scl_layout *layout, const void *table, size_t size, struct scl_error *err)
{
	static const struct {
		enum scl_field field, neighbour;
	} unnamed[] = {
		/* Modules/_asynciomodule.c, FutureObj_HEAD and TaskObj: what stands before or behind a member that is named. */
		{SCL_FIELD_future_loop, SCL_FIELD_future_awaited_by},
		{SCL_FIELD_future_callback0, SCL_FIELD_future_awaited_by},
		{SCL_FIELD_future_callbacks, SCL_FIELD_future_awaited_by},
		{SCL_FIELD_future_exception, SCL_FIELD_future_awaited_by},
		{SCL_FIELD_future_result, SCL_FIELD_future_awaited_by},
		{SCL_FIELD_future_source_traceback, SCL_FIELD_future_awaited_by},
		{SCL_FIELD_future_state, SCL_FIELD_future_is_task},
		{SCL_FIELD_task_fut_waiter, SCL_FIELD_task_coro},
	};
	struct scl_layout refined = *layout;

	if (layout->asyncio_offsets->field == SCL_NFIELDS)
		return true;
	if (!refine_fields(&refined, layout->asyncio_offsets, table, size, err))
		return scl_wrap(err, ".AsyncioDebug");
	for (size_t i = 0; i < sizeof unnamed / sizeof *unnamed; i++)
		move_with(&refined, layout, unnamed[i].field, unnamed[i].neighbour);
	refined.asyncio_published = true;
	*layout = refined;
	return true;
}
