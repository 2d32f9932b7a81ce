#include "python/pieces.h"

#include <stdlib.h>
#include <string.h>

enum {
	PAGE = 4096,	  /* what is mapped is mapped in whole pages */
	NEAR = 512,	  /* a span costs as much as copying a few kilobytes: join neighbours */
	GRAIN = 512,	  /* pieces are trimmed to this; divides PAGE */
	ROUNDS_KEPT = 256 /* what was not used in so many rounds is dropped */
};

struct scl_piece {
	scl_addr start, end;
	scl_addr low, high; /* what was used of it since the last trimming; low > high: nothing */
	size_t at;	    /* of its copy in `bytes` */
};

void scl_pieces_destroy(struct scl_pieces *pieces)
{
	free(pieces->list);
	free(pieces->bytes);
	free(pieces->again);
	*pieces = (struct scl_pieces){0};
}

void scl_pieces_forget(struct scl_pieces *pieces)
{
	pieces->count = pieces->sorted = pieces->used = 0;
	pieces->rounds = 0;
	pieces->changed = true;
}

/* Room for `n` elements of `size` bytes, doubling. */
static bool grow(void **array, size_t *capacity, size_t n, size_t size)
{
	size_t wanted = *capacity ? *capacity : 16;
	void *bigger;

	if (n <= *capacity)
		return true;
	while (wanted < n)
		wanted *= 2;
	bigger = realloc(*array, wanted * size);
	if (!bigger)
		return false;
	*array = bigger;
	*capacity = wanted;
	return true;
}

static bool grow_bytes(uint8_t **bytes, size_t *room, size_t size)
{
	void *grown = *bytes;
	bool done = grow(&grown, room, size, 1);

	*bytes = grown;
	return done;
}

static bool grow_list(struct scl_pieces *pieces, size_t n)
{
	void *list = pieces->list;
	bool done = grow(&list, &pieces->capacity, n, sizeof *pieces->list);

	pieces->list = list;
	return done;
}

/* Cut every piece down to what was used of it, and drop what was not used at all. */
static void trim(struct scl_pieces *pieces)
{
	size_t kept = 0;

	for (size_t i = 0; i < pieces->count; i++) {
		struct scl_piece piece = pieces->list[i];
		scl_addr low = piece.low & ~(scl_addr)(GRAIN - 1);
		scl_addr high = (piece.high + GRAIN - 1) & ~(scl_addr)(GRAIN - 1);

		if (piece.low > piece.high)
			continue;
		if (low > piece.start)
			piece.start = low;
		if (high < piece.end)
			piece.end = high;
		piece.low = UINT64_MAX;
		piece.high = 0;
		pieces->list[kept++] = piece;
	}
	pieces->count = kept;
	pieces->rounds = 0;
	pieces->changed = true;
}

void scl_pieces_age(struct scl_pieces *pieces)
{
	pieces->changed = pieces->changed || pieces->count != pieces->sorted;
	pieces->rounds += pieces->served;
	pieces->served = false;
	if (pieces->rounds >= ROUNDS_KEPT)
		trim(pieces);
}

/* Insertion: all but the misses of the last round are sorted already. */
static void sort(struct scl_piece *list, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct scl_piece piece = list[i];
		size_t at = i;

		for (; at > 0 && list[at - 1].start > piece.start; at--)
			list[at] = list[at - 1];
		list[at] = piece;
	}
}

/* Join what overlaps or is near. No gap of unmapped memory is that small. Returns how many are left. */
static size_t join(struct scl_piece *list, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		struct scl_piece *last = n ? &list[n - 1] : NULL;

		if (!last || (list[i].start > last->end && list[i].start - last->end > NEAR)) {
			list[n++] = list[i];
			continue;
		}
		if (list[i].end > last->end)
			last->end = list[i].end;
		if (list[i].low < last->low)
			last->low = list[i].low;
		if (list[i].high > last->high)
			last->high = list[i].high;
	}
	return n;
}

bool scl_pieces_arrange(struct scl_pieces *pieces)
{
	struct scl_piece *list = pieces->list;
	size_t n, used = 0, i;

	sort(list, pieces->count);
	n = join(list, pieces->count);
	for (i = 0; i < n; i++) {
		size_t size = (size_t)(list[i].end - list[i].start);

		if (size > SCL_PIECES_BYTES_MAX - used)
			break;
		list[i].at = used;
		used += size;
	}
	pieces->count = pieces->sorted = i;
	pieces->used = used;
	pieces->changed = false;
	return grow_bytes(&pieces->bytes, &pieces->room, used) && grow_bytes(&pieces->again, &pieces->room_again, used);
}

size_t scl_pieces_spans(const struct scl_pieces *pieces, struct scl_span *spans, bool again)
{
	uint8_t *to = again ? pieces->again : pieces->bytes;

	for (size_t i = 0; i < pieces->count; i++) {
		const struct scl_piece *piece = &pieces->list[i];

		spans[i] = (struct scl_span){piece->start, to + piece->at, (size_t)(piece->end - piece->start)};
	}
	return pieces->count;
}

static bool holds(const struct scl_piece *piece, scl_addr addr, size_t size)
{
	return addr >= piece->start && addr < piece->end && piece->end - addr >= size;
}

static struct scl_piece *find(struct scl_pieces *pieces, scl_addr addr, size_t size)
{
	struct scl_piece *list = pieces->list;
	size_t low = 0, high = pieces->sorted;

	if (pieces->hint < pieces->count && holds(&list[pieces->hint], addr, size))
		return &list[pieces->hint];
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list[middle].end <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < pieces->sorted && holds(&list[low], addr, size))
		return &list[pieces->hint = low];
	for (size_t i = pieces->count; i-- > pieces->sorted;) {
		if (holds(&list[i], addr, size))
			return &list[pieces->hint = i];
	}
	return NULL;
}

bool scl_pieces_read(struct scl_pieces *pieces, scl_addr addr, void *to, size_t size)
{
	struct scl_piece *piece = find(pieces, addr, size);

	if (!piece)
		return false;
	memcpy(to, pieces->bytes + piece->at + (addr - piece->start), size);
	pieces->served = true;
	if (addr < piece->low)
		piece->low = addr;
	if (addr + size > piece->high)
		piece->high = addr + size;
	return true;
}

bool scl_pieces_read_again(struct scl_pieces *pieces, scl_addr addr, void *to, size_t size)
{
	const struct scl_piece *piece = find(pieces, addr, size);

	if (!piece || piece >= pieces->list + pieces->sorted)
		return false;
	memcpy(to, pieces->again + piece->at + (addr - piece->start), size);
	return true;
}

static bool fetch(struct scl_pieces *pieces, struct scl_target *target, scl_addr start, scl_addr end)
{
	size_t size = (size_t)(end - start);

	if (pieces->count >= SCL_PIECES_MAX || size > SCL_PIECES_BYTES_MAX - pieces->used ||
	    !grow_list(pieces, pieces->count + 1))
		return false;
	/* `bytes` may move, and with it what spans point to. */
	pieces->changed = true;
	if (!grow_bytes(&pieces->bytes, &pieces->room, pieces->used + size) ||
	    !scl_read(target, start, pieces->bytes + pieces->used, size, NULL))
		return false;
	pieces->list[pieces->count] =
		(struct scl_piece){.start = start, .end = end, .low = UINT64_MAX, .at = pieces->used};
	pieces->hint = pieces->count++;
	pieces->used += size;
	return true;
}

/* The frames of a stack are neighbours, so the whole page comes in, which is mapped when one byte of it is. */
bool scl_pieces_fetch(struct scl_pieces *pieces, struct scl_target *target, scl_addr addr, size_t size)
{
	scl_addr start = addr & ~(scl_addr)(PAGE - 1), end;

	if (!size || size > PAGE || addr + size + PAGE < addr)
		return false;
	end = (addr + size + PAGE - 1) & ~(scl_addr)(PAGE - 1);
	return fetch(pieces, target, start, end) || fetch(pieces, target, addr, addr + size);
}
