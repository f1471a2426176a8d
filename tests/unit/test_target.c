/* scenario/target.h: which host is meant at this moment, and why there is none. */
#include "scenario/target.h"

#include "base/str.h"
#include "tap.h"
#include "test_scenario_file.h"
#include "test_scenario_view.h"

static struct err err;
static struct cluster *cluster;
static struct ha_view *view;

static void test_parse(void)
{
	static const char *const good[] = {
		"primary",          "sync_standby", "sync standby", "replica",
		"one replica",      "member",       "proxy",        "one sync standby",
		"one sync_standby", "pooler",       "dcs_member",   "host:db1",
	};
	static const struct {
		const char *text, *message;
	} bad[] = {
		{ "primry", "\"primry\" is no target (did you mean \"primary\"?)" },
		{ "", "\"\" is no target" },
		{ "db1", "\"db1\" is no target" },
		{ "Primary", "\"Primary\" is no target (did you mean \"primary\"?)" },
		{ "two replicas", "\"two replicas\" is no target" },
		{ "host:", "host:NAME: a name is not empty" },
		{ "host:a b",
		  "host:NAME: a name has only letters, digits, \".\", \"_\" and \"-\"" },
	};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ok(target_parse(good[i], &err), good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ok(!target_parse(bad[i].text, &err), bad[i].text);
		is_str(err.message, bad[i].message, bad[i].message);
	}
	(void)!target_parse("db1", &err);
	is_str(err.hint,
	       "targets are primary, sync_standby, replica, member, proxy, pooler, "
	       "dcs_member, "
	       "host:NAME",
	       "all of them");
}

/* "HOST MEMBER ROLE", or the error. */
static const char *resolve(const char *expression, const char *never, uint64_t seed)
{
	static char answer[512];
	struct strings list = { 0 };
	struct fault_target target = { 0 };
	struct rng rng;

	rng_seed(&rng, seed);
	if (never)
		strings_add(&list, never);
	err = (struct err){ 0 };
	if (target_resolve(expression, &cluster->inventory, view, &list, &rng, &target,
	                   &err))
		snprintf(answer, sizeof answer, "%s %s %s",
		         target.host ? target.host : "-",
		         target.member ? target.member : "-",
		         target.role ? target.role : "-");
	else
		snprintf(answer, sizeof answer, "%.500s", err.message);
	strings_free(&list);
	fault_target_free(&target);
	return answer;
}

static void test_roles(void)
{
	is_str(resolve("primary", NULL, 1), "db2 db2 primary", "the leader");
	is_str(resolve("sync_standby", NULL, 1), "db1 db1 sync_standby",
	       "the synchronous one");
	is_str(resolve("one sync standby", NULL, 1), "db1 db1 sync_standby", "in words");
	is_str(resolve("host:db3", NULL, 1), "db3 db3 replica", "by name, with its role");
	is_str(resolve("host:db2", NULL, 1), "db2 db2 primary", "by name");
	is_str(resolve("host:px1", NULL, 1), "px1 - proxy", "a proxy by name");
	is_str(resolve("host:db9", NULL, 1),
	       "target \"host:db9\": the cluster file has no such host", "unknown host");
	is_str(resolve("host:primary", NULL, 1),
	       "target \"host:primary\": the cluster file has no such host",
	       "a role is no host");
	is_str(resolve("replica", "db1", 1), "db3 db3 replica", "never leaves one");
	is_str(resolve("replica", "sync_standby", 1), "db3 db3 replica", "never by role");
	is_str(resolve("member", "replica", 1), "db2 db2 primary", "never any replica");
	is_str(resolve("proxy", "px1", 1), "px2 - proxy", "a proxy");
	is_str(resolve("pooler", "px2", 1), "px1 - pooler", "a pooler");
	is_str(resolve("dcs_member", "replica", 1), "db2 db2 dcs_member",
	       "a database host, hit as a host of etcd");
	is_str(resolve(NULL, NULL, 1), "- - -", "a fault without a target");
}

static void test_none(void)
{
	is_str(resolve("primry", NULL, 1),
	       "\"primry\" is no target (did you mean \"primary\"?)", "no such word");
	is_str(resolve("primary", "db2", 1),
	       "target \"primary\": what fits is never hit (\"db2\")", "never by name");
	is_str(err.hint, "see blast_radius.never in the scenario", "the cure");
	is_str(resolve("primary", "primary", 1),
	       "target \"primary\": what fits is never hit (\"primary\")",
	       "never by role");
	is_str(resolve("primary", "etcd", 1),
	       "target \"primary\": what fits is never hit (\"etcd\")",
	       "never what runs etcd");
	is_str(resolve("primary", "dcs", 1), "db2 db2 primary",
	       "\"dcs\" means hosts that are there for nothing else");
	is_str(resolve("host:db1", "db1", 1),
	       "target \"db1\": what fits is never hit (\"db1\")", "also by name");
	view_change(view, "db1", "replica", "streaming");
	is_str(resolve("sync_standby", NULL, 1),
	       "target \"sync_standby\": no member is a synchronous standby at the "
	       "moment",
	       "asynchronous");
	is_str(err.hint,
	       "the manager says: db1 is replica (streaming), db2 is leader (running), "
	       "db3 is "
	       "replica (streaming)",
	       "what there is");
	view_change(view, "db1", "quorum_standby", "streaming");
	is_str(resolve("sync_standby", NULL, 1), "db1 db1 sync_standby", "by quorum");
	view_change(view, "db1", "sync_standby", "streaming");
}

static void test_no_leader(void)
{
	char *leader = view->leader;
	struct ha_view *kept = view;

	view->leader = NULL;
	is_str(resolve("primary", NULL, 1),
	       "target \"primary\": the manager names no leader at the moment",
	       "no leader");
	view->leader = xstrdup("pg-9");
	is_str(resolve("primary", NULL, 1),
	       "target \"primary\": the manager names no leader at the moment",
	       "a leader that is no member");
	view_set(view, "pg-9", "replica", "running");
	is_str(resolve("primary", NULL, 1),
	       "the manager's leader pg-9 () is no host of the cluster file",
	       "a leader that is no host");
	free(view->leader);
	view->leader = leader;
	view = NULL;
	is_str(resolve("primary", NULL, 1),
	       "target \"primary\": the manager was not asked who that is",
	       "without a view");
	is_str(resolve("pooler", "px2", 1), "px1 - pooler",
	       "which a pooler does not need");
	is_str(resolve("host:db1", NULL, 1), "db1 - dcs_member", "nor does a host");
	view = kept;
}

/* A member that is called otherwise than its host is found by its address. */
static void test_address(void)
{
	struct ha_view *kept = view;
	struct ha_member *m;

	view = ha_view_new();
	m = ha_view_add(view, "postgresql0");
	free(m->address);
	m->address = xstrdup("10.88.0.13");
	view->leader = xstrdup("postgresql0");
	is_str(resolve("primary", NULL, 1), "db3 postgresql0 primary", "by address");
	is_str(resolve("replica", NULL, 1),
	       "target \"replica\": no member of the manager is such a host of the "
	       "cluster file",
	       "none");
	ha_view_free(view);
	view = kept;
}

/* Over many seeds each is drawn, none far more than others; the same seed draws the same. */
static void test_draw(void)
{
	int drawn[3] = { 0 };
	bool same = true;

	for (uint64_t seed = 0; seed < 300; seed++) {
		char first[64];

		snprintf(first, sizeof first, "%.60s", resolve("member", NULL, seed));
		same = same && str_eq(first, resolve("member", NULL, seed));
		drawn[first[2] - '1']++;
	}
	ok(same, "the same seed, the same target");
	ok(drawn[0] > 60 && drawn[1] > 60 && drawn[2] > 60, "each of three");
	for (uint64_t seed = 0; seed < 50; seed++)
		same = same && !str_eq(resolve("member", "db2", seed), "db2 db2 primary");
	ok(same, "never one of never");
}

static void test_known(void)
{
	const struct inventory *inv = &cluster->inventory;

	ok(target_never_is_known("dcs", inv) && target_never_is_known("etcd", inv) &&
	           target_never_is_known("db1", inv) &&
	           target_never_is_known("primary", inv) &&
	           target_never_is_known("patroni", inv),
	   "words of never");
	ok(!target_never_is_known("db9", inv) && !target_never_is_known("", inv),
	   "and others");
}

int main(void)
{
	cluster = cluster_of(good_cluster, &err);
	view = view_good();
	test_parse();
	test_roles();
	test_none();
	test_address();
	test_draw();
	test_known();
	test_no_leader();
	ha_view_free(view);
	cluster_free(cluster);
	return done_testing();
}
