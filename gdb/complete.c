/* complete.c - completion of the words after a command: the core's, and file names where it asks for them. */
#include "shim.h"

#include <dirent.h>
#include <string.h>

/*
 * GDB's own completer of file names takes the whole rest of the line for one name (completer.c 13.1), so options
 * before it would belong to it.
 */
static void complete_file(const char *word, struct scl_buffer *found)
{
	const char *slash = strrchr(word, '/');
	const char *base = slash ? slash + 1 : word;
	struct scl_buffer path = {0};
	struct dirent *entry;
	DIR *dir;

	scl_buffer_append(&path, word, (size_t)(base - word));
	dir = path.failed ? NULL : opendir(path.len ? scl_buffer_str(&path) : ".");
	while (dir && (entry = readdir(dir))) {
		const char *name = entry->d_name;

		if (strncmp(name, base, strlen(base)) != 0 || strchr(name, '\n') || (name[0] == '.' && base[0] != '.'))
			continue;
		scl_buffer_printf(found, "%s%s%s\n", scl_buffer_str(&path), name, entry->d_type == DT_DIR ? "/" : "");
	}
	if (dir)
		closedir(dir);
	scl_buffer_destroy(&path);
}

/*
 * GDB replaces `word`, the tail of the last word after what it takes for a break character ('-' is one): cut the
 * same head off each completion.
 */
static PyObject *completions(const struct scl_buffer *found, size_t head)
{
	PyObject *list = PyList_New(0);

	for (const char *at = scl_buffer_str(found); list && *at;) {
		size_t length = strcspn(at, "\n");
		PyObject *item =
			length < head ? NULL : PyUnicode_DecodeUTF8(at + head, (Py_ssize_t)(length - head), "replace");

		if (item)
			PyList_Append(list, item);
		Py_XDECREF(item);
		at += length + (at[length] == '\n');
	}
	return list;
}

PyObject *complete_invoke(PyObject *self, PyObject *args)
{
	struct shim *s = shim_get();
	struct scl_buffer line = {0}, found = {0};
	const char *words, *word, *last;
	size_t head = 0;
	bool files = false;
	PyObject *list;

	if (!PyArg_ParseTuple(args, "zz", &words, &word) || !command_line(self, words, &line))
		return PyErr_Occurred() ? NULL : PyErr_NoMemory();
	last = strrchr(scl_buffer_str(&line), ' ') + 1;
	if (word && strlen(word) <= strlen(last))
		head = strlen(last) - strlen(word);
	scl_session_complete(s->session, scl_buffer_str(&line), &found, &files);
	if (files)
		complete_file(last, &found);
	list = completions(&found, head);
	scl_buffer_destroy(&line);
	scl_buffer_destroy(&found);
	return list;
}
