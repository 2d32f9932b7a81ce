/*
 * threads.h - interpreters and thread states of a runtime, and who holds the GIL.
 */
#ifndef SCL_PYTHON_THREADS_H
#define SCL_PYTHON_THREADS_H

#include "python/runtime.h"

enum {
	SCL_INTERPRETERS_MAX = 256,
	SCL_THREADS_MAX = 16384, /* of one runtime */
};

struct scl_interpreter {
	scl_addr address;
	int64_t id;   /* 0 is the main interpreter */
	scl_addr gil; /* its struct _gil_runtime_state; 0 where not known */
	scl_addr threads_head;
	scl_addr modules; /* sys.modules, a dict; 0 while starting */
	scl_addr sysdict;
	bool gc_collecting;
	bool finalizing;
	unsigned index; /* in the list; how far the walk has come */
};

/* Interpreters from newest to oldest; the main one is last. Start with a zeroed *ret; each call replaces it by the
 * next one. False at the end of the list with err->code == SCL_OK, or on an error. */
SCL_CHECKED bool scl_interpreter_next(const struct scl_runtime *rt, struct scl_interpreter *ret, struct scl_error *err);

/* A PyThreadState that runs or could run: initialized, not cleared, with an OS thread. */
struct scl_thread {
	scl_addr address;
	scl_addr interp;
	int64_t interp_id;
	uint64_t ident; /* threading.get_ident(): pthread_t */
	uint64_t lwp;	/* in our pid namespace; 0 where not known */
	uint64_t id;	/* PyThreadState.id: the order in which the threads of an interpreter were made */
	bool main;	/* the main thread of the process */
};

/* A cursor over all thread states of all interpreters: a plain value. */
struct scl_threads {
	const struct scl_runtime *rt;
	struct scl_interpreter interp;
	scl_addr next; /* thread state to be read next; 0: next interpreter */
	uint64_t main_ident;
	unsigned threads_seen;
	uint64_t last_id; /* PyThreadState.id of the one before: ids fall along the list, which proves that it ends */
	bool started;
};

void scl_threads_init(struct scl_threads *cursor, const struct scl_runtime *rt);
/* False at the end (err->code == SCL_OK) or where the list breaks; what came before is good. */
SCL_CHECKED bool scl_threads_next(struct scl_threads *cursor, struct scl_thread *ret, struct scl_error *err);

struct scl_gil {
	scl_addr address, end; /* the struct itself: a futex in it is a thread that waits for the GIL */
	bool locked;
	scl_addr holder; /* thread state; valid while locked */
	bool disabled;	 /* free-threaded build without a GIL */
};
SCL_CHECKED bool scl_gil_read(const struct scl_runtime *rt, const struct scl_interpreter *interp, struct scl_gil *ret,
			      struct scl_error *err);

/* A thread whose name is asked for. */
struct scl_thread_name {
	uint64_t ident;
	char *name; /* [cap], cap > 0: the caller's; gets at most cap - 1 bytes of UTF-8 */
	size_t cap;
};
/*
 * threading.Thread.name of n threads of one interpreter, by one walk over threading._active; sorts `wanted` by ident. A
 * name is "" where threading does not know the thread, or where that name is not readable, which harms no other. False
 * when the walk broke off; what came before is good.
 */
bool scl_thread_names_read(const struct scl_runtime *rt, const struct scl_interpreter *interp,
			   struct scl_thread_name *wanted, size_t n, struct scl_error *err);

#endif
