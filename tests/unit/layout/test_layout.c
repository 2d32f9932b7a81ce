/* The layouts that are compiled in: complete, in order, and what CPython's own headers say, by samples. */
#include "layout/layout.h"

#include "check.h"

static const struct scl_layout *layout;

static const struct scl_layout *of(unsigned minor)
{
	return scl_layout_for(3u << 24 | minor << 16 | 0xf0);
}

static void is_complete(void)
{
	CHECK(layout->major == 3);
	CHECK(layout->runtime_size > 600);
	char name[16];
	snprintf(name, sizeof name, "%d.%d", layout->major, layout->minor);
	CHECK_STR(layout->name, name);
	CHECK(!layout->published);
	for (int f = 0; f < SCL_NFIELDS; f++) {
		int32_t off = layout->off[f];
		unsigned align = scl_field_size[f] ? scl_field_size[f] : 1;
		if (off != SCL_ABSENT && (off < 0 || (unsigned)off % align != 0))
			CHECK_FAIL("%s is at %d", scl_field_name[f], off);
	}
}

/* What a decoder reads without asking scl_has() must be there in every version. */
static void has_what_every_version_has(void)
{
	const enum scl_field always[] = {
		SCL_FIELD_runtime_interpreters_head,
		SCL_FIELD_interp_next,
		SCL_FIELD_interp_id,
		SCL_FIELD_interp_threads_head,
		SCL_FIELD_interp_modules,
		SCL_FIELD_interp_sysdict,
		SCL_FIELD_thread_next,
		SCL_FIELD_thread_interp,
		SCL_FIELD_thread_thread_id,
		SCL_FIELD_object_type,
		SCL_FIELD_code_filename,
		SCL_FIELD_code_name,
		SCL_FIELD_code_linetable,
		SCL_FIELD_code_firstlineno,
		SCL_FIELD_unicode_state,
		SCL_FIELD_bytes_data,
		SCL_FIELD_long_digits,
		SCL_FIELD_dict_keys,
		SCL_FIELD_dictkeys_indices,
		SCL_FIELD_type_flags,
		SCL_FIELD_heaptype_cached_keys,
		SCL_FIELD_module_dict,
		SCL_FIELD_gil_locked,
		SCL_FIELD_thread_sizeof,
	};
	for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
		if (layout->off[always[i]] == SCL_ABSENT)
			CHECK_FAIL("%s is absent", scl_field_name[always[i]]);
}

/* A trait and the fields that it promises go together. */
static void traits_agree_with_fields(void)
{
	CHECK((layout->frame_link == SCL_FRAME_LINK_OBJECT) == scl_has(layout, thread, frame));
	CHECK((layout->frame_link == SCL_FRAME_LINK_OBJECT) == scl_has(layout, frame, code));
	CHECK((layout->frame_link == SCL_FRAME_LINK_CFRAME) == scl_has(layout, cframe, current_frame));
	CHECK((layout->frame_link == SCL_FRAME_LINK_THREAD) == scl_has(layout, thread, current_frame));
	CHECK((layout->frame_link == SCL_FRAME_LINK_OBJECT) != scl_has(layout, iframe, executable));
	CHECK((layout->line_table == SCL_LINE_TABLE_LOCATIONS) == scl_has(layout, code, adaptive));
	CHECK(scl_has(layout, code, adaptive) != scl_has(layout, code, bytecode));
	CHECK((layout->dict_keys == SCL_DICT_KEYS_SIZE) == scl_has(layout, dictkeys, size));
	CHECK((layout->dict_keys == SCL_DICT_KEYS_LOG2) == scl_has(layout, dictkeys, log2_index_bytes));
	CHECK((layout->gil_home == SCL_GIL_RUNTIME) == scl_has(layout, runtime, gil));
	CHECK((layout->gil_home == SCL_GIL_INTERPRETER) == scl_has(layout, interp, gil));
	CHECK((layout->shim == SCL_SHIM_IS_ENTRY) == scl_has(layout, iframe, is_entry));
	CHECK((layout->instance_dict == SCL_INSTANCE_DICT_OFFSET) == (layout->managed_dict == 0));
	CHECK((layout->instance_dict == SCL_INSTANCE_DICT_INLINE) == (layout->values_valid != SCL_ABSENT));
	CHECK((layout->task_registry == SCL_TASK_REGISTRY_LISTS) == scl_has(layout, interp, tasks_head));
	CHECK(scl_has(layout, thread, tasks_head) == scl_has(layout, interp, tasks_head));
	CHECK(scl_has(layout, task, node) == scl_has(layout, interp, tasks_head));
	CHECK((layout->asyncio_offsets->field != SCL_NFIELDS) == scl_has(layout, interp, tasks_head));
	CHECK((layout->pointer_tag_mask != 0) == scl_has(layout, iframe, stackpointer));
	CHECK(layout->awaited_depth == 1 || layout->awaited_depth == 2);
	CHECK((layout->status_ready != 0) == scl_has(layout, thread, status));
	CHECK((layout->status_ready & layout->status_gone) == 0);
}

static void calls_are_calls(void)
{
	CHECK(!scl_opcode_calls(layout, 0));
	int calls = 0;
	for (int op = 0; op < 256; op++)
		calls += scl_opcode_calls(layout, (uint8_t)op);
	CHECK(calls >= 4 && calls < 40);
	CHECK(scl_opcode_calls(layout, layout->minor < 13 ? 142 : layout->minor < 14 ? 54 : 4)); /* CALL_FUNCTION_EX */
}

static void versions_are_found(void)
{
	size_t n;
	const struct scl_layout *const *all = scl_layouts(&n);
	CHECK(n >= 8);
	for (size_t i = 0; i < n; i++) {
		CHECK(of(all[i]->minor) == all[i]);
		CHECK_INT(all[i]->minor, 8 + i);
	}
	CHECK(of(7) == NULL);
	CHECK(of(99) == NULL);
	CHECK(scl_layout_for(0x020700f0) == NULL);
	CHECK(scl_layout_for(0x040800f0) == NULL);
	CHECK(scl_layout_for(0) == NULL);
}

/* Every column is one release as measured on its binaries' DWARF: 3.8.18, 3.9.18, 3.10.13, 3.11.7, 3.12.1, 3.13.0,
 * 3.14.10, 3.15.2. */
static void known_offsets(void)
{
	static const struct {
		enum scl_field field;
		int32_t want[8];
	} rows[] = {
		{SCL_FIELD_runtime_interpreters_head, {32, 32, 32, 40, 40, 632, 808, 936}},
		{SCL_FIELD_runtime_main_thread, {72, 72, 72, 80, 64, 656, 832, 960}},
		{SCL_FIELD_runtime_tstate_current, {1368, 568, 568, 576, -1, -1, -1, -1}},
		{SCL_FIELD_runtime_gil, {1152, 352, 352, 360, -1, -1, -1, -1}},
		{SCL_FIELD_runtime_gc_collecting, {544, -1, -1, -1, -1, -1, -1, -1}},
		{SCL_FIELD_interp_id, {16, 24, 24, 48, 8, 7272, 7280, 7272}},
		{SCL_FIELD_interp_threads_head, {8, 8, 8, 16, 72, 7344, 7344, 7336}},
		{SCL_FIELD_interp_modules, {56, 856, 856, 888, 944, 7656, 7688, 7592}},
		{SCL_FIELD_interp_sysdict, {72, 872, 872, 904, 352, 7640, 7672, 7576}},
		{SCL_FIELD_interp_gil, {-1, -1, -1, -1, 384, 16, 16, 16}},
		{SCL_FIELD_interp_gc_collecting, {-1, 816, 816, 848, 312, 7600, 7600, 7512}},
		{SCL_FIELD_thread_thread_id, {176, 176, 176, 152, 136, 152, 152, 176}},
		{SCL_FIELD_thread_native_thread_id, {-1, -1, -1, 160, 144, 160, 160, 184}},
		{SCL_FIELD_thread_datastack_chunk, {-1, -1, -1, 296, 232, 232, 232, 256}},
		{SCL_FIELD_thread_sizeof, {264, 264, 280, 360, 288, 304, 832, 888}},
		{SCL_FIELD_frame_lasti, {104, 104, 96, -1, -1, -1, -1, -1}},
		{SCL_FIELD_iframe_executable, {-1, -1, -1, 32, 0, 0, 0, 0}},
		{SCL_FIELD_iframe_previous, {-1, -1, -1, 48, 8, 8, 8, 8}},
		{SCL_FIELD_iframe_owner, {-1, -1, -1, 69, 70, 70, 74, 74}},
		{SCL_FIELD_cframe_current_frame, {-1, -1, -1, 8, 0, -1, -1, -1}},
		{SCL_FIELD_code_firstlineno, {40, 40, 40, 72, 68, 68, 68, 68}},
		{SCL_FIELD_code_filename, {104, 104, 104, 112, 112, 112, 112, 112}},
		{SCL_FIELD_code_linetable, {120, 120, 120, 136, 136, 136, 136, 136}},
		{SCL_FIELD_code_adaptive, {-1, -1, -1, 184, 192, 200, 208, 208}},
		{SCL_FIELD_code_firsttraceable, {-1, -1, -1, 168, 176, 184, 192, 192}},
		{SCL_FIELD_unicode_ascii_data, {48, 48, 48, 48, 40, 40, 40, 40}},
		{SCL_FIELD_unicode_compact_data, {72, 72, 72, 72, 56, 56, 56, 56}},
		{SCL_FIELD_dictkeys_indices, {40, 40, 40, 32, 32, 32, 32, 32}},
		{SCL_FIELD_heaptype_cached_keys, {872, 864, 872, 872, 880, 880, 880, 888}},
	};
	for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
		for (unsigned v = 0; v < 8; v++)
			if (of(8 + v)->off[rows[r].field] != rows[r].want[v])
				CHECK_FAIL("3.%u: %s is %d, not %d", 8 + v, scl_field_name[rows[r].field],
					   of(8 + v)->off[rows[r].field], rows[r].want[v]);
}

static void known_opcodes(void)
{
	CHECK(scl_opcode_calls(of(8), 131) && scl_opcode_calls(of(10), 161) && !scl_opcode_calls(of(8), 162));
	CHECK(scl_opcode_calls(of(11), 166) && scl_opcode_calls(of(11), 66) && !scl_opcode_calls(of(11), 68));
	CHECK(scl_opcode_calls(of(12), 171) && scl_opcode_calls(of(12), 241) && !scl_opcode_calls(of(12), 173));
	CHECK(scl_opcode_calls(of(13), 53) && scl_opcode_calls(of(13), 181) && !scl_opcode_calls(of(13), 55));
	CHECK(scl_opcode_calls(of(14), 52) && scl_opcode_calls(of(14), 152) && !scl_opcode_calls(of(14), 153));
	CHECK(scl_opcode_calls(of(15), 50) && scl_opcode_calls(of(15), 151) && !scl_opcode_calls(of(15), 152));
}

int main(void)
{
	size_t n;
	const struct scl_layout *const *all = scl_layouts(&n);
	for (size_t i = 0; i < n; i++) {
		layout = all[i];
		check_case = layout->name;
		RUN(is_complete);
		RUN(has_what_every_version_has);
		RUN(traits_agree_with_fields);
		RUN(calls_are_calls);
	}
	check_case = "all";
	RUN(versions_are_found);
	RUN(known_offsets);
	RUN(known_opcodes);
	return check_finish();
}
