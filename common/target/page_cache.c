/* page_cache.c - see page_cache.h. */
#include "target/page_cache.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/map.h"

/* The memory of many blocks, the size of a huge page: the kernel gives it whole, not by a fault for each page of it. */
enum { SLAB_SIZE = 2 << 20, SLAB_BLOCKS = SLAB_SIZE / SCL_BLOCK_SIZE, NSLABS = SCL_PAGE_CACHE_MAX / SLAB_BLOCKS };

_Static_assert(NSLABS *SLAB_BLOCKS == SCL_PAGE_CACHE_MAX, "every slot has its place in a slab");

struct scl_page_cache {
	struct scl_map index;	/* block address -> slot */
	struct scl_block *last; /* that was found: reads come in groups */
	size_t max;		/* slots that may be used */
	size_t used;		/* slots that hold a block; those above it keep their memory for later */
	size_t foreseen;	/* slots that held one when the cache was emptied, and have been given no other yet */
	struct scl_block slots[SCL_PAGE_CACHE_MAX];
	uint8_t *slabs[NSLABS];
};

struct scl_page_cache *scl_page_cache_create(size_t max)
{
	struct scl_page_cache *cache = calloc(1, sizeof *cache);

	if (cache)
		cache->max = max < SCL_PAGE_CACHE_MAX ? max : SCL_PAGE_CACHE_MAX;
	return cache;
}

void scl_page_cache_destroy(struct scl_page_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < NSLABS; i++)
		free(cache->slabs[i]);
	scl_map_destroy(&cache->index);
	free(cache);
}

void scl_page_cache_clear(struct scl_page_cache *cache)
{
	if (cache->used == 0)
		return;
	scl_map_clear(&cache->index);
	cache->last = NULL;
	cache->foreseen = cache->used;
	cache->used = 0;
}

struct scl_block *scl_page_cache_get(struct scl_page_cache *cache, scl_addr addr)
{
	uint32_t slot;

	if (cache->last && cache->last->addr == addr)
		return cache->last;
	if (!scl_map_get(&cache->index, addr, &slot))
		return NULL;
	cache->last = &cache->slots[slot];
	return cache->last;
}

/* NULL when memory ran out. Most commands need the first slab alone, and little of it. */
static uint8_t *memory_of(struct scl_page_cache *cache, size_t slot)
{
	uint8_t **slab = &cache->slabs[slot / SLAB_BLOCKS];

	if (!*slab) {
		*slab = aligned_alloc(SLAB_SIZE, SLAB_SIZE);
		if (*slab && slot >= SLAB_BLOCKS)
			madvise(*slab, SLAB_SIZE, MADV_HUGEPAGE);
	}
	return *slab ? *slab + slot % SLAB_BLOCKS * SCL_BLOCK_SIZE : NULL;
}

struct scl_block *scl_page_cache_add(struct scl_page_cache *cache, scl_addr addr)
{
	if (cache->used >= cache->max)
		scl_page_cache_clear(cache);

	struct scl_block *block = &cache->slots[cache->used];

	if (!block->bytes)
		block->bytes = memory_of(cache, cache->used);
	if (!block->bytes || !scl_map_put(&cache->index, addr, (uint32_t)cache->used))
		return NULL;
	block->addr = addr;
	block->pages = block->asked = 0;
	cache->foreseen = 0;
	cache->used++;
	cache->last = block;
	return block;
}

/* A span for each run of pages. */
static size_t add_spans(const struct scl_block *block, struct scl_span *spans)
{
	size_t n = 0;

	for (unsigned i = 0; i < SCL_BLOCK_PAGES; i++) {
		unsigned first = i;

		while (i < SCL_BLOCK_PAGES && block->pages >> i & 1)
			i++;
		if (i > first)
			spans[n++] = (struct scl_span){
				.addr = block->addr + (scl_addr)first * SCL_PAGE_SIZE,
				.to = block->bytes + (size_t)first * SCL_PAGE_SIZE,
				.size = (size_t)(i - first) * SCL_PAGE_SIZE,
			};
	}
	return n;
}

size_t scl_page_cache_foresee(struct scl_page_cache *cache, struct scl_span *spans, size_t max)
{
	size_t n = 0;

	while (cache->used < cache->foreseen && max - n >= SCL_BLOCK_PAGES / 2) {
		struct scl_block *block = &cache->slots[cache->used];

		if (!scl_map_put(&cache->index, block->addr, (uint32_t)cache->used))
			break;
		cache->used++;
		block->pages = block->asked;
		block->asked = 0;
		n += add_spans(block, spans + n);
	}
	return n;
}

void scl_page_cache_unforesee(struct scl_page_cache *cache, const struct scl_span *span)
{
	struct scl_block *block = scl_page_cache_get(cache, span->addr - span->addr % SCL_BLOCK_SIZE);
	unsigned first = (unsigned)(span->addr % SCL_BLOCK_SIZE / SCL_PAGE_SIZE);

	for (unsigned i = 0; block && i < span->size / SCL_PAGE_SIZE; i++)
		block->pages &= (uint16_t) ~(1U << (first + i));
}
