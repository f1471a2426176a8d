/* Straight-line requests to Patroni. */
#include "ha/patroni_http.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PASSWORD_MAX 4096

char *patroni_url(const char *base, const char *path)
{
	const char *host = strstr(base, "://");
	size_t len = host ? (size_t)(host + 3 - base) : 0;

	len += strcspn(base + len, "/?#");
	return xasprintf("%.*s%s", (int)len, base, path);
}

static int send_request(struct ha *ha, struct http_request *request, struct buf *out,
                        struct err *err)
{
	const struct manager_config *m = &ha->inventory->manager;

	request->ca_file = m->ca_file;
	request->cert_file = m->cert_file;
	request->key_file = m->key_file;
	return http_wait(ha->http, request, out, err);
}

bool patroni_get(struct ha *ha, const char *base, const char *path, nsec_t deadline,
                 struct buf *out, struct err *err)
{
	char *url = patroni_url(base, path);
	struct http_request request = { .method = "GET",
		                        .url = url,
		                        .deadline = deadline };
	int status = send_request(ha, &request, out, err);

	free(url);
	if (status == 0)
		return false;
	return status == 200 || err_set(err, "GET %s was answered by %d", path, status);
}

bool patroni_is_reachable(struct ha *ha, const char *base, nsec_t deadline,
                          struct err *err)
{
	char *url = patroni_url(base, "/patroni");
	struct http_request request = { .method = "GET",
		                        .url = url,
		                        .deadline = deadline };
	struct buf out = BUF_INIT;
	int status = send_request(ha, &request, &out, err);

	buf_free(&out);
	free(url);
	return status != 0;
}

static bool check_mode(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_set(err, "password file %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, "password file %s is no regular file", path);
	if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		err_set(err, "password file %s can be read by others", path);
		return err_hint(err, "chmod 0600 %s", path);
	}
	return true;
}

char *patroni_read_password(const char *path, struct err *err)
{
	struct buf b = BUF_INIT;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool ok;

	if (fd < 0) {
		err_set(err, "password file %s: %s", path, strerror(errno));
		return NULL;
	}
	ok = check_mode(fd, path, err);
	if (ok && !buf_read_fd(&b, fd, PASSWORD_MAX))
		ok = err_set(err, "password file %s: %s", path, strerror(errno));
	close(fd);
	while (b.len && (b.data[b.len - 1] == '\n' || b.data[b.len - 1] == '\r'))
		b.data[--b.len] = '\0';
	if (ok && (b.len == 0 || strlen(b.data) != b.len))
		ok = err_set(err, "password file %s holds no password", path);
	if (ok)
		return buf_steal(&b);
	buf_free(&b);
	return NULL;
}

void patroni_wipe(char *password)
{
	if (password)
		explicit_bzero(password, strlen(password));
	free(password);
}

static bool job_is_done(void *job)
{
	return http_is_done(job);
}

/* As http_wait(), but tells what was never sent from what was not answered. */
static int send_change(struct ha *ha, const struct http_request *request, struct buf *out,
                       struct err *err)
{
	/* The job minds its deadline itself. */
	struct http_job *job = http_start(ha->http, request, NULL, NULL);
	bool ended = loop_wait(ha->loop, job_is_done, job, NSEC_NEVER);
	int status = ended ? http_status(job) : 0;

	if (status)
		buf_add(out, http_body(job)->data, http_body(job)->len);
	else if (ended)
		err_set(err, "%s", http_error(job));
	else
		err_set(err, "%s: interrupted", request->method);
	if (ended && !status && !http_was_sent(job))
		status = PATRONI_NOT_SENT;
	http_job_free(job);
	return status;
}

int patroni_change(struct ha *ha, const struct patroni_call *call, struct buf *out,
                   struct err *err)
{
	const struct manager_config *m = &ha->inventory->manager;
	struct http_request request = {
		.method = call->method,
		.body = call->body,
		.ca_file = m->ca_file,
		.cert_file = m->cert_file,
		.key_file = m->key_file,
		.deadline = call->deadline,
	};
	char *password = NULL, *url;
	int status;

	if (m->username) {
		if (m->password_file &&
		    !(password = patroni_read_password(m->password_file, err)))
			return PATRONI_NOT_SENT;
		request.username = m->username;
		request.password = password ? password : "";
	}
	url = patroni_url(call->base, call->path);
	request.url = url;
	status = send_change(ha, &request, out, err);
	patroni_wipe(password);
	free(url);
	return status;
}
