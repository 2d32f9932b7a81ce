#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void scl_error_set(struct scl_error *err, enum scl_status code, int sys_errno, scl_addr address, const char *fmt, ...)
{
	if (!err)
		return;
	/* Formatted aside: an argument may be the text of this very error. */
	char text[SCL_ERROR_TEXT];
	va_list args;
	va_start(args, fmt);
	if (vsnprintf(text, sizeof(text), fmt, args) < 0)
		text[0] = '\0';
	va_end(args);
	err->code = code;
	err->sys_errno = sys_errno;
	err->address = address;
	memcpy(err->text, text, sizeof(text));
}

void scl_error_prefix(struct scl_error *err, const char *fmt, ...)
{
	if (!err)
		return;
	char text[SCL_ERROR_TEXT];
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (n < 0)
		return;
	size_t used = (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
	for (const char *rest = ": "; *rest && used < sizeof(text) - 1; rest++)
		text[used++] = *rest;
	size_t room = sizeof(text) - 1 - used, old = strnlen(err->text, sizeof(err->text));
	size_t kept = old < room ? old : room;
	memmove(err->text + used, err->text, kept);
	memcpy(err->text, text, used);
	err->text[used + kept] = '\0';
}
