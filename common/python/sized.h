/*
 * sized.h - how much is in an object whose type is not known beforehand, and the value of a plain one.
 *
 * Types are told by the flags that CPython sets for its own subclasses (tp_flags), and by name where there is none.
 */
#ifndef SCL_PYTHON_SIZED_H
#define SCL_PYTHON_SIZED_H

#include "python/types.h"

enum scl_sized {
	SCL_SIZED_NONE, /* it is no container that we know */
	SCL_SIZED_DICT,
	SCL_SIZED_LIST,
	SCL_SIZED_TUPLE,
	SCL_SIZED_SET, /* frozensets, too */
	SCL_SIZED_DEQUE,
	SCL_SIZED_QUEUE, /* queue.SimpleQueue */
};

/* Which container an object of that type is. */
enum scl_sized scl_sized_kind(const struct scl_type *type);
/* Members now, of a container of that kind; SCL_ECORRUPT where no process could hold them. */
SCL_CHECKED bool scl_sized_read(const struct scl_runtime *rt, enum scl_sized kind, scl_addr object, uint64_t *size,
				struct scl_error *err);

enum scl_scalar_kind {
	SCL_SCALAR_OTHER, /* an object of another type */
	SCL_SCALAR_NONE,
	SCL_SCALAR_BOOL, /* in `integer` */
	SCL_SCALAR_INT,
	SCL_SCALAR_FLOAT,
	SCL_SCALAR_STR, /* for scl_str_read */
};

struct scl_scalar {
	enum scl_scalar_kind kind;
	int64_t integer;
	double number;
};

/* None, a bool, int, float or str. An int of more than 64 bits is SCL_ECORRUPT. */
SCL_CHECKED bool scl_scalar_read(const struct scl_runtime *rt, struct scl_types *types, scl_addr object,
				 struct scl_scalar *ret, struct scl_error *err);

#endif
