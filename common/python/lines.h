/*
 * lines.h - line tables of CPython as pure functions: bytes in, line out. No target, no Python.
 */
#ifndef SCL_PYTHON_LINES_H
#define SCL_PYTHON_LINES_H

#include <stddef.h>

#include "layout/layout.h"

/*
 * The line of the instruction at byte `offset` of a code object's bytecode (-1: nothing ran yet, gives
 * firstlineno). 0 where the table gives this instruction no line, or ends before it.
 */
int32_t scl_line_at(enum scl_line_table kind, const uint8_t *table, size_t size, int32_t firstlineno, int32_t offset);

#endif
