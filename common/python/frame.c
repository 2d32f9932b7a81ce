#include "python/frame.h"

struct scl_window scl_frame_window(const struct scl_layout *layout)
{
	static const enum scl_field interpreter_fields[] = {
		SCL_FIELD_iframe_executable, SCL_FIELD_iframe_previous, SCL_FIELD_iframe_instruction,
		SCL_FIELD_iframe_owner,	     SCL_FIELD_iframe_is_entry,
	};
	static const enum scl_field object_fields[] = {
		SCL_FIELD_frame_back,
		SCL_FIELD_frame_code,
		SCL_FIELD_frame_lasti,
	};

	switch (layout->frame_link) {
	case SCL_FRAME_LINK_OBJECT:
		return scl_window_over(layout, object_fields, sizeof object_fields / sizeof *object_fields);
	case SCL_FRAME_LINK_CFRAME:
	case SCL_FRAME_LINK_THREAD:
		break;
	}
	return scl_window_over(layout, interpreter_fields, sizeof interpreter_fields / sizeof *interpreter_fields);
}

struct scl_raw_frame scl_raw_frame_of(const struct scl_layout *layout, struct scl_window window, const uint8_t *bytes)
{
	if (layout->frame_link == SCL_FRAME_LINK_OBJECT)
		return (struct scl_raw_frame){
			.previous = scl_window_get(layout, window, bytes, SCL_FIELD_frame_back),
			.code = scl_window_get(layout, window, bytes, SCL_FIELD_frame_code),
			.instruction = scl_window_get(layout, window, bytes, SCL_FIELD_frame_lasti),
		};
	return (struct scl_raw_frame){
		.previous = scl_window_get(layout, window, bytes, SCL_FIELD_iframe_previous),
		.code = scl_window_get(layout, window, bytes, SCL_FIELD_iframe_executable) &
			~(scl_addr)layout->pointer_tag_mask,
		.instruction = scl_window_get(layout, window, bytes, SCL_FIELD_iframe_instruction),
		.owner = (uint8_t)scl_window_get(layout, window, bytes, SCL_FIELD_iframe_owner),
		.is_entry = scl_window_get(layout, window, bytes, SCL_FIELD_iframe_is_entry) != 0,
	};
}

/* Byte offset of the frame's instruction; false where it is outside of the bytecode. */
static bool locate(const struct scl_layout *layout, struct scl_frame *frame)
{
	int64_t offset = -1;

	switch (layout->instruction) {
	case SCL_INSTRUCTION_LASTI_BYTES:
		offset = (int32_t)frame->instruction;
		break;
	case SCL_INSTRUCTION_LASTI_UNITS:
		offset = 2 * (int64_t)(int32_t)frame->instruction;
		break;
	case SCL_INSTRUCTION_PREV:
	case SCL_INSTRUCTION_NEXT:
		/* Builds whose threads run copies of the bytecode (free-threaded, 3.14) need the copy's start here:
		 * code.tlbc indexed by iframe.tlbc_index. */
		offset = (int64_t)(frame->instruction - frame->code->bytecode);
		break;
	}
	/* One unit before the first: nothing has run yet. */
	frame->offset = offset < 0 ? -1 : (int32_t)offset;
	return offset >= -2 && offset < (int64_t)frame->code->bytecode_size && (offset < 0 || offset % 2 == 0);
}

bool scl_frame_decode(const struct scl_runtime *rt, struct scl_codes *codes, struct scl_frame *frame,
		      struct scl_error *err)
{
	frame->offset = -1;
	if (!scl_codes_get(codes, frame->code_address, &frame->code, err)) {
		frame->code = NULL;
		return scl_wrap(err, "frame at 0x%" PRIx64, frame->address);
	}
	if (!locate(&rt->layout, frame)) {
		frame->offset = -1;
		return scl_fail_at(err, SCL_ECORRUPT, frame->address,
				   "frame at 0x%" PRIx64 ": its instruction is not in its code", frame->address);
	}
	frame->line = scl_code_line(codes, frame->code, frame->offset);
	return true;
}

bool scl_frame_read(const struct scl_runtime *rt, struct scl_codes *codes, scl_addr address, struct scl_frame *ret,
		    struct scl_error *err)
{
	struct scl_window window = scl_frame_window(&rt->layout);
	uint8_t bytes[SCL_WINDOW_MAX];
	struct scl_raw_frame link;

	*ret = (struct scl_frame){.address = address, .offset = -1};
	if (!window.size)
		return scl_fail(err, SCL_EUNSUPPORTED, "the layout has no usable frames");
	if (!scl_read(rt->target, address + (uint32_t)window.low, bytes, window.size, err))
		return scl_wrap(err, "frame at 0x%" PRIx64, address);
	link = scl_raw_frame_of(&rt->layout, window, bytes);
	ret->code_address = link.code;
	ret->instruction = link.instruction;
	ret->generator = link.owner == SCL_OWNER_GENERATOR;
	return scl_frame_decode(rt, codes, ret, err);
}
