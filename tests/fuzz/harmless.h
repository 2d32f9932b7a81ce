/* harmless.h - what may reach a terminal: valid UTF-8 that cannot steer it. */
#ifndef SCL_TESTS_HARMLESS_H
#define SCL_TESTS_HARMLESS_H

#include <stdbool.h>
#include <stdlib.h>

#include "base/text.h"

/* Aborts otherwise. Lines: newlines and tabs are allowed. */
static inline void require_harmless(const char *text, size_t len, bool lines)
{
	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		size_t n = scl_text_decode(text + i, len - i, &c);
		bool control = (c < 0x20 && !(lines && (c == '\n' || c == '\t'))) || (c >= 0x7f && c < 0xa0);
		bool reorders = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
		if (!n || control || reorders)
			abort();
		i += n;
	}
}

#endif
