#include "scenario/target.h"

#include "base/str.h"
#include "scenario/names.h"

#include <stdlib.h>
#include <string.h>

const struct target_word target_words[] = {
	{ "primary", "postgres", "the manager's leader" },
	{ "sync_standby", "postgres", "a synchronous standby" },
	{ "replica", "postgres", "any member that is not the leader" },
	{ "member", "postgres", "any database member" },
	{ "proxy", "haproxy", "a host that runs haproxy" },
	{ "pooler", "pgbouncer", "a host that runs pgbouncer" },
	{ "dcs_member", "etcd", "a host that runs etcd" },
	{ NULL, NULL, NULL },
};

static const char host_prefix[] = "host:";

const char *target_service(const char *word)
{
	for (const struct target_word *w = target_words; w->word; w++)
		if (str_eq(w->word, word))
			return w->service;
	return NULL;
}

char *target_word_of(const char *expression)
{
	char *word =
		xstrdup(str_starts(expression, "one ") ? expression + 4 : expression);

	for (char *c = word; *c; c++)
		if (*c == ' ')
			*c = '_';
	return word;
}

static bool unknown_word(const char *expression, struct err *err)
{
	const char *words[16] = { NULL };
	struct buf all = BUF_INIT;
	char *shown = json_quote(expression);
	const char *nearest;

	for (size_t i = 0; target_words[i].word; i++) {
		words[i] = target_words[i].word;
		buf_printf(&all, "%s, ", words[i]);
	}
	nearest = str_nearest(expression, words);
	err_set(err, "%s is no target%s%s%s", shown, nearest ? " (did you mean \"" : "",
	        nearest ? nearest : "", nearest ? "\"?)" : "");
	err_hint(err, "targets are %shost:NAME", all.data);
	buf_free(&all);
	free(shown);
	return false;
}

bool target_parse(const char *expression, struct err *err)
{
	char *word;
	bool known;

	if (str_starts(expression, host_prefix)) {
		const char *wrong = wrong_name(expression + strlen(host_prefix));

		return !wrong || err_set(err, "host:NAME: %s", wrong);
	}
	word = target_word_of(expression);
	known = target_service(word) != NULL;
	free(word);
	return known || unknown_word(expression, err);
}

/* ---- Candidates ------------------------------------------------------------------ */

/* What fits an expression at this moment. */
struct candidates {
	size_t *hosts; /* their numbers in the inventory */
	size_t count, cap;
	size_t left_out;   /* fit, but are in `never` */
	const char *never; /* … by this word */
};

struct resolving {
	const char *word;    /* a role, or a host's name … */
	const char *service; /* … where this is NULL */
	const struct inventory *inv;
	const struct ha_view *view;
	const struct strings *never;
};

static bool role_fits(const struct resolving *r, const struct ha_member *m)
{
	const char *role = target_role_of(r->view, m);

	if (str_eq(r->word, "member"))
		return true;
	if (str_eq(r->word, "replica"))
		return !str_eq(role, "primary");
	return str_eq(r->word, role);
}

static void add_candidate(const struct resolving *r, size_t number, struct candidates *c)
{
	const struct host *host = &r->inv->hosts[number];
	const char *never = target_in_never(host, r->inv, r->view, r->never);

	if (never) {
		c->left_out++;
		c->never = never;
		return;
	}
	ARRAY_PUSH(c->hosts, c->count, c->cap) = number;
}

/* In the order of the cluster file, so that a seed draws the same again. */
static void find_candidates(const struct resolving *r, struct candidates *c)
{
	for (size_t i = 0; i < r->inv->host_count; i++) {
		const struct host *host = &r->inv->hosts[i];
		const struct ha_member *m = target_member_on(r->inv, r->view, host);

		if (!r->service                      ? str_eq(r->word, host->name)
		    : str_eq(r->service, "postgres") ? m && role_fits(r, m)
		                                     : host_runs(host, r->service))
			add_candidate(r, i, c);
	}
}

/* ---- Why there is none ----------------------------------------------------------- */

static void hint_members(const struct ha_view *view, struct err *err)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; view && i < view->member_count; i++)
		buf_printf(&b, "%s%s is %s (%s)", i ? ", " : "", view->members[i].name,
		           view->members[i].role ? view->members[i].role : "?",
		           view->members[i].state ? view->members[i].state : "?");
	if (b.len)
		err_hint(err, "the manager says: %s", b.data);
	buf_free(&b);
}

static bool explain_role(const struct resolving *r, struct err *err)
{
	const struct ha_member *m;

	if (str_eq(r->word, "primary")) {
		m = r->view->leader ? ha_view_member(r->view, r->view->leader) : NULL;
		if (m) {
			err_set(err,
			        "the manager's leader %s (%s) is no host of the cluster "
			        "file",
			        m->name, m->address ? m->address : "");
			return err_hint(err,
			                "name its host as the manager names the member");
		}
		err_set(err,
		        "target \"primary\": the manager names no leader at the moment");
	} else if (str_eq(r->word, "sync_standby")) {
		err_set(err, "target \"sync_standby\": no member is a synchronous "
		             "standby at the "
		             "moment");
	} else {
		err_set(err,
		        "target \"%s\": no member of the manager is such a host of the "
		        "cluster "
		        "file",
		        r->word);
	}
	hint_members(r->view, err);
	return false;
}

static bool explain(const struct resolving *r, const struct candidates *c,
                    struct err *err)
{
	if (c->left_out) {
		err_set(err, "target \"%s\": what fits is never hit (\"%s\")", r->word,
		        c->never);
		return err_hint(err, "see blast_radius.never in the scenario");
	}
	if (!r->service) {
		err_set(err, "target \"host:%s\": the cluster file has no such host",
		        r->word);
		return false;
	}
	if (str_eq(r->service, "postgres"))
		return explain_role(r, err);
	err_set(err, "target \"%s\": no host of cluster %s runs %s", r->word,
	        r->inv->cluster, r->service);
	return err_hint(err, "see \"runs\" of the hosts in the cluster file");
}

/* ---- Resolving ------------------------------------------------------------------- */

static const char *role_on(const struct resolving *r, const struct host *host,
                           const struct ha_member *m)
{
	if (r->service && !str_eq(r->service, "postgres"))
		return r->word;
	if (m)
		return target_role_of(r->view, m);
	for (const struct target_word *w = target_words; w->word; w++)
		if (!str_eq(w->service, "postgres") && host_runs(host, w->service))
			return w->word;
	return host_runs(host, "postgres") ? "member" : "host";
}

static bool choose(const struct resolving *r, struct rng *rng,
                   struct fault_target *target, struct err *err)
{
	struct candidates c = { 0 };
	const struct ha_member *m;
	const struct host *host;
	bool found;

	find_candidates(r, &c);
	found = c.count > 0;
	if (found) {
		host = &r->inv->hosts[c.hosts[rng_below(rng, c.count)]];
		m = target_member_on(r->inv, r->view, host);
		target->host = xstrdup(host->name);
		target->member = m ? xstrdup(m->name) : NULL;
		target->role = xstrdup(role_on(r, host, m));
	} else {
		explain(r, &c, err);
	}
	free(c.hosts);
	return found;
}

/* NOLINTNEXTLINE(readability-function-size): each of the seven is another thing */
bool target_resolve(const char *expression, const struct inventory *inv,
                    const struct ha_view *view, const struct strings *never,
                    struct rng *rng, struct fault_target *target, struct err *err)
{
	struct resolving r = { .inv = inv, .view = view, .never = never };
	bool by_name;
	char *word;
	bool found;

	fault_target_free(target);
	if (!expression)
		return true;
	if (!target_parse(expression, err))
		return false;
	by_name = str_starts(expression, host_prefix);
	word = by_name ? xstrdup(expression + strlen(host_prefix))
	               : target_word_of(expression);
	r.word = word;
	r.service = by_name ? NULL : target_service(word);
	if (str_eq(r.service, "postgres") && !view)
		found = err_set(err,
		                "target \"%s\": the manager was not asked who that is",
		                word);
	else
		found = choose(&r, rng, target, err);
	if (found)
		target->expression = xstrdup(expression);
	free(word);
	return found;
}

void fault_target_free(struct fault_target *target)
{
	free(target->expression);
	free(target->host);
	free(target->member);
	free(target->role);
	*target = (struct fault_target){ 0 };
}
