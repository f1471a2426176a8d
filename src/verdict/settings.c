/*
 * The settings that durability rests on, as told at PREFLIGHT and again at SETTLE: what
 * they can't keep, and what somebody changed meanwhile.
 */
#include "verdict/model.h"

#include "base/json.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

static struct setting *slot(struct model *m, const char *host, const char *name)
{
	struct setting *s;

	for (size_t i = 0; i < m->setting_count; i++) {
		if (str_eq(m->settings[i].host, host) &&
		    str_eq(m->settings[i].name, name))
			return &m->settings[i];
	}
	s = &ARRAY_PUSH(m->settings, m->setting_count, m->setting_cap);
	*s = (struct setting){ .host = xstrdup(host), .name = xstrdup(name) };
	return s;
}

void take_setting(struct model *m, const struct ledger_line *line)
{
	const char *about = json_string(line->json, "about");
	const char *name = json_string(line->json, "name");
	const char *value = json_string(line->json, "value");
	bool after = str_eq(json_string(line->json, "when"), "SETTLE");
	struct setting *s;
	char **field;

	if (!about || !str_starts(about, "postgresql ") || !name || !value ||
	    str_eq(name, "unreachable"))
		return;
	s = slot(m, strchr(about, ' ') + 1, name);
	field = after ? &s->after : &s->before;
	free(*field);
	*field = xstrdup(value);
	s->line = line->number;
}

void settings_free(struct model *m)
{
	for (size_t i = 0; i < m->setting_count; i++) {
		free(m->settings[i].host);
		free(m->settings[i].name);
		free(m->settings[i].before);
		free(m->settings[i].after);
	}
	free(m->settings);
}

/* ---- Synchronous? ------------------------------------------------------------------ */

/* The member that says it is primary, first or last of the run; NULL: nobody told. */
static const char *primary_of(const struct model *m, bool last)
{
	const struct member_run *found = NULL;

	for (size_t i = 0; i < m->run_count; i++) {
		const struct member_run *r = &m->runs[i];

		if (r->primary && (!found || (last ? r->first_us > found->first_us
		                                   : r->first_us < found->first_us)))
			found = r;
	}
	return found ? intern_text(&m->members, found->member) : NULL;
}

static bool waits(const char *synchronous_commit)
{
	return !str_eq(synchronous_commit, "off") && !str_eq(synchronous_commit, "local");
}

static const struct setting *find(const struct model *m, const char *host,
                                  const char *name)
{
	for (size_t i = 0; i < m->setting_count; i++) {
		if (str_eq(m->settings[i].host, host) &&
		    str_eq(m->settings[i].name, name))
			return &m->settings[i];
	}
	return NULL;
}

/*
 * Does the primary wait for standbys?  Only its own setting counts: managers keep it
 * empty on replicas.  Where nobody told who is primary, anybody's will do.  -1: not
 * known.
 */
static int is_synchronous(const struct model *m, bool after)
{
	const char *primary = primary_of(m, after);
	int answer = -1;

	for (size_t i = 0; i < m->setting_count; i++) {
		const struct setting *s = &m->settings[i];
		const char *names = after ? s->after : s->before;
		const struct setting *commit;

		if (!str_eq(s->name, "synchronous_standby_names") || !names ||
		    (primary && !str_eq(s->host, primary)))
			continue;
		commit = find(m, s->host, "synchronous_commit");
		if (*names && (!commit || waits(after ? commit->after : commit->before)))
			return 1;
		answer = 0;
	}
	return answer;
}

static void judge_replication(struct model *m)
{
	int before = is_synchronous(m, false);
	int after = is_synchronous(m, true);

	if (before == 0 && m->v->rpo_objective_rows == 0)
		reason(m->v, JUDGED_PASS, 0,
		       "replication is asynchronous: no configuration like this keeps an "
		       "RPO of 0, "
		       "whatever was lost or not this time");
	if (before == 1 && after == 0)
		reason(m->v, JUDGED_INCONCLUSIVE, 0,
		       "replication was synchronous and is not any more: what was "
		       "measured "
		       "does not "
		       "hold for what is configured now");
	if (before == 0 && after == 1)
		reason(m->v, JUDGED_PASS, 0,
		       "replication was asynchronous and is synchronous now");
}

/* ---- Changes ----------------------------------------------------------------------- */

static bool is_weaker(const struct setting *s)
{
	if (str_eq(s->name, "synchronous_commit"))
		return waits(s->before) && !waits(s->after);
	return (str_eq(s->name, "fsync") || str_eq(s->name, "full_page_writes")) &&
	       str_eq(s->after, "off");
}

static void judge_change(struct model *m, const struct setting *s)
{
	bool weaker;

	if (!s->before || !s->after || str_eq(s->before, s->after) ||
	    str_eq(s->name, "synchronous_standby_names")) /* moves with the primary */
		return;
	weaker = is_weaker(s);
	reason(m->v, weaker ? JUDGED_INCONCLUSIVE : JUDGED_PASS, s->line,
	       "%s of %s was changed from %s to %s during the run%s", s->name, s->host,
	       s->before, s->after,
	       weaker ? ": what was measured does not hold for what is configured now"
	              : "");
}

static void judge_promise(struct model *m, const struct setting *s)
{
	if (!str_eq(s->before, "off"))
		return;
	if (str_eq(s->name, "fsync"))
		reason(m->v, JUDGED_PASS, s->line,
		       "fsync is off on %s: a power cut loses acknowledged rows",
		       s->host);
	if (str_eq(s->name, "full_page_writes"))
		reason(m->v, JUDGED_PASS, s->line,
		       "full_page_writes is off on %s: a power cut may tear pages",
		       s->host);
}

void judge_settings(struct model *m)
{
	for (size_t i = 0; i < m->setting_count; i++) {
		judge_change(m, &m->settings[i]);
		judge_promise(m, &m->settings[i]);
	}
	judge_replication(m);
}
