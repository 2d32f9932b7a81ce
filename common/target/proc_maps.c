/* proc_maps.c - see proc_maps.h. */
#include "target/proc_maps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A path that holds "\012" itself cannot be told from an escaped newline; the kernel leaves '\' alone. */
static void unescape(char *path)
{
	char *to = path;

	while (*path) {
		if (strncmp(path, "\\012", 4) == 0) {
			*to++ = '\n';
			path += 4;
		} else {
			*to++ = *path++;
		}
	}
	*to = '\0';
}

/* A number and the character after it. */
static bool take_number(char **at, int base, char after, uint64_t *ret)
{
	char *end;

	*ret = strtoull(*at, &end, base);
	if (end == *at || *end != after)
		return false;
	*at = end + 1;
	return true;
}

static bool take_permissions(char **at, struct scl_mapping *ret)
{
	if (strcspn(*at, " ") != 4 || (*at)[4] != ' ')
		return false;
	ret->readable = (*at)[0] == 'r';
	ret->writable = (*at)[1] == 'w';
	ret->executable = (*at)[2] == 'x';
	*at += 5;
	return true;
}

bool scl_proc_maps_line(char *line, struct scl_mapping *ret)
{
	char *at = line;

	line[strcspn(line, "\n")] = '\0';
	if (!take_number(&at, 16, '-', &ret->start) || !take_number(&at, 16, ' ', &ret->end) ||
	    !take_permissions(&at, ret) || !take_number(&at, 16, ' ', &ret->offset) ||
	    !take_number(&at, 16, ':', &ret->dev_major) || !take_number(&at, 16, ' ', &ret->dev_minor))
		return false;
	char *end;
	ret->inode = strtoull(at, &end, 10);
	if (end == at || (*end != ' ' && *end != '\0') || ret->end <= ret->start)
		return false;
	/* Blanks up to a column; the path itself begins with '/' or '['. */
	ret->path = end + strspn(end, " ");
	unescape(ret->path);
	return true;
}

bool scl_proc_maps_parse(char *text, struct scl_mapping **ret, size_t *n, struct scl_error *err)
{
	size_t lines = 1;

	for (const char *s = text; (s = strchr(s, '\n')) != NULL; s++)
		lines++;
	*n = 0;
	*ret = calloc(lines, sizeof **ret);
	if (!*ret)
		return scl_fail_errno(err, SCL_ENOMEM, ENOMEM, "out of memory");
	while (*text) {
		char *next = strchr(text, '\n');
		next = next ? next + 1 : text + strlen(text);
		if (scl_proc_maps_line(text, &(*ret)[*n]))
			(*n)++;
		text = next;
	}
	return true;
}
