/* Conninfo: what libpq would make of it, told without a look-up or a connection. */
#include "base/str.h"
#include "transport/pg.h"

#include "tap.h"
#include "transport/place.h"

#include <stdlib.h>

static const char *setting(const struct pg_target *target, const char *keyword)
{
	for (size_t i = 0; i < target->setting_count; i++)
		if (str_eq(target->keywords[i], keyword))
			return target->values[i];
	return NULL;
}

static struct pg_target *parse(const char *conninfo, const char *extra)
{
	struct pg_target *target = NULL;
	struct err err = { 0 };

	if (!pg_target_parse(conninfo, extra, &target, &err)) {
		printf("Bail out! %s: %s\n", conninfo, err.message);
		exit(1);
	}
	return target;
}

static void test_plain(void)
{
	struct pg_target *t =
		parse("host=db1 dbname=app user=u password='p w' options=-cx=1", NULL);

	is_int((int64_t)t->host_count, 1, "one host");
	is_str(t->hosts[0].host, "db1", "its name");
	is_str(t->hosts[0].port, "5432", "libpq's default port");
	is_str(setting(t, "password"), "p w", "the password is kept");
	is_str(setting(t, "options"), "-cx=1", "options are kept");
	is_str(setting(t, "fallback_application_name"), "pgmonkey",
	       "a name for the server");
	is_str(setting(t, "client_encoding"), NULL, "nothing that nobody asked for");
	ok(setting(t, "tcp_user_timeout") && setting(t, "keepalives_idle"),
	   "held connections");
	is_int(t->connect_timeout, 2 * NSEC_PER_SEC, "2 s to connect");
	is_str(t->session_attrs, "any", "any server");
	pg_target_free(t);

	t = parse("host=db1 connect_timeout=7 keepalives_idle=60 application_name=mine",
	          NULL);
	is_int(t->connect_timeout, 7 * NSEC_PER_SEC, "connect_timeout of the conninfo");
	is_str(setting(t, "keepalives_idle"), "60", "keepalives of the conninfo");
	is_str(setting(t, "application_name"), "mine",
	       "application_name of the conninfo");
	pg_target_free(t);
	t = parse("host=db1 connect_timeout=0", NULL);
	is_int(t->connect_timeout, NSEC_NEVER, "0 is no limit");
	pg_target_free(t);
}

static void test_hosts(void)
{
	struct pg_target *t =
		parse("postgresql://u@a:1,[fd00::2]:2,c/app?target_session_attrs="
	              "read-write",
	              NULL);
	struct pg_target *at;

	is_int((int64_t)t->host_count, 3, "three hosts of a URL");
	is_str(t->hosts[1].host, "fd00::2", "IPv6 without its brackets");
	is_str(t->hosts[1].port, "2", "its own port");
	is_str(t->hosts[2].port, "5432", "a port left out");
	is_str(t->session_attrs, "read-write", "session attributes");
	is_str(setting(t, "target_session_attrs"), NULL, "are not among the settings");
	at = pg_target_at(t, "10.0.0.9");
	is_int((int64_t)at->host_count, 1, "the same at one host");
	is_str(at->hosts[0].host, "10.0.0.9", "that host");
	is_str(at->hosts[0].port, "1", "the first host's port");
	is_str(at->session_attrs, "read-write", "session attributes are kept");
	is_str(setting(at, "dbname"), "app", "settings are kept");
	pg_target_free(t);
	pg_target_free(at);

	t = parse("host=a,b port=6432 hostaddr=10.0.0.1,10.0.0.2", NULL);
	is_str(t->hosts[1].port, "6432", "one port for all");
	is_str(t->hosts[1].hostaddr, "10.0.0.2", "an address beside the name");
	is_str(t->hosts[1].host, "b", "which stays for TLS");
	pg_target_free(t);

	t = parse("hostaddr=10.0.0.1", NULL);
	is_str(t->hosts[0].host, "10.0.0.1", "an address alone");
	pg_target_free(t);
	t = parse("host=/run/pg", NULL);
	is_str(t->hosts[0].host, "/run/pg", "a Unix socket");
	pg_target_free(t);
	t = parse("dbname=x", NULL);
	is_str(t->hosts[0].host, "/var/run/postgresql", "none: the local server");
	pg_target_free(t);
}

static void test_service(void)
{
	struct pg_target *t;
	struct err err = { 0 };

	place_write(
		"services", 0600,
		"[billing]\nhost=a.example,b.example\nport=5433\ndbname=app\nuser=svc\n"
		"gssencmode=disable\ntarget_session_attrs=standby\nconnect_timeout=9\n"
		"[bare]\nhost=c.example\nport=5432\n");
	setenv("PGSERVICEFILE", in_place("services"), 1);
	t = parse("service=billing user=me", "port=1 dbname=x sslmode=require user=x");
	is_int((int64_t)t->host_count, 2, "hosts of the service file");
	is_str(t->hosts[1].port, "5433", "its port goes before the extra one");
	is_str(setting(t, "dbname"), "app", "its dbname too");
	is_str(setting(t, "user"), "me", "what the conninfo says goes before all");
	is_str(setting(t, "sslmode"), "require", "extra settings fill gaps");
	is_str(setting(t, "gssencmode"), "disable", "gssencmode of the service");
	is_str(t->session_attrs, "standby", "its session attributes");
	is_int(t->connect_timeout, 9 * NSEC_PER_SEC, "its connect_timeout");
	pg_target_free(t);

	t = parse("service=bare", "port=6000 dbname=x");
	is_str(t->hosts[0].port, "5432",
	       "a service that names the default port means it");
	is_str(setting(t, "dbname"), "x", "and takes the extra dbname");
	pg_target_free(t);

	setenv("PGPORT", "7000", 1);
	t = parse("host=a", "port=6000");
	is_str(t->hosts[0].port, "6000", "extra goes before the environment");
	pg_target_free(t);
	t = parse("service=bare", NULL);
	is_str(t->hosts[0].port, "5432", "a service too");
	pg_target_free(t);
	t = parse("host=a", NULL);
	is_str(t->hosts[0].port, "7000", "which goes before the default");
	pg_target_free(t);
	unsetenv("PGPORT");

	ok(!pg_target_parse("service=nope", NULL, &t, &err), "an unknown service");
	ok(strstr(err.message, "\"nope\" not found") != NULL, err.message);
	ok(getenv("PGSERVICEFILE") && getenv("PATH"), "the environment is as it was");
}

static void test_errors(void)
{
	static const struct {
		const char *conninfo;
		const char *message;
		const char *hint;
	} cases[] = {
		{ "host=a port=70000", "port \"70000\" of host \"a\"", "" },
		{ "postgresql://u@fd00::21:5000/app",
		  "port \":21:5000\" of host \"fd00\"", "[ ]" },
		{ "host=[fd00::21]", "has brackets", "without [ ]" },
		{ "host=a,b port=1,2,3", "could not match 3 port numbers to 2 hosts",
		  "" },
		{ "host=a sslmode=blah", "invalid sslmode value: \"blah\"", "" },
		{ "host=a target_session_attrs=readwrite", "\"readwrite\" is unknown",
		  "\"read-write\"" },
		{ "hots=a", "invalid connection option \"hots\"", "" },
		{ "host=a gssencmode=maybe", "invalid gssencmode value: \"maybe\"", "" },
		{ "host", "not a conninfo", "host=" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct pg_target *t;
		struct err err = { 0 };

		ok(!pg_target_parse(cases[i].conninfo, NULL, &t, &err),
		   cases[i].conninfo);
		ok(strstr(err.message, cases[i].message) != NULL, err.message);
		ok(strstr(err.hint, cases[i].hint) != NULL, "hint");
		ok(!t, "nothing is returned");
	}
}

static void test_secrets(void)
{
	static const char *const broken[] = {
		"host=a password=my sesame",  "postgresql://u:sesame@host:port:x/db?%zz",
		"postgresql://u:sesame@[::1", "password='sesame",
		"password=x sesame",          "postgresql://u:sesame@h/db?foo",
	};
	char *text = pg_scrub_conninfo(
		"host=a password='open sesame' sslpassword=sesame user='o\\'k'");

	ok(!strstr(text, "sesame"), "no password is left");
	ok(strstr(text, "password=***") && strstr(text, "host=a"), text);
	free(text);
	text = pg_scrub_conninfo("postgresql://u:sesame@db1:5433/app?password=sesame");
	ok(!strstr(text, "sesame") && strstr(text, "port=5433") && strstr(text, "user=u"),
	   text);
	free(text);
	text = pg_scrub_conninfo("host=a application_name='it\\'s \\\\' dbname=''");
	is_str(text, "dbname='' host=a application_name='it\\'s \\\\'", "quoted again");
	free(text);
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		struct pg_target *t;
		struct err err = { 0 };

		text = pg_scrub_conninfo(broken[i]);
		is_str(text, "(not a conninfo)", "what cannot be read is not shown");
		free(text);
		ok(!pg_target_parse(broken[i], NULL, &t, &err), "nor parsed");
		ok(!strstr(err.message, "sesame") && !strstr(err.hint, "sesame"),
		   err.message);
	}
}

static void test_quoting(void)
{
	static const char *const cases[][3] = {
		{ "plain", "\"plain\"", "'plain'" },
		{ "a\"b", "\"a\"\"b\"", "'a\"b'" },
		{ "it's", "\"it's\"", "'it''s'" },
		{ "a\\b", "\"a\\b\"", "E'a\\\\b'" },
		{ "", "\"\"", "''" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *identifier = pg_quote_identifier(cases[i][0]);
		char *literal = pg_quote_literal(cases[i][0]);

		is_str(identifier, cases[i][1], "identifier");
		is_str(literal, cases[i][2], "literal");
		free(identifier);
		free(literal);
	}
}

int main(void)
{
	static const char *const variables[] = {
		"PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE", "PGUSER", "PGDATABASE"
	};

	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
		unsetenv(variables[i]);
	place_make();
	test_plain();
	test_hosts();
	test_service();
	test_errors();
	test_secrets();
	test_quoting();
	place_remove();
	return done_testing();
}
