/*
 * registry.h - where asyncio keeps note of all tasks of an interpreter.
 *
 * Sources: Lib/asyncio/tasks.py (_all_tasks, _scheduled_tasks, _eager_tasks), Modules/_asynciomodule.c (register_task,
 * asyncio_tasks_head; the module's state).
 */
#ifndef SCL_ASYNC_REGISTRY_H
#define SCL_ASYNC_REGISTRY_H

#include "async/asyncio.h"

/* `object` is what a registry refers to: a task, or None where a task has just died. The same one may come twice. */
typedef void scl_registry_fn(scl_addr object, void *arg);

/* Bounded, safe from cycles. `why` gets the first reason that a registry was left early; it stays SCL_OK where none was. */
void scl_registry_walk(struct scl_asyncio *a, scl_registry_fn *fn, void *arg, struct scl_error *why);

#endif
