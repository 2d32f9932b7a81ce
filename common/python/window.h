/*
 * window.h - some fields of one structure of the target, fetched as one range of bytes and picked from the copy.
 *
 * The range runs from the lowest to the highest of the fields that the layout has; absent ones read as 0.
 */
#ifndef SCL_PYTHON_WINDOW_H
#define SCL_PYTHON_WINDOW_H

#include "layout/layout.h"

enum { SCL_WINDOW_MAX = 512 }; /* bytes */

struct scl_window {
	int32_t low;   /* offset of its first byte in the structure */
	uint32_t size; /* bytes; 0 when the fields lie too far apart or there are none */
};

struct scl_window scl_window_over(const struct scl_layout *layout, const enum scl_field *fields, size_t n);

/* A field, zero-extended, from the window's bytes. */
uint64_t scl_window_get(const struct scl_layout *layout, struct scl_window window, const uint8_t *bytes,
			enum scl_field field);

#endif
