#include "transport/remote_private.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUT, ERRORS, EXEC_FAILED, PIPES };

/* One command under way. */
struct process {
	struct source source;
	pid_t pid;
	int pidfd; /* readable when it has ended; -1 afterwards */
	int fds[PIPES];
	int wait_status;
	int exec_errno;
	struct remote_result *result;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ---- The child --------------------------------------------------------------------- */

static void reset_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
}

/* `pipes` are the writing ends. */
static _Noreturn void child_main(const char *const *words, const int pipes[PIPES])
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int report = fcntl(pipes[EXEC_FAILED], F_DUPFD_CLOEXEC, 3);
	int failure;

	setpgid(0, 0); /* so that a timeout ends its children too */
	reset_signals();
	if (null >= 0 && report >= 0 && dup2(null, 0) >= 0 && dup2(pipes[OUT], 1) >= 0 &&
	    dup2(pipes[ERRORS], 2) >= 0) {
		/* Close-on-exec, so that nothing of the parent is left open but the
		 * report. */
		close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
		execvp(words[0], (char *const *)words);
	}
	failure = errno;
	(void)!write(report, &failure, sizeof failure);
	_exit(127);
}

/* ---- The parent -------------------------------------------------------------------- */

static bool is_over(void *arg)
{
	const struct process *p = arg;

	return p->pidfd < 0;
}

static nsec_t prepare(struct source *source, struct loop *loop)
{
	struct process *p = (struct process *)source;

	for (int i = 0; i < PIPES; i++)
		if (p->fds[i] >= 0)
			loop_want(loop, source, p->fds[i], POLLIN);
	if (p->pidfd >= 0)
		loop_want(loop, source, p->pidfd, POLLIN);
	return NSEC_NEVER;
}

/* True as long as there was something. */
static bool read_some(struct process *p, int which)
{
	struct buf *bufs[] = { &p->result->out, &p->result->errors };
	char chunk[16384];
	ssize_t n = read(p->fds[which], chunk, sizeof chunk);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		close_fd(&p->fds[which]);
		return false;
	}
	if (which == EXEC_FAILED)
		memcpy(&p->exec_errno, chunk, sizeof p->exec_errno);
	else
		remote_add_output(bufs[which], chunk, (size_t)n);
	return true;
}

/* What a daemon that it left behind may still write is not waited for. */
static void collect(struct process *p)
{
	while (waitpid(p->pid, &p->wait_status, 0) < 0 && errno == EINTR)
		;
	for (int i = 0; i < PIPES; i++)
		for (int chunks = 0; p->fds[i] >= 0 && chunks < 64 && read_some(p, i);
		     chunks++)
			;
	close_fd(&p->pidfd);
}

static void wake(struct source *source, struct loop *loop)
{
	struct process *p = (struct process *)source;

	for (int i = 0; i < PIPES; i++)
		if (p->fds[i] >= 0 && loop_ready(loop, p->fds[i]))
			read_some(p, i);
	if (p->pidfd >= 0 && loop_ready(loop, p->pidfd))
		collect(p);
}

static bool open_pipes(struct process *p, int writing[PIPES])
{
	for (int i = 0; i < PIPES; i++)
		p->fds[i] = writing[i] = -1;
	for (int i = 0; i < PIPES; i++) {
		int fds[2];

		if (pipe2(fds, O_CLOEXEC) < 0)
			return false;
		p->fds[i] = fds[0];
		writing[i] = fds[1];
		if (fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0)
			return false;
	}
	return true;
}

static bool spawn(struct process *p, const char *const *words)
{
	int writing[PIPES];
	bool ok = open_pipes(p, writing);

	if (ok) {
		p->pid = fork();
		if (p->pid == 0)
			child_main(words, writing);
		if (p->pid > 0)
			setpgid(p->pid, p->pid);
		p->pidfd = p->pid > 0 ? pidfd_open(p->pid, 0) : -1;
		ok = p->pidfd >= 0;
		if (!ok && p->pid > 0) { /* cannot be watched: do not leave it running */
			kill(p->pid, SIGKILL);
			waitpid(p->pid, NULL, 0);
		}
	}
	for (int i = 0; i < PIPES; i++)
		close_fd(&writing[i]);
	return ok;
}

static void stop(struct process *p)
{
	kill(-p->pid, SIGKILL);
	kill(p->pid, SIGKILL);
	collect(p);
}

static void judge(const struct remote *r, struct process *p, const char *const *words,
                  struct err *err)
{
	struct remote_result *result = p->result;

	if (p->exec_errno) {
		err_set(err, "%s: cannot run \"%s\": %s", r->host, words[0],
		        strerror(p->exec_errno));
		return;
	}
	result->end = REMOTE_EXITED;
	result->status = WIFSIGNALED(p->wait_status) ? 128 + WTERMSIG(p->wait_status)
	                                             : WEXITSTATUS(p->wait_status);
}

static bool local_open(struct remote *r, nsec_t deadline, struct err *err)
{
	(void)r;
	(void)deadline;
	(void)err;
	return true;
}

static void local_run(struct remote *r, const char *const *words, nsec_t deadline,
                      struct remote_result *result, struct err *err)
{
	struct process p = {
		.source = { .name = "local command", .prepare = prepare, .wake = wake },
		.pidfd = -1,
		.result = result,
	};

	if (!spawn(&p, words)) {
		err_set(err, "%s: cannot start \"%s\": %s", r->host, words[0],
		        strerror(errno));
	} else {
		loop_add(r->loop, &p.source);
		if (loop_wait(r->loop, is_over, &p, deadline)) {
			judge(r, &p, words, err);
		} else {
			stop(&p);
			result->end = REMOTE_TIMEOUT;
			err_set(err, "%s: \"%s\" %s", r->host, words[0],
			        loop_has_quit(r->loop)
			                ? "was interrupted"
			                : "did not end before its deadline");
		}
		loop_remove(r->loop, &p.source);
	}
	for (int i = 0; i < PIPES; i++)
		close_fd(&p.fds[i]);
}

static void local_free(struct remote *r)
{
	free(r->host);
	free(r);
}

static const struct remote_type local_type = {
	.name = "local",
	.open = local_open,
	.run = local_run,
	.free = local_free,
};

struct remote *remote_local(struct loop *loop, const char *host)
{
	struct remote *r = XNEW(struct remote);

	*r = (struct remote){ &local_type, loop, xstrdup(host) };
	return r;
}
