/* pgmonkey report: verdict and figures from ledgers alone. */
#include "cli/output.h"
#include "cli/reporting.h"
#include "cli/verbs.h"

#include <string.h>
#include <unistd.h>

static bool deliver(const struct buf *report, const char *path, bool text)
{
	struct err err = { 0 };

	if (path) {
		if (file_write(path, report, true, &err))
			return true;
		say_err(&err);
		return false;
	}
	/* What goes into a pipe or a file stays as it is, unless it is meant for eyes. */
	if (text || isatty(STDOUT_FILENO))
		say(stdout, "%s", report->data);
	else
		fwrite(report->data, 1, report->len, stdout);
	return stdout_is_written();
}

static int run(const struct invocation *inv)
{
	const char *format = invocation_option(inv, "format");
	struct strings ledgers = { 0 };
	struct buf report = BUF_INIT;
	struct err err = { 0 };
	int code = EXIT_PASS;

	format = format ? format : "text";
	for (int i = 0; i < inv->argument_count; i++) {
		if (ledgers_add(&ledgers, inv->arguments[i], &err))
			continue;
		say_file_err(&err);
		code = EXIT_BAD_FILE;
	}
	if (!report_ledgers(&ledgers, report_format_find(format), &report))
		code = EXIT_BAD_FILE;
	if (code == EXIT_PASS && !deliver(&report, invocation_option(inv, "output"),
	                                  strcmp(format, "text") == 0))
		code = EXIT_REFUSED;
	buf_free(&report);
	strings_free(&ledgers);
	return code;
}

static const struct cli_option options[] = {
	{ "format", 0, "FORMAT", "how it is written (text)", report_format_names },
	{ "output", 'o', "FILE", "write it to FILE, which is replaced", NULL },
	{ NULL, 0, NULL, NULL, NULL },
};

const struct command report_command = {
	.name = "report",
	.summary = "judge ledgers and print the report",
	.arguments = "LEDGER...",
	.options = options,
	.min_arguments = 1,
	.max_arguments = -1,
	.help = "Verdict and report are computed from the ledgers alone: on any "
		"machine, at any time, with the same bytes. A directory stands for all "
		"*.jsonl files in it, in the order of their names. With several ledgers "
		"a summary stands first.\n"
		"\n"
		"The exit code is 0 where the report was written, whatever it says, and "
		"65 where a ledger cannot be read; then no report is written.\n"
		"\n"
		"    pgmonkey report --format markdown -o report.md billing/*.jsonl\n",
	.run = run,
};
