/*
 * code.h - code objects, decoded once and kept by address.
 *
 * A cached entry stays only while what identifies it (type, filename, name, linetable, first line, size) is
 * unchanged in the target; scl_codes_get checks that again when the entry was last checked longer than
 * `recheck_ns` ago, because a code object can be freed and its address used again.
 *
 * Memory: entries are never freed one by one, since samples point to them. Their copies together take at most
 * SCL_CODES_BYTES_MAX; from then on code objects that are not in the cache are refused with SCL_EBUDGET, until the
 * owner says by scl_codes_reset that nobody holds entries any more. A program that makes code objects for ever thus
 * costs a bounded amount.
 */
#ifndef SCL_PYTHON_CODE_H
#define SCL_PYTHON_CODE_H

#include "python/runtime.h"

enum {
	SCL_CODES_MAX = 65536,			 /* entries of one cache; the cache starts afresh beyond it */
	SCL_CODES_BYTES_MAX = 256 * 1024 * 1024, /* of all entries since the last reset */
	SCL_BYTECODE_MAX = 4 * 1024 * 1024,	 /* bytes of bytecode or line table of one code object */
	SCL_NAME_MAX = 16 * 1024,		 /* bytes of a file or function name, longer ones are cut */
	SCL_CO_GENERATOR = 0x20,
	SCL_CO_COROUTINE = 0x80,
	SCL_CO_ITERABLE_COROUTINE = 0x100,
	SCL_CO_ASYNC_GENERATOR = 0x200,
};

struct scl_line_memo;

/* One code object. Owned by the cache, valid until the cache is reset or destroyed, even when the entry is replaced. */
struct scl_code {
	scl_addr address;
	const char *filename, *name, *qualname; /* UTF-8; qualname is name before 3.11 */
	int32_t firstlineno;
	uint32_t flags;
	scl_addr bytecode;	/* address of the first instruction */
	uint32_t bytecode_size; /* bytes */
	uint8_t *bytes;		/* a copy of the bytecode; each check renews it, for what PEP 659 specialised */
	const uint8_t *linetable;
	uint32_t linetable_size;
	int32_t firsttraceable;	    /* code units; 0 where the version has none */
	uint32_t serial;	    /* distinct for every code object this cache ever saw; from 0 upwards */
	struct scl_line_memo *memo; /* the cache's own: lines that were looked up before */
};

struct scl_codes;

/* NULL when memory ran out. The runtime must outlive the cache. */
struct scl_codes *scl_codes_create(const struct scl_runtime *rt, uint64_t recheck_ns);
void scl_codes_destroy(struct scl_codes *codes);
/* Take the time that the age of entries is measured by. scl_stack_read does so once for each stack. */
void scl_codes_tick(struct scl_codes *codes);
/* Memory is used up: new code objects are refused until scl_codes_reset. */
bool scl_codes_full(const struct scl_codes *codes);
/* Forget every entry and free its memory: every scl_code of this cache is gone. Serials go on. */
void scl_codes_reset(struct scl_codes *codes);
/* The code object at `address`; fails where there is none (wrong type, unreadable or absurd members). */
SCL_CHECKED bool scl_codes_get(struct scl_codes *codes, scl_addr address, const struct scl_code **ret,
			       struct scl_error *err);
/* The line of byte offset `offset` (-1: the first line of the code object). 0 where there is none. */
int32_t scl_code_line(const struct scl_codes *codes, const struct scl_code *code, int32_t offset);
/* The instruction at that offset is a call that may run C code (scl_opcode_calls). True of the innermost frame only:
 * before 3.13 the offset of a calling frame may point into the cache behind its call. */
bool scl_code_calls_at(const struct scl_codes *codes, const struct scl_code *code, int32_t offset);

#endif
