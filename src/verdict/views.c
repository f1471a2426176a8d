/* Lines about how members and the manager see the cluster, and the line of the run. */
#include "verdict/model.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"

#include <stdlib.h>

#define MAX_MEMBERS 1000

static bool same_view(const struct member_run *a, const struct member_run *b)
{
	return a->primary == b->primary && a->replica == b->replica &&
	       a->read_only == b->read_only && a->timeline == b->timeline;
}

static struct member_run *last_run(const struct model *m, size_t member)
{
	for (size_t i = m->run_count; i-- > 0;) {
		if (m->runs[i].member == member)
			return &m->runs[i];
	}
	return NULL;
}

bool take_member(struct model *m, const struct ledger_line *line, struct err *err)
{
	const char *state = json_string(line->json, "state");
	int64_t asked = line_int(line->json, "asked_us", line->t_us);
	struct member_run run = {
		.member = intern(&m->members, json_string(line->json, "member"),
		                 MAX_MEMBERS),
		.primary = str_eq(state, "primary"),
		.replica = str_eq(state, "replica"),
		.read_only = json_bool(line->json, "read_only", false),
		.timeline = line_int(line->json, "timeline", 0),
		.first_us = asked,
		.last_us = asked,
		.line = line->number,
	};
	struct member_run *last = last_run(m, run.member);

	(void)err;
	if (last && same_view(last, &run))
		last->last_us = asked > last->last_us ? asked : last->last_us;
	else
		ARRAY_PUSH(m->runs, m->run_count, m->run_cap) = run;
	return true;
}

bool take_manager(struct model *m, const struct ledger_line *line, struct err *err)
{
	const char *leader = json_string(line->json, "leader");
	const char *scheduled = json_string(line->json, "scheduled");

	(void)err;
	if (json_string(line->json, "message")) /* it could not be asked: no view */
		return true;
	ARRAY_PUSH(m->views, m->view_count, m->view_cap) = (struct manager_view){
		.t_us = line->t_us,
		.leader = leader && *leader ? xstrdup(leader) : NULL,
		.scheduled = scheduled && *scheduled ? xstrdup(scheduled) : NULL,
		.paused = json_bool(line->json, "paused", false),
		.line = line->number,
	};
	return true;
}

static char *copy(const cJSON *json, const char *key)
{
	const char *s = json_string(json, key);

	return s ? xstrdup(s) : NULL;
}

static void take_gameday(struct verdict *v, const cJSON *json)
{
	const cJSON *gameday = json_get(json, "gameday");

	v->gameday = copy(gameday, "name");
	v->gameday_index = (int)line_int(gameday, "index", 0);
	v->gameday_of = (int)line_int(gameday, "of", 0);
}

static void take_objectives(struct model *m, const cJSON *json)
{
	const cJSON *objectives = json_get(json, "objectives");

	m->v->rto_objective_seconds = json_number(objectives, "rto_seconds", -1);
	m->v->rpo_objective_rows = line_int(objectives, "rpo_rows", -1);
	m->sync_standbys = json_number(objectives, "sync_standbys", -1);
	m->rto_endpoint = copy(json, "rto_endpoint");
}

/* A word that is not known may mean anything: better no verdict than a wrong one. */
static bool take_expectation(struct verdict *v, const cJSON *json, struct err *err)
{
	const char *expect = json_string(json, "expect");

	v->because = copy(json, "because");
	if (!expect)
		return true;
	for (int i = EXPECT_RECOVERS; i <= EXPECT_NO_FAILOVER; i++) {
		v->expect = (enum expectation)i;
		if (str_eq(expect, expectation_name(v->expect)))
			return true;
	}
	return err_set(err, "an expectation that is not known: \"%s\"", expect);
}

/* Where the members are: servers say who they are by address (dual.c). */
static void take_hosts(struct model *m, const cJSON *json)
{
	const cJSON *hosts = json_get(json_get(json, "cluster_file"), "hosts");
	const cJSON *host;

	cJSON_ArrayForEach (host, hosts) {
		const char *address = json_string(host, "address");

		if (!address)
			continue;
		strings_push(&m->host_names, host->string);
		strings_push(&m->host_addresses, address);
	}
}

bool take_run(struct model *m, const struct ledger_line *line, struct err *err)
{
	const cJSON *json = line->json;
	struct verdict *v = m->v;
	int64_t started;

	if (v->run)
		return err_set(err,
		               "a second \"run\" line: one ledger is one experiment");
	v->run = copy(json, "run");
	if (!v->run)
		return err_set(err, "the run has no id");
	v->cluster = copy(json, "cluster");
	v->environment = copy(json, "environment");
	v->experiment = copy(json, "experiment");
	v->why = copy(json, "why");
	v->started = copy(json, "started");
	v->seed = copy(json, "seed");
	v->pgmonkey = copy(json, "pgmonkey");
	v->agent_host = copy(json_get(json, "agent"), "host");
	if (v->started && rfc3339_parse(v->started, &started))
		v->wall_base_ns = started - line->t_us * 1000;
	m->recovered_for_us = line_int(json, "recovered_for_us", m->recovered_for_us);
	m->timely_us = line_int(json, "timely_us", m->timely_us);
	if (!take_expectation(v, json, err))
		return false;
	take_gameday(v, json);
	take_objectives(m, json);
	take_hosts(m, json);
	return true;
}
