/* Patroni's answers: of 3.0 and 4.1, and whatever else may come from a port 8008. */
#include "ha/patroni.h"
#include "tap.h"

#include <stdlib.h>

/* As Patroni 3.0.2 answered on a cluster of three. */
static const char cluster_30[] =
	"{\"members\": [{\"name\": \"db1\", \"role\": \"leader\", \"state\": "
	"\"running\", "
	"\"api_url\": \"http://10.88.0.11:8008/patroni\", \"host\": \"10.88.0.11\", "
	"\"port\": 5432, "
	"\"timeline\": 1}, {\"name\": \"db2\", \"role\": \"replica\", \"state\": "
	"\"running\", "
	"\"api_url\": \"http://10.88.0.12:8008/patroni\", \"host\": \"10.88.0.12\", "
	"\"port\": 5432, "
	"\"timeline\": 1, \"lag\": \"unknown\"}, {\"name\": \"db3\", \"role\": "
	"\"sync_standby\", "
	"\"state\": \"running\", \"api_url\": \"http://10.88.0.13:8008/patroni\", "
	"\"host\": "
	"\"10.88.0.13\", \"port\": 5432, \"timeline\": 1, \"lag\": 4096}]}";

/* By cluster_as_json() of Patroni 4.1. */
static const char cluster_41[] =
	"{\"members\": [{\"name\": \"a\", \"role\": \"standby_leader\", \"state\": "
	"\"streaming\", "
	"\"api_url\": \"https://[fd00:88::11]:8008/patroni\", \"host\": \"fd00:88::11\", "
	"\"port\": "
	"5433, \"timeline\": 7, \"lag\": 0, \"receive_lag\": 0, \"replay_lag\": 0, "
	"\"lsn\": "
	"\"0/4048F48\"}, {\"name\": \"b\", \"role\": \"quorum_standby\", \"state\": \"in "
	"archive "
	"recovery\", \"api_url\": null, \"host\": \"[fd00:88::12]\", \"lag\": 5e300, "
	"\"tags\": "
	"{\"nofailover\": true}}], \"pause\": true, \"scope\": \"billing\", "
	"\"scheduled_switchover\": {\"at\": \"2026-11-25T02:15:51+00:00\", \"from\": "
	"\"a\", "
	"\"to\": \"b\"}}";

static struct ha_view *parse(const char *body, struct err *err)
{
	*err = (struct err){ 0 };
	return patroni_parse_cluster(body, strlen(body), err);
}

static void test_cluster_30(void)
{
	struct err err;
	struct ha_view *v = parse(cluster_30, &err);

	is_str(v->leader, "db1", "its leader");
	is_int((int)v->member_count, 3, "its members");
	ok(!v->paused && !v->scheduled, "neither paused nor scheduled");
	is_int(v->timeline, 1, "the leader's timeline");
	is_str(v->members[2].role, "sync_standby", "a role");
	is_str(v->members[2].api_url, "http://10.88.0.13:8008/patroni",
	       "where a member answers");
	is_int(v->members[2].lag_bytes, 4096, "a lag");
	is_int(v->members[1].lag_bytes, -1, "an unknown lag is not told");
	is_int(v->members[0].lag_bytes, -1, "nor one that is missing");
	ok(ha_view_member(v, "db3") == &v->members[2], "a member by name");
	ok(ha_view_member(v, "DB3") == NULL, "names are exact");
	ha_view_free(v);
}

static void test_cluster_41(void)
{
	struct err err;
	struct ha_view *v = parse(cluster_41, &err);

	is_str(v->leader, "a", "a standby cluster has a leader too");
	is_str(v->members[0].address, "fd00:88::11", "a bare IPv6 address");
	is_str(v->members[1].address, "fd00:88::12", "brackets are taken off");
	is_int(v->members[0].port, 5433, "its port");
	is_int(v->members[1].port, 0, "a port that is not told");
	is_int(v->members[1].lag_bytes, -1, "a lag that is no number of bytes");
	ok(v->members[1].api_url == NULL, "an API that is not told");
	ok(v->paused, "paused");
	is_str(v->scheduled, "switchover a → b at 2026-11-25T02:15:51+00:00",
	       "what is scheduled");
	ha_view_free(v);
}

static void test_other_answers(void)
{
	static const char *const wrong[] = {
		"",
		"null",
		"[]",
		"<html>502</html>",
		"{}",
		"{\"members\": {}}",
		"{\"members\": [1]}",
		"{\"members\": [{}]}",
		"{\"members\": [{\"name\": \"\"}]}",
		"{\"members\": [{\"name\": 7}]}",
	};
	struct err err;
	struct ha_view *v;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		v = parse(wrong[i], &err);
		ok(!v && err.message[0], wrong[i]);
		ha_view_free(v);
	}
	v = parse("{\"members\": []}", &err);
	ok(v && !v->leader, "no members, no leader");
	ha_view_free(v);
	v = parse("{\"members\": [{\"name\": \"a\", \"port\": 99999, \"timeline\": -1, "
	          "\"host\": 5,"
	          "\"role\": null}], \"pause\": \"yes\", \"scheduled_switchover\": {}}",
	          &err);
	ok(v && v->members[0].port == 0 && v->members[0].timeline == 0,
	   "nonsense is not told");
	is_str(v->members[0].address, "", "an address that is none");
	ok(!v->paused, "only true is paused");
	is_str(v->scheduled, "switchover ? → any at ?", "something is scheduled");
	ha_view_free(v);
	v = parse("{\"members\": [{\"name\": \"a\", \"scheduled_restart\": "
	          "{\"schedule\": \"2026-11-25T02:15:51+00:00\"}}, {\"name\": \"b\", "
	          "\"scheduled_restart\": {}}], \"scheduled_switchover\": {\"to\": "
	          "\"b\"}}",
	          &err);
	is_str(v->scheduled,
	       "switchover ? → b at ?, restart of a at 2026-11-25T02:15:51+00:00, "
	       "restart "
	       "of b at ?",
	       "all that is scheduled, restarts too");
	ha_view_free(v);
}

/* Cut anywhere, and with any byte broken: an error or a view, never more. */
static void test_broken(void)
{
	char text[sizeof cluster_41];
	size_t len = sizeof cluster_41 - 1, views = 0, errors = 0;
	uint32_t seed = 42;
	struct err err;

	for (size_t i = 0; i < len; i++) {
		/* An exact copy on the heap: reading past its end is seen by ASan. */
		char *cut = xcalloc(1, i ? i : 1);
		struct ha_view *v;

		memcpy(cut, cluster_41, i);
		err = (struct err){ 0 };
		v = patroni_parse_cluster(cut, i, &err);
		errors += !v && err.message[0];
		ha_view_free(v);
		free(cut);
	}
	is_int((int)errors, (int)len, "every cut is an error");
	for (int round = 0; round < 20000; round++) {
		struct ha_view *v;

		memcpy(text, cluster_41, sizeof text);
		for (int k = 0; k < 3; k++) {
			seed = seed * 1664525 + 1013904223;
			text[(seed >> 8) % len] = (char)(seed >> 24);
		}
		err = (struct err){ 0 };
		v = patroni_parse_cluster(text, len, &err);
		views += v != NULL;
		errors += !v && err.message[0];
		ha_view_free(v);
	}
	is_int((int)(views + errors), (int)len + 20000,
	       "every broken one is a view or an error");
	ok(views > 100 && errors > len + 100, "some are either");
}

static void test_version_and_urls(void)
{
	static const char body[] =
		"{\"state\": \"running\", \"patroni\": {\"version\": \"4.1.4\"}}";
	static const struct {
		const char *url, *base;
	} urls[] = {
		{ "http://10.0.0.11:8008/patroni", "http://10.0.0.11:8008" },
		{ "https://[fd00::1]:8008", "https://[fd00::1]:8008" },
		{ "http://ops:p@ss@db1:8008/x", "http://db1:8008" },
		{ "http://db1/a@b", "http://db1" },
		{ "http://db1?x=a@b", "http://db1" },
		{ "http://", NULL },
		{ "http://a@/x", NULL },
		{ "db1:8008", NULL },
		{ "", NULL },
	};
	char *version = patroni_parse_version(body, sizeof body - 1);

	is_str(version, "4.1.4", "its version");
	free(version);
	version = patroni_parse_version("{\"patroni\": 5}", 14);
	is_str(version, "", "none where none is told");
	free(version);
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		char *base = patroni_base_url(urls[i].url);

		is_str(base, urls[i].base, urls[i].url);
		free(base);
	}
}

static void is_body(struct ha_request request, const char *want)
{
	char *body = patroni_request_body(&request);

	is_str(body, want, want);
	free(body);
}

static void test_requests(void)
{
	is_body((struct ha_request){ HA_SWITCHOVER, "db1", NULL },
	        "{\"leader\": \"db1\"}");
	is_body((struct ha_request){ HA_SWITCHOVER, "d\"1", "db2" },
	        "{\"leader\": \"d\\\"1\", \"candidate\": \"db2\"}");
	/* With a leader, Patroni 4 makes a switchover of it. */
	is_body((struct ha_request){ HA_FAILOVER, "db1", "db2" },
	        "{\"candidate\": \"db2\"}");
	is_body((struct ha_request){ HA_RESTART, "db1", NULL }, "{}");
}

static void test_judge(void)
{
	static const struct {
		enum ha_verb verb;
		int status;
		const char *body;
		enum ha_answer answer;
		const char *why;
	} cases[] = {
		{ HA_SWITCHOVER, 200, "Successfully switched over to \"db2\"",
		  HA_ACCEPTED, "" },
		{ HA_SWITCHOVER, 200, "Switched over to \"db2\" instead of \"db3\"",
		  HA_ACCEPTED, "" },
		{ HA_SWITCHOVER, 202, "Switchover scheduled", HA_ACCEPTED, "" },
		{ HA_SWITCHOVER, 400, "Switchover could be performed only …", HA_REFUSED,
		  "could be" },
		{ HA_SWITCHOVER, 412, "leader name does not match", HA_REFUSED,
		  "does not match (412)" },
		{ HA_SWITCHOVER, 409, "", HA_REFUSED, "409" },
		{ HA_SWITCHOVER, 401, "no auth header received", HA_REFUSED,
		  "asks for a user name" },
		{ HA_SWITCHOVER, 401, "not authenticated", HA_REFUSED,
		  "password is wrong" },
		{ HA_SWITCHOVER, 403, "Access is denied", HA_REFUSED,
		  "address is not on its list" },
		{ HA_SWITCHOVER, 403, "client certificate required", HA_REFUSED,
		  "client certificate" },
		{ HA_SWITCHOVER, 503, "Switchover status unknown", HA_IN_DOUBT,
		  "status unknown" },
		{ HA_FAILOVER, 503, "Failover failed", HA_IN_DOUBT, "Failover failed" },
		{ HA_SWITCHOVER, 502, "Bad\r\nGateway", HA_IN_DOUBT, "Bad  Gateway" },
		{ HA_SWITCHOVER, 408, "", HA_IN_DOUBT, "408" },
		{ HA_RESTART, 503, "restart already in progress", HA_REFUSED,
		  "already in progress" },
		{ HA_RESTART, 503, "restart conditions are not satisfied", HA_REFUSED,
		  "conditions" },
		{ HA_RESTART, 503, "postgres is still starting", HA_IN_DOUBT,
		  "still starting" },
		{ HA_RESTART, 200, "restarted successfully", HA_ACCEPTED, "" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err err = { 0 };

		is_int(patroni_judge(cases[i].verb, cases[i].status, cases[i].body, &err),
		       cases[i].answer, cases[i].why[0] ? cases[i].why : "accepted");
		ok(strstr(err.message, cases[i].why) != NULL, "and why");
	}
}

static bool lets(int status, const char *body, const char *why)
{
	struct err err = { 0 };
	bool may = patroni_judge_rights(status, body, "http://db1:8008", &err);

	return may || !strstr(err.message, why);
}

static void test_rights(void)
{
	ok(lets(404, "no switchover is scheduled", ""), "404: let in, nothing to delete");
	ok(lets(409, "", ""), "409: let in, not written");
	ok(lets(412, "", ""), "412: let in");
	ok(!lets(401, "no auth header received", "user name and password"),
	   "401: no password");
	ok(!lets(401, "not authenticated", "wrong"), "401: a wrong password");
	ok(!lets(403, "Access is denied", "address"), "403: the address list");
	ok(!lets(403, "client certificate required", "client certificate"),
	   "403: the certificate");
	ok(!lets(500, "oops", "does not tell"), "500 tells nothing");
	ok(patroni_is_locked_out("https://db1:8008",
	                         "SSL certificate problem: self-signed certificate"),
	   "TLS shows a certificate that we don't trust");
	ok(patroni_is_locked_out(
		   "https://db1:8008",
		   "getpeername() failed with errno 107: Transport endpoint "
		   "is not connected"),
	   "it ends the connection: it wants a certificate");
	ok(!patroni_is_locked_out("https://db1:8008", "no answer within 3.0 s"),
	   "silence is something else");
	ok(!patroni_is_locked_out("https://db1:8008", "connection refused"),
	   "and so is being down");
	ok(!patroni_is_locked_out("http://db1:8008", "Recv failure: reset by peer"),
	   "without TLS there are no certificates");
}

int main(void)
{
	test_cluster_30();
	test_cluster_41();
	test_other_answers();
	test_broken();
	test_version_and_urls();
	test_requests();
	test_judge();
	test_rights();
	return done_testing();
}
