/* scenario/names.h: names, addresses and URLs as files may have them. */
#include "scenario/names.h"

#include "tap.h"

#include <stdlib.h>

/* A row's second is NULL for a good one, else what its sentence must contain. */
struct row {
	const char *text, *wrong;
};

static void check(const char *got, const struct row *row)
{
	if (row->wrong)
		ok(got && strstr(got, row->wrong), row->text);
	else
		is_str(got, NULL, row->text);
}

static const char long_label[] =
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"; /* 64 */

static void test_name(void)
{
	const struct row rows[] = {
		{ "db1", NULL },
		{ "DB_1.example-x", NULL },
		{ "_x", NULL },
		{ "1", NULL },
		{ "", "not empty" },
		{ "-db1", "begins with" },
		{ ".db1", "begins with" },
		{ "a b", "only letters" },
		{ "a/b", "only letters" },
		{ "ä", "only letters" },
		{ "a\tb", "only letters" },
		{ long_label, "at most 63" },
		{ long_label + 1, NULL },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check(wrong_name(rows[i].text), &rows[i]);
}

static void test_address(void)
{
	static const struct row rows[] = {
		{ "10.88.0.11", NULL },
		{ "db1.example.com", NULL },
		{ "db-1", NULL },
		{ "fd00:88::11", NULL },
		{ "FE80::1%eth0", NULL },
		{ "::1", NULL },
		{ "::ffff:10.0.0.1", NULL },
		{ "", "not empty" },
		{ "[fd00::1]", "without [ ]" },
		{ "10.88.0.11:22", "no port" },
		{ "db1:22", "no port" },
		{ "http://db1", "no URL" },
		{ "10.88.0.256", "no IPv4" },
		{ "10.88.0", "no IPv4" },
		{ "fd00::88::11", "no IPv6" },
		{ "fd00::1%", "no IPv6" },
		{ "fd00::1%a b", "no IPv6" },
		{ "fd00::xyz", "no IPv6" },
		{ "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc",
		  "no IPv6" },
		{ "-oProxyCommand", "begins with" },
		{ "a b", "only letters" },
		{ "a..b", "two dots" },
		{ "a;b", "only letters" },
		{ "$(x)", "only letters" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *hint = NULL;

		check(wrong_address(rows[i].text, &hint), &rows[i]);
	}
}

static void test_url(void)
{
	static const struct row rows[] = {
		{ "http://10.0.0.11:8008", NULL },
		{ "https://db1.example:8008/", NULL },
		{ "http://db1", NULL },
		{ "http://[fd00:88::11]:8008", NULL },
		{ "http://[fd00:88::11]", NULL },
		{ "http://[::1]/patroni", NULL },
		{ "http://fd00:88::11:8008", "stands in [ ]" },
		{ "http://fd00::11", "stands in [ ]" },
		{ "http://[fd00::11", "has no ]" },
		{ "http://[db1]:8008", "no IPv6" },
		{ "http://[fd00::11]8008", ":PORT" },
		{ "http://[fd00::11]:", "the port" },
		{ "http://db1:", "the port" },
		{ "http://db1:0", "the port" },
		{ "http://db1:65536", "the port" },
		{ "http://db1:65535", NULL },
		{ "http://db1:80x", "the port" },
		{ "http://db1:800800", "the port" },
		{ "http://user@db1:8008", "no user" },
		{ "http://user:pass@db1", "no user" },
		{ "http://", "not empty" },
		{ "http://:8008", "not empty" },
		{ "ftp://db1", "begins with http" },
		{ "db1:8008", "begins with http" },
		{ "http://db1/?x", "ends with" },
		{ "http://db1#x", "ends with" },
		{ "http://db1/a b", "ends with" },
		{ "http://a b", "only letters" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *hint = NULL;

		check(wrong_url(rows[i].text, &hint), &rows[i]);
	}
}

static void test_system_names(void)
{
	static const struct row units[] = {
		{ "patroni.service", NULL }, { "pgbouncer@1", NULL },
		{ "a\\x2db.service", NULL }, { "", "begin" },
		{ "-x", "begin" },           { "a b", "only letters" },
		{ "a;b", "only letters" },   { "a/b", "only letters" },
	};
	static const struct row users[] = {
		{ "postgres", NULL },
		{ "pgmonkey-op", NULL },
		{ "_x", NULL },
		{ "", "begins with" },
		{ "-x", "begins with" },
		{ "a b", "only letters" },
		{ "a$", "only letters" },
		{ "abcdefghijklmnopqrstuvwxyzabcdefg", "at most 32" },
	};
	static const struct row paths[] = {
		{ "/var/lib/a b", NULL },
		{ "x", "absolute" },
		{ "~/x", "absolute" },
		{ "/a\tb", "control" },
	};
	static const struct row schemas[] = {
		{ "pgmonkey", NULL },    { "_p1", NULL },
		{ "pg_x", "own" },       { "information_schema", "own" },
		{ "public", "its own" }, { "Pg", "begins with" },
		{ "1a", "begins with" }, { "aB", "only small" },
		{ "a-b", "only small" }, { "a\"b", "only small" },
	};

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		check(wrong_unit(units[i].text), &units[i]);
	for (size_t i = 0; i < sizeof users / sizeof *users; i++)
		check(wrong_os_user(users[i].text), &users[i]);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		check(wrong_path(paths[i].text), &paths[i]);
	for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++)
		check(wrong_schema(schemas[i].text), &schemas[i]);
}

static void test_time_zones(void)
{
	static const char none[] = "this machine's time zone database has no such zone";
	static const char like[] = "expected a time zone like Europe/Zurich";
	const char *nearest;

	is_str(wrong_time_zone("Europe/Zurich", &nearest), NULL, "a zone");
	is_str(wrong_time_zone("UTC", &nearest), NULL, "UTC");
	is_str(wrong_time_zone("America/Argentina/Buenos_Aires", &nearest), NULL,
	       "three parts");
	is_str(wrong_time_zone("Europe/Zuerich", &nearest), none, "unknown");
	is_str(nearest, "Europe/Zurich", "the nearest");
	is_str(wrong_time_zone("Europe", &nearest), none, "a directory");
	is_str(wrong_time_zone("zone1970", &nearest), none, "nothing");
	is_str(wrong_time_zone("../../etc/passwd", &nearest), like,
	       "out of the database");
	is_str(wrong_time_zone("/etc/localtime", &nearest), like, "a path");
	is_str(wrong_time_zone(":Europe/Zurich", &nearest), like, "libc's own way");
	is_str(wrong_time_zone("CET-1CEST", &nearest), none, "a rule is no name");
	is_str(wrong_time_zone("", &nearest), none, "nothing");
	setenv("TZDIR", "/nonexistent", 1);
	is_str(wrong_time_zone("Europe/Zurich", &nearest),
	       "this machine has no time zone database (package tzdata)", "no database");
	unsetenv("TZDIR");
}

static void test_same(void)
{
	ok(same_address("10.0.0.1", "10.0.0.1"), "equal");
	ok(same_address("DB1.example", "db1.EXAMPLE"), "case of names");
	ok(same_address("fd00::1", "FD00:0:0::0001"), "spellings of IPv6");
	ok(!same_address("fe80::1%a", "fe80::1%b"), "other links");
	ok(!same_address("fe80::1%a", "fe80::1"), "a link or none");
	ok(!same_address("fd00::1", "fd00::2"), "others");
	ok(!same_address("10.0.0.1", "10.0.0.11"), "one begins with the other");
}

int main(void)
{
	test_name();
	test_address();
	test_url();
	test_system_names();
	test_time_zones();
	test_same();
	return done_testing();
}
