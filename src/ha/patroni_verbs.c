/* What Patroni is asked to do, and whether it would. */
#include "ha/patroni_verbs.h"

#include "ha/patroni.h"
#include "ha/patroni_http.h"

#include <stdlib.h>

static const char *const verb_paths[HA_VERB_COUNT] = {
	[HA_SWITCHOVER] = "/switchover",
	[HA_FAILOVER] = "/failover",
	[HA_RESTART] = "/restart",
};

const char *patroni_cannot(struct ha *ha, enum ha_verb verb)
{
	(void)ha;
	(void)verb;
	return NULL;
}

char *patroni_describe(struct ha *ha, const struct ha_request *request)
{
	char *body = patroni_request_body(request), *text;

	(void)ha;
	if (request->verb == HA_RESTART)
		text = xasprintf("POST %s of member %s %s", verb_paths[request->verb],
		                 request->member, body);
	else
		text = xasprintf("POST %s %s", verb_paths[request->verb], body);
	free(body);
	return text;
}

/* A member that answers right now: then silence after the request is doubt, not refusal. */
static char *living_url(struct ha *ha, nsec_t deadline, struct err *err)
{
	struct ha_view *view = ha_look(ha, deadline, err);
	char *url;

	if (!view)
		return NULL;
	url = view->asked;
	view->asked = NULL;
	ha_view_free(view);
	return url;
}

/* The member's own API, which alone restarts it. */
static char *member_url(struct ha *ha, const char *name, nsec_t deadline, struct err *err)
{
	struct ha_view *view = ha_look(ha, deadline, err);
	const struct ha_member *m = view ? ha_view_member(view, name) : NULL;
	char *url = m && m->api_url ? patroni_base_url(m->api_url) : NULL;

	if (view && !m)
		err_set(err, "Patroni knows no member '%s'", name);
	else if (view && !url)
		err_set(err, "Patroni does not tell where the API of member %s is", name);
	ha_view_free(view);
	if (url && !patroni_is_reachable(ha, url, deadline, err)) {
		err_prefix(err, "the API of member %s at %s", name, url);
		err_hint(err,
		         "that address is restapi.connect_address in its configuration");
		free(url);
		url = NULL;
	}
	return url;
}

enum ha_answer patroni_request(struct ha *ha, const struct ha_request *request,
                               nsec_t deadline, char **answer_text, struct err *err)
{
	nsec_t looking = loop_now(ha->loop) + 5 * NSEC_PER_SEC;
	struct patroni_call call = {
		.method = "POST",
		.path = verb_paths[request->verb],
		.deadline = deadline,
	};
	char *base, *body;
	struct buf out = BUF_INIT;
	enum ha_answer answer;
	int status;

	*answer_text = NULL;
	if (looking > deadline)
		looking = deadline;
	base = request->verb == HA_RESTART ? member_url(ha, request->member, looking, err)
	                                   : living_url(ha, looking, err);
	if (!base)
		return HA_REFUSED;
	body = patroni_request_body(request);
	call.base = base;
	call.body = body;
	status = patroni_change(ha, &call, &out, err);
	if (status == PATRONI_NOT_SENT)
		answer = HA_REFUSED;
	else if (status == 0)
		answer = HA_IN_DOUBT;
	else
		answer = patroni_judge(request->verb, status, out.data, err);
	if (status > 0)
		*answer_text = xasprintf("%d %.400s", status, out.data);
	buf_free(&out);
	free(body);
	free(base);
	return answer;
}

static bool check_password_file(const struct ha *ha, struct err *err)
{
	const struct manager_config *m = &ha->inventory->manager;
	char *password;

	if (!m->username || !m->password_file)
		return true;
	password = patroni_read_password(m->password_file, err);
	patroni_wipe(password);
	return password != NULL;
}

/* One that is down does not matter here: whoever can't be asked can't refuse. */
static bool member_lets_us(struct ha *ha, const char *url, nsec_t deadline,
                           struct err *err)
{
	const struct patroni_call call = {
		.method = "DELETE",
		.base = url,
		.path = "/switchover",
		.deadline = deadline,
	};
	char *shown = patroni_base_url(url);
	struct buf out = BUF_INIT;
	struct err down = { 0 };
	int status = patroni_change(ha, &call, &out, &down);
	bool ok = true;

	if (status > 0)
		ok = patroni_judge_rights(status, out.data, shown ? shown : "?", err);
	else if (patroni_is_locked_out(url, down.message))
		ok = err_set(err, "%s: does it want a client certificate?",
		             down.message) ||
		     err_hint(err, "compare ca_file, cert_file and key_file of "
		                   "manager.patroni with restapi.verify_client");
	buf_free(&out);
	free(shown);
	return ok;
}

/*
 * DELETE /switchover asks for the same rights as a switchover and does nothing while none
 * is scheduled.  Each member has settings of its own, so each is asked.
 */
bool patroni_may_change(struct ha *ha, nsec_t deadline, struct err *err)
{
	const struct strings *urls = &ha->inventory->manager.urls;
	struct ha_view *view = ha_look(ha, deadline, err);
	bool ok = view && !view->scheduled;

	if (view && view->scheduled)
		err_set(err,
		        "rights can't be tried without harm: somebody has scheduled a %s",
		        view->scheduled);
	ha_view_free(view);
	ok = ok && check_password_file(ha, err);
	for (size_t i = 0; ok && i < urls->count; i++) {
		nsec_t now = loop_now(ha->loop);
		nsec_t until = now + (deadline - now) / (nsec_t)(urls->count - i);

		ok = member_lets_us(ha, urls->items[i], until, err);
	}
	return ok;
}

char *patroni_version(struct ha *ha, nsec_t deadline)
{
	struct buf out = BUF_INIT;
	struct err err = { 0 };
	char *base = living_url(ha, deadline, &err);
	char *version;

	if (!base || !patroni_get(ha, base, "/patroni", deadline, &out, &err))
		buf_clear(&out);
	version = patroni_parse_version(out.data, out.len);
	buf_free(&out);
	free(base);
	return version;
}
