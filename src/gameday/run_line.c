/* The first line of a ledger: who ran what against which cluster. */
#include "gameday/run.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static char *agent_boot_id(void)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	struct buf text = BUF_INIT;

	if (fd >= 0) {
		if (!buf_read_fd(&text, fd, 128))
			buf_clear(&text);
		close(fd);
	}
	text.data[strcspn(text.data, "\n")] = '\0';
	return buf_steal(&text);
}

static char *agent_json(void)
{
	struct buf b = BUF_INIT;
	struct utsname names;
	char *boot_id = agent_boot_id();

	buf_puts(&b, "{\"host\":");
	buf_json_string(&b, uname(&names) == 0 ? names.nodename : "");
	buf_puts(&b, ",\"boot_id\":");
	buf_json_string(&b, boot_id);
	buf_printf(&b, ",\"pid\":%ld}", (long)getpid());
	free(boot_id);
	return buf_steal(&b);
}

static double rto_objective(const struct run *run)
{
	double own = run->scenario->hypothesis.rto_seconds;

	return own > 0 ? own : run->inventory->objectives.rto_seconds;
}

static int64_t rpo_objective(const struct run *run)
{
	int64_t own = run->scenario->hypothesis.rpo_rows;

	return own >= 0 ? own : run->inventory->objectives.rpo_rows;
}

static void write_gameday(struct run *run)
{
	const struct run_options *o = run->options;
	struct buf b = BUF_INIT;

	if (!o->gameday)
		return;
	buf_puts(&b, "{\"name\":");
	buf_json_string(&b, o->gameday);
	buf_printf(&b, ",\"index\":%d,\"of\":%d}", o->gameday_index, o->gameday_of);
	ledger_json(run->ledger, "gameday", b.data);
	buf_free(&b);
}

static void write_objectives(struct run *run)
{
	char *json =
		xasprintf("{\"rto_seconds\":%g,\"rpo_rows\":%lld,\"sync_standbys\":%lld}",
	                  rto_objective(run), (long long)rpo_objective(run),
	                  (long long)run->inventory->objectives.sync_standbys);

	ledger_json(run->ledger, "objectives", json);
	free(json);
}

static void seconds(struct run *run, const char *key, double value)
{
	ledger_int(run->ledger, key, seconds_to_nsec(value) / NSEC_PER_USEC);
}

void run_line_write(struct run *run)
{
	const struct scenario *sc = run->scenario;
	struct clock *clock = loop_clock(run->loop);
	char started[RFC3339_SIZE];
	char *agent = agent_json();
	char *scenario = scenario_effective_json(sc);
	char *cluster = cluster_scrubbed_json(run->cluster);

	ledger_begin_at(run->ledger, "run", run->began);
	ledger_int(run->ledger, "schema", LEDGER_SCHEMA);
	ledger_string(run->ledger, "pgmonkey", PGMONKEY_VERSION);
	ledger_string(run->ledger, "run", run->id);
	ledger_string(run->ledger, "started",
	              rfc3339(started, clock->wall(clock) - (run_now(run) - run->began)));
	ledger_json(run->ledger, "agent", agent);
	ledger_string(run->ledger, "cluster", run->inventory->cluster);
	ledger_string(run->ledger, "environment", run->inventory->environment);
	ledger_string(run->ledger, "experiment", sc->experiment);
	ledger_string(run->ledger, "why", sc->why);
	ledger_string(run->ledger, "seed", run->options->seed);
	write_gameday(run);
	write_objectives(run);
	ledger_string(run->ledger, "expect", sc->expect);
	ledger_string(run->ledger, "because", sc->because);
	ledger_string(run->ledger, "rto_endpoint", sc->hypothesis.endpoint);
	seconds(run, "recovered_for_us", sc->recovered_for_seconds);
	seconds(run, "timely_us", sc->timely_seconds);
	seconds(run, "observe_us", sc->observe.limit_seconds);
	seconds(run, "settle_us", sc->settle.limit_seconds);
	ledger_json(run->ledger, "scenario", scenario);
	ledger_json(run->ledger, "cluster_file", cluster);
	ledger_end(run->ledger);
	free(agent);
	free(scenario);
	free(cluster);
}
