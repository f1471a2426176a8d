/*
 * What names and addresses in files may look like.  Each function returns NULL for a good
 * one, else what is wrong with it as a sentence ("a unit's name has no spaces"), and may
 * set *hint.  None of them asks the network.
 *
 * Strict on purpose: these words end up in commands, SQL, file names and reports.
 */
#ifndef SCENARIO_NAMES_H
#define SCENARIO_NAMES_H

#include <stdbool.h>

/* A host, an endpoint, a service: letters, digits, ".", "_" and "-"; no "-" in front. */
const char *wrong_name(const char *name);

/* A host name or a numeric address, IPv6 without brackets; no port. */
const char *wrong_address(const char *address, const char **hint);

/* "http://host:port" or https; IPv6 in brackets; no user, query or fragment. */
const char *wrong_url(const char *url, const char **hint);

/* A systemd unit: "patroni.service", "pgbouncer@1". */
const char *wrong_unit(const char *unit);

/* An account of the operating system. */
const char *wrong_os_user(const char *user);

/* An absolute path without control characters. */
const char *wrong_path(const char *path);

/* A schema that may be PGMonkey's own: small letters, digits, "_". */
const char *wrong_schema(const char *schema);

/* A zone that the machine's time zone database knows; *nearest (static) may be set. */
const char *wrong_time_zone(const char *zone, const char **nearest);

/* Do two addresses mean the same (case, spellings of IPv6)? */
bool same_address(const char *a, const char *b);

#endif
