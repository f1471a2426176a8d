/* switchover and failover: the members decide whether it happened, not the answer. */
#include "test_fault_place.h"

#include "base/str.h"
#include "test_fault_ha.h"

static const char *leader = "db1";
static const char *db3_role = "sync_standby", *db3_state = "streaming";

static void add_member(struct ha_view *view, const char *name, const char *role,
                       const char *state)
{
	struct ha_member *m = ha_view_add(view, name);

	free(m->address);
	free(m->role);
	free(m->state);
	m->address = xstrdup("127.0.0.1");
	m->role = xstrdup(role);
	m->state = xstrdup(state);
	m->lag_bytes = 0;
	if (str_eq(name, leader))
		view->leader = xstrdup(name);
}

static struct ha_view *view_now(void)
{
	struct ha_view *view = ha_view_new();

	add_member(view, "db1", "leader", "running");
	add_member(view, "db2", "replica", "running");
	add_member(view, "db3", db3_role, db3_state);
	return view;
}

static struct fault *prepared(const char *json)
{
	struct fault *f = fault_on("db1", json);

	leader = "db1";
	db3_role = "sync_standby";
	db3_state = "streaming";
	said->refuses = false;
	say("1000.5", "f", "3");
	f->ha = fake_ha(loop);
	fake_ha_of(f->ha)->view = view_now;
	fake_ha_answers(f->ha, HA_ACCEPTED, "200 Successfully switched over to \"db3\"",
	                NULL);
	return f;
}

static void gone(struct fault *f)
{
	ha_free(f->ha);
	fault_gone(f);
}

static void test_switchover(void)
{
	struct fault *f = prepared("{\"switchover\": {}}"), *later;
	struct err err;

	ok(arms(f, &err), "is armed");
	is_str(f->command, "switchover db1", "the choice is the manager's");
	ok(injects(f, &err), "accepted");
	is_int(confirms(f, &err), CONFIRM_NOT_YET, "the answer is no proof");
	has(err.message, "db1 still leads", "the leader is the same");
	leader = "none of them";
	is_int(confirms(f, &err), CONFIRM_NOT_YET, "no leader is no proof");
	fake_ha_of(f->ha)->view = NULL;
	is_int(confirms(f, &err), CONFIRM_NOT_YET, "nor is a silent manager");
	fake_ha_of(f->ha)->view = view_now;
	leader = "db3";
	say("1000.5", "t", "");
	is_int(confirms(f, &err), CONFIRM_NOT_YET, "a leader in recovery is no primary");
	say("1000.5", "f", "3");
	is_int(confirms(f, &err), CONFIRM_NOT_YET,
	       "without a new timeline nobody was promoted");
	say("1000.5", "f", "4");
	is_int(confirms(f, &err), CONFIRM_YES,
	       "another leader, out of recovery, a later timeline");
	has(f->evidence, "leader db1 before, db3 now", "with names");
	has(f->evidence, "timeline 3 before, 4 now", "and timelines");
	later = fault_later(f);
	ok(heals(later, &err), "there is nothing to undo");
	fault_gone(later);
	gone(f);
}

static void test_answers(void)
{
	struct fault *f = prepared("{\"switchover\": {\"candidate\": \"db2\"}}");
	struct err err;

	ok(arms(f, &err), "is armed");
	is_str(f->command, "switchover db1 to db2", "to the one that was named");
	fake_ha_answers(f->ha, HA_REFUSED, "412 leader name does not match", "no match");
	ok(!injects(f, &err), "refused: nothing happened");
	fake_ha_answers(f->ha, HA_IN_DOUBT, "503 status unknown", "unknown");
	ok(injects(f, &err) && f->in_doubt, "503 is in doubt: keep watching");
	leader = "db3";
	say("1000.5", "f", "4");
	is_int(confirms(f, &err), CONFIRM_YES, "another one took over");
	has(f->evidence, "db3 now instead of db2, which was asked for",
	    "the difference is said");
	gone(f);
}

static void test_candidates(void)
{
	struct fault *f = prepared("{\"failover\": {}}");
	struct err err;

	ok(arms(f, &err), "a failover needs a candidate");
	is_str(f->command, "failover db1 to db3",
	       "the synchronous standby before others");
	db3_state = "start failed";
	ok(arms(f, &err), "one that does not run");
	is_str(f->command, "failover db1 to db2", "is passed over");
	gone(f);
	f = prepared("{\"failover\": {\"candidate\": \"sync_standby\"}}");
	db3_role = "quorum_standby";
	ok(arms(f, &err), "a quorum standby is a synchronous one");
	db3_role = "replica";
	ok(!arms(f, &err), "no synchronous standby, no candidate");
	has(err.message, "fits 'sync_standby'", "which is said");
	gone(f);
	f = prepared("{\"switchover\": {\"candidate\": \"db1\"}}");
	ok(!arms(f, &err), "the leader is no candidate");
	gone(f);
}

static void test_cannot_be_armed(void)
{
	struct fault *f = prepared("{\"switchover\": {}}");
	struct err err;

	fake_ha_cannot(f->ha, "it can't be asked to");
	ok(!arms(f, &err), "a manager that can't");
	has(err.message, "switchover: it can't be asked to", "says why");
	fake_ha_cannot(f->ha, NULL);
	fake_ha_forbids(f->ha, "password is wrong");
	ok(!arms(f, &err), "a manager that does not let us");
	has(err.message, "password is wrong", "says why, too");
	fake_ha_forbids(f->ha, NULL);
	leader = "db2";
	ok(!arms(f, &err), "a target that does not lead");
	has(err.message, "db1 is not the leader, db2 is", "is told");
	leader = "none of them";
	ok(!arms(f, &err), "no leader, nobody to step down");
	fake_ha_of(f->ha)->view = NULL;
	ok(!arms(f, &err), "a silent manager");
	fake_ha_of(f->ha)->view = view_now;
	leader = "db1";
	say("1000.5", "t", "");
	ok(!arms(f, &err), "a leader in recovery");
	has(err.message, "no primary", "is no primary");
	gone(f);
}

int main(void)
{
	place_open();
	test_switchover();
	test_answers();
	test_candidates();
	test_cannot_be_armed();
	place_close();
	return done_testing();
}
