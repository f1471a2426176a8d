/* What Patroni's answers say. No network here. */
#include "ha/patroni.h"

#include "base/json.h"
#include "base/str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void replace(char **field, const char *value)
{
	if (!value)
		return;
	free(*field);
	*field = xstrdup(value);
}

/* An address as others give it bare: Patroni 3 and 4 do, a proxy of the API may not. */
static void replace_address(char **field, const char *value)
{
	size_t len = value ? strlen(value) : 0;

	if (len > 2 && value[0] == '[' && value[len - 1] == ']') {
		free(*field);
		*field = xstrndup(value + 1, len - 2);
	} else {
		replace(field, value);
	}
}

/* Whole numbers that a double holds exactly; "unknown" and nonsense are the fallback. */
static int64_t whole(const cJSON *object, const char *key, int64_t fallback)
{
	double d = json_number(object, key, -1);

	if (!isfinite(d) || d < 0 || d > 9007199254740992.0)
		return fallback;
	return (int64_t)d;
}

static bool is_leader(const char *role)
{
	return str_eq(role, "leader") || str_eq(role, "standby_leader");
}

/* Takes `action`. There may be several. */
static void add_scheduled(struct ha_view *view, char *action)
{
	char *both;

	if (!view->scheduled) {
		view->scheduled = action;
		return;
	}
	both = xasprintf("%s, %s", view->scheduled, action);
	free(view->scheduled);
	free(action);
	view->scheduled = both;
}

static void parse_restart(const cJSON *member, struct ha_view *view)
{
	const cJSON *restart = json_get(member, "scheduled_restart");
	const char *at = json_string(restart, "schedule");

	if (cJSON_IsObject(restart))
		add_scheduled(view,
		              xasprintf("restart of %s at %s",
		                        json_string(member, "name"), at ? at : "?"));
}

static bool parse_member(const cJSON *object, struct ha_view *view, struct err *err)
{
	const char *name = json_string(object, "name");
	struct ha_member *m;

	if (!name || !*name)
		return err_set(err, "the answer to /cluster has a member without a name");
	m = ha_view_add(view, name);
	replace(&m->role, json_string(object, "role"));
	replace(&m->state, json_string(object, "state"));
	replace(&m->api_url, json_string(object, "api_url"));
	replace_address(&m->address, json_string(object, "host"));
	m->port = (int)whole(object, "port", 0);
	if (m->port > 65535)
		m->port = 0;
	m->timeline = whole(object, "timeline", 0);
	m->lag_bytes = whole(object, "lag", -1);
	parse_restart(object, view);
	if (is_leader(m->role)) {
		replace(&view->leader, name);
		view->timeline = m->timeline;
	}
	return true;
}

static void parse_schedule(const cJSON *root, struct ha_view *view)
{
	const cJSON *s = json_get(root, "scheduled_switchover");
	const char *from, *to, *at;

	if (!cJSON_IsObject(s))
		return;
	from = json_string(s, "from");
	to = json_string(s, "to");
	at = json_string(s, "at");
	add_scheduled(view, xasprintf("switchover %s → %s at %s", from ? from : "?",
	                              to ? to : "any", at ? at : "?"));
}

static bool parse_members(const cJSON *root, struct ha_view *view, struct err *err)
{
	const cJSON *members = json_get(root, "members"), *object;

	if (!cJSON_IsArray(members))
		return err_set(err, "the answer to /cluster has no list of members");
	cJSON_ArrayForEach (object, members)
		if (!parse_member(object, view, err))
			return false;
	return true;
}

struct ha_view *patroni_parse_cluster(const char *body, size_t len, struct err *err)
{
	cJSON *root = cJSON_ParseWithLength(body, len);
	struct ha_view *view;

	if (!cJSON_IsObject(root)) {
		cJSON_Delete(root);
		err_set(err, "the answer to /cluster is no JSON object");
		err_hint(err,
		         "is this the URL of Patroni's REST API, port 8008 by default?");
		return NULL;
	}
	view = ha_view_new();
	view->paused = json_bool(root, "pause", false);
	parse_schedule(root, view);
	if (!parse_members(root, view, err)) {
		ha_view_free(view);
		view = NULL;
	}
	cJSON_Delete(root);
	return view;
}

char *patroni_parse_version(const char *body, size_t len)
{
	cJSON *root = cJSON_ParseWithLength(body, len);
	const char *version = json_string(json_get(root, "patroni"), "version");
	char *copy = xstrdup(version ? version : "");

	cJSON_Delete(root);
	return copy;
}

char *patroni_base_url(const char *url)
{
	const char *host = strstr(url, "://"), *end, *at;

	if (!host || host == url)
		return NULL;
	host += 3;
	end = host + strcspn(host, "/?#");
	at = memrchr(host, '@', (size_t)(end - host));
	if (at)
		return end == at + 1 ? NULL
		                     : xasprintf("%.*s%.*s", (int)(host - url), url,
		                                 (int)(end - at - 1), at + 1);
	return end == host ? NULL : xstrndup(url, (size_t)(end - url));
}

char *patroni_request_body(const struct ha_request *request)
{
	struct buf b = BUF_INIT;

	buf_putc(&b, '{');
	if (request->verb == HA_SWITCHOVER) {
		buf_puts(&b, "\"leader\": ");
		buf_json_string(&b, request->member);
	}
	if (request->verb != HA_RESTART && request->candidate) {
		buf_puts(&b, request->verb == HA_SWITCHOVER ? ", \"candidate\": "
		                                            : "\"candidate\": ");
		buf_json_string(&b, request->candidate);
	}
	buf_putc(&b, '}');
	return buf_steal(&b);
}
