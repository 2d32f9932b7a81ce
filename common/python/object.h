/*
 * object.h - reading Python objects as bytes: strings, ints, dicts, attributes. No code of the target runs.
 *
 * Every length is capped and every pointer is treated as a claim. "Attribute" means what the instance itself
 * stores (its dict, its inline or split values), never a descriptor or __getattr__.
 */
#ifndef SCL_PYTHON_OBJECT_H
#define SCL_PYTHON_OBJECT_H

#include "python/runtime.h"

enum {
	SCL_STR_MAX = 64 * 1024,    /* characters of one str */
	SCL_DICT_MAX = 1024 * 1024, /* entries of one dict that are visited */
	SCL_KEY_MAX = 256,	    /* bytes of a name that is looked up */
};

struct scl_buffer;

/* ob_type. */
SCL_CHECKED bool scl_object_type(const struct scl_runtime *rt, scl_addr object, scl_addr *type, struct scl_error *err);
/* tp_name of a type into buf[cap]. */
SCL_CHECKED bool scl_type_name(const struct scl_runtime *rt, scl_addr type, char *buf, size_t cap,
			       struct scl_error *err);
/* tp_flags of the object's type has the bit (Include/object.h: 24 int, 25 list, 26 tuple, 27 bytes, 28 str, 29 dict). */
enum scl_type_flag {
	SCL_TYPE_INLINE_VALUES = 2, /* 3.13 */
	SCL_TYPE_MANAGED_DICT = 4,  /* 3.11 */
	SCL_TYPE_HEAP = 9,
	SCL_TYPE_LONG = 24,
	SCL_TYPE_LIST,
	SCL_TYPE_TUPLE,
	SCL_TYPE_BYTES,
	SCL_TYPE_STR,
	SCL_TYPE_DICT
};
SCL_CHECKED bool scl_object_is(const struct scl_runtime *rt, scl_addr object, enum scl_type_flag flag, bool *ret,
			       struct scl_error *err);

/* A str of any kind (ASCII, Latin-1, UCS2, UCS4, not compact) as UTF-8 into buf[cap], NUL-terminated, cut at a
 * character. NULs and lone surrogates become U+FFFD, but for U+DC80 to U+DCFF: each stands for a byte that was no UTF-8
 * (PEP 383), and becomes it, so that a path is the kernel's and the text need not be valid UTF-8. The type is not
 * checked. */
SCL_CHECKED bool scl_str_read(const struct scl_runtime *rt, scl_addr str, char *buf, size_t cap, struct scl_error *err);
/* A bytes object: up to cap bytes; *size gets its whole length. */
SCL_CHECKED bool scl_bytes_read(const struct scl_runtime *rt, scl_addr bytes, void *buf, size_t cap, size_t *size,
				struct scl_error *err);
/* An int; SCL_ECORRUPT where it does not fit into 64 bits. */
SCL_CHECKED bool scl_int_read(const struct scl_runtime *rt, scl_addr object, int64_t *ret, struct scl_error *err);
/* Many ints, by one vectored read as a rule: n values, and which of them could be read. n <= SCL_INTS_MAX. */
enum { SCL_INTS_MAX = 32 };
void scl_ints_read(const struct scl_runtime *rt, const scl_addr *objects, size_t n, int64_t *values, bool *known);

enum { SCL_DICT_BLOCK = 32 }; /* entries that are fetched at once */

/* A cursor over the entries of a dict of any storage: a plain value. */
struct scl_dict {
	const struct scl_runtime *rt;
	scl_addr entries, values; /* values: 0 unless the table is split */
	uint64_t count, at;
	uint64_t found; /* entry that scl_dict_find stopped at; UINT64_MAX: none */
	uint8_t entry_size, key_at, value_at, value_first;
	uint64_t block_at; /* the entries block_at .. block_at + block_n are below */
	uint8_t block_n;
	scl_addr block_key[SCL_DICT_BLOCK], block_value[SCL_DICT_BLOCK];
};
SCL_CHECKED bool scl_dict_init(struct scl_dict *dict, const struct scl_runtime *rt, scl_addr object,
			       struct scl_error *err);
/* The same for values that lie outside a dict: those of an instance, with the keys that its type shares. */
SCL_CHECKED bool scl_dict_init_split(struct scl_dict *dict, const struct scl_runtime *rt, scl_addr keys,
				     scl_addr values, struct scl_error *err);
/* The next live entry; false at the end (err->code == SCL_OK) or on an error. */
SCL_CHECKED bool scl_dict_next(struct scl_dict *dict, scl_addr *key, scl_addr *value, struct scl_error *err);
/* The value of a str key among the entries that the cursor has not passed, 0 in *value when there is none. */
SCL_CHECKED bool scl_dict_find(struct scl_dict *dict, const char *key, scl_addr *value, struct scl_error *err);
/* The value of a str key, 0 in *value when the dict has none. */
SCL_CHECKED bool scl_dict_get(const struct scl_runtime *rt, scl_addr dict, const char *key, scl_addr *value,
			      struct scl_error *err);
/* The value that an instance stores under a name, 0 in *value when it has none. */
SCL_CHECKED bool scl_object_attr(const struct scl_runtime *rt, scl_addr object, const char *name, scl_addr *value,
				 struct scl_error *err);
/* The dict of the module sys.modules[name], 0 in *dict when it is not imported. */
SCL_CHECKED bool scl_module_dict(const struct scl_runtime *rt, scl_addr modules, const char *name, scl_addr *dict,
				 struct scl_error *err);

#endif
