/*
 * await_groups.h - tasks that wait for the same reason at the same place, folded into one group.
 */
#ifndef SCL_COMMAND_AWAIT_GROUPS_H
#define SCL_COMMAND_AWAIT_GROUPS_H

#include "command/async_view.h"

enum scl_group_by { SCL_GROUP_BY_REASON, SCL_GROUP_BY_LINE, SCL_GROUP_BY_NAME, SCL_GROUP_BY_CREATOR };

struct scl_await_group {
	const struct scl_async_ref *tasks; /* in the order of the view */
	size_t n;
	const char *key;  /* what they have in common, safe text */
	const char *by;	  /* who awaits them, from the inside out: "mid long.py:5 < TaskGroup < main long.py:7" */
	bool same_object; /* all wait for one object */
	bool timed;	  /* some have a deadline: `shortest` to `longest`, seconds from now */
	double shortest, longest;
};

struct scl_await_groups {
	struct scl_await_group *list; /* most tasks first, then those without a timer, then the longest wait */
	size_t n;
};

/* Groups of all tasks that are not done, in the session's arena. False when memory ran out, or on Ctrl-C. */
SCL_CHECKED bool scl_await_groups_make(const struct scl_async_view *view, enum scl_group_by by,
				       struct scl_await_groups *ret, struct scl_error *err);

/* "mid long.py:5 < TaskGroup < main long.py:7": the user's frames outside the one that waits, then who awaits the task,
 * as far as that is one task. Without names of tasks. "" where there is nothing. */
void scl_await_put_by(const struct scl_async_view *view, const struct scl_async_interp *interp, size_t task,
		      struct scl_buffer *out);
/* What tasks have in common when they wait for the same reason at the same place. */
void scl_await_put_key(const struct scl_async_view *view, const struct scl_async_interp *interp, size_t task,
		       struct scl_buffer *out);

#endif
