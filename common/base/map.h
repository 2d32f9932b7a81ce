/*
 * map.h - from 64-bit keys to 32-bit indices: the one hash table of the project.
 *
 * Keys are addresses or two packed 32-bit ids; values are indices into a table of the caller's. Open
 * addressing, grows by itself up to `max` entries, never shrinks. No removal but scl_map_clear.
 */
#ifndef SCL_BASE_MAP_H
#define SCL_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scl_map_slot {
	uint64_t key;
	uint32_t value;
	uint32_t used;
};

struct scl_map {
	struct scl_map_slot *slots;
	size_t count, capacity; /* capacity: 0 or a power of two */
	size_t max;		/* 0: no limit of its own */
};

#define scl_map_pair(hi, lo) (((uint64_t)(uint32_t)(hi) << 32) | (uint32_t)(lo))

/* True and *value when the key is there. A zeroed map is a valid empty one. */
bool scl_map_get(const struct scl_map *map, uint64_t key, uint32_t *value);
/* Set or replace. False when the map is full (`max`) or memory ran out; the map is then as it was. */
bool scl_map_put(struct scl_map *map, uint64_t key, uint32_t value);
void scl_map_clear(struct scl_map *map);
void scl_map_destroy(struct scl_map *map);

#endif
