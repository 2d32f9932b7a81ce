#include "command/value.h"

#include <string.h>

#include "base/text.h"
#include "python/items.h"

struct printer {
	const struct scl_decoder *decoder;
	struct scl_buffer *out;
};

static void put_object(struct printer *p, scl_addr object, unsigned depth);

static void put_address(struct printer *p, const char *type, scl_addr object)
{
	scl_buffer_putc(p->out, '<');
	scl_text_puts(p->out, type);
	scl_buffer_printf(p->out, " at 0x%" PRIx64 ">", object);
}

/* -- plain data ----------------------------------------------------------------------------------------------- */

static bool put_str(struct printer *p, scl_addr object)
{
	char text[4 * SCL_VALUE_STR_MAX];
	struct scl_buffer safe = {0};

	if (!scl_str_read(p->decoder->rt, object, text, sizeof text, NULL))
		return false;
	scl_text_puts(&safe, text);
	scl_buffer_putc(p->out, '\'');
	scl_text_put_cut(p->out, scl_buffer_str(&safe), SCL_VALUE_STR_MAX);
	scl_buffer_putc(p->out, '\'');
	scl_buffer_destroy(&safe);
	return true;
}

static bool put_bytes(struct printer *p, scl_addr object)
{
	uint8_t bytes[SCL_VALUE_STR_MAX / 2];
	size_t size;

	if (!scl_bytes_read(p->decoder->rt, object, bytes, sizeof bytes, &size, NULL))
		return false;
	scl_buffer_puts(p->out, "b'");
	for (size_t i = 0; i < size && i < sizeof bytes; i++) {
		if (bytes[i] >= 0x20 && bytes[i] < 0x7f && bytes[i] != '\'' && bytes[i] != '\\')
			scl_buffer_putc(p->out, (char)bytes[i]);
		else
			scl_buffer_printf(p->out, "\\x%02x", bytes[i]);
	}
	scl_buffer_puts(p->out, size > sizeof bytes ? "…'" : "'");
	return true;
}

static bool put_number(struct printer *p, const struct scl_type *type, scl_addr object)
{
	int64_t whole;
	double number;

	if (strcmp(type->name, "float") == 0) {
		if (!scl_types_float(p->decoder->types, object, &number, NULL))
			return false;
		scl_buffer_printf(p->out, "%.17g", number);
		return true;
	}
	if (!scl_int_read(p->decoder->rt, object, &whole, NULL))
		return false;
	if (strcmp(type->name, "bool") == 0)
		scl_buffer_puts(p->out, whole ? "True" : "False");
	else
		scl_buffer_printf(p->out, "%" PRId64, whole);
	return true;
}

/* -- containers ----------------------------------------------------------------------------------------------- */

static bool put_items(struct printer *p, enum scl_container container, scl_addr object, const char brackets[2],
		      unsigned depth)
{
	struct scl_items items;
	scl_addr item;
	uint64_t n = 0;

	if (!scl_items_init(&items, p->decoder->rt, container, object, NULL))
		return false;
	scl_buffer_putc(p->out, brackets[0]);
	while (n < SCL_VALUE_ITEMS_MAX && scl_items_next(&items, &item, NULL)) {
		scl_buffer_puts(p->out, n++ ? ", " : "");
		put_object(p, item, depth + 1);
	}
	if (items.count > n)
		scl_buffer_printf(p->out, "%s… %" PRIu64 " more", n ? ", " : "", items.count - n);
	scl_buffer_putc(p->out, brackets[1]);
	return true;
}

static bool put_dict(struct printer *p, scl_addr object, unsigned depth)
{
	struct scl_dict dict;
	scl_addr key, value;
	uint64_t n = 0, used;

	if (!scl_dict_init(&dict, p->decoder->rt, object, NULL) ||
	    !scl_read(p->decoder->rt->target, object + (uint32_t)scl_off(&p->decoder->rt->layout, dict, used), &used,
		      sizeof used, NULL))
		return false;
	scl_buffer_putc(p->out, '{');
	while (n < SCL_VALUE_ITEMS_MAX && scl_dict_next(&dict, &key, &value, NULL)) {
		scl_buffer_puts(p->out, n++ ? ", " : "");
		put_object(p, key, depth + 1);
		scl_buffer_puts(p->out, ": ");
		put_object(p, value, depth + 1);
	}
	if (used > n)
		scl_buffer_printf(p->out, "%s… %" PRIu64 " more", n ? ", " : "", used - n);
	scl_buffer_putc(p->out, '}');
	return true;
}

static bool put_container(struct printer *p, const struct scl_type *type, scl_addr object, unsigned depth)
{
	if (depth >= SCL_VALUE_DEPTH_MAX)
		return false;
	if (type->flags >> SCL_TYPE_LIST & 1)
		return put_items(p, SCL_CONTAINER_LIST, object, "[]", depth);
	if (type->flags >> SCL_TYPE_TUPLE & 1)
		return put_items(p, SCL_CONTAINER_TUPLE, object, "()", depth);
	if (type->flags >> SCL_TYPE_DICT & 1)
		return put_dict(p, object, depth);
	if (strcmp(type->name, "set") == 0 || strcmp(type->name, "frozenset") == 0)
		return put_items(p, SCL_CONTAINER_SET, object, "{}", depth);
	return strcmp(type->name, "collections.deque") == 0 && put_items(p, SCL_CONTAINER_DEQUE, object, "[]", depth);
}

static void put_object(struct printer *p, scl_addr object, unsigned depth)
{
	const struct scl_type *type = scl_types_of(p->decoder->types, object, NULL);
	bool done;

	if (!type) {
		scl_buffer_printf(p->out, "<unreadable at 0x%" PRIx64 ">", object);
		return;
	}
	if (strcmp(type->name, "NoneType") == 0) {
		scl_buffer_puts(p->out, "None");
		return;
	}
	if (type->flags >> SCL_TYPE_STR & 1)
		done = put_str(p, object);
	else if (type->flags >> SCL_TYPE_BYTES & 1)
		done = put_bytes(p, object);
	else if (type->flags >> SCL_TYPE_LONG & 1 || strcmp(type->name, "float") == 0)
		done = put_number(p, type, object);
	else
		done = put_container(p, type, object, depth);
	if (!done)
		put_address(p, type->name, object);
}

void scl_value_put(const struct scl_decoder *decoder, scl_addr object, struct scl_buffer *out)
{
	struct printer p = {decoder, out};

	put_object(&p, object, 0);
}
