/*
 * view.h - one sample of a process as its listings show it: threads in a fixed order, with their names.
 */
#ifndef SCL_COMMAND_VIEW_H
#define SCL_COMMAND_VIEW_H

#include "command/command.h"
#include "profile/filter.h"
#include "profile/sample.h"

struct cJSON;

struct scl_thread_view {
	const struct scl_thread_sample *sample;
	const char *name;	 /* threading.Thread.name, else the kernel's; as the target has it; "" */
	const char *kernel_name; /* "" where the kernel was not asked */
};

/* Owns the observer behind the sample; the rest is in the session's arena. */
struct scl_view {
	struct scl_observer *observer;
	struct scl_sample sample;
	struct scl_thread_view *threads; /* the main thread first, then by LWP */
	size_t n;
};

SCL_CHECKED bool scl_view_take(struct scl_session *session, struct scl_view *view, struct scl_error *err);
void scl_view_close(struct scl_view *view);

/* "blocked in futex", "idle in event loop: epoll_wait". */
void scl_view_doing(const struct scl_thread_sample *thread, struct scl_buffer *out);
/* Text of the target, escaped and cut at the setting max-string. */
void scl_view_put(const struct scl_session *session, const char *text, struct scl_buffer *out);
/* A path as from the program's directory, the standard library or site-packages, where it is below one of them: a
 * part of the text it was given. */
const char *scl_view_shorten(const struct scl_filter *filter, const char *path);
/* A document that says which process it is about; NULL when memory ran out. */
struct cJSON *scl_view_json_begin(const struct scl_session *session);
/* An object with what is known of the thread but its stack; NULL when memory ran out. */
struct cJSON *scl_view_json_thread(const struct scl_thread_view *thread);
/* Add an address or another number of 64 bits as text: JSON's numbers hold 53 bits exactly. */
void scl_view_json_address(struct cJSON *object, const char *key, uint64_t value);
/* An object with what is known of a frame. */
struct cJSON *scl_view_json_frame(const struct scl_frame *frame);

#endif
