/*
 * page_cache.h - memory of a target that stands still, in blocks of pages.
 *
 * A bounded table from block addresses to copies. A block knows which of its pages it has: one at the edge of a mapping
 * is filled page by page. When the table is full it is emptied: a command that walks more memory than that would gain
 * nothing from keeping the oldest. Not for two threads.
 */
#ifndef SCL_TARGET_PAGE_CACHE_H
#define SCL_TARGET_PAGE_CACHE_H

#include "target/target.h"

enum {
	SCL_PAGE_SIZE = 4096,
	SCL_BLOCK_PAGES = 16, /* bits of scl_block.pages */
	SCL_BLOCK_SIZE = SCL_BLOCK_PAGES * SCL_PAGE_SIZE,
	SCL_PAGE_CACHE_MAX = 4096, /* blocks: 256 MiB */
	SCL_PAGE_CACHE_FEW = 512,  /* blocks, where the kernel caches what is read, too: a core's file */
};

struct scl_block {
	scl_addr addr;
	uint8_t *bytes; /* SCL_BLOCK_SIZE */
	uint16_t pages; /* those that are there, a bit for each */
	uint16_t asked; /* those that were wanted since the cache was emptied */
};

struct scl_page_cache;

/* For at most `max` blocks, 1..SCL_PAGE_CACHE_MAX. NULL when memory ran out. */
struct scl_page_cache *scl_page_cache_create(size_t max);
void scl_page_cache_destroy(struct scl_page_cache *cache);
void scl_page_cache_clear(struct scl_page_cache *cache);
/* The block at `addr`, a multiple of SCL_BLOCK_SIZE; NULL when it is not there. Good until the next call that adds. */
struct scl_block *scl_page_cache_get(struct scl_page_cache *cache, scl_addr addr);
/* One more block, which has no page yet; NULL when memory ran out. */
struct scl_block *scl_page_cache_add(struct scl_page_cache *cache, scl_addr addr);
/*
 * Bring back blocks that the cache had before it was emptied, with the pages that were wanted of them, as far as `max`
 * spans suffice for reading these. Returns the number of spans; 0 when there is no more to bring back.
 */
size_t scl_page_cache_foresee(struct scl_page_cache *cache, struct scl_span *spans, size_t max);
/* A span that scl_page_cache_foresee gave could not be read: its block has none of these pages. */
void scl_page_cache_unforesee(struct scl_page_cache *cache, const struct scl_span *span);

#endif
