/*
 * arena.h - memory that is given back all at once: one arena per command or per sample.
 *
 * Decoders allocate here and never free. An arena is not safe for two threads.
 */
#ifndef SCL_BASE_ARENA_H
#define SCL_BASE_ARENA_H

#include <stddef.h>

struct scl_arena_block;

struct scl_arena {
	struct scl_arena_block *head;
};

/* Zeroed bytes, aligned for any type; NULL when memory ran out. A size of 0 gives a valid pointer. */
void *scl_arena_alloc(struct scl_arena *arena, size_t size);
/* The same for n elements of `size` bytes; NULL on overflow. */
void *scl_arena_calloc(struct scl_arena *arena, size_t n, size_t size);
/* A NUL-terminated copy of the first `len` bytes of s; NULL when memory ran out. */
char *scl_arena_strndup(struct scl_arena *arena, const char *s, size_t len);
/* Forget everything, keep the largest block for the next round. */
void scl_arena_reset(struct scl_arena *arena);
/* Free everything. A zeroed arena is a valid empty one, before and after. */
void scl_arena_destroy(struct scl_arena *arena);

#endif
