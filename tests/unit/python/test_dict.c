/* dict objects of every layout and storage. */
#include "objects.h"

static int64_t number(scl_addr object)
{
	int64_t value = -1;
	return object != 0 && scl_int_read(&rt, object, &value, &err) ? value : -1;
}

static int64_t get(scl_addr dict, const char *key)
{
	scl_addr value = 1;
	err = (struct scl_error){0};
	return scl_dict_get(&rt, dict, key, &value, &err) ? number(value) : -2;
}

static void check_numbered(enum storage storage, size_t n)
{
	scl_addr dict = new_numbered_dict(storage, n), key, value;
	struct scl_dict cursor;
	size_t seen = 0;
	CHECK(scl_dict_init(&cursor, &rt, dict, &err));
	err.code = SCL_EIO;
	while (scl_dict_next(&cursor, &key, &value, &err)) {
		char text[24], want[24];
		snprintf(want, sizeof want, "k%zu", seen);
		CHECK(scl_str_read(&rt, key, text, sizeof text, &err));
		CHECK_STR(text, want);
		CHECK_INT(number(value), (int64_t)seen * 10);
		err.code = SCL_EIO;
		seen++;
	}
	CHECK_INT(err.code, SCL_OK);
	CHECK_INT(seen, n);
}

/* Sizes around the block of a cursor, and those where indices take one, two and four bytes. */
static void reads_every_storage_and_size(void)
{
	const size_t sizes[] = {0, 1, 5, 31, 32, 33, 64, 200, 1000};
	for (enum storage storage = GENERAL; storage <= SPLIT; storage++)
		for (size_t i = 0; i < sizeof sizes / sizeof sizes[0] && has_storage(storage); i++)
			check_numbered(storage, sizes[i]);
}

static void finds_keys(void)
{
	for (enum storage storage = GENERAL; storage <= SPLIT; storage++) {
		if (!has_storage(storage))
			continue;
		scl_addr dict = new_numbered_dict(storage, 100);
		CHECK_INT(get(dict, "k0"), 0);
		CHECK_INT(get(dict, "k32"), 320);
		CHECK_INT(get(dict, "k99"), 990);
		CHECK_INT(get(dict, "k100"), -1);
		CHECK_INT(get(dict, ""), -1);
		CHECK_INT(err.code, SCL_OK);
	}
}

static void finds_keys_that_are_not_ascii(void)
{
	const uint16_t euro[] = {0x20ac};
	scl_addr keys[] = {new_ascii("e"), new_str(2, true, false, euro, 1), new_str(1, true, false, "\xe9", 1)};
	scl_addr values[] = {new_int(1), new_int(2), new_int(3)};
	scl_addr dict = new_dict(GENERAL, keys, values, 3);
	CHECK_INT(get(dict, "\xe2\x82\xac"), 2);
	CHECK_INT(get(dict, "\xc3\xa9"), 3);
	CHECK_INT(get(dict, "e"), 1);
}

/* Deleted entries keep their place with NULL in them. */
static void skips_deleted_entries(void)
{
	for (enum storage storage = GENERAL; storage <= SPLIT; storage++) {
		scl_addr keys[3] = {new_ascii("a"), new_ascii("b"), new_ascii("c")};
		scl_addr values[3] = {new_int(1), 0, new_int(3)}, key, value;
		struct scl_dict cursor;
		size_t seen = 0;
		if (!has_storage(storage))
			continue;
		scl_addr dict = new_dict(storage, keys, values, 3);
		CHECK(scl_dict_init(&cursor, &rt, dict, &err));
		while (scl_dict_next(&cursor, &key, &value, &err))
			seen += number(value) == 1 || number(value) == 3;
		CHECK_INT(seen, 2);
		CHECK_INT(get(dict, "b"), -1);
		CHECK_INT(get(dict, "c"), 3);
	}
}

/* Keys that are no str, one of them unreadable: the others are found all the same. */
static void survives_strange_keys(void)
{
	scl_addr keys[] = {new_int(1), NOWHERE, HEAP + HEAP_SIZE - 16, new_ascii("name")};
	scl_addr values[] = {new_int(1), new_int(2), new_int(3), new_int(4)};
	CHECK_INT(get(new_dict(GENERAL, keys, values, 4), "name"), 4);
	/* An object that looks like the str in all but its type. */
	scl_addr impostor = new_ascii("name");
	put_u64(AT(impostor, object, type), builtin_type(SCL_TYPE_BYTES, "bytes"));
	keys[0] = impostor;
	CHECK_INT(get(new_dict(GENERAL, keys, values, 4), "name"), 4);
	char longer[SCL_KEY_MAX + 1];
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	CHECK_INT(get(new_dict(GENERAL, keys, values, 4), longer), -2);
	CHECK_INT(err.code, SCL_EUSAGE);
}

static bool refused(scl_addr dict, enum scl_status code)
{
	struct scl_dict cursor;
	err = (struct scl_error){0};
	return !scl_dict_init(&cursor, &rt, dict, &err) && err.code == code;
}

static void refuses_lying_sizes(void)
{
	scl_addr dict = new_numbered_dict(GENERAL, 5), keys;
	if (!scl_read_ptr(image, AT(dict, dict, keys), &keys, &err))
		CHECK_FAIL("%s", err.text);
	put_u64(AT(keys, dictkeys, nentries), UINT64_MAX);
	CHECK(refused(dict, SCL_ECORRUPT));
	put_u64(AT(keys, dictkeys, nentries), 9);
	CHECK(refused(dict, SCL_ECORRUPT));
	put_u64(AT(keys, dictkeys, nentries), 5);
	if (rt.layout.dict_keys == SCL_DICT_KEYS_SIZE) {
		const uint64_t sizes[] = {0, 7, UINT64_MAX, UINT64_C(1) << 41, UINT64_C(1) << 63};
		for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
			put_u64(AT(keys, dictkeys, size), sizes[i]);
			CHECK(refused(dict, SCL_ECORRUPT));
		}
		return;
	}
	scl_image_put_u8(image, AT(keys, dictkeys, kind), 3);
	CHECK(refused(dict, SCL_ECORRUPT));
	scl_image_put_u8(image, AT(keys, dictkeys, kind), 0);
	const uint8_t logs[][2] = {{63, 63}, {255, 255}, {3, 2}, {3, 7}, {41, 41}};
	for (size_t i = 0; i < sizeof logs / sizeof logs[0]; i++) {
		scl_image_put_u8(image, AT(keys, dictkeys, log2_size), logs[i][0]);
		scl_image_put_u8(image, AT(keys, dictkeys, log2_index_bytes), logs[i][1]);
		CHECK(refused(dict, SCL_ECORRUPT));
	}
}

static void refuses_torn_ones(void)
{
	scl_addr dict = new_numbered_dict(SPLIT, 5), key, value;
	struct scl_dict cursor;
	CHECK(refused(NOWHERE, SCL_EFAULT));
	put_u64(AT(dict, dict, values), NOWHERE);
	CHECK(scl_dict_init(&cursor, &rt, dict, &err));
	CHECK(!scl_dict_next(&cursor, &key, &value, &err));
	CHECK_INT(err.code, SCL_EFAULT);
	CHECK_INT(get(dict, "k1"), -2);
	CHECK_INT(err.code, SCL_EFAULT);
	put_u64(AT(dict, dict, keys), NOWHERE);
	CHECK(refused(dict, SCL_EFAULT));
}

/* A table that claims a million entries and ends after some: what is there is read, the rest is an error. */
static void stops_at_the_end_of_memory(void)
{
	scl_addr dict = new_numbered_dict(GENERAL, 5), keys, key, value;
	struct scl_dict cursor;
	unsigned seen = 0;
	if (!scl_read_ptr(image, AT(dict, dict, keys), &keys, &err))
		CHECK_FAIL("%s", err.text);
	if (rt.layout.dict_keys == SCL_DICT_KEYS_SIZE) {
		put_u64(AT(keys, dictkeys, size), UINT64_C(1) << 30);
	} else {
		scl_image_put_u8(image, AT(keys, dictkeys, log2_size), 30);
		scl_image_put_u8(image, AT(keys, dictkeys, log2_index_bytes), 32);
	}
	put_u64(AT(keys, dictkeys, nentries), UINT64_C(1) << 29);
	CHECK(scl_dict_init(&cursor, &rt, dict, &err));
	CHECK_INT(cursor.count, SCL_DICT_MAX);
	while (scl_dict_next(&cursor, &key, &value, &err))
		seen++;
	CHECK_INT(err.code, SCL_EFAULT);
	CHECK_INT(seen, 0);
}

static void finds_modules(void)
{
	scl_addr module = new_object(builtin_type(SCL_TYPE_HEAP, "module"), 64),
		 none = new_object(builtin_type(SCL_TYPE_HEAP, "module"), 64);
	scl_addr dict = new_numbered_dict(GENERAL, 3), found = 1;
	put_u64(AT(module, module, dict), dict);
	put_u64(AT(none, module, dict), new_int(3));
	scl_addr keys[] = {new_ascii("sys"), new_ascii("none")}, values[] = {module, none};
	scl_addr modules = new_dict(GENERAL, keys, values, 2);
	CHECK(scl_module_dict(&rt, modules, "sys", &found, &err));
	CHECK_INT(found, dict);
	CHECK(scl_module_dict(&rt, modules, "threading", &found, &err));
	CHECK_INT(found, 0);
	CHECK(scl_module_dict(&rt, modules, "none", &found, &err));
	CHECK_INT(found, 0);
	CHECK(!scl_module_dict(&rt, NOWHERE, "sys", &found, &err));
}

int main(void)
{
	RUN_LAYOUTS(reads_every_storage_and_size);
	RUN_LAYOUTS(finds_keys);
	RUN_LAYOUTS(finds_keys_that_are_not_ascii);
	RUN_LAYOUTS(skips_deleted_entries);
	RUN_LAYOUTS(survives_strange_keys);
	RUN_LAYOUTS(refuses_lying_sizes);
	RUN_LAYOUTS(refuses_torn_ones);
	RUN_LAYOUTS(stops_at_the_end_of_memory);
	RUN_LAYOUTS(finds_modules);
	return check_finish();
}
