/*
 * objects.h - Python objects in an image, written as the layout under test says CPython writes them.
 */
#ifndef SCL_TESTS_OBJECTS_H
#define SCL_TESTS_OBJECTS_H

#include <stdlib.h>

#include "check.h"
#include "python/object.h"
#include "target/image.h"

enum { HEAP = 0x100000, HEAP_SIZE = 0x200000, NOWHERE = 0x10 };

static struct scl_runtime rt;
static struct scl_target *image;
static struct scl_error err;
static scl_addr heap_next, builtin_types[64];

#define AT(object, structure, field) ((object) + (scl_addr)scl_off(&rt.layout, structure, field))

static inline void heap_open(const struct scl_layout *layout)
{
	image = scl_image_create();
	if (!image || !scl_image_map(image, HEAP, HEAP_SIZE))
		abort();
	rt = (struct scl_runtime){.target = image, .layout = *layout};
	heap_next = HEAP;
	memset(builtin_types, 0, sizeof builtin_types);
	err = (struct scl_error){0};
}

static inline void heap_close(void)
{
	scl_target_close(image);
}

/* 64 bytes stay free before each object: words of managed dicts live there. */
static inline scl_addr heap_alloc(size_t size)
{
	scl_addr object = heap_next + 64;
	heap_next = (object + size + 15) / 16 * 16;
	if (heap_next > HEAP + HEAP_SIZE)
		abort();
	return object;
}

static inline void put_u64(scl_addr addr, uint64_t value)
{
	scl_image_put_ptr(image, addr, value);
}

static inline scl_addr new_type(uint64_t flags, int64_t basicsize, const char *name)
{
	scl_addr type = heap_alloc(1024), text = heap_alloc(strlen(name) + 1);
	scl_image_put(image, text, name, strlen(name) + 1);
	put_u64(AT(type, type, name), text);
	put_u64(AT(type, type, flags), flags);
	put_u64(AT(type, type, basicsize), (uint64_t)basicsize);
	return type;
}

static inline scl_addr new_object(scl_addr type, size_t size)
{
	scl_addr object = heap_alloc(size);
	put_u64(AT(object, object, type), type);
	return object;
}

/* One type for each flag and image. */
static inline scl_addr builtin_type(enum scl_type_flag flag, const char *name)
{
	if (builtin_types[flag] == 0)
		builtin_types[flag] = new_type(UINT64_C(1) << flag, 64, name);
	return builtin_types[flag];
}

static inline uint32_t str_state(unsigned kind, bool compact, bool ascii)
{
	return (uint32_t)kind << rt.layout.str_kind_shift | (uint32_t)compact << rt.layout.str_compact_bit |
	       (uint32_t)ascii << rt.layout.str_ascii_bit;
}

/* A str of n characters of `kind` bytes at `chars`. */
static inline scl_addr new_str(unsigned kind, bool compact, bool ascii, const void *chars, size_t n)
{
	size_t bytes = n * kind;
	scl_addr str = new_object(builtin_type(SCL_TYPE_STR, "str"), 128 + bytes), data;
	if (!compact) {
		data = heap_alloc(bytes);
		put_u64(AT(str, unicode, data), data);
	} else {
		data = ascii ? AT(str, unicode, ascii_data) : AT(str, unicode, compact_data);
	}
	if (bytes)
		scl_image_put(image, data, chars, bytes);
	put_u64(AT(str, unicode, length), n);
	scl_image_put_u32(image, AT(str, unicode, state), str_state(kind, compact, ascii));
	return str;
}

static inline scl_addr new_ascii(const char *text)
{
	return new_str(1, true, true, text, strlen(text));
}

static inline scl_addr new_int_digits(bool negative, const uint32_t *digits, size_t n)
{
	scl_addr object = new_object(builtin_type(SCL_TYPE_LONG, "int"), 64 + n * 4);
	uint64_t tag = 0;
	switch (rt.layout.int_repr) {
	case SCL_INT_OB_SIZE:
		tag = negative ? 0 - (uint64_t)n : n;
		break;
	case SCL_INT_LV_TAG:
		tag = (uint64_t)n << 3 | (n == 0 ? 1u : negative ? 2u : 0u);
		break;
	}
	put_u64(AT(object, long, tag), tag);
	scl_image_put(image, AT(object, long, digits), digits, n * 4);
	return object;
}

static inline scl_addr new_int(int64_t value)
{
	uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	uint32_t digits[3];
	size_t n = 0;
	for (; magnitude; magnitude >>= 30)
		digits[n++] = magnitude & 0x3fffffff;
	return new_int_digits(value < 0, digits, n);
}

enum storage { GENERAL, UNICODE, SPLIT };

/* The storages that the layout's version has: no separate entries for str keys before 3.11. */
static inline bool has_storage(enum storage storage)
{
	return storage != UNICODE || rt.layout.dict_keys == SCL_DICT_KEYS_LOG2;
}

static inline unsigned log2_for(size_t n)
{
	unsigned log2 = 3;
	while ((size_t)1 << log2 < n * 3 / 2 + 1)
		log2++;
	return log2;
}

/* The keys table of n entries; returns its address and where the entries are. */
static inline scl_addr new_keys(enum storage storage, const scl_addr *key, const scl_addr *value, size_t n)
{
	bool log2_keys = rt.layout.dict_keys == SCL_DICT_KEYS_LOG2, small = log2_keys && storage != GENERAL;
	unsigned log2 = log2_for(n), width = log2 < 8 ? 0 : log2 < 16 ? 1 : 2;
	size_t entry = small ? 16 : 24, indices = (size_t)1 << (log2 + width);
	scl_addr keys = heap_alloc(64 + indices + n * entry), at = AT(keys, dictkeys, indices) + indices;
	if (log2_keys) {
		scl_image_put_u8(image, AT(keys, dictkeys, log2_size), (uint8_t)log2);
		scl_image_put_u8(image, AT(keys, dictkeys, log2_index_bytes), (uint8_t)(log2 + width));
		scl_image_put_u8(image, AT(keys, dictkeys, kind), (uint8_t)storage);
	} else {
		put_u64(AT(keys, dictkeys, size), UINT64_C(1) << log2);
	}
	put_u64(AT(keys, dictkeys, nentries), n);
	for (size_t i = 0; i < n; i++) {
		put_u64(at + i * entry + (small ? 0 : 8), key[i]);
		put_u64(at + i * entry + (small ? 8 : 16), storage == SPLIT ? 0 : value[i]);
	}
	return keys;
}

/* values[] as a dict or an instance holds it, with the bytes before it that 3.13 has. */
static inline void put_values(scl_addr values, const scl_addr *value, size_t n)
{
	if (rt.layout.values_valid != SCL_ABSENT)
		scl_image_put_u8(image, values + (scl_addr)rt.layout.values_valid, 1);
	for (size_t i = 0; i < n; i++)
		put_u64(values + rt.layout.keys_values_header + i * 8, value[i]);
}

static inline scl_addr new_dict(enum storage storage, const scl_addr *key, const scl_addr *value, size_t n)
{
	scl_addr dict = new_object(builtin_type(SCL_TYPE_DICT, "dict"), 64);
	put_u64(AT(dict, dict, used), n);
	put_u64(AT(dict, dict, keys), new_keys(storage, key, value, n));
	if (storage == SPLIT) {
		scl_addr values = heap_alloc(16 + n * 8);
		put_values(values, value, n);
		put_u64(AT(dict, dict, values), values);
	}
	return dict;
}

/* n keys "k0", "k1", ... whose values are the ints 0, 10, ... */
static inline scl_addr new_numbered_dict(enum storage storage, size_t n)
{
	scl_addr *key = calloc(n + 1, sizeof *key), *value = calloc(n + 1, sizeof *value);
	if (!key || !value)
		abort();
	for (size_t i = 0; i < n; i++) {
		char name[24];
		snprintf(name, sizeof name, "k%zu", i);
		key[i] = new_ascii(name);
		value[i] = new_int((int64_t)i * 10);
	}
	scl_addr dict = new_dict(storage, key, value, n);
	free(key);
	free(value);
	return dict;
}

/* Run a test once for every layout, in a fresh image. */
#define RUN_LAYOUTS(test)                                                                                              \
	do {                                                                                                           \
		size_t n_layouts;                                                                                      \
		const struct scl_layout *const *layouts = scl_layouts(&n_layouts);                                     \
		for (size_t layout_i = 0; layout_i < n_layouts; layout_i++) {                                          \
			check_case = layouts[layout_i]->name;                                                          \
			heap_open(layouts[layout_i]);                                                                  \
			RUN(test);                                                                                     \
			heap_close();                                                                                  \
		}                                                                                                      \
	} while (0)

#endif
