#include "transport/pg.h"

#include "base/str.h"
#include "transport/pg_private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_CONNECT_TIMEOUT (2 * NSEC_PER_SEC)
#define DEFAULT_SOCKET_DIR      "/var/run/postgresql" /* Debian's libpq says so too */

/* ---- Into the struct -------------------------------------------------------------- */

/* The n-th item of a comma-separated list; an empty list has one empty item. Caller
 * frees. */
static char *list_item(const char *list, size_t n)
{
	for (list = list ? list : ""; n; n--) {
		list = strchrnul(list, ',');
		list += *list == ',';
	}
	return xstrndup(list, strcspn(list, ","));
}

static size_t list_count(const char *list)
{
	size_t n = 1;

	for (; list && *list; list++)
		n += *list == ',';
	return n;
}

static bool check_port(const struct pg_host *host, struct err *err)
{
	char *end;
	long n = strtol(host->port, &end, 10);

	if (*host->port && !*end && n > 0 && n < 65536)
		return true;
	err_set(err, "port \"%s\" of host \"%s\" is not a number from 1 to 65535",
	        host->port, host->host);
	if (strchr(host->port, ':'))
		err_hint(err, "an IPv6 address in a URL stands in [ ]: "
		              "postgresql://user@[fd00::21]:5432/app");
	return false;
}

static bool check_host(const struct pg_host *host, struct err *err)
{
	if (host->host[0] == '[') {
		err_set(err, "host \"%s\" has brackets", host->host);
		return err_hint(err,
		                "in \"host=…\" an IPv6 address is written without [ ]");
	}
	return check_port(host, err);
}

static bool fill_hosts(struct pg_target *t, const PQconninfoOption *options,
                       struct err *err)
{
	const char *hosts = pg_option_value(options, "host");
	const char *addresses = pg_option_value(options, "hostaddr");
	const char *ports = pg_option_value(options, "port");
	size_t port_count = list_count(ports);

	t->host_count = list_count(addresses ? addresses : hosts);
	t->hosts = xcalloc(t->host_count, sizeof *t->hosts);
	for (size_t i = 0; i < t->host_count; i++) {
		struct pg_host *h = &t->hosts[i];

		h->host = list_item(hosts, i);
		h->port = list_item(ports, port_count > 1 ? i : 0);
		h->hostaddr = addresses ? list_item(addresses, i) : NULL;
		if (h->hostaddr && !*h->hostaddr) {
			free(h->hostaddr);
			h->hostaddr = NULL;
		}
		if (!*h->host) {
			free(h->host);
			h->host = xstrdup(h->hostaddr ? h->hostaddr : DEFAULT_SOCKET_DIR);
		}
		if (!*h->port) {
			free(h->port);
			h->port = xstrdup("5432");
		}
		if (!check_host(h, err))
			return false;
	}
	return true;
}

/* These are given anew for each host, so they are not among the settings. */
static bool is_ours(const char *keyword)
{
	static const char *const ours[] = {
		"host",    "hostaddr",        "port",
		"service", "connect_timeout", "target_session_attrs"
	};

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (str_eq(keyword, ours[i]))
			return true;
	return false;
}

static void set(struct pg_target *t, const char *keyword, const char *value)
{
	t->keywords[t->setting_count] = xstrdup(keyword);
	t->values[t->setting_count++] = xstrdup(value);
}

/*
 * A held connection must notice within some 25 s that the other end is gone without a
 * word; what was sent and is not confirmed by TCP for 15 s is lost.  A server that is
 * alive and merely slow to answer is not touched by these.
 */
static void set_defaults(struct pg_target *t, const PQconninfoOption *options)
{
	static const char *const defaults[][2] = {
		{ "fallback_application_name", "pgmonkey" },
		{ "keepalives_idle", "10" },
		{ "keepalives_interval", "5" },
		{ "keepalives_count", "3" },
		{ "tcp_user_timeout", "15000" },
	};

	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
		if (!pg_option_value(options, defaults[i][0]))
			set(t, defaults[i][0], defaults[i][1]);
}

static void fill_settings(struct pg_target *t, const PQconninfoOption *options)
{
	const char *timeout = pg_option_value(options, "connect_timeout");
	long seconds = timeout ? strtol(timeout, NULL, 10) : 0;

	t->connect_timeout = !timeout       ? DEFAULT_CONNECT_TIMEOUT
	                     : seconds <= 0 ? NSEC_NEVER
	                                    : seconds * NSEC_PER_SEC;
	t->keywords = xcalloc(PG_MAX_SETTINGS, sizeof *t->keywords);
	t->values = xcalloc(PG_MAX_SETTINGS, sizeof *t->values);
	set_defaults(t, options);
	for (; options->keyword; options++)
		if (options->val && *options->val && !is_ours(options->keyword))
			set(t, options->keyword, options->val);
}

static bool check_session_attrs(const char *attrs, struct err *err)
{
	static const char *const known[] = { "any",     "read-write", "read-only",
		                             "primary", "standby",    "prefer-standby",
		                             NULL };
	const char *near = str_nearest(attrs, known);

	for (size_t i = 0; known[i]; i++)
		if (str_eq(attrs, known[i]))
			return true;
	err_set(err, "target_session_attrs \"%s\" is unknown", attrs);
	return near ? err_hint(err, "did you mean \"%s\"?", near) : false;
}

/* target_session_attrs is the last that libpq validates: all else has been, then. */
static bool fill_target(struct pg_target *t, const struct pg_settings *s, struct err *err)
{
	PGconn *valid = pg_stop_at(s, "target_session_attrs");
	PGconn *attrs = pg_stop_at(s, "gssencmode");
	PQconninfoOption *options = pg_options_of(valid);
	PQconninfoOption *attr_options = pg_options_of(attrs);
	const char *value = pg_option_value(attr_options, "target_session_attrs");
	bool ok = strstr(PQerrorMessage(valid), PG_IMPOSSIBLE) != NULL;

	t->session_attrs = xstrdup(value ? value : "any");
	if (!ok)
		err_set(err, "%.*s", (int)strcspn(PQerrorMessage(valid), "\n"),
		        PQerrorMessage(valid));
	else
		ok = check_session_attrs(t->session_attrs, err) &&
		     fill_hosts(t, options, err);
	fill_settings(t, options);
	PQconninfoFree(options);
	PQconninfoFree(attr_options);
	PQfinish(valid);
	PQfinish(attrs);
	return ok;
}

bool pg_target_parse(const char *conninfo, const char *extra, struct pg_target **target,
                     struct err *err)
{
	PQconninfoOption *given = pg_parse_options(conninfo, err);
	PQconninfoOption *more = given ? pg_parse_options(extra ? extra : "", err) : NULL;
	struct pg_target *t = XNEW(struct pg_target);
	struct pg_settings s = { .count = 0 };
	bool ok = more != NULL;

	if (ok) {
		pg_settings_add(&s, given);
		pg_settings_add_extra(&s, given, more);
		ok = fill_target(t, &s, err);
	}
	PQconninfoFree(given);
	PQconninfoFree(more);
	if (!ok) {
		pg_target_free(t);
		t = NULL;
	}
	*target = t;
	return ok;
}
