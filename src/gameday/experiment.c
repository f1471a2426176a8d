#include "gameday/experiment.h"

#include "base/log.h"
#include "gameday/run.h"
#include "verdict/verdict.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "20261125T021551Z-1f3a9c": sorts by time, and is plain enough to stand in SQL. */
static void make_id(struct run *run)
{
	struct clock *clock = clock_system();
	char when[UTC_STAMP_SIZE];

	snprintf(run->id, sizeof run->id, "%s-%06" PRIx64,
	         utc_stamp(when, clock->wall(clock)), rng_fresh_seed() & 0xffffff);
}

static bool open_ledger(struct run *run, struct err *err)
{
	char *path = run->options->ledger
	                     ? xstrdup(run->options->ledger)
	                     : state_new_ledger(run->state, run->scenario->experiment);

	run->ledger = ledger_create(path, clock_system(), run->began, err);
	free(path);
	return run->ledger != NULL;
}

static bool run_open(struct run *run, struct err *err)
{
	const cJSON *fault = json_get(run->scenario->doc.root, "fault");

	run->loop = loop_new(clock_system());
	run->began = run_now(run);
	run->http = http_new(run->loop);
	run->remotes = remotes_of(run->loop, run->inventory);
	rng_seed(&run->rng, run->options->target_seed);
	make_id(run);
	/* A fault of its own for each run: it keeps what this run has seen. */
	if (!fault_parse(&run->scenario->doc, fault, &run->fault, err))
		return false;
	run->ha = ha_new(run->inventory, run->loop, run->http, err);
	return run->ha && state_is_healed(run->state, err) && open_ledger(run, err);
}

static void run_close(struct run *run)
{
	probes_free(&run->probes);
	fault_free(run->fault);
	pg_target_free(run->fault_member);
	ha_free(run->ha);
	if (run->loop)
		remotes_free(&run->remotes);
	http_free(run->http);
	ledger_close(run->ledger);
	loop_free(run->loop);
	buf_free(&run->dry_run);
}

static void enter(struct run *run, const struct phase *phase)
{
	struct progress p = { .experiment = run->scenario->experiment,
		              .phase = phase->name,
		              .text = phase->text };
	char context[160];

	run->phase = phase;
	run->phase_began = run_now(run);
	snprintf(context, sizeof context, "%.120s %s", run->scenario->experiment,
	         phase->name);
	log_set_context(context);
	ledger_begin(run->ledger, "phase");
	ledger_string(run->ledger, "phase", phase->name);
	ledger_string(run->ledger, "text", phase->text);
	ledger_end(run->ledger);
	p.elapsed_seconds = nsec_to_seconds(run_now(run) - run->began);
	if (run->observer && run->observer->phase)
		run->observer->phase(&p, run->observer->arg);
	step_wait(run);
}

/*
 * Plays the table from top to bottom.  A failure before the intent refuses the run; after
 * it, everything that heals, settles and audits still runs.
 */
static void play(struct run *run, struct err *err)
{
	struct err failed = { 0 };
	bool ok = true;

	for (const struct phase *phase = phases; phase->name; phase++) {
		if (phase->kind == PHASE_ALWAYS ? !run->intent : !ok)
			continue;
		if (phase->kind == PHASE_FAULT && !run->intent)
			continue;
		enter(run, phase);
		if (phase->play(run, &failed))
			continue;
		if (ok)
			*err = failed;
		ok = false;
		if (!run->intent) /* refused: the caller says so */
			continue;
		log_error("%s%s%s", failed.message, failed.hint[0] ? "; " : "",
		          failed.hint);
	}
	run->refused = !run->intent && !run->options->dry_run;
}

static void write_end(struct run *run, const struct err *err)
{
	struct err cannot;

	if (run->refused && !run->abort_why[0]) {
		ledger_begin(run->ledger, "refused");
		ledger_string(run->ledger, "why", err->message);
		ledger_string(run->ledger, "hint", err->hint[0] ? err->hint : NULL);
		ledger_end(run->ledger);
	}
	ledger_begin(run->ledger, "end");
	ledger_end(run->ledger);
	if (!ledger_sync(run->ledger, &cannot))
		log_error("%s", cannot.message);
	if (run->intent && run->healed && !state_set_current(run->state, NULL, &cannot))
		log_error("%s", cannot.message);
}

/* What the run comes to; the verdict is read back from the ledger, as anybody would. */
static enum exit_code judge(const char *path)
{
	struct err err = { 0 };
	struct verdict *v = verdict_of_file(path, &err);
	enum exit_code code = v ? verdict_exit_code(v) : EXIT_INCONCLUSIVE;

	if (!v)
		log_error("%s", err.message);
	verdict_free(v);
	return code;
}

static void finish(struct run *run, struct run_result *result, struct err *err)
{
	char *path = xstrdup(ledger_path(run->ledger));
	bool began_phase = run->phase && run->phase != phases;

	/* What is under way is told before the last line. */
	probes_stop(run);
	watch_stop(run);
	probes_free(&run->probes);
	write_end(run, err);
	ledger_close(run->ledger);
	run->ledger = NULL;
	result->exit = run->options->dry_run ? EXIT_PASS : judge(path);
	if (run->refused && !run->abort_why[0])
		result->exit = EXIT_REFUSED;
	/* Nothing to read in it: what was refused at the door, or only asked for. */
	if (run->options->dry_run || (run->refused && !began_phase)) {
		unlink(path);
		free(path);
		return;
	}
	result->ledger = path;
}

bool experiment_run(const struct cluster *cluster, const struct scenario *scenario,
                    struct state *state, const struct run_options *options,
                    struct run_result *result, struct err *err)
{
	struct run run = {
		.cluster = cluster,
		.inventory = &cluster->inventory,
		.scenario = scenario,
		.state = state,
		.options = options,
		.observer = options->observer,
		.dry_run = BUF_INIT,
	};
	bool played;

	*result = (struct run_result){ .exit = EXIT_REFUSED };
	if (!run_open(&run, err)) {
		run_close(&run);
		return false;
	}
	run_line_write(&run);
	watch_start(&run);
	*err = (struct err){ 0 };
	play(&run, err);
	played = !run.refused && !(options->dry_run && err->message[0]);
	finish(&run, result, err);
	if (options->dry_run && !played)
		result->exit = EXIT_REFUSED;
	result->dry_run = buf_steal(&run.dry_run);
	log_set_context(NULL);
	run_close(&run);
	return played || run.abort_why[0];
}

void run_result_free(struct run_result *result)
{
	free(result->ledger);
	free(result->dry_run);
	*result = (struct run_result){ 0 };
}
