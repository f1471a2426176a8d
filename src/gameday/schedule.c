#include "gameday/schedule.h"

#include "base/str.h"

#include <stdlib.h>

#define ENOUGH 100 /* where only the clock ends the day */

static const struct gameday_entry *draw_by_weight(const struct gameday_file *file,
                                                  struct rng *rng)
{
	double total = 0;
	double at;

	for (size_t i = 0; i < file->entry_count; i++)
		total += file->entries[i].weight;
	at = rng_between(rng, 0, total);
	for (size_t i = 0; i + 1 < file->entry_count; i++) {
		if (at < file->entries[i].weight)
			return &file->entries[i];
		at -= file->entries[i].weight;
	}
	return &file->entries[file->entry_count - 1];
}

/* A round of all entries, shuffled (Fisher and Yates), from which one after the other is
 * taken. */
struct round {
	size_t *order;
	size_t next;
};

static const struct gameday_entry *draw_from_round(const struct gameday_file *file,
                                                   struct round *round, struct rng *rng)
{
	size_t n = file->entry_count;

	if (!round->order)
		round->order = xcalloc(n, sizeof *round->order);
	if (round->next % n == 0) {
		for (size_t i = 0; i < n; i++)
			round->order[i] = i;
		for (size_t i = n - 1; i > 0; i--) {
			size_t j = rng_below(rng, i + 1);
			size_t kept = round->order[i];

			round->order[i] = round->order[j];
			round->order[j] = kept;
		}
	}
	return &file->entries[round->order[round->next++ % n]];
}

struct plan *plan_draw(const struct gameday_file *file, uint64_t seed)
{
	struct plan *plan = XNEW(struct plan);
	size_t count = file->play > 0 ? (size_t)file->play : ENOUGH;
	bool each_once = str_eq(file->order, "each_once");
	struct round round = { 0 };
	struct rng rng;

	plan->seed = seed;
	rng_seed(&rng, seed);
	for (size_t i = 0; i < count; i++) {
		struct planned p;

		p.entry = each_once ? draw_from_round(file, &round, &rng)
		                    : draw_by_weight(file, &rng);
		/* Drawn for the first one too, so that its place changes no other draw. */
		p.pause_seconds = rng_between(&rng, file->pause.min_seconds,
		                              file->pause.max_seconds);
		p.target_seed = rng_next(&rng);
		if (i == 0)
			p.pause_seconds = 0;
		ARRAY_PUSH(plan->items, plan->count, plan->cap) = p;
	}
	free(round.order);
	return plan;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	free(plan->items);
	free(plan);
}

bool seed_parse(const char *text, uint64_t *seed, struct err *err)
{
	if (seed_is_well_formed(text, seed))
		return true;
	err_set(err, "the seed is not a whole number from 0 to 18446744073709551615");
	return err_hint(
		err,
		"give the seed that an earlier run printed, or none for a fresh one");
}
