/* settings.c - the core's settings as gdb.Parameter classes: `set scalene NAME`, `show scalene NAME`. */
#include "shim.h"

#include <string.h>

#include "command/command.h"

/* Give GDB the value that the core has. */
static bool publish(struct shim *s, PyObject *self, size_t index)
{
	struct scl_buffer text = {0};
	PyObject *value;
	bool done;

	scl_setting_show(s->session, index, &text);
	value = PyUnicode_DecodeUTF8(scl_buffer_str(&text), (Py_ssize_t)text.len, "replace");
	done = value && PyObject_SetAttrString(self, "value", value) == 0;
	Py_XDECREF(value);
	scl_buffer_destroy(&text);
	return done;
}

static bool setting_index(PyObject *self, size_t *index)
{
	long i = api_long(self, "scl_index", -1);

	*index = (size_t)i;
	if (i >= 0 && *index < scl_setting_count())
		return true;
	PyErr_SetString(PyExc_TypeError, "not a setting of scalene");
	return false;
}

/* After `set scalene NAME VALUE`. What it returns is printed. */
static PyObject *setting_set(PyObject *self, PyObject *args)
{
	struct shim *s = shim_get();
	struct scl_error err = {0};
	char value[256];
	PyObject *error;
	size_t index;

	(void)args;
	if (!setting_index(self, &index))
		return NULL;
	api_text(self, "value", value, sizeof value);
	/* `with scalene limit 5 -- ...` gives the blank before the dashes, too. */
	for (size_t n = strlen(value); n && (value[n - 1] == ' ' || value[n - 1] == '\t'); n--)
		value[n - 1] = '\0';
	if (scl_setting_set(s->session, index, value, &err))
		return publish(s, self, index) ? PyUnicode_FromString("") : NULL;
	if (!publish(s, self, index))
		PyErr_Clear();
	error = PyObject_GetAttrString(s->gdb, "GdbError");
	if (error)
		PyErr_SetString(error, err.text);
	Py_XDECREF(error);
	return NULL;
}

static PyObject *setting_show(PyObject *self, PyObject *args)
{
	struct shim *s = shim_get();
	struct scl_buffer text = {0};
	PyObject *shown;
	size_t index;

	(void)args;
	if (!setting_index(self, &index))
		return NULL;
	scl_buffer_printf(&text, "%s: ", scl_setting_name(index));
	scl_setting_show(s->session, index, &text);
	shown = PyUnicode_DecodeUTF8(scl_buffer_str(&text), (Py_ssize_t)text.len, "replace");
	scl_buffer_destroy(&text);
	return shown;
}

static PyObject *base_class(struct shim *s)
{
	static PyMethodDef methods[] = {
		{"get_set_string", setting_set, METH_NOARGS, NULL},
		{"get_show_string", setting_show, METH_VARARGS, NULL},
		{NULL, NULL, 0, NULL},
	};
	return api_subclass(s, "Parameter", "scalene_gdb.Setting", methods);
}

/* The arguments of gdb.Parameter(): an enumeration where the core has a list of choices, else a line of text. */
static PyObject *constructor_args(struct shim *s, const char *name, const char *const *choices)
{
	long class = api_long(s->gdb, "COMMAND_DATA", 1);
	PyObject *list, *args;

	if (!choices)
		return Py_BuildValue("(sll)", name, class, api_long(s->gdb, "PARAM_STRING_NOESCAPE", 9));
	list = PyList_New(0);
	for (size_t i = 0; list && choices[i]; i++) {
		PyObject *choice = PyUnicode_FromString(choices[i]);

		if (choice)
			PyList_Append(list, choice);
		Py_XDECREF(choice);
	}
	args = list ? Py_BuildValue("(sllO)", name, class, api_long(s->gdb, "PARAM_ENUM", 11), list) : NULL;
	Py_XDECREF(list);
	return args;
}

static bool register_one(struct shim *s, PyObject *base, size_t index)
{
	const struct scl_arg_spec *spec = scl_setting_spec(index);
	const char *help = scl_setting_help(index);
	struct scl_buffer name = {0};
	PyObject *type, *args, *setting;
	bool done;

	scl_buffer_printf(&name, "scalene %s", scl_setting_name(index));
	type = PyObject_CallFunction((PyObject *)&PyType_Type, "s(O){s:s,s:s,s:s,s:n}", scl_buffer_str(&name), base,
				     "__doc__", "", "set_doc", help, "show_doc", help, "scl_index", (Py_ssize_t)index);
	args = type ? constructor_args(s, scl_buffer_str(&name), spec->kind == SCL_ARG_CHOICE ? spec->choices : NULL)
		    : NULL;
	setting = args ? PyObject_CallObject(type, args) : NULL;
	done = setting && publish(s, setting, index);
	Py_XDECREF(setting);
	Py_XDECREF(args);
	Py_XDECREF(type);
	scl_buffer_destroy(&name);
	return done;
}

/* gdb.Command("set scalene", COMMAND_DATA, COMPLETE_NONE, True): the prefix above the settings. */
static bool register_prefix(struct shim *s, const char *name, const char *doc)
{
	PyObject *base = PyObject_GetAttrString(s->gdb, "Command");
	PyObject *type =
		base ? PyObject_CallFunction((PyObject *)&PyType_Type, "s(O){s:s}", name, base, "__doc__", doc) : NULL;
	PyObject *done = type ? PyObject_CallFunction(type, "sllO", name, api_long(s->gdb, "COMMAND_DATA", 1),
						      api_long(s->gdb, "COMPLETE_NONE", 0), Py_True)
			      : NULL;

	Py_XDECREF(done);
	Py_XDECREF(type);
	Py_XDECREF(base);
	return done != NULL;
}

bool settings_register(struct shim *s)
{
	PyObject *base = NULL;
	bool good = register_prefix(s, "set scalene", "Settings of the scalene commands.") &&
		    register_prefix(s, "show scalene", "Show the settings of the scalene commands.") &&
		    (base = base_class(s)) != NULL;

	for (size_t i = 0; good && i < scl_setting_count(); i++)
		good = register_one(s, base, i);
	Py_XDECREF(base);
	return good;
}
