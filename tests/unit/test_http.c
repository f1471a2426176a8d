/* HTTP against a server that answers as its path says. */
#include "transport/http.h"

#include "tap.h"
#include "transport/fake_pg.h"

#include <dirent.h>
#include <stdlib.h>

static struct loop *loop;
static struct http *http;

static nsec_t in_seconds(double s)
{
	return loop_now(loop) + seconds_to_nsec(s);
}

/* Header and body as they came; the body's length from Content-Length. */
static size_t read_request(int fd, char *request, size_t size)
{
	size_t len = 0;
	size_t want = size - 1;
	ssize_t n;

	while (len < want && (n = read(fd, request + len, want - len)) > 0) {
		char *end;
		char *length;

		len += (size_t)n;
		request[len] = '\0';
		end = strstr(request, "\r\n\r\n");
		length = strstr(request, "Content-Length: ");
		if (end)
			want = (size_t)(end + 4 - request) +
			       (length ? strtoul(length + 16, NULL, 10) : 0);
	}
	return len;
}

static void answer(int fd, const char *status, const char *headers, const char *body)
{
	char head[512];

	snprintf(head, sizeof head, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n",
	         status, headers, strlen(body));
	fake_write(fd, head, strlen(head));
	fake_write(fd, body, strlen(body));
}

static void serve(int fd)
{
	static char big[2000000];
	char request[8192];

	if (!read_request(fd, request, sizeof request))
		return;
	if (strstr(request, " /echo ")) {
		answer(fd, "200 OK", "", request);
	} else if (strstr(request, " /fail ")) {
		answer(fd, "503 Service Unavailable", "", "{\"role\": \"replica\"}");
	} else if (strstr(request, " /moved ")) {
		answer(fd, "302 Found", "Location: file:///etc/passwd\r\n", "");
	} else if (strstr(request, " /silent ")) {
		fake_wait_end(fd);
	} else if (strstr(request, " /half ")) {
		fake_write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nab", 42);
	} else if (strstr(request, " /big ")) {
		memset(big, 'x', sizeof big - 1);
		answer(fd, "200 OK", "", big);
	}
}

static int get(int port, const char *path, struct buf *out, struct err *err)
{
	char url[256];
	struct http_request request = { .method = "GET",
		                        .url = url,
		                        .deadline = in_seconds(5) };

	snprintf(url, sizeof url, "http://127.0.0.1:%d%s", port, path);
	return http_wait(http, &request, out, err);
}

static void test_answers(int port)
{
	struct buf out = BUF_INIT;
	struct err err = { 0 };

	is_int(get(port, "/echo", &out, &err), 200, "GET");
	ok(strstr(out.data, "GET /echo HTTP/1.1\r\n") == out.data, "as asked");
	ok(!strstr(out.data, "Authorization"), "without a login");
	buf_clear(&out);
	is_int(get(port, "/fail", &out, &err), 503, "any status is an answer");
	is_str(out.data, "{\"role\": \"replica\"}", "with its body");
	buf_clear(&out);
	is_int(get(port, "/moved", &out, &err), 302, "a redirect is not followed");
	is_int(get(port, "/big", &out, &err), 0, "an endless answer");
	ok(strstr(err.message, "larger than") != NULL, err.message);
	is_int(get(port, "/half", &out, &err), 0, "half an answer is none");
	ok(err.message[0], err.message);
	is_int(get(port, "/nothing", &out, &err), 0, "no answer at all");
	ok(strstr(err.message, "GET http://127.0.0.1:") == err.message, err.message);
	buf_free(&out);
}

static void test_body(int port)
{
	char url[128];
	struct http_request request = { .method = "PATCH",
		                        .url = url,
		                        .body = "{\"a\": 1}",
		                        .username = "ops",
		                        .password = "a:b%20\"c",
		                        .deadline = in_seconds(5) };
	struct buf out = BUF_INIT;
	struct err err = { 0 };

	snprintf(url, sizeof url, "http://127.0.0.1:%d/echo", port);
	is_int(http_wait(http, &request, &out, &err), 200, "PATCH with a body");
	ok(strstr(out.data, "PATCH /echo HTTP/1.1\r\n") == out.data, "its method");
	ok(strstr(out.data, "Content-Type: application/json\r\n") != NULL, "its type");
	ok(strstr(out.data, "\r\n\r\n{\"a\": 1}") != NULL, "its body");
	/* printf 'ops:a:b%%20"c' | base64 */
	ok(strstr(out.data, "Authorization: Basic b3BzOmE6YiUyMCJj\r\n") != NULL,
	   "its login, to the letter");
	buf_free(&out);
}

static void test_failures(int port)
{
	static const struct {
		const char *url;
		const char *message;
		const char *hint;
	} cases[] = {
		{ "http://127.0.0.1:1/", "connection refused", "firewall" },
		{ "http://fd00:88::11:8008/", "", "[ ]" },
		{ "file:///etc/passwd", "only http and https", "" },
		{ "http://no such host/", "", "" },
		{ "", "", "http://host:port" },
		{ "http://ops:sesame@127.0.0.1:1/x", "GET http://127.0.0.1:1/x: ", "" },
	};
	char url[128];
	struct http_request silent = { .method = "POST",
		                       .url = url,
		                       .deadline = in_seconds(0.1) };
	struct http_job *job;
	struct buf out = BUF_INIT;
	struct err err = { 0 };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_request request = { .method = "GET",
			                        .url = cases[i].url,
			                        .deadline = in_seconds(5) };

		err = (struct err){ 0 };
		is_int(http_wait(http, &request, &out, &err), 0, cases[i].url);
		ok(err.message[0] && strstr(err.message, cases[i].message), err.message);
		ok(strstr(err.hint, cases[i].hint) != NULL, "hint");
		ok(!strstr(err.message, "sesame"), "no password in it");
	}
	snprintf(url, sizeof url, "http://127.0.0.1:%d/silent", port);
	is_int(http_wait(http, &silent, &out, &err), 0, "a silent server");
	ok(strstr(err.message, "no answer within 0.1 s") != NULL, err.message);

	silent.deadline = in_seconds(0.1);
	job = http_start(http, &silent, NULL, NULL);
	while (!http_is_done(job))
		loop_turn(loop, in_seconds(1));
	ok(http_was_sent(job), "that one was sent: in doubt");
	http_job_free(job);
	silent.url = "http://127.0.0.1:1/";
	job = http_start(http, &silent, NULL, NULL);
	while (!http_is_done(job))
		loop_turn(loop, in_seconds(1));
	ok(!http_was_sent(job), "a refused one was not");
	http_job_free(job);
	buf_free(&out);
}

struct story {
	struct http_job *first;
	struct http_job *second;
	int calls;
};

/* Frees its own job and another, and starts a third. */
static void on_done(struct http_job *job, void *arg)
{
	struct story *story = arg;

	story->calls++;
	http_job_free(job);
	if (story->calls == 1) {
		struct http_request again = { .method = "GET",
			                      .url = "http://localhost:1/",
			                      .deadline = in_seconds(5) };

		http_job_free(job == story->first ? story->second : story->first);
		http_start(http, &again, on_done, story);
	}
}

static bool is_told_twice(void *arg)
{
	return ((struct story *)arg)->calls == 2;
}

static void test_callbacks(int port)
{
	char url[128];
	struct http_request request = { .method = "GET",
		                        .url = url,
		                        .deadline = in_seconds(5) };
	struct story story = { .calls = 0 };

	snprintf(url, sizeof url, "http://127.0.0.1:%d/echo", port);
	story.first = http_start(http, &request, on_done, &story);
	story.second = http_start(http, &request, on_done, &story);
	ok(!http_is_done(story.first), "nothing is told before the loop turns");
	ok(loop_wait(loop, is_told_twice, &story, in_seconds(5)), "told once each");
	http_job_free(http_start(http, &request, on_done, &story));
	loop_turn(loop, in_seconds(0.01));
	is_int(story.calls, 2, "a cancelled one is not told");
}

static int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

int main(void)
{
	struct fake_pg server = fake_pg_start(serve);
	int before = open_fds();

	setenv("http_proxy", "http://127.0.0.1:1", 1); /* must not be used */
	loop = loop_new(clock_system());
	http = http_new(loop);
	test_answers(server.port);
	test_body(server.port);
	test_failures(server.port);
	test_callbacks(server.port);
	http_free(http);
	is_int(open_fds(), before, "no descriptor is left open");
	loop_free(loop);
	fake_pg_stop(&server);
	return done_testing();
}
