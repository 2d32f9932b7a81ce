#include "base/map.h"

#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 16 };

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014): addresses share their low and their high bits. */
static uint64_t mix(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

/* The slot that holds the key, or the free one where it would go. At least one slot is always free. */
static struct scl_map_slot *find_slot(struct scl_map_slot *slots, size_t capacity, uint64_t key)
{
	size_t i = (size_t)mix(key) & (capacity - 1);
	while (slots[i].used && slots[i].key != key)
		i = (i + 1) & (capacity - 1);
	return &slots[i];
}

static bool grow(struct scl_map *map)
{
	size_t capacity = map->capacity ? map->capacity * 2 : CAPACITY_MIN;
	if (capacity < map->capacity)
		return false;
	struct scl_map_slot *slots = calloc(capacity, sizeof(*slots));
	if (!slots)
		return false;
	for (size_t i = 0; i < map->capacity; i++)
		if (map->slots[i].used)
			*find_slot(slots, capacity, map->slots[i].key) = map->slots[i];
	free(map->slots);
	map->slots = slots;
	map->capacity = capacity;
	return true;
}

bool scl_map_get(const struct scl_map *map, uint64_t key, uint32_t *value)
{
	if (!map->capacity)
		return false;
	const struct scl_map_slot *slot = find_slot(map->slots, map->capacity, key);
	if (!slot->used)
		return false;
	*value = slot->value;
	return true;
}

bool scl_map_put(struct scl_map *map, uint64_t key, uint32_t value)
{
	struct scl_map_slot *slot = map->capacity ? find_slot(map->slots, map->capacity, key) : NULL;
	if (slot && slot->used) {
		slot->value = value;
		return true;
	}
	if (map->max && map->count >= map->max)
		return false;
	if (!slot || (map->count + 1) * 10 > map->capacity * 7) {
		if (!grow(map))
			return false;
		slot = find_slot(map->slots, map->capacity, key);
	}
	*slot = (struct scl_map_slot){.key = key, .value = value, .used = 1};
	map->count++;
	return true;
}

void scl_map_clear(struct scl_map *map)
{
	if (map->slots)
		memset(map->slots, 0, map->capacity * sizeof(*map->slots));
	map->count = 0;
}

void scl_map_destroy(struct scl_map *map)
{
	free(map->slots);
	*map = (struct scl_map){.max = map->max};
}
