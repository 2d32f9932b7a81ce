#include "python/code_reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "python/object.h"

enum { STRINGS_MAX = 65536 }; /* distinct file and function names that are kept once */

bool scl_code_reader_init(struct scl_code_reader *reader, const struct scl_runtime *rt)
{
	static const enum scl_field head_fields[] = {
		SCL_FIELD_object_type,	       SCL_FIELD_code_flags,	SCL_FIELD_code_firstlineno,
		SCL_FIELD_code_filename,       SCL_FIELD_code_name,	SCL_FIELD_code_qualname,
		SCL_FIELD_code_linetable,      SCL_FIELD_code_bytecode, SCL_FIELD_code_size,
		SCL_FIELD_code_firsttraceable,
	};

	*reader = (struct scl_code_reader){.rt = rt, .type = rt->code_type};
	reader->window = scl_window_over(&rt->layout, head_fields, sizeof head_fields / sizeof *head_fields);
	reader->strings = scl_intern_create(STRINGS_MAX);
	return reader->strings != NULL;
}

void scl_code_reader_destroy(struct scl_code_reader *reader)
{
	scl_arena_destroy(&reader->arena);
	scl_intern_destroy(reader->strings);
	free(reader->scratch);
}

void scl_code_reader_reset(struct scl_code_reader *reader)
{
	struct scl_intern *strings = scl_intern_create(STRINGS_MAX);

	scl_arena_reset(&reader->arena);
	reader->bytes = 0;
	/* Without memory for a new table the old one goes on: its strings are still right. */
	if (!strings)
		return;
	scl_intern_destroy(reader->strings);
	reader->strings = strings;
}

static uint64_t head_get(const struct scl_code_reader *reader, const uint8_t *head, enum scl_field field)
{
	return scl_window_get(&reader->rt->layout, reader->window, head, field);
}

void *scl_code_reader_alloc(struct scl_code_reader *reader, size_t size, struct scl_error *err)
{
	void *memory;

	if (size > SCL_CODES_BYTES_MAX || reader->bytes > SCL_CODES_BYTES_MAX - size) {
		reader->bytes = SCL_CODES_BYTES_MAX;
		scl_error_set(err, SCL_EBUDGET, 0, 0, "the cache of code objects is full");
		return NULL;
	}
	memory = scl_arena_alloc(&reader->arena, size);
	if (!memory)
		scl_error_set(err, SCL_ENOMEM, 0, 0, "out of memory");
	reader->bytes += size;
	return memory;
}

static bool read_string(struct scl_code_reader *reader, scl_addr str, const char **ret, struct scl_error *err)
{
	size_t known = scl_intern_count(reader->strings), len;
	uint32_t id;
	bool is_str;
	char *copy;

	if (!scl_object_is(reader->rt, str, SCL_TYPE_STR, &is_str, err))
		return false;
	if (!is_str)
		return scl_fail_at(err, SCL_ECORRUPT, str, "no str at 0x%" PRIx64, str);
	if (!scl_str_read(reader->rt, str, reader->text, sizeof reader->text, err))
		return false;
	len = strlen(reader->text);
	id = scl_intern_put(reader->strings, reader->text, len);
	if (id != SCL_INTERN_OTHER || strcmp(reader->text, scl_intern_str(reader->strings, id)) == 0) {
		reader->bytes += scl_intern_count(reader->strings) > known ? len + 1 : 0;
		*ret = scl_intern_str(reader->strings, id);
		return true;
	}
	copy = scl_code_reader_alloc(reader, len + 1, err);
	if (!copy)
		return false;
	*ret = memcpy(copy, reader->text, len + 1);
	return true;
}

static bool grow_scratch(struct scl_code_reader *reader, size_t size)
{
	uint8_t *bigger;

	if (size <= reader->scratch_size)
		return true;
	bigger = realloc(reader->scratch, size);
	if (!bigger)
		return false;
	reader->scratch = bigger;
	reader->scratch_size = size;
	return true;
}

/* By way of the scratch, so that what is not readable takes nothing from the bound. */
static bool copy_bytes(struct scl_code_reader *reader, scl_addr from, uint64_t size, uint8_t **ret,
		       struct scl_error *err)
{
	uint8_t *copy;

	if (size > SCL_BYTECODE_MAX)
		return scl_fail_at(err, SCL_ECORRUPT, from, "%" PRIu64 " bytes are too many", size);
	if (!grow_scratch(reader, (size_t)size))
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	if (size && !scl_read(reader->rt->target, from, reader->scratch, (size_t)size, err))
		return false;
	copy = scl_code_reader_alloc(reader, (size_t)size, err);
	if (!copy)
		return false;
	if (size)
		memcpy(copy, reader->scratch, (size_t)size);
	*ret = copy;
	return true;
}

/* Where the content of a bytes object is, and how long it is. */
static bool locate_bytes(struct scl_code_reader *reader, scl_addr object, scl_addr *data, uint64_t *size,
			 struct scl_error *err)
{
	const struct scl_layout *layout = &reader->rt->layout;
	bool is_bytes;

	if (!scl_object_is(reader->rt, object, SCL_TYPE_BYTES, &is_bytes, err))
		return false;
	if (!is_bytes)
		return scl_fail_at(err, SCL_ECORRUPT, object, "no bytes at 0x%" PRIx64, object);
	*data = object + (uint32_t)scl_off(layout, bytes, data);
	return scl_read_ptr(reader->rt->target, object + (uint32_t)scl_off(layout, bytes, size), size, err);
}

static bool decode_bytecode(struct scl_code_reader *reader, const uint8_t *head, struct scl_code *code,
			    struct scl_error *err)
{
	const struct scl_layout *layout = &reader->rt->layout;
	uint64_t size;

	if (scl_has(layout, code, adaptive)) {
		size = head_get(reader, head, SCL_FIELD_code_size);
		/* In code units; a lie must not become small by the multiplication. */
		size = size > SCL_BYTECODE_MAX ? size : 2 * size;
		code->bytecode = code->address + (uint32_t)scl_off(layout, code, adaptive);
	} else if (!locate_bytes(reader, head_get(reader, head, SCL_FIELD_code_bytecode), &code->bytecode, &size,
				 err)) {
		return scl_wrap(err, "code.bytecode");
	}
	if (!size || size % 2)
		return scl_fail_at(err, SCL_ECORRUPT, code->bytecode, "%" PRIu64 " bytes of bytecode", size);
	if (!copy_bytes(reader, code->bytecode, size, &code->bytes, err))
		return scl_wrap(err, "code.bytecode");
	code->bytecode_size = (uint32_t)size;
	return true;
}

static bool decode_linetable(struct scl_code_reader *reader, const uint8_t *head, struct scl_code *code,
			     struct scl_error *err)
{
	scl_addr data;
	uint64_t size;
	uint8_t *copy;

	if (!locate_bytes(reader, head_get(reader, head, SCL_FIELD_code_linetable), &data, &size, err) ||
	    !copy_bytes(reader, data, size, &copy, err))
		return scl_wrap(err, "code.linetable");
	code->linetable = copy;
	code->linetable_size = (uint32_t)size;
	return true;
}

bool scl_code_reader_decode(struct scl_code_reader *reader, const uint8_t *head, struct scl_code *code,
			    struct scl_error *err)
{
	int32_t traceable = (int32_t)head_get(reader, head, SCL_FIELD_code_firsttraceable);

	code->flags = (uint32_t)head_get(reader, head, SCL_FIELD_code_flags);
	code->firstlineno = (int32_t)head_get(reader, head, SCL_FIELD_code_firstlineno);
	if (!read_string(reader, head_get(reader, head, SCL_FIELD_code_filename), &code->filename, err))
		return scl_wrap(err, "code.filename");
	if (!read_string(reader, head_get(reader, head, SCL_FIELD_code_name), &code->name, err))
		return scl_wrap(err, "code.name");
	code->qualname = code->name;
	if (scl_has(&reader->rt->layout, code, qualname) &&
	    !read_string(reader, head_get(reader, head, SCL_FIELD_code_qualname), &code->qualname, err))
		return scl_wrap(err, "code.qualname");
	if (!decode_bytecode(reader, head, code, err) || !decode_linetable(reader, head, code, err))
		return false;
	code->firsttraceable = traceable > 0 && (uint32_t)traceable <= code->bytecode_size / 2 ? traceable : 0;
	code->memo = scl_code_reader_alloc(reader, sizeof *code->memo, err);
	return code->memo != NULL;
}

/* &PyCode_Type is not always an exported symbol: then the first type named "code" is learnt. */
static bool check_type(struct scl_code_reader *reader, scl_addr address, scl_addr type, struct scl_error *err)
{
	char name[8];

	if (reader->type)
		return type == reader->type ||
		       scl_fail_at(err, SCL_ECORRUPT, address, "no code object at 0x%" PRIx64, address);
	if (!scl_type_name(reader->rt, type, name, sizeof name, err))
		return false;
	if (strcmp(name, "code") != 0)
		return scl_fail_at(err, SCL_ECORRUPT, address, "no code object at 0x%" PRIx64, address);
	reader->type = type;
	return true;
}

bool scl_code_reader_head(struct scl_code_reader *reader, scl_addr address, uint8_t head[SCL_WINDOW_MAX],
			  struct scl_error *err)
{
	if (!reader->window.size)
		return scl_fail(err, SCL_EUNSUPPORTED, "the layout has no usable code object");
	if (address % 8)
		return scl_fail_at(err, SCL_ECORRUPT, address, "no object can be at 0x%" PRIx64, address);
	return scl_read(reader->rt->target, address + (uint32_t)reader->window.low, head, reader->window.size, err) &&
	       check_type(reader, address, head_get(reader, head, SCL_FIELD_object_type), err);
}
