/*
 * asyncio.h - the asyncio of one interpreter: its modules, and what kind of awaitable an object is.
 *
 * Sources: Lib/asyncio, Modules/_asynciomodule.c. Classes are recognised by the objects that the modules asyncio.tasks
 * and asyncio.futures hold, never by their names alone.
 */
#ifndef SCL_ASYNC_ASYNCIO_H
#define SCL_ASYNC_ASYNCIO_H

#include "python/decoder.h"
#include "python/threads.h"

/* Kinds of scl_type.kind. */
enum scl_await_kind {
	SCL_AWAIT_NOT_KNOWN, /* not decided yet */
	SCL_AWAIT_OTHER,
	SCL_AWAIT_COROUTINE,
	SCL_AWAIT_GENERATOR,
	SCL_AWAIT_ASYNC_GENERATOR,
	SCL_AWAIT_WRAPPER,  /* coroutine_wrapper, async_generator_asend and _athrow, anext_awaitable, FutureIter */
	SCL_AWAIT_C_FUTURE, /* _asyncio.Future and its subclasses */
	SCL_AWAIT_C_TASK,
	SCL_AWAIT_PY_FUTURE, /* asyncio.futures._PyFuture and its subclasses */
	SCL_AWAIT_PY_TASK,
};

struct scl_asyncio {
	struct scl_decoder decoder;
	struct scl_interpreter interp;
	scl_addr tasks, futures;  /* dicts of the modules asyncio.tasks and asyncio.futures */
	scl_addr c_task, py_task; /* classes; 0 where there is none */
	scl_addr c_future, py_future;
	scl_addr start, end;	 /* where the interpreter's own module is mapped */
	struct scl_runtime *own; /* the runtime with a layout that .AsyncioDebug has refined; decoder.rt is this one */
	struct scl_error doubtful; /* why .AsyncioDebug was not believed; SCL_OK: it was, or there is none */
};

/*
 * SCL_ENOTFOUND when the interpreter has not imported asyncio. `codes`: as for scl_decoder_init. scl_asyncio_destroy
 * is due after success only; a zeroed one is valid.
 */
SCL_CHECKED bool scl_asyncio_init(struct scl_asyncio *a, const struct scl_runtime *rt, struct scl_codes *codes,
				  const struct scl_interpreter *interp, struct scl_error *err);
void scl_asyncio_destroy(struct scl_asyncio *a);
/* Read the modules and classes anew: a program may import asyncio late. */
SCL_CHECKED bool scl_asyncio_refresh(struct scl_asyncio *a, struct scl_error *err);

/* Some interpreter of the process has imported asyncio. */
bool scl_asyncio_is_loaded(const struct scl_runtime *rt);

/* Kind of an object by its type; SCL_AWAIT_OTHER where the type cannot be read. `type` may be NULL. */
enum scl_await_kind scl_await_kind_of(struct scl_asyncio *a, scl_addr object, const struct scl_type **type);
bool scl_await_is_future(enum scl_await_kind kind); /* tasks, too */
bool scl_await_is_task(enum scl_await_kind kind);
/* A coroutine, generator or asynchronous generator: scl_gen_read reads it. */
bool scl_await_is_gen(enum scl_await_kind kind);

/* An attribute of an instance; 0 where it has none, or None. `name`: a literal. */
scl_addr scl_asyncio_attr(struct scl_asyncio *a, scl_addr object, const char *name);
/* The object, or 0 where it is None, or no object. */
scl_addr scl_asyncio_not_none(struct scl_asyncio *a, scl_addr object);
/* A bool or int that reads as other than 0; false too where it cannot be read. */
bool scl_asyncio_is_true(struct scl_asyncio *a, scl_addr object);
/* An object's class without its module: "Lock". Owned by the type cache; "?" where it cannot be read. */
const char *scl_asyncio_class_name(struct scl_asyncio *a, scl_addr object);

#endif
