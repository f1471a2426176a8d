#include "ledger/ledger.h"

#include "base/log.h"
#include "base/str.h"
#include "ledger/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLUSH_AT   ((size_t)64 * 1024)        /* don't gather more than this */
#define KEEP_UNTIL ((size_t)64 * 1024 * 1024) /* what is kept for a disk that is full */

struct ledger {
	char *path;
	int fd;
	struct clock *clock;
	nsec_t base;
	struct buf pending; /* whole lines that the kernel does not have yet */
	size_t line_start;  /* of the line under way, in pending */
	bool open;          /* a line is under way */
	bool droppable;     /* … one of very many */
	size_t dropped;
	struct err failure; /* the first one; "" if there is none */
};

static struct ledger *ledger_new(const char *path, int fd, struct clock *clock,
                                 nsec_t base)
{
	struct ledger *l = XNEW(struct ledger);

	*l = (struct ledger){ .path = xstrdup(path),
		              .fd = fd,
		              .clock = clock,
		              .base = base,
		              .pending = BUF_INIT };
	return l;
}

/* Makes the name of a new file survive the machine. */
static bool sync_directory(const char *path, struct err *err)
{
	char *copy = xstrdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Some file systems can't sync a directory, and need not. */
	bool well = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP);

	if (!well)
		err_set(err, "cannot sync the directory of ledger %.300s: %s", path,
		        strerror(errno));
	if (fd >= 0)
		close(fd);
	free(copy);
	return well;
}

struct ledger *ledger_create(const char *path, struct clock *clock, nsec_t base,
                             struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0) {
		err_set(err, "cannot create ledger %.300s: %s", path, strerror(errno));
		if (errno == EEXIST)
			err_hint(err, "a ledger is never overwritten: name another file");
		return NULL;
	}
	if (!sync_directory(path, err)) {
		close(fd);
		unlink(path);
		return NULL;
	}
	return ledger_new(path, fd, clock, base);
}

static bool count_nothing(const struct ledger_line *line, void *arg, struct err *err)
{
	(void)line;
	(void)arg;
	(void)err;
	return true;
}

/* Cuts off what stands behind the last newline; *cut is how much that was. */
static bool cut_torn_line(int fd, const char *path, off_t *cut, struct err *err)
{
	off_t size = lseek(fd, 0, SEEK_END);
	off_t keep = size;
	char c = '\0';

	while (keep > 0 && pread(fd, &c, 1, keep - 1) == 1 && c != '\n')
		keep--;
	*cut = size - keep;
	if (size < 0 || (*cut && ftruncate(fd, keep) != 0))
		return err_set(err, "cannot end the torn last line of ledger %.300s: %s",
		               path, strerror(errno));
	return true;
}

struct ledger *ledger_reopen(const char *path, struct clock *clock, struct err *err)
{
	struct ledger_end end;
	struct ledger *l;
	off_t cut;
	int fd;

	if (!ledger_read(path, count_nothing, NULL, &end, err))
		return NULL;
	fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
	if (fd < 0) {
		err_set(err, "cannot open ledger %.300s: %s", path, strerror(errno));
		return NULL;
	}
	if (!cut_torn_line(fd, path, &cut, err)) {
		close(fd);
		return NULL;
	}
	l = ledger_new(path, fd, clock,
	               clock->monotonic(clock) - end.t_us * NSEC_PER_USEC);
	if (cut)
		ledger_note(l, true,
		            "the ledger ended in a torn line of %lld bytes, which was "
		            "cut off: the "
		            "agent or its machine died while it was written",
		            (long long)cut);
	return l;
}

void ledger_close(struct ledger *l)
{
	struct err err;

	if (!l)
		return;
	if (!ledger_sync(l, &err))
		log_error("%s", err.message);
	close(l->fd);
	buf_free(&l->pending);
	free(l->path);
	free(l);
}

const char *ledger_path(const struct ledger *l)
{
	return l->path;
}

int64_t ledger_us(const struct ledger *l, nsec_t t)
{
	return (t - l->base) / NSEC_PER_USEC;
}

void ledger_begin(struct ledger *l, const char *event)
{
	ledger_begin_at(l, event, l->clock->monotonic(l->clock));
}

void ledger_begin_at(struct ledger *l, const char *event, nsec_t at)
{
	if (l->open)
		bug("ledger: \"%s\" begins within another line", event);
	l->open = true;
	l->droppable = str_eq(event, "attempt") || str_eq(event, "member");
	l->line_start = l->pending.len;
	buf_puts(&l->pending, "{\"event\":");
	buf_json_string(&l->pending, event);
	ledger_int(l, "t_us", ledger_us(l, at));
}

static void key(struct ledger *l, const char *name)
{
	if (!l->open)
		bug("ledger: key \"%s\" outside of a line", name);
	buf_putc(&l->pending, ',');
	buf_json_string(&l->pending, name);
	buf_putc(&l->pending, ':');
}

void ledger_string(struct ledger *l, const char *name, const char *value)
{
	if (!value)
		return;
	key(l, name);
	buf_json_string(&l->pending, value);
}

void ledger_int(struct ledger *l, const char *name, int64_t value)
{
	key(l, name);
	buf_printf(&l->pending, "%lld", (long long)value);
}

void ledger_bool(struct ledger *l, const char *name, bool value)
{
	key(l, name);
	buf_puts(&l->pending, value ? "true" : "false");
}

void ledger_time(struct ledger *l, const char *name, nsec_t t)
{
	ledger_int(l, name, ledger_us(l, t));
}

void ledger_json(struct ledger *l, const char *name, const char *json)
{
	if (!json)
		return;
	key(l, name);
	for (; *json; json++) /* a line is a line: newlines are but spaces in JSON */
		buf_putc(&l->pending, *json == '\n' || *json == '\r' ? ' ' : *json);
}

void ledger_tree(struct ledger *l, const char *name, const cJSON *tree)
{
	char *json = tree ? cJSON_PrintUnformatted(tree) : NULL;

	ledger_json(l, name, json);
	cJSON_free(json);
}

void ledger_end(struct ledger *l)
{
	if (!l->open)
		bug("ledger: a line ends that did not begin");
	l->open = false;
	buf_puts(&l->pending, "}\n");
	if (l->failure.message[0] && l->droppable && l->pending.len > KEEP_UNTIL) {
		l->pending.len = l->line_start;
		l->pending.data[l->pending.len] = '\0';
		l->dropped++;
	} else if (!l->failure.message[0] && l->pending.len >= FLUSH_AT) {
		ledger_flush(l);
	}
}

static void fail(struct ledger *l, const char *what)
{
	struct err *err = &l->failure;

	if (err->message[0])
		return;
	err_set(err, "cannot %s ledger %.300s: %s", what, l->path, strerror(errno));
	if (errno == ENOSPC || errno == EDQUOT)
		err_hint(err, "make room on its disk, or put it elsewhere with --ledger");
}

/* What was not written stays and is tried again: a line is never left half. */
static bool write_pending(struct ledger *l)
{
	size_t done = 0;
	bool well = true;

	while (well && done < l->pending.len) {
		ssize_t n = write(l->fd, l->pending.data + done, l->pending.len - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR) {
			fail(l, "write");
			well = false;
		}
	}
	memmove(l->pending.data, l->pending.data + done, l->pending.len - done);
	l->pending.len -= done;
	if (done)
		l->pending.data[l->pending.len] = '\0';
	return well;
}

void ledger_flush(struct ledger *l)
{
	if (l->open)
		bug("ledger: flushed within a line");
	if (!l->pending.len || !write_pending(l) || !l->dropped)
		return;
	ledger_note(l, true, "%zu lines are missing: the ledger could not be written",
	            l->dropped);
	l->dropped = 0;
	write_pending(l);
}

bool ledger_sync(struct ledger *l, struct err *err)
{
	ledger_flush(l);
	if (l->pending.len) {
		*err = l->failure;
		return false;
	}
	while (fdatasync(l->fd) != 0) {
		if (errno == EINTR)
			continue;
		if (errno == EINVAL || errno == EROFS) /* a pipe or a special file */
			break;
		fail(l, "sync");
		*err = l->failure;
		return false;
	}
	return true;
}

bool ledger_failed(const struct ledger *l, struct err *err)
{
	if (l->failure.message[0])
		*err = l->failure;
	return l->failure.message[0] != '\0';
}

void ledger_note(struct ledger *l, bool inconclusive, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	ledger_begin(l, "note");
	ledger_string(l, "text", text);
	ledger_bool(l, "inconclusive", inconclusive);
	ledger_end(l);
}
