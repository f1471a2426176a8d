/* The ticker of a run: flushes the ledger, watches clocks, and finds reasons to stop. */
#include "gameday/run.h"

#include "base/log.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>

#define TICK       (250 * NSEC_PER_MSEC)
#define CLOCK_STEP (100 * NSEC_PER_MSEC) /* more than slewing moves between two ticks */
#define LATE       (1 * NSEC_PER_MSEC)   /* less is not worth a line in the ledger */

static volatile sig_atomic_t stop_requests;
static const char *volatile stop_why;

void experiment_request_stop(const char *why)
{
	stop_why = why;
	stop_requests++;
}

bool watch_stop_requested(void)
{
	return stop_requests > 0;
}

nsec_t run_now(struct run *run)
{
	return loop_now(run->loop);
}

nsec_t run_after(struct run *run, double seconds)
{
	return run_now(run) + seconds_to_nsec(seconds);
}

static nsec_t wall_offset(struct run *run)
{
	struct clock *clock = loop_clock(run->loop);

	return clock->wall(clock) - clock->monotonic(clock);
}

static void watch_clock(struct run *run)
{
	nsec_t offset = wall_offset(run);
	nsec_t step = offset - run->wall_offset;
	char wall[RFC3339_SIZE];

	run->wall_offset = offset;
	if (step > -CLOCK_STEP && step < CLOCK_STEP)
		return;
	ledger_begin(run->ledger, "clock");
	ledger_int(run->ledger, "step_us", step / NSEC_PER_USEC);
	ledger_string(run->ledger, "wall", rfc3339(wall, offset + run_now(run)));
	ledger_end(run->ledger);
	log_warning("the agent's clock was stepped by %+.3f s", nsec_to_seconds(step));
}

static void watch_lateness(struct run *run)
{
	struct loop_lateness l = loop_take_lateness(run->loop);

	if (l.worst < LATE)
		return;
	ledger_begin(run->ledger, "loop");
	ledger_int(run->ledger, "late_us", l.worst / NSEC_PER_USEC);
	ledger_int(run->ledger, "slice_us", l.longest_slice / NSEC_PER_USEC);
	ledger_string(run->ledger, "source", l.longest_source);
	ledger_end(run->ledger);
}

static void watch_primary(struct run *run)
{
	if (!run->probes.member_count || probes_primary(&run->probes))
		run->no_primary_since = 0;
	else if (!run->no_primary_since)
		run->no_primary_since = run_now(run);
}

static struct progress progress_of(struct run *run)
{
	const struct member_probe *primary = probes_primary(&run->probes);
	struct progress p = {
		.experiment = run->scenario->experiment,
		.phase = run->phase ? run->phase->name : "",
		.text = run->phase ? run->phase->text : "",
		.elapsed_seconds = nsec_to_seconds(run_now(run) - run->began),
		.primary = primary ? member_probe_name(primary) : NULL,
	};

	for (size_t i = 0; i < run->probes.endpoint_count; i++) {
		const struct endpoint_probe *probe = run->probes.endpoints[i];
		const struct endpoint_status *s = endpoint_probe_status(probe);
		double failing;

		p.acked += s->acked + s->weak;
		p.not_acked += s->attempts - s->acked - s->weak;
		if (!s->failing_since || !endpoint_probe_is_write(probe))
			continue;
		failing = nsec_to_seconds(run_now(run) - s->failing_since);
		p.failing = true;
		if (failing > p.failing_seconds)
			p.failing_seconds = failing;
	}
	return p;
}

static nsec_t ticker_prepare(struct source *source, struct loop *loop)
{
	struct run *run = (struct run *)((char *)source - offsetof(struct run, ticker));

	(void)loop;
	/* Once a turn: the death of this process loses nothing that happened before. */
	ledger_flush(run->ledger);
	return run->next_tick;
}

static void ticker_wake(struct source *source, struct loop *loop)
{
	struct run *run = (struct run *)((char *)source - offsetof(struct run, ticker));
	struct progress p;

	run->next_tick = loop_now(loop) + TICK;
	watch_clock(run);
	watch_lateness(run);
	watch_primary(run);
	if (run->probes.member_count)
		watch_redundancy(run);
	if (stop_requests > 1)
		loop_quit(loop);
	p = progress_of(run);
	if (run->observer && run->observer->tick)
		run->observer->tick(&p, run->observer->arg);
}

void watch_start(struct run *run)
{
	run->wall_offset = wall_offset(run);
	run->next_tick = run_now(run);
	run->ticker = (struct source){ .name = "ticker",
		                       .prepare = ticker_prepare,
		                       .wake = ticker_wake };
	loop_take_lateness(run->loop);
	loop_add(run->loop, &run->ticker);
}

void watch_stop(struct run *run)
{
	loop_remove(run->loop, &run->ticker);
}

static void find_abort(struct run *run)
{
	double limit = run->scenario->abort_if.no_primary_seconds;
	double gone = run->no_primary_since
	                      ? nsec_to_seconds(run_now(run) - run->no_primary_since)
	                      : 0;
	struct err err;

	if (stop_requests)
		snprintf(run->abort_why, sizeof run->abort_why, "stopped by %s",
		         stop_why);
	else if (ledger_failed(run->ledger, &err))
		snprintf(run->abort_why, sizeof run->abort_why, "%.190s", err.message);
	else if (limit > 0 && gone > limit)
		snprintf(run->abort_why, sizeof run->abort_why,
		         "no member was primary for %.0f s (abort_if.no_primary_seconds)",
		         limit);
}

bool run_must_stop(struct run *run)
{
	if (run->abort_why[0])
		return true;
	find_abort(run);
	if (!run->abort_why[0])
		return false;
	log_warning("%s", run->abort_why);
	ledger_begin(run->ledger, "abort");
	ledger_string(run->ledger, "why", run->abort_why);
	ledger_end(run->ledger);
	return true;
}

struct waiting {
	struct run *run;
	bool (*done)(void *);
	bool is_done;
	bool may_abort;
};

static bool done_or_stop(void *arg)
{
	struct waiting *w = arg;

	w->is_done = w->done(w->run);
	return w->is_done || (w->may_abort && run_must_stop(w->run));
}

bool run_wait(struct run *run, bool (*done)(void *run), nsec_t until)
{
	struct waiting w = { .run = run,
		             .done = done,
		             .may_abort =
		                     !run->phase || run->phase->kind != PHASE_ALWAYS };

	loop_wait(run->loop, done_or_stop, &w, until);
	return w.is_done;
}
