/*
 * plugin.cc - scalene-lldb.so: `plugin load` puts the commands of the core into LLDB.
 *
 * One file for every LLDB from 14 on: it calls what has kept its name and meaning since then, and is not linked with
 * liblldb, whose file name has the version in it; the symbols are those of the LLDB that loads it. Nothing here but
 * what needs C++: the rest is C, see sb.h.
 */
#include <lldb/API/LLDB.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sb.h"
#include "shim.h"

struct sb {
	lldb::SBDebugger debugger;
	lldb::SBCommandReturnObject *result;

	lldb::SBTarget target()
	{
		return debugger.GetSelectedTarget();
	}

	lldb::SBProcess process()
	{
		return target().GetProcess();
	}
};

static void copy(char *to, size_t cap, const char *text)
{
	snprintf(to, cap, "%s", text ? text : "");
}

/* -- the process ------------------------------------------------------------------------------------------ */

static enum sb_state state_of(lldb::StateType state)
{
	switch (state) {
	case lldb::eStateStopped:
	case lldb::eStateCrashed:
	case lldb::eStateSuspended:
		return SB_STOPPED;
	case lldb::eStateRunning:
	case lldb::eStateStepping:
	case lldb::eStateAttaching:
	case lldb::eStateLaunching:
		return SB_RUNNING;
	default:
		return SB_NO_PROCESS;
	}
}

void sb_process(struct sb *sb, struct sb_process *ret)
{
	lldb::SBProcess process = sb->process();
	lldb::SBPlatform platform = sb->target().GetPlatform();
	const char *name = platform.GetName();

	*ret = {};
	if (!process.IsValid())
		return;
	ret->state = state_of(process.GetState());
	ret->pid = ret->state == SB_NO_PROCESS ? 0 : static_cast<int>(process.GetProcessID());
	ret->local = name && strcmp(name, "host") == 0;
	copy(ret->plugin, sizeof ret->plugin, process.GetPluginName());
}

void sb_program(struct sb *sb, char *path, size_t cap)
{
	memset(path, 0, cap);
	if (!sb->target().GetExecutable().GetPath(path, cap) || path[0] != '/')
		memset(path, 0, cap);
}

/* The SB API sets it and does not tell it; `platform status` does. */
void sb_sysroot(struct sb *sb, char *path, size_t cap)
{
	static const char label[] = "Sysroot: ";
	lldb::SBCommandReturnObject said;
	const char *text, *at;

	memset(path, 0, cap);
	sb->debugger.GetCommandInterpreter().HandleCommand("platform status", said, false);
	text = said.GetOutput();
	at = text ? strstr(text, label) : nullptr;
	if (!at)
		return;
	at += strlen(label);
	snprintf(path, cap, "%.*s", static_cast<int>(strcspn(at, "\n")), at);
	if (path[0] != '/')
		memset(path, 0, cap);
}

int sb_selected_lwp(struct sb *sb)
{
	lldb::SBThread thread = sb->process().GetSelectedThread();

	return thread.IsValid() ? static_cast<int>(thread.GetThreadID()) : 0;
}

void sb_select_lwp(struct sb *sb, int lwp)
{
	lldb::SBProcess process = sb->process();

	if (lwp > 0 && process.IsValid())
		process.SetSelectedThreadByID(static_cast<lldb::tid_t>(lwp));
}

void sb_suspend_others(struct sb *sb, int lwp, bool suspended)
{
	lldb::SBProcess process = sb->process();
	uint32_t n = process.GetNumThreads();

	for (uint32_t i = 0; i < n; i++) {
		lldb::SBThread thread = process.GetThreadAtIndex(i);

		if (static_cast<int>(thread.GetThreadID()) == lwp)
			continue;
		if (suspended)
			thread.Suspend();
		else
			thread.Resume();
	}
}

bool sb_continue(struct sb *sb, struct scl_error *err)
{
	bool async = sb->debugger.GetAsync();
	lldb::SBError error;

	sb->debugger.SetAsync(false);
	error = sb->process().Continue();
	sb->debugger.SetAsync(async);
	if (error.Success())
		return true;
	return scl_fail(err, SCL_EUNSUPPORTED, "LLDB cannot let the process run: %s",
			error.GetCString() ? error.GetCString() : "it does not say why");
}

void sb_signal_get(struct sb *sb, int number, struct sb_signal *ret)
{
	lldb::SBUnixSignals signals = sb->process().GetUnixSignals();

	ret->stop = signals.GetShouldStop(number);
	ret->notify = signals.GetShouldNotify(number);
	ret->suppress = signals.GetShouldSuppress(number);
}

void sb_signal_set(struct sb *sb, int number, const struct sb_signal *how)
{
	lldb::SBUnixSignals signals = sb->process().GetUnixSignals();

	signals.SetShouldStop(number, how->stop);
	signals.SetShouldNotify(number, how->notify);
	signals.SetShouldSuppress(number, how->suppress);
}

/* -- why it stopped --------------------------------------------------------------------------------------- */

static enum sb_stop_kind kind_of(lldb::StopReason reason)
{
	switch (reason) {
	case lldb::eStopReasonInvalid:
	case lldb::eStopReasonNone:
		return SB_STOP_NONE;
	case lldb::eStopReasonSignal:
		return SB_STOP_SIGNAL;
	case lldb::eStopReasonBreakpoint:
		return SB_STOP_BREAKPOINT;
	case lldb::eStopReasonWatchpoint:
		return SB_STOP_WATCHPOINT;
	default:
		return SB_STOP_OTHER;
	}
}

static void stop_of_thread(struct sb *sb, lldb::SBThread &thread, struct sb_stop *ret)
{
	*ret = {};
	if (!thread.IsValid())
		return;
	ret->kind = kind_of(thread.GetStopReason());
	ret->lwp = static_cast<int>(thread.GetThreadID());
	if (ret->kind == SB_STOP_NONE)
		return;
	if (thread.GetStopReasonDataCount() > 0)
		ret->number = static_cast<long>(thread.GetStopReasonDataAtIndex(0));
	if (ret->kind == SB_STOP_SIGNAL)
		copy(ret->text, sizeof ret->text,
		     sb->process().GetUnixSignals().GetSignalAsCString(static_cast<int32_t>(ret->number)));
	else
		thread.GetStopDescription(ret->text, sizeof ret->text);
}

void sb_stop_of(struct sb *sb, int lwp, struct sb_stop *ret)
{
	lldb::SBThread thread = sb->process().GetThreadByID(static_cast<lldb::tid_t>(lwp));

	stop_of_thread(sb, thread, ret);
}

void sb_stop(struct sb *sb, int except, struct sb_stop *ret)
{
	lldb::SBProcess process = sb->process();
	lldb::SBThread selected = process.GetSelectedThread();

	*ret = {};
	if (process.GetState() == lldb::eStateExited) {
		ret->kind = SB_STOP_EXITED;
		ret->number = process.GetExitStatus();
		copy(ret->text, sizeof ret->text, process.GetExitDescription());
		return;
	}
	if (selected.IsValid() && static_cast<int>(selected.GetThreadID()) != except)
		stop_of_thread(sb, selected, ret);
	for (uint32_t i = 0, n = process.GetNumThreads(); i < n && ret->kind == SB_STOP_NONE; i++) {
		lldb::SBThread thread = process.GetThreadAtIndex(i);

		if (static_cast<int>(thread.GetThreadID()) != except)
			stop_of_thread(sb, thread, ret);
	}
}

/* -- the user --------------------------------------------------------------------------------------------- */

void sb_write(struct sb *sb, const char *text, size_t len)
{
	sb->result->PutCString(text, static_cast<int>(len));
}

void sb_report(struct sb *sb, struct scl_buffer *out)
{
	lldb::SBCommandReturnObject result;

	sb->debugger.GetCommandInterpreter().HandleCommand("process status", result);
	if (result.GetOutput())
		scl_buffer_puts(out, result.GetOutput());
}

bool sb_interrupted(struct sb *sb)
{
	return sb->debugger.GetCommandInterpreter().WasInterrupted();
}

void sb_terminal(struct sb *sb, struct sb_terminal *ret)
{
	FILE *output = sb->debugger.GetOutputFileHandle(), *errors = sb->debugger.GetErrorFileHandle();

	ret->output = output && fileno(output) == STDOUT_FILENO && isatty(STDOUT_FILENO);
	ret->errors = errors && fileno(errors) == STDERR_FILENO && isatty(STDERR_FILENO);
	ret->color = sb->debugger.GetUseColor();
	ret->width = sb->debugger.GetTerminalWidth();
}

/* -- the commands ----------------------------------------------------------------------------------------- */

namespace
{
/* A command of the core's table below the prefix `scalene`. LLDB keeps it for ever. */
class Command : public lldb::SBCommandPluginInterface
{
      public:
	Command(struct shim *shim, size_t index) : shim(shim), index(index)
	{
	}

	bool DoExecute(lldb::SBDebugger debugger, char **words, lldb::SBCommandReturnObject &result) override
	{
		struct sb sb = {debugger, &result};
		struct scl_error err = {};
		size_t n = 0;

		while (words && words[n])
			n++;
		const char **argv = static_cast<const char **>(calloc(n + 1, sizeof(char *)));
		if (!argv) {
			result.SetError("out of memory");
			return false;
		}
		argv[0] = scl_command_name(index);
		for (size_t i = 0; i < n; i++)
			argv[i + 1] = words[i];
		bool done = shim_execute(shim, &sb, n + 1, argv, &err);
		free(argv);
		if (done)
			result.SetStatus(lldb::eReturnStatusSuccessFinishResult);
		else
			result.SetError(err.text);
		return done;
	}

      private:
	struct shim *shim;
	size_t index;
};
} // namespace

static bool register_one(lldb::SBCommand &prefix, struct shim *shim, size_t index)
{
	struct scl_buffer help = {}, syntax = {};

	scl_command_help(index, &help);
	scl_buffer_printf(&syntax, "scalene %s", scl_command_name(index));
	/* No repetition by an empty line: it would sample again. */
	lldb::SBCommand command = prefix.AddCommand(scl_command_name(index), new Command(shim, index),
						    scl_command_summary(index), scl_buffer_str(&syntax), "");
	if (command.IsValid())
		command.SetHelpLong(scl_buffer_str(&help));
	scl_buffer_destroy(&help);
	scl_buffer_destroy(&syntax);
	return command.IsValid();
}

namespace lldb
{
bool PluginInitialize(SBDebugger debugger);
}

/* Called by LLDB once for each debugger that loads the plugin. */
__attribute__((visibility("default"))) bool lldb::PluginInitialize(lldb::SBDebugger debugger)
{
	struct shim *shim = shim_create();
	struct scl_buffer about = {};
	bool good = shim != nullptr;

	scl_command_about(&about);
	lldb::SBCommand prefix =
		debugger.GetCommandInterpreter().AddMultiwordCommand("scalene", scl_buffer_str(&about));
	scl_buffer_destroy(&about);
	for (size_t i = 0; good && i < scl_command_count(); i++)
		good = prefix.IsValid() && register_one(prefix, shim, i);
	return good;
}
