/* death.c - see death.h. */
#include "command/death.h"

#include <cjson/cJSON.h>
#include <signal.h>

#include "command/view.h"

/* signal(7); sigabbrev_np(3) is only in newer C libraries. */
static const struct {
	int number;
	const char *name;
} signals[] = {
	{SIGHUP, "SIGHUP"},   {SIGINT, "SIGINT"},   {SIGQUIT, "SIGQUIT"}, {SIGILL, "SIGILL"},
	{SIGTRAP, "SIGTRAP"}, {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},	  {SIGFPE, "SIGFPE"},
	{SIGKILL, "SIGKILL"}, {SIGUSR1, "SIGUSR1"}, {SIGSEGV, "SIGSEGV"}, {SIGUSR2, "SIGUSR2"},
	{SIGPIPE, "SIGPIPE"}, {SIGALRM, "SIGALRM"}, {SIGTERM, "SIGTERM"}, {SIGCHLD, "SIGCHLD"},
	{SIGCONT, "SIGCONT"}, {SIGSTOP, "SIGSTOP"}, {SIGTSTP, "SIGTSTP"}, {SIGXCPU, "SIGXCPU"},
	{SIGXFSZ, "SIGXFSZ"}, {SIGSYS, "SIGSYS"},   {SIGPROF, "SIGPROF"}, {SIGVTALRM, "SIGVTALRM"},
};

/* What si_code says of a fault, sigaction(2). */
static const struct {
	int number, code;
	const char *text;
} faults[] = {
	{SIGSEGV, SEGV_MAPERR, "is not mapped"}, {SIGSEGV, SEGV_ACCERR, "may not be accessed like that"},
	{SIGBUS, BUS_ADRALN, "is not aligned"},	 {SIGBUS, BUS_ADRERR, "has nothing behind it (a truncated file?)"},
	{SIGFPE, FPE_INTDIV, "divides by zero"},
};

const char *scl_death_signal(int number)
{
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (signals[i].number == number)
			return signals[i].name;
	return NULL;
}

/* Does the kernel write a core for it? signal(7); SIGTRAP is a debugger's more often than a death. */
static bool is_deadly(int number)
{
	static const int deadly[] = {SIGQUIT, SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS};

	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		if (deadly[i] == number)
			return true;
	return false;
}

/*
 * A stack that is full ends at a page that nothing may touch: the kernel's guard gap (mm/mmap.c) or the C library's guard
 * page. What touches it is a push, a call or a new frame's variable, close to where the stack pointer is by then; near the
 * stack pointer of a stack that is not full everything is mapped.
 */
static bool is_stack_overflow(const struct scl_death *death)
{
	enum { RED_ZONE = 128, FRAME_MAX = 256 * 1024 };

	return death->signal == SIGSEGV && death->has_address && death->stack_pointer > RED_ZONE &&
	       death->address >= death->stack_pointer - RED_ZONE && death->address < death->stack_pointer + FRAME_MAX;
}

static void put_cause(const struct scl_death *death, struct scl_buffer *out)
{
	const char *text = NULL;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (faults[i].number == death->signal && faults[i].code == death->code)
			text = faults[i].text;
	if (death->code == SI_KERNEL && death->signal == SIGSEGV)
		scl_buffer_puts(out, ": a general protection fault, at an address that the kernel does not tell");
	else if (death->has_address)
		scl_buffer_printf(out, ": %s 0x%" PRIx64 "%s%s",
				  death->signal == SIGSEGV || death->signal == SIGBUS ? "address" : "instruction at",
				  death->address, text ? " " : "", text ? text : "");
	else if (death->sender > 0)
		scl_buffer_printf(out, ", sent by process %" PRId64, death->sender);
	if (is_stack_overflow(death))
		scl_buffer_puts(out, ", at the end of the stack (stack overflow)");
}

void scl_death_describe(const struct scl_death *death, struct scl_buffer *out)
{
	const char *name = scl_death_signal(death->signal);

	if (!is_deadly(death->signal)) {
		scl_buffer_puts(out, "not of a signal: the core was taken of a living process");
		if (name)
			scl_buffer_printf(out, " (stopped by %s)", name);
		scl_buffer_printf(out, ", thread %" PRIu64, death->lwp);
		return;
	}
	scl_buffer_printf(out, "%s (%d)", name ? name : "signal", death->signal);
	put_cause(death, out);
	scl_buffer_printf(out, ", in thread %" PRIu64, death->lwp);
}

struct cJSON *scl_death_json(const struct scl_death *death)
{
	const char *name = scl_death_signal(death->signal);
	cJSON *object = cJSON_CreateObject();

	cJSON_AddNumberToObject(object, "lwp", (double)death->lwp);
	cJSON_AddBoolToObject(object, "killed", is_deadly(death->signal));
	cJSON_AddNumberToObject(object, "signal", death->signal);
	if (name)
		cJSON_AddStringToObject(object, "signal_name", name);
	cJSON_AddNumberToObject(object, "code", death->code);
	if (death->has_address)
		scl_view_json_address(object, "address", death->address);
	if (death->stack_pointer)
		scl_view_json_address(object, "stack_pointer", death->stack_pointer);
	cJSON_AddBoolToObject(object, "stack_overflow", is_stack_overflow(death));
	if (death->sender > 0)
		cJSON_AddNumberToObject(object, "sender", (double)death->sender);
	return object;
}
