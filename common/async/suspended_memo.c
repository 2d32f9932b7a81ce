#include <stdlib.h>
#include <string.h>

#include "async/suspended_parts.h"

enum { BYTES_MAX = 16 * 1024 }; /* of a task: the bytecode of code objects that are new is among them once */

void scl_memo_clear(struct scl_memo *memo)
{
	free(memo->pieces);
	*memo = (struct scl_memo){0};
}

static bool same_piece(struct scl_target *target, const struct scl_read_piece *piece, const uint8_t *bytes)
{
	const uint8_t *now = scl_target_peek(target, piece->addr, piece->size);
	uint8_t copy[BYTES_MAX];

	if (!now && piece->size <= sizeof copy && scl_read(target, piece->addr, copy, piece->size, NULL))
		now = copy;
	return now && memcmp(now, bytes, piece->size) == 0;
}

bool scl_memo_holds(const struct scl_memo *memo, struct scl_asyncio *a)
{
	const uint8_t *bytes = memo->bytes;

	if (!memo->fresh)
		return false;
	for (size_t i = 0; i < memo->npieces; i++) {
		if (!same_piece(a->decoder.rt->target, &memo->pieces[i], bytes))
			return false;
		bytes += memo->pieces[i].size;
	}
	for (size_t i = 0; i < memo->task.n; i++) {
		const struct scl_frame *frame = &memo->task.frames[i];
		const struct scl_code *code;

		if (!scl_codes_get(a->decoder.codes, frame->code_address, &code, NULL) || code != frame->code)
			return false;
	}
	return true;
}

/* The frames that are kept of a chain: all, or the outer and the inner half of what there is room for. */
static size_t copy_frames(struct scl_frame *to, const struct scl_chain *chain)
{
	size_t n = chain->n, half = SCL_SUSPENDED_FRAMES_MAX / 2;

	for (size_t i = 0; i < n; i++) {
		if (n > 2 * half && i == half)
			i = n - half;
		*to++ = chain->items[i].frame;
	}
	return n > 2 * half ? 2 * half : n;
}

static bool same_task(const struct scl_suspended *a, const struct scl_suspended *b)
{
	if (!a->serial || a->n != b->n || a->end != b->end || strcmp(a->name, b->name) != 0)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->frames[i].code != b->frames[i].code || a->frames[i].line != b->frames[i].line)
			return false;
	return true;
}

/* Without the bytes, if one of them cannot be had any more: then it holds for this time only. */
static bool copy_bytes(struct scl_target *target, const struct scl_read_log *log, uint8_t *to)
{
	for (size_t i = 0; i < log->n; i++) {
		const uint8_t *now = scl_target_peek(target, log->pieces[i].addr, log->pieces[i].size);

		if (now)
			memcpy(to, now, log->pieces[i].size);
		else if (!scl_read(target, log->pieces[i].addr, to, log->pieces[i].size, NULL))
			return false;
		to += log->pieces[i].size;
	}
	return true;
}

bool scl_memo_keep(struct scl_memo *memo, struct scl_asyncio *a, const struct scl_task *task, bool readable,
		   struct scl_read_log *log, uint64_t *serial)
{
	struct scl_target *target = a->decoder.rt->target;
	size_t bytes = scl_read_log_join(log), nframes = task->chain.n, name = strlen(task->name) + 1;
	bool whole = !log->failed && bytes <= BYTES_MAX;
	size_t pieces = whole ? log->n * sizeof *log->pieces : 0;

	if (nframes > SCL_SUSPENDED_FRAMES_MAX)
		nframes = SCL_SUSPENDED_FRAMES_MAX;
	char *memory = malloc(pieces + nframes * sizeof(struct scl_frame) + (whole ? bytes : 0) + name);
	if (!memory)
		return false;

	struct scl_memo kept = {
		.task = {.address = task->future.address, .loop = task->future.loop, .end = task->chain.end},
		.status = task->status,
		.readable = readable,
		.round = memo->round,
		.pieces = (void *)memory,
		.npieces = whole ? log->n : 0,
	};
	if (pieces)
		memcpy(memory, log->pieces, pieces);
	struct scl_frame *frames = (void *)(memory + pieces);
	kept.task.n = copy_frames(frames, &task->chain);
	kept.task.frames = frames;
	kept.bytes = (uint8_t *)(frames + nframes);
	kept.fresh = whole && copy_bytes(target, log, kept.bytes);
	kept.task.name = memcpy(kept.bytes + (whole ? bytes : 0), task->name, name);
	kept.task.serial = same_task(&memo->task, &kept.task) ? memo->task.serial : (*serial)++;
	scl_memo_clear(memo);
	*memo = kept;
	return true;
}
