/*
 * runtime.h - the CPython of a target: where _PyRuntime is, which version it is, which layout reads it.
 */
#ifndef SCL_PYTHON_RUNTIME_H
#define SCL_PYTHON_RUNTIME_H

#include "layout/layout.h"
#include "target/target.h"

enum scl_runtime_found {
	SCL_FOUND_SYMBOL,	/* the exported symbol _PyRuntime */
	SCL_FOUND_SECTION,	/* the section .PyRuntime (3.10) */
	SCL_FOUND_COOKIE,	/* the cookie of _Py_DebugOffsets, in memory (3.13) */
	SCL_FOUND_INTERPRETERS, /* a list of interpreters, in memory */
};

/* Where the version came from, most trusted first. */
enum scl_version_source {
	SCL_VERSION_DEBUG_OFFSETS, /* _Py_DebugOffsets.version (3.13) */
	SCL_VERSION_PY_VERSION,	   /* the exported constant Py_Version (3.11) */
	SCL_VERSION_HEXVERSION,	   /* sys.hexversion, read with the layout that it then confirmed */
};

struct scl_runtime {
	struct scl_target *target;
	struct scl_layout layout; /* our own copy, refined */
	scl_addr address;	  /* of _PyRuntime */
	uint32_t hexversion;	  /* PY_VERSION_HEX */
	enum scl_runtime_found found;
	enum scl_version_source version_source;
	bool free_threaded, debug_build;
	bool layout_exact; /* sizeof(_PyRuntime) is the table's, or the offsets are published */
	/* A newer CPython than any table, or a pre-release: the newest table that may fit, refined by what it publishes,
	 * has read its sys.hexversion. What is not published may be elsewhere. */
	bool unverified;
	scl_addr code_type;	   /* &PyCode_Type; 0 where not known */
	char module[SCL_PATH_MAX]; /* file that holds the interpreter, as the target sees it */
	char program[SCL_PATH_MAX];
	char version[24]; /* "3.12.1" */
	/* A second interpreter of the process, which is not read: "CPython 3.11.2 in FILE"; "" where there is none. */
	char other[SCL_PATH_MAX + 48];
};

/*
 * Find the interpreter of the target and choose its layout. SCL_ENOTFOUND where no module holds one (the text
 * names what was looked at), SCL_EUNSUPPORTED for a version without a table, SCL_ECORRUPT where it cannot be read.
 */
SCL_CHECKED bool scl_runtime_init(struct scl_runtime *rt, struct scl_target *target, struct scl_error *err);

/* "exported symbol _PyRuntime", ... for `scalene info`. */
const char *scl_runtime_found_text(enum scl_runtime_found found);
const char *scl_version_source_text(enum scl_version_source source);

#endif
