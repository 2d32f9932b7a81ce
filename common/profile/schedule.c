#include "profile/schedule.h"

void scl_schedule_init(struct scl_schedule *s, uint64_t now_ns, uint64_t interval_ns)
{
	*s = (struct scl_schedule){
		.due_ns = now_ns, .interval_ns = interval_ns, .random = UINT64_C(0x9e3779b97f4a7c15)};
}

/* Within 3/4 and 5/4 of the interval, which is the mean. */
static uint64_t gap(struct scl_schedule *s)
{
	/* xorshift64 (Marsaglia 2003) */
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	uint64_t half = s->interval_ns / 2;
	return s->interval_ns - half / 2 + (half ? (s->random >> 11) % (half + 1) : 0);
}

void scl_schedule_next(struct scl_schedule *s, uint64_t now_ns)
{
	if (!s->interval_ns) {
		s->due_ns = now_ns;
		return;
	}
	s->due_ns += gap(s);
	if (s->due_ns >= now_ns)
		return;
	uint64_t missed = (now_ns - s->due_ns) / s->interval_ns;
	s->late += missed;
	s->due_ns += missed * s->interval_ns;
}
