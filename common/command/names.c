/* names.c - abbreviations: the one match, or an error that lists what was meant. */
#include "command/names.h"

#include <string.h>

#include "base/text.h"
#include "command/command.h"

bool scl_name_begins(const char *name, const char *word, size_t len)
{
	return strncmp(name, word, len) == 0;
}

static void append_name(struct scl_buffer *out, const char *name)
{
	if (out->len)
		scl_buffer_puts(out, ", ");
	scl_buffer_puts(out, name);
}

void scl_names_list(const struct scl_names *names, struct scl_buffer *out)
{
	for (size_t i = 0; i < names->n; i++)
		append_name(out, names->at(names->list, i));
}

/* A user's word may be anything, of any length: it is quoted escaped and cut. */
static bool fail_find(const struct scl_names *names, const char *what, const char *word, size_t len, bool ambiguous,
		      struct scl_error *err)
{
	enum { SHOWN = 60 };
	struct scl_buffer shown = {0}, list = {0};

	scl_text_append(&shown, word, len < SHOWN ? len : SHOWN);
	if (len > SHOWN)
		scl_buffer_puts(&shown, "...");
	for (size_t i = 0; ambiguous && i < names->n; i++)
		if (scl_name_begins(names->at(names->list, i), word, len))
			append_name(&list, names->at(names->list, i));
	if (!ambiguous)
		scl_names_list(names, &list);
	if (ambiguous)
		scl_error_set(err, SCL_EUSAGE, 0, 0, "%s \"%s\" is ambiguous: %s", what, scl_buffer_str(&shown),
			      scl_buffer_str(&list));
	else
		scl_error_set(err, SCL_EUSAGE, 0, 0, "no %s \"%s\"; there are: %s", what, scl_buffer_str(&shown),
			      list.len ? scl_buffer_str(&list) : "none");
	scl_buffer_destroy(&shown);
	scl_buffer_destroy(&list);
	return false;
}

bool scl_names_find(const struct scl_names *names, const char *what, const char *word, size_t len, size_t *ret,
		    struct scl_error *err)
{
	size_t found = 0;

	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->at(names->list, i);
		if (!scl_name_begins(name, word, len))
			continue;
		if (name[len] == '\0') {
			*ret = i;
			return true;
		}
		if (found++ == 0)
			*ret = i;
	}
	if (found == 1 && len > 0)
		return true;
	return fail_find(names, what, word, len, found > 1 && len > 0, err);
}

void scl_names_complete(const struct scl_names *names, const char *before, const char *word, struct scl_buffer *out)
{
	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->at(names->list, i);
		if (scl_name_begins(name, word, strlen(word)))
			scl_buffer_printf(out, "%s%s\n", before, name);
	}
}

static const char *command_at(const void *list, size_t i)
{
	return ((const struct scl_command *const *)list)[i]->name;
}

struct scl_names scl_names_commands(void)
{
	return (struct scl_names){.at = command_at, .list = scl_commands, .n = scl_ncommands};
}

static const char *setting_at(const void *list, size_t i)
{
	(void)list;
	return scl_setting_name(i);
}

struct scl_names scl_names_settings(void)
{
	return (struct scl_names){.at = setting_at, .n = scl_setting_count()};
}

static const char *format_at(const void *list, size_t i)
{
	return ((const struct scl_writer *const *)list)[i]->name;
}

struct scl_names scl_names_formats(void)
{
	struct scl_names names = {.at = format_at};

	names.list = scl_writers(&names.n);
	return names;
}
