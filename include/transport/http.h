/*
 * HTTP by libcurl's multi interface, as one source of the loop.  Names are looked up by
 * base/resolve.h, so nothing blocks and no thread is started.
 *
 * What is asked is what is sent, once: no redirect is followed, no proxy of the
 * environment is used, no connection is kept that might be dead at the next request.
 * Only http and https; answers over HTTP_MAX_BODY are an error.
 */
#ifndef TRANSPORT_HTTP_H
#define TRANSPORT_HTTP_H

#include "base/buf.h"
#include "base/err.h"
#include "base/loop.h"

#define HTTP_MAX_BODY ((size_t)1024 * 1024)

struct http; /* one per loop: the curl multi handle */

struct http *http_new(struct loop *loop);

/* All jobs must have been freed. */
void http_free(struct http *http);

struct http_request {
	const char *method; /* "GET", "POST", "PATCH", "DELETE", … */
	const char *url;
	const char *body;     /* JSON, or NULL */
	const char *username; /* basic authentication, or NULL */
	const char *password;
	const char *ca_file; /* TLS: trust these, or NULL for the system's */
	const char *cert_file;
	const char *key_file;
	nsec_t deadline;
};

struct http_job;

/* Copies what it needs.  `done` (may be NULL) is called from the loop when it ended. */
struct http_job *http_start(struct http *http, const struct http_request *request,
                            void (*done)(struct http_job *, void *arg), void *arg);
bool http_is_done(const struct http_job *job);

/*
 * 0 when there was no whole answer; then http_error() tells why: "GET http://db1:8008/:
 * connection refused".  http_was_sent() is false when no byte of the request can have
 * reached a server; a request that was sent and not answered is in doubt.
 */
int http_status(const struct http_job *job);
const char *http_error(const struct http_job *job);
bool http_was_sent(const struct http_job *job);
const struct buf *http_body(const struct http_job *job);
void http_job_free(struct http_job *job); /* cancels it where it runs; NULL is fine */

/* Straight-line: starts, waits, appends the body to out.  Returns the status, 0 + err. */
int http_wait(struct http *http, const struct http_request *request, struct buf *out,
              struct err *err) MUSTCHECK;

#endif
