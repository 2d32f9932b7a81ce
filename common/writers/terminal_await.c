#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "writers/terminal.h"

/* An event loop has run: some sample has its frame. */
static bool saw_loop(const struct scl_profile *profile)
{
	static const char end[] = "/asyncio/base_events.py";
	for (size_t i = 0; i < profile->nframes; i++) {
		const char *file = scl_profile_str(profile, profile->frames[i].file);
		size_t n = strlen(file);
		if (n >= sizeof(end) - 1 && strcmp(file + n - (sizeof(end) - 1), end) == 0)
			return true;
	}
	return false;
}

/* Which link of the chain that await time takes has failed. */
static void put_failure(struct scl_terminal *t, const struct scl_profile *profile)
{
	const struct scl_profile_waiting *w = &profile->waiting;
	struct scl_buffer line = {0};
	scl_buffer_puts(&line, "No await time: ");
	if (!w->idle)
		scl_buffer_puts(&line, "by its raw frames the loop was never idle; it was running callbacks");
	else if (w->moved == w->idle && !w->tasks)
		scl_buffer_puts(&line,
				"the loop was idle, but went on whenever its tasks were read; --mode stop holds it");
	else if (!w->tasks)
		scl_buffer_printf(&line, "the loop was idle in %" PRIu64 " samples, but no suspended task was found",
				  w->idle);
	else if (w->tasks == w->frameless)
		scl_buffer_puts(&line, "the loop was idle and tasks were found, but none has a frame that can be read");
	else
		scl_buffer_puts(&line,
				"the loop was idle, tasks were found and their frames were read, but none that is "
				"credited is the user's; see --await and --profile-all");
	if (w->why[0]) {
		scl_buffer_puts(&line, ": ");
		scl_text_puts(&line, w->why);
	}
	scl_terminal_wrap(t, scl_buffer_str(&line), 2);
	t->out->failed |= line.failed;
	scl_buffer_destroy(&line);
}

static void put_rest(struct scl_terminal *t, const char *what, double ns, double all)
{
	if (ns > 0 && all > 0)
		scl_terminal_wrapf(t, 4, "  %s: %.1f%%", what, 100 * ns / all);
}

void scl_terminal_await(struct scl_terminal *t, const struct scl_profile *profile)
{
	static const char *const credits[] = {"innermost user frame", "outermost frame", "innermost frame"};
	const struct scl_profile_waiting *w = &profile->waiting;
	if (!w->asyncio || (!w->idle && !saw_loop(profile)))
		return;
	if (w->credited_ns > 0) {
		scl_terminal_wrapf(t, 2,
				   "Await: the loop was idle for %.3fs; suspended tasks %.1f on average, %.0f at most, "
				   "credited to the %s of each",
				   w->idle_ns / SCL_NS_PER_S, w->n.mean, w->n.max, credits[w->credit]);
		put_rest(t, "of that library only, in no line", w->library_ns, w->idle_ns);
		put_rest(t, "no suspended task", w->no_task_ns, w->idle_ns);
		put_rest(t, "not read, as the loop went on meanwhile or asyncio could not be read", w->not_read_ns,
			 w->idle_ns);
		put_rest(t, "not counted, as the table of lines was full", w->dropped_ns, w->idle_ns);
		if (w->unreadable)
			scl_terminal_wrapf(t, 4, "  tasks that could not be read whole: %" PRIu64, w->unreadable);
	} else {
		put_failure(t, profile);
	}
	scl_terminal_newline(t);
}
