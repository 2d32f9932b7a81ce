/*
 * layout.h - where CPython keeps things, as data: one table per version.
 *
 * fields.def names every field once. cpython-X.Y.def, written by scripts/dev/gen-layout, gives each an offset or
 * says that this version has none, and sets the traits. A decoder asks scl_off(layout, thread, next) and
 * switches on traits, never on a version number. A layout is a plain value and may be copied and refined.
 */
#ifndef SCL_LAYOUT_LAYOUT_H
#define SCL_LAYOUT_LAYOUT_H

#include <stddef.h>

#include "base/error.h"

enum scl_field {
#define FIELD(structure, field, size) SCL_FIELD_##structure##_##field,
#include "layout/fields.def"
#undef FIELD
	SCL_NFIELDS
};

/* Bytes that a field takes in the target: 8 for a pointer. For STRUCT sizes (field `sizeof`) it is 0. */
extern const uint8_t scl_field_size[SCL_NFIELDS];
extern const char *const scl_field_name[SCL_NFIELDS]; /* "thread.next" */

enum { SCL_ABSENT = -1 };

/* How the innermost frame of a thread is reached. */
enum scl_frame_link {
	SCL_FRAME_LINK_OBJECT, /* thread.frame is a PyFrameObject, a heap object; f_back links (3.10 and before) */
	SCL_FRAME_LINK_CFRAME, /* thread.cframe -> _PyCFrame.current_frame -> _PyInterpreterFrame (3.11, 3.12) */
	SCL_FRAME_LINK_THREAD, /* thread.current_frame -> _PyInterpreterFrame (3.13, gh-106320) */
};

/* What the instruction field of a frame holds. */
enum scl_instruction {
	SCL_INSTRUCTION_LASTI_BYTES, /* int, byte offset, -1 before the start (3.9 and before) */
	SCL_INSTRUCTION_LASTI_UNITS, /* int, code units of two bytes (3.10, bpo-27129) */
	SCL_INSTRUCTION_PREV,	     /* address of the instruction that ran last (3.11, 3.12) */
	SCL_INSTRUCTION_NEXT,	     /* address of the instruction that runs now, instr_ptr (3.13, gh-109094) */
};

/* How an instruction offset becomes a line. */
enum scl_line_table {
	SCL_LINE_TABLE_LNOTAB,	  /* co_lnotab, 3.9 and before (Objects/lnotab_notes.txt) */
	SCL_LINE_TABLE_PEP626,	  /* co_linetable of 3.10 */
	SCL_LINE_TABLE_LOCATIONS, /* location table, 3.11 (Objects/locations.md, PEP 657) */
};

/* int objects. */
enum scl_int_repr { SCL_INT_OB_SIZE, SCL_INT_LV_TAG /* 3.12, gh-101291 */ };
/* PyDictKeysObject. */
enum scl_dict_keys { SCL_DICT_KEYS_SIZE /* dk_size, 3.10 */, SCL_DICT_KEYS_LOG2 /* dk_log2_size, 3.11 */ };
/* Where the attributes of an instance live when its type has no tp_dictoffset. */
enum scl_instance_dict {
	SCL_INSTANCE_DICT_OFFSET, /* tp_dictoffset only (3.10 and before) */
	SCL_INSTANCE_DICT_BEFORE, /* values at -32, dict at -24 (3.11) */
	SCL_INSTANCE_DICT_TAGGED, /* one word at -24, bit 0 set: values array at word + 1 (3.12) */
	SCL_INSTANCE_DICT_INLINE, /* dict at managed_dict offset, else inline values after the object (3.13) */
};
/* Where the GIL's state is. */
enum scl_gil_home {
	SCL_GIL_RUNTIME,     /* _PyRuntime.ceval.gil, one for all interpreters (3.11 and before) */
	SCL_GIL_INTERPRETER, /* interpreter.gil points to it (3.12, PEP 684) */
};
/* Which frames are the interpreter's own. */
enum scl_shim {
	SCL_SHIM_NONE,	   /* 3.10 and before: one C call per Python frame */
	SCL_SHIM_IS_ENTRY, /* frame.is_entry marks a frame that entered a C evaluation loop (3.11) */
	SCL_SHIM_OWNER,	   /* frame.owner >= 3 is an entry shim, skipped (3.12) */
};

/* How far a generator, a coroutine or an asynchronous generator is. */
enum scl_gen_state {
	SCL_GEN_STATE_NONE,   /* of its frame: f_executing, f_lasti; no frame: done (3.9 and before) */
	SCL_GEN_STATE_FRAME,  /* frame.state of its frame (3.10, bpo-42500) */
	SCL_GEN_STATE_OBJECT, /* gen.frame_state (3.11) */
};
/* How a suspended one says that it awaits (or yields from) another object, which then lies on its stack. */
enum scl_awaiting {
	SCL_AWAITING_YIELD_FROM, /* the next instruction is YIELD_FROM (3.10 and before) */
	SCL_AWAITING_RESUME,	 /* the next instruction is a RESUME with an argument of 2 or 3 (3.11, 3.12) */
	SCL_AWAITING_STATE,	 /* its state is gen_awaiting (3.13, gh-109369) */
};
/* Where asyncio keeps all tasks. */
enum scl_task_registry {
	SCL_TASK_REGISTRY_ALL,	     /* WeakSet asyncio.tasks._all_tasks (3.11 and before) */
	SCL_TASK_REGISTRY_SCHEDULED, /* _scheduled_tasks and the set _eager_tasks (3.12, gh-97696) */
	SCL_TASK_REGISTRY_LISTS,     /* lists in the thread states and interpreters (3.14, gh-128002) */
};
/* Where a thread keeps its running event loop. */
enum scl_running_loop {
	SCL_RUNNING_LOOP_HOLDER, /* thread.dict, in a _RunningLoopHolder (3.11 and before) */
	SCL_RUNNING_LOOP_DICT,	 /* thread.dict (3.12) */
	SCL_RUNNING_LOOP_THREAD, /* thread.running_loop (3.13) */
};

/* Where _Py_DebugOffsets or .AsyncioDebug publishes a field; positions are bytes into the table, 0 is none (the cookie is there). */
struct scl_debug_offset {
	enum scl_field field;
	uint16_t size_at; /* of the structure's size */
	uint16_t at;	  /* of the value: table[at] + table[plus_at] - table[minus_at] */
	uint16_t plus_at, minus_at;
};

struct scl_layout {
	const char *name;	  /* "3.12" */
	uint16_t major, minor;	  /* what the table was generated from, or is tried on; for the version probe only */
	uint64_t runtime_size;	  /* sizeof(_PyRuntime) of the build it was generated from */
	int32_t off[SCL_NFIELDS]; /* SCL_ABSENT where this version has no such field */
	enum scl_frame_link frame_link;
	enum scl_instruction instruction;
	enum scl_line_table line_table;
	enum scl_int_repr int_repr;
	enum scl_dict_keys dict_keys;
	enum scl_instance_dict instance_dict;
	enum scl_gil_home gil_home;
	enum scl_shim shim;
	uint8_t pointer_tag_mask;   /* low bits of f_executable that are a tag */
	uint8_t keys_values_header; /* bytes before the first entry of a PyDictValues */
	int8_t values_valid;	    /* of the byte in a PyDictValues that says "in use"; SCL_ABSENT before 3.13 */
	int8_t managed_dict;	    /* of the word before the object that leads to its dict; 0 where there is none */
	uint32_t status_ready;	    /* bits of thread.status that must be set ... */
	uint32_t status_gone;	    /* ... and that must not be: cleared, finalized (they moved in 3.13) */
	enum scl_gen_state gen_state;
	int8_t gen_created, gen_suspended, gen_awaiting, gen_executing; /* values of the state; others mean done */
	enum scl_awaiting awaiting;
	uint8_t awaited_depth; /* which value from the top of its stack is what it awaits: 1, the topmost; 2 from 3.15 on */
	enum scl_task_registry task_registry;
	enum scl_running_loop running_loop;
	uint8_t str_kind_shift; /* of the three bits `kind` in unicode.state */
	uint8_t str_compact_bit, str_ascii_bit;
	const bool *call_opcodes;			/* 256 flags: see scl_opcode_calls */
	const bool *await_opcodes;			/* 256 flags: YIELD_FROM, or every kind of RESUME */
	const struct scl_debug_offset *debug_offsets;	/* ends with field SCL_NFIELDS */
	const struct scl_debug_offset *asyncio_offsets; /* likewise, in .AsyncioDebug (3.14) */
	bool published;					/* refined from _Py_DebugOffsets */
	bool asyncio_published;				/* refined from .AsyncioDebug */
};

#define scl_off(layout, structure, field) ((layout)->off[SCL_FIELD_##structure##_##field])
#define scl_has(layout, structure, field) (scl_off(layout, structure, field) != SCL_ABSENT)

/* Every table that is compiled in, oldest first; *n gets their number. */
const struct scl_layout *const *scl_layouts(size_t *n);
/* The table for a CPython X.Y, by PY_VERSION_HEX; NULL when there is none. */
const struct scl_layout *scl_layout_for(uint32_t hexversion);
/* True when the opcode byte is a call that may run C code: a generic, a specialised or an instrumented one, but not one
 * that is specialised for a Python function (PEP 659), which runs in the same evaluation loop. */
bool scl_opcode_calls(const struct scl_layout *layout, uint8_t opcode);

/*
 * Refine `layout` from a copy of _Py_DebugOffsets (3.13; Include/internal/pycore_debug_offsets.h). Each value
 * is checked against its structure's published size before it replaces ours. SCL_ECORRUPT, and the layout as it
 * was, when the cookie is wrong or a value cannot be.
 */
enum { SCL_DEBUG_OFFSETS_MAX = 1024, SCL_DEBUG_OFFSETS_HEAD = 24 };
SCL_CHECKED bool scl_layout_refine(struct scl_layout *layout, const void *table, size_t size, struct scl_error *err);
/*
 * Likewise from a copy of the section .AsyncioDebug (3.14; Modules/_asynciomodule.c), which has neither a cookie nor a version:
 * it is believed where every value fits. What it does not name moves with its neighbour that it does. True, and nothing done,
 * for a layout that knows no such table.
 */
enum { SCL_ASYNCIO_OFFSETS_MAX = 256 };
SCL_CHECKED bool scl_layout_refine_asyncio(struct scl_layout *layout, const void *table, size_t size,
					   struct scl_error *err);
#define SCL_DEBUG_OFFSETS_COOKIE "xdebugpy" /* Include/internal/pycore_debug_offsets.h */
/* The head of a table: cookie right? then its PY_VERSION_HEX and flavour. */
bool scl_debug_offsets_head(const void *table, size_t size, uint32_t *hexversion, bool *free_threaded);

#endif
