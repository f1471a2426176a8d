/*
 * Patroni's REST API, 3.0 to 4.1 (patroni/api.py): what can be understood without a
 * network, so that it is tested without one.
 */
#ifndef HA_PATRONI_H
#define HA_PATRONI_H

#include "ha/ha.h"

/* The body of GET /cluster. NULL + err for what cannot be one; unknown keys are skipped. */
struct ha_view *patroni_parse_cluster(const char *body, size_t len, struct err *err);

/* "3.0.2" from the body of GET /patroni, "" if it is not there. Caller frees. */
char *patroni_parse_version(const char *body, size_t len);

/*
 * What the answer to POST /switchover, /failover or /restart means.  503 is "status
 * unknown after 20 seconds", but also "failed" in the middle of an election: nothing that
 * decides.  err is set for everything but HA_ACCEPTED.
 */
enum ha_answer patroni_judge(enum ha_verb verb, int status, const char *body,
                             struct err *err);

/* What the answer to DELETE /switchover tells about our rights: 404 is "you may". */
bool patroni_judge_rights(int status, const char *body, const char *url,
                          struct err *err) MUSTCHECK;

/*
 * No answer, by this error: is somebody there who wants or shows another certificate, and
 * not merely nobody?
 */
bool patroni_is_locked_out(const char *url, const char *http_error);

/* The body of a request. Caller frees. */
char *patroni_request_body(const struct ha_request *request);

/* "http://db1:8008" from "http://user:word@db1:8008/patroni"; NULL if it is no URL. */
char *patroni_base_url(const char *url);

extern const struct ha_type patroni_type;
extern const struct ha_type none_type;

#endif
