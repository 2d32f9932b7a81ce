/*
 * sample.h - one instant of a process: its threads, their Python stacks and what each is doing.
 *
 * `bt`, `threads` and the sampler share this struct: a sample that is printed and a sample that is counted are
 * the same thing.
 */
#ifndef SCL_PROFILE_SAMPLE_H
#define SCL_PROFILE_SAMPLE_H

#include "async/suspended.h"
#include "profile/activity.h"
#include "python/frames.h"

/* The suspended tasks of a thread's loop: what became of reading them. */
enum scl_waiting_state {
	SCL_WAITING_NOT_ASKED, /* its loop is not idle, or nobody wants to know */
	SCL_WAITING_READ,
	/*
	 * The loop went on meanwhile. Tasks that stand where the reading before found them were there at this sample's
	 * instant, too, and are believed; of the others it is not known where they were then.
	 */
	SCL_WAITING_MOVED,
	SCL_WAITING_FAILED, /* asyncio cannot be read */
};

struct scl_waiting {
	enum scl_waiting_state state;
	const struct scl_suspended *const *tasks; /* SCL_WAITING_READ, SCL_WAITING_MOVED */
	size_t n;
	size_t unknown;		     /* further ones, of SCL_WAITING_MOVED */
	uint64_t unreadable, cut;    /* see struct scl_suspended_set; of all loops of its interpreter */
	const struct scl_error *why; /* NULL: nothing went wrong */
	uint64_t runs;		     /* how often the thread had run before they were read; 0: not known */
	bool stood;		     /* it had not run by the time when their memory had been copied */
};

struct scl_thread_sample {
	struct scl_thread thread;
	const char *name; /* threading.Thread.name, or else the kernel's; "" where neither is known. Not escaped. */
	struct scl_lwp_status status;
	enum scl_activity activity;
	bool calling;	/* it is in C: the innermost Python frame stands at a call, or there is none */
	bool holds_gil; /* as of the same read as the stack */
	/*
	 * Where not even the thread state could be read, SCL_STACK_BROKEN without a frame, and `why` says it: such a
	 * thread is counted under what the kernel says of it, as broken.
	 */
	struct scl_stack stack;
	int64_t inner; /* the thread runs in that interpreter, entered from here: to be listed, not counted twice; 0: none */
	bool unseen; /* all of its stack changed in every try: to be listed, not counted, its time is the next sample's */
	struct scl_waiting waiting;
	uint64_t wall_ns;	     /* since this thread was last sampled; 0 in a single sample */
	uint64_t user_ns, system_ns; /* CPU time it used in wall_ns */
};

/* Every chosen thread is in it but those that have ended. */
struct scl_sample {
	uint64_t t_ns; /* CLOCK_MONOTONIC */
	struct scl_thread_sample *threads;
	size_t nthreads; /* the main thread first, then as they were made, interpreter by interpreter */
	/* Stacks that stayed torn: in the sample is what did not change, the outer part, with SCL_STACK_TORN, and no frame
	 * where all changed. Reads that were repeated. */
	unsigned torn, retried;
};

/* The GIL as a thread sees it. */
enum scl_gil_side {
	SCL_GIL_NOT_KNOWN, /* or there is none */
	SCL_GIL_FREE,
	SCL_GIL_HELD,  /* by this thread */
	SCL_GIL_TAKEN, /* by another one */
};

/* What the activity of a thread is decided on: its raw frames, never the filtered ones, and the kernel's word. */
struct scl_activity_facts {
	const struct scl_stack *stack;
	const struct scl_lwp_status *status;
	bool calling, gc_collecting;
	enum scl_gil_side side;
	scl_addr gil, gil_end; /* the struct of the GIL; 0 where not known */
};
/* The innermost frames are those of asyncio's loop in its selector, whether that waits or not. */
bool scl_stack_in_selector(const struct scl_stack *stack);
enum scl_activity scl_activity_decide(const struct scl_activity_facts *facts);

enum scl_thread_choice { SCL_CHOOSE_ALL, SCL_CHOOSE_MAIN, SCL_CHOOSE_GIL };

struct scl_observer;

/*
 * What takes samples of one runtime: the code cache, a snapshot and the last CPU times of each thread. NULL when
 * memory ran out. The runtime must outlive it. The list of threads is read again when it is older than 5 ms or a
 * stack could not be read; what belongs to a thread goes when the thread has gone.
 */
struct scl_observer *scl_observer_create(const struct scl_runtime *rt);
void scl_observer_destroy(struct scl_observer *observer);
/* From now on read the suspended tasks of loops that are idle, too. */
void scl_observer_watch_tasks(struct scl_observer *observer);
/*
 * Take one sample into `sample`; its arrays live in the observer until the next call. False when the process has
 * ended or executed another program (SCL_EGONE), when it has no Python thread just now (SCL_ENOTFOUND: it starts
 * or finalizes), when its thread list can't be read, when memory ran out, or when the target refuses to read on
 * (SCL_EBUDGET, SCL_EINTERRUPTED). `max_retries`: how often a torn stack is read again.
 */
SCL_CHECKED bool scl_observer_take(struct scl_observer *observer, enum scl_thread_choice choice, unsigned max_retries,
				   struct scl_sample *sample, struct scl_error *err);

#endif
