/* scenario/scenario.h: what a scenario means, what is wrong with one, whom it fits. */
#include "scenario/scenario.h"

#include "base/str.h"
#include "tap.h"
#include "test_scenario_file.h"

static struct err err;

static void test_facts(void)
{
	struct scenario *s = scenario_of(good_scenario, &err);

	if (!ok(s != NULL, "reads")) {
		printf("# %s\n", err.message);
		return;
	}
	is_str(s->experiment, "reboot the primary's host", "name");
	is_str(s->why, "kernels get patched", "why");
	ok(s->hypothesis.rto_seconds == 60 && s->hypothesis.rpo_rows == 0, "hypothesis");
	is_str(s->hypothesis.endpoint, NULL, "the worst endpoint");
	ok(s->steady_state.hold_seconds == 10 && s->steady_state.limit_seconds == 60,
	   "steady");
	is_int(s->steady_state.sync_standbys, 1, "standbys");
	is_str(s->fault->type->name, "reboot_host", "fault");
	is_str(fault_target_expression(s->fault), "primary", "target");
	is_int(s->blast_radius.hosts, 1, "hosts");
	ok(s->blast_radius.keep_quorum, "quorum");
	is_str(s->blast_radius.never.items[0], "dcs", "never");
	ok(s->abort_if.no_primary_seconds == 180, "abort");
	ok(s->observe.limit_seconds == 120 && s->observe.after_seconds == 5, "observe");
	ok(s->settle.limit_seconds == 120, "settle");
	is_int(s->probe.write.every_ms, 20, "write");
	is_int(s->probe.write.deadline_ms, 2000, "deadline");
	is_int((int64_t)s->probe.write.via.count, 1, "one word is a list of one");
	is_str(s->probe.read.via.items[0], "replica_endpoint", "a list");
	is_int(s->probe.member.every_ms, 200, "member");
	is_int(s->probe.manager.every_ms, 1000, "manager");
	ok(s->recovered_for_seconds == 1 && s->timely_seconds == 1, "how it is judged");
	scenario_free(s);
}

static void test_minimal(void)
{
	struct scenario *s =
		scenario_of("{\"experiment\":\"x\",\"fault\":{\"by_hand\":{}}}", &err);

	if (!ok(s != NULL, "little is enough"))
		return;
	ok(s->hypothesis.rto_seconds == 0 && s->hypothesis.rpo_rows == -1,
	   "the cluster's");
	is_int(s->steady_state.sync_standbys, -1, "the cluster's");
	is_int((int64_t)s->probe.write.via.count, 0, "all endpoints");
	ok(s->blast_radius.keep_quorum && s->blast_radius.hosts == 1,
	   "careful by default");
	scenario_free(s);
}

static void test_expectation(void)
{
	struct scenario *s = scenario_with(
		"\"why\"",
		"\"expect\": \"no_failover\", \"because\": \"a known limit\", \"why\"",
		&err);

	is_str(s ? s->expect : NULL, "no_failover", "less than a recovery is expected");
	is_str(s ? s->because : NULL, "a known limit", "and why");
	scenario_free(s);
	s = scenario_of(good_scenario, &err);
	is_str(s ? s->expect : NULL, "recovers", "by default it recovers");
	scenario_free(s);
}

static void test_errors(void)
{
	static const struct {
		const char *from, *to, *message;
	} rows[] = {
		{ "\"experiment\": \"reboot the primary's host\",\n", "\n",
		  "s.json:1:1: key \"experiment\" is missing" },
		{ "reboot the primary's host", "a\\nb",
		  "s.json:2:17: experiment: a name is one line without control "
		  "characters" },
		{ "\"target\": \"primary\"", "\"tarket\": \"primary\"",
		  "s.json:6:31: unknown key \"tarket\" in fault.reboot_host (did you "
		  "mean "
		  "\"target\"?)" },
		{ "\"target\": \"primary\"", "\"target\": \"primery\"",
		  "s.json:6:41: fault.reboot_host.target: \"primery\" is no target (did "
		  "you mean "
		  "\"primary\"?)" },
		{ "\"target\": \"primary\"", "\"target\": \"host:-x\"",
		  "s.json:6:41: fault.reboot_host.target: host:NAME: a name begins with "
		  "a letter "
		  "or a digit" },
		{ "\"target\": \"primary\"", "\"target\": 5",
		  "s.json:6:41: fault.reboot_host.target: expected a string, found a "
		  "number" },
		{ "\"target\": \"primary\"", "",
		  "s.json:6:29: fault.reboot_host: key \"target\" is missing" },
		{ "\"hold_seconds\": 10", "\"hold_seconds\": 60",
		  "s.json:5:19: steady_state: the limit (60 s) is not longer than "
		  "hold_seconds "
		  "(60 s)" },
		{ "\"hold_seconds\": 10", "\"hold_seconds\": 10, \"limit_seconds\": 5",
		  "s.json:5:58: steady_state.limit_seconds: the limit (5 s) is not "
		  "longer than "
		  "hold_seconds (10 s)" },
		{ "\"hosts\": 1", "\"hosts\": 0",
		  "s.json:7:30: blast_radius.hosts: expected a whole number from 1 to "
		  "100, found "
		  "0" },
		{ "[\"dcs\"]", "[\"dcs\", 7]",
		  "s.json:7:50: blast_radius.never[1]: expected a string, found a "
		  "number" },
		{ "\"keep_quorum\": true", "\"keep_quorum\": 1",
		  "s.json:7:66: blast_radius.keep_quorum: expected true or false, found "
		  "a "
		  "number" },
		{ "\"every_ms\": 20", "\"every_ms\": 0",
		  "s.json:9:37: probe.write.every_ms: expected a whole number from 1 to "
		  "60000, "
		  "found 0" },
		{ "\"every_ms\": 20", "\"every_seconds\": 1",
		  "s.json:9:25: unknown key \"every_seconds\" in probe.write" },
		{ "\"why\"", "\"experiment\"",
		  "s.json:3:3: key \"experiment\" is given twice" },
		{ "\"every_ms\": 100,", "\"every_ms\": 100, \"every_ms\": 100,",
		  "s.json:10:32: key \"every_ms\" is given twice in probe.read" },
		{ "\"why\"", "\"expect\": \"blocked\", \"why\"",
		  "s.json:3:13: expect: \"blocked\" needs a \"because\": why that is "
		  "right" },
		{ "\"why\"", "\"expect\": \"dies\", \"why\"",
		  "s.json:3:13: expect: expected one of recovers, blocked, no_failover, "
		  "found \"dies\"" },
		{ "\"why\"", "\"because\": \"so\", \"why\"",
		  "s.json:3:14: because: that a cluster recovers needs no excuse: it "
		  "belongs to another \"expect\"" },
		{ "\"fault\": { \"reboot_host\": { \"target\": \"primary\" } },", "",
		  "s.json:1:1: key \"fault\" is missing" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct scenario *s = scenario_with(rows[i].from, rows[i].to, &err);

		is_str(s ? "" : err.message, rows[i].message, rows[i].message);
		scenario_free(s);
	}
}

/* The words are those of the fault layer; the places are what counts here. */
static void test_fault_errors(void)
{
	static const struct {
		const char *to, *at;
	} rows[] = {
		{ "\"fault\": {}", "s.json:6:12: " },
		{ "\"fault\": []", "s.json:6:12: " },
		{ "\"fault\": \"reboot_host\"", "s.json:6:12: " },
		{ "\"fault\": { \"reboot_hosts\": {} }", "s.json:6:14: " },
		{ "\"fault\": { \"by_hand\": {}, \"switchover\": {} }", "s.json:6:29: " },
		{ "\"fault\": { \"by_hand\": [] }", "s.json:6:25: " },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct scenario *s = scenario_with(
			"\"fault\": { \"reboot_host\": { \"target\": \"primary\" } }",
			rows[i].to, &err);

		if (!ok(!s && str_starts(err.message, rows[i].at), rows[i].to))
			printf("# %s\n", err.message);
		scenario_free(s);
	}
}

/* As played: a scenario again, which says the same. */
static void test_effective(void)
{
	struct scenario *s = scenario_of(good_scenario, &err);
	char *text = scenario_effective_json(s);
	struct scenario *again = scenario_of(text, &err);
	char *text_again;

	ok(strstr(text, "\"deadline_ms\":2000") != NULL, "defaults are filled in");
	ok(strstr(text, "\"fault\":{\"reboot_host\":{\"target\":\"primary\",\"how\":"
	                "\"graceful\"}}"),
	   "those of the fault too");
	ok(!strstr(text, "\"endpoint\""), "what was not given is not there");
	if (ok(again != NULL, "it is a scenario")) {
		text_again = scenario_effective_json(again);
		is_str(text_again, text, "and the same once more");
		free(text_again);
	}
	scenario_free(again);
	scenario_free(s);
	free(text);
	s = scenario_of("{\"experiment\":\"x\",\"fault\":{\"by_hand\":{}}}", &err);
	text = scenario_effective_json(s);
	ok(!strstr(text, "rpo_rows") && !strstr(text, "sync_standbys"),
	   "what is left to the cluster stays open");
	free(text);
	scenario_free(s);
}

/* "" if it fits the cluster, both with one change. */
static const char *fit(const char *from, const char *to, const char *cluster_from,
                       const char *cluster_to)
{
	struct scenario *s = scenario_with(from, to, &err);
	struct cluster *c = s ? cluster_with(cluster_from, cluster_to, &err) : NULL;

	if (c && scenario_fits(s, &c->inventory, &err))
		err.message[0] = '\0';
	else if (!err.message[0])
		err_set(&err, "refused without a reason");
	scenario_free(s);
	cluster_free(c);
	return err.message;
}

static void test_fits(void)
{
	static const char via[] = "\"via\": \"primary_endpoint\"";
	static const char fault[] = "\"reboot_host\": { \"target\": \"primary\" }";
	static const char same[] = "\"cluster\"";
	static const struct {
		const char *from, *to, *cluster_from, *cluster_to, *message;
	} rows[] = {
		{ via, via, same, same, "" },
		{ via, "\"via\": [\"primary_endpoint\", \"pooler_endpiont\"]", same, same,
		  "s.json:9:69: probe.write.via[1]: cluster billing has no endpoint "
		  "\"pooler_endpiont\" (did you mean \"pooler_endpoint\"?)" },
		{ via, "\"via\": \"replica_endpoint\"", same, same,
		  "s.json:9:48: probe.write.via: endpoint \"replica_endpoint\" serves "
		  "the "
		  "replica, not the primary" },
		{ "[\"replica_endpoint\"]", "\"primary_endpoint\"", same, same,
		  "s.json:10:39: probe.read.via: endpoint \"primary_endpoint\" serves "
		  "the "
		  "primary, not the replica" },
		{ "\"rpo_rows\": 0", "\"endpoint\": \"x\"", same, same,
		  "s.json:4:50: hypothesis.endpoint: cluster billing has no endpoint "
		  "\"x\"" },
		{ "\"rpo_rows\": 0", "\"endpoint\": \"pooler_endpoint\"", same, same,
		  "s.json:4:50: hypothesis.endpoint: nothing is written through endpoint "
		  "\"pooler_endpoint\"" },
		{ "\"rpo_rows\": 0", "\"endpoint\": \"primary_endpoint\"", same, same,
		  "" },
		{ "\"sync_standbys\": 1", "\"sync_standbys\": 3", same, same,
		  "s.json:5:58: steady_state.sync_standbys: 3 synchronous standbys need "
		  "4 "
		  "members, the cluster has 3" },
		{ "\"sync_standbys\": 1", "\"sync_standbys\": 2", same, same, "" },
		{ fault, "\"reboot_host\": { \"target\": \"host:db9\" }", same, same,
		  "s.json:6:41: fault.reboot_host.target: the cluster file has no such "
		  "host" },
		{ fault, "\"reboot_host\": { \"target\": \"host:px1\" }", same, same,
		  "" },
		{ fault, "\"reboot_host\": { \"target\": \"one sync standby\" }", same,
		  same, "" },
		{ fault, "\"crash_postgres\": { \"target\": \"proxy\" }", same, same,
		  "s.json:6:44: fault.crash_postgres.target: this fault hits a database "
		  "member" },
		{ fault, "\"crash_postgres\": { \"target\": \"host:px1\" }", same, same,
		  "s.json:6:44: fault.crash_postgres.target: this fault hits a database "
		  "member, "
		  "and none runs there" },
		{ fault, "\"kill_proxy\": { \"target\": \"primary\" }", same, same,
		  "s.json:6:40: fault.kill_proxy.target: this fault hits a proxy or a "
		  "pooler" },
		{ fault, "\"kill_proxy\": { \"target\": \"host:db1\" }", same, same,
		  "s.json:6:40: fault.kill_proxy.target: this fault hits a proxy or a "
		  "pooler, "
		  "and none runs there" },
		{ fault, "\"by_hand\": {}", same, same, "" },
		{ fault, "\"switchover\": {}", same, same, "" },
		{ "[\"dcs\"]", "[\"dcs\", \"px1\", \"etcd\", \"primary\", \"db4\"]", same,
		  same,
		  "s.json:7:76: blast_radius.never[4]: \"db4\" is no host of cluster "
		  "billing, no "
		  "service and no role" },
		{ "[\"dcs\"]", "\"pxx\"", same, same,
		  "s.json:7:42: blast_radius.never: \"pxx\" is no host of cluster "
		  "billing, no "
		  "service and no role" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		is_str(fit(rows[i].from, rows[i].to, rows[i].cluster_from,
		           rows[i].cluster_to),
		       rows[i].message, *rows[i].message ? rows[i].message : rows[i].to);
}

static void test_fits_cluster(void)
{
	static const char patroni[] =
		"{ \"patroni\": { \"urls\": [\"http://10.88.0.11:8008\"],\n"
		"    \"username\": \"pgmonkey\", \"password_file\": \"patroni.password\" "
		"} }";
	static const char fault[] = "\"reboot_host\": { \"target\": \"primary\" }";

	is_str(fit(fault, "\"switchover\": {}", patroni, "{ \"none\": {} }"),
	       "s.json:6:28: fault.switchover: switchover asks an HA manager, and "
	       "cluster billing "
	       "has none",
	       "no manager to ask");
	is_str(fit(fault, fault, patroni, "{ \"none\": {} }"), "",
	       "a host can be rebooted");
	is_str(fit(fault, "\"kill_proxy\": { \"target\": \"pooler\" }",
	           "\"10.88.0.21\", \"runs\": [\"haproxy\", \"pgbouncer\"] },\n"
	           "    \"px2\": { \"address\": \"10.88.0.22\", \"runs\": [\"haproxy\", "
	           "\"pgbouncer\"]",
	           "\"10.88.0.21\", \"runs\": [\"haproxy\"]"),
	       "s.json:6:40: fault.kill_proxy.target: no host of cluster billing runs "
	       "pgbouncer",
	       "nothing to hit");
	is_str(fit("\"sync_standbys\": 1", "\"sync_standbys\": 0", "\"sync_standbys\": 1",
	           "\"sync_standbys\": 3"),
	       "", "none asked for overrides it");
	is_str(fit(", \"sync_standbys\": 1", "", "\"sync_standbys\": 1",
	           "\"sync_standbys\": 3"),
	       "objectives.sync_standbys of cluster billing is 3, but it has 3 database "
	       "hosts",
	       "the cluster's own promise");
}

int main(void)
{
	test_facts();
	test_minimal();
	test_expectation();
	test_errors();
	test_fault_errors();
	test_effective();
	test_fits();
	test_fits_cluster();
	return done_testing();
}
