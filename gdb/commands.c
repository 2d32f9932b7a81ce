/* commands.c - the core's command table as gdb.Command classes below the prefix `scalene`. */
#include "shim.h"

#include <string.h>

bool command_line(PyObject *self, const char *words, struct scl_buffer *line)
{
	long index = api_long(self, "scl_index", -1);

	if (index < 0 || (size_t)index >= scl_command_count())
		return false;
	scl_buffer_printf(line, "%s %s", scl_command_name((size_t)index), words ? words : "");
	return !line->failed;
}

static PyObject *raise(struct shim *s, const struct scl_error *err)
{
	PyObject *type = PyObject_GetAttrString(s->gdb, "GdbError");
	PyObject *text = PyUnicode_DecodeUTF8(err->text, (Py_ssize_t)strlen(err->text), "replace");

	if (type && text)
		PyErr_SetObject(type, text);
	Py_XDECREF(text);
	Py_XDECREF(type);
	return NULL;
}

static PyObject *command_invoke(PyObject *self, PyObject *args)
{
	struct shim *s = shim_get();
	struct scl_buffer line = {0};
	struct scl_error err = {0};
	const char *words;
	PyObject *from_tty;
	bool done;

	if (!PyArg_ParseTuple(args, "zO", &words, &from_tty) || !command_line(self, words, &line))
		return PyErr_Occurred() ? NULL : PyErr_NoMemory();
	host_begin(s);
	done = scl_session_run_line(s->session, scl_buffer_str(&line), &err);
	scl_buffer_destroy(&line);
	if (!done && err.code != SCL_EINTERRUPTED)
		return raise(s, &err);
	if (!done || s->quit) {
		PyErr_SetNone(PyExc_KeyboardInterrupt); /* GDB says "Quit" */
		return NULL;
	}
	Py_RETURN_NONE;
}

static PyObject *base_class(struct shim *s)
{
	static PyMethodDef methods[] = {
		{"invoke", command_invoke, METH_VARARGS, NULL},
		{"complete", complete_invoke, METH_VARARGS, NULL},
		{NULL, NULL, 0, NULL},
	};
	return api_subclass(s, "Command", "scalene_gdb.Command", methods);
}

/* class NAME(base): __doc__ = doc; scl_index = index; then NAME(name, COMMAND_USER). */
static bool register_one(struct shim *s, PyObject *base, const char *name, const char *doc, size_t index)
{
	PyObject *type = PyObject_CallFunction((PyObject *)&PyType_Type, "s(O){s:s,s:n}", name, base, "__doc__", doc,
					       "scl_index", (Py_ssize_t)index);
	PyObject *done = type ? PyObject_CallFunction(type, "sl", name, api_long(s->gdb, "COMMAND_USER", 13)) : NULL;

	Py_XDECREF(done);
	Py_XDECREF(type);
	return done != NULL;
}

static bool register_prefix(struct shim *s)
{
	struct scl_buffer doc = {0};
	PyObject *base = PyObject_GetAttrString(s->gdb, "Command");
	PyObject *type, *done;

	scl_command_about(&doc);
	type = base ? PyObject_CallFunction((PyObject *)&PyType_Type, "s(O){s:s}", "scalene", base, "__doc__",
					    scl_buffer_str(&doc))
		    : NULL;
	done = type ? PyObject_CallFunction(type, "sllO", "scalene", api_long(s->gdb, "COMMAND_USER", 13),
					    api_long(s->gdb, "COMPLETE_NONE", 0), Py_True)
		    : NULL;
	Py_XDECREF(done);
	Py_XDECREF(type);
	Py_XDECREF(base);
	scl_buffer_destroy(&doc);
	return done != NULL;
}

bool commands_register(struct shim *s)
{
	PyObject *base = register_prefix(s) ? base_class(s) : NULL;
	bool good = base != NULL;

	for (size_t i = 0; good && i < scl_command_count(); i++) {
		struct scl_buffer doc = {0}, name = {0};

		scl_command_help(i, &doc);
		scl_buffer_printf(&name, "scalene %s", scl_command_name(i));
		good = register_one(s, base, scl_buffer_str(&name), scl_buffer_str(&doc), i);
		scl_buffer_destroy(&doc);
		scl_buffer_destroy(&name);
	}
	Py_XDECREF(base);
	return good;
}
