/* test_read.c - what ends the reads of a target before their time. */
#include "check.h"
#include "target/image.h"

enum { BASE = 0x10000 };

static struct scl_target *target;
static struct scl_error err;

static bool stop_at_zero(void *arg)
{
	unsigned *left = arg;

	return *left == 0 || --*left == 0;
}

static void stops_when_told_to(void)
{
	uint8_t bytes[64];

	for (int cached = 0; cached < 2; cached++) {
		unsigned looks = 2, reads = 0;
		scl_target_set_still(target, cached);
		scl_target_set_stop(target, stop_at_zero, &looks);
		while (reads < 1000 && scl_read(target, BASE, bytes, 8, &err))
			reads++;
		CHECK(reads > 0 && reads < 1000);
		CHECK_INT(err.code, SCL_EINTERRUPTED);
		CHECK(!scl_target_may_read(target, &err));
		scl_target_set_stop(target, NULL, NULL);
		CHECK(scl_read(target, BASE, bytes, 8, &err));
	}
	scl_target_set_still(target, false);
}

int main(void)
{
	target = scl_image_create();
	if (!target || !scl_image_map(target, BASE, 4096))
		return 1;
	RUN(stops_when_told_to);
	scl_target_close(target);
	return check_finish();
}
