/* stacks.h - one thread of a fake interpreter and what reads its stack: shared by the tests of frames. */
#ifndef SCL_TESTS_STACKS_H
#define SCL_TESTS_STACKS_H

#include "fake_python.h"

enum { CAPACITY = 512, IDENT = 0x70001000 };

static struct scl_frame frames[CAPACITY];
static struct scl_stack stack;
static struct scl_codes *codes;
static struct scl_snapshot *snap;
static scl_addr interp, thread, outer, inner;

/* A thread; `outer` is the code of module level, `inner` that of a function. */
static inline void open_thread(void)
{
	fake_runtime();
	interp = fake_interpreter(0);
	thread = fake_thread(interp, 1, IDENT, 1);
	outer = fake_code("app.py", "<module>", 1, 20);
	inner = fake_code("app.py", "f", 100, 20);
	codes = scl_codes_create(&rt, 0);
	snap = scl_snapshot_create(&rt, thread);
	if (!codes || !snap)
		abort();
	stack = (struct scl_stack){.frames = frames, .capacity = CAPACITY};
}

static inline void close_thread(void)
{
	scl_snapshot_destroy(snap);
	scl_codes_destroy(codes);
}

static inline enum scl_stack_end read_stack(void)
{
	err = (struct scl_error){0};
	CHECK(scl_stack_read(&stack, &rt, codes, snap, &err));
	CHECK_STR(err.text, "");
	return stack.end;
}

#endif
