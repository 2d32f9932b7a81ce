/* Interpreters, thread states, the GIL and thread names, on images of every layout. */
#include "fake_python.h"

#include "python/threads.h"

enum { IDENT = 0x70001000, PTHREAD_TID = 0x2d0 };

static struct scl_threads cursor;
static struct scl_thread thread;

static bool next_thread(void)
{
	err = (struct scl_error){.code = SCL_EIO};
	return scl_threads_next(&cursor, &thread, &err);
}

/* Threads until the end of the list; -1 where it breaks. */
static int count_threads(void)
{
	int n = 0;
	scl_threads_init(&cursor, &rt);
	while (next_thread())
		n++;
	return err.code == SCL_OK ? n : -1;
}

static void interpreters_come_newest_first(void)
{
	struct scl_interpreter interp = {0};
	fake_runtime();
	scl_addr main_interp = fake_interpreter(0), sub = fake_interpreter(3);
	put_u64(AT(sub, interp, modules), 0x1230);
	put_u64(AT(sub, interp, sysdict), 0x4560);
	put_u64(AT(sub, interp, threads_head), 0x7890);
	fake_put_u32(AT(sub, interp, finalizing), 1);
	fake_put_u32(FAKE_HAS(interp, gc_collecting) ? AT(sub, interp, gc_collecting)
						     : AT(FAKE_RUNTIME, runtime, gc_collecting),
		     1);
	CHECK(scl_interpreter_next(&rt, &interp, &err));
	CHECK_INT(interp.address, sub);
	CHECK_INT(interp.id, 3);
	CHECK_INT(interp.modules, 0x1230);
	CHECK_INT(interp.sysdict, 0x4560);
	CHECK_INT(interp.threads_head, 0x7890);
	CHECK(interp.finalizing && interp.gc_collecting && interp.gil != 0);
	CHECK(scl_interpreter_next(&rt, &interp, &err));
	CHECK_INT(interp.address, main_interp);
	CHECK(!interp.finalizing);
	err.code = SCL_EIO;
	CHECK(!scl_interpreter_next(&rt, &interp, &err));
	CHECK_INT(err.code, SCL_OK);
}

static void a_cycle_of_interpreters_ends(void)
{
	struct scl_interpreter interp = {0};
	fake_runtime();
	scl_addr first = fake_interpreter(0), second = fake_interpreter(1);
	put_u64(AT(first, interp, next), second);
	CHECK(scl_interpreter_next(&rt, &interp, &err));
	CHECK(scl_interpreter_next(&rt, &interp, &err));
	CHECK(!scl_interpreter_next(&rt, &interp, &err));
	CHECK_INT(err.code, SCL_ECORRUPT);
	put_u64(AT(first, interp, next), first);
	interp = (struct scl_interpreter){0};
	while (scl_interpreter_next(&rt, &interp, &err))
		;
	CHECK_INT(err.code, SCL_ECORRUPT);
}

/* Ids fall, but from so high that the list would go on for ages. */
static void a_list_of_interpreters_without_end_is_cut(void)
{
	struct scl_interpreter interp = {0};
	unsigned n = 0;
	enum { FAR = 0x10000000, STRIDE = 0x4000 };
	fake_runtime();
	if (!scl_image_map(image, FAR, (SCL_INTERPRETERS_MAX + 4) * STRIDE))
		abort();
	for (scl_addr i = 0; i < SCL_INTERPRETERS_MAX + 4; i++) {
		put_u64(AT(FAR + i * STRIDE, interp, next), i ? FAR + (i - 1) * STRIDE : 0);
		put_u64(AT(FAR + i * STRIDE, interp, id), i);
		put_u64(AT(FAKE_RUNTIME, runtime, interpreters_head), FAR + i * STRIDE);
	}
	while (scl_interpreter_next(&rt, &interp, &err))
		n++;
	CHECK_INT(n, SCL_INTERPRETERS_MAX);
	CHECK_INT(err.code, SCL_ECORRUPT);
}

static void an_interpreter_that_is_nowhere_is_an_error(void)
{
	struct scl_interpreter interp = {0};
	fake_runtime();
	put_u64(AT(fake_interpreter(5), interp, next), NOWHERE);
	CHECK(scl_interpreter_next(&rt, &interp, &err));
	CHECK(!scl_interpreter_next(&rt, &interp, &err));
	CHECK_INT(err.code, SCL_EFAULT);
}

static void threads_of_all_interpreters_come(void)
{
	const struct scl_lwp_status status = {.state = 'S'};
	fake_runtime();
	scl_addr main_interp = fake_interpreter(0);
	scl_addr main_thread = fake_thread(main_interp, 1, IDENT, 100);
	scl_addr worker = fake_thread(main_interp, 2, IDENT + 0x100000, 101);
	scl_addr sub_thread = fake_thread(fake_interpreter(1), 1, IDENT, 100);
	put_u64(AT(FAKE_RUNTIME, runtime, main_thread), IDENT);
	CHECK(scl_image_add_lwp(image, 100, &status));
	CHECK(scl_image_add_lwp(image, 101, &status));
	if (!scl_image_map(image, IDENT, 4096) || !scl_image_map(image, IDENT + 0x100000, 4096))
		abort();
	fake_put_u32(IDENT + PTHREAD_TID, 100);
	fake_put_u32(IDENT + 0x100000 + PTHREAD_TID, 101);
	scl_threads_init(&cursor, &rt);
	CHECK(next_thread());
	CHECK_INT(thread.address, sub_thread);
	CHECK_INT(thread.interp_id, 1);
	CHECK(thread.main);
	CHECK(next_thread());
	CHECK_INT(thread.address, worker);
	CHECK_INT(thread.interp, main_interp);
	CHECK_INT(thread.ident, IDENT + 0x100000);
	CHECK_INT(thread.lwp, 101);
	CHECK(!thread.main);
	CHECK(next_thread());
	CHECK_INT(thread.address, main_thread);
	CHECK_INT(thread.lwp, 100);
	CHECK(!next_thread());
	CHECK_INT(err.code, SCL_OK);
}

static void a_guessed_lwp_must_be_listed(void)
{
	const struct scl_lwp_status status = {.state = 'S'};
	fake_runtime();
	fake_thread(fake_interpreter(0), 1, IDENT, 4711);
	CHECK(scl_image_add_lwp(image, 100, &status));
	if (!scl_image_map(image, IDENT, 4096))
		abort();
	fake_put_u32(IDENT + PTHREAD_TID, 4711);
	scl_threads_init(&cursor, &rt);
	CHECK(next_thread());
	/* What CPython itself says needs no proof. */
	CHECK_INT(thread.lwp, FAKE_HAS(thread, native_thread_id) ? 4711 : 0);
}

static void dead_thread_states_are_skipped(void)
{
	fake_runtime();
	scl_addr interp = fake_interpreter(0);
	fake_thread(interp, 1, IDENT, 1);
	fake_thread(interp, 2, 0, 0);
	CHECK_INT(count_threads(), 1);
	scl_addr bad = fake_thread(interp, 3, IDENT, 1);
	CHECK_INT(count_threads(), 2);
	if (FAKE_HAS(thread, initialized)) {
		fake_put_u32(AT(bad, thread, initialized), 0);
		CHECK_INT(count_threads(), 1);
	}
	if (FAKE_HAS(thread, status)) {
		fake_put_u32(AT(bad, thread, status), 0);
		CHECK_INT(count_threads(), 1);
		for (uint32_t bit = 1; bit; bit <<= 1) {
			fake_put_u32(AT(bad, thread, status), rt.layout.status_ready | bit);
			CHECK_INT(count_threads(), bit & rt.layout.status_gone ? 1 : 2);
		}
	}
}

static void a_list_that_lies_breaks_off(void)
{
	fake_runtime();
	scl_addr interp = fake_interpreter(0), first = fake_thread(interp, 1, IDENT, 1);
	scl_addr second = fake_thread(interp, 2, IDENT, 1);
	put_u64(AT(first, thread, next), second);
	CHECK_INT(count_threads(), -1);
	CHECK_INT(err.code, SCL_ECORRUPT);
	put_u64(AT(first, thread, next), first);
	CHECK_INT(count_threads(), -1);
	CHECK_INT(err.code, SCL_ECORRUPT);
	put_u64(AT(first, thread, next), NOWHERE);
	CHECK_INT(count_threads(), -1);
	CHECK_INT(err.code, SCL_EFAULT);
	put_u64(AT(first, thread, next), 0);
	CHECK_INT(count_threads(), 2);
	put_u64(AT(first, thread, interp), first);
	CHECK_INT(count_threads(), -1);
	CHECK_CONTAINS(err.text, "does not belong to interpreter 0");
}

static void no_interpreter_is_no_error(void)
{
	fake_runtime();
	CHECK_INT(count_threads(), 0);
	fake_interpreter(0);
	CHECK_INT(count_threads(), 0);
}

/* -- GIL ------------------------------------------------------------------------------------------------ */

static scl_addr put_gil(const struct scl_interpreter *interp, uint32_t locked, uint64_t holder)
{
	put_u64(AT(interp->gil, gil, last_holder), holder);
	fake_put_u32(AT(interp->gil, gil, locked), locked);
	return interp->gil;
}

static void the_gil_has_a_holder_while_it_is_locked(void)
{
	struct scl_interpreter interp = {0};
	struct scl_gil gil;
	fake_runtime();
	fake_interpreter(0);
	CHECK(scl_interpreter_next(&rt, &interp, &err));
	scl_addr at = put_gil(&interp, 1, 0x5550);
	CHECK(scl_gil_read(&rt, &interp, &gil, &err));
	CHECK(gil.locked && !gil.disabled);
	CHECK_INT(gil.holder, 0x5550);
	CHECK_INT(gil.address, at);
	CHECK(gil.end > gil.address + 16);
	put_gil(&interp, 0, 0x5550);
	CHECK(scl_gil_read(&rt, &interp, &gil, &err));
	CHECK(!gil.locked);
	CHECK_INT(gil.holder, 0);
	put_gil(&interp, (uint32_t)-1, 0);
	CHECK(scl_gil_read(&rt, &interp, &gil, &err));
	CHECK(!gil.locked);
}

static void the_current_thread_state_is_the_better_witness(void)
{
	struct scl_interpreter interp = {0};
	struct scl_gil gil;
	fake_runtime();
	fake_interpreter(0);
	if (!FAKE_HAS(runtime, tstate_current))
		return;
	CHECK(scl_interpreter_next(&rt, &interp, &err));
	put_gil(&interp, 1, 0x5550);
	put_u64(AT(FAKE_RUNTIME, runtime, tstate_current), 0x6660);
	CHECK(scl_gil_read(&rt, &interp, &gil, &err));
	CHECK_INT(gil.holder, 0x6660);
}

static void a_gil_that_is_nowhere_is_an_error(void)
{
	struct scl_interpreter interp = {.gil = NOWHERE};
	struct scl_gil gil;
	fake_runtime();
	if (rt.layout.gil_home == SCL_GIL_RUNTIME)
		rt.address = NOWHERE;
	CHECK(!scl_gil_read(&rt, &interp, &gil, &err));
	CHECK_INT(err.code, SCL_EFAULT);
	interp.gil = 0;
	if (rt.layout.gil_home == SCL_GIL_INTERPRETER) {
		CHECK(!scl_gil_read(&rt, &interp, &gil, &err));
		CHECK_INT(err.code, SCL_ENOTFOUND);
	}
}

int main(void)
{
	RUN_LAYOUTS(interpreters_come_newest_first);
	RUN_LAYOUTS(a_cycle_of_interpreters_ends);
	RUN_LAYOUTS(a_list_of_interpreters_without_end_is_cut);
	RUN_LAYOUTS(an_interpreter_that_is_nowhere_is_an_error);
	RUN_LAYOUTS(threads_of_all_interpreters_come);
	RUN_LAYOUTS(a_guessed_lwp_must_be_listed);
	RUN_LAYOUTS(dead_thread_states_are_skipped);
	RUN_LAYOUTS(a_list_that_lies_breaks_off);
	RUN_LAYOUTS(no_interpreter_is_no_error);
	RUN_LAYOUTS(the_gil_has_a_holder_while_it_is_locked);
	RUN_LAYOUTS(the_current_thread_state_is_the_better_witness);
	RUN_LAYOUTS(a_gil_that_is_nowhere_is_an_error);
	return check_finish();
}
