/*
 * fuzz_frames.c - a whole stack decoded out of an interpreter that lies.
 *
 * Input: the layout, then mutations (lies.h). A valid image of the layout's interpreter is built (two
 * threads, frames of every kind, names) and then mutated where CPython's structures are; everything that a
 * command reads is read, twice, the second time through the snapshot that the first one filled.
 */
#include <stdint.h>

#include "lies.h"

enum {
	FRAMES = 64,
	IDENT = 0x70001000,
	/* Reads that one input may cost: a list without an end must end by a bound of the decoders or by this. */
	CALLS = 200000,
};

static void build(void)
{
	fake_runtime();
	scl_addr interp = fake_interpreter(0);
	scl_addr outer = fake_code("app.py", "<module>", 1, 20), inner = fake_code("app.py", "f", 100, 200);
	for (unsigned i = 0; i < 2; i++) {
		scl_addr thread = fake_thread(interp, i + 1, IDENT + i, i + 1);
		scl_addr frame = fake_entry_frame(0, outer, 4);
		for (int unit = 0; unit < 4; unit++)
			frame = unit % 2 ? fake_frame(frame, inner, unit * 40) : fake_entry_frame(frame, inner, unit);
		fake_set_innermost(thread, frame);
	}
}

static void read_stack(struct scl_codes *codes, const struct scl_thread *thread)
{
	static struct scl_frame frames[FRAMES];
	struct scl_snapshot *snap = scl_snapshot_create(&rt, thread->address);
	struct scl_stack stack = {.frames = frames, .capacity = FRAMES};
	for (unsigned round = 0; snap && round < 2; round++) {
		if (!scl_stack_read(&stack, &rt, codes, snap, &err))
			continue;
		if (stack.count > stack.capacity)
			abort();
		for (size_t i = 0; stack.end != SCL_STACK_TORN && i < stack.count; i++)
			if (frames[i].code &&
			    (strlen(frames[i].code->filename) > 4 * SCL_STR_MAX || frames[i].line < 0))
				abort();
	}
	scl_snapshot_destroy(snap);
}

static void read_all(void)
{
	struct scl_interpreter interp = {0};
	struct scl_threads cursor;
	struct scl_thread thread;
	struct scl_gil gil;
	char name[64];
	struct scl_codes *codes = scl_codes_create(&rt, 0);
	if (!codes)
		abort();
	while (scl_interpreter_next(&rt, &interp, &err)) {
		if (scl_gil_read(&rt, &interp, &gil, &err) && gil.end < gil.address)
			abort();
		struct scl_thread_name wanted = {IDENT, name, sizeof name};
		(void)scl_thread_names_read(&rt, &interp, &wanted, 1, &err);
		if (strlen(name) >= sizeof name)
			abort();
	}
	scl_threads_init(&cursor, &rt);
	while (scl_threads_next(&cursor, &thread, &err))
		read_stack(codes, &thread);
	scl_codes_destroy(codes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t layouts;
	const struct scl_layout *const *table = scl_layouts(&layouts);
	struct input input = {data, size};
	heap_open(table[take(&input, 1) % layouts]);
	build();
	mutate(&input);
	scl_target_set_budget(image, (struct scl_read_budget){.calls = CALLS, .bytes = 1u << 30});
	read_all();
	heap_close();
	return 0;
}
