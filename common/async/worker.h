/*
 * worker.h - which thread of a ThreadPoolExecutor, or of anyio.to_thread, works for which future, from the threads' stacks.
 *
 * Sources: Lib/concurrent/futures/thread.py: _WorkItem.run has the item as its `self`, and that has the future. Anyio's
 * _backends/_asyncio.py: WorkerThread.run has the future in a variable, an asyncio.Future.
 */
#ifndef SCL_ASYNC_WORKER_H
#define SCL_ASYNC_WORKER_H

#include "async/wait.h"
#include "python/frames.h"

/* If the thread of that stack is at work for an executor: true, and for whom. */
bool scl_worker_find(struct scl_asyncio *a, const struct scl_stack *stack, scl_addr *source);

#endif
