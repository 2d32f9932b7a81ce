#include "python/window.h"

#include <string.h>

struct scl_window scl_window_over(const struct scl_layout *layout, const enum scl_field *fields, size_t n)
{
	int64_t low = INT32_MAX, high = INT32_MIN;

	for (size_t i = 0; i < n; i++) {
		int64_t at = layout->off[fields[i]];

		if (at == SCL_ABSENT)
			continue;
		if (at < low)
			low = at;
		if (at + scl_field_size[fields[i]] > high)
			high = at + scl_field_size[fields[i]];
	}
	if (high <= low || high - low > SCL_WINDOW_MAX)
		return (struct scl_window){0};
	return (struct scl_window){.low = (int32_t)low, .size = (uint32_t)(high - low)};
}

uint64_t scl_window_get(const struct scl_layout *layout, struct scl_window window, const uint8_t *bytes,
			enum scl_field field)
{
	int64_t at = (int64_t)layout->off[field] - window.low;
	size_t size = scl_field_size[field];
	uint64_t wide = 0;
	uint32_t word;

	if (layout->off[field] == SCL_ABSENT || at < 0 || at + (int64_t)size > window.size)
		return 0;
	switch (size) {
	case 1:
		return bytes[at];
	case 4:
		memcpy(&word, bytes + at, sizeof word);
		return word;
	default:
		memcpy(&wide, bytes + at, size < sizeof wide ? size : sizeof wide);
		return wide;
	}
}
