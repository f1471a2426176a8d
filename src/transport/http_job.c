#include "transport/http_private.h"

#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- The end ----------------------------------------------------------------------- */

static void fail(struct http_job *job, const char *why)
{
	job->error = xasprintf("%s %s: %s", job->method, job->shown_url, why);
	job->status = 0;
	job->state = HTTP_OVER;
}

static void detach(struct http_job *job)
{
	if (job->easy)
		curl_multi_remove_handle(job->http->multi, job->easy);
}

static bool is_tls(CURLcode code)
{
	return code == CURLE_PEER_FAILED_VERIFICATION ||
	       code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_CONNECT_ERROR ||
	       code == CURLE_SSL_CERTPROBLEM;
}

static void explain(struct http_job *job, CURLcode code)
{
	nsec_t spent = loop_now(job->http->loop) - job->started;
	long os_errno = 0;
	char why[CURL_ERROR_SIZE];

	if (job->easy)
		curl_easy_getinfo(job->easy, CURLINFO_OS_ERRNO, &os_errno);
	snprintf(why, sizeof why, "%s",
	         job->curl_error[0] ? job->curl_error : curl_easy_strerror(code));
	if (job->too_large)
		snprintf(why, sizeof why, "the answer is larger than %zu bytes",
		         HTTP_MAX_BODY);
	else if (code == CURLE_OPERATION_TIMEDOUT)
		snprintf(why, sizeof why, "no answer within %.1f s",
		         nsec_to_seconds(spent));
	else if (code == CURLE_COULDNT_CONNECT && os_errno)
		snprintf(why, sizeof why, "%s",
		         os_errno == ECONNREFUSED ? "connection refused"
		                                  : strerror((int)os_errno));
	if (code == CURLE_COULDNT_CONNECT)
		job->hint =
			"is it running there, and does a firewall let this machine in?";
	else if (is_tls(code) || strstr(why, "SSL"))
		job->hint =
			"check https or http, and the CA and client certificate files";
	fail(job, why);
}

void http_job_over(struct http_job *job, CURLcode code)
{
	long status = 0;
	long sent = 0;

	if (job->easy) {
		curl_easy_getinfo(job->easy, CURLINFO_RESPONSE_CODE, &status);
		curl_easy_getinfo(job->easy, CURLINFO_REQUEST_SIZE, &sent);
	}
	job->sent = sent > 0;
	if (code == CURLE_OK && status) {
		job->status = (int)status;
		job->state = HTTP_OVER;
	} else {
		explain(job, code);
	}
	detach(job);
}

/* ---- Handing it to curl ----------------------------------------------------------- */

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	struct http_job *job = arg;

	if (job->body.len + size * count > HTTP_MAX_BODY) {
		job->too_large = true;
		return 0;
	}
	buf_add(&job->body, data, size * count);
	return size * count;
}

static void set_string(CURL *easy, CURLoption option, const char *value)
{
	if (value)
		curl_easy_setopt(easy, option, value);
}

static void set_request(struct http_job *job, const struct http_request *request)
{
	CURL *easy = job->easy;

	set_string(easy, CURLOPT_URL, request->url);
	if (request->body) {
		curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body);
		job->headers =
			curl_slist_append(job->headers, "Content-Type: application/json");
		job->headers = curl_slist_append(job->headers, "Expect:");
	}
	if (str_eq(request->method, "HEAD"))
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, job->headers);
	set_string(easy, CURLOPT_USERNAME, request->username);
	set_string(easy, CURLOPT_PASSWORD, request->password);
	set_string(easy, CURLOPT_CAINFO, request->ca_file);
	set_string(easy, CURLOPT_SSLCERT, request->cert_file);
	set_string(easy, CURLOPT_SSLKEY, request->key_file);
}

static void set_rules(struct http_job *job)
{
	CURL *easy = job->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, job);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, job->curl_error);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, job);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "pgmonkey/" PGMONKEY_VERSION);
}

/* The answer of the look-up in the form of CURLOPT_RESOLVE: "host:port:addr,[addr]". */
static void give_addresses(struct http_job *job, const char *const *addresses,
                           size_t count)
{
	struct buf b = BUF_INIT;

	if (resolve_is_numeric(job->host))
		return;
	buf_printf(&b, "%s:%s:", job->host, job->port);
	for (size_t i = 0; i < count; i++)
		buf_printf(&b, strchr(addresses[i], ':') ? "%s[%s]" : "%s%s",
		           i ? "," : "", addresses[i]);
	job->addresses = curl_slist_append(NULL, b.data);
	curl_easy_setopt(job->easy, CURLOPT_RESOLVE, job->addresses);
	buf_free(&b);
}

void http_job_resolved(struct http_job *job)
{
	const char *addresses[RESOLVE_MAX_ADDRESSES];
	struct err err;
	size_t count = resolve_answer(job->resolve, addresses, &err);

	if (!count) {
		fail(job, err.message);
		return;
	}
	give_addresses(job, addresses, count);
	job->state = HTTP_RUNNING;
	curl_multi_add_handle(job->http->multi, job->easy);
}

static void on_resolved(void *arg)
{
	((struct http_job *)arg)->resolved = true;
}

/* ---- The beginning ---------------------------------------------------------------- */

static char *url_part(CURLU *url, CURLUPart part, unsigned flags)
{
	char *value = NULL;
	char *copy;

	if (curl_url_get(url, part, &value, flags) != CURLUE_OK)
		return xstrdup("");
	copy = xstrdup(value);
	curl_free(value);
	return copy;
}

/* "fd00::1" of "[fd00::1]". */
static void strip_brackets(char *host)
{
	size_t len = strlen(host);

	if (host[0] == '[' && len > 1) {
		memmove(host, host + 1, len - 2);
		host[len - 2] = '\0';
	}
}

static bool parse_url(struct http_job *job, const char *text)
{
	CURLU *url = curl_url();
	CURLUcode rc = curl_url_set(url, CURLUPART_URL, text, 0);
	char *scheme = url_part(url, CURLUPART_SCHEME, 0);
	bool http = str_eq(scheme, "http") || str_eq(scheme, "https");

	job->host = url_part(url, CURLUPART_HOST, 0);
	job->port = url_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	strip_brackets(job->host);
	curl_url_set(url, CURLUPART_USER, NULL, 0);
	curl_url_set(url, CURLUPART_PASSWORD, NULL, 0);
	free(job->shown_url);
	job->shown_url = rc ? xstrdup("(URL)") : url_part(url, CURLUPART_URL, 0);
	free(scheme);
	curl_url_cleanup(url);
	if (!rc && http)
		return true;
	fail(job, rc ? curl_url_strerror(rc) : "only http and https are spoken");
	job->hint = "write http://host:port/path, and an IPv6 address in [ ]";
	return false;
}

struct http_job *http_start(struct http *http, const struct http_request *request,
                            void (*done)(struct http_job *, void *arg), void *arg)
{
	struct http_job *job = XNEW(struct http_job);

	job->http = http;
	job->method = xstrdup(request->method);
	job->started = loop_now(http->loop);
	job->deadline = request->deadline;
	job->body = (struct buf)BUF_INIT;
	job->done = done;
	job->arg = arg;
	job->next = http->jobs;
	http->jobs = job;
	if (!parse_url(job, request->url))
		return job;
	job->easy = curl_easy_init();
	set_rules(job);
	set_request(job, request);
	job->state = HTTP_RESOLVING;
	job->resolve =
		resolve_start(http->loop, job->host, job->deadline, on_resolved, job);
	return job;
}

bool http_is_done(const struct http_job *job)
{
	return job->state == HTTP_OVER || job->state == HTTP_TOLD;
}

int http_status(const struct http_job *job)
{
	return job->status;
}

const char *http_error(const struct http_job *job)
{
	return job->error ? job->error : "";
}

bool http_was_sent(const struct http_job *job)
{
	return job->sent;
}

const struct buf *http_body(const struct http_job *job)
{
	return &job->body;
}

void http_job_free(struct http_job *job)
{
	struct http_job **at;

	if (!job)
		return;
	for (at = &job->http->jobs; *at != job; at = &(*at)->next)
		;
	*at = job->next;
	resolve_free(job->resolve);
	detach(job);
	curl_easy_cleanup(job->easy);
	curl_slist_free_all(job->headers);
	curl_slist_free_all(job->addresses);
	buf_free(&job->body);
	free(job->method);
	free(job->shown_url);
	free(job->host);
	free(job->port);
	free(job->error);
	free(job);
}
