/*
 * async_view.h - the asyncio of a process as its listings show it: loops, tasks, waits and who waits for whom, of every
 * interpreter, near one instant.
 */
#ifndef SCL_COMMAND_ASYNC_VIEW_H
#define SCL_COMMAND_ASYNC_VIEW_H

#include "async/graph.h"
#include "command/view.h"
#include "profile/filter.h"
#include "target/fd.h"

/* The asyncio of one interpreter. */
struct scl_async_interp {
	struct scl_asyncio *asyncio;
	struct scl_tasks tasks;
	struct scl_graph graph;
};

struct scl_async_view {
	struct scl_session *session;
	struct scl_view threads; /* taken before the tasks */
	struct scl_filter *filter;
	struct scl_fds *fds; /* NULL: nothing is known of descriptors */
	struct scl_async_interp *interps;
	size_t n;
	struct scl_worker *workers; /* in the arena; `thread` indexes threads.threads */
	size_t nworkers;
	struct scl_error
		why; /* of the first interpreter whose asyncio could not be read; SCL_OK: none, or not imported */
	double now;  /* CLOCK_MONOTONIC in seconds; 0: not known */
	const char
		*at_most; /* before the time that a timer has left: "at most " where `now` may be too early, else "" */
};

/* A task of the view: which interpreter, and which of its tasks. */
struct scl_async_ref {
	struct scl_async_interp *interp;
	size_t task;
};

/* A process without asyncio gives a view without interpreters. */
SCL_CHECKED bool scl_async_view_take(struct scl_session *session, struct scl_async_view *view, struct scl_error *err);
void scl_async_view_close(struct scl_async_view *view);
/* Completions of a task's name, or of its address where the word begins with 0x, each after `before` and with a newline.
 * Opens the host's target itself; nothing where that cannot be. */
void scl_async_complete(struct scl_session *session, const char *before, const char *word, struct scl_buffer *out);
/* All tasks, done ones too. */
size_t scl_async_view_count(const struct scl_async_view *view);
/* The filter takes the frame for the user's own. */
bool scl_async_is_user(const struct scl_async_view *view, const struct scl_frame *frame);
/* The innermost frame of the task's chain that is the user's own; else the innermost of all; NULL: it has none. */
const struct scl_frame *scl_async_user_frame(const struct scl_async_view *view, const struct scl_task *task);
/* The same of a thread's stack; NULL: nothing is known of its frames. */
const struct scl_frame *scl_async_worker_frame(const struct scl_async_view *view, const struct scl_stack *stack);
/* The thread that runs a loop; NULL where none does, or it is not known. */
const struct scl_thread_view *scl_async_loop_thread(const struct scl_async_view *view, const struct scl_loop *loop);
bool scl_async_loop_is_idle(const struct scl_async_view *view, const struct scl_loop *loop);
/* What a descriptor is: the kernel's word for it; of a dead process, what its transport noted. False: not known. */
bool scl_async_fd(const struct scl_async_view *view, const struct scl_async_interp *interp,
		  const struct scl_fd_wait *wait, struct scl_fd *ret);

/* Where a task was made, which asyncio keeps in debug mode. The texts are cut, not escaped. */
struct scl_creation {
	char file[SCL_PATH_MAX], name[SCL_KEY_MAX];
	int64_t line;
};
/* False where that is not known. */
bool scl_async_creation(const struct scl_async_interp *interp, const struct scl_future *future,
			struct scl_creation *ret);

/* -- texts: safe, without a newline ---------------------------------------------------------------------------- */

/* "timer, 998.1 s left", "Lock 0x7f..40, 1 waiting, held by "writer"", ... */
void scl_async_put_wait(const struct scl_async_view *view, const struct scl_async_interp *interp, size_t task,
			struct scl_buffer *out);
/* The same without what differs from task to task: "timer", "Lock", "Queue, get". */
void scl_async_put_wait_kind(const struct scl_async_view *view, const struct scl_async_interp *interp, size_t task,
			     struct scl_buffer *out);
/* "db.py:88", the path as short as the program's directory allows. */
void scl_async_put_place(const struct scl_async_view *view, const struct scl_frame *frame, struct scl_buffer *out);
/* A task's name; quoted where it is not of the default form. */
void scl_async_put_name(const struct scl_async_view *view, const struct scl_task *task, struct scl_buffer *out);

/* Lines about the process, its loops and how many tasks are in which state; what could not be read. */
void scl_async_put_head(const struct scl_async_view *view);
void scl_async_put_trouble(const struct scl_async_view *view);

/* -- JSON ------------------------------------------------------------------------------------------------------- */

struct cJSON;
/* An object with all that is known of a task. NULL when memory ran out. */
struct cJSON *scl_async_json_task(const struct scl_async_view *view, const struct scl_async_interp *interp,
				  size_t task);
/* Add "loops", "cycles", and what went wrong to a document. */
void scl_async_json_add_loops(const struct scl_async_view *view, struct cJSON *document);
void scl_async_json_add_cycles(const struct scl_async_view *view, struct cJSON *document);
void scl_async_json_add_trouble(const struct scl_async_view *view, struct cJSON *document);

#endif
