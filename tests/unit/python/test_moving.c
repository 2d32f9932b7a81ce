/* Stacks of every layout that move while they are read. */
#include "stacks.h"
#include "target/backend.h"

static const struct scl_target_ops *image_ops;
static unsigned spans_read, move_at;
static void (*move)(void);

/* The image's read, span by span; `move` is called before the span number `move_at` of a vectored read. */
static bool moving_read(struct scl_target *t, const struct scl_span *spans, size_t n, struct scl_error *error)
{
	for (size_t i = 0; i < n; i++) {
		if (n > 1 && i == move_at && move)
			move();
		if (!image_ops->read(t, &spans[i], 1, error))
			return false;
		spans_read++;
	}
	return true;
}

static struct scl_target_ops moving_ops;

static void start_moving(void (*how)(void), unsigned at)
{
	image_ops = image->ops;
	moving_ops = *image_ops;
	moving_ops.read = moving_read;
	image->ops = &moving_ops;
	move = how;
	move_at = at;
}

static void stop_moving(void)
{
	image->ops = image_ops;
	move = NULL;
}

static scl_addr base_frame, middle_frame, leaf_frame;

/* base calls middle calls leaf; read once, so that everything is foreseen. */
static void open_three(void)
{
	open_thread();
	base_frame = fake_entry_frame(0, outer, 4);
	middle_frame = fake_frame(base_frame, inner, 5);
	leaf_frame = fake_frame(middle_frame, inner, 6);
	fake_set_innermost(thread, leaf_frame);
	CHECK_INT(read_stack(), SCL_STACK_COMPLETE);
	CHECK_INT(read_stack(), SCL_STACK_COMPLETE);
	CHECK_INT(scl_snapshot_misses(snap), 0);
}

static void leaf_returns(void)
{
	fake_set_innermost(thread, middle_frame);
	fake_set_unit(middle_frame, inner, 9);
}

static void leaf_goes_on(void)
{
	fake_set_unit(leaf_frame, inner, 8);
}

static void middle_is_another_call(void)
{
	fake_set_unit(base_frame, outer, 8);
	fake_set_code(middle_frame, outer);
	fake_set_unit(middle_frame, outer, 3);
}

/* Whenever it moves, what is left is what did not move, and no round pairs frames of two instants. */
static void a_return_tears_the_stack(void)
{
	unsigned torn = 0;
	for (unsigned at = 1; at < 12; at++) {
		open_three();
		start_moving(leaf_returns, at);
		unsigned before = spans_read;
		enum scl_stack_end end = read_stack();
		if (spans_read - before > at) {
			CHECK(end == SCL_STACK_TORN || stack.count == 2 || frames[1].line == 105);
			CHECK(end != SCL_STACK_TORN || stack.count == 1 || stack.count == 2);
			CHECK_STR(frames[stack.count - 1].code->name, "<module>");
			CHECK_INT(frames[stack.count - 1].line, 5);
			torn += end == SCL_STACK_TORN;
		}
		stop_moving();
		CHECK_INT(read_stack(), SCL_STACK_COMPLETE);
		close_thread();
		heap_close();
		heap_open(&rt.layout);
	}
	CHECK(torn >= 2);
}

static void a_frame_that_goes_on_tears_nothing(void)
{
	for (unsigned at = 1; at < 8; at++) {
		open_three();
		start_moving(leaf_goes_on, at);
		CHECK_INT(read_stack(), SCL_STACK_COMPLETE);
		CHECK_INT(stack.count, 3);
		CHECK(frames[0].line == 106 || frames[0].line == 108);
		stop_moving();
		close_thread();
		heap_close();
		heap_open(&rt.layout);
	}
}

/* The innermost frame has the same address before and after, but the frames below it are others: all that is sure is
 * that the outermost one went on. */
static void the_same_innermost_frame_is_not_believed_alone(void)
{
	bool seen_torn = false;
	for (unsigned at = 1; at < 12; at++) {
		open_three();
		start_moving(middle_is_another_call, at);
		enum scl_stack_end end = read_stack();
		seen_torn = seen_torn || end == SCL_STACK_TORN;
		if (end == SCL_STACK_COMPLETE) {
			CHECK((frames[2].line == 5) == (frames[1].line == 105));
		} else {
			CHECK_INT(stack.count, 1);
			CHECK_STR(frames[0].code->name, "<module>");
		}
		stop_moving();
		close_thread();
		heap_close();
		heap_open(&rt.layout);
	}
	CHECK(seen_torn);
}

int main(void)
{
	RUN_LAYOUTS(a_return_tears_the_stack);
	RUN_LAYOUTS(a_frame_that_goes_on_tears_nothing);
	RUN_LAYOUTS(the_same_innermost_frame_is_not_believed_alone);
	return check_finish();
}
