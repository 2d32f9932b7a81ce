/*
 * task.h - every asyncio task of one interpreter: of every loop, in any thread, eager ones included.
 *
 * Sources: Lib/asyncio/tasks.py (all_tasks), Modules/_asynciomodule.c. A registry that changes while it is read gives what
 * could be read, and says so.
 */
#ifndef SCL_ASYNC_TASK_H
#define SCL_ASYNC_TASK_H

#include "async/chain.h"
#include "async/future.h"
#include "async/loop.h"

enum { SCL_TASKS_MAX = 1024 * 1024, SCL_TASK_NAME_MAX = 4096 };

enum scl_task_status {
	SCL_TASK_WAITING,     /* suspended, with something that it waits for */
	SCL_TASK_READY,	      /* suspended, its next step is in the ready queue */
	SCL_TASK_RUNNING,     /* its coroutine executes */
	SCL_TASK_NOT_STARTED, /* its first step is in the ready queue */
	SCL_TASK_DONE,	      /* returned, raised or cancelled, and not yet collected */
	SCL_NTASK_STATUS
};

struct scl_task {
	struct scl_future future;
	enum scl_task_status status;
	const char *name;	/* in the arena, not escaped, cut at SCL_TASK_NAME_MAX */
	uint64_t number;	/* of a default name, "Task-1": the order of creation; UINT64_MAX: another name */
	const char *coro_name;	/* qualified name of its coroutine; "?" where it has none that we know */
	struct scl_chain chain; /* empty when it is done */
};

struct scl_task_place {
	scl_addr address;
	uint32_t index;
};

struct scl_tasks {
	struct scl_task_place *places; /* by address: for scl_tasks_find */
	struct scl_task
		*list; /* in the arena; by loop, then in the order in which they were made as far as that shows */
	size_t n;
	struct scl_loops loops;
	uint64_t unreadable;   /* tasks that were in a registry and could not be read */
	struct scl_error *why; /* of the first of them, or why a registry was left early; NULL: nothing was wrong */
};

/* The index of the task at an address; false when it is none of them. */
bool scl_tasks_find(const struct scl_tasks *tasks, scl_addr address, uint32_t *index);
/* "waiting", "ready", "running", "not started", "done". */
const char *scl_task_status_name(enum scl_task_status status);
/* From the task's future and chain, and what its loop executes; `loop` may be NULL. */
enum scl_task_status scl_task_status_of(struct scl_asyncio *a, const struct scl_task *task,
					const struct scl_loop *loop);

/* Everything, chains included, into the arena. The target should stand still or its page cache be on
 * (scl_target_set_still), so that what is read is near one instant. False only when memory ran out. */
SCL_CHECKED bool scl_tasks_read(struct scl_asyncio *a, struct scl_arena *arena, struct scl_tasks *ret,
				struct scl_error *err);

#endif
