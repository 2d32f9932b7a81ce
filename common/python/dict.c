/* dict.c - dict objects of every storage: combined, split, inline (Objects/dictobject.c, PEP 412). */
#include "python/object.h"

#include <string.h>

enum {
	ENTRY_GENERAL = 24, /* PyDictKeyEntry: hash, key, value */
	ENTRY_UNICODE = 16, /* PyDictUnicodeEntry: key, value (3.11, bpo-46845) */
	KIND_GENERAL = 0,   /* DictKeysKind, Include/internal/pycore_dict.h */
	KIND_LAST = 2,
	LOG2_MAX = 40,		  /* a table of 2^40 slots is none */
	INDEX_BYTES_LOG2_MAX = 3, /* an index takes at most eight bytes */
};

struct keys {
	uint64_t slots, nentries, index_bytes;
	unsigned kind;
};

static scl_addr at(scl_addr base, int32_t offset)
{
	return base + (scl_addr)(int64_t)offset;
}

/* dk_size counts slots; the width of an index follows from it (3.10 and before). */
static bool read_keys_size(const struct scl_runtime *rt, scl_addr address, struct keys *ret, struct scl_error *err)
{
	const struct scl_layout *layout = &rt->layout;
	struct scl_span spans[] = {
		{at(address, scl_off(layout, dictkeys, size)), &ret->slots, sizeof ret->slots},
		{at(address, scl_off(layout, dictkeys, nentries)), &ret->nentries, sizeof ret->nentries},
	};
	if (!scl_read_spans(rt->target, spans, 2, err))
		return false;
	if (ret->slots == 0 || (ret->slots & (ret->slots - 1)) != 0 || ret->slots >> LOG2_MAX != 0)
		return scl_fail_at(err, SCL_ECORRUPT, address, "keys of %" PRIu64 " slots", ret->slots);
	unsigned width = ret->slots <= 0xff ? 1 : ret->slots <= 0xffff ? 2 : ret->slots <= 0xffffffff ? 4 : 8;
	ret->index_bytes = ret->slots * width;
	ret->kind = KIND_GENERAL;
	return true;
}

/* Both sizes as logarithms, and the kind of the entries (3.11). */
static bool read_keys_log2(const struct scl_runtime *rt, scl_addr address, struct keys *ret, struct scl_error *err)
{
	const struct scl_layout *layout = &rt->layout;
	uint8_t slots, index_bytes, kind;
	struct scl_span spans[] = {
		{at(address, scl_off(layout, dictkeys, log2_size)), &slots, 1},
		{at(address, scl_off(layout, dictkeys, log2_index_bytes)), &index_bytes, 1},
		{at(address, scl_off(layout, dictkeys, kind)), &kind, 1},
		{at(address, scl_off(layout, dictkeys, nentries)), &ret->nentries, sizeof ret->nentries},
	};
	if (!scl_read_spans(rt->target, spans, 4, err))
		return false;
	if (slots > LOG2_MAX || index_bytes < slots || index_bytes > slots + INDEX_BYTES_LOG2_MAX || kind > KIND_LAST)
		return scl_fail_at(err, SCL_ECORRUPT, address, "keys of kind %u with 2^%u slots in 2^%u bytes", kind,
				   slots, index_bytes);
	ret->slots = UINT64_C(1) << slots;
	ret->index_bytes = UINT64_C(1) << index_bytes;
	ret->kind = kind;
	return true;
}

static bool read_keys(const struct scl_runtime *rt, scl_addr address, struct keys *ret, struct scl_error *err)
{
	switch (rt->layout.dict_keys) {
	case SCL_DICT_KEYS_SIZE:
		return read_keys_size(rt, address, ret, err);
	case SCL_DICT_KEYS_LOG2:
		return read_keys_log2(rt, address, ret, err);
	}
	return scl_fail(err, SCL_EUNSUPPORTED, "dict keys of no known form");
}

bool scl_dict_init_split(struct scl_dict *dict, const struct scl_runtime *rt, scl_addr keys, scl_addr values,
			 struct scl_error *err)
{
	struct keys k;
	if (!read_keys(rt, keys, &k, err))
		return scl_wrap(err, "dict keys at 0x%" PRIx64, keys);
	if (k.nentries > k.slots)
		return scl_fail_at(err, SCL_ECORRUPT, keys,
				   "dict keys at 0x%" PRIx64 ": %" PRIu64 " entries in %" PRIu64 " slots", keys,
				   k.nentries, k.slots);
	bool general = k.kind == KIND_GENERAL;
	*dict = (struct scl_dict){
		.rt = rt,
		.entries = at(keys, scl_off(&rt->layout, dictkeys, indices)) + k.index_bytes,
		.values = values,
		.count = k.nentries < SCL_DICT_MAX ? k.nentries : SCL_DICT_MAX,
		.entry_size = general ? ENTRY_GENERAL : ENTRY_UNICODE,
		.key_at = general ? 8 : 0,
		.value_at = general ? 16 : 8,
		.value_first = rt->layout.keys_values_header,
	};
	return true;
}

bool scl_dict_init(struct scl_dict *dict, const struct scl_runtime *rt, scl_addr object, struct scl_error *err)
{
	const struct scl_layout *layout = &rt->layout;
	scl_addr keys, values;
	struct scl_span spans[] = {
		{at(object, scl_off(layout, dict, keys)), &keys, sizeof keys},
		{at(object, scl_off(layout, dict, values)), &values, sizeof values},
	};
	if (!scl_read_spans(rt->target, spans, 2, err) || !scl_dict_init_split(dict, rt, keys, values, err))
		return scl_wrap(err, "dict at 0x%" PRIx64, object);
	return true;
}

/* Fetch the entries from dict->at on, and their values, with one call. */
static bool fetch(struct scl_dict *dict, struct scl_error *err)
{
	uint8_t raw[SCL_DICT_BLOCK * ENTRY_GENERAL];
	scl_addr values[SCL_DICT_BLOCK];
	uint64_t left = dict->count - dict->at;
	uint8_t n = left < SCL_DICT_BLOCK ? (uint8_t)left : SCL_DICT_BLOCK;
	struct scl_span spans[] = {
		{dict->entries + dict->at * dict->entry_size, raw, (size_t)n * dict->entry_size},
		{dict->values + dict->value_first + dict->at * sizeof(scl_addr), values, n * sizeof(scl_addr)},
	};
	dict->block_n = 0;
	if (!scl_read_spans(dict->rt->target, spans, dict->values ? 2 : 1, err))
		return scl_wrap(err, "dict entries %" PRIu64 " to %" PRIu64, dict->at, dict->at + n);
	for (uint8_t i = 0; i < n; i++) {
		memcpy(&dict->block_key[i], raw + (size_t)i * dict->entry_size + dict->key_at, sizeof(scl_addr));
		memcpy(&dict->block_value[i], raw + (size_t)i * dict->entry_size + dict->value_at, sizeof(scl_addr));
		if (dict->values)
			dict->block_value[i] = values[i];
	}
	dict->block_at = dict->at;
	dict->block_n = n;
	return true;
}

bool scl_dict_next(struct scl_dict *dict, scl_addr *key, scl_addr *value, struct scl_error *err)
{
	while (dict->at < dict->count) {
		if (dict->at - dict->block_at >= dict->block_n && !fetch(dict, err))
			return false;
		uint64_t i = dict->at++ - dict->block_at;
		*key = dict->block_key[i];
		*value = dict->block_value[i];
		if (*key != 0 && *value != 0)
			return true;
	}
	if (err)
		err->code = SCL_OK;
	return false;
}

static int64_t characters(const char *utf8)
{
	int64_t n = 0;
	for (; *utf8; utf8++)
		n += ((unsigned char)*utf8 & 0xc0) != 0x80;
	return n;
}

/* The words where the n keys would have their lengths, if they are str: one call for the whole block. */
static bool key_lengths(const struct scl_runtime *rt, const scl_addr *keys, size_t n, int64_t *lengths)
{
	struct scl_span spans[SCL_DICT_BLOCK];
	for (size_t i = 0; i < n; i++)
		spans[i] = (struct scl_span){at(keys[i], scl_off(&rt->layout, unicode, length)), &lengths[i],
					     sizeof lengths[i]};
	return scl_read_spans(rt->target, spans, n, NULL);
}

static bool key_is(const struct scl_runtime *rt, scl_addr key, const char *name)
{
	char text[SCL_KEY_MAX];
	bool is_str;
	return scl_str_read(rt, key, text, sizeof text, NULL) && strcmp(text, name) == 0 &&
	       scl_object_is(rt, key, SCL_TYPE_STR, &is_str, NULL) && is_str;
}

bool scl_dict_find(struct scl_dict *dict, const char *key, scl_addr *value, struct scl_error *err)
{
	int64_t want = characters(key);
	*value = 0;
	dict->found = UINT64_MAX;
	if (strlen(key) >= SCL_KEY_MAX)
		return scl_fail(err, SCL_EUSAGE, "a key of %zu bytes", strlen(key));
	while (dict->at < dict->count) {
		scl_addr keys[SCL_DICT_BLOCK], values[SCL_DICT_BLOCK];
		uint64_t places[SCL_DICT_BLOCK];
		int64_t lengths[SCL_DICT_BLOCK];
		size_t n = 0;
		while (n < SCL_DICT_BLOCK && dict->at < dict->count && scl_dict_next(dict, &keys[n], &values[n], err))
			places[n++] = dict->at - 1;
		/* A false return in the middle of the entries is a failure; at their end it is not. */
		if (n == 0 && dict->at < dict->count)
			return false;
		bool known = n > 0 && key_lengths(dict->rt, keys, n, lengths);
		for (size_t i = 0; i < n; i++)
			if ((!known || lengths[i] == want) && key_is(dict->rt, keys[i], key)) {
				*value = values[i];
				dict->found = places[i];
				return true;
			}
	}
	return true;
}

bool scl_dict_get(const struct scl_runtime *rt, scl_addr dict, const char *key, scl_addr *value, struct scl_error *err)
{
	struct scl_dict cursor;
	*value = 0;
	if (!scl_dict_init(&cursor, rt, dict, err) || !scl_dict_find(&cursor, key, value, err))
		return scl_wrap(err, "key \"%s\"", key);
	return true;
}
