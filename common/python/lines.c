#include "python/lines.h"

enum {
	NO_LINE_PEP626 = -128, /* Objects/lnotab_notes.txt, 3.10: this range has no line */
	CODE_UNIT = 2,	       /* bytes of one instruction */
	ENTRY_BIT = 0x80,      /* Objects/locations.md, 3.11: set in the first byte of an entry, clear in the others */
};

/* Line numbers of CPython are ints from 1 upwards; a table may add up to anything. */
static int32_t line_or_none(int64_t line)
{
	return line > 0 && line <= INT32_MAX ? (int32_t)line : 0;
}

/* A byte of a table as the signed number that it is. */
static int signed_byte(uint8_t byte)
{
	return byte < 0x80 ? byte : byte - 0x100;
}

/* PyCode_Addr2Line of 3.9, Objects/codeobject.c. The last line holds for whatever follows the table. */
static int32_t lnotab_line(const uint8_t *table, size_t size, int32_t firstlineno, int32_t offset)
{
	int64_t line = firstlineno, addr = 0;

	for (size_t i = 0; i + 1 < size; i += 2) {
		addr += table[i];
		if (addr > offset)
			break;
		line += signed_byte(table[i + 1]);
	}
	return line_or_none(line);
}

/* _PyCode_CheckLineNumber of 3.10, Objects/codeobject.c. */
static int32_t pep626_line(const uint8_t *table, size_t size, int32_t firstlineno, int32_t offset)
{
	int64_t line = firstlineno, end = 0;

	for (size_t i = 0; i + 1 < size; i += 2) {
		int delta = signed_byte(table[i + 1]);

		end += table[i];
		if (delta != NO_LINE_PEP626)
			line += delta;
		if (offset < end)
			return delta == NO_LINE_PEP626 ? 0 : line_or_none(line);
	}
	return 0;
}

/* A signed varint: six bits a byte, lowest first, bit 6 says that more follow; bit 0 of the value is its sign. */
static int64_t signed_varint(const uint8_t *at, const uint8_t *end)
{
	uint64_t value = 0;
	unsigned shift = 0;

	for (; at < end && !(*at & ENTRY_BIT); at++, shift += 6) {
		/* Bits beyond an int are a lie; they are dropped, and what is left fits an int64_t. */
		if (shift < 36)
			value |= (uint64_t)(*at & 0x3f) << shift;
		if (!(*at & 0x40))
			break;
	}
	return value & 1 ? -(int64_t)(value >> 1) : (int64_t)(value >> 1);
}

/* The line delta of the entry at `at`, PyCodeLocationInfoKind of Include/cpython/code.h; false: it has no line. */
static bool location_delta(const uint8_t *at, const uint8_t *end, int64_t *delta)
{
	unsigned kind = (*at >> 3) & 15;

	*delta = 0;
	if (kind == 15)
		return false;
	if (kind >= 13)
		*delta = signed_varint(at + 1, end);
	else if (kind >= 10)
		*delta = (int64_t)kind - 10;
	return true;
}

static int32_t location_line(const uint8_t *table, size_t size, int32_t firstlineno, int32_t offset)
{
	const uint8_t *at = table, *end = table + size;
	int64_t line = firstlineno, covered = 0;

	while (at < end && *at & ENTRY_BIT) {
		int64_t delta;
		bool has_line = location_delta(at, end, &delta);

		line += delta;
		covered += (int64_t)CODE_UNIT * ((*at & 7) + 1);
		if (offset < covered)
			return has_line ? line_or_none(line) : 0;
		do
			at++;
		while (at < end && !(*at & ENTRY_BIT));
	}
	return 0;
}

int32_t scl_line_at(enum scl_line_table kind, const uint8_t *table, size_t size, int32_t firstlineno, int32_t offset)
{
	if (offset < 0)
		return line_or_none(firstlineno);
	switch (kind) {
	case SCL_LINE_TABLE_LNOTAB:
		return lnotab_line(table, size, firstlineno, offset);
	case SCL_LINE_TABLE_PEP626:
		return pep626_line(table, size, firstlineno, offset);
	case SCL_LINE_TABLE_LOCATIONS:
		return location_line(table, size, firstlineno, offset);
	}
	return 0;
}
