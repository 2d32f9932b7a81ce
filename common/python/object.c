/* object.c - types, bytes and modules. */
#include "python/object.h"

/* A length beyond this is no length: no object of CPython has 2^40 items in a process that can be read. */
#define SIZE_PLAUSIBLE (INT64_C(1) << 40)

static scl_addr at(scl_addr base, int32_t offset)
{
	return base + (scl_addr)(int64_t)offset;
}

bool scl_object_type(const struct scl_runtime *rt, scl_addr object, scl_addr *type, struct scl_error *err)
{
	if (!scl_read_ptr(rt->target, at(object, scl_off(&rt->layout, object, type)), type, err))
		return scl_wrap(err, "type of the object at 0x%" PRIx64, object);
	if (*type == 0 || *type % sizeof(uint64_t) != 0)
		return scl_fail_at(err, SCL_ECORRUPT, object, "object at 0x%" PRIx64 ": no type at 0x%" PRIx64, object,
				   *type);
	return true;
}

bool scl_type_name(const struct scl_runtime *rt, scl_addr type, char *buf, size_t cap, struct scl_error *err)
{
	scl_addr name;
	if (!scl_read_ptr(rt->target, at(type, scl_off(&rt->layout, type, name)), &name, err) ||
	    !scl_read_cstr(rt->target, name, buf, cap, err))
		return scl_wrap(err, "name of the type at 0x%" PRIx64, type);
	return true;
}

bool scl_object_is(const struct scl_runtime *rt, scl_addr object, enum scl_type_flag flag, bool *ret,
		   struct scl_error *err)
{
	scl_addr type, flags;
	if (!scl_object_type(rt, object, &type, err))
		return false;
	if (!scl_read_ptr(rt->target, at(type, scl_off(&rt->layout, type, flags)), &flags, err))
		return scl_wrap(err, "flags of the type at 0x%" PRIx64, type);
	*ret = flags >> flag & 1;
	return true;
}

bool scl_bytes_read(const struct scl_runtime *rt, scl_addr bytes, void *buf, size_t cap, size_t *size,
		    struct scl_error *err)
{
	int64_t n;
	if (!scl_read_i64(rt->target, at(bytes, scl_off(&rt->layout, bytes, size)), &n, err))
		return scl_wrap(err, "bytes at 0x%" PRIx64, bytes);
	if (n < 0 || n > SIZE_PLAUSIBLE)
		return scl_fail_at(err, SCL_ECORRUPT, bytes, "bytes at 0x%" PRIx64 ": size %" PRId64, bytes, n);
	size_t want = (uint64_t)n < cap ? (size_t)n : cap;
	if (want > 0 && !scl_read(rt->target, at(bytes, scl_off(&rt->layout, bytes, data)), buf, want, err))
		return scl_wrap(err, "bytes at 0x%" PRIx64, bytes);
	*size = (size_t)n;
	return true;
}

bool scl_module_dict(const struct scl_runtime *rt, scl_addr modules, const char *name, scl_addr *dict,
		     struct scl_error *err)
{
	scl_addr module;
	bool is_dict;
	*dict = 0;
	if (!scl_dict_get(rt, modules, name, &module, err))
		return scl_wrap(err, "sys.modules");
	if (module == 0)
		return true;
	scl_addr found;
	if (!scl_read_ptr(rt->target, at(module, scl_off(&rt->layout, module, dict)), &found, err))
		return scl_wrap(err, "module %s", name);
	/* sys.modules may hold anything: None, a proxy, an instance. Only a module has a dict there. */
	if (found != 0 && scl_object_is(rt, found, SCL_TYPE_DICT, &is_dict, NULL) && is_dict)
		*dict = found;
	return true;
}
