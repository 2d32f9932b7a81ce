/*
 * module.c - scalene_gdb.abi3.so: a Python module that puts the commands of the core into GDB.
 *
 * One file for every GDB: it is written for the limited API of Python 3.6 and is not linked to a libpython; the
 * symbols are those of the Python inside GDB.
 */
#include "shim.h"

/* A plugin of one debugger process has one state. GDB calls methods and events, which carry no other way to it. */
static struct shim shim;

struct shim *shim_get(void)
{
	return &shim;
}

static bool shim_init(struct shim *s)
{
	s->gdb = PyImport_ImportModule("gdb");
	if (!s->gdb)
		return false;
	host_init(s);
	s->session = scl_session_create(&s->host);
	if (!s->session) {
		PyErr_NoMemory();
		return false;
	}
	run_init(s);
	return stop_register(s) && commands_register(s) && settings_register(s);
}

/* PyMODINIT_FUNC exports only since Python 3.9's headers. */
#pragma GCC visibility push(default)
PyMODINIT_FUNC PyInit_scalene_gdb(void);
#pragma GCC visibility pop

PyMODINIT_FUNC PyInit_scalene_gdb(void)
{
	static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "scalene_gdb",
						.m_doc = "The scalene commands inside GDB.", .m_size = -1};
	PyObject *module = PyModule_Create(&definition);

	/* A second load from another path finds the state of the first and registers nothing again. */
	if (module && !shim.session && !shim_init(&shim))
		Py_CLEAR(module);
	return module;
}
