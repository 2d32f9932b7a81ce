/*
 * running.h - a debuggee that a debugger lets run while a sampler's thread reads it, and who may stop it when.
 *
 * The debugger's main thread sits in its `continue`; whoever samples asks for the end (halt) or for a pause (hold,
 * release) from its own thread. The phases order the two: a halt before the debuggee runs is remembered, one after a
 * stop of another kind is dropped, and one that crosses such a stop is left in `sent` for the shim to take back.
 */
#ifndef SCL_COMMAND_RUNNING_H
#define SCL_COMMAND_RUNNING_H

#include <pthread.h>

#include "target/tracee.h"

enum scl_run_phase {
	SCL_RUN_READY,	 /* a command began; the debuggee stands */
	SCL_RUN_GOING,	 /* the debugger lets it run */
	SCL_RUN_HALTING, /* told to stop for good */
	SCL_RUN_HOLDING, /* told to stop for one sample */
	SCL_RUN_HELD,	 /* stands for one sample */
	SCL_RUN_OVER,	 /* stands; what the sampler asks for now comes too late */
};

struct scl_running {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum scl_run_phase phase;
	bool halted_early;    /* a halt came before the debuggee ran */
	struct scl_shot sent; /* not yet seen by the debugger */
	/* Send the signal that stops the debuggee and note it in `sent`. Called with the lock held, on any thread. */
	void (*send)(struct scl_running *r);
	void *arg; /* the shim's own */
};

void scl_running_init(struct scl_running *r, void (*send)(struct scl_running *r), void *arg);
/* A new command: the debuggee stands, nothing is asked of it yet. */
void scl_running_begin(struct scl_running *r);

/* -- asked for by the sampler's thread ------------------------------------------------------------------ */

void scl_running_halt(struct scl_running *r);
/* Waits until the debuggee stands. False when it has stopped for a reason of its own, or will not run any more. */
bool scl_running_hold(struct scl_running *r, struct scl_error *err);
void scl_running_release(struct scl_running *r);

/* -- on the debugger's main thread ---------------------------------------------------------------------- */

/* The debuggee is about to run. False when a halt has come already: then there is nothing to run for. */
bool scl_running_go(struct scl_running *r);
/* After the stop that was asked for: waits while a sample is taken. True: let it run again. */
bool scl_running_stopped(struct scl_running *r);
/* It stands for good: nothing is sent from here on. What may still be on its way. */
struct scl_shot scl_running_over(struct scl_running *r);
/* What was sent last. */
struct scl_shot scl_running_sent(struct scl_running *r);

#endif
