/* Refinement from a _Py_DebugOffsets of our own making: valid, short, foreign and lying ones. */
#include "layout/layout.h"

#include "check.h"

enum { TABLE = 1024, WHOLE = 1 << 20 };

static const struct scl_layout *layout;
static uint64_t table[TABLE / 8];
static struct scl_error err;

/* What a true interpreter of this layout publishes, with structures large enough for everything. */
static void publish(void)
{
	memset(table, 0, sizeof table);
	memcpy(table, "xdebugpy", 8);
	table[1] = (uint64_t)layout->major << 24 | (uint64_t)layout->minor << 16 | 0x01f0;
	for (const struct scl_debug_offset *d = layout->debug_offsets; d->field != SCL_NFIELDS; d++) {
		uint64_t shift = 0;
		if (d->minus_at)
			shift = table[d->minus_at / 8] = 64;
		if (d->plus_at)
			table[d->plus_at / 8] = 8;
		if (layout->off[d->field] != SCL_ABSENT)
			table[d->at / 8] = (uint64_t)layout->off[d->field] + shift - (d->plus_at ? 8 : 0);
	}
	for (const struct scl_debug_offset *d = layout->debug_offsets; d->field != SCL_NFIELDS; d++)
		if (d->size_at != d->at && table[d->size_at / 8] == 0)
			table[d->size_at / 8] = WHOLE;
}

static const struct scl_debug_offset *entry(enum scl_field field)
{
	const struct scl_debug_offset *d = layout->debug_offsets;
	while (d->field != SCL_NFIELDS && d->field != field)
		d++;
	return d;
}

static void truth_changes_nothing(void)
{
	struct scl_layout l = *layout;
	CHECK(scl_layout_refine(&l, table, sizeof table, &err));
	CHECK(l.published);
	for (int f = 0; f < SCL_NFIELDS; f++)
		if (l.off[f] != layout->off[f])
			CHECK_FAIL("%s became %d", scl_field_name[f], l.off[f]);
}

static void moved_fields_are_followed(void)
{
	struct scl_layout l = *layout;
	table[entry(SCL_FIELD_interp_sysdict)->at / 8] = 8000;
	table[entry(SCL_FIELD_interp_gc_collecting)->at / 8] = 7000;
	table[entry(SCL_FIELD_interp_gc_collecting)->plus_at / 8] = 192;
	table[entry(SCL_FIELD_gil_locked)->at / 8] = 64 + 24;
	CHECK(scl_layout_refine(&l, table, sizeof table, &err));
	CHECK_INT(scl_off(&l, interp, sysdict), 8000);
	CHECK_INT(scl_off(&l, interp, gc_collecting), 7192);
	CHECK_INT(scl_off(&l, gil, locked), 24);
	CHECK_INT(scl_off(&l, interp, modules), scl_off(layout, interp, modules));
}

/* Refine a copy with one member set to a value that cannot be: refused, named, and nothing of it kept. */
static void refuses(size_t at, uint64_t value, const char *text)
{
	uint64_t was = table[at / 8];
	struct scl_layout l = *layout;
	table[entry(SCL_FIELD_runtime_interpreters_head)->at / 8] += 8;
	table[at / 8] = value;
	err = (struct scl_error){0};
	CHECK(!scl_layout_refine(&l, table, sizeof table, &err));
	CHECK_INT(err.code, SCL_ECORRUPT);
	CHECK_CONTAINS(err.text, text);
	CHECK(!l.published);
	CHECK(memcmp(l.off, layout->off, sizeof l.off) == 0);
	table[at / 8] = was;
	table[entry(SCL_FIELD_runtime_interpreters_head)->at / 8] -= 8;
}

static void lies_are_refused(void)
{
	const struct scl_debug_offset *d = entry(SCL_FIELD_thread_current_frame);
	refuses(d->at, 0xfffffffffffffff8, "thread.current_frame");
	refuses(d->at, WHOLE - 4, "thread.current_frame");
	refuses(d->at, 73, "thread.current_frame");
	refuses(d->size_at, 0, "structure");
	refuses(d->size_at, 80, "thread");
	refuses(d->size_at, 0xffffffff, "structure");
	refuses(entry(SCL_FIELD_gil_locked)->minus_at, WHOLE, "gil.l");
	refuses(entry(SCL_FIELD_interp_gc_collecting)->plus_at, 0xfffffffffffff000, "interp.gc_collecting");
}

static void heads_are_checked(void)
{
	uint32_t version = 7;
	bool ft = true;
	CHECK(scl_debug_offsets_head(table, sizeof table, &version, &ft));
	CHECK_INT(version, table[1]);
	CHECK(!ft);
	CHECK(!scl_debug_offsets_head(table, 23, &version, &ft));
	refuses(0, 0x7970677562656479, "cookie");
	refuses(0, 0, "cookie");
	refuses(8, 0x030800f0, "not CPython");
	refuses(8, UINT64_C(0x1030d00f0), "cookie");
	refuses(16, 2, "cookie");
}

/* Every length from nothing to all: refused without a byte read beyond it (the sanitizers look), or accepted. */
static void short_tables_are_refused(void)
{
	size_t needed = 0;
	for (size_t size = 0; size <= sizeof table; size += 8) {
		char copy[TABLE];
		memcpy(copy, table, size);
		struct scl_layout l = *layout;
		bool ok = scl_layout_refine(&l, copy, size, NULL);
		CHECK(ok == l.published);
		if (ok && needed == 0)
			needed = size;
		CHECK(ok == (needed != 0));
	}
	CHECK(needed > 400 && needed <= TABLE);
}

/* A zero means "this build has none" where ours has none, and never invents a field. */
static void zero_keeps_absent(void)
{
	struct scl_layout l = *layout, missing = *layout;
	scl_off(&missing, interp, gil) = SCL_ABSENT;
	l = missing;
	table[entry(SCL_FIELD_interp_gil)->at / 8] = 0;
	CHECK(scl_layout_refine(&l, table, sizeof table, &err));
	CHECK(!scl_has(&l, interp, gil));
}

/* -- .AsyncioDebug -------------------------------------------------------------------------------------------- */

enum { ASYNCIO_SIZE = 104 };

static void publish_asyncio(void)
{
	memset(table, 0, sizeof table);
	for (const struct scl_debug_offset *d = layout->asyncio_offsets; d->field != SCL_NFIELDS; d++)
		table[d->at / 8] = (uint64_t)layout->off[d->field];
	for (const struct scl_debug_offset *d = layout->asyncio_offsets; d->field != SCL_NFIELDS; d++)
		if (table[d->size_at / 8] == 0)
			table[d->size_at / 8] = WHOLE;
}

static size_t place_of(enum scl_field field)
{
	const struct scl_debug_offset *d = layout->asyncio_offsets;
	while (d->field != SCL_NFIELDS && d->field != field)
		d++;
	return d->at / 8;
}

static void asyncio_is_followed(void)
{
	struct scl_layout l = *layout;
	publish_asyncio();
	CHECK(scl_layout_refine_asyncio(&l, table, ASYNCIO_SIZE, &err));
	CHECK(l.asyncio_published);
	CHECK(memcmp(l.off, layout->off, sizeof l.off) == 0);
	table[place_of(SCL_FIELD_task_coro)] += 8;
	table[place_of(SCL_FIELD_future_is_task)] += 16;
	table[place_of(SCL_FIELD_future_awaited_by)] += 24;
	table[place_of(SCL_FIELD_interp_tasks_head)] = 4000;
	table[place_of(SCL_FIELD_task_sizeof)] += 64;
	CHECK(scl_layout_refine_asyncio(&l, table, ASYNCIO_SIZE, &err));
	CHECK_INT(scl_off(&l, interp, tasks_head), 4000);
	CHECK_INT(scl_off(&l, task, fut_waiter), scl_off(layout, task, fut_waiter) + 8);
	CHECK_INT(scl_off(&l, future, state), scl_off(layout, future, state) + 16);
	CHECK_INT(scl_off(&l, future, loop), scl_off(layout, future, loop) + 24);
	CHECK_INT(scl_off(&l, task, name), scl_off(layout, task, name));
}

/* It has no cookie: what cannot be is all that tells. */
static void a_lying_asyncio_is_refused(void)
{
	for (size_t i = 0; i < ASYNCIO_SIZE / 8; i++) {
		struct scl_layout l = *layout;
		publish_asyncio();
		table[i] = 0xfffffffffffffff8;
		err = (struct scl_error){0};
		CHECK(!scl_layout_refine_asyncio(&l, table, ASYNCIO_SIZE, &err));
		CHECK_CONTAINS(err.text, ".AsyncioDebug");
		CHECK(memcmp(l.off, layout->off, sizeof l.off) == 0);
	}
	struct scl_layout l = *layout;
	publish_asyncio();
	CHECK(!scl_layout_refine_asyncio(&l, table, ASYNCIO_SIZE - 8, &err));
	memset(table, 0, sizeof table);
	CHECK(!scl_layout_refine_asyncio(&l, table, ASYNCIO_SIZE, &err));
	CHECK(!l.asyncio_published);
}

/* What the thread state has behind it moves with its size even where asyncio publishes nothing. */
static void the_rest_of_a_thread_moves_with_it(void)
{
	struct scl_layout l = *layout;
	publish();
	table[entry(SCL_FIELD_thread_sizeof)->at / 8] += 8;
	CHECK(scl_layout_refine(&l, table, sizeof table, &err));
	CHECK_INT(scl_off(&l, thread, running_loop), scl_off(layout, thread, running_loop) + 8);
	if (scl_has(layout, thread, tasks_head)) {
		CHECK_INT(scl_off(&l, thread, running_task), scl_off(layout, thread, running_task) + 8);
		CHECK_INT(scl_off(&l, thread, tasks_head), scl_off(layout, thread, tasks_head) + 8);
	}
}

static size_t published;

static void some_layout_publishes(void)
{
	CHECK(published > 0);
}

int main(void)
{
	size_t n;
	const struct scl_layout *const *all = scl_layouts(&n);
	for (size_t i = 0; i < n; i++) {
		layout = all[i];
		check_case = layout->name;
		if (layout->debug_offsets->field == SCL_NFIELDS)
			continue;
		published++;
		publish();
		RUN(truth_changes_nothing);
		RUN(lies_are_refused);
		RUN(heads_are_checked);
		RUN(short_tables_are_refused);
		RUN(moved_fields_are_followed);
		RUN(zero_keeps_absent);
		RUN(the_rest_of_a_thread_moves_with_it);
		if (layout->asyncio_offsets->field == SCL_NFIELDS)
			continue;
		RUN(asyncio_is_followed);
		RUN(a_lying_asyncio_is_refused);
	}
	check_case = "all";
	RUN(some_layout_publishes);
	return check_finish();
}
