/* Reports of verdicts made by hand: several experiments, and values that try to break
 * out. */
#include "base/str.h"
#include "report/report.h"
#include "tap.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static struct reason nasty_reasons[] = {
	{ JUDGED_FAIL, "lost | rows\nand <b>more</b> \x1b[31m", 7 },
};
static struct probe_summary nasty_probes[] = {
	{ .number = 1,
	  .kind = "write",
	  .endpoint = "a|b\x1b[2J",
	  .every_us = 20000,
	  .acked = 5,
	  .rto = { 8020000, 20000, 30000 },
	  .rto_recovered = true },
	{ .number = 2, .kind = "member", .endpoint = "db1" },
};
static struct outage nasty_outages[] = {
	{ .endpoint = "a|b",
	  .start_us = 1000000,
	  .length = { 8020000, 20000, 30000 },
	  .recovered = true,
	  .flaps = 2,
	  .first_error = "57P01 | terminating\nconnection" },
};
static char *nasty_keys[] = { "a|b/7" };

static struct verdict fail_verdict(void)
{
	return (struct verdict){
		.judgement = JUDGED_FAIL,
		.reasons = nasty_reasons,
		.reason_count = 1,
		.run = "r1",
		.experiment = "reboot | it\n# Pass",
		.cluster = "shop \"eu\\1\"",
		.rto_objective_seconds = 60,
		.rpo_objective_rows = 0,
		.fault = { .name = "reboot_host",
		           .target = "one replica",
		           .host = "db|3",
		           .injected = true,
		           .confirmed = true,
		           .healed = true },
		.outages = nasty_outages,
		.outage_count = 1,
		.probes = nasty_probes,
		.probe_count = 2,
		.rto_known = true,
		.rto = { 8020000, 20000, 30000 },
		.rto_recovered = true,
		.rto_endpoint = "a|b",
		.loss = { .known = true,
		          .acked = 1234,
		          .lost = 1,
		          .lost_keys = { nasty_keys, 1, 1 } },
		.redundancy_us = 21000000,
		.redundancy_restored = true,
		.finished = true,
	};
}

static struct verdict unknown_verdict(void)
{
	return (struct verdict){
		.judgement = JUDGED_INCONCLUSIVE,
		.run = "r2",
		.rto_objective_seconds = -1,
		.rpo_objective_rows = -1,
		.fault = { .injected_us = -1, .confirmed_us = -1 },
		.rto_recovered = true,
		.loss = { .why_unknown = "nothing was written" },
		.redundancy_us = -1,
	};
}

static char *render(const char *format, const struct verdict *const *verdicts,
                    size_t count)
{
	struct buf out = BUF_INIT;

	report_format_find(format)->write(verdicts, count, &out);
	return buf_steal(&out);
}

/* Every line of a table has as many bars as its first, not counting escaped ones. */
static unsigned count_bars(const char *line, size_t len)
{
	unsigned bars = 0;

	for (size_t i = 0; i < len; i++)
		bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
	return bars;
}

static void check_tables(const char *text)
{
	unsigned want = 0;
	unsigned wrong = 0;

	while (*text) {
		size_t len = strcspn(text, "\n");

		if (*text == '|') {
			unsigned bars = count_bars(text, len);

			want = want ? want : bars;
			wrong += bars != want;
		} else {
			want = 0;
		}
		text += len + (text[len] == '\n');
	}
	is_int(wrong, 0, "no value breaks out of its cell");
}

static void test_text(const struct verdict *const *v)
{
	char *one = render("text", v, 1);
	char *two = render("text", v, 2);

	ok(str_starts(one, "FAIL  reboot | it # Pass  (shop \"eu\\1\")\n"),
	   "the verdict first");
	ok(strstr(one, "RTO     8.02 s (-0.02 +0.03) through a|b, objective 60 s\n") !=
	           NULL,
	   "RTO");
	ok(strstr(one, "RPO     1 of 1,234 acknowledged rows lost, objective 0") != NULL,
	   "RPO");
	ok(strchr(one, '\x1b') == NULL, "no control characters reach the terminal");
	ok(strstr(one, "2 flaps: 57P01 | terminating connection\n") != NULL,
	   "the outage");
	ok(str_starts(two, "FAIL  2 experiments\n"), "the worst of several first");
	ok(strstr(two, "RTO     unknown, no objective\n") != NULL, "unknown is said");
	ok(strstr(two,
	          "unknown of 0 acknowledged rows, no objective: nothing was written") !=
	           NULL,
	   "so is the loss");
	free(one);
	free(two);
}

static void test_markdown(const struct verdict *const *v)
{
	char *text = render("markdown", v, 2);

	ok(str_starts(text, "# fail: 2 experiments\n"), "the worst first");
	check_tables(text);
	ok(strstr(text, "\n# Pass") == NULL, "no value makes a heading");
	ok(strstr(text, "<b>") == NULL && strstr(text, "&lt;b>") != NULL, "nor HTML");
	ok(strchr(text, '\x1b') == NULL, "no control characters");
	free(text);
}

static const cJSON *at(const cJSON *o, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(o, key);
}

static void test_json(const struct verdict *const *v)
{
	char *text = render("json", v, 2);
	cJSON *root = cJSON_Parse(text);
	const cJSON *second = cJSON_GetArrayItem(at(root, "experiments"), 1);
	const cJSON *first = cJSON_GetArrayItem(at(root, "experiments"), 0);

	is_str(at(root, "verdict")->valuestring, "fail", "the worst of both");
	is_int(at(root, "exit_code")->valueint, 1, "missed weighs more than refused");
	is_str(at(first, "reasons")->child->valuestring, nasty_reasons[0].text,
	       "values are as they were");
	is_str(at(at(first, "rpo"), "lost_keys")->child->valuestring, "a|b/7",
	       "the lost key");
	is_int(cJSON_GetArraySize(at(first, "endpoints")), 1, "members are no endpoints");
	ok(cJSON_IsNull(at(at(second, "rpo"), "lost")), "unknown loss is null, not 0");
	ok(cJSON_IsNull(at(at(second, "rto"), "seconds")), "so is an unknown RTO");
	ok(cJSON_IsNull(at(second, "redundancy_restored_seconds")), "and the redundancy");
	is_int(at(second, "exit_code")->valueint, 5, "no fault was armed");
	cJSON_Delete(root);
	free(text);
}

static void test_exit_codes(void)
{
	struct verdict v = fail_verdict();

	is_int(verdict_exit_code(&v), EXIT_MISSED, "missed");
	v.aborted = true;
	is_int(verdict_exit_code(&v), EXIT_ABORTED, "aborted");
	v.fault.not_healed = true;
	is_int(verdict_exit_code(&v), EXIT_NOT_HEALED, "not healed weighs most");
	v = fail_verdict();
	v.judgement = JUDGED_PASS;
	is_int(verdict_exit_code(&v), EXIT_PASS, "passed");
	v.judgement = JUDGED_INCONCLUSIVE;
	is_int(verdict_exit_code(&v), EXIT_INCONCLUSIVE, "inconclusive");
	v.fault.name = NULL;
	is_int(verdict_exit_code(&v), EXIT_REFUSED, "nothing was touched");
}

int main(void)
{
	struct verdict fail = fail_verdict();
	struct verdict unknown = unknown_verdict();
	const struct verdict *const both[] = { &fail, &unknown };

	ok(report_format_find("html") == NULL && report_format_find(NULL) == NULL,
	   "no such format");
	test_text(both);
	test_markdown(both);
	test_json(both);
	test_exit_codes();
	return done_testing();
}
