/* thread_names.c - the names that threading keeps: threading._active, a dict from ident to Thread (Lib/threading.py). */
#include <stdlib.h>

#include "python/object.h"
#include "python/threads.h"

static int by_ident(const void *a, const void *b)
{
	uint64_t x = ((const struct scl_thread_name *)a)->ident, y = ((const struct scl_thread_name *)b)->ident;

	return (x > y) - (x < y);
}

/* The first of the sorted `wanted` whose ident is not below that one; n where there is none. */
static size_t find_ident(const struct scl_thread_name *wanted, size_t n, uint64_t ident)
{
	size_t low = 0;

	while (low < n) {
		size_t middle = low + (n - low) / 2;

		if (wanted[middle].ident < ident)
			low = middle + 1;
		else
			n = middle;
	}
	return low;
}

static void read_name(const struct scl_runtime *rt, scl_addr thread, char *name, size_t cap)
{
	scl_addr str;
	bool is_str;

	if (!scl_object_attr(rt, thread, "_name", &str, NULL) || !str ||
	    !scl_object_is(rt, str, SCL_TYPE_STR, &is_str, NULL) || !is_str || !scl_str_read(rt, str, name, cap, NULL))
		name[0] = '\0';
}

/* 0 where threading is not imported. */
static bool find_active(const struct scl_runtime *rt, const struct scl_interpreter *interp, scl_addr *active,
			struct scl_error *err)
{
	scl_addr module = 0;

	*active = 0;
	if (interp->modules && !scl_module_dict(rt, interp->modules, "threading", &module, err))
		return scl_wrap(err, "sys.modules");
	if (module && !scl_dict_get(rt, module, "_active", active, err))
		return scl_wrap(err, "threading");
	return true;
}

/* The names of those of the n Threads under the keys that are wanted. */
static void read_block(const struct scl_runtime *rt, const scl_addr *keys, const scl_addr *threads, size_t n,
		       struct scl_thread_name *wanted, size_t nwanted)
{
	int64_t numbers[SCL_DICT_BLOCK];
	bool known[SCL_DICT_BLOCK];

	scl_ints_read(rt, keys, n, numbers, known);
	for (size_t i = 0; i < n; i++) {
		/* get_ident() is an unsigned long: the int of a pthread_t fits 63 bits on every 64-bit Linux. */
		uint64_t ident = (uint64_t)numbers[i];

		if (!known[i])
			continue;
		for (size_t at = find_ident(wanted, nwanted, ident); at < nwanted && wanted[at].ident == ident; at++)
			if (!wanted[at].name[0])
				read_name(rt, threads[i], wanted[at].name, wanted[at].cap);
	}
}

bool scl_thread_names_read(const struct scl_runtime *rt, const struct scl_interpreter *interp,
			   struct scl_thread_name *wanted, size_t n, struct scl_error *err)
{
	struct scl_error end = {.code = SCL_OK};
	struct scl_dict dict;
	scl_addr active, keys[SCL_DICT_BLOCK], threads[SCL_DICT_BLOCK];
	size_t got = SCL_DICT_BLOCK;

	for (size_t i = 0; i < n; i++)
		wanted[i].name[0] = '\0';
	if (!find_active(rt, interp, &active, err))
		return false;
	if (!active || !n)
		return true;
	if (!scl_dict_init(&dict, rt, active, err))
		return scl_wrap(err, "threading._active");
	qsort(wanted, n, sizeof(*wanted), by_ident);
	for (size_t seen = 0; got == SCL_DICT_BLOCK && seen < SCL_THREADS_MAX; seen += got) {
		for (got = 0; got < SCL_DICT_BLOCK; got++)
			if (!scl_dict_next(&dict, &keys[got], &threads[got], &end))
				break;
		read_block(rt, keys, threads, got, wanted, n);
	}
	return end.code == SCL_OK || scl_fail_at(err, end.code, end.address, "threading._active: %s", end.text);
}
