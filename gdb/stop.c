/* stop.c - why the debuggee stopped: GDB's stop and exit events, in plain words. */
#include "shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void stop_forget(struct shim *s)
{
	s->stop = (struct stop){.kind = STOP_UNKNOWN};
}

/* The noun for a gdb.BP_* type. */
static const char *breakpoint_noun(struct shim *s, long type)
{
	static const char *const watchpoints[] = {"BP_WATCHPOINT", "BP_HARDWARE_WATCHPOINT", "BP_READ_WATCHPOINT",
						  "BP_ACCESS_WATCHPOINT"};

	for (size_t i = 0; i < sizeof watchpoints / sizeof watchpoints[0]; i++)
		if (type == api_long(s->gdb, watchpoints[i], -1))
			return "watchpoint";
	return type == api_long(s->gdb, "BP_CATCHPOINT", -1) ? "catchpoint" : "breakpoint";
}

/* gdb.events.stop: a SignalEvent, a BreakpointEvent or a bare StopEvent (catchpoints, end of a step). */
static PyObject *on_stop(PyObject *self, PyObject *event)
{
	struct shim *s = shim_get();
	PyObject *breakpoint;

	(void)self;
	stop_forget(s);
	s->stop.kind = STOP_OTHER;
	api_text(event, "stop_signal", s->stop.signal, sizeof s->stop.signal);
	if (s->stop.signal[0])
		s->stop.kind = STOP_SIGNAL;
	breakpoint = PyObject_GetAttrString(event, "breakpoint");
	if (breakpoint && breakpoint != Py_None) {
		s->stop.kind = STOP_BREAKPOINT;
		s->stop.number = api_long(breakpoint, "number", 0);
		s->stop.what = breakpoint_noun(s, api_long(breakpoint, "type", 0));
	}
	Py_XDECREF(breakpoint);
	PyErr_Clear();
	Py_RETURN_NONE;
}

/* $_exitsignal: the signal that ended the process. */
static long exit_signal(struct shim *s)
{
	PyObject *value = PyObject_CallMethod(s->gdb, "convenience_variable", "s", "_exitsignal");
	PyObject *number = value && value != Py_None ? PyNumber_Long(value) : NULL;
	long n = number ? PyLong_AsLong(number) : 0;

	Py_XDECREF(number);
	Py_XDECREF(value);
	PyErr_Clear();
	return n;
}

/* gdb.events.exited: without the attribute exit_code a signal ended the process. */
static PyObject *on_exited(PyObject *self, PyObject *event)
{
	struct shim *s = shim_get();
	long code = api_long(event, "exit_code", -1);

	(void)self;
	stop_forget(s);
	s->stop.kind = code >= 0 ? STOP_EXITED : STOP_KILLED;
	s->stop.number = code >= 0 ? code : exit_signal(s);
	Py_RETURN_NONE;
}

/* `info program` knows of catchpoints, for which there may be no gdb.Breakpoint. */
static void reason_other(struct shim *s, char *reason, size_t cap)
{
	static const char marker[] = "It stopped at breakpoint ";
	struct scl_buffer out = {0};
	const char *at = api_execute(s, "info program", &out, NULL) ? strstr(scl_buffer_str(&out), marker) : NULL;
	long number = at ? strtol(at + sizeof marker - 1, NULL, 10) : 0;

	if (number > 0)
		snprintf(reason, cap, "catchpoint %ld", number);
	else
		snprintf(reason, cap, "stopped");
	scl_buffer_destroy(&out);
}

void stop_reason(struct shim *s, char *reason, size_t cap)
{
	const struct stop *stop = &s->stop;

	switch (stop->kind) {
	case STOP_SIGNAL:
		if (strcmp(stop->signal, "SIGINT") == 0)
			snprintf(reason, cap, "interrupted (signal SIGINT)");
		else
			snprintf(reason, cap, "signal %s", stop->signal);
		break;
	case STOP_BREAKPOINT:
		snprintf(reason, cap, "%s %ld", stop->what, stop->number);
		break;
	case STOP_EXITED:
		snprintf(reason, cap, "exited with code %ld", stop->number);
		break;
	case STOP_KILLED:
		snprintf(reason, cap, "killed by signal %ld (%s)", stop->number, strsignal((int)stop->number));
		break;
	case STOP_OTHER:
		reason_other(s, reason, cap);
		break;
	case STOP_UNKNOWN:
		snprintf(reason, cap, "stopped");
		break;
	}
}

static bool connect(PyObject *events, const char *name, PyMethodDef *method)
{
	PyObject *registry = PyObject_GetAttrString(events, name);
	PyObject *function = registry ? PyCFunction_NewEx(method, NULL, NULL) : NULL;
	PyObject *done = function ? PyObject_CallMethod(registry, "connect", "O", function) : NULL;

	Py_XDECREF(done);
	Py_XDECREF(function);
	Py_XDECREF(registry);
	return done != NULL;
}

bool stop_register(struct shim *s)
{
	static PyMethodDef stop_method = {"scalene_on_stop", on_stop, METH_O, NULL};
	static PyMethodDef exited_method = {"scalene_on_exited", on_exited, METH_O, NULL};
	PyObject *events = PyObject_GetAttrString(s->gdb, "events");
	bool done = events && connect(events, "stop", &stop_method) && connect(events, "exited", &exited_method);

	Py_XDECREF(events);
	return done;
}
