/* The three kinds of line table: what interpreters wrote, and what they would never write. */
#include "check.h"
#include "python/lines.h"

#include "line_tables.h"

enum { NTABLES = sizeof tables / sizeof *tables };

static const enum scl_line_table kinds[] = {SCL_LINE_TABLE_LNOTAB, SCL_LINE_TABLE_PEP626, SCL_LINE_TABLE_LOCATIONS};

static int32_t line(const struct table *t, int32_t offset)
{
	return scl_line_at(t->kind, t->bytes, t->size, t->firstlineno, offset);
}

static void every_instruction_has_the_line_that_python_says(void)
{
	for (size_t i = 0; i < NTABLES; i++) {
		int32_t offset = 0;

		check_case = tables[i].name;
		for (size_t r = 0; tables[i].ranges[r].end; r++)
			for (; offset < tables[i].ranges[r].end; offset += 2)
				if (line(&tables[i], offset) != tables[i].ranges[r].line)
					CHECK_FAIL("offset %d is of line %d, not %d", offset, line(&tables[i], offset),
						   tables[i].ranges[r].line);
		CHECK(offset > 0);
	}
	check_case = "";
}

static void before_the_first_instruction_the_first_line_holds(void)
{
	for (size_t i = 0; i < NTABLES; i++)
		CHECK_INT(line(&tables[i], -1), tables[i].firstlineno);
}

static void behind_its_end_a_table_has_no_line(void)
{
	for (size_t i = 0; i < NTABLES; i++) {
		check_case = tables[i].name;
		/* co_lnotab does not say where it ends: its last line holds on. */
		if (tables[i].kind != SCL_LINE_TABLE_LNOTAB)
			CHECK_INT(line(&tables[i], 1 << 20), 0);
		else
			CHECK(line(&tables[i], 1 << 20) > 0);
	}
	check_case = "";
}

/* A table that was cut anywhere gives the true line or none, and reads nothing behind its end. */
static void a_cut_table_gives_the_true_line_or_none(void)
{
	for (size_t i = 0; i < NTABLES; i++) {
		struct table cut = tables[i];

		check_case = tables[i].name;
		if (cut.kind == SCL_LINE_TABLE_LNOTAB)
			continue;
		for (cut.size = 0; cut.size < tables[i].size; cut.size++) {
			uint8_t exact[2048];

			memcpy(exact, tables[i].bytes, cut.size);
			memset(exact + cut.size, 0x7f, sizeof exact - cut.size);
			cut.bytes = exact;
			/* The last entry may have lost the bytes of its delta, so it is left out. */
			CHECK(line(&cut, 1 << 20) == 0);
			if (cut.size > 24)
				CHECK_INT(line(&cut, 0), line(&tables[i], 0));
		}
	}
	check_case = "";
}

static void an_empty_table_has_no_line(void)
{
	const uint8_t byte = 0;

	CHECK_INT(scl_line_at(SCL_LINE_TABLE_LNOTAB, &byte, 0, 7, 4), 7);
	CHECK_INT(scl_line_at(SCL_LINE_TABLE_PEP626, &byte, 0, 7, 4), 0);
	CHECK_INT(scl_line_at(SCL_LINE_TABLE_LOCATIONS, &byte, 0, 7, 4), 0);
}

static void a_line_below_one_is_no_line(void)
{
	const uint8_t lnotab[] = {0, 0x80, 0, 0x80}, pep626[] = {8, 0x81};
	const uint8_t locations[] = {0x80 | 13 << 3 | 7, 0x7f, 0x3f};

	CHECK_INT(scl_line_at(SCL_LINE_TABLE_LNOTAB, lnotab, sizeof lnotab, 5, 0), 0);
	CHECK_INT(scl_line_at(SCL_LINE_TABLE_PEP626, pep626, sizeof pep626, 5, 0), 0);
	CHECK_INT(scl_line_at(SCL_LINE_TABLE_LOCATIONS, locations, sizeof locations, 5, 0), 0);
	for (size_t i = 0; i < 3; i++)
		CHECK_INT(scl_line_at(kinds[i], lnotab, 0, -5, -1), 0);
}

static void a_line_beyond_an_int_is_no_line(void)
{
	/* A signed varint of ever more bits; and two hundred deltas of +127 on the largest firstlineno. */
	uint8_t varint[64], deltas[400];

	memset(varint, 0x7e, sizeof varint);
	varint[0] = 0x80 | 13 << 3 | 7;
	CHECK_INT(scl_line_at(SCL_LINE_TABLE_LOCATIONS, varint, sizeof varint, 1, 0), 0);
	for (size_t i = 0; i < sizeof deltas; i += 2) {
		deltas[i] = 0;
		deltas[i + 1] = 127;
	}
	deltas[sizeof deltas - 2] = 4;
	CHECK_INT(scl_line_at(SCL_LINE_TABLE_LNOTAB, deltas, sizeof deltas, INT32_MAX, 2), 0);
	CHECK_INT(scl_line_at(SCL_LINE_TABLE_PEP626, deltas, sizeof deltas, INT32_MAX, 2), 0);
}

static void a_location_entry_begins_with_its_bit(void)
{
	const uint8_t torn[] = {0x05, 0x80 | 13 << 3, 0x02};

	CHECK_INT(scl_line_at(SCL_LINE_TABLE_LOCATIONS, torn, sizeof torn, 10, 0), 0);
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* Random bytes never give a negative line; the sanitizers watch the rest. */
static void random_bytes_are_survived(void)
{
	uint32_t state = 1;

	for (unsigned i = 0; i < 20000; i++) {
		uint8_t bytes[32];
		size_t size = next_random(&state) % sizeof bytes;
		int32_t first = (int32_t)next_random(&state), offset = (int32_t)(next_random(&state) % 300);

		for (size_t b = 0; b < size; b++)
			bytes[b] = (uint8_t)next_random(&state);
		for (size_t k = 0; k < 3; k++)
			CHECK(scl_line_at(kinds[k], bytes, size, first, offset) >= 0);
	}
}

int main(void)
{
	RUN(every_instruction_has_the_line_that_python_says);
	RUN(before_the_first_instruction_the_first_line_holds);
	RUN(behind_its_end_a_table_has_no_line);
	RUN(a_cut_table_gives_the_true_line_or_none);
	RUN(an_empty_table_has_no_line);
	RUN(a_line_below_one_is_no_line);
	RUN(a_line_beyond_an_int_is_no_line);
	RUN(a_location_entry_begins_with_its_bit);
	RUN(random_bytes_are_survived);
	return check_finish();
}
