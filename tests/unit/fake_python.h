/*
 * fake_python.h - a running interpreter in an image: runtime, interpreters, threads, code objects, frames.
 *
 * Everything is written as the layout under test says CPython writes it, on top of python/objects.h, whose image
 * and `rt` it uses. Nothing here decodes.
 */
#ifndef SCL_TESTS_FAKE_PYTHON_H
#define SCL_TESTS_FAKE_PYTHON_H

#include "python/objects.h"

#include "python/frames.h"

enum {
	FAKE_RUNTIME = 0x1000000,
	FAKE_RUNTIME_SIZE = 0x100000,
	FAKE_GENERATOR = 1, /* owner of a frame, as CPython numbers it */
	FAKE_SHIM = 3,
};

/* Bytes that hold every field of a structure, whose fields run from `first` to `last`. */
static inline size_t fake_size(enum scl_field first, enum scl_field last)
{
	int32_t size = 0;
	for (int f = (int)first; f <= (int)last; f++)
		if (rt.layout.off[f] != SCL_ABSENT && rt.layout.off[f] + 8 > size)
			size = rt.layout.off[f] + 8;
	return (size_t)size;
}

#define FAKE_SIZE(structure, first, last) fake_size(SCL_FIELD_##structure##_##first, SCL_FIELD_##structure##_##last)
#define FAKE_HAS(structure, field)	  scl_has(&rt.layout, structure, field)

static inline void fake_put_u32(scl_addr addr, uint32_t value)
{
	scl_image_put_u32(image, addr, value);
}

/* A runtime with no interpreter yet. Call once after heap_open. */
static inline void fake_runtime(void)
{
	if (!scl_image_map(image, FAKE_RUNTIME, FAKE_RUNTIME_SIZE))
		abort();
	rt.address = FAKE_RUNTIME;
	rt.code_type = new_type(0, 0, "code");
}

/* A new interpreter becomes the head of the list, as in CPython; so make them with rising ids. */
static inline scl_addr fake_interpreter(int64_t id)
{
	scl_addr interp = heap_alloc(FAKE_SIZE(interp, next, tasks_head) + 16), gil = heap_alloc(256), next;
	if (!scl_read_ptr(image, AT(FAKE_RUNTIME, runtime, interpreters_head), &next, NULL))
		abort();
	put_u64(AT(interp, interp, next), next);
	put_u64(AT(interp, interp, id), (uint64_t)id);
	if (FAKE_HAS(interp, gil))
		put_u64(AT(interp, interp, gil), gil);
	put_u64(AT(FAKE_RUNTIME, runtime, interpreters_head), interp);
	return interp;
}

/* A live thread state becomes the head of its interpreter's list; make them with rising ids. */
static inline scl_addr fake_thread(scl_addr interp, uint64_t id, uint64_t ident, uint64_t lwp)
{
	scl_addr thread = heap_alloc(FAKE_SIZE(thread, next, tasks_head) + 16), next;
	if (!scl_read_ptr(image, AT(interp, interp, threads_head), &next, NULL))
		abort();
	put_u64(AT(thread, thread, next), next);
	put_u64(AT(thread, thread, interp), interp);
	put_u64(AT(thread, thread, id), id);
	put_u64(AT(thread, thread, thread_id), ident);
	if (FAKE_HAS(thread, native_thread_id))
		put_u64(AT(thread, thread, native_thread_id), lwp);
	if (FAKE_HAS(thread, status))
		fake_put_u32(AT(thread, thread, status), rt.layout.status_ready);
	if (FAKE_HAS(thread, initialized))
		fake_put_u32(AT(thread, thread, initialized), 1);
	if (rt.layout.frame_link == SCL_FRAME_LINK_CFRAME)
		put_u64(AT(thread, thread, cframe), heap_alloc(64));
	put_u64(AT(interp, interp, threads_head), thread);
	return thread;
}

/* A Thread instance with a dict of its own. */
static inline scl_addr fake_thread_object(scl_addr name)
{
	scl_addr keys[] = {new_ascii("_target"), new_ascii("_name")}, values[] = {name, name};
	scl_addr type = new_type(0, 64, "Thread"), object = new_object(type, 64);
	put_u64(AT(type, type, dictoffset), 32);
	put_u64(object + 32, new_dict(GENERAL, keys, values, 2));
	return object;
}

/* sys.modules with a module threading whose dict has `_active`. */
static inline scl_addr fake_modules(scl_addr active)
{
	scl_addr keys[] = {new_ascii("get_ident"), new_ascii("_active")}, values[] = {active, active};
	scl_addr module = new_object(new_type(0, 64, "module"), 64), module_key = new_ascii("threading");
	put_u64(AT(module, module, dict), new_dict(GENERAL, keys, values, 2));
	return new_dict(GENERAL, &module_key, &module, 1);
}

/* The hexversion of a release of the layout's version. */
static inline uint32_t fake_hexversion(const struct scl_layout *layout)
{
	return (uint32_t)layout->major << 24 | (uint32_t)layout->minor << 16 | 0x03f0;
}

/* The dict of sys. */
static inline scl_addr fake_sys(scl_addr interp, int64_t version, const char *abiflags)
{
	scl_addr keys[] = {new_ascii("path"), new_ascii("hexversion"), new_ascii("abiflags")};
	scl_addr values[] = {new_int(0), new_int(version), new_ascii(abiflags)};
	scl_addr dict = new_dict(GENERAL, keys, values, 3);
	put_u64(AT(interp, interp, sysdict), dict);
	return dict;
}

static inline scl_addr fake_bytes(const void *bytes, size_t n)
{
	scl_addr object = new_object(builtin_type(SCL_TYPE_BYTES, "bytes"), 64 + n);
	put_u64(AT(object, bytes, size), n);
	if (n)
		scl_image_put(image, AT(object, bytes, data), bytes, n);
	return object;
}

/* A table that gives unit i the line firstlineno + i. At most 256 units. */
static inline scl_addr fake_linetable(size_t units)
{
	uint8_t table[512];
	for (size_t i = 0; i < units; i++) {
		bool first = i == 0;
		switch (rt.layout.line_table) {
		case SCL_LINE_TABLE_LNOTAB:
			table[2 * i] = first ? 0 : 2;
			table[2 * i + 1] = first ? 0 : 1;
			break;
		case SCL_LINE_TABLE_PEP626:
			table[2 * i] = 2;
			table[2 * i + 1] = first ? 0 : 1;
			break;
		case SCL_LINE_TABLE_LOCATIONS: /* kind 13, one unit, delta as a signed varint */
			table[2 * i] = 0x80 | 13 << 3;
			table[2 * i + 1] = first ? 0 : 2;
			break;
		}
	}
	return fake_bytes(table, 2 * units);
}

/* Where the first instruction of a code object is. */
static inline scl_addr fake_bytecode(scl_addr code)
{
	scl_addr bytes;
	if (FAKE_HAS(code, adaptive))
		return AT(code, code, adaptive);
	if (!scl_read_ptr(image, AT(code, code, bytecode), &bytes, NULL))
		abort();
	return AT(bytes, bytes, data);
}

/* A code object of `units` instructions, each on a line of its own, from firstlineno on. */
static inline scl_addr fake_code(const char *filename, const char *name, int32_t firstlineno, size_t units)
{
	uint8_t bytecode[512] = {0};
	scl_addr code = new_object(rt.code_type, FAKE_SIZE(code, flags, tlbc) + 2 * units);
	put_u64(AT(code, code, filename), new_ascii(filename));
	put_u64(AT(code, code, name), new_ascii(name));
	if (FAKE_HAS(code, qualname)) {
		char qualname[128];
		snprintf(qualname, sizeof qualname, "Class.%s", name);
		put_u64(AT(code, code, qualname), new_ascii(qualname));
	}
	fake_put_u32(AT(code, code, firstlineno), (uint32_t)firstlineno);
	put_u64(AT(code, code, linetable), fake_linetable(units));
	if (FAKE_HAS(code, adaptive)) {
		put_u64(AT(code, code, size), units);
		scl_image_put(image, AT(code, code, adaptive), bytecode, 2 * units);
	} else {
		put_u64(AT(code, code, bytecode), fake_bytes(bytecode, 2 * units));
	}
	return code;
}

/* -- frames --------------------------------------------------------------------------------------------- */

static inline void fake_set_innermost(scl_addr thread, scl_addr frame)
{
	scl_addr cframe;
	switch (rt.layout.frame_link) {
	case SCL_FRAME_LINK_OBJECT:
		put_u64(AT(thread, thread, frame), frame);
		break;
	case SCL_FRAME_LINK_CFRAME:
		if (!scl_read_ptr(image, AT(thread, thread, cframe), &cframe, NULL))
			abort();
		put_u64(AT(cframe, cframe, current_frame), frame);
		break;
	case SCL_FRAME_LINK_THREAD:
		put_u64(AT(thread, thread, current_frame), frame);
		break;
	}
}

static inline void fake_set_previous(scl_addr frame, scl_addr previous)
{
	put_u64(rt.layout.frame_link == SCL_FRAME_LINK_OBJECT ? AT(frame, frame, back) : AT(frame, iframe, previous),
		previous);
}

static inline void fake_set_code(scl_addr frame, scl_addr code)
{
	scl_addr tag = rt.layout.pointer_tag_mask & 1; /* "not counted", Include/internal/pycore_stackref.h (3.14) */
	put_u64(rt.layout.frame_link == SCL_FRAME_LINK_OBJECT ? AT(frame, frame, code) : AT(frame, iframe, executable),
		code | tag);
}

/* The frame executes, or is in, instruction `unit`; -1: it has not begun. */
static inline void fake_set_unit(scl_addr frame, scl_addr code, int32_t unit)
{
	switch (rt.layout.instruction) {
	case SCL_INSTRUCTION_LASTI_BYTES:
		fake_put_u32(AT(frame, frame, lasti), (uint32_t)(unit < 0 ? -1 : 2 * unit));
		break;
	case SCL_INSTRUCTION_LASTI_UNITS:
		fake_put_u32(AT(frame, frame, lasti), (uint32_t)unit);
		break;
	case SCL_INSTRUCTION_PREV:
	case SCL_INSTRUCTION_NEXT:
		put_u64(AT(frame, iframe, instruction), fake_bytecode(code) + (scl_addr)(2 * (int64_t)unit));
		break;
	}
}

static inline void fake_set_owner(scl_addr frame, uint8_t owner)
{
	if (FAKE_HAS(iframe, owner))
		scl_image_put_u8(image, AT(frame, iframe, owner), owner);
}

static inline scl_addr fake_frame(scl_addr previous, scl_addr code, int32_t unit)
{
	scl_addr frame = heap_alloc(rt.layout.frame_link == SCL_FRAME_LINK_OBJECT ? 400 : 120);
	fake_set_previous(frame, previous);
	fake_set_code(frame, code);
	fake_set_unit(frame, code, unit);
	return frame;
}

/* C code calls into Python: `code` runs in a new frame on top of `previous` (0: as the base of the thread). */
static inline scl_addr fake_entry_frame(scl_addr previous, scl_addr code, int32_t unit)
{
	scl_addr frame;
	if (rt.layout.shim == SCL_SHIM_OWNER) {
		scl_addr shim = heap_alloc(120);
		fake_set_previous(shim, previous);
		fake_set_owner(shim, FAKE_SHIM);
		previous = shim;
	}
	frame = fake_frame(previous, code, unit);
	if (rt.layout.shim == SCL_SHIM_IS_ENTRY)
		scl_image_put_u8(image, AT(frame, iframe, is_entry), 1);
	return frame;
}

#endif
