/* Sizes of containers and values of plain objects whose type is not known, in every layout. */
#include "objects.h"
#include "python/sized.h"

static struct scl_types *types;

static void open_types(void)
{
	types = scl_types_create(&rt);
	if (!types)
		abort();
}

/* The size; -1 where it is no container, -2 where it cannot be read. */
static int64_t size_of(scl_addr object)
{
	const struct scl_type *type = scl_types_of(types, object, NULL);
	uint64_t size = 77;

	err = (struct scl_error){0};
	if (!type || scl_sized_kind(type) == SCL_SIZED_NONE)
		return -1;
	return scl_sized_read(&rt, scl_sized_kind(type), object, &size, &err) ? (int64_t)size : -2;
}

static scl_addr new_queue(uint64_t items, uint64_t taken)
{
	scl_addr queue = new_object(new_type(0, 56, "_queue.SimpleQueue"), 128), list = new_object(0, 64);

	if (scl_has(&rt.layout, simplequeue, count)) {
		put_u64(AT(queue, simplequeue, count), items - taken);
		return queue;
	}
	put_u64(AT(list, list, size), items);
	put_u64(AT(queue, simplequeue, list), list);
	put_u64(AT(queue, simplequeue, first), taken);
	return queue;
}

static scl_addr new_container(const char *name, uint64_t flags, int32_t offset, uint64_t size)
{
	scl_addr object = new_object(new_type(flags, 64, name), 256);

	put_u64(object + (scl_addr)offset, size);
	return object;
}

static void every_container_has_a_size(void)
{
	const struct scl_layout *layout = &rt.layout;
	uint64_t dict = UINT64_C(1) << SCL_TYPE_DICT | 1 << SCL_TYPE_HEAP;

	open_types();
	CHECK_INT(size_of(new_numbered_dict(GENERAL, 5)), 5);
	CHECK_INT(size_of(new_container("collections.defaultdict", dict, scl_off(layout, dict, used), 7)), 7);
	CHECK_INT(size_of(new_container("list", 1 << SCL_TYPE_LIST, scl_off(layout, list, size), 3)), 3);
	CHECK_INT(size_of(new_container("tuple", 1 << SCL_TYPE_TUPLE, scl_off(layout, tuple, size), 2)), 2);
	CHECK_INT(size_of(new_container("set", 0, scl_off(layout, set, used), 100)), 100);
	CHECK_INT(size_of(new_container("frozenset", 0, scl_off(layout, set, used), 0)), 0);
	CHECK_INT(size_of(new_container("collections.deque", 0, scl_off(layout, deque, size), 9)), 9);
	CHECK_INT(size_of(new_queue(5, 2)), 3);
	CHECK_INT(size_of(new_queue(4, 4)), 0);
	CHECK_INT(size_of(new_int(3)), -1);
	scl_types_destroy(types);
}

static void sizes_that_cannot_be_are_refused(void)
{
	const struct scl_layout *layout = &rt.layout;

	open_types();
	CHECK_INT(size_of(new_container("list", 1 << SCL_TYPE_LIST, scl_off(layout, list, size), UINT64_MAX)), -2);
	CHECK_INT(err.code, SCL_ECORRUPT);
	CHECK_INT(size_of(new_container("set", 0, scl_off(layout, set, used), UINT64_C(1) << 41)), -2);
	CHECK_INT(size_of(new_queue(2, 3)), -2);
	CHECK_INT(err.code, SCL_ECORRUPT);
	if (scl_has(layout, simplequeue, list)) {
		scl_addr queue = new_queue(2, 0);
		put_u64(AT(queue, simplequeue, list), NOWHERE);
		CHECK_INT(size_of(queue), -2);
		CHECK_INT(err.code, SCL_EFAULT);
	}
	scl_types_destroy(types);
}

static struct scl_scalar scalar_of(scl_addr object)
{
	struct scl_scalar scalar = {.integer = -7};

	err = (struct scl_error){0};
	if (!scl_scalar_read(&rt, types, object, &scalar, &err))
		scalar.integer = -8;
	return scalar;
}

static void plain_objects_have_values(void)
{
	double half = 0.5;
	scl_addr number = new_object(new_type(0, 24, "float"), 64);
	uint64_t bool_flags = UINT64_C(1) << SCL_TYPE_LONG;
	scl_addr truth = new_int(1);

	open_types();
	scl_image_put(image, AT(number, float, value), &half, sizeof half);
	CHECK_INT(scalar_of(number).kind, SCL_SCALAR_FLOAT);
	CHECK(scalar_of(number).number == half);
	CHECK_INT(scalar_of(new_int(-12)).kind, SCL_SCALAR_INT);
	CHECK_INT(scalar_of(new_int(-12)).integer, -12);
	put_u64(AT(truth, object, type), new_type(bool_flags, 64, "bool"));
	CHECK_INT(scalar_of(truth).kind, SCL_SCALAR_BOOL);
	CHECK_INT(scalar_of(truth).integer, 1);
	CHECK_INT(scalar_of(new_object(new_type(0, 16, "NoneType"), 64)).kind, SCL_SCALAR_NONE);
	CHECK_INT(scalar_of(new_ascii("text")).kind, SCL_SCALAR_STR);
	CHECK_INT(scalar_of(new_numbered_dict(GENERAL, 1)).kind, SCL_SCALAR_OTHER);
	CHECK_INT(scalar_of(NOWHERE).integer, -8);
	CHECK_INT(err.code, SCL_EFAULT);
	scl_types_destroy(types);
}

/* All that an instance stores, wherever its class keeps it. */
static void attributes_are_listed(void)
{
	scl_addr names[] = {new_ascii("a"), new_ascii("b"), new_ascii("c")}, value[] = {new_int(1), 0, new_int(3)};
	scl_addr class = new_type(1 << SCL_TYPE_HEAP, 48, "C"), object = new_object(class, 64), name, stored;
	const struct scl_type *type;
	struct scl_dict dict;
	int n = 0;

	open_types();
	put_u64(AT(class, type, dictoffset), 32);
	type = scl_types_get(types, class, &err);
	CHECK(type && scl_instance_init(&dict, &rt, object, type, &err));
	CHECK(!scl_dict_next(&dict, &name, &stored, &err));
	CHECK_INT(err.code, SCL_OK);
	put_u64(object + 32, new_dict(SPLIT, names, value, 3));
	CHECK(scl_instance_init(&dict, &rt, object, type, &err));
	while (scl_dict_next(&dict, &name, &stored, &err))
		n += name == names[n] && stored == value[n] ? 2 : 100;
	CHECK_INT(n, 4);
	put_u64(object + 32, NOWHERE);
	CHECK(!scl_instance_init(&dict, &rt, object, type, &err));
	CHECK_INT(err.code, SCL_EFAULT);
	scl_types_destroy(types);
}

int main(void)
{
	RUN_LAYOUTS(every_container_has_a_size);
	RUN_LAYOUTS(sizes_that_cannot_be_are_refused);
	RUN_LAYOUTS(plain_objects_have_values);
	RUN_LAYOUTS(attributes_are_listed);
	return check_finish();
}
