/* pgmonkey check: files without the network, or a cluster with all that is in it. */
#include "cli/output.h"
#include "cli/verbs.h"

#include "base/log.h"
#include "gameday/experiment.h"
#include "scenario/gameday_file.h"

#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {
	[FILE_CLUSTER] = "cluster",
	[FILE_SCENARIO] = "scenario",
	[FILE_GAMEDAY] = "game day",
	[FILE_UNKNOWN] = "unknown",
};

static int check_files(const struct invocation *inv)
{
	int code = EXIT_PASS;

	for (int i = 0; i < inv->argument_count; i++) {
		enum file_kind kind = FILE_UNKNOWN;
		struct err err = { 0 };

		if (!file_check(inv->arguments[i], &kind, &err)) {
			say_file_err(&err);
			code = EXIT_BAD_FILE;
		} else if (!inv->quiet) {
			say(stdout, "%s: ok (%s)\n", inv->arguments[i], kind_names[kind]);
		}
	}
	return stdout_is_written() ? code : EXIT_REFUSED;
}

/* What is to be checked against the cluster: scenarios, alone or of game days. */
struct scenarios {
	struct scenario **items; /* all of them, borrowed */
	size_t count, cap;
	struct scenario **own; /* those that no game day owns */
	size_t own_count, own_cap;
	struct gameday_file **days;
	size_t day_count, day_cap;
};

static bool add_gameday(struct scenarios *list, struct json_doc *doc, struct err *err)
{
	struct gameday_file *day = gameday_from_doc(doc, err);

	if (!day)
		return false;
	ARRAY_PUSH(list->days, list->day_count, list->day_cap) = day;
	for (size_t i = 0; i < day->entry_count; i++)
		ARRAY_PUSH(list->items, list->count, list->cap) =
			day->entries[i].scenario;
	return true;
}

static bool add_file(struct scenarios *list, const char *path, struct err *err)
{
	struct json_doc doc = { 0 };
	struct scenario *scenario;

	if (!json_doc_read(&doc, path, err))
		return false;
	if (file_kind_of(&doc) == FILE_GAMEDAY)
		return add_gameday(list, &doc, err);
	scenario = scenario_from_doc(&doc, err);
	if (!scenario)
		return false;
	ARRAY_PUSH(list->own, list->own_count, list->own_cap) = scenario;
	ARRAY_PUSH(list->items, list->count, list->cap) = scenario;
	return true;
}

static void scenarios_free(struct scenarios *list)
{
	for (size_t i = 0; i < list->own_count; i++)
		scenario_free(list->own[i]);
	for (size_t i = 0; i < list->day_count; i++)
		gameday_free(list->days[i]);
	free(list->own);
	free(list->days);
	free(list->items);
}

static const struct {
	const char *word;
	const char *colour;
} levels[] = {
	[FINDING_OK] = { "ok", "32" },
	[FINDING_WARNING] = { "warning", "33" },
	[FINDING_PROBLEM] = { "problem", "31" },
};

static void say_finding(const struct finding *f, int width)
{
	char level[16];

	snprintf(level, sizeof level, "%-8s", levels[f->level].word);
	say_coloured(stdout, levels[f->level].colour, level);
	say(stdout, "%-*s  %s\n", width, f->about, f->text);
	if (f->hint && *f->hint)
		say(stdout, "%*s  hint: %s\n", 8 + width, "", f->hint);
}

static int say_findings(const struct findings *findings, bool quiet)
{
	size_t counts[FINDING_PROBLEM + 1] = { 0 };
	int width = 0;

	for (size_t i = 0; i < findings->count; i++) {
		int len = (int)strlen(findings->items[i].about);

		counts[findings->items[i].level]++;
		if (len > width && len <= 40)
			width = len;
	}
	for (size_t i = 0; i < findings->count; i++)
		if (!quiet || findings->items[i].level != FINDING_OK)
			say_finding(&findings->items[i], width);
	if (!quiet)
		say(stdout, "%zu ok, %zu warning%s, %zu problem%s\n", counts[FINDING_OK],
		    counts[FINDING_WARNING], counts[FINDING_WARNING] == 1 ? "" : "s",
		    counts[FINDING_PROBLEM], counts[FINDING_PROBLEM] == 1 ? "" : "s");
	return counts[FINDING_PROBLEM] ? EXIT_REFUSED : EXIT_PASS;
}

static int check_online(const struct invocation *inv)
{
	struct err err = { 0 };
	struct scenarios list = { 0 };
	struct findings findings = { 0 };
	struct cluster *cluster = cluster_read(inv->arguments[0], &err);
	bool read_all = cluster != NULL;
	int code = EXIT_BAD_FILE;

	if (!cluster)
		say_file_err(&err);
	for (int i = 1; i < inv->argument_count; i++) {
		if (add_file(&list, inv->arguments[i], &err))
			continue;
		say_file_err(&err);
		read_all = false;
	}
	if (read_all) {
		check_cluster(cluster, list.items, list.count, &findings);
		code = say_findings(&findings, inv->quiet);
		findings_free(&findings);
	}
	scenarios_free(&list);
	cluster_free(cluster);
	return stdout_is_written() ? code : EXIT_REFUSED;
}

static int run(const struct invocation *inv)
{
	return invocation_option(inv, "offline") ? check_files(inv) : check_online(inv);
}

static const struct cli_option options[] = {
	{ "offline", 0, NULL, "read the files only, any mix of them; no network", NULL },
	{ NULL, 0, NULL, NULL, NULL },
};

const struct command check_command = {
	.name = "check",
	.summary = "validate files, or look whether a cluster can be experimented on",
	.arguments = "CLUSTER [SCENARIO...]",
	.options = options,
	.min_arguments = 1,
	.max_arguments = -1,
	.help = "With --offline the arguments are cluster, scenario and game day files "
		"in any mix, told apart by their first key. Every file is read and "
		"every error is printed as FILE:LINE:COLUMN; the exit code is 65 if one "
		"is wrong.\n"
		"\n"
		"Without it the first file is a cluster; every member, host, proxy, "
		"endpoint and the HA manager is reached, and what would not work is "
		"said together with what to do about it. Scenarios and game days that "
		"follow are checked against that cluster. Nothing is changed. The exit "
		"code is 5 if there is a problem.\n"
		"\n"
		"    pgmonkey check --offline cluster.json scenarios/*.json\n"
		"    pgmonkey check cluster.json scenarios/reboot-primary.json\n",
	.run = run,
};
