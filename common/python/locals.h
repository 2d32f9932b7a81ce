/*
 * locals.h - the local variables of a frame by name, and the value stack of a suspended one.
 *
 * Names are co_localsplusnames (3.11), before that co_varnames, co_cellvars and co_freevars in this order; a variable
 * that lives in a cell (PEP 227) is given as what the cell holds.
 */
#ifndef SCL_PYTHON_LOCALS_H
#define SCL_PYTHON_LOCALS_H

#include "python/frame.h"
#include "python/types.h"

enum {
	SCL_LOCALS_MAX = 4096, /* variables of one function */
	SCL_STACK_MAX = 1024,  /* values on the stack of one frame that are looked at */
};

struct scl_locals;

/* Names are kept by code object. NULL when memory ran out. `types` must outlive it. */
struct scl_locals *scl_locals_create(const struct scl_runtime *rt, struct scl_types *types);
void scl_locals_destroy(struct scl_locals *locals);
/* Forget everything; due whenever the cache of code objects is reset. */
void scl_locals_reset(struct scl_locals *locals);
/* The value of a variable of a frame whose code is known; 0 where it is unset, unknown or unreadable. */
scl_addr scl_local(struct scl_locals *locals, const struct scl_frame *frame, const char *name);
/* A walk over all of them: name and value (0: unset) of variable i; false when there are no more. */
bool scl_local_at(struct scl_locals *locals, const struct scl_frame *frame, unsigned i, const char **name,
		  scl_addr *value);
/* The place of a free variable among those that the frame's function closes over; -1 where it has none of that name. */
int scl_free_variable(struct scl_locals *locals, const struct scl_frame *frame, const char *name);
/* How often a suspended frame itself refers to the object, from variables and from its stack: not through cells, which
 * inner functions share. */
unsigned scl_frame_references(struct scl_locals *locals, const struct scl_frame *frame, scl_addr object);
/* The values on the stack of a suspended frame, bottom first; returns how many, 0 also where that is not known. */
size_t scl_frame_stack(struct scl_locals *locals, const struct scl_frame *frame, scl_addr *values, size_t cap);

#endif
