/* clues.c - reading the files and functions of a stack. */
#include "command/clues.h"

#include <string.h>

#include "profile/sample.h"

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && memcmp(s + n - m, end, m) == 0;
}

static const char *file_of(const struct scl_frame *frame)
{
	return frame->code ? frame->code->filename : "";
}

static bool is_named(const struct scl_frame *frame, const char *name)
{
	return frame->code && strcmp(frame->code->name, name) == 0;
}

/* importlib._bootstrap and _bootstrap_external are frozen in every version; importlib.import_module is a file. */
static bool is_import(const struct scl_frame *frame)
{
	return strncmp(file_of(frame), "<frozen importlib._bootstrap", 28) == 0;
}

/* Frozen since 3.11, Python/frozen.c. */
static bool is_site(const struct scl_frame *frame)
{
	return strcmp(file_of(frame), "<frozen site>") == 0 || ends_with(file_of(frame), "/site.py");
}

static bool is_asyncio_loop(const struct scl_frame *frame)
{
	return is_named(frame, "_run_once") && ends_with(file_of(frame), "/asyncio/base_events.py");
}

static const char *foreign_loop(const struct scl_frame *frame)
{
	static const struct {
		const char *part, *name;
	} loops[] = {
		{"/uvloop/", "uvloop"},	      {"/trio/_core/", "trio"},	       {"/curio/kernel.py", "curio"},
		{"/gevent/hub.py", "gevent"}, {"/eventlet/hubs/", "eventlet"}, {"/twisted/internet/", "twisted"},
	};

	for (size_t i = 0; i < sizeof loops / sizeof *loops; i++)
		if (strstr(file_of(frame), loops[i].part))
			return loops[i].name;
	return NULL;
}

/*
 * Outwards from the innermost frame. A function of the user's, or a loop, that an import has led to is what the thread is
 * about; what led to the import is not.
 */
static void find_import(const struct scl_stack *stack, const bool *user, struct scl_clues *clues)
{
	size_t module = stack->count;

	for (size_t i = 0; i < stack->count; i++) {
		const struct scl_frame *frame = &stack->frames[i];
		bool body = is_named(frame, "<module>");

		if (is_asyncio_loop(frame) || (user[i] && !body))
			return;
		if (is_import(frame)) {
			clues->importing = true;
			clues->module = module;
			return;
		}
		if (body && module == stack->count)
			module = i;
	}
}

struct scl_clues scl_clues_find(const struct scl_stack *stack, const bool *user)
{
	struct scl_clues clues = {.frames = stack->count, .user = stack->count, .module = stack->count};
	const struct scl_frame *outermost = stack->count ? &stack->frames[stack->count - 1] : NULL;
	bool site = false;

	for (size_t i = stack->count; i-- > 0;) {
		const struct scl_frame *frame = &stack->frames[i];

		if (user[i])
			clues.user = i;
		if (!clues.loop)
			clues.loop = foreign_loop(frame);
		site = site || is_site(frame);
		clues.finalizer = clues.finalizer || is_named(frame, "__del__");
	}
	clues.selector = scl_stack_in_selector(stack);
	if (!outermost)
		return clues;
	/* Python/pylifecycle.c: init_import_site() imports it; wait_for_thread_shutdown() calls threading._shutdown. */
	clues.starting = site && (is_site(outermost) || is_import(outermost));
	clues.exiting = is_named(outermost, "_shutdown") && ends_with(file_of(outermost), "/threading.py");
	find_import(stack, user, &clues);
	return clues;
}
