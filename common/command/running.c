/* running.c - see running.h. */
#include "command/running.h"

static void set_phase(struct scl_running *r, enum scl_run_phase phase)
{
	r->phase = phase;
	pthread_cond_broadcast(&r->changed);
}

void scl_running_init(struct scl_running *r, void (*send)(struct scl_running *r), void *arg)
{
	*r = (struct scl_running){.phase = SCL_RUN_OVER, .send = send, .arg = arg};
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->changed, NULL);
}

void scl_running_begin(struct scl_running *r)
{
	pthread_mutex_lock(&r->lock);
	r->halted_early = false;
	r->sent = (struct scl_shot){0};
	set_phase(r, SCL_RUN_READY);
	pthread_mutex_unlock(&r->lock);
}

void scl_running_halt(struct scl_running *r)
{
	pthread_mutex_lock(&r->lock);
	if (r->phase == SCL_RUN_READY)
		r->halted_early = true;
	if (r->phase == SCL_RUN_GOING) {
		set_phase(r, SCL_RUN_HALTING);
		r->send(r);
	}
	pthread_mutex_unlock(&r->lock);
}

bool scl_running_hold(struct scl_running *r, struct scl_error *err)
{
	bool held;

	pthread_mutex_lock(&r->lock);
	while (r->phase == SCL_RUN_READY)
		pthread_cond_wait(&r->changed, &r->lock);
	if (r->phase == SCL_RUN_GOING) {
		set_phase(r, SCL_RUN_HOLDING);
		r->send(r);
	}
	while (r->phase == SCL_RUN_HOLDING)
		pthread_cond_wait(&r->changed, &r->lock);
	held = r->phase == SCL_RUN_HELD;
	pthread_mutex_unlock(&r->lock);
	return held || scl_fail(err, SCL_EGONE, "the process stopped for a reason of its own");
}

void scl_running_release(struct scl_running *r)
{
	pthread_mutex_lock(&r->lock);
	if (r->phase == SCL_RUN_HELD)
		set_phase(r, SCL_RUN_GOING);
	pthread_mutex_unlock(&r->lock);
}

bool scl_running_go(struct scl_running *r)
{
	bool going;

	pthread_mutex_lock(&r->lock);
	going = !r->halted_early;
	r->halted_early = false;
	r->sent = (struct scl_shot){0};
	set_phase(r, going ? SCL_RUN_GOING : SCL_RUN_OVER);
	pthread_mutex_unlock(&r->lock);
	return going;
}

bool scl_running_stopped(struct scl_running *r)
{
	bool more;

	pthread_mutex_lock(&r->lock);
	r->sent.number = 0;
	set_phase(r, r->phase == SCL_RUN_HOLDING ? SCL_RUN_HELD : SCL_RUN_OVER);
	while (r->phase == SCL_RUN_HELD)
		pthread_cond_wait(&r->changed, &r->lock);
	more = r->phase != SCL_RUN_OVER;
	pthread_mutex_unlock(&r->lock);
	return more;
}

struct scl_shot scl_running_over(struct scl_running *r)
{
	struct scl_shot sent;

	pthread_mutex_lock(&r->lock);
	sent = r->sent;
	set_phase(r, SCL_RUN_OVER);
	pthread_mutex_unlock(&r->lock);
	return sent;
}

struct scl_shot scl_running_sent(struct scl_running *r)
{
	struct scl_shot sent;

	pthread_mutex_lock(&r->lock);
	sent = r->sent;
	pthread_mutex_unlock(&r->lock);
	return sent;
}
