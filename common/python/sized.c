#include "python/sized.h"

#include <string.h>

/* More than any address space has room for. */
#define SIZE_PLAUSIBLE (UINT64_C(1) << 40)

enum scl_sized scl_sized_kind(const struct scl_type *type)
{
	/* No flag is set for these; each is built in or of a C module, whose types have its name before theirs. */
	static const struct {
		const char *name;
		enum scl_sized kind;
	} named[] = {
		{"set", SCL_SIZED_SET},
		{"frozenset", SCL_SIZED_SET},
		{"collections.deque", SCL_SIZED_DEQUE},
		{"_queue.SimpleQueue", SCL_SIZED_QUEUE},
	};

	if (type->flags >> SCL_TYPE_DICT & 1)
		return SCL_SIZED_DICT;
	if (type->flags >> SCL_TYPE_LIST & 1)
		return SCL_SIZED_LIST;
	if (type->flags >> SCL_TYPE_TUPLE & 1)
		return SCL_SIZED_TUPLE;
	for (size_t i = 0; i < sizeof named / sizeof *named; i++)
		if (strcmp(type->name, named[i].name) == 0)
			return named[i].kind;
	return SCL_SIZED_NONE;
}

static scl_addr at(scl_addr base, int32_t offset)
{
	return base + (scl_addr)(int64_t)offset;
}

static bool read_queue(const struct scl_runtime *rt, scl_addr queue, uint64_t *size, struct scl_error *err)
{
	const struct scl_layout *layout = &rt->layout;
	uint64_t first, whole;
	scl_addr list;
	struct scl_span spans[] = {
		{at(queue, scl_off(layout, simplequeue, list)), &list, sizeof list},
		{at(queue, scl_off(layout, simplequeue, first)), &first, sizeof first},
	};

	if (scl_has(layout, simplequeue, count))
		return scl_read(rt->target, at(queue, scl_off(layout, simplequeue, count)), size, sizeof *size, err);
	if (!scl_read_spans(rt->target, spans, 2, err) ||
	    !scl_read(rt->target, at(list, scl_off(layout, list, size)), &whole, sizeof whole, err))
		return false;
	if (first > whole)
		return scl_fail_at(err, SCL_ECORRUPT, queue, "%" PRIu64 " items, the first of them is %" PRIu64, whole,
				   first);
	*size = whole - first;
	return true;
}

bool scl_sized_read(const struct scl_runtime *rt, enum scl_sized kind, scl_addr object, uint64_t *size,
		    struct scl_error *err)
{
	const struct scl_layout *layout = &rt->layout;
	const int32_t offsets[] = {
		[SCL_SIZED_NONE] = SCL_ABSENT,
		[SCL_SIZED_DICT] = scl_off(layout, dict, used),
		[SCL_SIZED_LIST] = scl_off(layout, list, size),
		[SCL_SIZED_TUPLE] = scl_off(layout, tuple, size),
		[SCL_SIZED_SET] = scl_off(layout, set, used),
		[SCL_SIZED_DEQUE] = scl_off(layout, deque, size),
		[SCL_SIZED_QUEUE] = SCL_ABSENT,
	};
	bool done;

	if (kind == SCL_SIZED_QUEUE)
		done = read_queue(rt, object, size, err);
	else if (offsets[kind] == SCL_ABSENT)
		return scl_fail_at(err, SCL_EUNSUPPORTED, object, "the object at 0x%" PRIx64 " is no container",
				   object);
	else
		done = scl_read(rt->target, at(object, offsets[kind]), size, sizeof *size, err);
	if (!done)
		return scl_wrap(err, "container at 0x%" PRIx64, object);
	if (*size > SIZE_PLAUSIBLE)
		return scl_fail_at(err, SCL_ECORRUPT, object, "container at 0x%" PRIx64 ": %" PRIu64 " members", object,
				   *size);
	return true;
}

bool scl_scalar_read(const struct scl_runtime *rt, struct scl_types *types, scl_addr object, struct scl_scalar *ret,
		     struct scl_error *err)
{
	const struct scl_type *type = scl_types_of(types, object, err);

	*ret = (struct scl_scalar){.kind = SCL_SCALAR_OTHER};
	if (!type)
		return scl_wrap(err, "object at 0x%" PRIx64, object);
	if (type->flags >> SCL_TYPE_STR & 1) {
		ret->kind = SCL_SCALAR_STR;
	} else if (type->flags >> SCL_TYPE_LONG & 1) {
		ret->kind = strcmp(type->name, "bool") == 0 ? SCL_SCALAR_BOOL : SCL_SCALAR_INT;
		return scl_int_read(rt, object, &ret->integer, err);
	} else if (strcmp(type->name, "NoneType") == 0) {
		ret->kind = SCL_SCALAR_NONE;
	} else if (strcmp(type->name, "float") == 0) {
		ret->kind = SCL_SCALAR_FLOAT;
		return scl_read(rt->target, at(object, scl_off(&rt->layout, float, value)), &ret->number,
				sizeof ret->number, err);
	}
	return true;
}
