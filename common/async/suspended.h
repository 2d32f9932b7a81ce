/*
 * suspended.h - the tasks that wait while their event loop is idle, read again and again: for samples.
 *
 * Suspended is a task that has begun, is not done and does not run: tasks that wait for something and those whose next
 * step is in the ready queue. What is known of a task is kept with the bytes that it was decoded from, and is decoded
 * again only when one of them has changed: of a thousand sleeping tasks none is decoded twice.
 */
#ifndef SCL_ASYNC_SUSPENDED_H
#define SCL_ASYNC_SUSPENDED_H

#include "async/chain.h"

enum {
	SCL_SUSPENDED_MAX = 65536,	/* tasks of one interpreter in one sample */
	SCL_SUSPENDED_NAME_MAX = 256,	/* bytes of a task's name */
	SCL_SUSPENDED_FRAMES_MAX = 512, /* the outermost and the innermost ones of a longer chain are kept */
};

struct scl_suspended {
	scl_addr address, loop;
	const char *name;		/* not escaped, cut at SCL_SUSPENDED_NAME_MAX */
	const struct scl_frame *frames; /* of its await chain, outermost first; none where it is a foreign coroutine */
	size_t n;
	enum scl_chain_end end;
	/* Whoever has seen the number has seen this task with this name at this place. Never 0, never given twice. */
	uint64_t serial;
};

struct scl_suspended_set {
	const struct scl_suspended *const *tasks; /* in the order of the registry */
	size_t n;
	uint64_t unreadable;  /* tasks in the registry whose state or frames cannot be read; `why` of the first one */
	uint64_t cut;	      /* tasks beyond SCL_SUSPENDED_MAX */
	struct scl_error why; /* SCL_OK: nothing went wrong */
};

struct scl_suspended_reader;

/* Of one interpreter, with the observer's code objects. SCL_ENOTFOUND when it has not imported asyncio. */
struct scl_suspended_reader *scl_suspended_create(const struct scl_runtime *rt, struct scl_codes *codes,
						  const struct scl_interpreter *interp, struct scl_error *err);
void scl_suspended_destroy(struct scl_suspended_reader *reader);
/* The code objects are about to be reset. */
void scl_suspended_forget(struct scl_suspended_reader *reader);
/*
 * Read them; what `ret` refers to lives until the next call. The target should stand still or its page cache be on
 * (scl_target_set_still), without which nothing is kept. False when memory ran out.
 */
SCL_CHECKED bool scl_suspended_read(struct scl_suspended_reader *reader, struct scl_suspended_set *ret,
				    struct scl_error *err);
/* The loop that a thread of the interpreter runs; 0: none. */
scl_addr scl_suspended_loop(struct scl_suspended_reader *reader, scl_addr thread);

#endif
