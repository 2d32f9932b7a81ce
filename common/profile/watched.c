#include "profile/watched.h"

#include <stdlib.h>
#include <string.h>

#include "python/object.h"

enum {
	NAME_TRIES = 4, /* threading enters a thread's name after its thread state is there */
	FRAMES_FIRST = 64,
	/*
	 * The stack guard of the main thread: tcbhead_t.stack_guard of glibc on x86-64 (sysdeps/x86_64/nptl/tls.h),
	 * struct pthread.canary of musl. The kernel draws it anew for each execve(2) (AT_RANDOM, getauxval(3)),
	 * so it tells a new program from the old one even where nothing else moves: a debugger switches the
	 * randomisation of addresses off, and a program may execute itself.
	 */
	STACK_GUARD = 0x28,
};

static void destroy_thread(struct scl_watched *w)
{
	scl_snapshot_destroy(w->snap);
	free(w->frames);
}

void scl_watch_list_destroy(struct scl_watch_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		destroy_thread(&list->threads[i]);
	free(list->threads);
	free(list->interps);
	scl_map_destroy(&list->by_address);
}

struct scl_watched_interp *scl_watch_list_interp(struct scl_watch_list *list, scl_addr interp)
{
	for (size_t i = 0; i < list->ninterps; i++)
		if (list->interps[i].interp.address == interp)
			return &list->interps[i];
	return NULL;
}

/* -- interpreters --------------------------------------------------------------------------------------- */

/* Room for one more; doubles. */
static bool grow(void *array, size_t *cap, size_t n, size_t size, struct scl_error *err)
{
	void *old;
	if (n < *cap)
		return true;
	size_t wanted = *cap ? 2 * *cap : 8;
	memcpy(&old, array, sizeof(old));
	void *grown = realloc(old, wanted * size);
	if (!grown)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	memcpy(array, &grown, sizeof(grown));
	*cap = wanted;
	return true;
}

static bool see_interp(struct scl_watch_list *list, const struct scl_interpreter *interp, struct scl_error *err)
{
	struct scl_watched_interp *w = scl_watch_list_interp(list, interp->address);
	if (!w) {
		if (!grow(&list->interps, &list->interps_cap, list->ninterps, sizeof(*list->interps), err))
			return false;
		w = &list->interps[list->ninterps++];
		*w = (struct scl_watched_interp){0};
	}
	if ((!w->gil.address || w->interp.gil != interp->gil) && !scl_gil_read(list->rt, interp, &w->gil, NULL))
		w->gil = (struct scl_gil){0};
	w->interp = *interp;
	w->seen = true;
	return true;
}

static void drop_interps(struct scl_watch_list *list)
{
	size_t kept = 0;
	for (size_t i = 0; i < list->ninterps; i++)
		if (list->interps[i].seen)
			list->interps[kept++] = list->interps[i];
	list->ninterps = kept;
}

/* -- threads -------------------------------------------------------------------------------------------- */

static bool add_thread(struct scl_watch_list *list, const struct scl_thread *thread, struct scl_error *err)
{
	if (!grow(&list->threads, &list->cap, list->n, sizeof(*list->threads), err))
		return false;
	struct scl_watched w = {.thread = *thread, .seen = true};
	w.snap = scl_snapshot_create(list->rt, thread->address);
	w.frames = calloc(FRAMES_FIRST, sizeof(*w.frames));
	w.capacity = FRAMES_FIRST;
	if (!w.snap || !w.frames || !scl_map_put(&list->by_address, thread->address, (uint32_t)list->n)) {
		destroy_thread(&w);
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	}
	list->threads[list->n++] = w;
	return true;
}

/* A thread state may have been freed and its address given to another thread's. */
static bool same_thread(const struct scl_thread *a, const struct scl_thread *b)
{
	return a->ident == b->ident && a->interp == b->interp && (a->lwp == b->lwp || !a->lwp || !b->lwp);
}

static bool see_thread(struct scl_watch_list *list, const struct scl_thread *thread, struct scl_error *err)
{
	uint32_t i;
	if (!scl_map_get(&list->by_address, thread->address, &i))
		return add_thread(list, thread, err);
	struct scl_watched *w = &list->threads[i];
	if (same_thread(&w->thread, thread)) {
		w->thread = *thread;
		w->seen = true;
		return true;
	}
	struct scl_snapshot *snap = scl_snapshot_create(list->rt, thread->address);
	if (!snap)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	scl_snapshot_destroy(w->snap);
	*w = (struct scl_watched){
		.thread = *thread, .snap = snap, .frames = w->frames, .capacity = w->capacity, .seen = true};
	return true;
}

/* Not by LWP: the kernel begins anew with small ids when it has used the largest. */
static int by_rank(const void *a, const void *b)
{
	const struct scl_thread *x = &((const struct scl_watched *)a)->thread;
	const struct scl_thread *y = &((const struct scl_watched *)b)->thread;
	if (x->main != y->main)
		return x->main ? -1 : 1;
	if (x->interp_id != y->interp_id)
		return x->interp_id < y->interp_id ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->address > y->address) - (x->address < y->address);
}

/*
 * A thread that runs code in another interpreter has a thread state in each (Py_NewInterpreterFromConfig(), Python/
 * pylifecycle.c): it goes on in the innermost, which is taken to be the one of the newest interpreter. They are in that order.
 */
static void find_inner(struct scl_watch_list *list)
{
	struct scl_map innermost = {0};
	uint32_t i;

	for (size_t n = list->n; n-- > 0;) {
		struct scl_watched *w = &list->threads[n];
		w->inner = 0;
		if (list->ninterps < 2 || !w->thread.lwp)
			continue;
		if (scl_map_get(&innermost, w->thread.lwp, &i))
			w->inner = list->threads[i].thread.interp_id;
		else if (!scl_map_put(&innermost, w->thread.lwp, (uint32_t)n))
			break;
	}
	scl_map_destroy(&innermost);
}

/* Drop the threads that were not seen and put the others in order. */
static bool arrange(struct scl_watch_list *list, struct scl_error *err)
{
	size_t kept = 0;
	for (size_t i = 0; i < list->n; i++)
		if (list->threads[i].seen)
			list->threads[kept++] = list->threads[i];
		else
			destroy_thread(&list->threads[i]);
	list->n = kept;
	if (kept)
		qsort(list->threads, kept, sizeof(*list->threads), by_rank);
	find_inner(list);
	scl_map_clear(&list->by_address);
	for (size_t i = 0; i < kept; i++)
		if (!scl_map_put(&list->by_address, list->threads[i].thread.address, (uint32_t)i))
			return scl_fail(err, SCL_ENOMEM, "out of memory");
	return true;
}

static bool wants_name(const struct scl_watched *w)
{
	return !w->name[0] && w->name_tries < NAME_TRIES;
}

/* The names of the interpreter's threads that have none yet. `wanted` has room for all of them. */
static void name_threads_of(struct scl_watch_list *list, const struct scl_interpreter *interp,
			    struct scl_thread_name *wanted)
{
	size_t n = 0;
	for (size_t i = 0; i < list->n; i++) {
		struct scl_watched *w = &list->threads[i];
		if (w->thread.interp != interp->address || !wants_name(w))
			continue;
		w->name_tries++;
		wanted[n++] = (struct scl_thread_name){w->thread.ident, w->name, sizeof(w->name)};
	}
	/* A thread without a name is none the worse: threading may not be imported. */
	if (n > 0)
		(void)scl_thread_names_read(list->rt, interp, wanted, n, NULL);
}

static bool name_threads(struct scl_watch_list *list, struct scl_error *err)
{
	size_t nameless = 0;
	for (size_t i = 0; i < list->n; i++)
		nameless += wants_name(&list->threads[i]);
	if (nameless == 0)
		return true;
	struct scl_thread_name *wanted = malloc(nameless * sizeof(*wanted));
	if (!wanted)
		return scl_fail(err, SCL_ENOMEM, "out of memory");
	for (size_t i = 0; i < list->ninterps; i++)
		name_threads_of(list, &list->interps[i].interp, wanted);
	free(wanted);
	return true;
}

/* -- the program ---------------------------------------------------------------------------------------- */

/* Also where the main thread has ended its struct pthread stays mapped. */
static bool same_program(struct scl_watch_list *list, uint64_t main_ident, struct scl_error *err)
{
	struct scl_error why = {.code = SCL_OK};
	uint64_t ident = list->guard_known ? list->main_ident : main_ident, guard = 0;
	bool known = ident && scl_read(list->rt->target, ident + STACK_GUARD, &guard, sizeof(guard), &why);
	if (list->guard_known && why.code == SCL_EGONE) {
		if (err)
			*err = why;
		return false;
	}
	if (!scl_target_may_read(list->rt->target, err))
		return false;
	if (list->guard_known && (!known || guard != list->guard))
		return scl_fail(err, SCL_EGONE, "the process has executed another program");
	if (known) {
		list->main_ident = ident;
		list->guard = guard;
		list->guard_known = true;
	}
	return true;
}

static bool read_list(struct scl_watch_list *list, bool *whole, struct scl_error *err)
{
	struct scl_threads cursor;
	struct scl_thread thread;
	struct scl_error why = {.code = SCL_OK};
	scl_addr interp = 0;
	scl_threads_init(&cursor, list->rt);
	while (scl_threads_next(&cursor, &thread, &why)) {
		if (cursor.interp.address != interp && !see_interp(list, &cursor.interp, err))
			return false;
		interp = cursor.interp.address;
		if (!see_thread(list, &thread, err))
			return false;
	}
	*whole = why.code == SCL_OK;
	if (*whole || why.code == SCL_ECORRUPT || why.code == SCL_EFAULT)
		return same_program(list, cursor.main_ident, err);
	if (err)
		*err = why;
	return false;
}

bool scl_watch_list_update(struct scl_watch_list *list, bool *whole, struct scl_error *err)
{
	for (size_t i = 0; i < list->n; i++)
		list->threads[i].seen = false;
	for (size_t i = 0; i < list->ninterps; i++)
		list->interps[i].seen = false;
	if (!read_list(list, whole, err))
		return false;
	/* Where the list broke off, those behind the break are still there, for all that is known. */
	for (size_t i = 0; i < list->n && !*whole; i++)
		list->threads[i].seen = true;
	if (*whole)
		drop_interps(list);
	return arrange(list, err) && name_threads(list, err);
}
