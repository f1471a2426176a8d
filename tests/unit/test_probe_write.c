/* The write probe on the virtual clock: schedule, outcomes, pacing, status. */
#include "test_probe_fake.h"

#define MS  NSEC_PER_MSEC
#define SEC NSEC_PER_SEC
#define END                         \
	{                           \
		.until = NSEC_NEVER \
	}

static struct probe_options options(void)
{
	return (struct probe_options){ .number = 1,
		                       .endpoint = "primary_endpoint",
		                       .every = 20 * MS };
}

static cJSON *attempts_of(const cJSON *lines)
{
	cJSON *attempts = cJSON_CreateArray();
	const cJSON *line;

	cJSON_ArrayForEach (line, lines)
		if (line_has(line, "event", "attempt") &&
		    !line_has(line, "kind", "connect"))
			cJSON_AddItemReferenceToArray(attempts, (cJSON *)line);
	return attempts;
}

static int by_seq(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* Every seq from 1 on once, and each on the schedule of 20 ms. */
static bool seqs_are_complete(const cJSON *attempts)
{
	int n = cJSON_GetArraySize(attempts);
	int64_t *seqs = xcalloc((size_t)n + 1, sizeof *seqs);
	int64_t start = 0;
	const cJSON *line;
	bool good = n > 0;
	int i = 0;

	cJSON_ArrayForEach (line, attempts) {
		int64_t seq = line_int(line, "seq");
		int64_t scheduled = line_int(line, "scheduled_us");

		if (!start)
			start = scheduled - (seq - 1) * 20000;
		good &= scheduled == start + (seq - 1) * 20000;
		seqs[i++] = seq;
	}
	qsort(seqs, (size_t)n, sizeof *seqs, by_seq);
	for (i = 0; i < n; i++)
		good &= seqs[i] == i + 1;
	free(seqs);
	return good;
}

static void test_quiet_minute(void)
{
	static const struct fake_phase phases[] = { END };
	struct probe_env env = fake_start(phases);
	struct probe_options o = options();
	struct endpoint_probe *p = write_probe_start(&env, &o);
	const struct endpoint_status *s = endpoint_probe_status(p);
	cJSON *lines, *attempts;

	fake_run_until(61 * SEC);
	ok(s->acked >= 2998 && s->acked <= 3000, "a minute of 20 ms is 3000 acks");
	is_int((int64_t)(s->attempts - s->acked), 0, "nothing else");
	ok(s->acked_since > 0 && s->acked_since < 1100 * MS, "acked since the first ack");
	is_int(s->failing_since, 0, "no outage");
	is_str(s->server, "10.0.0.11:5432", "the server says who it is");
	ok(fake->connects >= 58 && fake->connects <= 62, "a fresh session each second");
	ok(fake->most_open <= 2, "the old one goes when the new one is there");
	endpoint_probe_free(p);
	lines = fake_end();
	attempts = attempts_of(lines);
	ok(seqs_are_complete(attempts), "seqs are contiguous, on schedule");
	is_int(count_lines(lines, "attempt", "kind", "connect"), 0, "no connect failed");
	ok(count_lines(lines, "connection", NULL, NULL) >= 58, "each session is told");
	cJSON_Delete(attempts);
	cJSON_Delete(lines);
}

/* Where a connect takes 15 ms there are four times 15 ms from one to the next; where it
 * takes 80 ms, 100 ms. */
static void test_pace(void)
{
	static const struct fake_phase phases[] = {
		{ .until = 10 * SEC },
		{ .until = 20 * SEC,
		  .connect = FAKE_REFUSES,
		  .sqlstate = "57P03",
		  .connect_takes = 15 * MS,
		  .kills = true },
		{ .until = 30 * SEC,
		  .connect = FAKE_REFUSES,
		  .sqlstate = "57P03",
		  .connect_takes = 80 * MS },
		{ .until = 40 * SEC,
		  .connect = FAKE_REFUSES,
		  .sqlstate = "",
		  .connect_takes = 1 * MS },
		END,
	};
	struct probe_env env = fake_start(phases);
	struct probe_options o = options();
	struct endpoint_probe *p = write_probe_start(&env, &o);
	size_t before;

	fake_run_until(10 * SEC);
	before = fake->connects;
	fake_run_until(20 * SEC);
	ok(fake->connects - before > 140 && fake->connects - before <= 168,
	   "connects of 15 ms take a quarter of the time");
	before = fake->connects;
	fake_run_until(30 * SEC);
	ok(fake->connects - before > 80 && fake->connects - before <= 101,
	   "slow ones are 100 ms apart");
	before = fake->connects;
	fake_run_until(40 * SEC);
	ok(fake->connects - before > 900 && fake->connects - before <= 1001,
	   "two a tick where nobody listens");
	endpoint_probe_free(p);
	cJSON_Delete(fake_end());
}

/* The kept statement hangs for long, and connects too: they go on beside one another. */
static void test_pace_hanging(void)
{
	static const struct fake_phase phases[] = {
		{ .until = 10 * SEC },
		{ .until = 14 * SEC, .connect = FAKE_HANGS, .statement = FAKE_HANGS },
		END,
	};
	struct probe_env env = fake_start(phases);
	struct probe_options o = options();
	struct endpoint_probe *p;
	const struct endpoint_status *s;
	size_t before;

	o.deadline = 4 * SEC;
	p = write_probe_start(&env, &o);
	s = endpoint_probe_status(p);
	fake_run_until(11 * SEC);
	before = fake->connects;
	fake_run_until(14 * SEC);
	ok(fake->connects - before >= 2, "others are tried while one hangs");
	fake_run_until(18 * SEC);
	ok(s->acked_since > 14 * SEC, "and the end of the outage is seen");
	endpoint_probe_free(p);
	cJSON_Delete(fake_end());
}

/* Sessions die at 20 s, connects are refused until 32 s. */
static void test_outage(void)
{
	static const struct fake_phase phases[] = {
		{ .until = 20 * SEC },
		{ .until = 32 * SEC,
		  .connect = FAKE_REFUSES,
		  .sqlstate = "57P03",
		  .kills = true,
		  .statement = FAKE_HANGS },
		END,
	};
	struct probe_env env = fake_start(phases);
	struct probe_options o = options();
	struct endpoint_probe *p = write_probe_start(&env, &o);
	const struct endpoint_status *s = endpoint_probe_status(p);
	cJSON *lines, *attempts;
	const cJSON *line;
	nsec_t failing;
	int64_t last_connect = 0;
	bool paced = true;
	int refused;

	fake_run_until(25 * SEC);
	failing = s->failing_since;
	ok(failing > 19950 * MS && failing <= 20020 * MS,
	   "failing since the schedule at 20 s");
	is_int(s->acked_since, 0, "not acked any more");
	is_str(s->last_error, "connection refused", "and why");
	fake_run_until(32900 * MS);
	is_int(s->failing_since, failing, "the first acks do not end it");
	ok(s->acked_since >= 32 * SEC && s->acked_since < 32200 * MS, "acked again soon");
	fake_run_until(34 * SEC);
	is_int(s->failing_since, 0, "a second of acks does");
	fake_run_until(60010 * MS);
	endpoint_probe_free(p);
	lines = fake_end();
	attempts = attempts_of(lines);
	ok(seqs_are_complete(attempts), "seqs are contiguous, on schedule");
	is_int(count_lines(attempts, "attempt", "outcome", "in_doubt"), 1,
	       "what was under way is in doubt");
	is_int(count_lines(attempts, "attempt", "outcome", "refused"), 0,
	       "no row was refused");
	ok(count_lines(attempts, "attempt", "reason", "no_connection") > 590,
	   "none could be sent");
	is_int(count_lines(attempts, "attempt", "reason", "late"), 0, "nothing was late");
	cJSON_ArrayForEach (line, lines) {
		if (!line_has(line, "kind", "connect"))
			continue;
		if (last_connect && line_int(line, "scheduled_us") - last_connect < 20000)
			paced = false;
		last_connect = line_int(line, "scheduled_us");
	}
	ok(paced, "connects are at least a tick apart");
	refused = count_lines(lines, "attempt", "kind", "connect");
	ok(refused > 550 && refused <= 600, "and go on all the time");
	cJSON_Delete(attempts);
	cJSON_Delete(lines);
}

/* A commit that takes longer than the interval is no outage: ticks share a statement. */
static void test_slow_commits(void)
{
	static const struct fake_phase phases[] = { { .until = NSEC_NEVER,
		                                      .latency = 70 * MS } };
	struct probe_env env = fake_start(phases);
	struct probe_options o = options();
	struct endpoint_probe *p = write_probe_start(&env, &o);
	const struct endpoint_status *s = endpoint_probe_status(p);
	cJSON *lines, *attempts;

	fake_run_until(11 * SEC);
	endpoint_probe_stop(p);
	fake_run_until(12 * SEC);
	ok(endpoint_probe_is_idle(p), "idle once it was stopped and answered");
	is_int((int64_t)s->attempts, (int64_t)s->acked, "all ticks are acked");
	is_int(s->failing_since, 0, "no outage");
	ok(fake->statements < s->acked / 3, "by fewer statements");
	endpoint_probe_free(p);
	lines = fake_end();
	attempts = attempts_of(lines);
	ok(seqs_are_complete(attempts), "seqs are contiguous, on schedule");
	cJSON_Delete(attempts);
	cJSON_Delete(lines);
}

/* Commits freeze from 10 s to 14 s: sessions are kept, some rows are in doubt, all exist. */
static void test_freeze(void)
{
	static const struct fake_phase phases[] = {
		{ .until = 10 * SEC },
		{ .until = 14 * SEC, .statement = FAKE_FREEZES },
		END,
	};
	struct probe_env env = fake_start(phases);
	struct probe_options o = options();
	struct endpoint_probe *p = write_probe_start(&env, &o);
	const struct endpoint_status *s = endpoint_probe_status(p);
	cJSON *lines, *attempts;
	nsec_t failing;

	fake_run_until(10900 * MS);
	is_int(s->failing_since, 0, "not yet too late");
	fake_run_until(11100 * MS);
	failing = s->failing_since;
	ok(failing >= 9980 * MS && failing <= 10020 * MS,
	   "a stall counts from its schedule");
	is_int(s->acked_since, 0, "not acked any more");
	fake_run_until(13500 * MS);
	is_int(s->failing_since, failing, "still the same outage");
	fake_run_until(16 * SEC);
	is_int(s->failing_since, 0, "over");
	ok(s->acked_since >= 14 * SEC && s->acked_since < 14100 * MS,
	   "acked since it thawed");
	endpoint_probe_free(p);
	lines = fake_end();
	attempts = attempts_of(lines);
	ok(seqs_are_complete(attempts), "seqs are contiguous, on schedule");
	ok(count_lines(attempts, "attempt", "outcome", "in_doubt") >= 2 &&
	           count_lines(attempts, "attempt", "outcome", "in_doubt") <= 6,
	   "a few deadlines end in doubt: only one row is risked on a fresh session");
	ok(count_lines(attempts, "attempt", "reason", "busy") > 20,
	   "others had no session free");
	is_int(count_lines(attempts, "attempt", "reason", "no_connection"), 0,
	       "there always was one");
	is_int(count_lines(attempts, "attempt", "reason", "late"), 0, "nothing was late");
	cJSON_Delete(attempts);
	cJSON_Delete(lines);
}

/* The kept session is stuck at a demoted member: a fresh one is opened soon. */
static void test_read_only(void)
{
	static const struct fake_phase phases[] = {
		{ .until = 10 * SEC },
		{ .until = 12 * SEC, .statement = FAKE_REFUSES, .sqlstate = "25006" },
		END,
	};
	struct probe_env env = fake_start(phases);
	struct probe_options o = options();
	struct endpoint_probe *p = write_probe_start(&env, &o);
	const struct endpoint_status *s = endpoint_probe_status(p);
	size_t before;
	cJSON *lines;

	fake_run_until(10 * SEC);
	before = fake->connects;
	fake_run_until(12 * SEC);
	ok(fake->connects - before >= 7, "a refused session is replaced each 250 ms");
	ok(s->refused >= 98, "each refusal counts");
	is_int((int64_t)s->in_doubt, 0, "no doubt about them");
	before = fake->connects;
	fake_run_until(13 * SEC);
	ok(fake->connects - before >= 3, "acks must last over fresh sessions, too");
	before = fake->connects;
	fake_run_until(16 * SEC);
	ok(!s->failing_since && fake->connects - before <= 5, "then it is as before");
	endpoint_probe_free(p);
	lines = fake_end();
	ok(count_lines(lines, "attempt", "sqlstate", "25006") >= 98,
	   "with their SQLSTATE");
	cJSON_Delete(lines);
}

/* Connects hang from 10 s on, to a host that is gone: others begin beside them. */
static void test_connects_hang(void)
{
	static const struct fake_phase phases[] = {
		{ .until = 10 * SEC },
		{ .until = 13 * SEC,
		  .connect = FAKE_HANGS,
		  .statement = FAKE_HANGS,
		  .kills = true },
		END,
	};
	struct probe_env env = fake_start(phases);
	struct probe_options o = options();
	struct endpoint_probe *p = write_probe_start(&env, &o);
	const struct endpoint_status *s = endpoint_probe_status(p);
	cJSON *lines;

	fake_run_until(16 * SEC);
	ok(s->acked_since > 13 * SEC && s->acked_since < 13900 * MS,
	   "the hanging ones do not hide that a new one gets through");
	ok(fake->most_open <= 4, "no more than four at once");
	endpoint_probe_free(p);
	lines = fake_end();
	ok(count_lines(lines, "attempt", "kind", "connect") >= 3,
	   "they are refused in the end");
	cJSON_Delete(lines);
}

static void test_weak(void)
{
	static const struct fake_phase phases[] = {
		{ .until = 3 * SEC },
		{ .until = 4 * SEC, .sync = "local" },
		{ .until = 5 * SEC,
		  .notice = "canceling wait for synchronous replication due to user "
		            "request" },
		{ .until = 6 * SEC, .notice = "something else" },
		END,
	};
	struct probe_env env = fake_start(phases);
	struct probe_options o = options();
	struct endpoint_probe *p, *q;
	cJSON *lines;

	o.promise_sync = true;
	p = write_probe_start(&env, &o);
	o.number = 2;
	o.promise_sync = false;
	q = write_probe_start(&env, &o);
	fake_run_until(7 * SEC);
	ok(endpoint_probe_status(p)->weak >= 98 && endpoint_probe_status(p)->weak <= 102,
	   "setting and warning make an ack weak");
	ok(endpoint_probe_status(q)->weak >= 48 && endpoint_probe_status(q)->weak <= 52,
	   "the setting does not where nothing was promised");
	endpoint_probe_free(p);
	endpoint_probe_free(q);
	lines = fake_end();
	ok(count_lines(lines, "attempt", "message", "synchronous_commit is local") >= 48,
	   "it says why");
	cJSON_Delete(lines);
}

/* The agent is held for 95 ms, over four ticks: what it missed is late, and not made up
 * for by a burst. */
static void test_late(void)
{
	static const struct fake_phase phases[] = { END };
	struct probe_env env = fake_start(phases);
	struct probe_options o = options();
	struct endpoint_probe *p = write_probe_start(&env, &o);
	const struct endpoint_status *s = endpoint_probe_status(p);
	nsec_t since;
	size_t statements;
	cJSON *lines, *attempts;

	fake_run_until(5 * SEC);
	since = s->acked_since;
	statements = fake->statements;
	fake->clock.now += 95 * MS;
	fake_run_until(fake->clock.now + 2 * MS);
	is_int((int64_t)s->not_sent, 3, "three were missed");
	is_int((int64_t)(fake->statements - statements), 1, "the fourth is sent");
	is_int(s->acked_since, since, "it does not break the run of acks");
	is_int(s->failing_since, 0, "nor begin an outage");
	fake_run_until(6 * SEC);
	endpoint_probe_free(p);
	lines = fake_end();
	attempts = attempts_of(lines);
	ok(seqs_are_complete(attempts), "seqs are contiguous, on schedule");
	is_int(count_lines(attempts, "attempt", "reason", "late"), 3, "told as late");
	cJSON_Delete(attempts);
	cJSON_Delete(lines);
}

/* What is acked is there, what is refused or not sent is not: against the fake's rows. */
static void test_promises(void)
{
	static const struct fake_phase phases[] = {
		{ .until = 3 * SEC },
		{ .until = 4 * SEC, .kills = true, .lost_with = "57P01" },
		{ .until = 6 * SEC, .statement = FAKE_HANGS },
		{ .until = 7 * SEC, .statement = FAKE_REFUSES, .sqlstate = "53300" },
		{ .until = 9 * SEC, .connect = FAKE_REFUSES, .kills = true },
		{ .until = 20 * SEC, .latency = 300 * MS },
		END,
	};
	struct probe_env env = fake_start(phases);
	struct probe_options o = options();
	struct endpoint_probe *p = write_probe_start(&env, &o);
	bool *present = xcalloc(FAKE_MOST_ROWS, sizeof *present);
	int wrong = 0, doubtful = 0;
	cJSON *lines, *attempts;
	const cJSON *line;

	fake_run_until(15 * SEC);
	endpoint_probe_free(p);
	memcpy(present, fake->present, FAKE_MOST_ROWS * sizeof *present);
	lines = fake_end();
	attempts = attempts_of(lines);
	ok(seqs_are_complete(attempts), "seqs are contiguous, on schedule");
	cJSON_ArrayForEach (line, attempts) {
		bool there = present[line_int(line, "seq")];

		if (line_has(line, "outcome", "in_doubt"))
			doubtful++;
		else if (there != line_has(line, "outcome", "acked"))
			wrong++;
	}
	is_int(wrong, 0, "acked rows exist, refused and unsent ones do not");
	ok(doubtful > 0, "and some are in doubt");
	free(present);
	cJSON_Delete(attempts);
	cJSON_Delete(lines);
}

/* Nobody answers at the start: ticks begin when that is known. */
static void test_never_there(void)
{
	static const struct fake_phase phases[] = { { .until = NSEC_NEVER,
		                                      .connect = FAKE_HANGS } };
	struct probe_env env = fake_start(phases);
	struct probe_options o = options();
	struct endpoint_probe *p = write_probe_start(&env, &o);
	const struct endpoint_status *s = endpoint_probe_status(p);
	cJSON *lines;

	fake_run_until(4 * SEC);
	ok(s->not_sent > 40 && s->attempts == s->not_sent, "nothing is sent");
	ok(s->failing_since && !s->first_acked, "failing, never acked");
	is_str(s->last_error, "no answer in time", "and why");
	endpoint_probe_free(p);
	lines = fake_end();
	cJSON_Delete(lines);
}

/* A server that says that it inserted nothing has promised nothing. */
static void test_swallowed_rows(void)
{
	static const struct fake_phase phases[] = {
		{ .until = 5 * SEC },
		{ .until = 6 * SEC, .swallows = true },
		END,
	};
	struct probe_env env = fake_start(phases);
	struct probe_options o = options();
	struct endpoint_probe *p = write_probe_start(&env, &o);
	cJSON *lines;

	fake_run_until(8 * SEC);
	ok(endpoint_probe_status(p)->in_doubt >= 49, "swallowed rows are in doubt");
	endpoint_probe_free(p);
	lines = fake_end();
	ok(count_lines(lines, "attempt", "message",
	               "the server did not say that it inserted these rows") >= 49,
	   "and it is told why");
	cJSON_Delete(lines);
}

int main(void)
{
	test_quiet_minute();
	test_outage();
	test_pace();
	test_pace_hanging();
	test_slow_commits();
	test_freeze();
	test_read_only();
	test_connects_hang();
	test_weak();
	test_late();
	test_promises();
	test_never_there();
	test_swallowed_rows();
	return done_testing();
}
