#include "base/intern.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"

struct entry {
	const char *text;
	size_t len;
	uint32_t next; /* another string of the same hash; 0: none, as the empty string is never a second one */
};

struct scl_intern {
	struct scl_arena arena;
	struct scl_map ids; /* hash -> id of the first entry */
	struct entry *entries;
	size_t count, cap, max;
	uint64_t refused;
};

/* FNV-1a, 64 bits (Fowler, Noll, Vo). */
static uint64_t hash(const char *s, size_t len)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * UINT64_C(0x100000001b3);
	return h;
}

static bool add(struct scl_intern *table, const char *s, size_t len, uint64_t h, uint32_t next)
{
	if (table->count == table->cap) {
		size_t cap = table->cap ? table->cap * 2 : 64;
		struct entry *entries = realloc(table->entries, cap * sizeof(*entries));
		if (!entries)
			return false;
		table->entries = entries;
		table->cap = cap;
	}
	char *text = scl_arena_strndup(&table->arena, s, len);
	if (!text || !scl_map_put(&table->ids, h, (uint32_t)table->count))
		return false;
	table->entries[table->count++] = (struct entry){.text = text, .len = len, .next = next};
	return true;
}

struct scl_intern *scl_intern_create(size_t max)
{
	struct scl_intern *table = calloc(1, sizeof(*table));
	if (!table)
		return NULL;
	table->max = max < UINT32_MAX ? max : UINT32_MAX;
	static const char other[] = "(other)";
	if (!add(table, "", 0, hash("", 0), 0) ||
	    !add(table, other, sizeof(other) - 1, hash(other, sizeof(other) - 1), 0)) {
		scl_intern_destroy(table);
		return NULL;
	}
	return table;
}

void scl_intern_destroy(struct scl_intern *table)
{
	if (!table)
		return;
	scl_arena_destroy(&table->arena);
	scl_map_destroy(&table->ids);
	free(table->entries);
	free(table);
}

uint32_t scl_intern_put(struct scl_intern *table, const char *s, size_t len)
{
	if (!len)
		return SCL_INTERN_EMPTY;
	len = strnlen(s, len);
	uint64_t h = hash(s, len);
	uint32_t first = 0;
	bool known = scl_map_get(&table->ids, h, &first);
	uint32_t id = first;
	while (known) {
		const struct entry *e = &table->entries[id];
		if (e->len == len && memcmp(e->text, s, len) == 0)
			return id;
		id = e->next;
		known = id != 0;
	}
	if (table->count >= table->max || !add(table, s, len, h, first)) {
		table->refused++;
		return SCL_INTERN_OTHER;
	}
	return (uint32_t)(table->count - 1);
}

const char *scl_intern_str(const struct scl_intern *table, uint32_t id)
{
	return id < table->count ? table->entries[id].text : "";
}

size_t scl_intern_count(const struct scl_intern *table)
{
	return table->count;
}

uint64_t scl_intern_refused(const struct scl_intern *table)
{
	return table->refused;
}
