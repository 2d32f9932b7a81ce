/* api.c - the few of GDB's Python functions that the plugin calls, as C functions that leave no exception. */
#include "shim.h"

#include <stdio.h>
#include <string.h>

void api_str(PyObject *object, char *buf, size_t cap)
{
	PyObject *text = PyObject_Str(object);
	PyObject *bytes = text ? PyUnicode_AsEncodedString(text, "utf-8", "replace") : NULL;
	const char *s = bytes ? PyBytes_AsString(bytes) : NULL;

	snprintf(buf, cap, "%s", s ? s : "");
	Py_XDECREF(bytes);
	Py_XDECREF(text);
	PyErr_Clear();
}

void api_text(PyObject *object, const char *attribute, char *buf, size_t cap)
{
	PyObject *value = PyObject_GetAttrString(object, attribute);

	buf[0] = '\0';
	if (value && value != Py_None)
		api_str(value, buf, cap);
	Py_XDECREF(value);
	PyErr_Clear();
}

long api_long(PyObject *object, const char *attribute, long otherwise)
{
	PyObject *value = PyObject_GetAttrString(object, attribute);
	long n = value ? PyLong_AsLong(value) : -1;

	Py_XDECREF(value);
	if (!PyErr_Occurred())
		return n;
	PyErr_Clear();
	return otherwise;
}

bool api_fail(struct shim *s, struct scl_error *err)
{
	PyObject *type, *value, *trace;
	char text[SCL_ERROR_TEXT];

	PyErr_Fetch(&type, &value, &trace);
	if (type && PyErr_GivenExceptionMatches(type, PyExc_KeyboardInterrupt)) {
		s->quit = true;
		snprintf(text, sizeof text, "interrupted");
	} else {
		api_str(value ? value : Py_None, text, sizeof text);
	}
	Py_XDECREF(type);
	Py_XDECREF(value);
	Py_XDECREF(trace);
	return scl_fail(err, s->quit ? SCL_EINTERRUPTED : SCL_EUNSUPPORTED, "%s", text);
}

/* gdb.execute(command, from_tty=False, to_string); NULL: an exception. */
static PyObject *execute(struct shim *s, const char *command, bool to_string)
{
	return PyObject_CallMethod(s->gdb, "execute", "sOO", command, Py_False, to_string ? Py_True : Py_False);
}

bool api_execute(struct shim *s, const char *command, struct scl_buffer *out, struct scl_error *err)
{
	PyObject *result = execute(s, command, true);
	PyObject *bytes;

	if (!result)
		return api_fail(s, err);
	bytes = PyUnicode_AsEncodedString(result, "utf-8", "replace");
	if (out && bytes)
		scl_buffer_append(out, PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes));
	Py_XDECREF(bytes);
	Py_DECREF(result);
	PyErr_Clear();
	return true;
}

bool api_execute_shown(struct shim *s, const char *command, struct scl_error *err)
{
	PyObject *result = execute(s, command, false);

	if (!result)
		return api_fail(s, err);
	Py_DECREF(result);
	return true;
}

void api_try(struct shim *s, const char *command)
{
	/* A Ctrl-C makes the next command fail, whichever it is. */
	bool quit = s->quit;

	if (!api_execute(s, command, NULL, NULL) && s->quit && !quit)
		(void)!api_execute(s, command, NULL, NULL);
}

void api_parameter(struct shim *s, const char *name, char *buf, size_t cap)
{
	PyObject *value = PyObject_CallMethod(s->gdb, "parameter", "s", name);

	buf[0] = '\0';
	if (value == Py_True)
		snprintf(buf, cap, "on");
	else if (value && PyBool_Check(value))
		snprintf(buf, cap, "off");
	else if (value && value != Py_None)
		api_str(value, buf, cap);
	Py_XDECREF(value);
	PyErr_Clear();
}

PyObject *api_subclass(struct shim *s, const char *parent, const char *name, PyMethodDef *methods)
{
	PyType_Slot slots[] = {{Py_tp_methods, methods}, {0, NULL}};
	PyType_Spec spec = {name, 0, 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};
	PyObject *above = PyObject_GetAttrString(s->gdb, parent);
	PyObject *bases = above ? PyTuple_Pack(1, above) : NULL;
	PyObject *type = bases ? PyType_FromSpecWithBases(&spec, bases) : NULL;

	Py_XDECREF(bases);
	Py_XDECREF(above);
	return type;
}

int api_pid(struct shim *s)
{
	PyObject *inferior = PyObject_CallMethod(s->gdb, "selected_inferior", NULL);
	long pid = inferior ? api_long(inferior, "pid", 0) : 0;

	Py_XDECREF(inferior);
	PyErr_Clear();
	return (int)pid;
}

/* Thread.ptid is (pid, lwp, tid). */
static int thread_lwp(PyObject *thread)
{
	PyObject *ptid = PyObject_GetAttrString(thread, "ptid");
	PyObject *item = ptid ? PySequence_GetItem(ptid, 1) : NULL;
	long lwp = item ? PyLong_AsLong(item) : 0;

	Py_XDECREF(item);
	Py_XDECREF(ptid);
	if (PyErr_Occurred())
		lwp = 0;
	PyErr_Clear();
	return (int)lwp;
}

int api_lwp(struct shim *s)
{
	PyObject *thread = PyObject_CallMethod(s->gdb, "selected_thread", NULL);
	int lwp = thread && thread != Py_None ? thread_lwp(thread) : 0;

	Py_XDECREF(thread);
	PyErr_Clear();
	return lwp;
}

static bool switch_to(PyObject *thread)
{
	PyObject *done = PyObject_CallMethod(thread, "switch", NULL);

	Py_XDECREF(done);
	PyErr_Clear();
	return done != NULL;
}

bool api_select_lwp(struct shim *s, int lwp)
{
	PyObject *inferior = PyObject_CallMethod(s->gdb, "selected_inferior", NULL);
	PyObject *threads = inferior ? PyObject_CallMethod(inferior, "threads", NULL) : NULL;
	Py_ssize_t n = threads ? PySequence_Size(threads) : 0;
	bool found = false;

	for (Py_ssize_t i = 0; i < n && !found; i++) {
		PyObject *thread = PySequence_GetItem(threads, i);

		found = thread && thread_lwp(thread) == lwp && switch_to(thread);
		Py_XDECREF(thread);
	}
	Py_XDECREF(threads);
	Py_XDECREF(inferior);
	PyErr_Clear();
	return found;
}
