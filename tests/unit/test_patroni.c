/* Patroni over HTTP: which member is asked, with which credentials, and what it means. */
#include "test_patroni_place.h"

static void test_rotation(void)
{
	struct ha *ha = manager();
	struct err err = { 0 };
	struct ha_view *view = ha_look(ha, soon(), &err);
	char *url = xasprintf("http://127.0.0.1:%d", said->port);

	/* The first URL is a port where nobody listens. */
	is_str(view ? view->leader : err.message, "db1",
	       "the second answers for the first");
	is_str(view ? view->asked : NULL, url, "and is named");
	ha_view_free(view);
	said->cluster_is_ill = true;
	view = ha_look(ha, soon(), &err);
	ok(!view, "one down, one ill: no view");
	ok(strstr(err.message, "none of 2 members answered") != NULL, "which is said");
	said->cluster_is_ill = false;
	ha_free(ha);
	free(url);
}

static int answers_got;

static void count(struct ha_view *view, const struct err *err, void *arg)
{
	(void)err;
	(void)arg;
	answers_got++;
	ha_view_free(view);
}

static bool got_one(void *arg)
{
	(void)arg;
	return answers_got > 0;
}

static void test_one_at_a_time(void)
{
	struct ha *ha = manager();
	struct err err = { 0 };
	struct ha_view *view;

	answers_got = 0;
	ok(ha->type->poll(ha, soon(), count, NULL), "a question");
	ok(!ha->type->poll(ha, soon(), count, NULL), "no second one meanwhile");
	view = ha_look(ha, soon(), &err);
	ok(view != NULL, "straight-line code waits for its turn");
	ha_view_free(view);
	is_int(answers_got, 1, "the first question was answered");
	answers_got = 0;
	ok(ha->type->poll(ha, soon(), count, NULL), "another one");
	ok(loop_wait(loop, got_one, NULL, soon()), "is answered");
	ok(ha->type->poll(ha, soon(), count, NULL), "and yet another");
	ha_free(ha); /* which cancels it */
	is_int(answers_got, 1, "one that is cancelled is not answered");
}

static void test_switchover(void)
{
	struct err err;
	char *text;

	answers(200, "Successfully switched over to \"db2\"");
	is_int(ask(HA_SWITCHOVER, "db1", &text, &err), HA_ACCEPTED, "200");
	is_str(text, "200 Successfully switched over to \"db2\"", "what was said");
	ok(strstr(said->asked, "POST /switchover ") != NULL, "by POST /switchover");
	ok(strstr(said->asked, "{\"leader\": \"db1\", \"candidate\": \"db2\"}") != NULL,
	   "its body");
	/* "ops" and the password without the newline behind it. */
	ok(strstr(said->asked, "Authorization: Basic b3BzOmE6YiUyMCJj\r\n") != NULL,
	   "with the credentials");
	free(text);
	answers(503, "Switchover status unknown");
	is_int(ask(HA_SWITCHOVER, "db1", &text, &err), HA_IN_DOUBT, "503");
	free(text);
	answers(412, "candidate does not exists");
	is_int(ask(HA_FAILOVER, "db1", &text, &err), HA_REFUSED, "412");
	ok(strstr(said->asked, "{\"candidate\": \"db2\"}") != NULL,
	   "a failover names no leader");
	free(text);
	said->hangs_up = true;
	is_int(ask(HA_SWITCHOVER, "db1", &text, &err), HA_IN_DOUBT,
	       "no answer after it was sent");
	ok(text == NULL && err.message[0], "and why");
	said->hangs_up = false;
}

static void test_restart(void)
{
	struct err err;
	char *text;

	answers(200, "restarted successfully");
	is_int(ask(HA_RESTART, "db1", &text, &err), HA_ACCEPTED, "a restart");
	ok(strstr(said->asked, "POST /restart ") != NULL, "of the member's own API");
	free(text);
	said->asked[0] = '\0';
	is_int(ask(HA_RESTART, "db2", &text, &err), HA_REFUSED,
	       "its API is down: nothing sent");
	ok(strstr(err.message, "member db2") != NULL, "the member is named");
	ok(strstr(err.hint, "connect_address") != NULL,
	   "and where its address comes from");
	is_int(ask(HA_RESTART, "db9", &text, &err), HA_REFUSED,
	       "a member that Patroni does not know");
	is_str(said->asked, "", "nobody else was asked");
}

static void test_other_types(void)
{
	struct err err = { 0 };
	char *version;
	struct ha *ha = manager();

	version = ha->type->version(ha, soon());
	is_str(version, "3.0.2", "its version");
	free(version);
	ha_free(ha);
	free(inv.manager.type);
	inv.manager.type = xstrdup("patrony");
	ok(!ha_new(&inv, loop, http, &err), "an unknown type");
	ok(strstr(err.hint, "patroni") != NULL, "the nearest");
	free(inv.manager.type);
	inv.manager.type = xstrdup("none");
	ha = ha_new(&inv, loop, http, &err);
	ok(ha->type->cannot(ha, HA_SWITCHOVER) != NULL,
	   "nobody can be asked without a manager");
	ok(!ha_look(ha, soon(), &err), "no members, no view");
	ha_free(ha);
}

int main(void)
{
	place_open();
	test_rotation();
	test_one_at_a_time();
	test_switchover();
	test_restart();
	test_other_types();
	place_close();
	return done_testing();
}
