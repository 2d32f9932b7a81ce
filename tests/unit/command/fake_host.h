/* fake_host.h - a host that keeps what a command prints, for the tests of this room. */
#ifndef SCL_TESTS_FAKE_HOST_H
#define SCL_TESTS_FAKE_HOST_H

#include "command/host.h"

struct fake_host {
	struct scl_host host; /* first */
	struct scl_buffer out;
	unsigned writes, quit_after; /* quit_after: the pager ends at that write; 0: never */
	bool interrupted;
	unsigned interrupt_after; /* Ctrl-C is pressed at that look at it; 0: never */
	struct scl_target *image; /* NULL: no process */
};

static inline bool fake_write(struct scl_host *host, const char *text, size_t len)
{
	struct fake_host *fake = (struct fake_host *)host;

	scl_buffer_append(&fake->out, text, len);
	return ++fake->writes != fake->quit_after;
}

static inline bool fake_interrupted(struct scl_host *host)
{
	struct fake_host *fake = (struct fake_host *)host;

	if (fake->interrupt_after && --fake->interrupt_after == 0)
		fake->interrupted = true;
	return fake->interrupted;
}

static inline struct scl_target *fake_target(struct scl_host *host, struct scl_error *err)
{
	struct fake_host *fake = (struct fake_host *)host;

	if (!fake->image)
		scl_error_set(err, SCL_ENOTFOUND, 0, 0, "no process");
	return fake->image;
}

static inline void fake_init(struct fake_host *fake)
{
	*fake = (struct fake_host){.host = {.name = "fake",
					    .prompt = "fake ",
					    .target = fake_target,
					    .write = fake_write,
					    .interrupted = fake_interrupted,
					    .still = true}};
}

#endif
