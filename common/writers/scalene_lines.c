#include "writers/scalene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Rounded down, so that neither a record nor a file can pass 100; what double arithmetic took below a round
 * figure (28.999999999999996) comes back. */
double scl_scalene_percent(double value)
{
	double floored = floor(value * 1e6 + 1e-3) / 1e6;
	return floored > 0 ? (floored < 100 ? floored : 100) : 0;
}

/* Scalene: the share of all CPUs that the target may use; ours is of one. */
static double core_utilization(const struct scl_profile *profile, const struct scl_profile_cost *cost)
{
	double u = scl_scalene_round(cost->utilization.mean / (profile->ncpu ? profile->ncpu : 1));
	return u > 0 ? (u < 1 ? u : 1) : 0;
}

/* The members that we never measure, in lines and functions alike. */
static void add_absent(struct scl_json *j, cJSON *record)
{
	static const char *const zeros[] = {
		"n_gpu_percent", "n_gpu_avg_memory_mb", "n_gpu_peak_memory_mb", "n_malloc_mb",	     "n_mallocs",
		"n_avg_mb",	 "n_peak_mb",		"n_growth_mb",		"n_python_fraction", "n_usage_fraction",
		"n_copy_mb_s",
	};
	for (size_t i = 0; i < sizeof(zeros) / sizeof(*zeros); i++)
		scl_json_integer(j, record, zeros[i], 0);
	scl_json_item(j, record, "memory_samples", cJSON_CreateArray());
}

/* What lines and functions have in common; a NULL cost is a line without samples, and so is a NULL await. */
static cJSON *new_record(struct scl_json *j, const struct scl_profile *profile, const char *text, int64_t lineno,
			 const struct scl_profile_cost *cost, const struct scl_profile_await *await, double scale)
{
	static const struct scl_profile_cost nothing;
	struct scl_shares shares = scl_shares_of(cost ? cost : &nothing, scale);
	cJSON *record = cJSON_CreateObject();
	scl_json_string(j, record, "line", text);
	scl_json_integer(j, record, "lineno", lineno > 0 ? lineno : 1);
	scl_json_number(j, record, "n_cpu_percent_python", scl_scalene_percent(shares.python));
	scl_json_number(j, record, "n_cpu_percent_c", scl_scalene_percent(shares.native));
	scl_json_number(j, record, "n_sys_percent", scl_scalene_percent(shares.system));
	scl_json_number(j, record, "n_core_utilization", cost ? core_utilization(profile, cost) : 0);
	add_absent(j, record);
	scl_scalene_await(j, record, profile, await);
	return record;
}

static int compare_times(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static cJSON *new_times(struct scl_json *j, const struct scl_profile_line *line)
{
	cJSON *list = cJSON_CreateArray();
	if (!line || !line->ntimes)
		return list;
	double *sorted = malloc(line->ntimes * sizeof(*sorted));
	if (!sorted) {
		j->failed = true;
		return list;
	}
	memcpy(sorted, line->times, line->ntimes * sizeof(*sorted));
	qsort(sorted, line->ntimes, sizeof(*sorted), compare_times);
	for (uint32_t i = 0; i < line->ntimes; i++)
		scl_json_push(j, list, cJSON_CreateNumber(scl_scalene_round(sorted[i])));
	free(sorted);
	return list;
}

/* Scalene's own escape of markup: the six characters \u003c stand in the string, a viewer turns them back. */
static void put_source(struct scl_buffer *text, const char *line, size_t len)
{
	scl_buffer_clear(text);
	for (size_t i = 0; i < len; i++) {
		if (line[i] == '<' || line[i] == '>' || line[i] == '&')
			scl_buffer_printf(text, "\\u%04x", (unsigned)line[i]);
		else
			scl_buffer_putc(text, line[i]);
	}
	scl_buffer_putc(text, '\n');
}

/* No syntax tree is at hand: the region of a line is the line itself, which every viewer accepts. */
static void emit_line(struct scl_json *j, const struct scl_profile *profile, const struct scl_file *file,
		      uint32_t number, const struct scl_profile_line *line, struct scl_buffer *text)
{
	static const char *const regions[] = {"start_region_line", "end_region_line", "start_outermost_loop",
					      "end_outermost_loop"};
	size_t len;
	const char *source = scl_file_text(file, number, &len);
	put_source(text, source, len);
	cJSON *record = new_record(j, profile, scl_buffer_str(text), number, line ? &line->cost : NULL,
				   line ? &line->await : NULL, file->scale);
	scl_json_item(j, record, "cpu_samples_list", new_times(j, line));
	for (size_t i = 0; i < sizeof(regions) / sizeof(*regions); i++)
		scl_json_integer(j, record, regions[i], number);
	scl_json_integer(j, record, "start_function_line", 0);
	scl_json_integer(j, record, "end_function_line", 0);
	scl_json_emit(j, NULL, record);
}

static void emit_lines(struct scl_json *j, const struct scl_profile *profile, const struct scl_file *file)
{
	struct scl_buffer text = {0};
	scl_json_open(j, "lines", '[');
	size_t next = 0;
	for (uint32_t number = 1; number <= file->source->nlines && !j->failed; number++) {
		while (next < file->nlines && file->lines[next]->line < (int64_t)number)
			next++;
		bool hit = next < file->nlines && file->lines[next]->line == (int64_t)number;
		emit_line(j, profile, file, number, hit ? file->lines[next] : NULL, &text);
	}
	scl_json_close(j, ']');
	j->failed |= text.failed;
	scl_buffer_destroy(&text);
}

static void emit_functions(struct scl_json *j, const struct scl_profile *profile, const struct scl_file *file)
{
	scl_json_open(j, "functions", '[');
	for (size_t i = 0; i < file->nfunctions && !j->failed; i++) {
		const struct scl_profile_function *f = file->functions[i];
		cJSON *record = new_record(j, profile, scl_profile_str(profile, f->name), f->firstlineno, &f->cost,
					   &f->await, file->scale);
		scl_json_item(j, record, "cpu_samples_list", cJSON_CreateArray());
		scl_json_emit(j, NULL, record);
	}
	scl_json_close(j, ']');
}

/*
 * Scalene's page puts the path of a file into its markup as it is (scalene-gui.ts, 2.3.0), so a `<` in it would begin an
 * element, a script perhaps. U+2039 looks like one and begins nothing.
 */
static void open_file(struct scl_json *j, const char *path)
{
	struct scl_buffer safe = {0};

	for (; *path; path++) {
		if (*path == '<')
			scl_text_put_codepoint(&safe, 0x2039);
		else
			scl_buffer_putc(&safe, *path);
	}
	j->failed = j->failed || safe.failed;
	scl_json_open(j, scl_buffer_str(&safe), '{');
	scl_buffer_destroy(&safe);
}

/* Unlike Scalene's, files under 1 % stay in: they cost nothing and their absence would skew the sums. */
void scl_scalene_files(struct scl_json *j, const struct scl_profile *profile, const struct scl_files *files)
{
	scl_json_open(j, "files", '{');
	for (size_t i = 0; i < files->n && !j->failed; i++) {
		const struct scl_file *file = &files->items[i];
		if (!file->source || !file->source->nlines)
			continue;
		open_file(j, file->path);
		scl_json_emit(j, "percent_cpu_time", cJSON_CreateNumber(scl_scalene_percent(file->ns * file->scale)));
		scl_json_emit(j, "imports", cJSON_CreateArray());
		scl_json_emit(j, "leaks", cJSON_CreateObject());
		emit_functions(j, profile, file);
		emit_lines(j, profile, file);
		scl_json_close(j, '}');
	}
	scl_json_close(j, '}');
}
