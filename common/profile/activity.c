#include "profile/activity.h"

#include <stddef.h>

static const struct {
	const char *name, *symbol;
	bool runs;
} activities[SCL_NACTIVITIES] = {
	[SCL_ACTIVITY_PYTHON] = {"running Python code", NULL, true},
	[SCL_ACTIVITY_NATIVE] = {"running native code", NULL, true},
	/* Python/ceval_gil.h (3.11 and before), Python/ceval_gil.c */
	[SCL_ACTIVITY_GIL] = {"waiting for the GIL", "take_gil", false},
	/* Modules/gcmodule.c (3.12 and before), Python/gc.c */
	[SCL_ACTIVITY_GC] = {"collecting garbage", "gc_collect_main", true},
	[SCL_ACTIVITY_LOOP_IDLE] = {"idle in event loop", NULL, false},
	[SCL_ACTIVITY_SYSCALL] = {"blocked in a system call", NULL, false},
	[SCL_ACTIVITY_STOPPED] = {"stopped by a signal", NULL, false},
	[SCL_ACTIVITY_UNKNOWN] = {"in a state that is not known", NULL, false},
};

const char *scl_activity_name(enum scl_activity activity)
{
	return (unsigned)activity < SCL_NACTIVITIES ? activities[activity].name : "?";
}

const char *scl_activity_symbol(enum scl_activity activity)
{
	return (unsigned)activity < SCL_NACTIVITIES ? activities[activity].symbol : NULL;
}

bool scl_activity_runs(enum scl_activity activity)
{
	return (unsigned)activity < SCL_NACTIVITIES && activities[activity].runs;
}

static const char *const syscalls[SCL_NSYSCALLS] = {
#define SYSCALL(number, name) [number] = #name,
#include "profile/syscalls.def"
#undef SYSCALL
};

const char *scl_syscall_name(int64_t number)
{
	return number >= 0 && number < SCL_NSYSCALLS ? syscalls[number] : NULL;
}
