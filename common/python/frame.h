/*
 * frame.h - one Python frame: what its bytes in the target say, and where in its code it is.
 *
 * A PyFrameObject up to 3.10 (Include/cpython/frameobject.h), a _PyInterpreterFrame since (pycore_frame.h).
 */
#ifndef SCL_PYTHON_FRAME_H
#define SCL_PYTHON_FRAME_H

#include "python/code.h"
#include "python/window.h"

struct scl_frame {
	scl_addr address;
	scl_addr code_address;
	scl_addr instruction;	     /* what the frame's instruction field holds, see enum scl_instruction */
	const struct scl_code *code; /* NULL: the code object could not be read */
	int32_t offset;		     /* bytes into the bytecode; -1 before the first instruction */
	int32_t line;		     /* 0 where none */
	bool entry;	/* C code called into Python here: the frames from here on inwards are one C activation */
	bool generator; /* the frame of a generator or coroutine (3.11; false before) */
};

/* enum _frameowner, pycore_frame.h (3.11) */
enum {
	SCL_OWNER_GENERATOR = 1,
	SCL_OWNER_SHIM = 3, /* FRAME_OWNED_BY_CSTACK (3.12), FRAME_OWNED_BY_INTERPRETER (3.14): from here on upwards */
	SCL_OWNER_MAX = 4,
};

/* A frame as it lies in the target. */
struct scl_raw_frame {
	scl_addr previous, code, instruction;
	uint8_t owner;
	bool is_entry;
};

/* The bytes of a frame that scl_raw_frame_of wants. */
struct scl_window scl_frame_window(const struct scl_layout *layout);
struct scl_raw_frame scl_raw_frame_of(const struct scl_layout *layout, struct scl_window window, const uint8_t *bytes);

/* Fill frame->code, offset and line from its code_address and instruction. Where that fails code is NULL, or the
 * offset is -1 and the code is there: its instruction is not in it. */
SCL_CHECKED bool scl_frame_decode(const struct scl_runtime *rt, struct scl_codes *codes, struct scl_frame *frame,
				  struct scl_error *err);

/* The frame at an address that is known to hold one, decoded: a suspended generator's. */
SCL_CHECKED bool scl_frame_read(const struct scl_runtime *rt, struct scl_codes *codes, scl_addr address,
				struct scl_frame *ret, struct scl_error *err);

#endif
