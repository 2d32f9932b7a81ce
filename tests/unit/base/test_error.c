#include "base/error.h"

#include <errno.h>

#include "check.h"

static bool failing(struct scl_error *err)
{
	return scl_fail_at(err, SCL_EFAULT, 0xdead0070, "cannot read %d bytes", 8);
}

static void prefixes_stand_before_the_cause(void)
{
	struct scl_error err = {0};
	CHECK(!failing(&err));
	CHECK(!scl_wrap(&err, "frame at 0x%x", 0x8600));
	CHECK_STR(err.text, "frame at 0x8600: cannot read 8 bytes");
	CHECK_INT(err.code, SCL_EFAULT);
	CHECK(err.address == 0xdead0070);
	CHECK_INT(err.sys_errno, 0);
}

static void null_is_accepted(void)
{
	CHECK(!failing(NULL));
	CHECK(!scl_wrap(NULL, "outer"));
}

static void an_error_can_quote_itself(void)
{
	struct scl_error err = {0};
	(void)scl_fail(&err, SCL_EIO, "inner");
	(void)scl_fail_errno(&err, SCL_EPERM, EACCES, "outer (%s)", err.text);
	CHECK_STR(err.text, "outer (inner)");
	CHECK_INT(err.sys_errno, EACCES);
	(void)scl_wrap(&err, "%s", err.text);
	CHECK_STR(err.text, "outer (inner): outer (inner)");
}

static void long_text_is_cut(void)
{
	char text[2 * SCL_ERROR_TEXT];
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	struct scl_error err = {0};
	(void)scl_fail(&err, SCL_EIO, "%s", text);
	CHECK_INT(strlen(err.text), SCL_ERROR_TEXT - 1);
	(void)scl_wrap(&err, "file");
	CHECK_INT(strlen(err.text), SCL_ERROR_TEXT - 1);
	CHECK(strncmp(err.text, "file: xxx", 9) == 0);
	(void)scl_wrap(&err, "%s", text);
	CHECK_INT(strlen(err.text), SCL_ERROR_TEXT - 1);
}

int main(void)
{
	RUN(prefixes_stand_before_the_cause);
	RUN(null_is_accepted);
	RUN(an_error_can_quote_itself);
	RUN(long_text_is_cut);
	return check_finish();
}
