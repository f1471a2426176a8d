/* The member probe: roles, standbys, being unreachable; one line a tick. */
#include "test_probe_fake.h"

#include "probe/member.h"

#define MS  NSEC_PER_MSEC
#define SEC NSEC_PER_SEC

static void row_of_primary(void)
{
	static const char *const rows[2][15] = {
		{ "f", "off", "3", "0/5000060", NULL, NULL, NULL, NULL, NULL, "771",
		  "db2", "10.0.0.12", "streaming", "sync", "0" },
		{ "f", "off", "3", "0/5000060", NULL, NULL, NULL, NULL, NULL, "771",
		  "db3", "10.0.0.13", "catchup", "async", "4096" },
	};

	memcpy(fake->row, rows, sizeof rows);
	fake->rows = 2;
}

static void row_of_replica(void)
{
	static const char *const row[15] = { "t",         "on",       "2",    "0/4000000",
		                             "streaming", "fd00::11", "5432", "1500000",
		                             "t",         "771" };

	memcpy(fake->row, row, sizeof row);
	fake->rows = 1;
}

static struct member_probe *start(const struct probe_env *env)
{
	struct probe_options o = { .number = 7, .endpoint = "db1" };

	return member_probe_start(env, &o);
}

static void test_roles(void)
{
	static const struct fake_phase phases[] = { { .until = NSEC_NEVER } };
	struct probe_env env = fake_start(phases);
	struct member_probe *p;
	const struct member_status *s;
	nsec_t since;
	cJSON *lines;

	row_of_replica();
	p = start(&env);
	s = member_probe_status(p);
	is_int(s->state, MEMBER_UNKNOWN, "unknown at first");
	fake_run_until(3 * SEC);
	is_int(s->state, MEMBER_REPLICA, "a replica");
	is_int(s->timeline, 2, "its timeline");
	is_str(s->lsn, "0/4000000", "what it has replayed");
	is_str(s->receiver, "streaming", "its receiver");
	is_str(s->upstream, "[fd00::11]:5432", "its upstream");
	is_int(s->lag_us, 1500000, "its lag");
	ok(s->read_only && s->paused_replay, "read only, replay paused");
	is_int((int64_t)s->standby_count, 0, "nobody streams from it");
	since = s->since;
	row_of_primary();
	fake_run_until(5 * SEC);
	is_int(s->state, MEMBER_PRIMARY, "promoted");
	ok(s->since >= 3 * SEC && s->since < 3300 * MS && since < 1100 * MS,
	   "since when");
	is_int(s->timeline, 3, "on a new timeline");
	is_int((int64_t)s->standby_count, 2, "two standbys");
	is_str(s->standbys[1].state, "catchup", "the second one's state");
	is_int(s->standbys[1].lag_bytes, 4096, "and its lag");
	row_of_replica();
	fake->row[0][4] = NULL;
	fake_run_until(6 * SEC);
	is_int(s->timeline, 3, "a control file that lags behind does not lead it back");
	row_of_primary();
	fake_run_until(7 * SEC);
	ok(!s->paused_replay && !s->receiver[0] && s->lag_us == -1,
	   "nothing of a replica is left");
	is_int((int64_t)fake->connects, 1, "all by one session");
	member_probe_free(p);
	lines = fake_end();
	ok(count_lines(lines, "member", "state", "primary") >= 9 &&
	           count_lines(lines, "member", "state", "replica") >= 9,
	   "a line an answer");
	ok(line_has(cJSON_GetArrayItem(
			    cJSON_GetObjectItemCaseSensitive(
				    cJSON_GetArrayItem(lines,
	                                               cJSON_GetArraySize(lines) - 1),
				    "standbys"),
			    0),
	            "sync_state", "sync"),
	   "with the standbys");
	cJSON_Delete(lines);
}

static void test_unreachable(void)
{
	static const struct fake_phase phases[] = {
		{ .until = 3 * SEC },
		{ .until = 6 * SEC,
		  .kills = true,
		  .connect = FAKE_REFUSES,
		  .sqlstate = "57P03" },
		{ .until = 9 * SEC, .statement = FAKE_HANGS },
		{ .until = NSEC_NEVER },
	};
	struct probe_env env = fake_start(phases);
	struct member_probe *p;
	const struct member_status *s;
	cJSON *lines;
	int n;

	row_of_primary();
	p = start(&env);
	s = member_probe_status(p);
	fake_run_until(2900 * MS);
	is_int(s->state, MEMBER_PRIMARY, "a primary");
	fake_run_until(3300 * MS);
	is_int(s->state, MEMBER_UNREACHABLE, "lost");
	is_str(s->message, "connection refused", "and why");
	is_int((int64_t)s->standby_count, 0, "its standbys are not known any more");
	fake_run_until(5900 * MS);
	ok(s->since <= 3 * SEC + MS, "unreachable since then");
	fake_run_until(8800 * MS);
	is_int(s->state, MEMBER_UNREACHABLE, "who does not answer is not reachable");
	fake_run_until(12 * SEC);
	is_int(s->state, MEMBER_PRIMARY, "back");
	member_probe_free(p);
	lines = fake_end();
	n = count_lines(lines, "member", "state", "unreachable");
	ok(n >= 15 && n <= 50, "a line at each tick meanwhile");
	ok(count_lines(lines, "member", "message", "no answer within 2.0 s") >= 1,
	   "the deadline is named");
	cJSON_Delete(lines);
}

/* "recovery is not in progress", since it was promoted meanwhile: no reason to panic. */
static void test_promoted_meanwhile(void)
{
	static const struct fake_phase phases[] = {
		{ .until = 3 * SEC },
		{ .until = 3300 * MS, .statement = FAKE_REFUSES, .sqlstate = "55000" },
		{ .until = 4 * SEC, .statement = FAKE_REFUSES, .sqlstate = "42501" },
		{ .until = NSEC_NEVER },
	};
	struct probe_env env = fake_start(phases);
	struct member_probe *p;
	cJSON *lines;

	row_of_primary();
	p = start(&env);
	fake_run_until(3350 * MS);
	is_int(member_probe_status(p)->state, MEMBER_PRIMARY,
	       "asked again, not unreachable");
	fake_run_until(3900 * MS);
	is_int(member_probe_status(p)->state, MEMBER_UNREACHABLE,
	       "other errors are told");
	fake_run_until(5 * SEC);
	is_int((int64_t)fake->connects, 1, "the session is kept");
	member_probe_free(p);
	lines = fake_end();
	ok(count_lines(lines, "member", "message", "refused by the script") >= 2,
	   "with their text");
	cJSON_Delete(lines);
}

int main(void)
{
	test_roles();
	test_unreachable();
	test_promoted_meanwhile();
	return done_testing();
}
