#include "python/code.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "python/code_reader.h"
#include "python/lines.h"

enum {
	BATCH = 32,	       /* entries that are checked again by one vectored read */
	SCANNED = 256,	       /* entries that are looked at to fill it */
	FRESH_MAX = 64 * 1024, /* longer bytecode stays as it was first seen */
};

/* What makes a code object that one and no other. */
struct identity {
	scl_addr type, filename, name, linetable, bytecode;
	uint64_t size;
	int32_t firstlineno;
};

struct entry {
	struct scl_code code;
	struct identity identity;
	uint64_t checked; /* CLOCK_MONOTONIC */
};

struct scl_codes {
	struct scl_code_reader reader;
	uint64_t recheck_ns, now;
	struct scl_map by_address;
	struct entry **entries; /* of by_address; replaced ones live on in the reader's memory only */
	size_t count, capacity, next_check;
	uint32_t serial;
};

static uint64_t head_get(const struct scl_codes *codes, const uint8_t *head, enum scl_field field)
{
	return scl_window_get(&codes->reader.rt->layout, codes->reader.window, head, field);
}

struct scl_codes *scl_codes_create(const struct scl_runtime *rt, uint64_t recheck_ns)
{
	struct scl_codes *codes = calloc(1, sizeof *codes);

	if (!codes || !scl_code_reader_init(&codes->reader, rt)) {
		free(codes);
		return NULL;
	}
	codes->recheck_ns = recheck_ns;
	codes->by_address.max = SCL_CODES_MAX;
	scl_codes_tick(codes);
	return codes;
}

void scl_codes_destroy(struct scl_codes *codes)
{
	if (!codes)
		return;
	scl_code_reader_destroy(&codes->reader);
	scl_map_destroy(&codes->by_address);
	free(codes->entries);
	free(codes);
}

void scl_codes_tick(struct scl_codes *codes)
{
	codes->now = scl_clock_monotonic();
}

bool scl_codes_full(const struct scl_codes *codes)
{
	return codes->reader.bytes >= SCL_CODES_BYTES_MAX;
}

static void start_afresh(struct scl_codes *codes)
{
	scl_map_clear(&codes->by_address);
	codes->count = codes->next_check = 0;
}

void scl_codes_reset(struct scl_codes *codes)
{
	start_afresh(codes);
	scl_code_reader_reset(&codes->reader);
}

/* -- identity ------------------------------------------------------------------------------------------- */

static struct identity identity_of(const struct scl_codes *codes, const uint8_t *head)
{
	return (struct identity){
		.type = head_get(codes, head, SCL_FIELD_object_type),
		.filename = head_get(codes, head, SCL_FIELD_code_filename),
		.name = head_get(codes, head, SCL_FIELD_code_name),
		.linetable = head_get(codes, head, SCL_FIELD_code_linetable),
		.bytecode = head_get(codes, head, SCL_FIELD_code_bytecode),
		.size = head_get(codes, head, SCL_FIELD_code_size),
		.firstlineno = (int32_t)head_get(codes, head, SCL_FIELD_code_firstlineno),
	};
}

static bool same_identity(const struct identity *a, const struct identity *b)
{
	return a->type == b->type && a->filename == b->filename && a->name == b->name && a->linetable == b->linetable &&
	       a->bytecode == b->bytecode && a->size == b->size && a->firstlineno == b->firstlineno;
}

/* What the interpreter has specialised since (PEP 659): copy the inline bytecode of those entries that stayed again.
 * It is for telling apart kinds of calls only, so a read that fails changes nothing that matters. */
static void refresh_bytecode(struct scl_codes *codes, struct entry *const *entries, size_t n)
{
	struct scl_span spans[BATCH];
	size_t count = 0;

	if (!scl_has(&codes->reader.rt->layout, code, adaptive))
		return;
	for (size_t i = 0; i < n; i++) {
		const struct scl_code *code = &entries[i]->code;

		if (entries[i]->checked && code->bytecode_size <= FRESH_MAX)
			spans[count++] = (struct scl_span){code->bytecode, code->bytes, code->bytecode_size};
	}
	(void)!scl_read_spans(codes->reader.rt->target, spans, count, NULL);
}

/* Check as many old entries as one vectored read may hold; those that are no longer the same get age 0. */
static void recheck(struct scl_codes *codes, struct entry *wanted)
{
	uint8_t heads[BATCH][SCL_WINDOW_MAX];
	struct scl_span spans[BATCH] = {{0}};
	struct entry *due[BATCH] = {wanted};
	size_t n = 1;

	for (size_t seen = 0; seen < codes->count && seen < SCANNED && n < BATCH; seen++) {
		struct entry *entry = codes->entries[codes->next_check++ % codes->count];

		if (entry != wanted && codes->now - entry->checked >= codes->recheck_ns)
			due[n++] = entry;
	}
	for (size_t i = 0; i < n; i++)
		spans[i] = (struct scl_span){due[i]->code.address + (uint32_t)codes->reader.window.low, heads[i],
					     codes->reader.window.size};
	wanted->checked = 0;
	/* One that was freed and unmapped spoils the read: then only the one that is asked for counts. */
	if (!scl_read_spans(codes->reader.rt->target, spans, n, NULL)) {
		n = 1;
		if (!scl_read_spans(codes->reader.rt->target, spans, 1, NULL))
			return;
	}
	for (size_t i = 0; i < n; i++) {
		struct identity identity = identity_of(codes, heads[i]);

		due[i]->checked = same_identity(&identity, &due[i]->identity) ? codes->now : 0;
	}
	refresh_bytecode(codes, due, n);
}

/* -- the cache ------------------------------------------------------------------------------------------ */

static bool keep(struct scl_codes *codes, struct entry *entry, struct scl_error *err)
{
	uint32_t index;

	if (scl_map_get(&codes->by_address, entry->code.address, &index)) {
		codes->entries[index] = entry;
		return true;
	}
	if (codes->count >= SCL_CODES_MAX)
		start_afresh(codes);
	if (codes->count == codes->capacity) {
		size_t capacity = codes->capacity ? 2 * codes->capacity : 256;
		struct entry **bigger = realloc(codes->entries, capacity * sizeof(struct entry *));

		if (!bigger)
			return scl_fail(err, SCL_ENOMEM, "out of memory");
		codes->entries = bigger;
		codes->capacity = capacity;
	}
	if (!scl_map_put(&codes->by_address, entry->code.address, (uint32_t)codes->count))
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	codes->entries[codes->count++] = entry;
	return true;
}

static bool add(struct scl_codes *codes, scl_addr address, const struct scl_code **ret, struct scl_error *err)
{
	struct entry decoded = {.code.address = address, .checked = codes->now};
	uint8_t head[SCL_WINDOW_MAX];
	struct entry *entry;

	if (!scl_code_reader_head(&codes->reader, address, head, err))
		return scl_wrap(err, "code object");
	decoded.identity = identity_of(codes, head);
	if (!scl_code_reader_decode(&codes->reader, head, &decoded.code, err))
		return scl_wrap(err, "code object at 0x%" PRIx64, address);
	entry = scl_code_reader_alloc(&codes->reader, sizeof *entry, err);
	if (!entry)
		return false;
	*entry = decoded;
	if (!keep(codes, entry, err))
		return false;
	entry->code.serial = codes->serial++;
	*ret = &entry->code;
	return true;
}

bool scl_codes_get(struct scl_codes *codes, scl_addr address, const struct scl_code **ret, struct scl_error *err)
{
	uint32_t index;

	if (scl_map_get(&codes->by_address, address, &index)) {
		struct entry *entry = codes->entries[index];

		if (codes->now - entry->checked >= codes->recheck_ns)
			recheck(codes, entry);
		if (entry->checked) {
			*ret = &entry->code;
			return true;
		}
	}
	return add(codes, address, ret, err);
}

int32_t scl_code_line(const struct scl_codes *codes, const struct scl_code *code, int32_t offset)
{
	struct scl_line_memo *memo = code->memo;
	unsigned at = ((unsigned)offset / 2) % SCL_CODE_MEMO;

	if (offset < 0)
		offset = -1;
	else if (memo->offset[at] == offset + 1)
		return memo->line[at];
	int32_t line = scl_line_at(codes->reader.rt->layout.line_table, code->linetable, code->linetable_size,
				   code->firstlineno, offset);
	if (offset >= 0) {
		memo->offset[at] = offset + 1;
		memo->line[at] = line;
	}
	return line;
}

bool scl_code_calls_at(const struct scl_codes *codes, const struct scl_code *code, int32_t offset)
{
	if (offset < 0 || (uint32_t)offset >= code->bytecode_size)
		return false;
	return scl_opcode_calls(&codes->reader.rt->layout, code->bytes[offset]);
}
