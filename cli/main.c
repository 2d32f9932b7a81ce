/* main.c - scalene-dbg: the commands without a debugger. */
#include <stdio.h>
#include <string.h>

#include "command/args.h"
#include "command/help.h"
#include "host.h"

enum { STATUS_DONE, STATUS_FAILED, STATUS_USAGE };

static int report(const struct scl_error *err)
{
	fprintf(stderr, "scalene-dbg: %s\n", err->text);
	return err->code == SCL_EUSAGE ? STATUS_USAGE : STATUS_FAILED;
}

/* For scripts/dev/gen-docs: the documents are made from the command table, which only the program has. */
static bool print_document(const char *word)
{
	struct scl_buffer text = {0};

	if (strcmp(word, "--print-markdown") == 0)
		scl_docs_markdown(&text);
	else if (strcmp(word, "--print-man") == 0)
		scl_docs_man(&text);
	else
		return false;
	fputs(scl_buffer_str(&text), stdout);
	scl_buffer_destroy(&text);
	return true;
}

static int run(struct cli_host *cli, struct scl_session *session, const struct scl_args *args, size_t argc,
	       const char *const *argv)
{
	struct scl_error err = {0};
	bool done;

	if (args->help)
		done = scl_session_run(session, 0, NULL, &err);
	else if (scl_arg(args, "--version")->given)
		done = scl_session_run(session, 1, (const char *const[]){"version"}, &err);
	else if (cli->core && args->rest == argc)
		done = scl_session_run(session, 1, (const char *const[]){"post-mortem"}, &err);
	else
		done = scl_session_run(session, argc - args->rest, argv + args->rest, &err);
	int status = done ? STATUS_DONE : report(&err);
	return cli_host_finish(cli) || status ? status : STATUS_FAILED;
}

/* What the words mean together. */
static bool check(const struct scl_args *args, struct scl_error *err)
{
	bool core = scl_arg(args, "--core")->given;

	if (core && scl_arg(args, "--pid")->given)
		return scl_fail(err, SCL_EUSAGE, "-p is a process, -c a core dump: name one of them");
	if (!core && (scl_arg(args, "--exe")->given || scl_arg(args, "--sysroot")->given))
		return scl_fail(err, SCL_EUSAGE,
				"-e and --sysroot say where the files of a core dump are: name it with -c "
				"CORE");
	return true;
}

int main(int argc, char **argv)
{
	const char *const *words = (const char *const *)argv + 1;
	size_t n = argc > 0 ? (size_t)argc - 1 : 0;
	struct scl_arena arena = {0};
	struct scl_error err = {0};
	struct scl_args args;
	struct cli_host cli;

	if (n == 1 && print_document(words[0]))
		return STATUS_DONE;
	if (!scl_args_parse(&arena, &scl_command_line, n, words, &args, &err)) {
		scl_arena_destroy(&arena);
		return report(&err);
	}
	if (!check(&args, &err)) {
		scl_arena_destroy(&arena);
		return report(&err);
	}
	const struct scl_core_options files = {.exe = scl_arg(&args, "--exe")->text,
					       .sysroot = scl_arg(&args, "--sysroot")->text};
	cli_host_init(&cli, (int)scl_arg(&args, "--pid")->count, scl_arg(&args, "--core")->text, &files);
	struct scl_session *session = scl_session_create(&cli.host);
	int status = STATUS_FAILED;
	if (session)
		status = run(&cli, session, &args, n, words);
	else
		fprintf(stderr, "scalene-dbg: out of memory\n");
	scl_session_destroy(session);
	cli_host_close(&cli);
	scl_arena_destroy(&arena);
	return status;
}
