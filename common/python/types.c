#include "python/types.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "python/items.h"

enum {
	MRO_MAX = 64,	   /* classes of one type that are asked */
	MEMBER_OBJECT = 6, /* T_OBJECT and T_OBJECT_EX, Include/structmember.h */
	MEMBER_OBJECT_EX = 16,
	SLOT_OFFSET_MAX = 1 << 20, /* of a slot in an instance */
	NAMES_MAX = 4096,
};

struct scl_types {
	const struct scl_runtime *rt;
	struct scl_arena arena;
	struct scl_map by_address; /* -> list */
	struct scl_type **list;
	size_t count, capacity;
	struct scl_map names;  /* address of a literal -> id */
	struct scl_map slots;  /* type serial, name id -> offset of the slot; 0: it has none */
	struct scl_map shared; /* of attr.c */
};

struct scl_types *scl_types_create(const struct scl_runtime *rt)
{
	struct scl_types *types = calloc(1, sizeof *types);

	if (!types)
		return NULL;
	types->rt = rt;
	types->by_address.max = SCL_TYPES_MAX;
	types->names.max = NAMES_MAX;
	return types;
}

void scl_types_destroy(struct scl_types *types)
{
	if (!types)
		return;
	scl_arena_destroy(&types->arena);
	scl_map_destroy(&types->by_address);
	scl_map_destroy(&types->names);
	scl_map_destroy(&types->slots);
	scl_map_destroy(&types->shared);
	free(types->list);
	free(types);
}

void scl_types_reset(struct scl_types *types)
{
	scl_arena_reset(&types->arena);
	scl_map_clear(&types->by_address);
	scl_map_clear(&types->slots);
	scl_map_clear(&types->shared);
	types->count = 0;
}

static bool grow(struct scl_types *types)
{
	size_t capacity = types->capacity ? 2 * types->capacity : 128;
	struct scl_type **bigger = realloc(types->list, capacity * sizeof(struct scl_type *));

	if (!bigger)
		return false;
	types->list = bigger;
	types->capacity = capacity;
	return true;
}

static struct scl_type *add(struct scl_types *types, const struct scl_type *read)
{
	char name[SCL_TYPE_NAME_MAX];
	struct scl_type *type = scl_arena_alloc(&types->arena, sizeof *type);

	if (!type || (types->count == types->capacity && !grow(types)))
		return NULL;
	*type = *read;
	if (!scl_type_name(types->rt, read->address, name, sizeof name, NULL))
		strcpy(name, "?");
	type->name = scl_arena_strndup(&types->arena, name, strlen(name));
	type->serial = (uint32_t)types->count;
	if (!type->name || !scl_map_put(&types->by_address, read->address, type->serial))
		return NULL;
	types->list[types->count++] = type;
	return type;
}

struct scl_type *scl_types_get(struct scl_types *types, scl_addr address, struct scl_error *err)
{
	struct scl_type read = {.address = address}, *type;
	uint32_t serial;

	if (scl_map_get(&types->by_address, address, &serial))
		return types->list[serial];
	if (address % 8 != 0) {
		scl_error_set(err, SCL_ECORRUPT, 0, address, "no type can be at 0x%" PRIx64, address);
		return NULL;
	}
	if (!scl_type_read(types->rt, &read, err))
		return NULL;
	type = add(types, &read);
	if (!type)
		scl_error_set(err, SCL_ENOMEM, 0, 0, "no room for more types");
	return type;
}

struct scl_type *scl_types_of(struct scl_types *types, scl_addr object, struct scl_error *err)
{
	scl_addr type;

	return scl_object_type(types->rt, object, &type, err) ? scl_types_get(types, type, err) : NULL;
}

bool scl_type_is_subtype(struct scl_types *types, const struct scl_type *type, scl_addr base)
{
	struct scl_items items;
	scl_addr item;

	if (!base)
		return false;
	if (type->address == base)
		return true;
	if (!type->mro || !scl_items_init(&items, types->rt, SCL_CONTAINER_TUPLE, type->mro, NULL))
		return false;
	for (unsigned i = 0; i < MRO_MAX && scl_items_next(&items, &item, NULL); i++)
		if (item == base)
			return true;
	return false;
}

/* -- attributes ----------------------------------------------------------------------------------------------- */

scl_addr scl_types_class_attr(struct scl_types *types, const struct scl_type *type, const char *name)
{
	int32_t offset = scl_off(&types->rt->layout, type, dict);
	struct scl_items items;
	scl_addr class, dict, value;

	if (!type->mro || !scl_items_init(&items, types->rt, SCL_CONTAINER_TUPLE, type->mro, NULL))
		return 0;
	for (unsigned i = 0; i < MRO_MAX && scl_items_next(&items, &class, NULL); i++)
		/* Static types of 3.12 and later keep theirs in the interpreter (gh-94673): no dict here. */
		if (scl_read_ptr(types->rt->target, class + (uint32_t)offset, &dict, NULL) && dict &&
		    scl_dict_get(types->rt, dict, name, &value, NULL) && value)
			return value;
	return 0;
}

/* The slot's place in an instance when `descriptor` is a member descriptor for an object; 0 when not. */
static uint32_t slot_offset(struct scl_types *types, scl_addr descriptor)
{
	const struct scl_layout *layout = &types->rt->layout;
	const struct scl_type *type = descriptor ? scl_types_of(types, descriptor, NULL) : NULL;
	scl_addr member;
	int32_t kind;
	int64_t offset;

	if (!type || strcmp(type->name, "member_descriptor") != 0 ||
	    !scl_read_ptr(types->rt->target, descriptor + (uint32_t)scl_off(layout, memberdescr, member), &member,
			  NULL) ||
	    !scl_read_i32(types->rt->target, member + (uint32_t)scl_off(layout, memberdef, type), &kind, NULL) ||
	    !scl_read_i64(types->rt->target, member + (uint32_t)scl_off(layout, memberdef, offset), &offset, NULL))
		return 0;
	if ((kind != MEMBER_OBJECT && kind != MEMBER_OBJECT_EX) || offset <= 0 || offset > SLOT_OFFSET_MAX)
		return 0;
	return (uint32_t)offset;
}

static uint32_t name_id(struct scl_types *types, const char *name)
{
	uint64_t key = (uint64_t)(uintptr_t)name;
	uint32_t id;

	if (scl_map_get(&types->names, key, &id))
		return id;
	id = (uint32_t)types->names.count + 1;
	return scl_map_put(&types->names, key, id) ? id : 0;
}

static uint32_t find_slot(struct scl_types *types, const struct scl_type *type, const char *name)
{
	uint32_t id = name_id(types, name), offset;

	if (id && scl_map_get(&types->slots, scl_map_pair(type->serial, id), &offset))
		return offset;
	offset = slot_offset(types, scl_types_class_attr(types, type, name));
	if (id)
		(void)scl_map_put(&types->slots, scl_map_pair(type->serial, id), offset);
	return offset;
}

bool scl_types_attr(struct scl_types *types, scl_addr object, const char *name, scl_addr *value, struct scl_error *err)
{
	const struct scl_type *type = scl_types_of(types, object, err);
	uint32_t slot;

	*value = 0;
	if (!type)
		return false;
	slot = find_slot(types, type, name);
	if (slot)
		return scl_read_ptr(types->rt->target, object + slot, value, err);
	return scl_attr_stored(types->rt, object, type, name, &types->shared, value, err);
}

scl_addr scl_types_attr_or_0(struct scl_types *types, scl_addr object, const char *name)
{
	scl_addr value;

	return object && scl_types_attr(types, object, name, &value, NULL) ? value : 0;
}

bool scl_types_float(struct scl_types *types, scl_addr object, double *ret, struct scl_error *err)
{
	const struct scl_runtime *rt = types->rt;
	const struct scl_type *type = scl_types_of(types, object, err);
	int64_t whole;

	if (!type)
		return false;
	if (type->flags >> SCL_TYPE_LONG & 1) {
		if (!scl_int_read(rt, object, &whole, err))
			return false;
		*ret = (double)whole;
		return true;
	}
	if (strcmp(type->name, "float") != 0)
		return scl_fail_at(err, SCL_ECORRUPT, object, "the object at 0x%" PRIx64 " is no float", object);
	return scl_read(rt->target, object + (uint32_t)scl_off(&rt->layout, float, value), ret, sizeof *ret, err);
}
