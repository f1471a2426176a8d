/* scenario/cluster.h: what a cluster file means, and what is wrong with one. */
#include "scenario/cluster.h"

#include "base/str.h"
#include "tap.h"
#include "test_scenario_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct err err;

static void test_facts(void)
{
	struct cluster *c = cluster_of(good_cluster, &err);
	const struct inventory *inv = c ? &c->inventory : NULL;
	const struct service *s;

	if (!ok(c != NULL, "reads") || !inv) {
		printf("# %s\n", err.message);
		return;
	}
	is_str(inv->cluster, "billing", "name");
	is_str(inv->environment, "lab", "environment");
	is_str(inv->chaos, "allowed", "chaos");
	ok(inv->objectives.rto_seconds == 60 && inv->objectives.rpo_rows == 0,
	   "objectives");
	is_int(inv->objectives.sync_standbys, 1, "standbys");
	is_str(inv->manager.type, "patroni", "manager");
	is_str(inv->manager.urls.items[0], "http://10.88.0.11:8008", "URL");
	is_int((int64_t)inv->host_count, 5, "hosts");
	is_int((int64_t)inv->service_count, 5, "services, each once");
	is_str(inventory_host(inv, "db2")->address, "10.88.0.12", "address");
	is_str(inventory_host(inv, "db2")->zone, "b", "zone");
	is_str(inventory_host(inv, "db3")->zone, "", "no zone");
	ok(host_runs(inventory_host(inv, "px1"), "haproxy"), "runs");
	is_str(inventory_service(inv, "patroni")->units.items[0],
	       "patroni@15-main.service", "unit given");
	is_str(inventory_service(inv, "haproxy")->units.items[0], "haproxy.service",
	       "unit by default");
	s = inventory_service(inv, "postgres");
	is_int((int64_t)s->units.count, 0, "postgres has no unit by default");
	is_str(s->os_user, "postgres", "whom it runs as");
	is_str(s->data_directory, "/data", "data directory");
	is_str(inventory_endpoint(inv, "primary_endpoint")->serves, "primary", "serves");
	is_str(inventory_endpoint(inv, "replica_endpoint")->serves, "replica",
	       "by staleness");
	ok(inventory_endpoint(inv, "replica_endpoint")->max_staleness_seconds == 10,
	   "limit");
	ok(inventory_endpoint(inv, "pooler_endpoint")->max_staleness_seconds == 0,
	   "no limit");
	is_str(inv->ssh.user, "pgmonkey-op", "SSH user");
	is_int(inv->ssh.port, 22, "SSH port");
	is_str(inv->ssh.known_hosts_file, NULL, "known_hosts by default");
	is_str(inv->probe_schema, "pgmonkey", "schema");
	ok(inv->manager.password_file[0] == '/', "a relative path is made absolute");
	cluster_free(c);
}

static void test_minimal(void)
{
	static const char text[] =
		"{\"cluster\":\"c\",\"manager\":{\"none\":{}},"
		"\"hosts\":{\"a\":{\"address\":\"fd00::1\",\"runs\":\"postgres\"}},"
		"\"endpoints\":{\"replicas\":{\"conninfo\":\"\"},\"e\":{\"conninfo\":"
		"\"host=x\"},"
		"\"r\":{\"conninfo\":\"host=x\",\"serves\":\"replica\"},"
		"\"replica2\":{\"conninfo\":\"host=y\",\"serves\":\"primary\"}}}";
	char *fixed =
		changed(text, "\"conninfo\":\"\"", "\"conninfo\":\"service=none_such\"");
	struct cluster *c = cluster_of(text, &err);

	ok(!c, "an empty conninfo is none");
	is_str(err.message,
	       "c.json:1:128: endpoints.replicas.conninfo: expected a string that is not "
	       "empty",
	       "told");
	cluster_free(c);
	c = cluster_of(fixed, &err);
	free(fixed);
	if (!ok(c != NULL, "little is enough, a service of another machine included")) {
		printf("# %s\n", err.message);
		return;
	}
	is_int((int64_t)c->inventory.service_count, 1, "what is run has a service …");
	is_str(c->inventory.services[0].name, "postgres", "… by default");
	is_str(c->inventory.chaos, "forbidden", "chaos is forbidden by default");
	is_str(c->inventory.manager.type, "none", "no manager");
	ok(c->inventory.objectives.rto_seconds == 60, "RTO by default");
	is_str(c->inventory.probe_schema, "pgmonkey", "schema by default");
	is_str(c->inventory.members_conninfo, NULL, "no conninfo");
	ok(c->inventory.ssh.user && c->inventory.ssh.port == 22, "SSH by default");
	is_str(inventory_endpoint(&c->inventory, "replicas")->serves, "replica",
	       "by its name");
	is_str(inventory_endpoint(&c->inventory, "e")->serves, "primary", "by default");
	is_str(inventory_endpoint(&c->inventory, "r")->serves, "replica", "as given");
	is_str(inventory_endpoint(&c->inventory, "replica2")->serves, "primary",
	       "as given");
	cluster_free(c);
}

static void test_errors(void)
{
	static const struct {
		const char *from, *to, *message;
	} rows[] = {
		{ "\"cluster\": \"billing\", ", "",
		  "c.json:1:1: key \"cluster\" is missing" },
		{ "\"billing\"", "\"a\\nb\"",
		  "c.json:2:14: cluster: a name has no control characters" },
		{ "\"environment\"", "\"enviroment\"",
		  "c.json:2:25: unknown key \"enviroment\" (did you mean "
		  "\"environment\"?)" },
		{ "\"allowed\"", "\"yes\"",
		  "c.json:2:56: chaos: expected one of forbidden, allowed, found "
		  "\"yes\"" },
		{ "\"rto_seconds\": 60", "\"rto_seconds\": 0",
		  "c.json:3:34: objectives.rto_seconds: expected a number from 0.1 to "
		  "86400, "
		  "found 0" },
		{ "\"sync_standbys\": 1", "\"sync_standbys\": 1.5",
		  "c.json:3:70: objectives.sync_standbys: expected a whole number, found "
		  "1.5" },
		{ "\"patroni\": { \"urls\"", "\"patrony\": { \"urls\"",
		  "c.json:4:16: unknown key \"patrony\" in manager (did you mean "
		  "\"patroni\"?)" },
		{ "[\"http://10.88.0.11:8008\"]", "[]",
		  "c.json:4:37: manager.patroni.urls: there is no URL" },
		{ "http://10.88.0.11:8008", "http://fd00:88::11:8008",
		  "c.json:4:38: manager.patroni.urls[0]: an IPv6 address in a URL stands "
		  "in "
		  "[ ]" },
		{ "http://10.88.0.11:8008", "http://u:secret@h:8008",
		  "c.json:4:38: manager.patroni.urls[0]: a URL here has no user or "
		  "password in "
		  "it" },
		{ "http://10.88.0.11:8008", "10.88.0.11:8008",
		  "c.json:4:38: manager.patroni.urls[0]: a URL begins with http:// or "
		  "https://" },
		{ ", \"password_file\": \"patroni.password\"", "",
		  "c.json:5:17: manager.patroni.username: needs \"password_file\" beside "
		  "it" },
		{ "\"username\": \"pgmonkey\", ", "",
		  "c.json:5:22: manager.patroni.password_file: needs \"username\" beside "
		  "it" },
		{ "\"password_file\": \"patroni.password\"",
		  "\"password_file\": \"f\", \"key_file\": \"k\"",
		  "c.json:5:63: manager.patroni.key_file: needs \"cert_file\" beside "
		  "it" },
		{ "\"patroni.password\" } }", "\"f\" }, \"none\": {} }",
		  "c.json:5:53: manager: a cluster has one manager, this is a second" },
		{ "\"db1\": {", "\"-db1\": {",
		  "c.json:7:5: hosts.-db1: a name begins with a letter or a digit" },
		{ "\"db1\": {", "\"primary\": {",
		  "c.json:7:5: hosts.primary: a host is not named like a role or a "
		  "service" },
		{ "\"db1\": {", "\"etcd\": {",
		  "c.json:7:5: hosts.etcd: a host is not named like a role or a "
		  "service" },
		{ "\"db1\": {", "\"db2\": {",
		  "c.json:8:5: key \"db2\" is given twice in hosts" },
		{ "\"10.88.0.11\", \"zone\"", "\"-oProxyCommand=x\", \"zone\"",
		  "c.json:7:25: hosts.db1.address: a host name has only letters, digits, "
		  "\".\", "
		  "\"_\" and \"-\"" },
		{ "\"10.88.0.11\", \"zone\"", "\"-x\", \"zone\"",
		  "c.json:7:25: hosts.db1.address: a host name begins with a letter or a "
		  "digit" },
		{ "\"10.88.0.11\", \"zone\"", "\"[fd00::1]\", \"zone\"",
		  "c.json:7:25: hosts.db1.address: an address stands without [ ]" },
		{ "\"10.88.0.11\", \"zone\"", "\"10.88.0.11:22\", \"zone\"",
		  "c.json:7:25: hosts.db1.address: an address has no port" },
		{ "\"10.88.0.12\"", "\"10.88.0.11\"",
		  "c.json:8:25: hosts.db2.address: db1 has this address too" },
		{ "\"zone\": \"a\", \"runs\": [\"postgres\"",
		  "\"zone\": \"a\", \"runs\": [\"postgress\"",
		  "c.json:7:61: hosts.db1.runs[0]: unknown service \"postgress\" (did "
		  "you mean "
		  "\"postgres\"?)" },
		{ "\"zone\": \"a\", \"runs\": [\"postgres\", \"patroni\", \"etcd\"]",
		  "\"zone\": \"a\", \"runs\": \"postgress\"",
		  "c.json:7:60: hosts.db1.runs: unknown service \"postgress\" (did you "
		  "mean "
		  "\"postgres\"?)" },
		{ "\"zone\": \"a\", ", "\"zone\": 5, ",
		  "c.json:7:47: hosts.db1.zone: expected a string, found a number" },
		{ "\"patroni\": { \"units\": [\"patroni@15-main.service\"] }",
		  "\"pgbouncr\": {}", "c.json:15:5: services.pgbouncr: no host runs it" },
		{ "patroni@15-main.service", "-H x",
		  "c.json:15:28: services.patroni.units[0]: a unit's name does not begin "
		  "with "
		  "\"-\"" },
		{ "patroni@15-main.service", "patroni;reboot",
		  "c.json:15:28: services.patroni.units[0]: a unit's name has only "
		  "letters, "
		  "digits and : _ . \\ @ -" },
		{ "patroni@15-main.service", "a\", \"b c",
		  "c.json:15:33: services.patroni.units[1]: a unit's name has only "
		  "letters, "
		  "digits and : _ . \\ @ -" },
		{ "[\"patroni@15-main.service\"]", "\"x y\"",
		  "c.json:15:27: services.patroni.units: a unit's name has only letters, "
		  "digits "
		  "and : _ . \\ @ -" },
		{ "\"units\": [\"patroni@15-main.service\"]", "\"os_user\": \"p\"",
		  "c.json:15:29: services.patroni.os_user: only the service postgres has "
		  "this "
		  "key" },
		{ "\"/data\"", "\"data\"",
		  "c.json:14:37: services.postgres.data_directory: expected an absolute "
		  "path" },
		{ "\"/bin\"", "\"/bin\", \"os_user\": \"-p\"",
		  "c.json:14:82: services.postgres.os_user: an account begins with a "
		  "letter, a "
		  "digit or \"_\"" },
		{ "port=5432 dbname=app", "host=h port=5432 dbname=app",
		  "c.json:17:28: members.conninfo: host is not given here" },
		{ "user=pgmonkey passfile=/p", "user=x password=hidden",
		  "c.json:17:28: members.conninfo: a password does not stand in this "
		  "file" },
		{ "host=10.88.0.21 port=5000 dbname=app", "postgresql://u:hidden@h/app",
		  "c.json:19:39: endpoints.primary_endpoint.conninfo: a password does "
		  "not stand "
		  "in this file" },
		{ "host=10.88.0.21 port=5000 dbname=app", "host=h sslpassword='hid den'",
		  "c.json:19:39: endpoints.primary_endpoint.conninfo: a password does "
		  "not stand "
		  "in this file" },
		{ "\"replica_endpoint\": {", "\"replica endpoint\": {",
		  "c.json:21:5: endpoints.replica endpoint: a name has only letters, "
		  "digits, "
		  "\".\", \"_\" and \"-\"" },
		{ "\"max_staleness_seconds\": 10", "\"max_staleness_seconds\": 0",
		  "c.json:22:32: endpoints.replica_endpoint.max_staleness_seconds: "
		  "expected a "
		  "number from 0.001 to 86400, found 0" },
		{ "\"max_staleness_seconds\": 10", "\"serves\": \"standby\"",
		  "c.json:22:17: endpoints.replica_endpoint.serves: expected one of "
		  "primary, "
		  "replica, found \"standby\"" },
		{ "\"pgmonkey-op\"", "\"a b\"",
		  "c.json:24:20: ssh.user: an account has only letters, digits, \".\", "
		  "\"_\" and "
		  "\"-\"" },
		{ "\"user\": \"pgmonkey-op\"", "\"port\": 65536",
		  "c.json:24:20: ssh.port: expected a whole number from 1 to 65535, "
		  "found "
		  "65536" },
		{ "\"schema\": \"pgmonkey\"", "\"schema\": \"public\"",
		  "c.json:25:24: probe.schema: the probe's schema is its own, since it "
		  "is dropped "
		  "on request" },
		{ "\"schema\": \"pgmonkey\"", "\"schema\": \"a;b\"",
		  "c.json:25:24: probe.schema: a schema's name has only small letters, "
		  "digits and "
		  "\"_\"" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cluster *c = cluster_with(rows[i].from, rows[i].to, &err);

		is_str(c ? "" : err.message, rows[i].message, rows[i].message);
		ok(!strstr(err.message, "hidden") && !strstr(err.hint, "hidden") &&
		           !strstr(err.message, "secret"),
		   "no secret in it");
		cluster_free(c);
	}
}

/* What libpq does not take is told with the place, and without what stands there. */
static void test_conninfo(void)
{
	static const char at[] = "c.json:19:39: endpoints.primary_endpoint.conninfo: ";
	static const char *const bad[] = {
		"host=x prot=5000",
		"postgresql://u@fd00::21:5000/app",
		"host=x port=99999",
		"host=[fd00::1]",
		"host=x target_session_attrs=writable",
		"host=x sslmode=none",
		"just words",
	};
	static const char *const good[] = {
		"host=fd00:88::21 port=5000",
		"postgresql://u@[fd00::21]:5000/app",
		"host=a,b,c port=5432 target_session_attrs=read-write",
		"host=x options='-c password=x'",
		"service=none_such",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct cluster *c = cluster_with("host=10.88.0.21 port=5000 dbname=app",
		                                 bad[i], &err);

		ok(!c && str_starts(err.message, at), bad[i]);
		cluster_free(c);
	}
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct cluster *c = cluster_with("host=10.88.0.21 port=5000 dbname=app",
		                                 good[i], &err);

		if (!ok(c != NULL, good[i]))
			printf("# %s\n", err.message);
		cluster_free(c);
	}
}

/* Words of "services" and "runs" beyond those that are known. */
static void test_services(void)
{
	static const char text[] =
		"{\"cluster\":\"c\",\"manager\":{\"none\":{}},"
		"\"hosts\":{\"a\":{\"address\":\"x\",\"runs\":[\"postgres\",\"vip\"]}},"
		"\"services\":{\"haproxy\":{},\"vip\":{}},"
		"\"endpoints\":{\"e\":{\"conninfo\":\"host=x\"}}}";
	char *without;
	struct cluster *c = cluster_of(text, &err);

	if (!ok(c != NULL,
	        "one that is known and not run, one that is run and not known"))
		return;
	is_str(inventory_service(&c->inventory, "vip")->units.items[0], "vip.service",
	       "its unit");
	cluster_free(c);
	without = changed(text, "{\"e\":{\"conninfo\":\"host=x\"}}", "{}");
	c = cluster_of(without, &err);
	is_str(c ? "" : err.message, "c.json:1:141: endpoints: there is no endpoint",
	       "none");
	cluster_free(c);
	free(without);
}

static void test_limits(void)
{
	char name[104] = "\"";
	struct cluster *c;

	memset(name + 1, 'x', 100);
	name[101] = '"';
	c = cluster_with("\"billing\"", name, &err);
	ok(c != NULL, "a name of 100 bytes");
	cluster_free(c);
	name[101] = 'x';
	name[102] = '"';
	c = cluster_with("\"billing\"", name, &err);
	is_str(c ? "" : err.message, "c.json:2:14: cluster: a name has at most 100 bytes",
	       "101");
	cluster_free(c);
	c = cluster_with("\"primary_endpoint\": {",
	                 "\"primary_endpoint\": { \"max_staleness_seconds\": 0.5,", &err);
	is_str(c->inventory.endpoints[0].serves, "replica",
	       "half a second is a limit too");
	cluster_free(c);
	c = cluster_with("\"runs\": [\"haproxy\", \"pgbouncer\"] },", "\"runs\": [] },",
	                 &err);
	ok(c != NULL, "a host may run nothing that is known");
	cluster_free(c);
}

static void test_hints(void)
{
	struct cluster *c =
		cluster_with("http://10.88.0.11:8008", "http://fd00::11:8008", &err);

	is_str(err.hint, "put the address in [ ]: http://[fd00::11]:8008",
	       "IPv6 in a URL");
	cluster_free(c);
	c = cluster_with("http://10.88.0.11:8008", "http://[fd00:88::11]:8008", &err);
	ok(c != NULL, "with brackets it is well");
	cluster_free(c);
	c = cluster_with("\"10.88.0.11\", \"zone\"", "\"fd00:88::11\", \"zone\"", &err);
	ok(c != NULL, "an address of a host has none");
	cluster_free(c);
	c = cluster_with("passfile=/p", "password=x", &err);
	ok(strstr(err.hint, "passfile=") != NULL, "where a password goes instead");
	cluster_free(c);
	c = cluster_with("\"sync_standbys\"", "\"syncs\"", &err);
	is_str(err.hint, "known keys: rto_seconds, rpo_rows, sync_standbys", "all keys");
	cluster_free(c);
}

/* Into the ledger and back gives the same facts. */
static void test_ledger(void)
{
	struct cluster *c = cluster_of(good_cluster, &err);
	char *text = c ? cluster_scrubbed_json(c) : NULL;
	cJSON *tree = text ? cJSON_Parse(text) : NULL;
	struct cluster *again = cluster_from_ledger(tree, "run.jsonl", &err);
	char *text_again;

	if (!ok(again != NULL, "read back")) {
		printf("# %s\n# %s\n", err.message, text ? text : "");
		return;
	}
	ok(strstr(text, "\"known_hosts_file\"") == NULL,
	   "what was not given is not there");
	is_str(again->inventory.manager.password_file, c->inventory.manager.password_file,
	       "paths of secrets are kept, absolute");
	is_str(again->inventory.ssh.user, "pgmonkey-op", "SSH user");
	is_int((int64_t)again->inventory.host_count, 5, "hosts");
	text_again = cluster_scrubbed_json(again);
	is_str(text_again, text, "and the same once more");
	free(text_again);
	cluster_free(again);
	cluster_free(c);
	cJSON_Delete(tree);
	free(text);
	ok(!cluster_from_ledger(NULL, "run.jsonl", &err), "a ledger without it");
	is_str(err.message, "run.jsonl: the ledger holds no cluster file", "told");
}

static void test_files(void)
{
	char dir[] = "/tmp/test_cluster.XXXXXX";
	char *path;
	struct cluster *c;
	int fd;

	if (!ok(mkdtemp(dir) != NULL, "a directory"))
		return;
	path = xasprintf("%s/c.json", dir);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	ok(write(fd, good_cluster, strlen(good_cluster)) == (ssize_t)strlen(good_cluster),
	   "file");
	close(fd);
	c = cluster_read(path, &err);
	if (ok(c != NULL, "read")) {
		char *want = xasprintf("%s/patroni.password", dir);

		is_str(c->inventory.manager.password_file, want, "beside the file");
		free(want);
	}
	cluster_free(c);
	unlink(path);
	ok(!cluster_read(path, &err), "gone");
	free(path);
	rmdir(dir);
}

int main(void)
{
	test_facts();
	test_minimal();
	test_errors();
	test_conninfo();
	test_services();
	test_limits();
	test_hints();
	test_ledger();
	test_files();
	return done_testing();
}
