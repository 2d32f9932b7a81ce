#include "python/frames.h"

#include <string.h>

enum {
	STEPS_MAX = 4 * SCL_FRAMES_MAX, /* frames and shims */
};

/* Highest address of user space on x86-64 with four-level page tables, which CPython's allocators stay below. */
static const scl_addr address_max = 0x7fffffffffff;

struct walk {
	struct scl_stack *stack;
	const struct scl_runtime *rt;
	struct scl_codes *codes;
	struct scl_snapshot *snap;
	struct scl_window window;
};

static bool break_off(struct scl_stack *stack, scl_addr at, const char *what)
{
	/* The first reason is the one that counts. */
	if (stack->end == SCL_STACK_BROKEN)
		return false;
	stack->end = SCL_STACK_BROKEN;
	return scl_fail_at(&stack->why, SCL_ECORRUPT, at, "frame at 0x%" PRIx64 ": %s", at, what);
}

static bool plausible(scl_addr at)
{
	return at % 8 == 0 && at <= address_max;
}

static bool read_link(struct walk *walk, scl_addr at, struct scl_raw_frame *link)
{
	uint8_t bytes[SCL_WINDOW_MAX];

	if (!plausible(at))
		return break_off(walk->stack, at, "no frame can be there");
	if (!scl_snapshot_read(walk->snap, at + (uint32_t)walk->window.low, bytes, walk->window.size,
			       &walk->stack->why)) {
		walk->stack->end = SCL_STACK_BROKEN;
		return scl_wrap(&walk->stack->why, "frame at 0x%" PRIx64, at);
	}
	*link = scl_raw_frame_of(&walk->rt->layout, walk->window, bytes);
	return link->owner <= SCL_OWNER_MAX || break_off(walk->stack, at, "unknown owner");
}

static bool is_shim(const struct walk *walk, const struct scl_raw_frame *link)
{
	return walk->rt->layout.shim == SCL_SHIM_OWNER && link->owner >= SCL_OWNER_SHIM;
}

/* Keep a frame, or note a shim: C code called into Python between the frames on its two sides. */
static bool keep_link(struct walk *walk, scl_addr at, const struct scl_raw_frame *link, bool *shim)
{
	struct scl_stack *stack = walk->stack;

	*shim = is_shim(walk, link);
	if (*shim) {
		if (stack->count)
			stack->frames[stack->count - 1].entry = true;
		else
			stack->entered_c = true;
		return true;
	}
	if (stack->count >= stack->capacity || stack->count >= SCL_FRAMES_MAX) {
		stack->end = SCL_STACK_CUT;
		return false;
	}
	stack->frames[stack->count++] = (struct scl_frame){
		.address = at,
		.code_address = link->code,
		.instruction = link->instruction,
		.entry = walk->rt->layout.shim == SCL_SHIM_NONE || link->is_entry,
		.generator = link->owner == SCL_OWNER_GENERATOR,
	};
	return true;
}

/* A chain that ends anywhere else than at a frame that C code entered was cut while it was read. */
static void check_base(struct walk *walk, scl_addr last, bool last_is_shim)
{
	const struct scl_stack *stack = walk->stack;
	bool good = true;

	switch (walk->rt->layout.shim) {
	case SCL_SHIM_NONE:
		/* Needs the code objects: see check_outermost. */
		break;
	case SCL_SHIM_IS_ENTRY:
		good = !stack->count || stack->frames[stack->count - 1].entry;
		break;
	case SCL_SHIM_OWNER:
		good = !last || last_is_shim;
		break;
	}
	if (!good)
		(void)break_off(walk->stack, last, "ends the chain without being its base");
}

/* Follow the chain and note what it holds; no code object is read. Brent's cycle detection: a marker that is moved
 * to the current frame at every power of two. */
static void follow(struct walk *walk)
{
	scl_addr at = scl_snapshot_innermost(walk->snap), marker = 0, last = 0;
	unsigned steps = 0, limit = 1;
	bool shim = false;

	for (; at; steps++) {
		struct scl_raw_frame link;

		if (at == marker || steps >= STEPS_MAX) {
			(void)break_off(walk->stack, at, "the chain of frames is a cycle");
			return;
		}
		if (steps == limit) {
			limit *= 2;
			marker = at;
		}
		if (!read_link(walk, at, &link) || !keep_link(walk, at, &link, &shim))
			return;
		last = at;
		at = link.previous;
	}
	check_base(walk, last, shim);
}

/*
 * Follow the chain as it was a little later, up to `capacity` frames into `frames`. Only addresses, code and instruction
 * are filled in. Returns how many; SIZE_MAX where that chain cannot be followed to its end.
 */
static size_t follow_again(struct walk *walk, struct scl_frame *frames, size_t capacity)
{
	scl_addr at = scl_snapshot_innermost_again(walk->snap);
	uint8_t bytes[SCL_WINDOW_MAX];
	size_t n = 0;

	for (unsigned steps = 0; at; steps++) {
		struct scl_raw_frame link;

		if (steps >= STEPS_MAX || !plausible(at) ||
		    !scl_snapshot_read_again(walk->snap, at + (uint32_t)walk->window.low, bytes, walk->window.size))
			return SIZE_MAX;
		link = scl_raw_frame_of(&walk->rt->layout, walk->window, bytes);
		if (!is_shim(walk, &link)) {
			if (n == capacity)
				return SIZE_MAX;
			frames[n++] = (struct scl_frame){
				.address = at, .code_address = link.code, .instruction = link.instruction};
		}
		at = link.previous;
	}
	return n;
}

static bool same_frame(const struct scl_frame *a, const struct scl_frame *b)
{
	return a->address == b->address && a->code_address == b->code_address && a->instruction == b->instruction;
}

/* The same activation of the same function, at another instruction perhaps. */
static bool same_activation(const struct scl_frame *a, const struct scl_frame *b)
{
	return a->address == b->address && a->code_address == b->code_address;
}

/*
 * Compare the chain with what it was a little later. Only the innermost frame may have gone on in the same code. If there
 * is another difference, what is kept is the outer part that is the same, and the frame after it when it only went on:
 * that is the function that was busy calling. The rest of the caller's array is scratch.
 */
static void compare(struct walk *walk, bool moved)
{
	struct scl_stack *stack = walk->stack;
	struct scl_frame *again = stack->frames + stack->count, *frames = stack->frames;
	size_t count = stack->count, n = follow_again(walk, again, stack->capacity - count), same = 0;

	if (n == SIZE_MAX)
		n = 0;
	while (same < count && same < n && same_frame(&frames[count - 1 - same], &again[n - 1 - same]))
		same++;
	if (same < count && same < n && same_activation(&frames[count - 1 - same], &again[n - 1 - same]))
		same++;
	if (!moved && n == count && same == count)
		return;
	stack->end = SCL_STACK_TORN;
	stack->entered_c = false;
	stack->count = same;
	memmove(frames, frames + (count - same), same * sizeof *frames);
}

/* _PyFrame_IsIncomplete, pycore_frame.h (3.11): pushed, but not yet at its RESUME; tracebacks hide such frames. */
static bool incomplete(const struct scl_layout *layout, const struct scl_frame *frame)
{
	return scl_has(layout, code, firsttraceable) && !frame->generator &&
	       frame->offset < 2 * frame->code->firsttraceable;
}

/* False where the frame's code object is no code object, or its instruction is not in it. */
static bool decode_frame(struct walk *walk, struct scl_frame *frame)
{
	struct scl_stack *stack = walk->stack;
	struct scl_error why;

	if (scl_frame_decode(walk->rt, walk->codes, frame, &why))
		return true;
	/* The first reason is the one that counts. */
	if (stack->end != SCL_STACK_BROKEN) {
		stack->end = SCL_STACK_BROKEN;
		stack->why = why;
	}
	return false;
}

/* A generator's frame has no caller only while it is suspended: then the chain was cut when it was read. */
static void check_outermost(struct scl_stack *stack)
{
	const unsigned suspends =
		SCL_CO_GENERATOR | SCL_CO_COROUTINE | SCL_CO_ITERABLE_COROUTINE | SCL_CO_ASYNC_GENERATOR;
	const struct scl_frame *last = stack->count ? &stack->frames[stack->count - 1] : NULL;

	if (stack->end == SCL_STACK_COMPLETE && last && last->code && last->code->flags & suspends)
		(void)break_off(stack, last->address, "is a generator's without a caller");
}

/* Give the frames their code objects and lines; drop those that tracebacks do not show either. */
static void decode(struct walk *walk)
{
	struct scl_stack *stack = walk->stack;
	size_t kept = 0;

	for (size_t i = 0; i < stack->count; i++) {
		struct scl_frame frame = stack->frames[i];

		if (decode_frame(walk, &frame) && incomplete(&walk->rt->layout, &frame)) {
			stack->entered_c = stack->entered_c || (i == 0 && frame.entry);
			continue;
		}
		stack->frames[kept++] = frame;
	}
	stack->count = kept;
	check_outermost(stack);
}

/* Is what was followed one instant of the thread? Else only what did not change stays. */
static bool settle(struct walk *walk, struct scl_error *err)
{
	struct scl_stack *stack = walk->stack;
	bool torn;

	if (!scl_snapshot_finish(walk->snap, &torn, err))
		return false;
	if (!scl_snapshot_misses(walk->snap) && stack->end == SCL_STACK_COMPLETE) {
		compare(walk, torn);
	} else if (torn) {
		stack->end = SCL_STACK_TORN;
		stack->count = 0;
	}
	return true;
}

bool scl_stack_read(struct scl_stack *stack, const struct scl_runtime *rt, struct scl_codes *codes,
		    struct scl_snapshot *snap, struct scl_error *err)
{
	struct walk walk = {stack, rt, codes, snap, scl_frame_window(&rt->layout)};
	bool torn;

	stack->count = 0;
	stack->end = SCL_STACK_COMPLETE;
	stack->why.code = SCL_OK;
	stack->why.text[0] = '\0';
	stack->entered_c = false;
	if (!walk.window.size)
		return scl_fail(err, SCL_EUNSUPPORTED, "the layout has no usable frames");
	scl_codes_tick(codes);
	if (!scl_snapshot_take(snap, err))
		return false;
	follow(&walk);
	if (!settle(&walk, err))
		return false;
	decode(&walk);
	/* A frame that makes no sense is a lie only when the thread stands still. */
	if (stack->end == SCL_STACK_BROKEN && scl_snapshot_recheck(snap, &torn, NULL) && torn) {
		stack->end = SCL_STACK_TORN;
		stack->count = 0;
	}
	return true;
}
