#include "profile/timeline.h"

#include "base/clock.h"
#include "profile/tables.h"

static bool same_run(const struct scl_profile_run *a, const struct scl_profile_run *b)
{
	return a->stack == b->stack && a->thread == b->thread;
}

/* The last instant goes on: the same threads with the same stacks, in any order. */
static bool extends_last(struct scl_profile *p, const struct scl_profile_run *runs, size_t n)
{
	struct scl_profile_run *last = p->runs + p->last_instant;
	if (p->nruns - p->last_instant != n)
		return false;
	/* Threads come in the order of the observer, rotated by at most one place (see append). */
	for (size_t shift = 0; shift < 2 && shift < n; shift++) {
		size_t i = 0;
		while (i < n && same_run(&last[i], &runs[(i + shift) % n]))
			i++;
		if (i < n)
			continue;
		for (i = 0; i < n; i++)
			last[i].count += runs[(i + shift) % n].count;
		return true;
	}
	return false;
}

/* Room for them was made. No two neighbours may have the same stack and thread: where the new instant would begin
 * with what the last one ends with, it begins with its second run; where it has none, the last run goes on. */
static void append(struct scl_profile *p, const struct scl_profile_run *runs, size_t n)
{
	bool shift = p->nruns && same_run(&p->runs[p->nruns - 1], &runs[0]);
	if (shift && n == 1) {
		p->runs[p->nruns - 1].count += runs[0].count;
		return;
	}
	/* `runs` may lie further on in the same array (thin_out). */
	struct scl_profile_run first = runs[0];
	p->last_instant = p->nruns;
	for (size_t i = shift; i < n; i++)
		p->runs[p->nruns++] = runs[i];
	if (shift)
		p->runs[p->nruns++] = first;
}

static size_t instant_end(const struct scl_profile_run *runs, size_t i, size_t n)
{
	size_t end = i;
	while (end < n && runs[end].t_sec <= runs[i].t_sec)
		end++;
	return end;
}

/*
 * A moment at random in the next gap. What the timeline says is what was so at these moments: were they regular, a
 * target that changes to and fro would show one of its sides only, and were the next change taken instead, the
 * rarer side would show as often as the other.
 */
static uint64_t next_moment(struct scl_profile *p, uint64_t after_ns)
{
	uint64_t gap = p->timeline_gap_ns;
	return gap ? (after_ns / gap + 1) * gap + scl_profile_random(p) % gap : 0;
}

/* Keep the first instant, the last one, and those that some moment lies in. */
static void thin_out(struct scl_profile *p)
{
	size_t n = p->nruns;
	uint64_t moment = next_moment(p, 0);
	p->nruns = p->last_instant = 0;
	for (size_t i = 0, end; i < n; i = end) {
		end = instant_end(p->runs, i, n);
		uint64_t until = end < n ? (uint64_t)(p->runs[end].t_sec * SCL_NS_PER_S) : UINT64_MAX;
		if (i > 0 && moment >= until) {
			p->dropped_runs += end - i;
			continue;
		}
		if (end < n && until > p->timeline_gap_ns && moment < until - p->timeline_gap_ns)
			moment = next_moment(p, until - p->timeline_gap_ns);
		while (end < n && moment < until)
			moment = next_moment(p, moment);
		if (!extends_last(p, p->runs + i, end - i))
			append(p, p->runs + i, end - i);
	}
}

/* Room for n more runs. */
static bool make_room(struct scl_profile *p, size_t n)
{
	while (p->nruns + n > SCL_PROFILE_RUNS_MAX) {
		p->timeline_gap_ns = p->timeline_gap_ns ? p->timeline_gap_ns * 2 : SCL_NS_PER_MS / 8;
		thin_out(p);
	}
	return scl_table_reserve(p, &p->runs, &p->runs_cap, p->nruns + n, sizeof(*p->runs));
}

void scl_timeline_add(struct scl_profile *p, uint64_t t_ns, size_t n)
{
	if (n == 0)
		return;
	if (n > SCL_PROFILE_RUNS_MAX / 4) {
		p->dropped_runs += n - SCL_PROFILE_RUNS_MAX / 4;
		n = SCL_PROFILE_RUNS_MAX / 4;
	}
	if (p->nruns == 0)
		p->timeline_ns = t_ns;
	uint64_t since = t_ns - p->timeline_ns;
	for (size_t i = 0; i < n; i++)
		p->instant[i].t_sec = (double)since / SCL_NS_PER_S;
	bool wanted = since >= p->timeline_moment_ns;
	if (wanted)
		p->timeline_moment_ns = next_moment(p, since);
	if (p->nruns && extends_last(p, p->instant, n))
		return;
	if (!wanted)
		p->dropped_runs += n;
	else if (make_room(p, n))
		append(p, p->instant, n);
}
