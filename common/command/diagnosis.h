/*
 * diagnosis.h - the evidence of `diagnose`, gathered from a process, with what it was made of for those who print it.
 */
#ifndef SCL_COMMAND_DIAGNOSIS_H
#define SCL_COMMAND_DIAGNOSIS_H

#include "async/handles.h"
#include "command/async_view.h"
#include "command/source.h"
#include "command/verdict.h"

enum {
	SCL_DIAGNOSIS_FRAMES = 20, /* innermost frames that are shown */
	SCL_DIAGNOSIS_FDS = 20,	   /* descriptors of a loop */
	SCL_DIAGNOSIS_LOOPS = 8,
	SCL_DIAGNOSIS_NATIVE = 8, /* threads that Python does not know */
};

/* A thread that Python does not know. */
struct scl_native_thread {
	uint64_t lwp;
	struct scl_lwp_status status;
};

/* Something that a loop waits for. */
struct scl_loop_fd {
	struct scl_fd_wait wait;
	bool known;
	struct scl_fd fd;
};

/* A loop that a thread runs. */
struct scl_loop_state {
	const struct scl_loop *loop;
	struct scl_async_interp *interp;
	const struct scl_thread_view *thread; /* NULL: not known */
	struct scl_await_facts tasks;
	const struct scl_task *task; /* that it executes just now; NULL: none */
	const char *why;	     /* why a chain of frames is not complete; NULL: all are */
	size_t timers;
	double next_timer; /* CLOCK_MONOTONIC in seconds; 0: none */
	struct scl_loop_fd *fds;
	size_t nfds, listeners;
};

struct scl_diagnosis {
	struct scl_session *session;
	struct scl_source_cache source;
	enum scl_verdict verdict;
	struct scl_evidence evidence;
	struct scl_process process;
	struct scl_error why; /* why there is no Python, or no thread of it */
	bool viewed;	      /* `view` holds something */
	struct scl_async_view view;
	const struct scl_thread_view *subject; /* NULL: it is none of Python's */
	uint64_t subject_lwp;		       /* 0: not known */
	struct scl_codes *codes;	       /* of the stack of a copied process; NULL */
	struct scl_stack stack;		       /* the subject's, or the one that it executes in another interpreter */
	bool *user;			       /* of the frames of `stack`: the user's own */
	const struct scl_thread_view *holder;  /* of the subject's GIL; NULL: none, itself, or not known */
	const struct scl_thread_view *other;   /* of another interpreter: what it executes, or who else does */
	struct scl_native_thread *native;      /* those on a CPU first */
	size_t nnative, nrunning;
	struct scl_loop_state *loops; /* the subject's first */
	size_t nloops;
	bool own_loop;		       /* loops[0] is the subject's */
	const char *loop_module;       /* name of a foreign loop; NULL: none */
	struct scl_await_facts awaits; /* of loops[0]; without one, of all tasks there are */
	const char *broken;	       /* why a chain of them is not complete; NULL: all are */
};

/*
 * Look at the session's target, which needs no Python in it. Free with scl_diagnosis_close, also after failure; what
 * it points to is in the session's arena.
 */
SCL_CHECKED bool scl_diagnosis_take(struct scl_session *session, struct scl_diagnosis *ret, struct scl_error *err);
void scl_diagnosis_close(struct scl_diagnosis *diagnosis);

/* What diagnosis_loops.c does for it: loops, tasks and descriptors. */
SCL_CHECKED bool scl_diagnosis_read_loops(struct scl_diagnosis *diagnosis, struct scl_error *err);
/* On a CPU, or stopped there by a debugger. */
bool scl_diagnosis_on_cpu(const struct scl_lwp_status *status);

/* The verdict in one sentence of safe text. */
void scl_diagnosis_sentence(struct scl_diagnosis *diagnosis, struct scl_buffer *out);
/* What the frames of a check say, in safe text. */
void scl_diagnosis_check(struct scl_diagnosis *diagnosis, enum scl_await_check check, struct scl_buffer *out);
/* "frames", ... for a check. */
const char *scl_diagnosis_check_name(enum scl_await_check check);
/* The option of "sample" that shows a frame which the rule rejects; NULL: none does, or it is shown. */
const char *scl_diagnosis_option(enum scl_filter_rule rule);
/* The rule that decides about a frame. */
enum scl_filter_rule scl_diagnosis_rule(const struct scl_diagnosis *diagnosis, const struct scl_frame *frame);
/* Who made the process, the native threads, ... as text, and all of it as JSON. */
void scl_diagnosis_print(struct scl_diagnosis *diagnosis);
struct cJSON;
struct cJSON *scl_diagnosis_json(struct scl_diagnosis *diagnosis);

#endif
