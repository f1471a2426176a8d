/* How a game day goes on and ends, by what its experiments come to: a fake plays them. */
#include "tap.h"

#include "cli/command.h"
#include "gameday/experiment.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define PLAY 6

/* What the fake answers, one by one; the last goes on for ever. */
static const int *answers;
static int answer_count;
static int played;
static int signal_after; /* 0: never */
static uint64_t seeds[PLAY];
static char seed_shown[24];

bool experiment_run(const struct cluster *cluster, const struct scenario *scenario,
                    struct state *state, const struct run_options *options,
                    struct run_result *result, struct err *err)
{
	int code = answers[played < answer_count ? played : answer_count - 1];

	(void)cluster;
	(void)scenario;
	(void)state;
	if (played < PLAY)
		seeds[played] = options->target_seed;
	snprintf(seed_shown, sizeof seed_shown, "%s", options->seed);
	played++;
	if (played == signal_after)
		raise(SIGTERM);
	*result = (struct run_result){ .exit = (enum exit_code)code };
	if (code == EXIT_REFUSED)
		return err_set(err, "not steady");
	return true;
}

void run_result_free(struct run_result *result)
{
	*result = (struct run_result){ 0 };
}

static void write_text(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	if (!f || fputs(text, f) < 0 || fclose(f) != 0) {
		perror(name);
		exit(1);
	}
}

static void write_files(void)
{
	static const char day[] =
		"{ \"game_day\": \"day\", \"scenarios\": [{ \"file\": \"s.json\" }], "
		"\"play\": 6, \"seed\": \"7\", "
		"\"pause\": { \"min_seconds\": 0, \"max_seconds\": 0 }%s }";
	char text[512];

	write_text(
		"c.json",
		"{ \"cluster\": \"c\", \"chaos\": \"allowed\","
		" \"manager\": { \"patroni\": { \"urls\": [\"http://127.0.0.1:1\"] } },"
		" \"hosts\": { \"db1\": { \"address\": \"127.0.0.1\","
		" \"runs\": [\"postgres\", \"patroni\"] } },"
		" \"members\": { \"conninfo\": \"port=1 user=u dbname=d\" },"
		" \"endpoints\": { \"primary_endpoint\":"
		" { \"conninfo\": \"host=127.0.0.1 port=1 user=u dbname=d\" } } }");
	write_text("s.json",
	           "{ \"experiment\": \"e\", \"why\": \"w\","
	           " \"fault\": { \"reboot_host\": { \"target\": \"primary\" } } }");
	snprintf(text, sizeof text, day, "");
	write_text("fail.json", text);
	snprintf(text, sizeof text, day, ", \"stop_on\": \"never\"");
	write_text("never.json", text);
}

static int gameday(const char *file, const char *seed)
{
	const char *words[] = { "pgmonkey", "--state-dir", "state", "gameday", "c.json",
		                file,       "--seed",      seed,    NULL };
	char *argv[9];
	int code;

	for (int i = 0; i < 9; i++)
		argv[i] = (char *)(uintptr_t)words[i];
	played = 0;
	code = cli_main(seed ? 8 : 6, argv);
	return code;
}

#define DAY(file, want_code, want_played, what, ...)                            \
	do {                                                                    \
		static const int list[] = { __VA_ARGS__ };                      \
		answers = list;                                                 \
		answer_count = (int)(sizeof list / sizeof list[0]);             \
		is_int(gameday((file), NULL), (want_code), what ": exit code"); \
		is_int(played, (want_played), what ": how many were played");   \
	} while (0)

static void test_ends(void)
{
	DAY("fail.json", 0, 6, "all pass", 0);
	DAY("fail.json", 2, 6, "one inconclusive", 0, 2, 0);
	DAY("fail.json", 5, 6, "one refused", 0, 5, 0);
	DAY("fail.json", 2, 6, "inconclusive is worse than refused", 5, 2, 5, 2, 0);
	DAY("fail.json", 5, 3, "two refused in a row", 0, 5);
	DAY("never.json", 5, 6, "two refused in a row, stop_on never", 0, 5);
	DAY("fail.json", 1, 2, "a missed objective", 0, 1, 0);
	DAY("never.json", 1, 6, "a missed objective, stop_on never", 0, 1, 3, 2, 0);
	DAY("fail.json", 3, 1, "an abort", 3);
	DAY("never.json", 3, 6, "aborted is worse than inconclusive", 2, 3, 2);
	DAY("never.json", 4, 3, "not healed ends it always", 1, 3, 4, 0);
	DAY("never.json", 65, 1, "a wrong file, too", 65);
}

static void test_seeds(void)
{
	static const int pass[] = { 0 };
	uint64_t first[PLAY];

	answers = pass;
	answer_count = 1;
	gameday("fail.json", NULL);
	is_str(seed_shown, "7", "the file's seed");
	memcpy(first, seeds, sizeof first);
	gameday("fail.json", "7");
	ok(memcmp(first, seeds, sizeof first) == 0,
	   "the same seed draws the same targets");
	gameday("fail.json", "8");
	is_str(seed_shown, "8", "--seed wins");
	ok(memcmp(first, seeds, sizeof first) != 0, "another seed draws others");
}

int main(void)
{
	char directory[] = "/tmp/pgmonkey-test-XXXXXX";

	if (!mkdtemp(directory) || chdir(directory) != 0)
		return 1;
	write_files();
	test_ends();
	test_seeds();
	signal_after = 2; /* last: a stop is remembered */
	DAY("never.json", 3, 2, "SIGTERM", 0);
	unlink("c.json");
	unlink("s.json");
	unlink("fail.json");
	unlink("never.json");
	unlink("state/c/lock");
	rmdir("state/c");
	rmdir("state");
	ok(chdir("/") == 0 && rmdir(directory) == 0, "nothing is left behind");
	return done_testing();
}
