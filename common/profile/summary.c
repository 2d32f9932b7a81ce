/* summary.c - how the sampling went, in a line; in more only where something was lost. */
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/text.h"
#include "profile/profile.h"

static void put_duration(struct scl_buffer *out, uint64_t ns)
{
	if (ns >= SCL_NS_PER_S)
		scl_buffer_printf(out, "%.2f s", (double)ns / SCL_NS_PER_S);
	else if (ns >= SCL_NS_PER_MS)
		scl_buffer_printf(out, "%.1f ms", (double)ns / SCL_NS_PER_MS);
	else
		scl_buffer_printf(out, "%.0f us", (double)ns / SCL_NS_PER_US);
}

static bool is_snapshot(const struct scl_profile_summary *s)
{
	return strcmp(s->mode, "snapshot") == 0;
}

/* How the target was looked at, and what that cost it. */
static void put_mode(struct scl_buffer *out, const struct scl_profile_summary *s)
{
	scl_buffer_printf(out, "; %s, the target ", s->mode);
	if (is_snapshot(s)) {
		scl_buffer_printf(out, "%s: percentages are of one instant\n",
				  s->stood ? "stood still" : "ran, and was not stopped");
		return;
	}
	if (s->pauses.count == 0) {
		scl_buffer_puts(out, "was not stopped\n");
		return;
	}
	scl_buffer_puts(out, "stood still for ");
	put_duration(out, s->stopped_ns);
	scl_buffer_puts(out, " (p50 ");
	put_duration(out, scl_histogram_quantile(&s->pauses, 0.5));
	scl_buffer_puts(out, ", p99 ");
	put_duration(out, scl_histogram_quantile(&s->pauses, 0.99));
	scl_buffer_puts(out, " a stop)\n");
}

/* One sample has no rate. */
static void put_rate(struct scl_buffer *out, const struct scl_profile_summary *s)
{
	double seconds = (double)s->elapsed_ns / SCL_NS_PER_S;
	if (is_snapshot(s))
		return;
	scl_buffer_printf(out, " in %.2f s", seconds);
	if (seconds > 0)
		scl_buffer_printf(out, " (%.1f/s)", (double)s->taken / seconds);
}

static void put_counts(struct scl_buffer *out, const struct scl_profile_summary *s)
{
	scl_buffer_printf(out, "%" PRIu64 " sample%s asked, %" PRIu64 " taken", s->asked, s->asked == 1 ? "" : "s",
			  s->taken);
	put_rate(out, s);
	scl_buffer_printf(out, ", %" PRIu64 " torn, %" PRIu64 " retried, %" PRIu64 " lost", s->torn, s->retried,
			  s->lost);
	put_mode(out, s);
}

/* A reason in a line of its own. It may be text of the debuggee. */
static void put_reason(struct scl_buffer *out, const char *what, const char *why)
{
	if (!why[0])
		return;
	scl_buffer_puts(out, what);
	scl_text_puts(out, why);
	scl_buffer_putc(out, '\n');
}

static void put_drops(const struct scl_profile *p, struct scl_buffer *out)
{
	const struct {
		uint64_t n;
		const char *what;
	} drops[] = {
		{p->dropped_lines, "lines"},
		{p->dropped_functions, "functions"},
		{p->dropped_threads, "threads"},
		{p->dropped_stacks, "stacks"},
		{p->dropped_parts, "stacks of a thread"},
		{p->dropped_frames, "frames"},
		{p->dropped_nodes, "nodes of the stack tree"},
		{p->dropped_runs, "timeline runs"},
		{p->dropped_sources, "source files"},
		{scl_intern_refused(p->strings), "names"},
		{p->dropped_task_names, "names of tasks"},
	};
	const char *before = "tables were full, not counted: ";
	for (size_t i = 0; i < sizeof(drops) / sizeof(drops[0]); i++) {
		if (!drops[i].n)
			continue;
		scl_buffer_printf(out, "%s%" PRIu64 " %s", before, drops[i].n, drops[i].what);
		before = ", ";
	}
	if (before[0] == ',')
		scl_buffer_putc(out, '\n');
}

void scl_profile_summarize(const struct scl_profile *p, struct scl_buffer *out)
{
	const struct scl_profile_summary *s = &p->summary;
	put_counts(out, s);
	put_reason(out, "ended early: ", s->ended);
	put_reason(out, s->lost > 1 ? "the first sample was lost because: " : "the sample was lost because: ", s->loss);
	if (s->late)
		scl_buffer_printf(out, "%" PRIu64 " deadline%s missed: their time counts for the sample after them\n",
				  s->late, s->late == 1 ? "" : "s");
	if (s->torn)
		scl_buffer_printf(out,
				  "%" PRIu64 " stacks moved while they were read: they count as far as they did not\n",
				  s->torn);
	if (s->broken)
		scl_buffer_printf(out, "%" PRIu64 " stacks could be read in part only, and were kept\n", s->broken);
	put_drops(p, out);
}
