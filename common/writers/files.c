#include "writers/files.h"

#include <stdlib.h>
#include <string.h>

/* Nothing that comes from clocks is negative or not a number; what says so is left out. */
static double sane(double ns)
{
	return ns > 0 && ns <= 1e300 ? ns : 0;
}

static double cost_ns(const struct scl_profile_cost *cost)
{
	return sane(cost->python_ns) + sane(cost->native_ns) + sane(cost->system_ns);
}

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_line(const void *a, const void *b)
{
	const struct scl_profile_line *x = *(const struct scl_profile_line *const *)a;
	const struct scl_profile_line *y = *(const struct scl_profile_line *const *)b;
	return x->file != y->file ? compare(x->file, y->file) : (x->line > y->line) - (x->line < y->line);
}

static int by_first_line(const void *a, const void *b)
{
	const struct scl_profile_function *x = *(const struct scl_profile_function *const *)a;
	const struct scl_profile_function *y = *(const struct scl_profile_function *const *)b;
	if (x->file != y->file)
		return compare(x->file, y->file);
	if (x->firstlineno != y->firstlineno)
		return x->firstlineno < y->firstlineno ? -1 : 1;
	return compare(x->name, y->name);
}

static int by_time(const void *a, const void *b)
{
	const struct scl_file *x = a, *y = b;
	if (x->ns < y->ns || x->ns > y->ns)
		return x->ns < y->ns ? 1 : -1;
	if (x->await_ns < y->await_ns || x->await_ns > y->await_ns)
		return x->await_ns < y->await_ns ? 1 : -1;
	return strcmp(x->path, y->path);
}

static size_t sort_functions(struct scl_files *files, const struct scl_profile *profile)
{
	size_t n = 0;
	for (size_t i = 0; i < profile->nfunctions; i++)
		if (strcmp(scl_profile_str(profile, profile->functions[i].name), "<module>") != 0)
			files->functions[n++] = &profile->functions[i];
	if (n)
		qsort(files->functions, n, sizeof(void *), by_first_line);
	return n;
}

/* Both tables are sorted by file, so one walk over each finds a file's part. */
static void fill_file(struct scl_file *file, const struct scl_files *files, const struct scl_profile *profile,
		      size_t *next_function, size_t nfunctions)
{
	file->path = scl_profile_str(profile, file->id);
	file->source = scl_profile_source(profile, file->id);
	for (size_t i = 0; i < file->nlines; i++) {
		file->ns += cost_ns(&file->lines[i]->cost);
		file->await_ns += sane(file->lines[i]->await.ns);
	}
	/* Scalene rescales a file whose three percentages exceed 100 (scalene_json.py, 2.3.0). */
	double total = profile->total_ns > 0 ? profile->total_ns : 0;
	file->scale = total > 0 ? 100 / (file->ns > total ? file->ns : total) : 0;
	size_t i = *next_function;
	while (i < nfunctions && files->functions[i]->file < file->id)
		i++;
	file->functions = files->functions + i;
	while (i < nfunctions && files->functions[i]->file == file->id)
		i++;
	file->nfunctions = (size_t)(files->functions + i - file->functions);
	*next_function = i;
}

bool scl_files_init(struct scl_files *files, const struct scl_profile *profile, struct scl_error *err)
{
	*files = (struct scl_files){0};
	files->items = calloc(profile->nlines + 1, sizeof(*files->items));
	files->lines = calloc(profile->nlines + 1, sizeof(void *));
	files->functions = calloc(profile->nfunctions + 1, sizeof(void *));
	if (!files->items || !files->lines || !files->functions) {
		scl_files_destroy(files);
		return scl_fail(err, SCL_ENOMEM, "no memory for the lines of the profile");
	}
	for (size_t i = 0; i < profile->nlines; i++)
		files->lines[i] = &profile->lines[i];
	if (profile->nlines)
		qsort(files->lines, profile->nlines, sizeof(void *), by_line);
	size_t nfunctions = sort_functions(files, profile), next_function = 0;
	for (size_t i = 0; i < profile->nlines;) {
		struct scl_file *file = &files->items[files->n++];
		file->id = files->lines[i]->file;
		file->lines = files->lines + i;
		while (i < profile->nlines && files->lines[i]->file == file->id) {
			file->nlines++;
			i++;
		}
		fill_file(file, files, profile, &next_function, nfunctions);
	}
	if (files->n)
		qsort(files->items, files->n, sizeof(*files->items), by_time);
	return true;
}

void scl_files_destroy(struct scl_files *files)
{
	free(files->items);
	free(files->lines);
	free(files->functions);
	*files = (struct scl_files){0};
}

struct scl_shares scl_shares_of(const struct scl_profile_cost *cost, double scale)
{
	double sum = cost_ns(cost) * scale;
	if (sum > 100)
		scale *= 100 / sum;
	return (struct scl_shares){
		.python = sane(cost->python_ns) * scale,
		.native = sane(cost->native_ns) * scale,
		.system = sane(cost->system_ns) * scale,
		.sum = sum > 100 ? 100 : sum,
	};
}

double scl_await_share(const struct scl_profile *profile, double ns)
{
	double all = sane(profile->waiting.credited_ns), share = all > 0 ? 100 * sane(ns) / all : 0;
	return share < 100 ? share : 100;
}

const char *scl_file_text(const struct scl_file *file, uint64_t number, size_t *len)
{
	*len = 0;
	if (!file->source || number < 1 || number > file->source->nlines)
		return "";
	const char *text = file->source->lines[number - 1];
	*len = strcspn(text, "\r\n");
	return text;
}
