/* Types that are kept by address, and what instances store in slots. */
#include "python/containers.h"
#include "python/types.h"

enum { OBJECT_EX = 16, SLOT = 40 };

static struct scl_types *types;
static scl_addr member_type, base, derived, descriptor, member;

static scl_addr new_class(const char *name, const char *key, scl_addr value, const scl_addr *bases, size_t nbases)
{
	scl_addr mro[8], type = new_type(UINT64_C(1) << SCL_TYPE_HEAP, 64, name);
	mro[0] = type;
	if (nbases)
		memcpy(mro + 1, bases, nbases * sizeof *bases);
	put_u64(AT(type, type, mro), new_tuple(mro, nbases + 1));
	if (key)
		put_u64(AT(type, type, dict), new_dict(GENERAL, (scl_addr[]){new_ascii(key)}, &value, 1));
	return type;
}

static void open_types(void)
{
	types = scl_types_create(&rt);
	if (!types)
		abort();
	member_type = new_type(0, 64, "member_descriptor");
	descriptor = new_object(member_type, 64);
	member = heap_alloc(64);
	put_u64(AT(descriptor, memberdescr, member), member);
	scl_image_put_u32(image, AT(member, memberdef, type), OBJECT_EX);
	put_u64(AT(member, memberdef, offset), SLOT);
	base = new_class("Base", "slot", descriptor, NULL, 0);
	derived = new_class("Derived", NULL, 0, &base, 1);
}

static void slots_of_base_classes(void)
{
	open_types();
	scl_addr object = new_object(derived, 128), value;
	put_u64(object + SLOT, 0x1234560);
	for (int i = 0; i < 2; i++) {
		CHECK(scl_types_attr(types, object, "slot", &value, &err));
		CHECK_INT(value, 0x1234560);
		CHECK(scl_types_attr(types, object, "other", &value, &err));
		CHECK_INT(value, 0);
	}
	CHECK_STR(scl_types_of(types, object, &err)->name, "Derived");
	CHECK(scl_types_of(types, object, &err) == scl_types_get(types, derived, &err));
	CHECK(scl_type_is_subtype(types, scl_types_get(types, derived, &err), base));
	CHECK(!scl_type_is_subtype(types, scl_types_get(types, base, &err), derived));
	CHECK(!scl_type_is_subtype(types, scl_types_get(types, base, &err), 0));
	scl_types_reset(types);
	CHECK_STR(scl_types_of(types, object, &err)->name, "Derived");
	scl_types_destroy(types);
}

static void descriptors_that_lie_are_none(void)
{
	const uint64_t offsets[] = {0, (uint64_t)-8, UINT64_C(1) << 40};
	for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
		open_types();
		put_u64(AT(member, memberdef, offset), offsets[i]);
		CHECK_INT(scl_types_attr_or_0(types, new_object(derived, 128), "slot"), 0);
		scl_types_destroy(types);
	}
	open_types();
	scl_image_put_u32(image, AT(member, memberdef, type), 3);
	CHECK_INT(scl_types_attr_or_0(types, new_object(derived, 128), "slot"), 0);
	scl_types_reset(types);
	put_u64(AT(descriptor, memberdescr, member), NOWHERE);
	CHECK_INT(scl_types_attr_or_0(types, new_object(derived, 128), "slot"), 0);
	scl_types_destroy(types);
}

static void garbage_is_no_type(void)
{
	open_types();
	scl_addr object = new_object(derived, 128), value = 1;
	CHECK(!scl_types_get(types, NOWHERE, &err));
	CHECK(!scl_types_get(types, derived + 1, &err));
	put_u64(AT(object, object, type), NOWHERE);
	CHECK(!scl_types_of(types, object, &err));
	CHECK(!scl_types_attr(types, object, "slot", &value, &err));
	CHECK_INT(value, 0);
	put_u64(AT(base, type, basicsize), (uint64_t)-1);
	CHECK(!scl_types_get(types, base, &err));
	/* An order of resolution that is none has no members but itself. */
	put_u64(AT(derived, type, mro), NOWHERE);
	CHECK(!scl_type_is_subtype(types, scl_types_get(types, derived, &err), base));
	scl_types_destroy(types);
}

int main(void)
{
	RUN_LAYOUTS(slots_of_base_classes);
	RUN_LAYOUTS(descriptors_that_lie_are_none);
	RUN_LAYOUTS(garbage_is_no_type);
	return check_finish();
}
