/* test_refusal.c - every reason of a refusal has its own sentence, and a remedy in it. */
#include "check.h"
#include "target/refusal.h"

static struct scl_error err;

static const char *text_of(struct scl_refusal why)
{
	why.pid = 4711;
	CHECK(!scl_refusal_fail(&why, 1, &err));
	CHECK_INT(err.code, SCL_EPERM);
	CHECK_CONTAINS(err.text, "not allowed to read process 4711: ");
	CHECK(strlen(err.text) < SCL_ERROR_TEXT - 100);
	return err.text;
}

static void names_the_other_user(void)
{
	struct scl_refusal why = {.have_uids = true, .our_uid = 1000, .its_uid = 33, .ptrace_scope = 1};

	CHECK_CONTAINS(text_of(why), "belongs to uid 33 and you are uid 1000");
	CHECK_CONTAINS(text_of(why), "sudo -u '#33'");
}

static void names_ptrace_scope(void)
{
	struct scl_refusal why = {.have_uids = true, .our_uid = 1000, .its_uid = 1000};

	why.ptrace_scope = 1;
	CHECK_CONTAINS(text_of(why), "ptrace_scope is 1");
	CHECK_CONTAINS(text_of(why), "echo 0 | sudo tee /proc/sys/kernel/yama/ptrace_scope");
	why.ptrace_scope = 2;
	CHECK_CONTAINS(text_of(why), "ptrace_scope is 2");
	why.ptrace_scope = 3;
	CHECK_CONTAINS(text_of(why), "ptrace_scope is 3");
	why.ptrace_capable = true;
	CHECK_CONTAINS(text_of(why), "ptrace_scope is 3");
}

static void names_the_missing_capability(void)
{
	struct scl_refusal why = {.have_uids = true, .ptrace_scope = -1, .container = true, .seccomp = true};

	CHECK_CONTAINS(text_of(why), "without CAP_SYS_PTRACE, in a container");
	CHECK_CONTAINS(text_of(why), "--cap-add=SYS_PTRACE");
	CHECK_CONTAINS(text_of(why), "kubectl debug");
}

static void names_what_the_process_is(void)
{
	struct scl_refusal why = {.have_uids = true, .our_uid = 1000, .its_uid = 1000, .ptrace_scope = -1};
	struct scl_refusal other = why;

	other.other_user_namespace = true;
	CHECK_CONTAINS(text_of(other), "another user namespace");
	CHECK_CONTAINS(text_of(other), "nsenter -t 4711");
	other = why;
	other.not_dumpable = true;
	CHECK_CONTAINS(text_of(other), "not dumpable");
	other = why;
	other.more_capabilities = true;
	CHECK_CONTAINS(text_of(other), "capabilities that you lack");
}

static void names_filters_and_modules(void)
{
	struct scl_refusal why = {.have_uids = true, .our_uid = 1000, .its_uid = 1000, .ptrace_scope = 0};

	CHECK_CONTAINS(text_of(why), "security module");
	why.seccomp = true;
	CHECK_CONTAINS(text_of(why), "seccomp");
	why.ptrace_capable = true;
	CHECK_CONTAINS(text_of(why), "you have CAP_SYS_PTRACE");
}

static void names_what_is_refused(void)
{
	struct scl_refusal why = {
		.pid = 12, .act = "stop", .have_uids = true, .our_uid = 1, .its_uid = 1, .ptrace_scope = 1};

	CHECK(!scl_refusal_fail(&why, 1, &err));
	CHECK_CONTAINS(err.text, "not allowed to stop process 12: kernel.yama");
}

int main(void)
{
	RUN(names_the_other_user);
	RUN(names_what_is_refused);
	RUN(names_ptrace_scope);
	RUN(names_the_missing_capability);
	RUN(names_what_the_process_is);
	RUN(names_filters_and_modules);
	return check_finish();
}
