/* The manager probe: a line when the view changes, not when only a lag does. */
#include "test_probe_fake.h"

#define SEC NSEC_PER_SEC

static struct {
	const char *leader;
	int64_t lag;
	const char *fails;
	bool silent;
	int asked;
	void (*done)(struct ha_view *, const struct err *, void *);
	void *arg;
} manager;

static void give_view(void)
{
	struct ha_view *view = ha_view_new();
	struct ha_member *m =
		&ARRAY_PUSH(view->members, view->member_count, view->member_cap);

	*m = (struct ha_member){ .name = xstrdup("db1"),
		                 .address = xstrdup("10.0.0.11"),
		                 .role = xstrdup("leader"),
		                 .state = xstrdup("running"),
		                 .timeline = 3,
		                 .lag_bytes = manager.lag };
	view->leader = manager.leader ? xstrdup(manager.leader) : NULL;
	view->timeline = 3;
	manager.done(view, NULL, manager.arg);
}

static bool fake_poll(struct ha *ha, nsec_t deadline,
                      void (*done)(struct ha_view *, const struct err *, void *arg),
                      void *arg)
{
	struct err err = { 0 };

	(void)ha;
	(void)deadline;
	manager.asked++;
	manager.done = done;
	manager.arg = arg;
	if (manager.silent)
		return true;
	if (!manager.fails) {
		give_view();
		return true;
	}
	err_set(&err, "%s", manager.fails);
	done(NULL, &err, arg);
	return true;
}

static void test_changes(void)
{
	static const struct fake_phase phases[] = { { .until = NSEC_NEVER } };
	static const struct ha_type type = { .name = "fake", .poll = fake_poll };
	struct ha ha = { .type = &type };
	struct probe_env env = fake_start(phases);
	struct probe_options o = { .number = 9, .endpoint = "fake" };
	struct manager_probe *p = manager_probe_start(&env, &o, &ha);
	cJSON *lines;

	manager.leader = "db1";
	ok(!manager_probe_view(p), "no view yet");
	fake_run_until(5 * SEC + 1);
	is_int(manager.asked, 5, "asked each second");
	is_str(manager_probe_view(p)->leader, "db1", "who leads");
	manager.lag = 1000;
	fake_run_until(8 * SEC);
	is_int(manager_probe_view(p)->members[0].lag_bytes, 1000, "the view is fresh");
	manager.fails = "db1:8008: connection refused";
	fake_run_until(11 * SEC);
	ok(!manager_probe_view(p), "an old view is not given out");
	is_str(manager_probe_message(p), "db1:8008: connection refused", "the reason is");
	manager.fails = NULL;
	manager.leader = NULL;
	fake_run_until(14 * SEC);
	ok(manager_probe_view(p) && !manager_probe_view(p)->leader, "nobody leads");
	is_str(manager_probe_message(p), "", "no reason any more");
	manager.silent = true;
	fake_run_until(20 * SEC);
	is_int(manager.asked, 15, "one question at a time");
	manager_probe_free(p);
	give_view(); /* an answer after the probe's end is taken, and nothing is leaked */
	lines = fake_end();
	is_int(count_lines(lines, "manager", NULL, NULL), 3, "a line a change");
	is_int(count_lines(lines, "manager", "leader", "db1"), 1, "the leader once");
	is_int(count_lines(lines, "manager", "message", "db1:8008: connection refused"),
	       1, "the silence once");
	cJSON_Delete(lines);
}

int main(void)
{
	test_changes();
	return done_testing();
}
