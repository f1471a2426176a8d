#include "transport/http_private.h"

#include "base/log.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* ---- What curl wants, remembered for prepare() ------------------------------------- */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct http *http = arg;
	size_t i = 0;

	(void)easy;
	(void)socket_arg;
	while (i < http->count && http->sockets[i].fd != fd)
		i++;
	if (what == CURL_POLL_REMOVE) {
		if (i < http->count)
			http->sockets[i] = http->sockets[--http->count];
		return 0;
	}
	if (i == http->count)
		ARRAY_PUSH(http->sockets, http->count, http->cap) =
			(struct http_socket){ 0 };
	http->sockets[i].fd = fd;
	http->sockets[i].events = (short)((what & CURL_POLL_IN ? POLLIN : 0) |
	                                  (what & CURL_POLL_OUT ? POLLOUT : 0));
	return 0;
}

static int on_timer(CURLM *multi, long ms, void *arg)
{
	struct http *http = arg;

	(void)multi;
	http->timer = ms < 0 ? NSEC_NEVER : loop_now(http->loop) + ms * NSEC_PER_MSEC;
	return 0;
}

static nsec_t prepare(struct source *source, struct loop *loop)
{
	struct http *http = (struct http *)source;
	nsec_t deadline = http->timer;

	for (size_t i = 0; i < http->count; i++)
		loop_want(loop, source, http->sockets[i].fd, http->sockets[i].events);
	for (struct http_job *job = http->jobs; job; job = job->next) {
		if (job->state == HTTP_OVER ||
		    (job->state == HTTP_RESOLVING && job->resolved))
			return loop_now(loop);
		if (job->state != HTTP_TOLD && job->deadline < deadline)
			deadline = job->deadline;
	}
	return deadline;
}

/* ---- Turning ----------------------------------------------------------------------- */

static void feed_curl(struct http *http)
{
	int running;

	/* A copy: curl changes the table meanwhile. */
	size_t count = http->count;
	struct http_socket *ready = xcalloc(count, sizeof *ready);

	for (size_t i = 0; i < count; i++)
		ready[i] = (struct http_socket){
			http->sockets[i].fd, loop_ready(http->loop, http->sockets[i].fd)
		};
	for (size_t i = 0; i < count; i++) {
		int what =
			(ready[i].events & (POLLIN | POLLHUP) ? CURL_CSELECT_IN : 0) |
			(ready[i].events & POLLOUT ? CURL_CSELECT_OUT : 0) |
			(ready[i].events & (POLLERR | POLLNVAL) ? CURL_CSELECT_ERR : 0);

		if (what)
			curl_multi_socket_action(http->multi, ready[i].fd, what,
			                         &running);
	}
	free(ready);
	if (loop_now(http->loop) >= http->timer) {
		http->timer = NSEC_NEVER;
		curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
}

static void take_messages(struct http *http)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(http->multi, &left))) {
		struct http_job *job = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&job);
		http_job_over(job, message->data.result);
	}
}

static void advance_jobs(struct http *http)
{
	nsec_t now = loop_now(http->loop);

	for (struct http_job *job = http->jobs; job; job = job->next) {
		if (job->state == HTTP_OVER || job->state == HTTP_TOLD)
			continue;
		if (job->state == HTTP_RESOLVING && job->resolved)
			http_job_resolved(job);
		else if (now >= job->deadline)
			http_job_over(job, CURLE_OPERATION_TIMEDOUT);
	}
}

/* Each done() may free jobs and start others: the list is read anew after each. */
static void tell(struct http *http)
{
	struct http_job *job = http->jobs;

	while (job) {
		if (job->state != HTTP_OVER) {
			job = job->next;
			continue;
		}
		job->state = HTTP_TOLD;
		if (job->done)
			job->done(job, job->arg);
		job = http->jobs;
	}
}

static void wake(struct source *source, struct loop *loop)
{
	struct http *http = (struct http *)source;

	(void)loop;
	feed_curl(http);
	take_messages(http);
	advance_jobs(http);
	tell(http);
}

struct http *http_new(struct loop *loop)
{
	struct http *http = XNEW(struct http);

	curl_global_init(CURL_GLOBAL_DEFAULT); /* counts its calls */
	http->source =
		(struct source){ .name = "http", .prepare = prepare, .wake = wake };
	http->loop = loop;
	http->timer = NSEC_NEVER;
	http->multi = curl_multi_init();
	if (!http->multi)
		bug("curl_multi_init: out of memory");
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	loop_add(loop, &http->source);
	return http;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	loop_remove(http->loop, &http->source);
	curl_multi_cleanup(http->multi);
	curl_global_cleanup();
	free(http->sockets);
	free(http);
}

static bool job_is_done(void *arg)
{
	return http_is_done(arg);
}

int http_wait(struct http *http, const struct http_request *request, struct buf *out,
              struct err *err)
{
	struct http_job *job = http_start(http, request, NULL, NULL);
	int status = 0;

	/* The job minds its deadline itself. */
	if (!loop_wait(http->loop, job_is_done, job, NSEC_NEVER)) {
		err_set(err, "%s %s: interrupted", request->method, job->shown_url);
	} else if (!http_status(job)) {
		err_set(err, "%s", http_error(job));
		if (job->hint)
			err_hint(err, "%s", job->hint);
	} else {
		status = http_status(job);
		buf_add(out, job->body.data, job->body.len);
	}
	http_job_free(job);
	return status;
}
