/*
 * frames.h - the Python frames of a thread, innermost first.
 *
 * The walk reads through a snapshot, so that the same code serves a stopped target, a core and a running
 * process. It is bounded and cycle-safe, and says how it ended: a stack that broke off is an answer, too.
 */
#ifndef SCL_PYTHON_FRAMES_H
#define SCL_PYTHON_FRAMES_H

#include "python/frame.h"
#include "python/snapshot.h"
#include "python/threads.h"

enum { SCL_FRAMES_MAX = 20000 }; /* frames of one stack; deeper ones are cut and say so */

enum scl_stack_end {
	SCL_STACK_COMPLETE, /* the outermost frame was reached */
	SCL_STACK_CUT,	    /* SCL_FRAMES_MAX, or the caller's array, is full */
	SCL_STACK_BROKEN,   /* a frame was unreadable or nonsense; `why` says it */
	SCL_STACK_TORN,	    /* the thread moved meanwhile: outer frames only, see scl_stack_read */
};

struct scl_stack {
	struct scl_frame *frames; /* the caller's array */
	size_t count, capacity;
	enum scl_stack_end end;
	struct scl_error why; /* for SCL_STACK_BROKEN */
	bool entered_c;	      /* the innermost frame is a shim: C code is about to call Python or just did */
};

/*
 * A torn stack is no loss: frames[0..count) are then the outer frames that were the same before and after; frames[0]
 * alone may have gone on meanwhile: the function that was busy calling others, which cannot be told. Throwing such
 * samples away would hide just the code that calls most.
 *
 * Decode the stack of the snapshot's thread into stack->frames. False only when not even the thread state
 * could be read (the thread or the process has ended); everything else is in stack->end. Does
 * scl_snapshot_take and scl_snapshot_finish itself.
 */
SCL_CHECKED bool scl_stack_read(struct scl_stack *stack, const struct scl_runtime *rt, struct scl_codes *codes,
				struct scl_snapshot *snap, struct scl_error *err);

#endif
