/*
 * Every lie is named by the verdict, with the liar's own count: lost, resurrected, in
 * doubt present and absent, weak, stale, two primaries; and an honest run is a pass.
 * A real PostgreSQL, real libpq, ledger, audit and judge; all trials run side by side.
 */
#include "stage.h"

#include "tap.h"

#include <stdlib.h>

#define PROMISE "01000 canceling wait for synchronous replication due to user request"

struct act {
	const char *name;
	const char *lie;
	double seconds;
	bool error_in_doubt; /* what an error to the client means */
	bool promise;
	double deadline;
	enum judgement judgement;
	const char *reason; /* that the verdict must give */
	/* which of the counts must not be 0 */
	bool lost, resurrected, doubt_present, doubt_absent, weak, refused;
};

static const struct act acts[] = {
	{ .name = "honest", .lie = "honest", .seconds = 0.5, .reason = "none of " },
	{ .name = "acknowledged and dropped",
	  .lie = "drop",
	  .seconds = 0.3,
	  .judgement = JUDGED_FAIL,
	  .reason = "acknowledged rows are lost",
	  .lost = true },
	{ .name = "refused and committed",
	  .lie = "deny ERROR 40001 could not serialize access",
	  .seconds = 0.3,
	  .judgement = JUDGED_FAIL,
	  .reason = "rows are there though their writes were refused",
	  .resurrected = true,
	  .refused = true },
	{ .name = "refused",
	  .lie = "refuse ERROR 25006 cannot execute INSERT in a read-only transaction",
	  .seconds = 0.3,
	  .reason = "none of ",
	  .refused = true },
	{ .name = "committed, then reset",
	  .lie = "hide reset",
	  .seconds = 0.3,
	  .reason = "none of ",
	  .doubt_present = true },
	{ .name = "committed, then closed",
	  .lie = "hide close",
	  .seconds = 0.3,
	  .reason = "none of ",
	  .doubt_present = true },
	{ .name = "committed, then silent",
	  .lie = "hide silence",
	  .seconds = 0.3,
	  .deadline = 0.4,
	  .reason = "none of ",
	  .doubt_present = true },
	{ .name = "swallowed and reset",
	  .lie = "lose reset",
	  .seconds = 0.3,
	  .reason = "none of ",
	  .doubt_absent = true },
	{ .name = "ended by a shutdown that had committed",
	  .lie = "deny FATAL 57P01 terminating connection due to administrator command",
	  .seconds = 0.3,
	  .error_in_doubt = true,
	  .reason = "none of ",
	  .doubt_present = true },
	{ .name = "ended by a shutdown that had not",
	  .lie = "refuse FATAL 57P01 terminating connection due to administrator command",
	  .seconds = 0.3,
	  .error_in_doubt = true,
	  .reason = "none of ",
	  .doubt_absent = true },
	{ .name = "committed locally only",
	  .lie = "warn WARNING " PROMISE,
	  .seconds = 0.3,
	  .promise = true,
	  .reason = "acks came with a warning or setting that promises nothing",
	  .weak = true },
	{ .name = "answered behind the deadline",
	  .lie = "slow 700",
	  .seconds = 0.3,
	  .deadline = 0.4,
	  .reason = "none of ",
	  .doubt_present = true },
};

#define ACTS (sizeof acts / sizeof acts[0])

static struct server primary, standby;
static struct liar_process liars[ACTS];
static struct trial stage[ACTS];
static struct fate fates[MOST_KEYS];

static void make_table(void)
{
	struct pg_conn *conn = open_server(&primary);
	struct err err = { 0 };

	if (!probe_table_prepare(loop, conn, "pgmonkey", &err)) {
		printf("Bail out! %s\n", err.message);
		exit(1);
	}
	pg_close(conn);
}

static bool has_reason(const struct verdict *v, const char *text)
{
	for (size_t i = 0; i < v->reason_count; i++)
		if (strstr(v->reasons[i].text, text))
			return true;
	return false;
}

static void show(const struct verdict *v)
{
	for (size_t i = 0; i < v->reason_count; i++)
		printf("#     %s: %s\n", judgement_name(v->reasons[i].judgement),
		       v->reasons[i].text);
}

/* ---- What the liar knows
 * ---------------------------------------------------------------
 */

static struct loss count_truth(const struct act *act, const struct liar_process *l)
{
	struct loss truth = { 0 };

	read_fates(l, 1, fates);
	for (size_t i = 0; i < MOST_KEYS; i++) {
		const struct fate *f = &fates[i];
		bool doubt = f->said == SAID_NOTHING ||
		             (f->said == SAID_ERROR && act->error_in_doubt);

		if (!f->known)
			continue;
		truth.acked += f->said == SAID_ACKED;
		truth.lost += f->said == SAID_ACKED && !f->committed;
		truth.weak += f->said == SAID_WARNED;
		truth.in_doubt += doubt;
		truth.in_doubt_present += doubt && f->committed;
		truth.refused += f->said == SAID_ERROR && !doubt;
		truth.resurrected += f->said == SAID_ERROR && !doubt && f->committed;
	}
	return truth;
}

static void compare(const struct act *act, const struct verdict *v,
                    const struct loss *truth)
{
	const struct loss *l = &v->loss;
	size_t absent = truth->in_doubt - truth->in_doubt_present;

	ok(l->known, "the audit was done");
	is_int((int64_t)l->acked, (int64_t)truth->acked, "acked");
	is_int((int64_t)l->lost, (int64_t)truth->lost, "lost");
	is_int((int64_t)l->resurrected, (int64_t)truth->resurrected, "resurrected");
	is_int((int64_t)l->refused, (int64_t)truth->refused, "refused");
	is_int((int64_t)l->weak, (int64_t)truth->weak, "weak");
	is_int((int64_t)l->in_doubt, (int64_t)truth->in_doubt, "in doubt");
	is_int((int64_t)l->in_doubt_present, (int64_t)truth->in_doubt_present,
	       "in doubt and present");
	is_int((int64_t)l->not_sent_present, 0, "nothing is there that was never sent");
	ok(truth->acked > 40 && (truth->lost > 0) == act->lost &&
	           (truth->resurrected > 0) == act->resurrected &&
	           (truth->in_doubt_present > 0) == act->doubt_present &&
	           (absent > 0) == act->doubt_absent && (truth->weak > 0) == act->weak &&
	           (truth->refused > 0) == act->refused,
	   "the lie was told");
}

/* Each lost key is named, and none that is there. */
static void compare_names(const struct verdict *v)
{
	size_t right = 0;

	for (size_t i = 0; i < v->loss.lost_keys.count; i++) {
		const char *key = strrchr(v->loss.lost_keys.items[i], '/') + 1;
		const struct fate *f = &fates[strtoll(key, NULL, 10)];

		right += f->said == SAID_ACKED && !f->committed;
	}
	is_int((int64_t)right, (int64_t)v->loss.lost, "the lost keys are those");
}

static void judge_act(const struct act *act, struct trial *t,
                      const struct liar_process *l)
{
	struct verdict *v = trial_judge(t);
	struct loss truth = count_truth(act, l);
	int before = tap_failed;
	char text[128];

	printf("# %s: acked %zu, lost %zu, resurrected %zu, in doubt %zu (%zu present), "
	       "weak %zu, refused %zu\n",
	       act->name, truth.acked, truth.lost, truth.resurrected, truth.in_doubt,
	       truth.in_doubt_present, truth.weak, truth.refused);
	compare(act, v, &truth);
	compare_names(v);
	snprintf(text, sizeof text, "%s: %s", act->name, judgement_name(act->judgement));
	is_str(judgement_name(v->judgement), judgement_name(act->judgement), text);
	ok(has_reason(v, act->reason), act->reason);
	if (strcmp(act->lie, "honest") == 0)
		is_int((int64_t)v->outage_count, 0, "no outage where there was none");
	if (tap_failed > before)
		show(v);
	verdict_free(v);
}

/* ---- Stale reads
 * -----------------------------------------------------------------------
 */

static struct liar_process direct_liar, stale_liar;
static struct trial stale_trial;

static void open_stale(void)
{
	struct probe_options reads = { .every = 50 * NSEC_PER_MSEC,
		                       .of = 1,
		                       .max_staleness = NSEC_PER_SEC / 4 };

	liar_start(&direct_liar, "direct", &primary, NULL);
	liar_start(&stale_liar, "stale", &primary, NULL);
	trial_open(&stale_trial, "stale reads", NULL, 1);
	trial_write(&stale_trial, "direct", &direct_liar, NULL);
	trial_read(&stale_trial, "replica", &stale_liar, &reads);
}

/* From the liar's log: the lapse is the time in which nothing new was shown. */
static void judge_stale(void)
{
	struct verdict *v = trial_judge(&stale_trial);
	struct lapse lapse = { 0 };
	size_t n = read_lapses(&stale_liar, &lapse, 1);
	double truth = nsec_to_seconds(lapse.to - lapse.from);
	const struct figure *f = &v->probes[1].worst_staleness;
	double got = (double)f->us / 1e6;
	char text[160];

	is_int((int64_t)n, 1, "one lapse");
	is_str(judgement_name(v->judgement), "fail", "stale reads: fail");
	ok(has_reason(v, "reads through replica were stale"), "and says so");
	/* The row that is shown was read up to an interval before, and the last stale
	 * answer was asked for up to an interval before the end. */
	snprintf(text, sizeof text,
	         "stale by %.3f s (-%.3f +%.3f), truth at most %.3f and less by two "
	         "intervals at most",
	         got, (double)f->minus_us / 1e6, (double)f->plus_us / 1e6, truth + 0.05);
	ok(got <= truth + 0.06 && got >= truth - 0.12, text);
	is_int((int64_t)v->loss.lost, 0, "nothing is lost");
	verdict_free(v);
	liar_stop(&direct_liar);
	liar_stop(&stale_liar);
}

/* ---- Two primaries
 * ---------------------------------------------------------------------
 */

static struct liar_process dual_one, dual_two;
static struct trial dual_trial;

static void open_dual(void)
{
	liar_start(&dual_one, "one", &primary, &standby);
	liar_start(&dual_two, "two", &primary, &standby);
	trial_open(&dual_trial, "two primaries",
	           "{\"db1\":{\"address\":\"127.0.0.11\"},\"db2\":{\"address\":\"127.0.0."
	           "12\"}}",
	           1);
	trial_write(&dual_trial, "one", &dual_one, NULL);
	trial_write(&dual_trial, "two", &dual_two, NULL);
	trial_member(&dual_trial, &primary);
	trial_member(&dual_trial, &standby);
}

/* Keys of the trial that are on the old primary and not on the new one. */
static int64_t count_forked(void)
{
	struct pg_conn *old = open_server(&primary);
	struct pg_conn *new = open_server(&standby);
	char sql[256];
	int64_t forked = 0;
	int64_t n;

	must_query(old, "SELECT probe, seq FROM pgmonkey.writes WHERE run = 'two "
	                "primaries' AND probe > 0");
	n = pg_rows(old);
	must_query(new, "CREATE TEMP TABLE theirs (probe int, seq bigint)");
	for (int i = 0; i < n; i++) {
		snprintf(sql, sizeof sql, "INSERT INTO theirs VALUES (%s, %s)",
		         pg_value(old, i, 0), pg_value(old, i, 1));
		must_query(new, sql);
	}
	must_query(new,
	           "SELECT count(*) FROM (SELECT probe, seq FROM theirs EXCEPT SELECT "
	           "probe, seq FROM pgmonkey.writes WHERE run = 'two primaries') AS f");
	forked = strtoll(pg_value(new, 0, 0), NULL, 10);
	pg_close(old);
	pg_close(new);
	return forked;
}

/* When the first row was acknowledged by the second server, and the last by the first. */
static double true_overlap(nsec_t switched, nsec_t ended)
{
	static struct fate of_two[MOST_KEYS];
	nsec_t first_two = NSEC_NEVER;
	nsec_t last_one = 0;

	read_fates(&dual_one, 1, fates);
	read_fates(&dual_two, 2, of_two);
	for (size_t i = 0; i < MOST_KEYS; i++) {
		if (of_two[i].said == SAID_ACKED && of_two[i].said_at > switched &&
		    of_two[i].said_at < first_two)
			first_two = of_two[i].said_at;
		if (fates[i].said == SAID_ACKED && fates[i].said_at < ended &&
		    fates[i].said_at > last_one)
			last_one = fates[i].said_at;
	}
	return nsec_to_seconds(last_one - first_two);
}

static void play_dual(void)
{
	struct verdict *v;
	double truth;
	double got;
	int64_t forked;
	nsec_t switched;
	nsec_t ended;
	char text[128];

	trial_wait_acked(&dual_trial);
	trial_inject(&dual_trial);
	server_promote(&standby);
	switched = loop_now(loop);
	liar_tell(&dual_two, "route 2");
	liar_tell(&dual_two, "reset");
	wait_seconds(1);
	liar_tell(&dual_one, "route 2");
	ended = loop_now(loop);
	liar_tell(&dual_one, "reset");
	wait_seconds(1.5);
	trial_end(&dual_trial);
	trial_audit(&dual_trial, &standby, 2);
	forked = count_forked();
	truth = true_overlap(switched, ended);
	v = trial_judge(&dual_trial);
	got = (double)v->dual_primary_us / 1e6;
	is_str(judgement_name(v->judgement), "fail", "two primaries: fail");
	ok(has_reason(v, "two primaries: db1 and db2 both acked writes"), "and says so");
	snprintf(text, sizeof text, "for at least %.3f s, truth %.3f s", got, truth);
	ok(got > 0.8 && got <= truth + 0.001 && got > truth - 0.08, text);
	ok(v->dual_claim_us >= 900000, "both claimed it all the while");
	ok(forked > 20, "rows stayed behind on the old primary");
	is_int((int64_t)v->loss.lost, forked, "and are lost");
	if (tap_failed)
		show(v);
	verdict_free(v);
	liar_stop(&dual_one);
	liar_stop(&dual_two);
}

/* ---- All ------------------------------------------------------------------------------
 */

static void open_acts(void)
{
	char name[24];

	for (size_t i = 0; i < ACTS; i++) {
		struct probe_options o = {
			.promise_sync = acts[i].promise,
			.every = 40 * NSEC_PER_MSEC,
			.deadline = seconds_to_nsec(acts[i].deadline),
		};

		snprintf(name, sizeof name, "act%zu", i);
		liar_start(&liars[i], name, &primary, NULL);
		trial_open(&stage[i], name, NULL, 1);
		trial_write(&stage[i], "endpoint", &liars[i], &o);
	}
}

static void play_acts(void)
{
	nsec_t start;

	for (size_t i = 0; i < ACTS; i++)
		trial_wait_acked(&stage[i]);
	trial_wait_acked(&stale_trial);
	wait_seconds(1.2);
	for (size_t i = 0; i < ACTS; i++)
		trial_inject(&stage[i]);
	trial_inject(&stale_trial);
	start = in_seconds(0.1);
	for (size_t i = 0; i < ACTS; i++) {
		nsec_t from = start + (nsec_t)i * 11 * NSEC_PER_MSEC;

		liar_plan(&liars[i], from, "%s", acts[i].lie);
		liar_plan(&liars[i], from + seconds_to_nsec(acts[i].seconds), "honest");
	}
	liar_plan(&stale_liar, start, "stale");
	liar_plan(&stale_liar, start + NSEC_PER_SEC, "honest");
	wait_seconds(3.2);
	for (size_t i = 0; i < ACTS; i++)
		trial_end(&stage[i]);
	trial_end(&stale_trial);
	for (size_t i = 0; i < ACTS; i++)
		trial_audit(&stage[i], &primary, 1);
	trial_audit(&stale_trial, &primary, 1);
}

int main(void)
{
	stage_open();
	if (!server_start(&primary, "db1", "127.0.0.11")) {
		printf("1..0 # SKIP no PostgreSQL server is installed\n");
		return 0;
	}
	make_table();
	server_start_standby(&standby, "db2", "127.0.0.12", &primary);
	open_acts();
	open_stale();
	play_acts();
	for (size_t i = 0; i < ACTS; i++) {
		judge_act(&acts[i], &stage[i], &liars[i]);
		liar_stop(&liars[i]);
	}
	judge_stale();
	open_dual();
	play_dual();
	server_stop(&standby);
	server_stop(&primary);
	stage_close();
	return done_testing();
}
