#include "transport/ssh_private.h"

#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/*
 * How long a kept session may take to open a channel before it is taken for dead and a
 * new one is opened: nothing has been sent until then, so this is safe.
 */
#define WARM_LIMIT (5 * NSEC_PER_SEC)

static bool ssh_open(struct remote *r, nsec_t deadline, struct err *err)
{
	struct ssh *s = (struct ssh *)r;

	return s->ready ? true : ssh_session_open(s, deadline, err);
}

/* True unless the other end has closed the connection already. */
static bool is_alive(const struct ssh *s)
{
	char c;
	ssize_t n = recv(s->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT);

	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static LIBSSH2_CHANNEL *open_channel(struct ssh *s, nsec_t deadline, struct err *err)
{
	LIBSSH2_CHANNEL *channel;

	while (!(channel = libssh2_channel_open_session(s->session))) {
		if (libssh2_session_last_errno(s->session) != LIBSSH2_ERROR_EAGAIN) {
			ssh_fail(s, err, "opening a channel");
			return NULL;
		}
		if (!ssh_wait(s, deadline)) {
			ssh_timeout(s, err, "opening a channel");
			return NULL;
		}
	}
	return channel;
}

/* A channel on the kept session, or on a new one where that turns out dead. */
static LIBSSH2_CHANNEL *get_channel(struct ssh *s, nsec_t deadline, struct err *err)
{
	LIBSSH2_CHANNEL *channel;

	if (s->ready) {
		nsec_t limit = loop_now(s->remote.loop) + WARM_LIMIT;

		channel = is_alive(s)
		                  ? open_channel(s, limit < deadline ? limit : deadline,
		                                 err)
		                  : NULL;
		if (channel)
			return channel;
		ssh_session_drop(s);
	}
	if (!ssh_session_open(s, deadline, err))
		return NULL;
	channel = open_channel(s, deadline, err);
	if (!channel)
		ssh_session_drop(s);
	return channel;
}

static char *join_words(const char *const *words)
{
	struct buf b = BUF_INIT;

	for (; *words; words++) {
		char *quoted = str_shell_quote(*words);

		buf_printf(&b, "%s%s", b.len ? " " : "", quoted);
		free(quoted);
	}
	return buf_steal(&b);
}

/* ---- After the request may have left: every failure is in doubt -------------------- */

struct exec {
	struct ssh *ssh;
	LIBSSH2_CHANNEL *channel;
	nsec_t deadline;
	struct remote_result *result;
	struct err *err;
};

static bool lost(struct exec *e)
{
	e->result->end = REMOTE_LOST;
	return ssh_fail(e->ssh, e->err, "connection lost while the command ran");
}

static bool wait_more(struct exec *e)
{
	if (ssh_wait(e->ssh, e->deadline))
		return true;
	e->result->end = REMOTE_TIMEOUT;
	return ssh_timeout(e->ssh, e->err, "the command was sent, but did not end");
}

static bool start_command(struct exec *e, const char *command)
{
	int rc;

	while ((rc = libssh2_channel_exec(e->channel, command)) == LIBSSH2_ERROR_EAGAIN)
		if (!wait_more(e))
			return false;
	if (rc == LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED) {
		e->result->end = REMOTE_FAILED;
		return ssh_fail(e->ssh, e->err, "the server refused to run a command");
	}
	if (rc)
		return lost(e);
	while ((rc = libssh2_channel_send_eof(e->channel)) == LIBSSH2_ERROR_EAGAIN)
		if (!wait_more(e))
			return false;
	return rc ? lost(e) : true;
}

/* 1: there was something, 0: nothing now, negative: libssh2's error. */
static int drain(struct exec *e, int stream, struct buf *b)
{
	char chunk[16384];
	ssize_t n = libssh2_channel_read_ex(e->channel, stream, chunk, sizeof chunk);

	if (n > 0)
		remote_add_output(b, chunk, (size_t)n);
	return n > 0 ? 1 : n == LIBSSH2_ERROR_EAGAIN ? 0 : (int)n;
}

static bool read_output(struct exec *e)
{
	for (;;) {
		int out = drain(e, 0, &e->result->out);
		int errors = drain(e, SSH_EXTENDED_DATA_STDERR, &e->result->errors);

		if (out < 0 || errors < 0)
			return lost(e);
		if (out || errors)
			continue;
		if (libssh2_channel_eof(e->channel))
			return true;
		if (!wait_more(e))
			return false;
	}
}

static int signal_number(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} signals[] = { { "HUP", 1 },   { "INT", 2 },   { "QUIT", 3 },  { "ILL", 4 },
		        { "ABRT", 6 },  { "FPE", 8 },   { "KILL", 9 },  { "USR1", 10 },
		        { "SEGV", 11 }, { "USR2", 12 }, { "PIPE", 13 }, { "ALRM", 14 },
		        { "TERM", 15 } };

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		if (str_eq(name, signals[i].name))
			return signals[i].number;
	return 127;
}

/* The exit status comes before the channel's close, which must therefore be seen. */
static bool read_status(struct exec *e)
{
	char *name = NULL;
	int rc;

	while ((rc = libssh2_channel_wait_closed(e->channel)) == LIBSSH2_ERROR_EAGAIN)
		if (!wait_more(e))
			return false;
	if (rc)
		return lost(e);
	libssh2_channel_get_exit_signal(e->channel, &name, NULL, NULL, NULL, NULL, NULL);
	e->result->end = REMOTE_EXITED;
	e->result->status = name ? 128 + signal_number(name)
	                         : libssh2_channel_get_exit_status(e->channel);
	if (name)
		libssh2_free(e->ssh->session, name);
	return true;
}

static bool close_channel(struct exec *e)
{
	int rc;

	while ((rc = libssh2_channel_free(e->channel)) == LIBSSH2_ERROR_EAGAIN)
		if (!ssh_wait(e->ssh, e->deadline))
			return false;
	return rc == 0;
}

static void ssh_run(struct remote *r, const char *const *words, nsec_t deadline,
                    struct remote_result *result, struct err *err)
{
	struct exec e = { (struct ssh *)r, NULL, deadline, result, err };
	char *command;
	bool clean;

	e.channel = get_channel(e.ssh, deadline, err);
	if (!e.channel)
		return; /* REMOTE_FAILED, as set by remote_run() */
	command = join_words(words);
	clean = start_command(&e, command) && read_output(&e) && read_status(&e) &&
	        close_channel(&e);
	/* What is left of a command that did not end goes with its session. */
	if (!clean)
		ssh_session_drop(e.ssh);
	free(command);
}

/* ---- The remote ------------------------------------------------------------------- */

static void ssh_free(struct remote *r)
{
	struct ssh *s = (struct ssh *)r;

	if (s->ready)
		libssh2_session_disconnect(s->session,
		                           "done"); /* once, whatever it says */
	ssh_session_drop(s);
	free(s->user);
	free(s->address);
	free(s->identity_file);
	free(s->known_hosts_file);
	free(r->host);
	free(s);
}

static const struct remote_type ssh_type = {
	.name = "ssh",
	.open = ssh_open,
	.run = ssh_run,
	.free = ssh_free,
};

struct remote *remote_ssh(struct loop *loop, const char *host,
                          const struct ssh_options *options)
{
	struct ssh *s = XNEW(struct ssh);
	const char *known = options->known_hosts_file;

	libssh2_init(0); /* counts its calls: only the first does something */
	s->remote = (struct remote){ &ssh_type, loop, xstrdup(host) };
	s->user = xstrdup(options->user);
	s->address = xstrdup(options->address);
	s->port = options->port ? options->port : 22;
	s->identity_file =
		options->identity_file ? str_expand_home(options->identity_file) : NULL;
	s->known_hosts_file = str_expand_home(known ? known : "~/.ssh/known_hosts");
	s->fd = -1;
	return &s->remote;
}

void ssh_drop(struct remote *r)
{
	if (r->type == &ssh_type)
		ssh_session_drop((struct ssh *)r);
}
