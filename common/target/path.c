/* path.c - see path.h. */
#include "target/path.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"

static void pop(char *buf)
{
	char *slash = strrchr(buf, '/');

	if (!slash)
		buf[0] = '\0';
	else
		slash[slash == buf ? 1 : 0] = '\0';
}

bool scl_path_push(char *buf, size_t cap, const char *component, size_t len)
{
	size_t have = strlen(buf);

	if (len == 0 || (len == 1 && component[0] == '.'))
		return true;
	if (len == 2 && component[0] == '.' && component[1] == '.') {
		pop(buf);
		return true;
	}
	bool slash = have > 0 && buf[have - 1] != '/';
	if (have + slash + len >= cap)
		return false;
	if (slash)
		buf[have++] = '/';
	memcpy(buf + have, component, len);
	buf[have + len] = '\0';
	return true;
}

void scl_path_clean(const char *path, char *buf, size_t cap)
{
	if (cap == 0)
		return;
	buf[0] = '\0';
	if (path[0] == '/' && cap > 1)
		memcpy(buf, "/", 2);
	while (*path) {
		size_t len = strcspn(path, "/");
		if (!scl_path_push(buf, cap, path, len))
			return;
		path += len + (path[len] == '/');
	}
}

const char *scl_path_below(const char *path, const char *root)
{
	size_t len = strlen(root);

	if (len == 0 || strcmp(root, "/") == 0)
		return path[0] == '/' ? path : NULL;
	if (strncmp(path, root, len) != 0)
		return NULL;
	if (path[len] == '\0')
		return "/";
	return path[len] == '/' ? path + len : NULL;
}

const char *scl_path_show(const char *path, char *buf, size_t cap)
{
	struct scl_buffer b = {0};

	scl_text_puts(&b, path);
	snprintf(buf, cap, "%s", scl_buffer_str(&b));
	scl_buffer_destroy(&b);
	return buf;
}
