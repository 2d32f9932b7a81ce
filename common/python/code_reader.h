/*
 * code_reader.h - one code object of the target, decoded into memory that the reader owns.
 *
 * What the cache of code.h is built on. The reader bounds what all of its code objects take together
 * (SCL_CODES_BYTES_MAX) and keeps each distinct name once.
 */
#ifndef SCL_PYTHON_CODE_READER_H
#define SCL_PYTHON_CODE_READER_H

#include "base/arena.h"
#include "python/code.h"
#include "python/window.h"

enum { SCL_CODE_MEMO = 8 }; /* lines kept for each code object; a power of two */

struct scl_line_memo {
	int32_t offset[SCL_CODE_MEMO], line[SCL_CODE_MEMO]; /* offset + 1, so that zeroed memory is empty */
};

struct scl_intern;

struct scl_code_reader {
	const struct scl_runtime *rt;
	struct scl_window window; /* the fields that every code object is asked for */
	scl_addr type;		  /* &PyCode_Type; 0 until known */
	struct scl_arena arena;
	struct scl_intern *strings;
	size_t bytes; /* of arena and strings */
	uint8_t *scratch;
	size_t scratch_size;
	char text[SCL_NAME_MAX];
};

/* False when memory ran out. */
SCL_CHECKED bool scl_code_reader_init(struct scl_code_reader *reader, const struct scl_runtime *rt);
void scl_code_reader_destroy(struct scl_code_reader *reader);
/* Free every code object. */
void scl_code_reader_reset(struct scl_code_reader *reader);
/* Zeroed memory out of the reader's bound. NULL with SCL_EBUDGET or SCL_ENOMEM. */
void *scl_code_reader_alloc(struct scl_code_reader *reader, size_t size, struct scl_error *err);
/* The window's bytes of the object at `address`, when it is a code object. */
SCL_CHECKED bool scl_code_reader_head(struct scl_code_reader *reader, scl_addr address, uint8_t head[SCL_WINDOW_MAX],
				      struct scl_error *err);
/* Decode the one at code->address. */
SCL_CHECKED bool scl_code_reader_decode(struct scl_code_reader *reader, const uint8_t *head, struct scl_code *code,
					struct scl_error *err);

#endif
