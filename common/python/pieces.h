/*
 * pieces.h - copies of bytes of the target, and which of them the next round will want again.
 *
 * The foreseen pieces are sorted and do not overlap; what is fetched singly during a round stands behind them and
 * is foreseen from the next round on. What was not used for some rounds is dropped. Bounded in number and bytes; no
 * allocation while the same bytes are wanted round after round.
 */
#ifndef SCL_PYTHON_PIECES_H
#define SCL_PYTHON_PIECES_H

#include "target/target.h"

enum {
	SCL_PIECES_MAX = (SCL_SPANS_MAX - 6) / 2, /* each is read twice, the thread state and the cframe three times */
	SCL_PIECES_BYTES_MAX = 4 * 1024 * 1024	  /* of all pieces */
};

struct scl_piece;

/* Zeroed: none. */
struct scl_pieces {
	struct scl_piece *list;
	size_t count, sorted, capacity, hint;
	uint8_t *bytes, *again; /* the first copy of everything, and a second one of what was foreseen */
	size_t used, room, room_again;
	unsigned rounds; /* since the last trimming */
	bool served;	 /* this round was read from; one that was torn at once says nothing about what is needed */
	bool changed;	 /* other pieces, or other places for them, than at the last arranging */
};

void scl_pieces_destroy(struct scl_pieces *pieces);
/* Foresee nothing any more. */
void scl_pieces_forget(struct scl_pieces *pieces);
/* A round begins: drop what has long been unused. */
void scl_pieces_age(struct scl_pieces *pieces);
/* Join neighbours and make room for the copies, whose content is then undefined. False when memory ran out. */
SCL_CHECKED bool scl_pieces_arrange(struct scl_pieces *pieces);
/* The spans that read every piece into its first or second copy; returns their number, pieces->count. */
size_t scl_pieces_spans(const struct scl_pieces *pieces, struct scl_span *spans, bool again);
/* Copies `size` bytes at addr to `to` from a piece; false when none holds them all. */
bool scl_pieces_read(struct scl_pieces *pieces, scl_addr addr, void *to, size_t size);
/* The same from the second copy. */
bool scl_pieces_read_again(struct scl_pieces *pieces, scl_addr addr, void *to, size_t size);
/* Bring the bytes in from the target as a new piece. False when they cannot be read or there is no room: then nothing
 * has changed. */
bool scl_pieces_fetch(struct scl_pieces *pieces, struct scl_target *target, scl_addr addr, size_t size);

#endif
