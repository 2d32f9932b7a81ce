/* Attributes of instances, wherever a layout's version keeps them. */
#include "objects.h"

enum { MANAGED = 1 << SCL_TYPE_MANAGED_DICT, INLINE = 1 << SCL_TYPE_INLINE_VALUES, HEAP_TYPE = 1 << SCL_TYPE_HEAP };

static scl_addr type, object, keys, values[3];

static scl_addr word(int32_t offset)
{
	return object + (scl_addr)(int64_t)offset;
}

static int64_t attr(const char *name)
{
	scl_addr value = 1;
	int64_t n = -3;
	err = (struct scl_error){0};
	if (!scl_object_attr(&rt, object, name, &value, &err))
		return -2;
	return value == 0 ? -1 : scl_int_read(&rt, value, &n, &err) ? n : -3;
}

/* A class whose instances share the keys "a", "b" and "c", and one of them with 1, nothing and 3. */
static void make_instance(uint64_t flags)
{
	scl_addr names[] = {new_ascii("a"), new_ascii("b"), new_ascii("c")};
	values[0] = new_int(1);
	values[1] = 0;
	values[2] = new_int(3);
	keys = new_keys(SPLIT, names, values, 3);
	type = new_type(HEAP_TYPE | flags, scl_off(&rt.layout, object, sizeof), "C");
	put_u64(AT(type, heaptype, cached_keys), keys);
	object = new_object(type, 256);
}

static void check_values(void)
{
	CHECK_INT(attr("a"), 1);
	CHECK_INT(attr("b"), -1);
	CHECK_INT(attr("c"), 3);
	CHECK_INT(attr("d"), -1);
	CHECK_INT(err.code, SCL_OK);
}

static void check_dict(void)
{
	CHECK_INT(attr("k0"), 0);
	CHECK_INT(attr("k4"), 40);
	CHECK_INT(attr("a"), -1);
}

/* tp_dictoffset from the start: every version has it, for types that C extensions define. */
static void by_offset_from_the_start(void)
{
	make_instance(0);
	CHECK_INT(attr("k0"), -1);
	put_u64(AT(type, type, basicsize), 48);
	put_u64(AT(type, type, dictoffset), 32);
	CHECK_INT(attr("k0"), -1);
	put_u64(word(32), new_numbered_dict(GENERAL, 5));
	check_dict();
}

/* A dict after the items of an object of variable size, whose ob_size may be negative: an int. */
static void by_offset_from_the_end(void)
{
	for (int64_t size = -3; size <= 3; size += 6) {
		make_instance(0);
		put_u64(AT(type, type, basicsize), 32);
		put_u64(AT(type, type, itemsize), 4);
		put_u64(AT(type, type, dictoffset), (uint64_t)-8);
		put_u64(AT(object, tuple, size), (uint64_t)size);
		put_u64(word(32 + 16 - 8), new_numbered_dict(GENERAL, 5));
		check_dict();
	}
}

static void absurd_types_are_refused(void)
{
	const uint64_t bad[] = {3, 1000, UINT64_C(1) << 40, (uint64_t)-3, UINT64_C(1) << 63};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		make_instance(0);
		put_u64(AT(type, type, basicsize), 48);
		put_u64(AT(type, type, dictoffset), bad[i]);
		CHECK_INT(attr("a"), -2);
		CHECK_INT(err.code, SCL_ECORRUPT);
	}
	make_instance(0);
	put_u64(AT(type, type, dictoffset), (uint64_t)-8);
	put_u64(AT(type, type, itemsize), 4);
	put_u64(AT(object, tuple, size), UINT64_C(1) << 63);
	CHECK_INT(attr("a"), -2);
	put_u64(AT(type, type, basicsize), UINT64_MAX);
	CHECK_INT(attr("a"), -2);
	put_u64(AT(object, object, type), NOWHERE);
	CHECK_INT(attr("a"), -2);
	CHECK_INT(err.code, SCL_EFAULT);
}

static void managed_before(void)
{
	make_instance(MANAGED);
	scl_addr array = heap_alloc(64);
	put_values(array, values, 3);
	put_u64(word(-32), array);
	check_values();
	put_u64(word(-32), 0);
	CHECK_INT(attr("a"), -1);
	put_u64(word(-24), new_numbered_dict(GENERAL, 5));
	check_dict();
	put_u64(word(-32), NOWHERE);
	CHECK_INT(attr("a"), -2);
}

static void managed_tagged(void)
{
	make_instance(MANAGED);
	scl_addr array = heap_alloc(64);
	put_values(array, values, 3);
	put_u64(word(-24), array - 1);
	check_values();
	put_u64(word(-24), 0);
	CHECK_INT(attr("a"), -1);
	put_u64(word(-24), new_numbered_dict(GENERAL, 5));
	check_dict();
	put_u64(word(-24), NOWHERE - 1);
	CHECK_INT(attr("a"), -2);
}

static void managed_inline(void)
{
	make_instance(MANAGED | INLINE);
	scl_addr inside = word(scl_off(&rt.layout, object, sizeof));
	put_values(inside, values, 3);
	check_values();
	/* Values that moved into a dict of their own are not the instance's any more. */
	scl_image_put_u8(image, inside + (scl_addr)rt.layout.values_valid, 0);
	CHECK_INT(attr("a"), -1);
	put_u64(word(rt.layout.managed_dict), new_numbered_dict(GENERAL, 5));
	check_dict();
	/* A dict that was asked for may share the inline values. */
	scl_image_put_u8(image, inside + (scl_addr)rt.layout.values_valid, 1);
	scl_addr dict = new_object(builtin_type(SCL_TYPE_DICT, "dict"), 64);
	put_u64(AT(dict, dict, keys), keys);
	put_u64(AT(dict, dict, values), inside);
	put_u64(word(rt.layout.managed_dict), dict);
	check_values();
	put_u64(word(rt.layout.managed_dict), NOWHERE);
	CHECK_INT(attr("a"), -2);
	/* A managed dict without inline values: the class has __slots__ or items, too. */
	make_instance(MANAGED);
	put_values(word(scl_off(&rt.layout, object, sizeof)), values, 3);
	CHECK_INT(attr("a"), -1);
}

static void by_the_trait(void)
{
	switch (rt.layout.instance_dict) {
	case SCL_INSTANCE_DICT_OFFSET:
		by_offset_from_the_start();
		break;
	case SCL_INSTANCE_DICT_BEFORE:
		managed_before();
		break;
	case SCL_INSTANCE_DICT_TAGGED:
		managed_tagged();
		break;
	case SCL_INSTANCE_DICT_INLINE:
		managed_inline();
		break;
	}
}

/* Keys that a type does not share, or that lie. */
static void bad_shared_keys(void)
{
	if (rt.layout.instance_dict == SCL_INSTANCE_DICT_OFFSET)
		return;
	make_instance(MANAGED | INLINE);
	scl_addr array = heap_alloc(64), inside = word(scl_off(&rt.layout, object, sizeof));
	put_values(array, values, 3);
	put_values(inside, values, 3);
	if (rt.layout.instance_dict == SCL_INSTANCE_DICT_BEFORE)
		put_u64(word(-32), array);
	if (rt.layout.instance_dict == SCL_INSTANCE_DICT_TAGGED)
		put_u64(word(-24), array - 1);
	CHECK_INT(attr("a"), 1);
	put_u64(AT(type, heaptype, cached_keys), 0);
	CHECK_INT(attr("a"), -1);
	put_u64(AT(type, heaptype, cached_keys), NOWHERE);
	CHECK_INT(attr("a"), -2);
	CHECK_INT(err.code, SCL_EFAULT);
	put_u64(AT(type, heaptype, cached_keys), keys);
	put_u64(AT(keys, dictkeys, nentries), UINT64_MAX);
	CHECK_INT(attr("a"), -2);
	CHECK_INT(err.code, SCL_ECORRUPT);
	CHECK_CONTAINS(err.text, "attribute a");
}

int main(void)
{
	RUN_LAYOUTS(by_offset_from_the_start);
	RUN_LAYOUTS(by_offset_from_the_end);
	RUN_LAYOUTS(absurd_types_are_refused);
	RUN_LAYOUTS(by_the_trait);
	RUN_LAYOUTS(bad_shared_keys);
	return check_finish();
}
