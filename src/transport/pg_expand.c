#include "transport/pg_private.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *pg_option_value(const PQconninfoOption *options, const char *keyword)
{
	for (; options->keyword; options++)
		if (str_eq(options->keyword, keyword))
			return options->val && *options->val ? options->val : NULL;
	return NULL;
}

static void add_setting(struct pg_settings *s, const char *keyword, const char *value)
{
	if (s->count == PG_MAX_SETTINGS)
		bug("more than %d libpq options", PG_MAX_SETTINGS);
	s->keywords[s->count] = keyword;
	s->values[s->count++] = value;
}

/*
 * libpq tells how it fills in options only of a connection, and validates them one by one
 * before it opens a socket or asks for a name.  So a connection is started that stops
 * there, at an option with an impossible value.  PQfinish() the result.
 */
PGconn *pg_stop_at(const struct pg_settings *given, const char *keyword)
{
	struct pg_settings s = *given;

	add_setting(&s, keyword, PG_IMPOSSIBLE);
	s.keywords[s.count] = NULL;
	return PQconnectStartParams(s.keywords, s.values, 0);
}

PQconninfoOption *pg_options_of(PGconn *pg)
{
	PQconninfoOption *options = PQconninfo(pg);

	if (!options)
		bug("PQconninfo: out of memory");
	return options;
}

/*
 * True if the service file has this setting.  An environment in which the setting's
 * variable is impossible shows who comes first: the service.
 */
static bool service_gives(const struct pg_settings *given, const PQconninfoOption *option)
{
	static const char *const keep[] = { "HOME", "PGSERVICE", "PGSERVICEFILE",
		                            "PGSYSCONFDIR" };
	char *fake[sizeof keep / sizeof *keep + 2];
	char **real = environ;
	size_t n = 0;
	PQconninfoOption *options;
	const char *value;
	PGconn *pg;
	bool gives;

	for (size_t i = 0; i < sizeof keep / sizeof *keep; i++)
		if (getenv(keep[i]))
			fake[n++] = xasprintf("%s=%s", keep[i], getenv(keep[i]));
	if (option->envvar)
		fake[n++] = xasprintf("%s=" PG_IMPOSSIBLE, option->envvar);
	fake[n] = NULL;
	environ = fake;
	pg = pg_stop_at(given, "target_session_attrs");
	environ = real;
	options = pg_options_of(pg);
	value = pg_option_value(options, option->keyword);
	gives = value && !str_eq(value, PG_IMPOSSIBLE);
	PQconninfoFree(options);
	PQfinish(pg);
	while (n)
		free(fake[--n]);
	return gives;
}

void pg_settings_add(struct pg_settings *s, const PQconninfoOption *options)
{
	for (; options->keyword; options++)
		if (options->val && *options->val)
			add_setting(s, options->keyword, options->val);
}

void pg_settings_add_extra(struct pg_settings *s, const PQconninfoOption *given,
                           const PQconninfoOption *extra)
{
	struct pg_settings merged = *s;
	bool service = pg_option_value(given, "service") || getenv("PGSERVICE");

	for (; extra->keyword; extra++)
		if (extra->val && *extra->val &&
		    !pg_option_value(given, extra->keyword) &&
		    !(service && service_gives(s, extra)))
			add_setting(&merged, extra->keyword, extra->val);
	*s = merged;
}
