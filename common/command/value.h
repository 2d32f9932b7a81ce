/*
 * value.h - a Python object in a few words: what it is and, for plain data, its value. Never through __repr__.
 */
#ifndef SCL_COMMAND_VALUE_H
#define SCL_COMMAND_VALUE_H

#include "base/buffer.h"
#include "python/decoder.h"

enum { SCL_VALUE_STR_MAX = 120, SCL_VALUE_ITEMS_MAX = 5, SCL_VALUE_DEPTH_MAX = 2 };

/* Append it, safe for a terminal, bounded in length and depth: 'text', 12, [1, 2, ... 98 more], <Lock at 0x7f..>. */
void scl_value_put(const struct scl_decoder *decoder, scl_addr object, struct scl_buffer *out);

#endif
