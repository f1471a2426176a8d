/* The read probe: what it asks, and what it tells of the newest row. */
#include "test_probe_fake.h"

#define MS  NSEC_PER_MSEC
#define SEC NSEC_PER_SEC

static void test_newest(void)
{
	static const struct fake_phase phases[] = {
		{ .until = 5 * SEC },
		{ .until = 8 * SEC, .kills = true, .connect = FAKE_REFUSES },
		{ .until = NSEC_NEVER },
	};
	struct probe_env env = fake_start(phases);
	struct probe_options w = { .number = 1,
		                   .endpoint = "primary_endpoint",
		                   .every = 20 * MS };
	struct probe_options r = { .number = 2, .endpoint = "replica_endpoint", .of = 1 };
	struct endpoint_probe *writes = write_probe_start(&env, &w);
	struct endpoint_probe *reads = read_probe_start(&env, &r);
	const struct endpoint_status *s = endpoint_probe_status(reads);
	const cJSON *line;
	int seen = 0, backwards = 0;
	int64_t before = 0;
	cJSON *lines;

	ok(endpoint_probe_is_write(writes), "a write probe is one");
	ok(!endpoint_probe_is_write(reads), "a read probe is none");
	is_str(endpoint_probe_name(reads), "replica_endpoint", "named by its endpoint");
	fake_run_until(4 * SEC);
	ok(endpoint_probe_status(writes)->newest - s->newest <= 7,
	   "the newest row is seen");
	is_str(s->server, "10.0.0.12:5432", "by whom");
	fake_run_until(7 * SEC);
	ok(s->failing_since >= 4900 * MS && s->failing_since <= 5100 * MS,
	   "an outage of reads");
	fake_run_until(10 * SEC);
	is_int(s->failing_since, 0, "over again");
	endpoint_probe_free(writes);
	endpoint_probe_free(reads);
	lines = fake_end();
	cJSON_ArrayForEach (line, lines) {
		if (!line_has(line, "outcome", "acked") || line_int(line, "probe") != 2)
			continue;
		seen++;
		if (line_int(line, "of") != 1 || line_int(line, "newest") < before)
			backwards++;
		before = line_int(line, "newest");
	}
	ok(seen > 50 && !backwards, "each answer tells what it saw, of which probe");
	ok(count_lines(lines, "attempt", "reason", "no_connection") > 20,
	   "and each tick without");
	cJSON_Delete(lines);
}

int main(void)
{
	test_newest();
	return done_testing();
}
