#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_MIN = 64 * 1024, BLOCK_MAX = 4 * 1024 * 1024 };

struct scl_arena_block {
	struct scl_arena_block *next;
	size_t size, used;
	max_align_t data[];
};

static bool add_block(struct scl_arena *arena, size_t need)
{
	size_t size = arena->head ? arena->head->size * 2 : BLOCK_MIN;
	if (size > BLOCK_MAX)
		size = BLOCK_MAX;
	if (size < need)
		size = need;
	if (size > SIZE_MAX - sizeof(struct scl_arena_block))
		return false;
	struct scl_arena_block *block = malloc(sizeof(*block) + size);
	if (!block)
		return false;
	*block = (struct scl_arena_block){.next = arena->head, .size = size};
	arena->head = block;
	return true;
}

void *scl_arena_alloc(struct scl_arena *arena, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	if (size > SIZE_MAX - align)
		return NULL;
	size_t need = size ? (size + align - 1) / align * align : align;
	if ((!arena->head || arena->head->size - arena->head->used < need) && !add_block(arena, need))
		return NULL;
	char *p = (char *)arena->head->data + arena->head->used;
	arena->head->used += need;
	return memset(p, 0, need);
}

void *scl_arena_calloc(struct scl_arena *arena, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		return NULL;
	return scl_arena_alloc(arena, n * size);
}

char *scl_arena_strndup(struct scl_arena *arena, const char *s, size_t len)
{
	if (len == SIZE_MAX)
		return NULL;
	char *copy = scl_arena_alloc(arena, len + 1);
	if (copy && len)
		memcpy(copy, s, len);
	return copy;
}

void scl_arena_reset(struct scl_arena *arena)
{
	struct scl_arena_block *largest = NULL;
	for (struct scl_arena_block *b = arena->head, *next; b; b = next) {
		next = b->next;
		if (largest && b->size <= largest->size) {
			free(b);
			continue;
		}
		free(largest);
		largest = b;
	}
	if (largest)
		*largest = (struct scl_arena_block){.size = largest->size};
	arena->head = largest;
}

void scl_arena_destroy(struct scl_arena *arena)
{
	for (struct scl_arena_block *b = arena->head, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	arena->head = NULL;
}
