#include "cli/day.h"

#include "cli/output.h"

#include <stdio.h>

/* --seed was read before: a wrong command line comes before a wrong file. */
static int choose_seed(struct day *day, const struct invocation *inv, uint64_t *seed)
{
	const char *given = invocation_option(inv, "seed");
	struct err err = { 0 };

	if (!given && day->file->seed && !seed_parse(day->file->seed, seed, &err)) {
		json_fail(&day->file->doc, json_get(day->file->doc.root, "seed"),
		          JSON_AT_VALUE, &err, "%s", err.message);
		say_file_err(&err);
		return EXIT_BAD_FILE;
	}
	if (!given && !day->file->seed)
		*seed = rng_fresh_seed();
	snprintf(day->seed, sizeof day->seed, "%llu", (unsigned long long)*seed);
	return EXIT_PASS;
}

static bool scenarios_fit(const struct day *day)
{
	bool fit = true;

	for (size_t i = 0; i < day->file->entry_count; i++) {
		struct err err = { 0 };

		if (scenario_fits(day->file->entries[i].scenario,
		                  &day->cluster->inventory, &err))
			continue;
		say_file_err(&err);
		fit = false;
	}
	return fit;
}

int day_load(struct day *day, const struct invocation *inv)
{
	const char *given = invocation_option(inv, "seed");
	struct err err = { 0 };
	uint64_t seed = 0;
	int code;

	if (given && !seed_parse(given, &seed, &err))
		return usage_error(inv->command, "--seed: %s", err.message);
	day->cluster = cluster_read(inv->arguments[0], &err);
	if (!day->cluster)
		say_file_err(&err);
	day->file = gameday_read(inv->arguments[1], &err);
	if (!day->file)
		say_file_err(&err);
	if (!day->cluster || !day->file || !scenarios_fit(day))
		return EXIT_BAD_FILE;
	code = choose_seed(day, inv, &seed);
	if (code == EXIT_PASS)
		day->plan = plan_draw(day->file, seed);
	return code;
}

void day_free(struct day *day)
{
	plan_free(day->plan);
	gameday_free(day->file);
	cluster_free(day->cluster);
}
