/* verdict.c - deciding what a process is really doing. */
#include "command/verdict.h"

static const struct {
	const char *name, *next;
} verdicts[SCL_NVERDICTS] = {
#define VERDICT(id, name, next) [SCL_VERDICT_##id] = {name, next},
#include "command/verdicts.def"
#undef VERDICT
};

const char *scl_verdict_name(enum scl_verdict verdict)
{
	return (unsigned)verdict < SCL_NVERDICTS ? verdicts[verdict].name : "?";
}

const char *scl_verdict_next(enum scl_verdict verdict)
{
	return (unsigned)verdict < SCL_NVERDICTS ? verdicts[verdict].next : "help";
}

/* What holds for the process as a whole; SCL_NVERDICTS: nothing of the kind. */
static enum scl_verdict of_process(const struct scl_evidence *e)
{
	if (!e->python)
		return SCL_VERDICT_NO_PYTHON;
	if (e->finalizing)
		return SCL_VERDICT_FINALIZING;
	if (!e->initialized || e->python_threads == 0)
		return SCL_VERDICT_STARTING;
	/* A thread state may outlive its thread for a moment: only in a copy does that say anything. */
	if (e->forked && e->dead_threads > 0)
		return SCL_VERDICT_FORK;
	return SCL_NVERDICTS;
}

/* What keeps a thread from the code that its frames show. */
static enum scl_verdict of_interpreter(const struct scl_evidence *e)
{
	if (e->foreign)
		return SCL_VERDICT_NATIVE_THREAD;
	if (e->activity == SCL_ACTIVITY_STOPPED)
		return SCL_VERDICT_STOPPED;
	if (e->clues.exiting)
		return SCL_VERDICT_FINALIZING;
	if (e->elsewhere)
		return SCL_VERDICT_INTERPRETER;
	if (e->activity == SCL_ACTIVITY_GC || (e->gc_collecting && e->clues.finalizer))
		return SCL_VERDICT_GC;
	if (e->activity == SCL_ACTIVITY_GIL)
		return e->holder_differs ? SCL_VERDICT_INTERPRETER : SCL_VERDICT_GIL;
	if (e->clues.starting)
		return SCL_VERDICT_STARTING;
	return e->clues.importing ? SCL_VERDICT_IMPORTING : SCL_NVERDICTS;
}

static enum scl_verdict of_loop(const struct scl_evidence *e)
{
	if (e->loop_foreign || e->clues.loop)
		return SCL_VERDICT_FOREIGN_LOOP;
	if (e->activity == SCL_ACTIVITY_LOOP_IDLE && (e->loop || e->clues.selector))
		return e->suspended ? SCL_VERDICT_LOOP_IDLE : SCL_VERDICT_LOOP_IDLE_EMPTY;
	if (!e->loop)
		return SCL_NVERDICTS;
	if (e->ready > SCL_STARVING_READY)
		return SCL_VERDICT_LOOP_STARVING;
	if (!e->clues.selector && (e->activity == SCL_ACTIVITY_SYSCALL || e->activity == SCL_ACTIVITY_NATIVE))
		return SCL_VERDICT_LOOP_BLOCKED;
	return scl_activity_runs(e->activity) ? SCL_VERDICT_LOOP_BUSY : SCL_NVERDICTS;
}

static enum scl_verdict of_frames(const struct scl_evidence *e)
{
	/* A thread that waits is not what the process does while another one is at work. */
	if (e->activity == SCL_ACTIVITY_SYSCALL && e->interpreter_runs && !e->python_runs)
		return SCL_VERDICT_INTERPRETER;
	if (e->activity == SCL_ACTIVITY_SYSCALL && e->native_runs && !e->python_runs)
		return SCL_VERDICT_NATIVE_THREAD;
	if (e->clues.frames == 0)
		return SCL_VERDICT_NO_FRAME;
	if (e->clues.user == e->clues.frames)
		return SCL_VERDICT_LIBRARY;
	if (e->activity == SCL_ACTIVITY_SYSCALL)
		return SCL_VERDICT_BLOCKED;
	return scl_activity_runs(e->activity) ? SCL_VERDICT_RUNNING : SCL_VERDICT_UNKNOWN;
}

enum scl_verdict scl_verdict_decide(const struct scl_evidence *e)
{
	enum scl_verdict (*const steps[])(const struct scl_evidence *) = {of_process, of_interpreter, of_loop};

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		enum scl_verdict verdict = steps[i](e);

		if (verdict != SCL_NVERDICTS)
			return verdict;
	}
	return of_frames(e);
}

bool scl_await_check_passes(const struct scl_await_facts *facts, enum scl_await_check check)
{
	switch (check) {
	case SCL_CHECK_IDLE:
		return facts->idle;
	case SCL_CHECK_TASKS:
		return facts->tasks > 0 && facts->suspended > 0;
	case SCL_CHECK_FRAMES:
		return facts->suspended > 0 && facts->complete == facts->suspended;
	case SCL_NCHECKS:
		break;
	}
	return true;
}

enum scl_await_check scl_await_check_failed(const struct scl_await_facts *facts)
{
	for (int check = 0; check < SCL_NCHECKS; check++)
		if (!scl_await_check_passes(facts, (enum scl_await_check)check))
			return (enum scl_await_check)check;
	return SCL_NCHECKS;
}
