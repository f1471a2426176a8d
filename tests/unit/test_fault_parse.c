/* Faults from files and ledgers, and the table that all of it comes from. */
#include "base/str.h"
#include "fault/host.h"
#include "fault/types.h"
#include "tap.h"

#include <stdlib.h>

static struct err err;

static struct fault *parse(const char *json)
{
	struct json_doc doc = { 0 };
	struct fault *f = NULL;
	const cJSON *inner;

	err = (struct err){ 0 };
	if (!json_doc_parse(&doc, "s.json", json, strlen(json), &err))
		return NULL;
	inner = json_get(doc.root, "fault");
	if (!fault_parse(&doc, inner ? inner : doc.root, &f, &err))
		f = NULL;
	json_doc_free(&doc);
	return f;
}

static void fails(const char *json, const char *message, const char *hint)
{
	struct fault *f = parse(json);

	ok(f == NULL, json);
	fault_free(f);
	ok(strstr(err.message, message) != NULL, message);
	if (!strstr(err.message, message))
		printf("# %s\n", err.message);
	if (hint)
		ok(strstr(err.hint, hint) != NULL, hint);
}

static void is_params(const char *json, const char *want)
{
	struct fault *f = parse(json);
	cJSON *params = f ? fault_params_json(f) : NULL;
	char *text = params ? cJSON_PrintUnformatted(params) : NULL;

	is_str(text, want, json);
	free(text);
	cJSON_Delete(params);
	fault_free(f);
}

static void test_parse(void)
{
	is_params("{\"reboot_host\": {\"target\": \"primary\"}}",
	          "{\"target\":\"primary\",\"how\":\"graceful\"}");
	is_params("{\"kill_proxy\": {\"how\": \"stop\", \"stop_seconds\": 2.5}}",
	          "{\"target\":\"proxy\",\"how\":\"stop\",\"stop_seconds\":2.5}");
	is_params(
		"{\"restart_postgres\": {\"target\": \"replica\", \"how\": \"pg_ctl\"}}",
		"{\"target\":\"replica\",\"how\":\"pg_ctl\",\"mode\":\"fast\"}");
	is_params("{\"crash_postgres\": {\"target\": \"primary\"}}",
	          "{\"target\":\"primary\",\"process\":\"postmaster\"}");
	is_params("{\"switchover\": {\"candidate\": \"db2\"}}",
	          "{\"target\":\"primary\",\"candidate\":\"db2\"}");
	is_params("{\"failover\": {}}", "{\"target\":\"primary\"}");
	is_params("{\"by_hand\": {}}", "{\"seconds\":60}");
}

static void test_errors(void)
{
	fails("{\"rebot_host\": {}}", "s.json:1:2: unknown fault 'rebot_host'",
	      "'reboot_host'");
	fails("{\"xyzzyxyzzyxyzzy\": {}}", "unknown fault", "list faults");
	fails("{}", "expected one fault", NULL);
	fails("{\"fault\": []}", "expected one fault", NULL);
	fails("{\"fault\": \"reboot_host\"}", "expected one fault", NULL);
	fails("{\"by_hand\": {}, \"failover\": {}}",
	      "s.json:1:17: a scenario has one fault", NULL);
	fails("{\"reboot_host\": {}}", "target", NULL);
	fails("{\"reboot_host\": []}", "s.json:1:17", NULL);
	fails("{\"reboot_host\": {\"target\": \"primary\", \"how\": \"gently\"}}",
	      "s.json:1:46", NULL);
	fails("{\"kill_proxy\": {\"stop_seconds\": 3}}",
	      "s.json:1:17: stop_seconds goes with \"how\": \"stop\"", NULL);
	fails("{\"restart_postgres\": {\"target\": \"primary\", \"mode\": \"smart\"}}",
	      "mode goes with \"how\": \"pg_ctl\"", NULL);
}

static void test_facts_of_a_fault(void)
{
	struct fault *f = parse(
		"{\"restart_postgres\": {\"target\": \"db1\", \"how\": \"systemd\"}}");

	is_str(fault_target_expression(f), "db1", "its target expression");
	is_int(fault_needs(f), NEEDS_MEMBER | NEEDS_SSH, "by systemd it needs SSH");
	fault_free(f);
	f = parse("{\"restart_postgres\": {\"target\": \"db1\", \"how\": \"manager\"}}");
	is_int(fault_needs(f), NEEDS_MEMBER | NEEDS_HA,
	       "by the manager it needs the manager");
	fault_free(f);
	f = parse("{\"by_hand\": {\"seconds\": 7}}");
	ok(fault_target_expression(f) == NULL, "what a person does has no target");
	is_int((int)f->hold_seconds, 7, "but stays for its seconds");
	is_int(fault_needs(f), 0, "and needs nothing");
	fault_free(f);
	fault_free(NULL);
}

static bool reads_intent(const char *json)
{
	cJSON *intent = cJSON_Parse(json);
	struct fault *f = NULL;
	bool read;

	err = (struct err){ 0 };
	read = fault_from_intent(intent, &f, &err);
	if (read) {
		is_str(f->target.host, "px1", "the intent's host");
		is_str(json_string(f->heal, "verb"), "start_units", "the intent's undo");
		is_int((int)f->hold_seconds, 9, "the intent's hold");
	}
	fault_free(f);
	cJSON_Delete(intent);
	return read;
}

static void test_intent(void)
{
	ok(reads_intent("{\"fault\": \"kill_proxy\", \"target\": {\"host\": \"px1\"}, "
	                "\"params\": "
	                "{\"how\": \"stop\", \"stop_seconds\": 9}, \"heal\": {\"verb\": "
	                "\"start_units\"}}"),
	   "an intent is read back");
	ok(!reads_intent("{\"fault\": \"kill_proxy\", \"target\": {\"host\": \"px1\"}}"),
	   "an intent that does not say how to heal");
	ok(!reads_intent("{\"fault\": \"from_the_future\", \"heal\": {}}"),
	   "an unknown fault");
	ok(!reads_intent("{\"fault\": \"reboot_host\", \"params\": {\"targt\": 1}, "
	                 "\"heal\": {}}"),
	   "parameters that are wrong");
	ok(!reads_intent("{}"), "nothing in it");
	ok(!reads_intent("[1]"), "no object");
}

static void test_sudo(void)
{
	const struct sudo_command *c = sudo_find(restart_postgres_type.sudo, "pg_ctl");
	struct sudo_values values = {
		.mode = "fast",
		.data_directory = "/srv/pg:15,x",
		.bin_directory = "/usr/lib/postgresql/15/bin",
		.os_user = "postgres",
	};
	char **words = sudo_words(c, &values, true);
	char *text = sudo_text(words), *rule = sudo_rule(c, &values);

	is_str(text,
	       "sudo -n -l -u postgres /usr/lib/postgresql/15/bin/pg_ctl -D /srv/pg:15,x "
	       "-m fast -W "
	       "stop",
	       "placeholders are filled in");
	is_str(rule,
	       "(postgres) NOPASSWD: /usr/lib/postgresql/15/bin/pg_ctl -D "
	       "/srv/pg\\:15\\,x -m fast "
	       "-W stop",
	       "a rule is escaped as sudoers(5) wants it");
	ok(sudo_find(c, "nothing of that name") == NULL,
	   "a command that is not in the table");
	ok(sudo_find(NULL, "start") == NULL, "no table");
	free(rule);
	free(text);
	sudo_words_free(words);
}

static void test_unit_names(void)
{
	ok(unit_name_is_plain("pgbouncer@1.service"), "an instance");
	ok(unit_name_is_plain("postgresql@15-main.service"), "Debian's own");
	ok(unit_name_is_plain("dev-disk\\x2d.device"), "escapes");
	ok(!unit_name_is_plain("--all"), "an option is no unit");
	ok(!unit_name_is_plain("pgbouncer@*.service"), "nor a pattern");
	ok(!unit_name_is_plain("a b"), "nor two words");
	ok(!unit_name_is_plain("x;reboot"), "nor shell");
	ok(!unit_name_is_plain(""), "nor nothing");
	ok(!unit_name_is_plain(NULL), "nor nothing at all");
}

/* What help, documentation and the experiment rely on. */
static void test_table(void)
{
	for (size_t i = 0; fault_types[i]; i++) {
		const struct fault_type *t = fault_types[i];

		ok(fault_type_find(t->name) == t, t->name);
		ok(t->summary && t->undo && t->params && t->targets, "is described");
		ok(t->arm && t->inject && t->confirm && t->heal, "is whole");
		ok(t->confirm_seconds > 0, "has a limit for its proof");
		ok(!(t->needs & NEEDS_SSH) || t->sudo, "names what it runs on the host");
		if (str_eq(t->params[0].key, "target") && t->params[0].fallback)
			ok(strstr(t->params[0].fallback, t->targets[0]) != NULL,
			   "its default target is its first");
	}
}

int main(void)
{
	test_parse();
	test_errors();
	test_facts_of_a_fault();
	test_intent();
	test_sudo();
	test_unit_names();
	test_table();
	return done_testing();
}
