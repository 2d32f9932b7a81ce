/*
 * error.h - how a function says what went wrong.
 *
 * Every function that can fail has the shape `bool f(..., struct scl_error *err)`: true means done, false means
 * that `err` was written. `err` is written only on failure, is never allocated, and may be NULL when the caller
 * needs the verdict alone (the sampler's hot path: then nothing is formatted).
 *
 *	if (!scl_read_ptr(t, addr, &p, err))
 *		return scl_wrap(err, "frame at 0x%" PRIx64, addr);
 *
 * yields "frame at 0x8600: cannot read 8 bytes at 0xdead0070".
 */
#ifndef SCL_BASE_ERROR_H
#define SCL_BASE_ERROR_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

SCL_C_BEGIN

/* An address in the debuggee. Never a pointer of ours. */
typedef uint64_t scl_addr;

enum scl_status {
	SCL_OK,
	SCL_EUSAGE,	  /* the user's words are wrong: unknown option, bad number */
	SCL_ENOTFOUND,	  /* no such process, file, symbol, thread */
	SCL_EPERM,	  /* the kernel refused; the text says the remedy */
	SCL_EFAULT,	  /* these bytes of the debuggee are not readable */
	SCL_ECORRUPT,	  /* readable, but not what CPython would have written */
	SCL_EUNSUPPORTED, /* a CPython, a target or a command that we do not know */
	SCL_EGONE,	  /* the process ended */
	SCL_EIO,	  /* a file of ours could not be read or written */
	SCL_ENOMEM,
	SCL_EINTERRUPTED, /* Ctrl-C */
	SCL_EBUDGET,	  /* a command's read budget is spent: the debuggee's lists do not end */
};

enum { SCL_ERROR_TEXT = 640 };

struct scl_error {
	enum scl_status code;
	int sys_errno;	  /* 0 where no system call failed */
	scl_addr address; /* of the debuggee; 0 where none is meant */
	char text[SCL_ERROR_TEXT];
};

/* Write an error. `err` may be NULL. The text is cut, not overrun. */
void scl_error_set(struct scl_error *err, enum scl_status code, int sys_errno, scl_addr address, const char *fmt, ...)
	SCL_PRINTF(5, 6);
/* Put "fmt: " before the text that is there. `err` may be NULL. */
void scl_error_prefix(struct scl_error *err, const char *fmt, ...) SCL_PRINTF(2, 3);

/* Macros, not functions: they yield the literal `false`, which -Wmaybe-uninitialized understands. */
#define scl_fail(err, code, ...)	       (scl_error_set((err), (code), 0, 0, __VA_ARGS__), false)
#define scl_fail_errno(err, code, number, ...) (scl_error_set((err), (code), (number), 0, __VA_ARGS__), false)
#define scl_fail_at(err, code, addr, ...)      (scl_error_set((err), (code), 0, (addr), __VA_ARGS__), false)
#define scl_wrap(err, ...)		       (scl_error_prefix((err), __VA_ARGS__), false)

SCL_C_END

#endif
