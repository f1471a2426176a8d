/* scenario/gameday_file.h: game day files, and telling files apart. */
#include "scenario/gameday_file.h"

#include "base/str.h"
#include "tap.h"
#include "test_scenario_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct err err;

static const char good[] = "{\n"
			   "  \"game_day\": \"weekday monkey\",\n"
			   "  \"scenarios\": [\n"
			   "    { \"file\": \"a.json\", \"weight\": 3 },\n"
			   "    { \"file\": \"b.json\" }\n"
			   "  ],\n"
			   "  \"play\": 5, \"until\": \"17:00\",\n"
			   "  \"order\": \"each_once\",\n"
			   "  \"pause\": { \"min_seconds\": 1, \"max_seconds\": 2 },\n"
			   "  \"window\": { \"days\": [\"mon\", \"fri\"], \"from\": "
			   "\"09:00\", \"to\": \"16:30\",\n"
			   "    \"time_zone\": \"Europe/Zurich\" },\n"
			   "  \"stop_on\": \"never\",\n"
			   "  \"seed\": \"42\"\n"
			   "}\n";

static void write_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		printf("Bail out! cannot write %s\n", name);
	close(fd);
}

static struct gameday_file *gameday_with(const char *from, const char *to)
{
	char *text = changed(good, from, to);
	struct gameday_file *f;

	write_file("day.json", text);
	free(text);
	err = (struct err){ 0 };
	f = gameday_read("day.json", &err);
	return f;
}

static void test_facts(void)
{
	struct gameday_file *f = gameday_with("42", "42");

	if (!ok(f != NULL, "reads")) {
		printf("# %s\n", err.message);
		return;
	}
	is_str(f->name, "weekday monkey", "name");
	is_int((int64_t)f->entry_count, 2, "scenarios");
	is_str(f->entries[0].file, "a.json", "as written");
	is_str(f->entries[0].path, "./a.json", "where it is");
	ok(f->entries[0].weight == 3 && f->entries[1].weight == 1, "weights");
	is_str(f->entries[1].scenario->experiment, "b", "the scenario is read");
	is_int(f->play, 5, "play");
	is_int(f->until_minute, 17 * 60, "until");
	is_str(f->order, "each_once", "order");
	ok(f->pause.min_seconds == 1 && f->pause.max_seconds == 2, "pause");
	ok(f->window.given && f->window.days[1] && f->window.days[5] &&
	           !f->window.days[0] && !f->window.days[2],
	   "days");
	ok(f->window.from_minute == 540 && f->window.to_minute == 990, "hours");
	is_str(f->window.time_zone, "Europe/Zurich", "zone");
	is_str(f->stop_on, "never", "stop_on");
	is_str(f->seed, "42", "seed");
	gameday_free(f);
}

static void test_minimal(void)
{
	struct gameday_file *f = gameday_with("\"mon\", \"fri\"", "\"sun\", \"sat\"");

	ok(f && f->window.days[0] && f->window.days[6] && !f->window.days[1],
	   "both ends");
	gameday_free(f);
	f = gameday_with("17:00", "17:59");
	is_int(f ? f->until_minute : 0, 17 * 60 + 59, "the last minute of an hour");
	gameday_free(f);

	write_file("day.json", "{\"game_day\":\"x\",\"scenarios\":[{\"file\":\"a.json\"}]"
	                       ",\"until\":\"24:00\"}");
	f = gameday_read("day.json", &err);
	if (!ok(f != NULL, "little is enough"))
		return;
	ok(!f->window.given && f->window.days[0] && f->window.days[6], "no window");
	is_int(f->play, 0, "no bound by number");
	is_int(f->until_minute, 0, "24:00 is midnight");
	is_str(f->order, "random", "order");
	is_str(f->stop_on, "fail", "stop_on");
	is_str(f->seed, NULL, "no seed");
	ok(f->pause.min_seconds == 30 && f->pause.max_seconds == 300, "pause");
	gameday_free(f);
}

static void test_errors(void)
{
	static const struct {
		const char *from, *to, *message;
	} rows[] = {
		{ "\"play\": 5, \"until\": \"17:00\",", "",
		  "day.json:1:1: the game day has no end" },
		{ "\"17:00\"", "\"17:60\"",
		  "day.json:7:23: until: expected a time of day from 00:00 to 24:00" },
		{ "\"17:00\"", "\"24:01\"",
		  "day.json:7:23: until: expected a time of day from 00:00 to 24:00" },
		{ "\"17:00\"", "\"5pm\"",
		  "day.json:7:23: until: expected a time of day from 00:00 to 24:00" },
		{ "\"17:00\"", "\"x7:00\"",
		  "day.json:7:23: until: expected a time of day from 00:00 to 24:00" },
		{ "\"17:00\"", "\"1x:00\"",
		  "day.json:7:23: until: expected a time of day from 00:00 to 24:00" },
		{ "\"17:00\"", "\"17:x0\"",
		  "day.json:7:23: until: expected a time of day from 00:00 to 24:00" },
		{ "\"17:00\"", "\"17:0x\"",
		  "day.json:7:23: until: expected a time of day from 00:00 to 24:00" },
		{ "\"17:00\"", "\"17:000\"",
		  "day.json:7:23: until: expected a time of day from 00:00 to 24:00" },
		{ "\"17:00\"", "\"17.00\"",
		  "day.json:7:23: until: expected a time of day from 00:00 to 24:00" },
		{ "\"play\": 5", "\"play\": 0",
		  "day.json:7:11: play: expected a whole number from 1 to 10000, found "
		  "0" },
		{ "\"weight\": 3", "\"weight\": 0",
		  "day.json:4:35: scenarios[0].weight: expected a number from 0.001 to "
		  "1000, "
		  "found 0" },
		{ "\"weight\": 3", "\"wieght\": 3",
		  "day.json:4:25: unknown key \"wieght\" in scenarios[0] (did you mean "
		  "\"weight\"?)" },
		{ "{ \"file\": \"b.json\" }", "\"b.json\"",
		  "day.json:5:5: scenarios[1]: expected an object in { }, found a "
		  "string" },
		{ "b.json", "a.json",
		  "day.json:5:15: scenarios[1].file: stands twice in the list (give it a "
		  "weight)" },
		{ "b.json", "none.json",
		  "day.json:5:15: scenarios[1].file: ./none.json: No such file or "
		  "directory" },
		{ "b.json", "bad.json", "./bad.json:1:19: key \"fault\" is missing" },
		{ "each_once", "each",
		  "day.json:8:12: order: expected one of random, each_once, found "
		  "\"each\"" },
		{ "\"min_seconds\": 1", "\"min_seconds\": 3",
		  "day.json:9:12: pause: min_seconds (3) is more than max_seconds (2)" },
		{ "\"fri\"", "\"friday\"",
		  "day.json:10:31: window.days[1]: expected one of sun, mon, tue, wed, "
		  "thu, fri, "
		  "sat" },
		{ "[\"mon\", \"fri\"]", "\"Mon\"",
		  "day.json:10:23: window.days: expected one of sun, mon, tue, wed, thu, "
		  "fri, "
		  "sat" },
		{ "\"09:00\"", "\"9:00\"",
		  "day.json:10:47: window.from: expected a time of day from 00:00 to "
		  "24:00" },
		{ "\"09:00\"", "\"24:00\"",
		  "day.json:10:47: window.from: a window does not begin at the end of "
		  "its day" },
		{ "\"16:30\"", "\"09:00\"",
		  "day.json:10:62: window.to: the window ends when it begins (leave both "
		  "out for "
		  "the whole day)" },
		{ "Europe/Zurich", "Europe/Zuerich",
		  "day.json:11:18: window.time_zone: this machine's time zone database "
		  "has no "
		  "such zone (did you mean \"Europe/Zurich\"?)" },
		{ "Europe/Zurich", "../../etc/passwd",
		  "day.json:11:18: window.time_zone: expected a time zone like "
		  "Europe/Zurich" },
		{ "\"42\"", "42",
		  "day.json:13:11: seed: expected a string, found a number" },
		{ "\"42\"", "\"-42\"",
		  "day.json:13:11: seed: expected decimal digits, at most "
		  "18446744073709551615" },
		{ "\"stop_on\"", "\"stop_at\"",
		  "day.json:12:3: unknown key \"stop_at\" (did you mean \"stop_on\"?)" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct gameday_file *f = gameday_with(rows[i].from, rows[i].to);

		is_str(f ? "" : err.message, rows[i].message, rows[i].message);
		gameday_free(f);
	}
	write_file("day.json", "{\"game_day\":\"x\",\"scenarios\":[],\"play\":1}");
	ok(!gameday_read("day.json", &err), "an empty list");
	is_str(err.message, "day.json:1:29: scenarios: there is no scenario", "told");
}

/* Files are beside the game day file, wherever the agent was started. */
static void test_directory(void)
{
	char here[512];
	char *path;
	struct gameday_file *f;

	gameday_free(gameday_with("42", "42"));
	if (!ok(getcwd(here, sizeof here) && chdir("/") == 0, "elsewhere"))
		return;
	path = xasprintf("%s/day.json", here);
	f = gameday_read(path, &err);
	ok(f && str_starts(f->entries[0].path, here), "found beside it");
	gameday_free(f);
	free(path);
	ok(chdir(here) == 0, "back");
}

static void test_check(void)
{
	static const struct {
		const char *name, *text;
		enum file_kind kind;
		const char *message;
	} rows[] = {
		{ "c.json", good_cluster, FILE_CLUSTER, "" },
		{ "s.json", good_scenario, FILE_SCENARIO, "" },
		{ "g.json", good, FILE_GAMEDAY, "" },
		{ "x.json", "{\"cluster\":5}", FILE_CLUSTER,
		  "x.json:1:12: cluster: expected a string, found a number" },
		{ "x.json", "{\"experiment\":5}", FILE_SCENARIO,
		  "x.json:1:15: experiment: expected a string, found a number" },
		{ "x.json", "{\"game_day\":5}", FILE_GAMEDAY,
		  "x.json:1:13: game_day: expected a string, found a number" },
		{ "x.json", "{\"expriment\":5}", FILE_UNKNOWN,
		  "x.json:1:2: what is this file? its first key is \"expriment\" (did "
		  "you mean "
		  "\"experiment\"?)" },
		{ "x.json", "{}", FILE_UNKNOWN, "x.json:1:1: the file holds nothing" },
		{ "x.json", "[]", FILE_UNKNOWN,
		  "x.json:1:1: expected an object in { }, found an array" },
		{ "x.json", "", FILE_UNKNOWN, "x.json:1:1: the file is empty" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		enum file_kind kind;
		bool well;

		write_file(rows[i].name, rows[i].text);
		err = (struct err){ 0 };
		well = file_check(rows[i].name, &kind, &err);
		is_int(kind, rows[i].kind, "what it is");
		is_str(well ? "" : err.message, rows[i].message,
		       *rows[i].message ? rows[i].message : rows[i].name);
		unlink(rows[i].name);
	}
}

int main(void)
{
	char dir[] = "/tmp/test_gameday.XXXXXX";

	if (!ok(mkdtemp(dir) && chdir(dir) == 0, "a directory"))
		return done_testing();
	write_file("a.json", "{\"experiment\":\"a\",\"fault\":{\"by_hand\":{}}}");
	write_file("b.json", "{\"experiment\":\"b\",\"fault\":{\"switchover\":{}}}");
	write_file("bad.json", "                  {\"experiment\":\"b\"}");
	test_facts();
	test_minimal();
	test_errors();
	test_directory();
	test_check();
	unlink("a.json");
	unlink("b.json");
	unlink("bad.json");
	unlink("day.json");
	rmdir(dir);
	return done_testing();
}
