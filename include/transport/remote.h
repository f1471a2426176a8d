/*
 * A command on a host: one interface over SSH (transport/ssh.h), the agent's own machine
 * and a fake for tests.
 *
 * A command is a list of words, never a line of shell: each word is quoted for the login
 * shell at the other end (POSIX sh, bash, fish alike), so that nothing that stands in a
 * file can be run.  Output is bounded; noise that login scripts print is the caller's to
 * expect (parse strictly: a boot id is a UUID or it is nothing).
 */
#ifndef TRANSPORT_REMOTE_H
#define TRANSPORT_REMOTE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/loop.h"

enum remote_end {
	REMOTE_EXITED, /* the command ended with `status` */
	REMOTE_LOST,   /* sent, then the connection went away: did it happen?  in doubt */
	REMOTE_TIMEOUT, /* sent, no end before the deadline: in doubt */
	REMOTE_FAILED,  /* not sent: no connection, refused, wrong key; see err */
};

struct remote_result {
	enum remote_end end;
	int status;     /* exit status; 128 + n for signal n */
	struct buf out; /* standard output, at most REMOTE_MAX_OUTPUT */
	struct buf errors;
};

#define REMOTE_MAX_OUTPUT ((size_t)256 * 1024)

struct remote;

struct remote_type {
	const char *name; /* "ssh", "local", "fake" */

	/*
	 * Gets ready to run commands: connects, checks the host key, logs in. Idempotent.
	 * False + err (with what to do) where that cannot be had before the deadline.
	 */
	bool (*open)(struct remote *, nsec_t deadline, struct err *);

	/*
	 * Runs words[0..] (NULL-ended) and waits until it ended, the loop turning.
	 * Opens first where needed.  err is set for every end but REMOTE_EXITED.
	 */
	void (*run)(struct remote *, const char *const *words, nsec_t deadline,
	            struct remote_result *, struct err *);

	void (*free)(struct remote *);
};

struct remote {
	const struct remote_type *type;
	struct loop *loop;
	char *host; /* its name in the cluster file, for messages */
};

bool remote_open(struct remote *r, nsec_t deadline, struct err *err) MUSTCHECK;
void remote_run(struct remote *r, const char *const *words, nsec_t deadline,
                struct remote_result *result, struct err *err);

/*
 * For questions: true only if it exited with 0; then *out (appended) is its output.
 * A non-zero exit becomes an err that quotes what it printed.
 */
bool remote_ask(struct remote *r, const char *const *words, nsec_t deadline,
                struct buf *out, struct err *err) MUSTCHECK;

void remote_result_free(struct remote_result *result);
void remote_free(struct remote *r); /* NULL is fine */

/* The agent's own machine, by fork and exec: no shell. */
struct remote *remote_local(struct loop *loop, const char *host);

/* ---- A fake, for pure logic: answers from a script ------------------------------- */

struct remote *remote_fake(struct loop *loop, const char *host);

/*
 * Words that begin with `prefix` (joined by spaces) are answered so from now on; a later
 * rule goes first.  What was asked is kept: remote_fake_log() returns it, a line each.
 * With another end than REMOTE_EXITED `out` may be the err's reason.
 */
void remote_fake_answer(struct remote *r, const char *prefix, enum remote_end end,
                        int status, const char *out);
const char *remote_fake_log(const struct remote *r);

#endif
