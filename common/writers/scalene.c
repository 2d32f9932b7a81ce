#include "writers/scalene.h"

#include <math.h>

#include "base/clock.h"
#include "writers/writer.h"

double scl_scalene_round(double value)
{
	return isfinite(value) ? round(value * 1e6) / 1e6 : 0;
}

void scl_scalene_thread(struct scl_json *j, cJSON *object, const char *key, uint64_t ident)
{
	if (ident && ident <= UINT64_C(1) << 53)
		scl_json_integer(j, object, key, (int64_t)ident);
	else
		scl_json_null(j, object, key);
}

static double seconds(uint64_t ns)
{
	return scl_scalene_round((double)ns / SCL_NS_PER_S);
}

static void add_args(struct scl_json *j, cJSON *top, const struct scl_profile *profile)
{
	if (!profile->nargs) {
		scl_json_null(j, top, "args");
		return;
	}
	cJSON *args = cJSON_CreateArray();
	for (size_t i = 0; i < profile->nargs; i++)
		scl_json_push(j, args, cJSON_CreateString(scl_profile_str(profile, profile->args[i])));
	scl_json_item(j, top, "args", args);
}

/* We see neither allocations nor GPUs: "no data" in Scalene's words. */
static void add_absent(struct scl_json *j, cJSON *top)
{
	static const char *const zeros[] = {"alloc_samples", "growth_rate", "max_footprint_mb",
					    "max_footprint_python_fraction", "native_allocations_mb"};
	for (size_t i = 0; i < sizeof(zeros) / sizeof(*zeros); i++)
		scl_json_integer(j, top, zeros[i], 0);
	scl_json_bool(j, top, "memory", false);
	scl_json_item(j, top, "samples", cJSON_CreateArray());
	scl_json_null(j, top, "max_footprint_fname");
	scl_json_null(j, top, "max_footprint_lineno");
	scl_json_bool(j, top, "gpu", false);
	scl_json_string(j, top, "gpu_device", "");
}

static cJSON *describe_run(struct scl_json *j, const struct scl_profile *profile)
{
	cJSON *top = cJSON_CreateObject();
	scl_json_string(j, top, "program", scl_profile_str(profile, profile->program));
	add_args(j, top, profile);
	scl_json_string(j, top, "filename", scl_profile_str(profile, profile->directory));
	scl_json_string(j, top, "entrypoint_dir", scl_profile_str(profile, profile->entrypoint_dir));
	scl_json_number(j, top, "elapsed_time_sec", seconds(profile->summary.elapsed_ns));
	scl_json_number(j, top, "start_time_absolute", seconds(profile->summary.started_realtime_ns));
	scl_json_number(j, top, "start_time_perf", seconds(profile->summary.started_monotonic_ns));
	scl_scalene_thread(j, top, "main_thread_id", profile->main_ident);
	scl_json_bool(j, top, "async_profile", profile->waiting.asyncio);
	add_absent(j, top);
	return top;
}

static bool write_scalene(const struct scl_profile *profile, const struct scl_writer_options *options,
			  struct scl_buffer *out, struct scl_error *err)
{
	(void)options;
	struct scl_files files;
	if (!scl_files_init(&files, profile, err))
		return false;
	struct scl_json j = {.out = out};
	scl_json_open(&j, NULL, '{');
	scl_json_emit_members(&j, describe_run(&j, profile));
	scl_scalene_files(&j, profile, &files);
	scl_scalene_stacks(&j, profile);
	scl_scalene_own(&j, profile, &files);
	scl_json_close(&j, '}');
	scl_buffer_putc(out, '\n');
	scl_files_destroy(&files);
	if (j.failed || out->failed)
		return scl_fail(err, SCL_ENOMEM, "no memory for the profile's text");
	return true;
}

const struct scl_writer scl_writer_scalene = {
	.name = "scalene",
	.summary = "Scalene's JSON profile, for `scalene view`",
	.extension = ".json",
	.write = write_scalene,
};
