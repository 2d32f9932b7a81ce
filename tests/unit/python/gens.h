/* gens.h - coroutines, generators and their frames in an image, written as the layout under test says. */
#ifndef SCL_TESTS_GENS_H
#define SCL_TESTS_GENS_H

#include "fake_python.h"
#include "python/containers.h"
#include "python/gen.h"

enum { GEN_UNITS = 8, GEN_UNIT = 2, GEN_STACK = 6, GEN_SIZE = 640, TAG_OF_NULL = 1 };

/* A function of that many arguments "a", "b", ... that can stand in an await at GEN_UNIT. */
static inline scl_addr new_function_code(const char *file, const char *name, const char *const *variable, size_t n)
{
	scl_addr code = fake_code(file, name, 10, GEN_UNITS), names[8] = {0},
		 at = fake_bytecode(code) + 2 * (GEN_UNIT + 1);
	for (size_t i = 0; i < n; i++)
		names[i] = new_ascii(variable[i]);
	if (FAKE_HAS(code, localsplusnames))
		put_u64(AT(code, code, localsplusnames), new_tuple(names, n));
	else
		put_u64(AT(code, code, varnames), new_tuple(names, n));
	fake_put_u32(AT(code, code, stacksize), GEN_STACK);
	for (unsigned opcode = 0; opcode < 256; opcode++)
		if (rt.layout.await_opcodes[opcode]) {
			scl_image_put_u8(image, at, (uint8_t)opcode);
			scl_image_put_u8(image, at + 1, 3);
			break;
		}
	return code;
}

static inline scl_addr gen_frame(scl_addr gen)
{
	scl_addr frame = 0;
	if (FAKE_HAS(gen, iframe))
		return AT(gen, gen, iframe);
	return scl_read_ptr(image, AT(gen, gen, frame), &frame, NULL) ? frame : 0;
}

static inline scl_addr gen_locals(scl_addr gen)
{
	scl_addr frame = gen_frame(gen);
	return rt.layout.frame_link == SCL_FRAME_LINK_OBJECT ? AT(frame, frame, localsplus)
							     : AT(frame, iframe, localsplus);
}

static inline void gen_set_state(scl_addr gen, int state)
{
	if (rt.layout.gen_state == SCL_GEN_STATE_OBJECT)
		scl_image_put_u8(image, AT(gen, gen, frame_state), (uint8_t)state);
	else
		scl_image_put_u8(image, AT(gen_frame(gen), frame, state), (uint8_t)state);
}

/* Values on its stack, above `nlocals` variables. */
static inline void gen_set_stack(scl_addr gen, size_t nlocals, const scl_addr *value, size_t n)
{
	scl_addr frame = gen_frame(gen), base = gen_locals(gen) + 8 * nlocals;
	for (size_t i = 0; i < n; i++)
		put_u64(base + 8 * i, value[i]);
	if (FAKE_HAS(frame, stacktop))
		put_u64(AT(frame, frame, stacktop), base + 8 * n);
	else if (FAKE_HAS(frame, stackdepth)) {
		put_u64(AT(frame, frame, valuestack), base);
		fake_put_u32(AT(frame, frame, stackdepth), (uint32_t)n);
	} else if (FAKE_HAS(iframe, stackpointer))
		put_u64(AT(frame, iframe, stackpointer), base + 8 * n);
	else
		fake_put_u32(AT(frame, iframe, stacktop), (uint32_t)(nlocals + n));
}

static inline void gen_set_status(scl_addr gen, scl_addr code, enum scl_gen_status status)
{
	const struct scl_layout *l = &rt.layout;
	bool none = l->gen_state == SCL_GEN_STATE_NONE, by_state = l->awaiting == SCL_AWAITING_STATE;
	int state = 0;

	fake_set_unit(gen_frame(gen), code, status == SCL_GEN_CREATED ? -1 : GEN_UNIT);
	switch (status) {
	case SCL_GEN_CREATED:
		state = none ? 0 : l->gen_created;
		break;
	case SCL_GEN_SUSPENDED: /* where the next instruction is none of an await */
		state = none ? 0 : l->gen_suspended;
		fake_set_unit(gen_frame(gen), code, GEN_UNIT + 1);
		break;
	case SCL_GEN_AWAITING:
		state = none ? 0 : by_state ? l->gen_awaiting : l->gen_suspended;
		break;
	case SCL_GEN_RUNNING:
		state = none ? 1 : l->gen_executing;
		break;
	case SCL_GEN_DONE:
		state = 100;
		if (FAKE_HAS(gen, frame)) {
			put_u64(AT(gen, gen, frame), 0);
			return;
		}
		break;
	}
	gen_set_state(gen, state);
}

/* What it awaits on its stack, and what lies above that, where something does. */
static inline void gen_set_awaited(scl_addr gen, scl_addr awaited)
{
	scl_addr values[2] = {awaited, TAG_OF_NULL};
	gen_set_stack(gen, 0, values, awaited ? rt.layout.awaited_depth : 0);
}

/* One of no variables; it awaits `awaited` where that is not 0. */
static inline scl_addr new_gen(scl_addr type, scl_addr code, enum scl_gen_status status, scl_addr awaited)
{
	scl_addr gen = new_object(type, GEN_SIZE);
	if (FAKE_HAS(gen, frame))
		put_u64(AT(gen, gen, frame), heap_alloc(GEN_SIZE));
	fake_set_code(gen_frame(gen), code);
	put_u64(AT(gen, gen, qualname), new_ascii("Class.f"));
	gen_set_awaited(gen, awaited);
	gen_set_status(gen, code, status);
	return gen;
}

#endif
