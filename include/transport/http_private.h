/*
 * What http.c (the source of the loop) and http_job.c (one request) share: nobody else
 * includes this.
 */
#ifndef TRANSPORT_HTTP_PRIVATE_H
#define TRANSPORT_HTTP_PRIVATE_H

#include "base/resolve.h"
#include "transport/http.h"

#include <curl/curl.h>

struct http_socket {
	int fd;
	short events;
};

struct http {
	struct source source;
	struct loop *loop;
	CURLM *multi;
	struct http_socket *sockets; /* what CURLMOPT_SOCKETFUNCTION asked for */
	size_t count;
	size_t cap;
	nsec_t timer;
	struct http_job *jobs;
};

enum http_state {
	HTTP_RESOLVING,
	HTTP_RUNNING, /* curl has it */
	HTTP_OVER,    /* status or error are there; done() is to be called */
	HTTP_TOLD,
};

struct http_job {
	struct http *http;
	enum http_state state;
	char *method;
	char *shown_url; /* without user and password */
	char *host;      /* without brackets */
	char *port;
	nsec_t started;
	nsec_t deadline;
	struct resolve *resolve;
	bool resolved;
	CURL *easy;
	struct curl_slist *headers;
	struct curl_slist *addresses; /* CURLOPT_RESOLVE */
	char curl_error[CURL_ERROR_SIZE];
	char *error; /* NULL when it was answered */
	const char *hint;
	struct buf body;
	bool too_large;
	bool sent;
	int status;
	void (*done)(struct http_job *, void *arg);
	void *arg;
	struct http_job *next;
};

/* The name was looked up: hands the request to curl. */
void http_job_resolved(struct http_job *job);

/* Takes status or error from curl. */
void http_job_over(struct http_job *job, CURLcode code);

#endif
