#include "async/chain.h"

#include <string.h>

enum { SHORT = 16, WRAPPERS_MAX = 4 };

struct walk {
	struct scl_asyncio *a;
	struct scl_arena *arena;
	struct scl_chain *chain;
	size_t capacity;
	struct scl_await first[SHORT]; /* most chains are shorter: one allocation of the right size */
};

const char *scl_chain_end_text(enum scl_chain_end end)
{
	static const char *const texts[] = {
		[SCL_CHAIN_FUTURE] = "future",
		[SCL_CHAIN_OBJECT] = "foreign awaitable",
		[SCL_CHAIN_YIELD] = "bare yield",
		[SCL_CHAIN_NOT_STARTED] = "not started",
		[SCL_CHAIN_RUNNING] = "running",
		[SCL_CHAIN_DONE] = "done",
		[SCL_CHAIN_CUT] = "longer than can be read",
		[SCL_CHAIN_BROKEN] = "not readable",
	};

	return texts[end];
}

static bool add(struct walk *w, const struct scl_gen *gen, enum scl_await_kind kind)
{
	struct scl_chain *chain = w->chain;

	if (chain->n == w->capacity) {
		struct scl_await *bigger = scl_arena_calloc(w->arena, 4 * w->capacity, sizeof *bigger);

		if (!bigger)
			return false;
		memcpy(bigger, chain->items, chain->n * sizeof *bigger);
		chain->items = bigger;
		w->capacity *= 4;
	}
	chain->items[chain->n++] = (struct scl_await){gen->address, kind, gen->frame};
	return true;
}

static bool broken(struct walk *w, const struct scl_error *why)
{
	w->chain->end = SCL_CHAIN_BROKEN;
	w->chain->why = scl_arena_alloc(w->arena, sizeof *why);
	if (!w->chain->why)
		return false;
	*w->chain->why = *why;
	return true;
}

/* Step through wrappers to what they wrap. */
static bool unwrap(struct walk *w, scl_addr *object, enum scl_await_kind *kind, struct scl_error *why)
{
	int32_t offset = scl_off(&w->a->decoder.rt->layout, wrapper, object);

	*kind = scl_await_kind_of(w->a, *object, NULL);
	for (int i = 0; *kind == SCL_AWAIT_WRAPPER; i++) {
		if (i == WRAPPERS_MAX)
			return scl_fail_at(why, SCL_ECORRUPT, *object, "wrappers of wrappers at 0x%" PRIx64, *object);
		if (!scl_read_ptr(w->a->decoder.rt->target, *object + (uint32_t)offset, object, why))
			return scl_wrap(why, "awaitable");
		*kind = scl_await_kind_of(w->a, *object, NULL);
	}
	return true;
}

static enum scl_chain_end end_of(enum scl_gen_status status)
{
	switch (status) {
	case SCL_GEN_CREATED:
		return SCL_CHAIN_NOT_STARTED;
	case SCL_GEN_RUNNING:
		return SCL_CHAIN_RUNNING;
	case SCL_GEN_DONE:
		return SCL_CHAIN_DONE;
	case SCL_GEN_SUSPENDED:
	case SCL_GEN_AWAITING:
		break;
	}
	return SCL_CHAIN_YIELD;
}

/* A future in Python is awaited through a generator that yields the future itself (Lib/asyncio/futures.py, __await__). */
static scl_addr own_future(struct walk *w, const struct scl_gen *gen)
{
	static const char file[] = "/asyncio/futures.py";
	const struct scl_code *code = gen->frame.code;
	size_t n = strlen(code->filename);
	scl_addr self;

	if (strcmp(code->name, "__await__") != 0 || n < sizeof file - 1 ||
	    strcmp(code->filename + n - (sizeof file - 1), file) != 0)
		return 0;
	self = scl_local(w->a->decoder.locals, &gen->frame, "self");
	return scl_await_is_future(scl_await_kind_of(w->a, self, NULL)) ? self : 0;
}

static void end_at_own_future(struct walk *w, const struct scl_gen *gen)
{
	scl_addr future = own_future(w, gen);

	if (!future)
		return;
	w->chain->end = SCL_CHAIN_FUTURE;
	w->chain->object = future;
	w->chain->iterates = true;
}

/* One step from `object`; *next is 0 where the chain ends. False: memory ran out. */
static bool step(struct walk *w, scl_addr object, scl_addr *next)
{
	struct scl_error why = {.code = SCL_OK};
	enum scl_await_kind kind;
	struct scl_gen gen;

	*next = 0;
	if (!unwrap(w, &object, &kind, &why))
		return broken(w, &why);
	w->chain->object = object;
	if (!scl_await_is_gen(kind)) {
		w->chain->end = scl_await_is_future(kind) ? SCL_CHAIN_FUTURE : SCL_CHAIN_OBJECT;
		return true;
	}
	if (!scl_gen_read(&w->a->decoder, object, &gen, &why))
		return broken(w, &why);
	w->chain->end = end_of(gen.status);
	if (gen.status != SCL_GEN_DONE && !add(w, &gen, kind))
		return false;
	if (gen.status == SCL_GEN_AWAITING)
		*next = gen.awaited;
	else if (gen.status == SCL_GEN_SUSPENDED && kind == SCL_AWAIT_GENERATOR)
		end_at_own_future(w, &gen);
	return true;
}

static bool follow(struct walk *w, scl_addr at)
{
	scl_addr marker = 0;
	size_t limit = 1;

	/* Brent's cycle detection: a marker that is moved to the object at hand at every power of two. */
	for (size_t steps = 0; at; steps++) {
		if (at == marker) {
			struct scl_error why;

			(void)scl_fail_at(&why, SCL_ECORRUPT, at, "what it awaits at 0x%" PRIx64 " awaits itself", at);
			return broken(w, &why);
		}
		if (steps == SCL_CHAIN_MAX) {
			w->chain->end = SCL_CHAIN_CUT;
			return true;
		}
		if (steps == limit) {
			limit *= 2;
			marker = at;
		}
		if (!step(w, at, &at))
			return false;
	}
	return true;
}

bool scl_chain_read(struct scl_asyncio *a, struct scl_arena *arena, scl_addr coroutine, struct scl_chain *ret,
		    struct scl_error *err)
{
	struct walk w = {.a = a, .arena = arena, .chain = ret, .capacity = SHORT};

	*ret = (struct scl_chain){.items = w.first, .end = SCL_CHAIN_DONE};
	if (!follow(&w, coroutine))
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	if (ret->items != w.first)
		return true;
	ret->items = scl_arena_calloc(arena, ret->n, sizeof *ret->items);
	if (!ret->items)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	memcpy(ret->items, w.first, ret->n * sizeof *ret->items);
	return true;
}
