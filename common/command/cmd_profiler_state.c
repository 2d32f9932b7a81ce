/* cmd_profiler_state.c - profiler-state: what Scalene keeps in a process that runs under it, and how full that is. */
#include <cjson/cJSON.h>

#include "command/columns.h"
#include "command/profiler_state.h"
#include "command/table.h"
#include "command/view.h"

enum { COL_NAME, COL_HOLDS, COL_LARGEST, COL_CAP, COL_FULL, COL_OF, NCOLUMNS };

/* -- values ------------------------------------------------------------------------------------------------------- */

/* 10,000 */
static void put_count(uint64_t n, struct scl_buffer *out)
{
	if (n < 1000) {
		scl_buffer_printf(out, "%" PRIu64, n);
		return;
	}
	put_count(n / 1000, out);
	scl_buffer_printf(out, ",%03u", (unsigned)(n % 1000));
}

static void put_fact(const struct scl_prof_state *state, const struct scl_prof_fact *fact, struct scl_buffer *out)
{
	if (fact->found != SCL_PROF_READ) {
		scl_buffer_puts(out, fact->found == SCL_PROF_ABSENT ? "not in this version" : "not readable");
		return;
	}
	switch (fact->value.kind) {
	case SCL_SCALAR_BOOL:
		scl_buffer_puts(out, fact->value.integer ? "on" : "off");
		break;
	case SCL_SCALAR_INT:
		scl_buffer_printf(out, "%" PRId64, fact->value.integer);
		break;
	case SCL_SCALAR_FLOAT:
		scl_buffer_printf(out, "%.6g", fact->value.number);
		break;
	case SCL_SCALAR_STR:
		scl_view_put(state->session, fact->text ? fact->text : "", out);
		break;
	case SCL_SCALAR_NONE:
		scl_buffer_puts(out, "none");
		break;
	case SCL_SCALAR_OTHER:
		scl_buffer_puts(out, "an object");
		break;
	}
}

static void put_named(const struct scl_prof_state *state, const char *name, struct scl_buffer *out)
{
	put_fact(state, scl_prof_fact_get(state, name), out);
}

static void begin_line(struct scl_buffer *out, const char *key)
{
	scl_buffer_printf(out, "%-11s ", key);
}

/* -- head --------------------------------------------------------------------------------------------------------- */

static void print_version(const struct scl_prof_state *state, struct scl_buffer *out)
{
	begin_line(out, "Scalene");
	put_named(state, "scalene_version", out);
	scl_buffer_puts(out, " (");
	put_named(state, "scalene_date", out);
	scl_buffer_puts(out, scl_prof_fact_number(state, "pid", 0) > 0 ? "), in a child process\n" : ")\n");
	begin_line(out, "program");
	put_named(state, "_Scalene__program_being_profiled", out);
	scl_buffer_putc(out, '\n');
}

static void print_options(const struct scl_prof_state *state, struct scl_buffer *out)
{
	static const struct {
		const char *label, *name;
	} shown[] = {
		{"cpu", "cpu"}, {"memory", "memory"}, {"gpu", "gpu"}, {"async", "async_profile"}, {"stacks", "stacks"}};

	begin_line(out, "options");
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
		scl_buffer_printf(out, "%s%s ", i ? ", " : "", shown[i].label);
		put_named(state, shown[i].name, out);
	}
	scl_buffer_puts(out, ", a sample every ");
	put_named(state, "cpu_sampling_rate", out);
	scl_buffer_puts(out, " s\n");
}

static void print_profiling(const struct scl_prof_state *state, struct scl_buffer *out)
{
	begin_line(out, "profiling");
	if (scl_prof_fact_number(state, "start_time", 1) != 0)
		scl_buffer_puts(out, "on");
	else if (scl_prof_fact_number(state, "elapsed_time", 1) == 0)
		scl_buffer_puts(
			out, "has not begun here: Scalene starts itself again, and this may be the process that did");
	else
		scl_buffer_puts(out, "paused or over");
	scl_buffer_puts(out, "; total_cpu_samples ");
	put_named(state, "total_cpu_samples", out);
	scl_buffer_puts(out, ", alloc_samples ");
	put_named(state, "alloc_samples", out);
	scl_buffer_putc(out, '\n');
}

static void put_gate(const struct scl_prof_state *state, struct scl_buffer *out)
{
	const struct scl_prof_gate *gate = &state->gate;

	if (!gate->known) {
		scl_buffer_puts(out, "not known: the main thread's stack moves");
	} else if (!gate->open) {
		scl_buffer_puts(out, "closed: no frame of the event loop within 20");
	} else {
		scl_buffer_puts(out, "open: ");
		scl_view_put(state->session, gate->name ? gate->name : "?", out);
		scl_buffer_puts(out, " (");
		scl_view_put(state->session, gate->file ? gate->file : "?", out);
		scl_buffer_printf(out, "), frame %u of at most 20", gate->depth + 1);
	}
}

static void print_async(const struct scl_prof_state *state, struct scl_buffer *out)
{
	begin_line(out, "async");
	scl_buffer_puts(out, "ScaleneAsync ");
	put_named(state, "_enabled", out);
	scl_buffer_puts(out, "; await samples ");
	put_named(state, "total_async_await_samples", out);
	scl_buffer_putc(out, '\n');
	begin_line(out, "loop gate");
	put_gate(state, out);
	scl_buffer_putc(out, '\n');
	begin_line(out, "tasks");
	if (state->tasks_known)
		scl_buffer_printf(out, "%" PRIu64 " not done, %" PRIu64 " of them suspended\n", state->tasks,
				  state->suspended);
	else
		scl_buffer_puts(out, "not known\n");
}

/* -- collections -------------------------------------------------------------------------------------------------- */

static void put_holds(const struct scl_prof_collection *c, struct scl_buffer *out)
{
	if (c->found == SCL_PROF_ABSENT) {
		scl_buffer_puts(out, "not in this version");
		return;
	}
	if (c->found == SCL_PROF_UNREADABLE) {
		scl_buffer_puts(out, "not readable");
		return;
	}
	put_count(c->nested ? c->inside : c->size, out);
	if (c->nested)
		scl_buffer_puts(out, c->inside == 1 ? " line" : " lines");
	if (c->partial)
		scl_buffer_puts(out, ", not all looked at");
	if (c->found == SCL_PROF_MOVED)
		scl_buffer_puts(out, " (moves)");
}

static const char *keep(struct scl_prof_state *state, struct scl_buffer *text)
{
	const char *kept = scl_arena_strndup(&state->session->arena, scl_buffer_str(text), text->len);

	scl_buffer_clear(text);
	return kept ? kept : "";
}

static void add_row(struct scl_prof_state *state, const struct scl_prof_collection *c, struct scl_columns *columns)
{
	const char *cells[NCOLUMNS];
	struct scl_buffer text = {0}, name = {0};
	bool read = c->found == SCL_PROF_READ || c->found == SCL_PROF_MOVED;

	scl_prof_put_name(c->owner, c->name, &name);
	scl_view_put(state->session, scl_buffer_str(&name), &text);
	cells[COL_NAME] = keep(state, &text);
	put_holds(c, &text);
	cells[COL_HOLDS] = keep(state, &text);
	if (read && c->nested && c->leaves)
		put_count(c->largest, &text);
	cells[COL_LARGEST] = keep(state, &text);
	if (read && c->capped)
		put_count(c->cap, &text);
	else if (read && c->growth != SCL_PROF_EACH)
		scl_buffer_puts(&text, "none");
	cells[COL_CAP] = keep(state, &text);
	if (read && c->capped && c->cap)
		scl_buffer_printf(&text, "%.0f %%", 100.0 * (double)scl_prof_fill(c) / (double)c->cap);
	cells[COL_FULL] = keep(state, &text);
	cells[COL_OF] = c->what ? c->what : "not known here";
	scl_columns_add(columns, cells);
	scl_buffer_destroy(&name);
	scl_buffer_destroy(&text);
}

/* Those that the source bounds are many and of little interest: their sum. */
static void print_sourced(const struct scl_prof_state *state, struct scl_buffer *out)
{
	uint64_t members = 0;
	unsigned n = 0;

	for (size_t i = 0; i < state->ncollections; i++) {
		const struct scl_prof_collection *c = &state->collections[i];

		if (c->growth != SCL_PROF_SOURCE || c->found == SCL_PROF_ABSENT)
			continue;
		n++;
		members += c->nested ? c->inside : c->size;
	}
	scl_buffer_printf(out, "and %u bounded by the program's lines, functions and files: ", n);
	put_count(members, out);
	scl_buffer_puts(out, " members in all\n");
}

static void print_collections(struct scl_prof_state *state, struct scl_buffer *out)
{
	static const char *const heads[NCOLUMNS] = {
		[COL_NAME] = "COLLECTION", [COL_HOLDS] = "HOLDS", [COL_LARGEST] = "LARGEST",
		[COL_CAP] = "CAP",	   [COL_FULL] = "FULL",	  [COL_OF] = "MEMBERS",
	};
	struct scl_columns columns = {.arena = &state->session->arena, .n = NCOLUMNS};

	scl_columns_add(&columns, heads);
	for (size_t i = 0; i < state->ncollections; i++)
		if (state->collections[i].growth != SCL_PROF_SOURCE)
			add_row(state, &state->collections[i], &columns);
	scl_columns_print(&columns, state->session->host->width, out);
	print_sourced(state, out);
}

static void print_text(struct scl_prof_state *state)
{
	struct scl_buffer *out = &state->session->out;

	print_version(state, out);
	print_options(state, out);
	print_profiling(state, out);
	print_async(state, out);
	scl_buffer_putc(out, '\n');
	print_collections(state, out);
	if (state->nwarnings)
		scl_buffer_putc(out, '\n');
	for (size_t i = 0; i < state->nwarnings; i++)
		scl_buffer_printf(out, "warning: %s\n", state->warnings[i]);
}

static bool run_profiler_state(struct scl_session *session, const struct scl_args *args, struct scl_error *err)
{
	struct scl_prof_state state;
	bool done = true;

	if (!scl_prof_state_take(session, &state, err))
		return false;
	if (scl_arg(args, "--json")->given) {
		cJSON *document = scl_prof_json(&state);

		done = scl_out_json(session, scl_arg(args, "--json"), document, err);
		cJSON_Delete(document);
	} else {
		print_text(&state);
	}
	scl_prof_state_close(&state);
	return done;
}

static const struct scl_arg_spec args_table[] = {
	{.name = "--json", .kind = SCL_ARG_OPTIONAL_FILE, .metavar = "FILE", .help = "as JSON, every collection"},
};

const struct scl_command scl_cmd_profiler_state = {
	.name = "profiler-state",
	.summary = "what Scalene keeps in a process that it profiles, and its caps",
	.details = "Reads Scalene's own objects by the names that its versions give them; what one has not is said. "
		   "LARGEST and FULL are of the fullest line where each line has a collection of its own. The loop "
		   "gate is "
		   "Scalene's test whether the main thread is in the event loop; it looks for suspended tasks only "
		   "while that is "
		   "open. Scalene's signal handler goes on while it is read: what changes is read again, and marked "
		   "where it "
		   "never stood still.",
	.args = args_table,
	.nargs = sizeof(args_table) / sizeof(args_table[0]),
	.needs = SCL_NEEDS_RUNTIME,
	.run = run_profiler_state,
	.example =
		"$ scalene profiler-state\n"
		"Scalene     2.3.0 (2026.05.08)\n"
		"program     /tmp/app.py\n"
		"options     cpu on, memory on, gpu on, async on, stacks on, a sample every 0.01 s\n"
		"profiling   on; total_cpu_samples 14.7085, alloc_samples 3\n"
		"async       ScaleneAsync on; await samples 15.4116\n"
		"loop gate   open: select (python3.12/selectors.py), frame 1 of at most 20\n"
		"tasks       7 not done, 7 of them suspended\n"
		"\n"
		"COLLECTION                                   HOLDS                LARGEST  CAP      FULL   MEMBERS\n"
		"ScaleneAsync._suspended_tasks                0                             10,000   0 %    suspended "
		"tasks\n"
		"async_stats.async_task_names                 3 lines              5        100      5 %    task names "
		"of a line\n"
		"combined_stacks                              7                             10,000   0 %    distinct "
		"stacks\n"
		"combined_stacks_timeline                     10,255                        100,000  10 %   runs of "
		"one stack\n"
		"cpu_stats.cpu_samples_list                   2 lines              500      500      100 %  samples of "
		"a line\n"
		"memory_stats.memory_footprint_samples        1                             100      1 %    samples of "
		"the footprint\n"
		"memory_stats.per_line_footprint_samples      1 line               1        100      1 %    samples of "
		"a line\n"
		"Scalene.__async_sigq                         1                             none            snapshots "
		"of tasks\n"
		"Scalene.__alloc_sigq                         0                             none            signals of "
		"allocations\n"
		"Scalene.__memcpy_sigq                        0                             none            signals of "
		"copies\n"
		"Scalene.__invalidate_queue                   0                             none            lines left "
		"behind\n"
		"stacks                                       2                             none            distinct "
		"Python stacks\n"
		"native_stacks                                23                            none            distinct "
		"native stacks\n"
		"memory_stacks                                1                             none            distinct "
		"stacks that allocate\n"
		"scalene_utility._native_frame_intern         0                             none            native "
		"addresses\n"
		"scalene_utility._native_to_python_thread_id  1                             none            threads\n"
		"Scalene.__is_thread_sleeping                 4                             none            threads\n"
		"Scalene.child_pids                           0                             none            child "
		"processes\n"
		"and 37 bounded by the program's lines, functions and files: 47 members in all\n"
		"\n"
		"warning: the table of suspended tasks is empty while 7 are suspended: its events do not reach it, and "
		"Scalene falls back to polling\n"
		"warning: stacks has no cap: 2 now (distinct Python stacks)\n"
		"warning: native_stacks has no cap: 23 now (distinct native stacks)\n"
		"warning: memory_stacks has no cap: 1 now (distinct stacks that allocate)\n"
		"warning: scalene_utility._native_to_python_thread_id has no cap: 1 now (threads)\n"
		"warning: Scalene.__is_thread_sleeping has no cap: 4 now (threads)",
};
