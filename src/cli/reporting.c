#include "cli/reporting.h"

#include "base/str.h"
#include "cli/output.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *const *report_format_names(void)
{
	static const char *names[16];

	for (size_t i = 0; i < 15 && report_formats[i]; i++)
		names[i] = report_formats[i]->name;
	return names;
}

bool report_ledgers(const struct strings *ledgers, const struct report_format *format,
                    struct buf *out)
{
	struct verdict **verdicts = xcalloc(ledgers->count, sizeof *verdicts);
	struct err err = { 0 };
	bool read_all = true;

	for (size_t i = 0; i < ledgers->count; i++) {
		verdicts[i] = verdict_of_file(ledgers->items[i], &err);
		if (!verdicts[i])
			say_file_err(&err);
		read_all &= verdicts[i] != NULL;
	}
	if (read_all)
		format->write((const struct verdict *const *)verdicts, ledgers->count,
		              out);
	for (size_t i = 0; i < ledgers->count; i++)
		verdict_free(verdicts[i]);
	free(verdicts);
	return read_all;
}

static int is_ledger(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 6 &&
	       strcmp(entry->d_name + len - 6, ".jsonl") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name,
	              (*b)->d_name); /* not by locale: the same everywhere */
}

static bool add_directory(struct strings *ledgers, const char *path, struct err *err)
{
	size_t len = strlen(path);
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, is_ledger, by_name);

	while (len > 1 && path[len - 1] == '/')
		len--;
	for (int i = 0; i < count; i++) {
		char *file = xasprintf("%.*s/%s", (int)len, path, entries[i]->d_name);

		strings_add(ledgers, file);
		free(file);
		free(entries[i]);
	}
	free(entries);
	if (count > 0)
		return true;
	err_set(err, "%s: %s", path,
	        count < 0 ? strerror(errno) : "no ledger (*.jsonl) is in it");
	return false;
}

bool ledgers_add(struct strings *ledgers, const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return add_directory(ledgers, path, err);
	strings_add(ledgers, path);
	return true;
}

/* What a reader wants first: figures of a pass, else the first reason that weighs most. */
static void put_gist(const struct verdict *v, struct buf *out)
{
	if (v->judgement == JUDGED_PASS && v->rto_known && v->loss.known) {
		buf_puts(out, "RTO ");
		report_figure(v->rto, out);
		buf_printf(out, ", lost %zu of %zu acknowledged rows", v->loss.lost,
		           v->loss.acked);
		return;
	}
	for (size_t i = 0; i < v->reason_count; i++) {
		if (v->reasons[i].judgement != v->judgement)
			continue;
		buf_puts(out, v->reasons[i].text);
		return;
	}
	buf_puts(out, "no reason is given");
}

char *verdict_line(const char *ledger)
{
	struct err err = { 0 };
	struct verdict *v = verdict_of_file(ledger, &err);
	struct buf gist = BUF_INIT;
	char *line;

	if (!v)
		return xstrdup(err.message);
	put_gist(v, &gist);
	line = xasprintf("%s: %s: %s%s: %s (seed %s, ledger %s)", v->cluster,
	                 v->experiment, judgement_name(v->judgement),
	                 v->aborted ? ", aborted" : "", gist.data,
	                 v->seed ? v->seed : "none", ledger);
	buf_free(&gist);
	verdict_free(v);
	return line;
}
