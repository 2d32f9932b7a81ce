#include "python/gen.h"

/* Where its frame is; 0 when it has none. */
static bool find_frame(struct scl_decoder *d, scl_addr gen, scl_addr *frame, struct scl_error *err)
{
	const struct scl_layout *layout = &d->rt->layout;

	if (scl_has(layout, gen, iframe)) {
		*frame = gen + (uint32_t)scl_off(layout, gen, iframe);
		return true;
	}
	return scl_read_ptr(d->rt->target, gen + (uint32_t)scl_off(layout, gen, frame), frame, err);
}

/* The recorded state: of the object, or of its frame. */
static bool read_state(struct scl_decoder *d, scl_addr gen, scl_addr frame, int8_t *state, struct scl_error *err)
{
	const struct scl_layout *layout = &d->rt->layout;
	scl_addr at = layout->gen_state == SCL_GEN_STATE_OBJECT ? gen + (uint32_t)scl_off(layout, gen, frame_state)
								: frame + (uint32_t)scl_off(layout, frame, state);

	return scl_read(d->rt->target, at, state, sizeof *state, err);
}

/* DONE for every value that is none of a generator that has a frame. */
static enum scl_gen_status status_of(const struct scl_layout *layout, int8_t state)
{
	if (layout->gen_state == SCL_GEN_STATE_NONE) /* f_executing */
		return state ? SCL_GEN_RUNNING : SCL_GEN_SUSPENDED;
	if (state == layout->gen_created)
		return SCL_GEN_CREATED;
	if (state == layout->gen_executing)
		return SCL_GEN_RUNNING;
	if (state == layout->gen_awaiting && layout->awaiting == SCL_AWAITING_STATE)
		return SCL_GEN_AWAITING;
	return state == layout->gen_suspended ? SCL_GEN_SUSPENDED : SCL_GEN_DONE;
}

/* The instruction after the one that it is suspended at tells an await from a yield. */
static bool awaits(const struct scl_layout *layout, const struct scl_frame *frame)
{
	const struct scl_code *code = frame->code;
	int64_t next = (int64_t)frame->offset + 2;

	if (frame->offset < 0 || next + 1 >= (int64_t)code->bytecode_size || !layout->await_opcodes[code->bytes[next]])
		return false;
	switch (layout->awaiting) {
	case SCL_AWAITING_YIELD_FROM:
		return true;
	case SCL_AWAITING_RESUME: /* 2: after yield from, 3: after await */
		return (code->bytes[next + 1] & 3) >= 2;
	case SCL_AWAITING_STATE:
		break;
	}
	return false;
}

static scl_addr awaited_by(struct scl_decoder *d, const struct scl_frame *frame)
{
	scl_addr values[SCL_STACK_MAX];
	size_t n = scl_frame_stack(d->locals, frame, values, SCL_STACK_MAX), depth = d->rt->layout.awaited_depth;

	return n >= depth ? values[n - depth] : 0;
}

bool scl_gen_read(struct scl_decoder *d, scl_addr address, struct scl_gen *ret, struct scl_error *err)
{
	const struct scl_layout *layout = &d->rt->layout;
	scl_addr frame;
	int8_t state;

	*ret = (struct scl_gen){.address = address, .status = SCL_GEN_DONE};
	if (!find_frame(d, address, &frame, err))
		return scl_wrap(err, "coroutine at 0x%" PRIx64, address);
	if (!frame)
		return true;
	if (!read_state(d, address, frame, &state, err))
		return scl_wrap(err, "coroutine at 0x%" PRIx64, address);
	ret->status = status_of(layout, state);
	if (ret->status == SCL_GEN_DONE)
		return true;
	if (!scl_frame_read(d->rt, d->codes, frame, &ret->frame, err))
		return scl_wrap(err, "coroutine at 0x%" PRIx64, address);
	if (ret->status == SCL_GEN_SUSPENDED && layout->gen_state == SCL_GEN_STATE_NONE && ret->frame.offset < 0)
		ret->status = SCL_GEN_CREATED;
	if (ret->status == SCL_GEN_SUSPENDED && awaits(layout, &ret->frame))
		ret->status = SCL_GEN_AWAITING;
	if (ret->status == SCL_GEN_AWAITING) {
		ret->awaited = awaited_by(d, &ret->frame);
		if (!ret->awaited)
			return scl_fail_at(err, SCL_ECORRUPT, address,
					   "coroutine at 0x%" PRIx64 " awaits, but nothing is on its stack", address);
	}
	return true;
}
