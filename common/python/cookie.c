#include "python/cookie.h"

#include <stdlib.h>
#include <string.h>

#include "layout/layout.h"

enum {
	PAGE = 4096,
	CHUNK = 64 * PAGE,
	LOOKED_AT = 64 * 1024 * 1024,
	ALIGNMENT = 8, /* of a table of uint64_t */
};

static bool is_table(struct scl_target *target, scl_addr at)
{
	uint8_t head[SCL_DEBUG_OFFSETS_HEAD];
	uint32_t hexversion;
	bool free_threaded;

	return scl_read(target, at, head, sizeof head, NULL) &&
	       scl_debug_offsets_head(head, sizeof head, &hexversion, &free_threaded) && hexversion >> 24 == 3;
}

static bool search(struct scl_target *target, scl_addr at, const uint8_t *bytes, size_t size, scl_addr *ret)
{
	static const char cookie[] = SCL_DEBUG_OFFSETS_COOKIE;

	for (size_t i = 0; i + sizeof cookie - 1 <= size; i += ALIGNMENT)
		if (memcmp(bytes + i, cookie, sizeof cookie - 1) == 0 && is_table(target, at + i)) {
			*ret = at + i;
			return true;
		}
	return false;
}

/* What is between the segments of a module need not be readable: then page by page. */
static bool search_chunk(struct scl_target *target, scl_addr at, uint8_t *bytes, size_t size, scl_addr *ret)
{
	if (scl_read(target, at, bytes, size, NULL))
		return search(target, at, bytes, size, ret);
	for (size_t i = 0; i < size && scl_target_may_read(target, NULL); i += PAGE)
		if (scl_read(target, at + i, bytes, PAGE, NULL) && search(target, at + i, bytes, PAGE, ret))
			return true;
	return false;
}

bool scl_cookie_find(struct scl_target *target, const struct scl_module *module, scl_addr *ret)
{
	scl_addr at = (module->start + PAGE - 1) & ~(scl_addr)(PAGE - 1), end = module->end & ~(scl_addr)(PAGE - 1);
	uint8_t *bytes = malloc(CHUNK);
	bool found = false;

	if (end > at && end - at > LOOKED_AT)
		at = end - LOOKED_AT;
	while (bytes && !found && at < end && scl_target_may_read(target, NULL)) {
		size_t size = end - at < CHUNK ? (size_t)(end - at) : CHUNK;

		found = search_chunk(target, at, bytes, size, ret);
		at += size;
	}
	free(bytes);
	return found;
}
