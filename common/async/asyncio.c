#include "async/asyncio.h"

#include <stdlib.h>
#include <string.h>

/* -- finding it ----------------------------------------------------------------------------------------------- */

struct find {
	struct scl_asyncio *a;
	const char *path;
};

/* Modules/_asynciomodule.c publishes its offsets in a section of the file that it is linked into (3.14). */
static void use_published(struct scl_asyncio *a, const struct scl_module *module)
{
	uint8_t table[SCL_ASYNCIO_OFFSETS_MAX];
	struct scl_symbol section;

	if (!scl_find_section(a->own->target, module, ".AsyncioDebug", &section, NULL))
		return;
	if (section.size > sizeof table)
		section.size = sizeof table;
	if (!scl_read(a->own->target, section.addr, table, (size_t)section.size, &a->doubtful) ||
	    !scl_layout_refine_asyncio(&a->own->layout, table, (size_t)section.size, &a->doubtful))
		(void)scl_wrap(&a->doubtful, "the offsets that asyncio publishes are not used");
}

static bool find_module(const struct scl_module *module, void *arg)
{
	struct find *find = arg;
	const char *slash = strrchr(module->path, '/');
	bool home = strcmp(module->path, find->path) == 0;

	if (home) {
		find->a->start = module->start;
		find->a->end = module->end;
	}
	if (home || strncmp(slash ? slash + 1 : module->path, "_asyncio.", 9) == 0)
		use_published(find->a, module);
	return true;
}

static scl_addr in_module(struct scl_asyncio *a, scl_addr dict, const char *name)
{
	scl_addr value;

	if (!dict || !scl_dict_get(a->decoder.rt, dict, name, &value, NULL))
		return 0;
	return scl_asyncio_not_none(a, value);
}

bool scl_asyncio_refresh(struct scl_asyncio *a, struct scl_error *err)
{
	const struct scl_runtime *rt = a->decoder.rt;

	scl_decoder_refresh(&a->decoder);
	if (!a->interp.modules)
		return scl_fail(err, SCL_ENOTFOUND, "the interpreter has no modules: it starts or finalizes");
	if (!scl_module_dict(rt, a->interp.modules, "asyncio.tasks", &a->tasks, err) ||
	    !scl_module_dict(rt, a->interp.modules, "asyncio.futures", &a->futures, err))
		return scl_wrap(err, "asyncio");
	if (!a->tasks || !a->futures)
		return scl_fail(err, SCL_ENOTFOUND, "asyncio is not imported");
	/* The classes keep these names when the C accelerator has replaced `Task` and `Future` (Lib/asyncio/tasks.py). */
	a->c_task = in_module(a, a->tasks, "_CTask");
	a->py_task = in_module(a, a->tasks, "_PyTask");
	a->c_future = in_module(a, a->futures, "_CFuture");
	a->py_future = in_module(a, a->futures, "_PyFuture");
	if (!a->c_task && !a->py_task)
		return scl_fail(err, SCL_ECORRUPT, "asyncio.tasks has neither a _CTask nor a _PyTask");
	return true;
}

bool scl_asyncio_init(struct scl_asyncio *a, const struct scl_runtime *rt, struct scl_codes *codes,
		      const struct scl_interpreter *interp, struct scl_error *err)
{
	struct find find = {a, rt->module};

	*a = (struct scl_asyncio){.interp = *interp, .own = malloc(sizeof *a->own)};
	if (!a->own)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	*a->own = *rt;
	if (scl_decoder_init(&a->decoder, a->own, codes, err) &&
	    scl_for_each_module(rt->target, find_module, &find, err) && scl_asyncio_refresh(a, err))
		return true;
	scl_asyncio_destroy(a);
	return false;
}

void scl_asyncio_destroy(struct scl_asyncio *a)
{
	scl_decoder_destroy(&a->decoder);
	free(a->own);
	a->own = NULL;
}

bool scl_asyncio_is_loaded(const struct scl_runtime *rt)
{
	struct scl_interpreter interp = {0};
	scl_addr dict;

	while (scl_interpreter_next(rt, &interp, NULL))
		if (interp.modules && scl_module_dict(rt, interp.modules, "asyncio.tasks", &dict, NULL) && dict)
			return true;
	return false;
}

/* -- kinds ---------------------------------------------------------------------------------------------------- */

/* Types of the interpreter itself, Objects/genobject.c. Cython gives types of its own the same names. */
static enum scl_await_kind builtin_kind(const char *name)
{
	static const struct {
		const char *name;
		enum scl_await_kind kind;
	} kinds[] = {
		{"coroutine", SCL_AWAIT_COROUTINE},
		{"generator", SCL_AWAIT_GENERATOR},
		{"async_generator", SCL_AWAIT_ASYNC_GENERATOR},
		{"coroutine_wrapper", SCL_AWAIT_WRAPPER},
		{"async_generator_asend", SCL_AWAIT_WRAPPER},
		{"async_generator_athrow", SCL_AWAIT_WRAPPER},
		{"anext_awaitable", SCL_AWAIT_WRAPPER}, /* Objects/iterobject.c, 3.10 */
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return kinds[i].kind;
	return SCL_AWAIT_OTHER;
}

static enum scl_await_kind decide(struct scl_asyncio *a, const struct scl_type *type)
{
	struct scl_types *types = a->decoder.types;

	if (type->address >= a->start && type->address < a->end) {
		enum scl_await_kind kind = builtin_kind(type->name);

		if (kind != SCL_AWAIT_OTHER)
			return kind;
	}
	if (strcmp(type->name, "_asyncio.FutureIter") == 0)
		return SCL_AWAIT_WRAPPER;
	if (scl_type_is_subtype(types, type, a->c_task))
		return SCL_AWAIT_C_TASK;
	if (scl_type_is_subtype(types, type, a->c_future))
		return SCL_AWAIT_C_FUTURE;
	if (scl_type_is_subtype(types, type, a->py_task))
		return SCL_AWAIT_PY_TASK;
	return scl_type_is_subtype(types, type, a->py_future) ? SCL_AWAIT_PY_FUTURE : SCL_AWAIT_OTHER;
}

enum scl_await_kind scl_await_kind_of(struct scl_asyncio *a, scl_addr object, const struct scl_type **ret)
{
	struct scl_type *type = object ? scl_types_of(a->decoder.types, object, NULL) : NULL;

	if (ret)
		*ret = type;
	if (!type)
		return SCL_AWAIT_OTHER;
	if (type->kind == SCL_AWAIT_NOT_KNOWN)
		type->kind = decide(a, type);
	return (enum scl_await_kind)type->kind;
}

bool scl_await_is_task(enum scl_await_kind kind)
{
	return kind == SCL_AWAIT_C_TASK || kind == SCL_AWAIT_PY_TASK;
}

bool scl_await_is_future(enum scl_await_kind kind)
{
	return kind == SCL_AWAIT_C_FUTURE || kind == SCL_AWAIT_PY_FUTURE || scl_await_is_task(kind);
}

bool scl_await_is_gen(enum scl_await_kind kind)
{
	return kind == SCL_AWAIT_COROUTINE || kind == SCL_AWAIT_GENERATOR || kind == SCL_AWAIT_ASYNC_GENERATOR;
}

/* -- objects -------------------------------------------------------------------------------------------------- */

scl_addr scl_asyncio_not_none(struct scl_asyncio *a, scl_addr object)
{
	const struct scl_type *type = object ? scl_types_of(a->decoder.types, object, NULL) : NULL;

	return type && strcmp(type->name, "NoneType") != 0 ? object : 0;
}

bool scl_asyncio_is_true(struct scl_asyncio *a, scl_addr object)
{
	int64_t value;

	return object && scl_int_read(a->decoder.rt, object, &value, NULL) && value != 0;
}

scl_addr scl_asyncio_attr(struct scl_asyncio *a, scl_addr object, const char *name)
{
	return scl_asyncio_not_none(a, scl_types_attr_or_0(a->decoder.types, object, name));
}

const char *scl_asyncio_class_name(struct scl_asyncio *a, scl_addr object)
{
	const struct scl_type *type = object ? scl_types_of(a->decoder.types, object, NULL) : NULL;
	const char *dot = type ? strrchr(type->name, '.') : NULL;

	return dot ? dot + 1 : type ? type->name : "?";
}
