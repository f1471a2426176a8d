/* A conninfo of a cluster file: well formed, and without secrets in it. */
#include "base/str.h"
#include "scenario/cluster_parts.h"
#include "transport/pg.h"

#include <stdlib.h>
#include <string.h>

/*
 * The text is that of pg_scrub_conninfo(): KEY=VALUE, quoted with ' where needed.  True
 * if one of the keys begins with `prefix` (all of it, where `whole`).
 */
static bool has_option(const char *scrubbed, const char *keyword)
{
	size_t n = strlen(keyword);

	while (*scrubbed) {
		bool quoted = false;

		if (strncmp(scrubbed, keyword, n) == 0 && scrubbed[n] == '=')
			return true;
		for (; *scrubbed && (quoted || *scrubbed != ' '); scrubbed++) {
			if (*scrubbed == '\\' && scrubbed[1])
				scrubbed++;
			else if (*scrubbed == '\'')
				quoted = !quoted;
		}
		scrubbed += strspn(scrubbed, " ");
	}
	return false;
}

static bool check_secrets(const struct json_doc *doc, const cJSON *node,
                          const char *scrubbed, struct err *err)
{
	if (!has_option(scrubbed, "password") && !has_option(scrubbed, "sslpassword"))
		return true;
	params_fail(doc, node, err, "a password does not stand in this file");
	return err_hint(err, "put it into a file with mode 0600 and name that: "
	                     "passfile=/path/to/pgpass, or service=NAME");
}

static bool check_member(const struct json_doc *doc, const cJSON *node,
                         const char *scrubbed, struct err *err)
{
	static const char *const not_here[] = { "host", "hostaddr",
		                                "target_session_attrs",
		                                "load_balance_hosts" };

	for (size_t i = 0; i < sizeof not_here / sizeof *not_here; i++) {
		if (!has_option(scrubbed, not_here[i]))
			continue;
		params_fail(doc, node, err, "%s is not given here", not_here[i]);
		return err_hint(err,
		                "each member is connected to by the address of its host");
	}
	return true;
}

bool cluster_check_conninfo(const struct json_doc *doc, const cJSON *node, bool member,
                            struct err *err)
{
	char *scrubbed = pg_scrub_conninfo(node->valuestring);
	bool service = has_option(scrubbed, "service");
	struct pg_target *target = NULL;
	struct err reason = { 0 };
	bool well = check_secrets(doc, node, scrubbed, err) &&
	            (!member || check_member(doc, node, scrubbed, err));

	free(scrubbed);
	if (!well)
		return false;
	if (pg_target_parse(node->valuestring, NULL, &target, &reason)) {
		pg_target_free(target);
		return true;
	}
	/* The service file is the agent's, not this file's: `check` tells where it is
	 * missing. */
	if (service && strstr(reason.message, "service"))
		return true;
	return cluster_fail(doc, node, reason.message,
	                    reason.hint[0] ? reason.hint : NULL, err);
}
