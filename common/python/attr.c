/*
 * attr.c - the value that an instance stores under a name, wherever its class keeps instance values
 * (Objects/dictobject.c, Include/internal/pycore_object.h).
 */
#include "base/map.h"
#include "python/types.h"

static scl_addr at(scl_addr base, int64_t offset)
{
	return base + (scl_addr)offset;
}

bool scl_type_read(const struct scl_runtime *rt, struct scl_type *ret, struct scl_error *err)
{
	enum { SIZE_MAX_PLAUSIBLE = 1 << 24 };
	const struct scl_layout *layout = &rt->layout;
	struct scl_span spans[] = {
		{at(ret->address, scl_off(layout, type, flags)), &ret->flags, sizeof ret->flags},
		{at(ret->address, scl_off(layout, type, basicsize)), &ret->basicsize, sizeof ret->basicsize},
		{at(ret->address, scl_off(layout, type, itemsize)), &ret->itemsize, sizeof ret->itemsize},
		{at(ret->address, scl_off(layout, type, dictoffset)), &ret->dictoffset, sizeof ret->dictoffset},
		{at(ret->address, scl_off(layout, type, mro)), &ret->mro, sizeof ret->mro},
	};

	if (!scl_read_spans(rt->target, spans, 5, err))
		return scl_wrap(err, "type at 0x%" PRIx64, ret->address);
	if (ret->basicsize < 0 || ret->basicsize > SIZE_MAX_PLAUSIBLE || ret->itemsize < 0 ||
	    ret->itemsize > SIZE_MAX_PLAUSIBLE || ret->dictoffset > ret->basicsize ||
	    ret->dictoffset < -SIZE_MAX_PLAUSIBLE)
		return scl_fail_at(err, SCL_ECORRUPT, ret->address,
				   "type at 0x%" PRIx64 ": sizes %" PRId64 ", %" PRId64 ", dict at %" PRId64,
				   ret->address, ret->basicsize, ret->itemsize, ret->dictoffset);
	return true;
}

/* What is looked for, and where it was in shared keys: those only grow, so a name keeps its place in them. */
struct search {
	const struct scl_runtime *rt;
	scl_addr object;
	const struct scl_type *type;
	const char *name;
	struct scl_map *memory;
	scl_addr *value;
};

static uint64_t memory_key(const struct search *s, scl_addr keys)
{
	/* Both are unique while the cache lives; a product of two odd numbers keeps them apart. */
	return keys * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)(uintptr_t)s->name * UINT64_C(0xc2b2ae3d27d4eb4f);
}

/* values[] under the keys that they share with those of other instances. */
static bool in_split(const struct search *s, scl_addr keys, scl_addr values, struct scl_error *err)
{
	struct scl_dict dict;
	uint32_t index;

	if (keys == 0)
		return true;
	if (s->memory && scl_map_get(s->memory, memory_key(s, keys), &index))
		return scl_read_ptr(s->rt->target,
				    values + s->rt->layout.keys_values_header + (scl_addr)index * sizeof(scl_addr),
				    s->value, err);
	if (!scl_dict_init_split(&dict, s->rt, keys, values, err) || !scl_dict_find(&dict, s->name, s->value, err))
		return false;
	if (s->memory && *s->value && dict.found < UINT32_MAX)
		(void)scl_map_put(s->memory, memory_key(s, keys), (uint32_t)dict.found);
	return true;
}

static bool in_dict(const struct search *s, scl_addr dict, struct scl_error *err)
{
	const struct scl_layout *layout = &s->rt->layout;
	scl_addr keys, values;
	struct scl_span spans[] = {
		{at(dict, scl_off(layout, dict, keys)), &keys, sizeof keys},
		{at(dict, scl_off(layout, dict, values)), &values, sizeof values},
	};

	if (dict == 0)
		return true;
	if (s->memory && scl_read_spans(s->rt->target, spans, 2, NULL) && values)
		return in_split(s, keys, values, err);
	return scl_dict_get(s->rt, dict, s->name, s->value, err);
}

/* -- where an instance keeps its values ------------------------------------------------------------------------- */

/* A dict, or values[] with the keys that the type has; nothing where all is 0. */
struct storage {
	scl_addr dict, keys, values;
};

struct instance {
	const struct scl_runtime *rt;
	scl_addr object;
	const struct scl_type *type;
};

static bool in_values(const struct instance *in, scl_addr values, struct storage *ret, struct scl_error *err)
{
	ret->values = values;
	if (!scl_read_ptr(in->rt->target, at(in->type->address, scl_off(&in->rt->layout, heaptype, cached_keys)),
			  &ret->keys, err))
		return scl_wrap(err, "shared keys of the type at 0x%" PRIx64, in->type->address);
	return true;
}

/* tp_dictoffset: from the start, or, where the size varies, from the end (_PyObject_GetDictPtr). */
static bool by_offset(const struct instance *in, struct storage *ret, struct scl_error *err)
{
	const struct scl_runtime *rt = in->rt;
	const struct scl_type *t = in->type;
	int64_t offset = t->dictoffset, size;
	if (offset == 0)
		return true;
	if (offset < 0) {
		if (!scl_read_i64(rt->target, at(in->object, scl_off(&rt->layout, tuple, size)), &size, err))
			return false;
		size = size < 0 ? (int64_t)(0 - (uint64_t)size) : size;
		if (size < 0 || size > INT64_C(1) << 36)
			return scl_fail_at(err, SCL_ECORRUPT, in->object, "%" PRId64 " items", size);
		offset += (t->basicsize + size * t->itemsize + 7) / 8 * 8;
	}
	if (offset < scl_off(&rt->layout, object, sizeof) || offset % 8 != 0)
		return scl_fail_at(err, SCL_ECORRUPT, in->object, "a dict at %" PRId64, offset);
	return scl_read_ptr(rt->target, at(in->object, offset), &ret->dict, err);
}

/* Two words before the object: values, then dict; one of them is NULL (3.11). */
static bool before_object(const struct instance *in, struct storage *ret, struct scl_error *err)
{
	scl_addr words[2];

	if (!scl_read(in->rt->target, at(in->object, in->rt->layout.managed_dict - 8), words, sizeof words, err))
		return false;
	ret->dict = words[1];
	return words[0] == 0 || in_values(in, words[0], ret, err);
}

/* One word before the object: a dict, or, when it is odd, the values minus one (PyDictOrValues of 3.12). */
static bool tagged_word(const struct instance *in, struct storage *ret, struct scl_error *err)
{
	scl_addr word;

	if (!scl_read_ptr(in->rt->target, at(in->object, in->rt->layout.managed_dict), &word, err))
		return false;
	if (word & 1)
		return in_values(in, word + 1, ret, err);
	ret->dict = word;
	return true;
}

/* A dict before the object, or, while there is none, values right after it (3.13, gh-115776). */
static bool inline_values(const struct instance *in, struct storage *ret, struct scl_error *err)
{
	scl_addr values = at(in->object, in->type->basicsize);
	uint8_t valid;

	if (!scl_read_ptr(in->rt->target, at(in->object, in->rt->layout.managed_dict), &ret->dict, err))
		return false;
	if (ret->dict != 0 || !(in->type->flags >> SCL_TYPE_INLINE_VALUES & 1))
		return true;
	if (!scl_read_u8(in->rt->target, at(values, in->rt->layout.values_valid), &valid, err))
		return false;
	return !valid || in_values(in, values, ret, err);
}

static bool locate(const struct instance *in, struct storage *ret, struct scl_error *err)
{
	*ret = (struct storage){0};
	if (!(in->type->flags >> SCL_TYPE_MANAGED_DICT & 1))
		return by_offset(in, ret, err);
	switch (in->rt->layout.instance_dict) {
	case SCL_INSTANCE_DICT_OFFSET: /* the flag has no meaning yet */
		return by_offset(in, ret, err);
	case SCL_INSTANCE_DICT_BEFORE:
		return before_object(in, ret, err);
	case SCL_INSTANCE_DICT_TAGGED:
		return tagged_word(in, ret, err);
	case SCL_INSTANCE_DICT_INLINE:
		return inline_values(in, ret, err);
	}
	return true;
}

static bool find(const struct search *s, struct scl_error *err)
{
	struct storage storage;

	if (!locate(&(struct instance){s->rt, s->object, s->type}, &storage, err))
		return false;
	return storage.values ? in_split(s, storage.keys, storage.values, err) : in_dict(s, storage.dict, err);
}

bool scl_instance_init(struct scl_dict *dict, const struct scl_runtime *rt, scl_addr object,
		       const struct scl_type *type, struct scl_error *err)
{
	struct storage storage;
	bool done;

	*dict = (struct scl_dict){.rt = rt};
	if (!locate(&(struct instance){rt, object, type}, &storage, err))
		return scl_wrap(err, "attributes of the object at 0x%" PRIx64, object);
	if (storage.values)
		done = storage.keys == 0 || scl_dict_init_split(dict, rt, storage.keys, storage.values, err);
	else
		done = storage.dict == 0 || scl_dict_init(dict, rt, storage.dict, err);
	return done || scl_wrap(err, "attributes of the object at 0x%" PRIx64, object);
}

bool scl_attr_stored(const struct scl_runtime *rt, scl_addr object, const struct scl_type *type, const char *name,
		     struct scl_map *memory, scl_addr *value, struct scl_error *err)
{
	struct search s = {rt, object, type, name, memory, value};

	*value = 0;
	return find(&s, err) || scl_wrap(err, "attribute %s of the object at 0x%" PRIx64, name, object);
}

bool scl_object_attr(const struct scl_runtime *rt, scl_addr object, const char *name, scl_addr *value,
		     struct scl_error *err)
{
	struct scl_type type = {0};

	*value = 0;
	if (!scl_object_type(rt, object, &type.address, err))
		return false;
	if (!scl_type_read(rt, &type, err))
		return scl_wrap(err, "attribute %s of the object at 0x%" PRIx64, name, object);
	return scl_attr_stored(rt, object, &type, name, NULL, value, err);
}
