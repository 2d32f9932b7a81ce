/*
 * verdict.h - what a process is really doing, in a word, from evidence that is plain values.
 *
 * The evidence is about one thread, the subject: the one that the user has selected, or the main one. Nothing here reads a
 * target.
 */
#ifndef SCL_COMMAND_VERDICT_H
#define SCL_COMMAND_VERDICT_H

#include "command/clues.h"
#include "profile/activity.h"

enum scl_verdict {
#define VERDICT(id, name, next) SCL_VERDICT_##id,
#include "command/verdicts.def"
#undef VERDICT
	SCL_NVERDICTS
};

enum { SCL_STARVING_READY = 100 }; /* callbacks in the ready queue; with more than that the loop starves */

struct scl_evidence {
	bool python;	  /* there is an interpreter */
	bool initialized; /* of the runtime: it has started, and has not ended */
	bool finalizing;  /* of the runtime */
	bool forked;	  /* the process has not executed since fork(2) */
	uint64_t python_threads, lwps;
	uint64_t dead_threads; /* thread states whose thread is none of the process's */
	bool foreign;	       /* the subject is a thread that Python does not know */
	enum scl_activity activity;
	bool gc_collecting; /* of the subject's interpreter */
	struct scl_clues clues;
	bool elsewhere;	     /* the subject executes a stack of another interpreter just now */
	bool holder_differs; /* the GIL that it waits for is held by a thread of another interpreter */
	bool loop;	     /* the subject runs an event loop that is asyncio's own kind */
	bool loop_foreign;   /* or one of another kind */
	uint64_t ready, suspended;
	bool python_runs;      /* another thread of the subject's interpreter is on a CPU */
	bool interpreter_runs; /* a thread of another interpreter is on a CPU */
	bool native_runs;      /* a thread that Python does not know is on a CPU */
};

enum scl_verdict scl_verdict_decide(const struct scl_evidence *evidence);
/* "loop-idle", ... for JSON. */
const char *scl_verdict_name(enum scl_verdict verdict);
/* The words of the command that shows more. */
const char *scl_verdict_next(enum scl_verdict verdict);

/* -- the checks that data about awaits hangs on ------------------------------------------------------------------ */

enum scl_await_check { SCL_CHECK_IDLE, SCL_CHECK_TASKS, SCL_CHECK_FRAMES, SCL_NCHECKS };

struct scl_await_facts {
	bool idle;		   /* a loop is idle by its thread's raw frames */
	uint64_t tasks, suspended; /* that are not done; of them, those that wait or are ready */
	uint64_t complete;	   /* of the suspended ones, those whose chain of frames was read to its end */
};

/* Whether the check holds, whatever the ones before it say. */
bool scl_await_check_passes(const struct scl_await_facts *facts, enum scl_await_check check);
/* The first one that does not; SCL_NCHECKS: all do. */
enum scl_await_check scl_await_check_failed(const struct scl_await_facts *facts);

#endif
