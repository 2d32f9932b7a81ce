/* Stacks of every layout: whole ones and ones that lie. */
#include "stacks.h"

static bool has_shims(void)
{
	return rt.layout.shim == SCL_SHIM_OWNER;
}

static void a_thread_without_frames_has_an_empty_stack(void)
{
	open_thread();
	CHECK_INT(read_stack(), SCL_STACK_COMPLETE);
	CHECK_INT(stack.count, 0);
	close_thread();
}

static void frames_come_innermost_first(void)
{
	open_thread();
	scl_addr base = fake_entry_frame(0, outer, 4), top = fake_frame(base, inner, 7);
	fake_set_innermost(thread, top);
	for (int round = 0; round < 3; round++) {
		CHECK_INT(read_stack(), SCL_STACK_COMPLETE);
		CHECK_INT(stack.count, 2);
		CHECK_INT(frames[0].address, top);
		CHECK_STR(frames[0].code->name, "f");
		CHECK_INT(frames[0].offset, 14);
		CHECK_INT(frames[0].line, 107);
		CHECK_INT(frames[0].code_address, inner);
		CHECK_STR(frames[1].code->name, "<module>");
		CHECK_INT(frames[1].line, 5);
		CHECK(frames[1].entry);
		CHECK_INT(frames[0].entry, rt.layout.shim == SCL_SHIM_NONE);
		CHECK(!stack.entered_c);
	}
	close_thread();
}

static void the_second_round_is_one_read(void)
{
	open_thread();
	scl_addr at = fake_entry_frame(0, outer, 4);
	for (int i = 0; i < 100; i++)
		at = i % 10 ? fake_frame(at, inner, i % 20) : fake_entry_frame(at, inner, i % 20);
	fake_set_innermost(thread, at);
	CHECK_INT(read_stack(), SCL_STACK_COMPLETE);
	CHECK(scl_snapshot_misses(snap) > 0);
	scl_codes_destroy(codes);
	codes = scl_codes_create(&rt, UINT64_MAX);
	CHECK_INT(read_stack(), SCL_STACK_COMPLETE);
	for (int round = 0; round < 1000; round++) {
		uint64_t calls = scl_target_spent(image).calls;
		CHECK_INT(read_stack(), SCL_STACK_COMPLETE);
		CHECK_INT(stack.count, 101);
		CHECK_INT(scl_snapshot_misses(snap), 0);
		CHECK_INT(scl_target_spent(image).calls - calls, 1);
	}
	close_thread();
}

static void a_frame_that_has_not_begun_is_hidden(void)
{
	open_thread();
	scl_addr base = fake_entry_frame(0, outer, 4), top = fake_frame(base, inner, 1);
	fake_set_innermost(thread, top);
	if (FAKE_HAS(code, firsttraceable)) {
		fake_put_u32(AT(inner, code, firsttraceable), 2);
		CHECK_INT(read_stack(), SCL_STACK_COMPLETE);
		CHECK_INT(stack.count, 1);
		CHECK_STR(frames[0].code->name, "<module>");
		fake_set_unit(top, inner, 2);
		CHECK_INT(read_stack(), SCL_STACK_COMPLETE);
		CHECK_INT(stack.count, 2);
		/* A generator that is resumed has begun long ago. */
		fake_set_unit(top, inner, 1);
		fake_set_owner(top, FAKE_GENERATOR);
		CHECK_INT(read_stack(), SCL_STACK_COMPLETE);
		CHECK_INT(stack.count, 2);
		CHECK(frames[0].generator);
	} else {
		fake_set_unit(top, inner, -1);
		CHECK_INT(read_stack(), SCL_STACK_COMPLETE);
		CHECK_INT(stack.count, 2);
		CHECK_INT(frames[0].offset, -1);
		CHECK_INT(frames[0].line, 100);
	}
	close_thread();
}

static void c_code_between_frames_is_seen(void)
{
	open_thread();
	scl_addr at = fake_entry_frame(0, outer, 4);
	at = fake_frame(at, inner, 1);
	at = fake_entry_frame(at, inner, 2);
	fake_set_innermost(thread, at);
	CHECK_INT(read_stack(), SCL_STACK_COMPLETE);
	CHECK_INT(stack.count, 3);
	CHECK(frames[0].entry && frames[2].entry);
	CHECK_INT(frames[1].entry, rt.layout.shim == SCL_SHIM_NONE);
	if (has_shims()) {
		scl_addr shim = heap_alloc(120);
		fake_set_previous(shim, at);
		fake_set_owner(shim, FAKE_SHIM);
		fake_set_innermost(thread, shim);
		CHECK_INT(read_stack(), SCL_STACK_COMPLETE);
		CHECK_INT(stack.count, 3);
		CHECK(stack.entered_c);
	}
	close_thread();
}

static void a_stack_deeper_than_the_array_is_cut(void)
{
	open_thread();
	scl_addr at = fake_entry_frame(0, outer, 4);
	for (int i = 0; i < CAPACITY; i++)
		at = fake_frame(at, inner, 2);
	fake_set_innermost(thread, at);
	CHECK_INT(read_stack(), SCL_STACK_CUT);
	CHECK_INT(stack.count, CAPACITY);
	CHECK_INT(frames[CAPACITY - 1].line, 102);
	close_thread();
}

/* -- lies ----------------------------------------------------------------------------------------------- */

static void check_broken(size_t count, const char *why)
{
	for (int round = 0; round < 2; round++) {
		CHECK_INT(read_stack(), SCL_STACK_BROKEN);
		CHECK_CONTAINS(stack.why.text, why);
		CHECK_INT(stack.count, count);
	}
}

static void a_cycle_ends(void)
{
	open_thread();
	scl_addr base = fake_entry_frame(0, outer, 4), a = fake_frame(base, inner, 1), b = fake_frame(a, inner, 2);
	fake_set_innermost(thread, b);
	fake_set_previous(a, b);
	CHECK_INT(read_stack(), SCL_STACK_BROKEN);
	CHECK_CONTAINS(stack.why.text, "cycle");
	CHECK(stack.count >= 2 && stack.count < 8);
	fake_set_previous(b, b);
	CHECK_INT(read_stack(), SCL_STACK_BROKEN);
	CHECK_CONTAINS(stack.why.text, "cycle");
	close_thread();
}

static void what_came_before_a_bad_link_is_kept(void)
{
	open_thread();
	scl_addr a = fake_entry_frame(0, outer, 1), b = fake_frame(a, inner, 2);
	fake_set_innermost(thread, b);
	fake_set_previous(b, 0xdead0000);
	check_broken(1, "cannot read");
	CHECK_STR(frames[0].code->name, "f");
	fake_set_previous(b, a + 4);
	check_broken(1, "no frame can be there");
	fake_set_previous(b, UINT64_C(0xffff800000000000));
	check_broken(1, "no frame can be there");
	close_thread();
}

static void a_code_pointer_that_is_none_is_told(void)
{
	open_thread();
	scl_addr base = fake_entry_frame(0, outer, 4), top = fake_frame(base, inner, 7);
	fake_set_innermost(thread, top);
	fake_set_code(top, interp);
	check_broken(2, "code object");
	CHECK(frames[0].code == NULL);
	CHECK_INT(frames[0].line, 0);
	CHECK_STR(frames[1].code->name, "<module>");
	close_thread();
}

static void an_instruction_outside_of_the_code_is_told(void)
{
	const int32_t units[] = {20, 1 << 20, -2, INT32_MIN / 2};
	open_thread();
	scl_addr base = fake_entry_frame(0, outer, 4), top = fake_frame(base, inner, 7);
	fake_set_innermost(thread, top);
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (units[i] < 0 && rt.layout.frame_link == SCL_FRAME_LINK_OBJECT)
			continue;
		fake_set_unit(top, inner, units[i]);
		check_broken(2, "its instruction is not in its code");
		CHECK_INT(frames[0].offset, -1);
		CHECK_INT(frames[0].line, 0);
	}
	close_thread();
}

static void an_unknown_owner_is_told(void)
{
	open_thread();
	if (FAKE_HAS(iframe, owner)) {
		scl_addr base = fake_entry_frame(0, outer, 4), top = fake_frame(base, inner, 7);
		fake_set_innermost(thread, top);
		fake_set_owner(base, 200);
		check_broken(1, "unknown owner");
	}
	close_thread();
}

static void a_chain_without_its_base_is_told(void)
{
	open_thread();
	fake_put_u32(AT(inner, code, flags), SCL_CO_COROUTINE);
	scl_addr top = fake_frame(fake_frame(0, inner, 3), inner, 7);
	fake_set_innermost(thread, top);
	check_broken(2, rt.layout.shim == SCL_SHIM_NONE ? "without a caller" : "without being its base");
	close_thread();
}

static void a_thread_state_that_is_gone_is_an_error(void)
{
	open_thread();
	scl_snapshot_destroy(snap);
	snap = scl_snapshot_create(&rt, 0xdead0000);
	CHECK(!scl_stack_read(&stack, &rt, codes, snap, &err));
	CHECK_INT(err.code, SCL_EFAULT);
	CHECK_CONTAINS(err.text, "thread state at 0xdead0000");
	close_thread();
}

static void a_thread_state_of_another_thread_is_an_error(void)
{
	open_thread();
	CHECK_INT(read_stack(), SCL_STACK_COMPLETE);
	put_u64(AT(thread, thread, thread_id), IDENT + 8);
	CHECK(!scl_stack_read(&stack, &rt, codes, snap, &err));
	CHECK_INT(err.code, SCL_EGONE);
	close_thread();
}

static void an_array_of_nothing_is_no_crash(void)
{
	open_thread();
	fake_set_innermost(thread, fake_entry_frame(0, outer, 4));
	stack.capacity = 0;
	CHECK_INT(read_stack(), SCL_STACK_CUT);
	CHECK_INT(stack.count, 0);
	close_thread();
}

static void what_was_unmapped_is_forgotten(void)
{
	scl_addr far = 0x80000; /* below the heap */
	open_thread();
	if (!scl_image_map(image, far, 4096))
		abort();
	scl_addr next = heap_next;
	heap_next = far;
	scl_addr top = fake_entry_frame(0, outer, 4);
	heap_next = next;
	fake_set_innermost(thread, top);
	CHECK_INT(read_stack(), SCL_STACK_COMPLETE);
	CHECK_INT(read_stack(), SCL_STACK_COMPLETE);
	scl_addr other = fake_entry_frame(0, inner, 4);
	fake_set_innermost(thread, other);
	scl_image_unmap(image, far);
	CHECK_INT(read_stack(), SCL_STACK_COMPLETE);
	CHECK_INT(stack.count, 1);
	CHECK_STR(frames[0].code->name, "f");
	close_thread();
}

int main(void)
{
	RUN_LAYOUTS(a_thread_without_frames_has_an_empty_stack);
	RUN_LAYOUTS(frames_come_innermost_first);
	RUN_LAYOUTS(the_second_round_is_one_read);
	RUN_LAYOUTS(a_frame_that_has_not_begun_is_hidden);
	RUN_LAYOUTS(c_code_between_frames_is_seen);
	RUN_LAYOUTS(a_stack_deeper_than_the_array_is_cut);
	RUN_LAYOUTS(a_cycle_ends);
	RUN_LAYOUTS(what_came_before_a_bad_link_is_kept);
	RUN_LAYOUTS(a_code_pointer_that_is_none_is_told);
	RUN_LAYOUTS(an_instruction_outside_of_the_code_is_told);
	RUN_LAYOUTS(an_unknown_owner_is_told);
	RUN_LAYOUTS(a_chain_without_its_base_is_told);
	RUN_LAYOUTS(a_thread_state_that_is_gone_is_an_error);
	RUN_LAYOUTS(a_thread_state_of_another_thread_is_an_error);
	RUN_LAYOUTS(an_array_of_nothing_is_no_crash);
	RUN_LAYOUTS(what_was_unmapped_is_forgotten);
	return check_finish();
}
