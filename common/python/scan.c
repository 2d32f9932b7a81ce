/* scan.c - see scan.h. */
#include "python/scan.h"

#include <stdlib.h>
#include <string.h>

#include "layout/layout.h"
#include "python/threads.h"

enum {
	PAGE = 4096,
	CHUNK = 64 * PAGE,
	LOOKED_AT = 64 * 1024 * 1024,
	BSS = 4 * 1024 * 1024, /* looked at behind the module's file, where its zeroed data are */
	ALIGNMENT = 8,	       /* of pointers, and of a table of uint64_t */
	LOWEST = 0x10000,      /* vm.mmap_min_addr: no pointer is below */
};

/* Look through some memory; true ends the scan. */
typedef bool look_fn(void *arg, scl_addr at, const uint8_t *bytes, size_t size);

/* What is between the segments of a module need not be readable: then page by page. */
static bool look_at_chunk(struct scl_target *target, scl_addr at, uint8_t *bytes, size_t size, look_fn *look, void *arg)
{
	if (scl_read(target, at, bytes, size, NULL))
		return look(arg, at, bytes, size);
	for (size_t i = 0; i < size && scl_target_may_read(target, NULL); i += PAGE)
		if (scl_read(target, at + i, bytes, PAGE, NULL) && look(arg, at + i, bytes, PAGE))
			return true;
	return false;
}

/* All of a module, and `beyond` bytes more. */
static bool scan(struct scl_target *target, const struct scl_module *module, scl_addr beyond, look_fn *look, void *arg)
{
	scl_addr at = (module->start + PAGE - 1) & ~(scl_addr)(PAGE - 1), end = module->end & ~(scl_addr)(PAGE - 1);
	uint8_t *bytes = malloc(CHUNK);
	bool found = false;

	if (end > at && end - at > LOOKED_AT)
		at = end - LOOKED_AT;
	end += beyond;
	while (bytes && !found && at < end && scl_target_may_read(target, NULL)) {
		size_t size = end - at < CHUNK ? (size_t)(end - at) : CHUNK;

		found = look_at_chunk(target, at, bytes, size, look, arg);
		at += size;
	}
	free(bytes);
	return found;
}

/* -- the cookie --------------------------------------------------------------------------------------------- */

struct cookie {
	struct scl_target *target;
	scl_addr table;
};

static bool is_table(struct scl_target *target, scl_addr at)
{
	uint8_t head[SCL_DEBUG_OFFSETS_HEAD];
	uint32_t hexversion;
	bool free_threaded;

	return scl_read(target, at, head, sizeof head, NULL) &&
	       scl_debug_offsets_head(head, sizeof head, &hexversion, &free_threaded) && hexversion >> 24 == 3;
}

static bool look_for_cookie(void *arg, scl_addr at, const uint8_t *bytes, size_t size)
{
	static const char cookie[] = SCL_DEBUG_OFFSETS_COOKIE;
	struct cookie *c = arg;

	for (size_t i = 0; i + sizeof cookie - 1 <= size; i += ALIGNMENT)
		if (memcmp(bytes + i, cookie, sizeof cookie - 1) == 0 && is_table(c->target, at + i)) {
			c->table = at + i;
			return true;
		}
	return false;
}

bool scl_scan_cookie(struct scl_target *target, const struct scl_module *module, scl_addr *ret)
{
	struct cookie cookie = {.target = target};

	if (!scan(target, module, 0, look_for_cookie, &cookie))
		return false;
	*ret = cookie.table;
	return true;
}

/* -- the list of interpreters ----------------------------------------------------------------------------------- */

struct list {
	struct scl_target *target;
	const struct scl_module *module;
	scl_scan_fn *accept;
	void *arg;
};

static bool is_pointer(scl_addr value)
{
	return value >= LOWEST && value % ALIGNMENT == 0 && value >> 47 == 0;
}

static scl_addr field(scl_addr of, const struct scl_layout *layout, enum scl_field name)
{
	return of + (scl_addr)(int64_t)layout->off[name];
}

/* The main interpreter is the last of the list: new ones become its head, Python/pystate.c. */
static bool is_main(struct scl_target *target, const struct scl_layout *layout, scl_addr interp)
{
	uint64_t next = 1, id = 1, thread = 0, back = 0;
	const struct scl_span spans[] = {
		{field(interp, layout, SCL_FIELD_interp_next), &next, sizeof next},
		{field(interp, layout, SCL_FIELD_interp_id), &id, sizeof id},
		{field(interp, layout, SCL_FIELD_interp_threads_head), &thread, sizeof thread},
	};

	return scl_read_spans(target, spans, sizeof spans / sizeof spans[0], NULL) && next == 0 && id == 0 &&
	       is_pointer(thread) &&
	       scl_read_ptr(target, field(thread, layout, SCL_FIELD_thread_interp), &back, NULL) && back == interp;
}

static bool leads_to(struct scl_target *target, const struct scl_layout *layout, scl_addr head, scl_addr main)
{
	scl_addr interp = head;

	for (unsigned n = 0; n < SCL_INTERPRETERS_MAX && interp != main; n++)
		if (!is_pointer(interp) ||
		    !scl_read_ptr(target, field(interp, layout, SCL_FIELD_interp_next), &interp, NULL))
			return false;
	return interp == main;
}

/* `at` may be where a runtime has its list: the head, and the main interpreter after it. */
static bool ask(const struct list *list, scl_addr at, scl_addr head, scl_addr main)
{
	size_t n;
	const struct scl_layout *const *all = scl_layouts(&n);

	for (size_t i = n; i-- > 0;)
		if (is_main(list->target, all[i], main) && leads_to(list->target, all[i], head, main) &&
		    list->accept(at - (scl_addr)all[i]->off[SCL_FIELD_runtime_interpreters_head], list->arg))
			return true;
	return false;
}

/* A newer interpreter is on the heap: of two pointers the first points out of the module, or both are the same. */
static bool look_for_list(void *arg, scl_addr at, const uint8_t *bytes, size_t size)
{
	const struct list *list = arg;
	scl_addr pair[2];

	for (size_t i = 0; i + sizeof pair <= size && scl_target_may_read(list->target, NULL); i += ALIGNMENT) {
		memcpy(pair, bytes + i, sizeof pair);
		bool outside = pair[0] < list->module->start || pair[0] >= list->module->end + BSS;
		if (is_pointer(pair[0]) && is_pointer(pair[1]) && (pair[0] == pair[1] || outside) &&
		    ask(list, at + i, pair[0], pair[1]))
			return true;
	}
	return false;
}

bool scl_scan_interpreters(struct scl_target *target, const struct scl_module *module, scl_scan_fn *accept, void *arg)
{
	struct list list = {.target = target, .module = module, .accept = accept, .arg = arg};

	return scan(target, module, BSS, look_for_list, &list);
}
