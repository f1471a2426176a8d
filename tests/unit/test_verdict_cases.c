/*
 * Planted truth: each tests/data/NAME.case is a ledger in short and what must come out of
 *it.
 *
 *	# comment
 *	{"event":…}              a line of the ledger, as it is
 *	@include FILE            lines of another file of the same directory
 *	@attempts KEY=VALUE …    many `attempt` lines: probe, from, every, count, seq
 *(first), outcome, delay, and as wanted kind, server, reason, sqlstate, message, newest
 *(first) and step; times in ms, no spaces in values
 *	                         ("_" stands for one)
 *	@torn TEXT               the rest of the file, without a newline
 *	= PATH VALUE             what the JSON report says at PATH, as JSON text
 *	~ TEXT                   some reason contains TEXT
 *	! TEXT                   the ledger can't be read, and the message contains TEXT
 *
 * The report of the ledger must be the same bytes when made again, in every format.
 */
#include "base/str.h"
#include "report/report.h"
#include "tap.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define DATA        "tests/data"
#define LEDGER_NAME "/tmp/pgmonkey-case-XXXXXX"

struct example {
	const char *name;
	struct buf ledger;
	struct strings expect; /* lines that begin with '=', '~' or '!' */
};

static void add_expectation(struct example *c, const char *line)
{
	ARRAY_PUSH(c->expect.items, c->expect.count, c->expect.cap) = xstrdup(line);
}

/* ---- @attempts ------------------------------------------------------------------- */

struct series {
	int64_t probe, from, every, count, seq, delay, newest, step;
	char outcome[32], extra[512];
};

static void set_text(struct series *s, const char *key, const char *value)
{
	size_t used = strlen(s->extra);

	snprintf(s->extra + used, sizeof s->extra - used, ",\"%s\":\"%s\"", key, value);
	for (char *p = s->extra + used + strlen(key) + 4; *p; p++) {
		if (*p == '_' && strcmp(key, "reason") != 0)
			*p = ' ';
	}
}

static void set_pair(struct series *s, char *pair)
{
	struct {
		const char *key;
		int64_t *value;
	} numbers[] = {
		{ "probe", &s->probe }, { "from", &s->from },     { "every", &s->every },
		{ "count", &s->count }, { "seq", &s->seq },       { "delay", &s->delay },
		{ "step", &s->step },   { "newest", &s->newest },
	};
	char *value = strchr(pair, '=');

	if (!value)
		return;
	*value++ = '\0';
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		if (strcmp(pair, numbers[i].key) == 0) {
			*numbers[i].value = strtoll(value, NULL, 10);
			return;
		}
	}
	if (strcmp(pair, "outcome") == 0)
		snprintf(s->outcome, sizeof s->outcome, "%s", value);
	else
		set_text(s, pair, value);
}

static void add_attempts(struct example *c, char *text)
{
	struct series s = {
		.probe = 1, .every = 20, .count = 1, .seq = -1, .delay = 5, .newest = -1
	};
	char *save = NULL;

	snprintf(s.outcome, sizeof s.outcome, "acked");
	for (char *pair = strtok_r(text, " ", &save); pair;
	     pair = strtok_r(NULL, " ", &save))
		set_pair(&s, pair);
	for (int64_t i = 0; i < s.count; i++) {
		int64_t at = (s.from + i * s.every) * 1000;
		int64_t answered = at + s.delay * 1000;

		buf_printf(&c->ledger,
		           "{\"event\":\"attempt\",\"t_us\":%lld,\"probe\":%lld",
		           (long long)answered, (long long)s.probe);
		if (s.seq >= 0)
			buf_printf(&c->ledger, ",\"seq\":%lld",
			           (long long)s.seq + (long long)i);
		buf_printf(&c->ledger,
		           ",\"scheduled_us\":%lld,\"sent_us\":%lld,\"answered_us\":%lld,"
		           "\"outcome\":\"%s\"%s",
		           (long long)at, (long long)at, (long long)answered, s.outcome,
		           s.extra);
		if (s.newest >= 0)
			buf_printf(&c->ledger, ",\"of\":1,\"newest\":%lld",
			           (long long)s.newest +
			                   (long long)i * (long long)s.step);
		buf_puts(&c->ledger, "}\n");
	}
}

/* ---- the file ---------------------------------------------------------------------- */

static void read_case(struct example *c, const char *file);

static void take_line(struct example *c, char *line)
{
	line[strcspn(line, "\n")] = '\0';
	if (str_starts(line, "@include "))
		read_case(c, line + 9);
	else if (str_starts(line, "@attempts "))
		add_attempts(c, line + 10);
	else if (str_starts(line, "@torn "))
		buf_puts(&c->ledger, line + 6);
	else if (*line && strchr("=~!", *line))
		add_expectation(c, line);
	else if (*line && *line != '#')
		buf_printf(&c->ledger, "%s\n", line);
}

static void read_case(struct example *c, const char *file)
{
	char path[300];
	char line[8192];
	FILE *f;

	snprintf(path, sizeof path, DATA "/%s", file);
	f = fopen(path, "r");
	if (!f) {
		tap_result(false, __FILE__, __LINE__, path);
		return;
	}
	while (fgets(line, sizeof line, f))
		take_line(c, line);
	fclose(f);
}

/* ---- expectations ------------------------------------------------------------------ */

/* "rto.seconds", "outages.0.flaps" */
static const cJSON *find(const cJSON *node, const char *path)
{
	char copy[200];
	char *save = NULL;

	snprintf(copy, sizeof copy, "%s", path);
	for (char *key = strtok_r(copy, ".", &save); key && node;
	     key = strtok_r(NULL, ".", &save))
		node = cJSON_IsArray(node)
		               ? cJSON_GetArrayItem(node, (int)strtol(key, NULL, 10))
		               : cJSON_GetObjectItemCaseSensitive(node, key);
	return node;
}

static void check_value(const struct example *c, const cJSON *report, const char *line)
{
	char path[200] = "";
	char what[400];
	char *got;
	int used = 0;

	sscanf(line, "= %199s %n", path, &used);
	got = cJSON_PrintUnformatted(find(report, path));
	snprintf(what, sizeof what, "%s: %s", c->name, line + 2);
	is_str(got, line + used, what);
	cJSON_free(got);
}

static void check_reason(const struct example *c, const cJSON *report, const char *text)
{
	const cJSON *reason;
	bool found = false;
	char what[400];

	cJSON_ArrayForEach (reason, cJSON_GetObjectItemCaseSensitive(report, "reasons")) {
		found = found || strstr(reason->valuestring, text);
	}
	snprintf(what, sizeof what, "%s: a reason says \"%s\"", c->name, text);
	if (ok(found, what))
		return;
	cJSON_ArrayForEach (reason, cJSON_GetObjectItemCaseSensitive(report, "reasons")) {
		printf("#   it says %s\n", reason->valuestring);
	}
}

static void check_verdict(const struct example *c, const char *json)
{
	cJSON *report = cJSON_Parse(json);

	ok(report != NULL, "the report is JSON");
	for (size_t i = 0; i < c->expect.count; i++) {
		const char *line = c->expect.items[i];

		if (*line == '=')
			check_value(c, report, line);
		else if (*line == '~')
			check_reason(c, report, line + 2);
		else
			ok(false, "the ledger can be read, though it should not");
	}
	cJSON_Delete(report);
}

static void check_error(const struct example *c, const struct err *err)
{
	for (size_t i = 0; i < c->expect.count; i++) {
		char what[400];

		snprintf(what, sizeof what, "%s: %s", c->name, c->expect.items[i]);
		if (!ok(*c->expect.items[i] == '!' &&
		                strstr(err->message, c->expect.items[i] + 2),
		        what))
			printf("#   it says %s\n", err->message);
	}
}

static void check_ledger(const struct example *c, const char *path)
{
	struct err err = { 0 };
	struct verdict *v = verdict_of_file(path, &err);
	struct verdict *again = v ? verdict_of_file(path, &err) : NULL;

	if (!v) {
		check_error(c, &err);
		return;
	}
	for (size_t i = 0; report_formats[i]; i++) {
		struct buf first = BUF_INIT;
		struct buf second = BUF_INIT;

		report_formats[i]->write((const struct verdict *const *)&v, 1, &first);
		report_formats[i]->write((const struct verdict *const *)&again, 1,
		                         &second);
		ok(first.len > 100 && strcmp(first.data, second.data) == 0,
		   "same bytes again");
		if (strcmp(report_formats[i]->name, "json") == 0)
			check_verdict(c, first.data);
		buf_free(&first);
		buf_free(&second);
	}
	verdict_free(v);
	verdict_free(again);
}

static void run_case(const char *name)
{
	struct example c = { .name = name, .ledger = BUF_INIT };
	const char *keep = getenv("KEEP_LEDGERS"); /* a directory: to look at them */
	char path[] = LEDGER_NAME;
	int fd = mkstemp(path);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;

	read_case(&c, name);
	if (ok(f && fwrite(c.ledger.data, 1, c.ledger.len, f) == c.ledger.len, name)) {
		fclose(f);
		ok(c.expect.count > 0, "something is expected");
		check_ledger(&c, path);
	}
	if (keep) {
		char *kept = xasprintf("%s/%s.jsonl", keep, name);

		ok(rename(path, kept) == 0, kept);
		free(kept);
	}
	unlink(path);
	for (size_t i = 0; i < c.expect.count; i++)
		free(c.expect.items[i]);
	free(c.expect.items);
	buf_free(&c.ledger);
}

static int is_case(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && strcmp(dot, ".case") == 0;
}

int main(int argc, char **argv)
{
	struct dirent **entries = NULL;
	int n = argc > 1 ? 0 : scandir(DATA, &entries, is_case, alphasort);

	ok(argc > 1 || n > 20, "there are cases");
	for (int i = 1; i < argc; i++)
		run_case(argv[i]);
	for (int i = 0; i < n; i++) {
		run_case(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return done_testing();
}
