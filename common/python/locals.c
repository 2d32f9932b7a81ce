#include "python/locals.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "python/items.h"

enum { NAME_MAX_BYTES = 256, CODES_MAX = 65536 };

/* What a frame of one code object holds: variables, then the value stack. */
struct names {
	const char **name;
	unsigned count, stacksize, nfree; /* free variables are the last ones */
};

struct scl_locals {
	const struct scl_runtime *rt;
	struct scl_types *types;
	struct scl_arena arena;
	struct scl_map by_code; /* address -> list */
	struct names *list;
	size_t count, capacity;
};

struct scl_locals *scl_locals_create(const struct scl_runtime *rt, struct scl_types *types)
{
	struct scl_locals *locals = calloc(1, sizeof *locals);

	if (!locals)
		return NULL;
	locals->rt = rt;
	locals->types = types;
	locals->by_code.max = CODES_MAX;
	return locals;
}

void scl_locals_destroy(struct scl_locals *locals)
{
	if (!locals)
		return;
	scl_arena_destroy(&locals->arena);
	scl_map_destroy(&locals->by_code);
	free(locals->list);
	free(locals);
}

void scl_locals_reset(struct scl_locals *locals)
{
	scl_arena_reset(&locals->arena);
	scl_map_clear(&locals->by_code);
	locals->count = 0;
}

/* -- names ---------------------------------------------------------------------------------------------------- */

static bool read_name(struct scl_locals *locals, scl_addr str, const char **ret)
{
	char text[NAME_MAX_BYTES];

	if (!scl_str_read(locals->rt, str, text, sizeof text, NULL))
		return false;
	*ret = scl_arena_strndup(&locals->arena, text, strlen(text));
	return *ret != NULL;
}

/* Append the names of one tuple of the code object. */
static bool add_tuple(struct scl_locals *locals, const struct scl_code *code, enum scl_field field, const char **names,
		      unsigned *count)
{
	int32_t offset = locals->rt->layout.off[field];
	struct scl_error err = {.code = SCL_OK};
	struct scl_items items;
	scl_addr tuple, str;

	if (offset == SCL_ABSENT)
		return true;
	if (!scl_read_ptr(locals->rt->target, code->address + (uint32_t)offset, &tuple, NULL))
		return false;
	if (!tuple)
		return true;
	if (!scl_items_init(&items, locals->rt, SCL_CONTAINER_TUPLE, tuple, NULL))
		return false;
	while (*count < SCL_LOCALS_MAX && scl_items_next(&items, &str, &err))
		if (!read_name(locals, str, &names[(*count)++]))
			return false;
	return err.code == SCL_OK;
}

static bool read_names(struct scl_locals *locals, const struct scl_code *code, struct names *ret)
{
	static const enum scl_field tuples[] = {SCL_FIELD_code_localsplusnames, SCL_FIELD_code_varnames,
						SCL_FIELD_code_cellvars, SCL_FIELD_code_freevars};
	const char *names[SCL_LOCALS_MAX];
	uint32_t stacksize = 0, nfree = 0;
	unsigned before = 0;

	*ret = (struct names){0};
	for (size_t i = 0; i < sizeof tuples / sizeof *tuples; i++) {
		before = ret->count;
		if (!add_tuple(locals, code, tuples[i], names, &ret->count))
			return false;
	}
	ret->nfree = ret->count - before;
	if (scl_has(&locals->rt->layout, code, nfreevars)) {
		if (!scl_read_u32(locals->rt->target,
				  code->address + (uint32_t)scl_off(&locals->rt->layout, code, nfreevars), &nfree,
				  NULL))
			return false;
		ret->nfree = nfree < ret->count ? nfree : ret->count;
	}
	if (!scl_read_u32(locals->rt->target, code->address + (uint32_t)scl_off(&locals->rt->layout, code, stacksize),
			  &stacksize, NULL))
		return false;
	ret->stacksize = stacksize < SCL_STACK_MAX ? stacksize : SCL_STACK_MAX;
	ret->name = scl_arena_calloc(&locals->arena, ret->count, sizeof *ret->name);
	if (!ret->name)
		return false;
	memcpy(ret->name, names, ret->count * sizeof *names);
	return true;
}

static bool grow(struct scl_locals *locals)
{
	size_t capacity = locals->capacity ? 2 * locals->capacity : 64;
	struct names *bigger = realloc(locals->list, capacity * sizeof *bigger);

	if (!bigger)
		return false;
	locals->list = bigger;
	locals->capacity = capacity;
	return true;
}

/* NULL where they cannot be read. Valid until the next call. */
static const struct names *names_of(struct scl_locals *locals, const struct scl_code *code)
{
	struct names names;
	uint32_t index;

	if (!code)
		return NULL;
	if (scl_map_get(&locals->by_code, code->address, &index))
		return &locals->list[index];
	if (!read_names(locals, code, &names))
		return NULL;
	if (locals->count == locals->capacity && !grow(locals))
		return NULL;
	if (!scl_map_put(&locals->by_code, code->address, (uint32_t)locals->count))
		return NULL;
	locals->list[locals->count] = names;
	return &locals->list[locals->count++];
}

/* What a slot of a frame refers to: nothing where its tag says that it is a small int itself (_PyStackRef, 3.14). */
static scl_addr untag(const struct scl_locals *locals, scl_addr slot)
{
	scl_addr mask = locals->rt->layout.pointer_tag_mask;

	return mask && (slot & mask) == mask ? 0 : slot & ~mask;
}

/* -- values --------------------------------------------------------------------------------------------------- */

static scl_addr localsplus(const struct scl_locals *locals, const struct scl_frame *frame)
{
	const struct scl_layout *layout = &locals->rt->layout;
	int32_t offset = layout->frame_link == SCL_FRAME_LINK_OBJECT ? scl_off(layout, frame, localsplus)
								     : scl_off(layout, iframe, localsplus);

	return frame->address + (uint32_t)offset;
}

static scl_addr value_at(struct scl_locals *locals, const struct scl_frame *frame, unsigned i)
{
	const struct scl_type *type;
	scl_addr value;

	if (!scl_read_ptr(locals->rt->target, localsplus(locals, frame) + i * sizeof(scl_addr), &value, NULL))
		return 0;
	value = untag(locals, value);
	type = value ? scl_types_of(locals->types, value, NULL) : NULL;
	if (type && strcmp(type->name, "cell") == 0 &&
	    !scl_read_ptr(locals->rt->target, value + (uint32_t)scl_off(&locals->rt->layout, cell, ref), &value, NULL))
		return 0;
	return value;
}

scl_addr scl_local(struct scl_locals *locals, const struct scl_frame *frame, const char *name)
{
	const struct names *names = names_of(locals, frame->code);

	/* An argument that inner functions use is there twice before 3.11: unset, and in its cell. */
	for (unsigned i = 0; names && i < names->count; i++) {
		scl_addr value = strcmp(names->name[i], name) == 0 ? value_at(locals, frame, i) : 0;

		if (value)
			return value;
	}
	return 0;
}

bool scl_local_at(struct scl_locals *locals, const struct scl_frame *frame, unsigned i, const char **name,
		  scl_addr *value)
{
	const struct names *names = names_of(locals, frame->code);

	if (!names || i >= names->count)
		return false;
	*name = names->name[i];
	*value = value_at(locals, frame, i);
	return true;
}

int scl_free_variable(struct scl_locals *locals, const struct scl_frame *frame, const char *name)
{
	const struct names *names = names_of(locals, frame->code);

	for (unsigned i = 0; names && i < names->nfree; i++)
		if (strcmp(names->name[names->count - names->nfree + i], name) == 0)
			return (int)i;
	return -1;
}

/* Where the value stack ends, as the frame says it; false where it says nothing (it runs) or nonsense. */
static bool stack_top(const struct scl_locals *locals, const struct scl_frame *frame, scl_addr *top)
{
	const struct scl_layout *layout = &locals->rt->layout;
	struct scl_target *target = locals->rt->target;
	int32_t depth;

	if (scl_has(layout, frame, stacktop))
		return scl_read_ptr(target, frame->address + (uint32_t)scl_off(layout, frame, stacktop), top, NULL) &&
		       *top != 0;
	if (scl_has(layout, frame, stackdepth))
		return scl_read_ptr(target, frame->address + (uint32_t)scl_off(layout, frame, valuestack), top, NULL) &&
		       scl_read_i32(target, frame->address + (uint32_t)scl_off(layout, frame, stackdepth), &depth,
				    NULL) &&
		       depth >= 0 && (*top += (scl_addr)depth * sizeof(scl_addr), true);
	if (scl_has(layout, iframe, stackpointer))
		return scl_read_ptr(target, frame->address + (uint32_t)scl_off(layout, iframe, stackpointer), top,
				    NULL) &&
		       *top != 0;
	if (!scl_read_i32(target, frame->address + (uint32_t)scl_off(layout, iframe, stacktop), &depth, NULL) ||
	    depth < 0)
		return false;
	*top = localsplus(locals, frame) + (scl_addr)depth * sizeof(scl_addr);
	return true;
}

size_t scl_frame_stack(struct scl_locals *locals, const struct scl_frame *frame, scl_addr *values, size_t cap)
{
	const struct names *names = names_of(locals, frame->code);
	scl_addr top, base;
	size_t n;

	if (!names || !stack_top(locals, frame, &top))
		return 0;
	base = localsplus(locals, frame) + names->count * sizeof(scl_addr);
	if (top < base || (top - base) % sizeof(scl_addr) != 0)
		return 0;
	n = (size_t)(top - base) / sizeof(scl_addr);
	if (n > names->stacksize || n > cap)
		return 0;
	if (n && !scl_read(locals->rt->target, base, values, n * sizeof *values, NULL))
		return 0;
	for (size_t i = 0; i < n; i++)
		values[i] = untag(locals, values[i]);
	return n;
}

unsigned scl_frame_references(struct scl_locals *locals, const struct scl_frame *frame, scl_addr object)
{
	const struct names *names = names_of(locals, frame->code);
	scl_addr values[SCL_STACK_MAX], value;
	unsigned found = 0;

	for (unsigned i = 0; names && i < names->count; i++)
		found += scl_read_ptr(locals->rt->target, localsplus(locals, frame) + i * sizeof value, &value, NULL) &&
			 untag(locals, value) == object;
	for (size_t i = 0, n = scl_frame_stack(locals, frame, values, SCL_STACK_MAX); i < n; i++)
		found += values[i] == object;
	return found;
}
