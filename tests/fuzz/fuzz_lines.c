/*
 * fuzz_lines.c - line tables of every kind, as a lying code object would have them.
 *
 * Input: kind, first line (2 bytes), offset (2 bytes, signed), then the table. The decoder must end, stay inside the
 * table (ASan: the bytes are an allocation of their own) and give the same answer twice.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "python/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { HEAD = 5, KINDS = SCL_LINE_TABLE_LOCATIONS + 1 };
	if (size < HEAD)
		return 0;
	enum scl_line_table kind = (enum scl_line_table)(data[0] % KINDS);
	int32_t first = (int32_t)(data[1] | data[2] << 8);
	int32_t offset = (int16_t)(uint16_t)(data[3] | data[4] << 8);
	size_t length = size - HEAD;
	uint8_t *table = malloc(length ? length : 1);
	if (!table)
		return 0;
	memcpy(table, data + HEAD, length);
	int32_t line = scl_line_at(kind, table, length, first, offset);
	if (line != scl_line_at(kind, table, length, first, offset) || line < 0)
		abort();
	free(table);
	return 0;
}
