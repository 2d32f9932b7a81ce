/* read_log.c - see read_log.h. */
#include "target/read_log.h"

#include <stdlib.h>

enum { GAP_MAX = 32 }; /* bytes between two pieces of one object */

void scl_read_log_clear(struct scl_read_log *log)
{
	log->n = 0;
	log->failed = false;
}

void scl_read_log_destroy(struct scl_read_log *log)
{
	free(log->pieces);
	*log = (struct scl_read_log){0};
}

void scl_read_log_add(struct scl_read_log *log, scl_addr addr, size_t size)
{
	if (log->n == log->capacity) {
		size_t capacity = log->capacity ? 2 * log->capacity : 64;
		struct scl_read_piece *bigger = realloc(log->pieces, capacity * sizeof *bigger);

		if (!bigger) {
			log->failed = true;
			return;
		}
		log->pieces = bigger;
		log->capacity = capacity;
	}
	log->pieces[log->n++] = (struct scl_read_piece){addr, size};
}

static int by_address(const void *left, const void *right)
{
	const struct scl_read_piece *a = left, *b = right;

	return a->addr < b->addr ? -1 : a->addr > b->addr;
}

size_t scl_read_log_join(struct scl_read_log *log)
{
	size_t n = 0, bytes = 0;

	if (log->n)
		qsort(log->pieces, log->n, sizeof *log->pieces, by_address);
	for (size_t i = 0; i < log->n; i++) {
		const struct scl_read_piece *piece = &log->pieces[i];
		struct scl_read_piece *last = n ? &log->pieces[n - 1] : NULL;

		if (last && piece->addr - last->addr <= last->size + GAP_MAX) {
			size_t end = (size_t)(piece->addr - last->addr) + piece->size;
			last->size = end > last->size ? end : last->size;
		} else {
			log->pieces[n++] = *piece;
		}
	}
	log->n = n;
	for (size_t i = 0; i < n; i++)
		bytes += log->pieces[i].size;
	return bytes;
}
