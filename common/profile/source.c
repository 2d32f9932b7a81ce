#include "profile/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/text.h"

/* At most SCL_PROFILE_SOURCE_MAX bytes; a larger file is none. */
static bool read_file(int fd, struct scl_buffer *b)
{
	char part[65536];
	while (b->len <= SCL_PROFILE_SOURCE_MAX) {
		ssize_t n = read(fd, part, sizeof(part));
		if (n == 0)
			return !b->failed;
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			scl_buffer_append(b, part, (size_t)n);
	}
	return false;
}

/* PEP 263: a comment in one of the first two lines that matches coding[:=]\s*([-\w.]+), here Latin-1 only. */
static bool is_latin1(const char *s, size_t len)
{
	static const char *const names[] = {"latin-1", "latin1", "iso-8859-1", "iso8859-1", "iso-8859-15", "cp1252"};
	char head[512];
	size_t n = 0;
	for (unsigned ends = 0; n < len && n < sizeof(head) - 1 && ends < 2; n++) {
		head[n] = s[n] ? s[n] : ' ';
		ends += s[n] == '\n' || (s[n] == '\r' && (n + 1 == len || s[n + 1] != '\n'));
	}
	head[n] = '\0';
	const char *coding = strstr(head, "coding");
	if (!coding || !memchr(head, '#', (size_t)(coding - head)))
		return false;
	coding += strlen("coding");
	if (*coding != ':' && *coding != '=')
		return false;
	coding += 1 + strspn(coding + 1, " \t");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncasecmp(coding, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/*
 * Decode into `out` with a NUL behind each line and each line's newline as \n, and count the lines. Lines end where
 * Python's tokenizer ends them: \n, \r\n, \r. What is not valid becomes U+FFFD, and so does a NUL.
 */
static uint32_t decode(const char *s, size_t len, struct scl_buffer *out)
{
	bool latin1 = is_latin1(s, len);
	uint32_t lines = 0;
	bool open = false;
	size_t i = len >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	while (i < len) {
		uint32_t c = (unsigned char)s[i];
		size_t n = latin1 ? 1 : scl_text_decode(s + i, len - i, &c);
		if (n == 0 || c == 0)
			c = 0xfffd;
		i += n ? n : 1;
		if (c == '\r' && i < len && s[i] == '\n')
			i++;
		open = c != '\n' && c != '\r';
		if (open) {
			scl_text_put_codepoint(out, c);
			continue;
		}
		scl_buffer_append(out, "\n", 2);
		lines++;
	}
	if (open)
		scl_buffer_putc(out, '\0');
	return lines + open;
}

static bool split(struct scl_profile_source *source, struct scl_buffer *text, uint32_t nlines)
{
	source->lines = calloc(nlines ? nlines : 1, sizeof(*source->lines));
	if (!source->lines)
		return false;
	source->text = text->data;
	*text = (struct scl_buffer){0};
	const char *at = source->text;
	for (uint32_t i = 0; i < nlines; i++) {
		source->lines[i] = at;
		at += strlen(at) + 1;
	}
	source->nlines = nlines;
	return true;
}

bool scl_source_is_pseudo(const char *name)
{
	size_t n = strlen(name);
	return n > 1 && name[0] == '<' && name[n - 1] == '>';
}

bool scl_source_load(struct scl_profile_source *source, struct scl_target *target, const char *path, size_t *total)
{
	struct scl_buffer bytes = {0}, text = {0};
	int fd = *path && !scl_source_is_pseudo(path) ? scl_target_open_file(target, path) : -1;
	*source = (struct scl_profile_source){.file = source->file};
	if (fd < 0)
		return true;
	bool ok = true;
	if (read_file(fd, &bytes)) {
		uint32_t nlines = decode(scl_buffer_str(&bytes), bytes.len, &text);
		*total += text.len;
		ok = !text.failed && (nlines == 0 || split(source, &text, nlines));
	}
	close(fd);
	scl_buffer_destroy(&bytes);
	scl_buffer_destroy(&text);
	return ok;
}

void scl_source_unload(struct scl_profile_source *source)
{
	free(source->lines);
	free(source->text);
	*source = (struct scl_profile_source){.file = source->file};
}
