#include "gameday/state.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "ledger/reader.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static char *default_directory(void)
{
	const char *given = getenv("PGMONKEY_STATE_DIR");
	const char *xdg = getenv("XDG_STATE_HOME");

	if (given && *given)
		return xstrdup(given);
	if (geteuid() == 0)
		return xstrdup("/var/lib/pgmonkey");
	if (xdg && *xdg)
		return xasprintf("%s/pgmonkey", xdg);
	return str_expand_home("~/.local/state/pgmonkey");
}

/* A name as a file name: letters, digits, dot, dash; everything else becomes a dash. */
static char *file_name(const char *name)
{
	char *s = xstrdup(name);

	for (char *c = s; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '.' && *c != '-' && *c != '_')
			*c = '-';
	if (s[0] == '.')
		s[0] = '-';
	return s;
}

static bool make_directories(const char *path, struct err *err)
{
	char *copy = xstrdup(path);
	bool made = true;

	for (char *c = copy + 1; made; c++) {
		bool last = *c == '\0';

		if (*c != '/' && !last)
			continue;
		*c = '\0';
		if (mkdir(copy, 0700) != 0 && errno != EEXIST) {
			err_set(err, "cannot make directory %s: %s", copy,
			        strerror(errno));
			err_hint(err, "choose another place with --state-dir DIR");
			made = false;
		}
		if (last)
			break;
		*c = '/';
	}
	free(copy);
	return made;
}

bool state_open(struct state *state, const char *state_dir, const char *cluster,
                struct err *err)
{
	char *base = state_dir ? xstrdup(state_dir) : default_directory();
	char *name = file_name(cluster);

	state->directory = xasprintf("%s/%s", base, name);
	state->lock_fd = -1;
	free(base);
	free(name);
	if (make_directories(state->directory, err))
		return true;
	free(state->directory);
	state->directory = NULL;
	return false;
}

static char *path_in(const struct state *state, const char *name)
{
	return xasprintf("%s/%s", state->directory, name);
}

static void first_line(char *text)
{
	text[strcspn(text, "\n")] = '\0';
}

/* The lock's content is only for people: what holds is the flock, which dies with us. */
static void write_holder(int fd, const char *what)
{
	char when[RFC3339_SIZE];
	struct clock *clock = clock_system();
	char *text = xasprintf("pid %ld, since %s: %s\n", (long)getpid(),
	                       rfc3339(when, clock->wall(clock)), what);

	if (ftruncate(fd, 0) == 0 && pwrite(fd, text, strlen(text), 0) < 0)
		errno = 0; /* for people only, see above */
	free(text);
}

bool state_lock(struct state *state, const char *what, bool *busy, struct err *err)
{
	char *path = path_in(state, "lock");
	struct buf holder = BUF_INIT;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	*busy = false;
	if (fd < 0) {
		err_set(err, "cannot open the lock %s: %s", path, strerror(errno));
	} else if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		write_holder(fd, what);
		state->lock_fd = fd;
	} else {
		*busy = errno == EWOULDBLOCK;
		if (!buf_read_fd(&holder, fd, 512))
			buf_clear(&holder);
		first_line(holder.data);
		err_set(err, "another run holds this cluster's lock (%s)", holder.data);
		err_hint(
			err,
			"wait for it, or stop it with SIGINT: it heals before it leaves");
		close(fd);
	}
	buf_free(&holder);
	free(path);
	return state->lock_fd >= 0;
}

static bool read_current(const struct state *state, char **ledger, struct err *err)
{
	char *path = path_in(state, "current");
	struct buf text = BUF_INIT;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool read_well = true;

	*ledger = NULL;
	if (fd >= 0) {
		read_well = buf_read_fd(&text, fd, 4096);
		first_line(text.data);
		if (*text.data)
			*ledger = xstrdup(text.data);
		close(fd);
	} else {
		read_well = errno == ENOENT;
	}
	if (!read_well)
		err_set(err, "cannot read %s: %s", path, strerror(errno));
	buf_free(&text);
	free(path);
	return read_well;
}

bool state_is_healed(const struct state *state, struct err *err)
{
	struct open_faults open = { 0 };
	char *ledger;
	bool healed = false;

	if (!read_current(state, &ledger, err))
		return false;
	if (!ledger)
		return true;
	if (access(ledger, F_OK) != 0) {
		err_set(err,
		        "the last run of this cluster did not end, and its ledger %s is "
		        "gone",
		        ledger);
		err_hint(err,
		         "look whether anything is still broken, then remove %s/current",
		         state->directory);
	} else if (ledger_find_unhealed(ledger, &open, err)) {
		healed = open.count == 0;
		if (!healed) {
			err_set(err, "the last run of this cluster left %s unhealed (%s)",
			        open.items[0].fault, ledger);
			err_hint(err, "heal it with: pgmonkey heal %s", ledger);
		}
		open_faults_free(&open);
	}
	free(ledger);
	return healed;
}

/* Replaces a file so that either the old or the new one is there after a crash. */
static bool replace_file(const char *path, const char *text, struct err *err)
{
	char *temporary = xasprintf("%s.new", path);
	int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t len = (ssize_t)strlen(text);
	bool written =
		fd >= 0 && write(fd, text, (size_t)len) == len && fdatasync(fd) == 0;

	if (fd >= 0 && close(fd) != 0)
		written = false;
	if (!written || rename(temporary, path) != 0) {
		err_set(err, "cannot write %s: %s", path, strerror(errno));
		unlink(temporary);
		written = false;
	}
	free(temporary);
	return written;
}

bool state_set_current(struct state *state, const char *ledger, struct err *err)
{
	char *path = path_in(state, "current");
	char *absolute = ledger ? realpath(ledger, NULL) : NULL;
	char *text = xasprintf("%s\n", absolute ? absolute : ledger ? ledger : "");
	bool done = ledger ? replace_file(path, text, err)
	                   : unlink(path) == 0 || errno == ENOENT ||
	                             err_set(err, "cannot remove %s: %s", path,
	                                     strerror(errno));

	free(text);
	free(absolute);
	free(path);
	return done;
}

char *state_new_ledger(const struct state *state, const char *experiment)
{
	struct clock *clock = clock_system();
	char *name = file_name(experiment);
	char when[UTC_STAMP_SIZE];
	char *path = NULL;

	utc_stamp(when, clock->wall(clock));
	for (int n = 1; !path || access(path, F_OK) == 0; n++) {
		free(path);
		path = n == 1 ? xasprintf("%s/%s-%.60s.jsonl", state->directory, when,
		                          name)
		              : xasprintf("%s/%s-%.60s-%d.jsonl", state->directory, when,
		                          name, n);
	}
	free(name);
	return path;
}

void state_close(struct state *state)
{
	if (state->lock_fd >= 0)
		close(state->lock_fd);
	free(state->directory);
	*state = (struct state){ .lock_fd = -1 };
}
