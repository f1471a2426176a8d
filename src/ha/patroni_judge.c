/* What a status of Patroni's REST API means (patroni/api.py of 3.0.2 and 4.1). */
#include "ha/patroni.h"

#include "base/str.h"

#include <ctype.h>
#include <string.h>

static const char *const verb_names[HA_VERB_COUNT] = {
	[HA_SWITCHOVER] = "switchover",
	[HA_FAILOVER] = "failover",
	[HA_RESTART] = "restart",
};

struct denial {
	int status;
	const char *body; /* with which it begins, in any case; NULL: whatever it is */
	const char *why, *hint;
};

/* check_access() of the API guards everything but GET, in this order. */
static const struct denial denials[] = {
	{ 401, "no auth header", "it asks for a user name and password",
	  "give manager.patroni.username and password_file in the cluster file" },
	{ 401, NULL, "user name or password is wrong",
	  "compare manager.patroni.username and password_file with "
	  "restapi.authentication" },
	{ 403, "access is denied", "this machine's address is not on its list",
	  "add it to restapi.allowlist of Patroni" },
	{ 403, "client certificate", "it asks for a client certificate",
	  "give manager.patroni.cert_file and key_file in the cluster file" },
	{ 403, NULL, "it denies access", "see restapi in Patroni's configuration" },
};

static const struct denial *denial_find(int status, const char *body)
{
	for (size_t i = 0; i < sizeof denials / sizeof *denials; i++) {
		const struct denial *d = &denials[i];

		if (d->status == status &&
		    (!d->body || strncasecmp(body, d->body, strlen(d->body)) == 0))
			return d;
	}
	return NULL;
}

/* The answer in one line: it comes from outside and goes into messages. */
static const char *one_line(const char *body, char out[200])
{
	size_t n = 0;

	for (; *body && n < 199; body++)
		out[n++] = iscntrl((unsigned char)*body) ? ' ' : *body;
	while (n && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	return out;
}

/* Statuses with which Patroni has done nothing. */
static bool is_refusal(int status)
{
	return status >= 400 && status < 500 && status != 408;
}

/* An ended restart that did not begin, by the words of Ha.restart(). */
static bool restart_not_begun(const char *body)
{
	return strstr(body, "already in progress") ||
	       strstr(body, "conditions are not satisfied");
}

enum ha_answer patroni_judge(enum ha_verb verb, int status, const char *body,
                             struct err *err)
{
	const struct denial *denial = denial_find(status, body);
	char line[200];

	if (status == 200 || status == 202)
		return HA_ACCEPTED;
	if (denial) {
		err_set(err, "Patroni refused the %s: %s (%d)", verb_names[verb],
		        denial->why, status);
		err_hint(err, "%s", denial->hint);
		return HA_REFUSED;
	}
	if (is_refusal(status) || (verb == HA_RESTART && restart_not_begun(body))) {
		err_set(err, "Patroni refused the %s: %s (%d)", verb_names[verb],
		        one_line(body, line), status);
		return HA_REFUSED;
	}
	err_set(err, "Patroni's answer to the %s does not decide it: %s (%d)",
	        verb_names[verb], one_line(body, line), status);
	return HA_IN_DOUBT;
}

bool patroni_judge_rights(int status, const char *body, const char *url, struct err *err)
{
	const struct denial *denial = denial_find(status, body);
	char line[200];

	/* 404: nothing was scheduled. 409, 412: it could not be written, but was let in. */
	if (status == 404 || status == 409 || status == 412 || status == 200)
		return true;
	if (denial) {
		err_set(err, "Patroni at %s lets us read but not change: %s", url,
		        denial->why);
		return err_hint(err, "%s", denial->hint);
	}
	return err_set(
		err,
		"Patroni at %s does not tell whether we may change anything: %s (%d)",
		url, one_line(body, line), status);
}

/* Errors of a connection that never was, or of silence. */
static const char *const nobody_there[] = {
	"refused", "no answer within", "resolve", "route", "unreachable", "interrupted",
};

/*
 * With TLS 1.3 the client may have sent its request before the server misses the
 * certificate; whether its alert or the end of the connection is seen first is luck.
 */
bool patroni_is_locked_out(const char *url, const char *http_error)
{
	if (strstr(http_error, "certificate") || strstr(http_error, "SSL"))
		return true;
	for (size_t i = 0; i < sizeof nobody_there / sizeof *nobody_there; i++)
		if (strstr(http_error, nobody_there[i]))
			return false;
	return str_starts(url, "https://");
}
