/*
 * types.h - types of the target, decoded once and kept by address, and what instances of them store.
 *
 * For a walk over many objects of few types. What is kept holds as long as the types do not change: a command, or
 * some samples; scl_types_reset forgets it. "Attribute" means what the instance itself stores: in a slot (a member
 * descriptor of its class), its dict or its values; never a property or __getattr__.
 */
#ifndef SCL_PYTHON_TYPES_H
#define SCL_PYTHON_TYPES_H

#include "python/object.h"

enum { SCL_TYPES_MAX = 65536, SCL_TYPE_NAME_MAX = 128 };

struct scl_type {
	scl_addr address;
	const char *name; /* tp_name; "?" where it cannot be read (read-only data that a core lacks) */
	uint64_t flags;
	int64_t basicsize, itemsize, dictoffset;
	scl_addr mro;
	uint32_t serial;
	unsigned kind; /* for whoever owns the cache; 0 at first */
};

struct scl_types;

/* NULL when memory ran out. */
struct scl_types *scl_types_create(const struct scl_runtime *rt);
void scl_types_destroy(struct scl_types *types);
void scl_types_reset(struct scl_types *types);
/* The type at an address, and that of an object. Owned by the cache. NULL where there is none. */
struct scl_type *scl_types_get(struct scl_types *types, scl_addr type, struct scl_error *err);
struct scl_type *scl_types_of(struct scl_types *types, scl_addr object, struct scl_error *err);
/* `base` is in the type's method resolution order. */
bool scl_type_is_subtype(struct scl_types *types, const struct scl_type *type, scl_addr base);
/* The value that an instance stores under `name`, a string literal (its address is the key of a memory). 0 where it has
 * none. */
SCL_CHECKED bool scl_types_attr(struct scl_types *types, scl_addr object, const char *name, scl_addr *value,
				struct scl_error *err);
/* The same, 0 also where it cannot be read. */
scl_addr scl_types_attr_or_0(struct scl_types *types, scl_addr object, const char *name);
/* What the classes of the type's method resolution order define under `name`, 0 where none does. */
scl_addr scl_types_class_attr(struct scl_types *types, const struct scl_type *type, const char *name);
/* A cursor over the names and values that an instance stores in its dict or values, without its slots: scl_dict_next.
 * Nothing where it stores none. */
SCL_CHECKED bool scl_instance_init(struct scl_dict *dict, const struct scl_runtime *rt, scl_addr object,
				   const struct scl_type *type, struct scl_error *err);

/* A float, or an int as one. SCL_ECORRUPT where it is neither. */
SCL_CHECKED bool scl_types_float(struct scl_types *types, scl_addr object, double *ret, struct scl_error *err);

/* What attr.c does for the cache: a value in the instance's dict or values, with a memory of where in shared keys a name
 * is (NULL: none). */
struct scl_map;
SCL_CHECKED bool scl_attr_stored(const struct scl_runtime *rt, scl_addr object, const struct scl_type *type,
				 const char *name, struct scl_map *memory, scl_addr *value, struct scl_error *err);
/* Fill the sizes and flags of ret->address. */
SCL_CHECKED bool scl_type_read(const struct scl_runtime *rt, struct scl_type *ret, struct scl_error *err);

#endif
