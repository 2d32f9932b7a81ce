/* version.c - see version.h. */
#include "python/version.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "python/object.h"
#include "python/threads.h"
#include "target/path.h"

enum { RELEASE_CANDIDATE = 0xc, SHOWN = 256 };

static scl_addr at(scl_addr base, int32_t offset)
{
	return base + (scl_addr)(int64_t)offset;
}

static bool read_number(const char **s, unsigned max, unsigned *ret)
{
	char *end;
	unsigned long n = **s >= '0' && **s <= '9' ? strtoul(*s, &end, 10) : ULONG_MAX;
	if (n > max)
		return false;
	*ret = (unsigned)n;
	*s = end;
	return true;
}

bool scl_version_hint(const char *path, unsigned *major, unsigned *minor)
{
	const char *name = strrchr(path, '/');
	name = strstr(name ? name : path, "python");
	if (!name)
		return false;
	name += strlen("python");
	return read_number(&name, 9, major) && *name++ == '.' && read_number(&name, 99, minor);
}

void scl_version_text(uint32_t hexversion, char *buf, size_t cap)
{
	static const char *const levels[16] = {[0xa] = "a", [0xb] = "b", [0xc] = "rc", [0xf] = ""};
	const char *level = levels[hexversion >> 4 & 0xf];
	int n = snprintf(buf, cap, "%u.%u.%u%s", (unsigned)(hexversion >> 24), (unsigned)(hexversion >> 16 & 0xff),
			 (unsigned)(hexversion >> 8 & 0xff), level ? level : "?");
	if ((!level || level[0]) && n > 0 && (size_t)n < cap)
		snprintf(buf + n, cap - (size_t)n, "%u", (unsigned)(hexversion & 0xf));
}

void scl_version_supported(char *buf, size_t cap)
{
	size_t n;
	const struct scl_layout *const *all = scl_layouts(&n);
	snprintf(buf, cap, "%s to %s", all[0]->name, all[n - 1]->name);
}

static bool unsupported(const struct scl_candidate *c, const char *what, struct scl_error *err)
{
	char path[SHOWN], known[32];
	scl_version_supported(known, sizeof known);
	return scl_fail(err, SCL_EUNSUPPORTED, "CPython %s in %s is not supported: there are layouts for %s", what,
			scl_path_show(c->path, path, sizeof path), known);
}

/* What to try on a version without a table that publishes its offsets: the newest table, if that is older. */
static const struct scl_layout *nearest(uint32_t hexversion)
{
	size_t n;
	const struct scl_layout *const *all = scl_layouts(&n);
	const struct scl_layout *newest = all[n - 1];
	return hexversion >> 24 == newest->major && (hexversion >> 16 & 0xff) > newest->minor ? newest : NULL;
}

static bool choose(struct scl_runtime *rt, const struct scl_candidate *c, uint32_t hexversion, struct scl_error *err)
{
	const struct scl_layout *layout = scl_layout_for(hexversion);
	bool published = rt->version_source == SCL_VERSION_DEBUG_OFFSETS;
	/* Structures still move between alphas and betas. */
	rt->unverified = published && (!layout || (hexversion >> 4 & 0xf) < RELEASE_CANDIDATE);
	rt->hexversion = hexversion;
	scl_version_text(hexversion, rt->version, sizeof rt->version);
	if (!layout && published)
		layout = nearest(hexversion);
	if (!layout || (!published && (hexversion >> 4 & 0xf) < RELEASE_CANDIDATE))
		return unsupported(c, rt->version, err);
	rt->layout = *layout;
	rt->layout.minor = (uint16_t)(hexversion >> 16 & 0xff);
	return true;
}

/* The table that was tried does not fit. */
static bool does_not_fit(const struct scl_runtime *rt, const struct scl_candidate *c, struct scl_error *err)
{
	char path[SHOWN], known[32];
	if (!rt->unverified || !err)
		return false;
	struct scl_error why = *err;
	scl_version_supported(known, sizeof known);
	return scl_fail(err, SCL_EUNSUPPORTED,
			"CPython %s in %s is not supported: there are layouts for %s, and that of %s does not fit: %s",
			rt->version, scl_path_show(c->path, path, sizeof path), known, rt->layout.name, why.text);
}

/* sys.hexversion, through the first interpreter that has a sys: a new one may not have it yet. */
static bool sys_lookup(const struct scl_runtime *rt, const char *name, scl_addr *value, struct scl_error *err)
{
	const struct scl_layout *layout = &rt->layout;
	scl_addr interp, sysdict;
	if (!scl_read_ptr(rt->target, at(rt->address, scl_off(layout, runtime, interpreters_head)), &interp, err))
		return false;
	for (unsigned n = 0; interp != 0 && n < SCL_INTERPRETERS_MAX; n++) {
		if (!scl_read_ptr(rt->target, at(interp, scl_off(layout, interp, sysdict)), &sysdict, err))
			return false;
		if (sysdict != 0)
			return scl_dict_get(rt, sysdict, name, value, err);
		if (!scl_read_ptr(rt->target, at(interp, scl_off(layout, interp, next)), &interp, err))
			return false;
	}
	return scl_fail(err, SCL_ENOTFOUND, "the interpreter has not started yet");
}

static bool sys_hexversion(const struct scl_runtime *rt, uint32_t *ret, struct scl_error *err)
{
	scl_addr object;
	int64_t value;
	if (!sys_lookup(rt, "hexversion", &object, err))
		return false;
	if (object == 0)
		return scl_fail(err, SCL_ECORRUPT, "sys has no hexversion");
	if (!scl_int_read(rt, object, &value, err))
		return scl_wrap(err, "sys.hexversion");
	if (value < 0 || value > UINT32_MAX)
		return scl_fail(err, SCL_ECORRUPT, "sys.hexversion is %" PRId64, value);
	*ret = (uint32_t)value;
	return true;
}

/* Is ob_type where the layout says? Py_TRACE_REFS moves every member of every object by 16 up to 3.12. */
static bool check_objects(const struct scl_runtime *rt, const struct scl_candidate *c, struct scl_error *err)
{
	scl_addr type;
	if (c->type_type == 0)
		return true;
	if (!scl_read_ptr(rt->target, at(c->type_type, scl_off(&rt->layout, object, type)), &type, err))
		return scl_wrap(err, "PyType_Type");
	if (type == c->type_type)
		return true;
	char path[SHOWN];
	return scl_fail(
		err, SCL_EUNSUPPORTED,
		"CPython in %s: its objects have no ordinary head (a Py_TRACE_REFS build?), which is not supported",
		scl_path_show(c->path, path, sizeof path));
}

/* _Py_DebugOffsets stands at the start of _PyRuntime (3.13). *found tells whether it does. */
static bool from_published(struct scl_runtime *rt, const struct scl_candidate *c, bool *found, struct scl_error *err)
{
	uint8_t table[SCL_DEBUG_OFFSETS_MAX];
	size_t size = c->size != 0 && c->size < sizeof table ? (size_t)c->size : sizeof table;
	uint32_t hexversion;
	*found = false;
	if (size < SCL_DEBUG_OFFSETS_HEAD || !scl_read(rt->target, rt->address, table, SCL_DEBUG_OFFSETS_HEAD, err))
		return scl_wrap(err, "_PyRuntime");
	if (!scl_debug_offsets_head(table, SCL_DEBUG_OFFSETS_HEAD, &hexversion, &rt->free_threaded))
		return true;
	*found = true;
	rt->version_source = SCL_VERSION_DEBUG_OFFSETS;
	if (!choose(rt, c, hexversion, err))
		return false;
	if (rt->free_threaded)
		return unsupported(c, "with free threading", err);
	return scl_read(rt->target, rt->address, table, size, err) &&
	       (scl_layout_refine(&rt->layout, table, size, err) || does_not_fit(rt, c, err));
}

static bool from_py_version(struct scl_runtime *rt, const struct scl_candidate *c, struct scl_error *err)
{
	uint64_t value;
	if (!scl_read_ptr(rt->target, c->py_version, &value, err))
		return scl_wrap(err, "Py_Version");
	if (value > UINT32_MAX)
		return scl_fail_at(err, SCL_ECORRUPT, c->py_version, "Py_Version is 0x%" PRIx64, value);
	rt->version_source = SCL_VERSION_PY_VERSION;
	return choose(rt, c, (uint32_t)value, err);
}

/* How well a layout fits what is known from outside; the better ones are tried first. */
static unsigned fitness(const struct scl_layout *layout, const struct scl_candidate *c)
{
	unsigned major, minor;
	bool named = scl_version_hint(c->path, &major, &minor) && major == layout->major && minor == layout->minor;
	return (layout->runtime_size == c->size ? 2u : 0u) + (named ? 1u : 0u);
}

/* A layout is right when sys.hexversion, read with it, is its own version. */
static bool confirms(struct scl_runtime *rt, const struct scl_layout *layout, struct scl_error *err)
{
	rt->layout = *layout;
	if (!sys_hexversion(rt, &rt->hexversion, err))
		return false;
	if (scl_layout_for(rt->hexversion) == layout)
		return true;
	return scl_fail(err, SCL_ECORRUPT, "sys.hexversion is 0x%08" PRIx32, rt->hexversion);
}

static bool from_trial(struct scl_runtime *rt, const struct scl_candidate *c, struct scl_error *err)
{
	size_t n;
	const struct scl_layout *const *all = scl_layouts(&n);
	struct scl_error why = {0};
	for (unsigned fit = 4; fit-- > 0;) {
		for (size_t i = n; i-- > 0;) {
			if (fitness(all[i], c) != fit)
				continue;
			struct scl_error *report = why.code == SCL_OK ? &why : NULL;
			if (confirms(rt, all[i], report)) {
				rt->version_source = SCL_VERSION_HEXVERSION;
				return choose(rt, c, rt->hexversion, err);
			}
		}
	}
	char path[SHOWN], what[64];
	unsigned major, minor;
	if (scl_version_hint(c->path, &major, &minor) && !scl_layout_for(major << 24 | minor << 16)) {
		snprintf(what, sizeof what, "%u.%u", major, minor);
		return unsupported(c, what, err);
	}
	if (!check_objects(rt, c, err))
		return false;
	return scl_fail(err, why.code == SCL_ENOTFOUND || why.code == SCL_EGONE ? why.code : SCL_EUNSUPPORTED,
			"CPython in %s with a _PyRuntime of %" PRIu64 " bytes: no layout reads it: %s",
			scl_path_show(c->path, path, sizeof path), c->size, why.text);
}

/* sys.abiflags has a "d" in debug builds (configure --with-pydebug). */
static bool is_debug_build(const struct scl_runtime *rt)
{
	scl_addr object;
	char flags[16];
	return sys_lookup(rt, "abiflags", &object, NULL) && object != 0 &&
	       scl_str_read(rt, object, flags, sizeof flags, NULL) && strchr(flags, 'd') != NULL;
}

bool scl_version_probe(struct scl_runtime *rt, const struct scl_candidate *c, struct scl_error *err)
{
	bool published;
	uint32_t hexversion;
	if (!from_published(rt, c, &published, err))
		return false;
	if (!published && !(c->py_version != 0 ? from_py_version(rt, c, err) : from_trial(rt, c, err)))
		return false;
	if (!check_objects(rt, c, err))
		return false;
	if (!sys_hexversion(rt, &hexversion, err))
		return does_not_fit(rt, c, err) || scl_wrap(err, "CPython %s", rt->version);
	if (hexversion != rt->hexversion) {
		(void)scl_fail(err, SCL_ECORRUPT, "CPython %s: its sys.hexversion is 0x%08" PRIx32, rt->version,
			       hexversion);
		return does_not_fit(rt, c, err);
	}
	rt->layout_exact = rt->layout.published || rt->layout.runtime_size == c->size;
	rt->debug_build = is_debug_build(rt);
	return true;
}
