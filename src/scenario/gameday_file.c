#include "scenario/gameday_file.h"

#include "base/str.h"
#include "scenario/names.h"

#include <ctype.h>
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MINUTES_OF_DAY (24 * 60)

/* ---- Words of time --------------------------------------------------------------- */

/* "HH:MM" up to 24:00; -1 for everything else. */
static int parse_minute(const char *s)
{
	int minute;

	if (strlen(s) != 5 || !isdigit((unsigned char)s[0]) ||
	    !isdigit((unsigned char)s[1]) || s[2] != ':' ||
	    !isdigit((unsigned char)s[3]) || !isdigit((unsigned char)s[4]))
		return -1;
	minute = ((s[0] - '0') * 10 + s[1] - '0') * 60 + (s[3] - '0') * 10 + s[4] - '0';
	return s[3] > '5' || minute > MINUTES_OF_DAY ? -1 : minute;
}

static bool read_minute(const struct gameday_file *f, const cJSON *node, const char *text,
                        int *minute, struct err *err)
{
	*minute = parse_minute(text);
	return *minute >= 0 || params_fail(&f->doc, node, err,
	                                   "expected a time of day from 00:00 to 24:00");
}

static int day_of(const char *word)
{
	static const char *const words[] = { "sun", "mon", "tue", "wed",
		                             "thu", "fri", "sat" };

	for (int i = 0; i < 7; i++)
		if (str_eq(words[i], word))
			return i;
	return -1;
}

static bool read_days(struct gameday_file *f, const cJSON *node, struct err *err)
{
	struct window *w = &f->window;

	for (size_t i = 0; i < w->day_words.count; i++) {
		int day = day_of(w->day_words.items[i]);

		if (day < 0) {
			const cJSON *item = cJSON_IsArray(node)
			                            ? cJSON_GetArrayItem(node, (int)i)
			                            : node;

			return params_fail(
				&f->doc, item, err,
				"expected one of sun, mon, tue, wed, thu, fri, sat");
		}
		w->days[day] = true;
	}
	for (int i = 0; i < 7 && !w->day_words.count; i++)
		w->days[i] = true;
	return true;
}

static bool check_zone(const struct gameday_file *f, const cJSON *node, struct err *err)
{
	const char *nearest = NULL;
	const char *wrong = node ? wrong_time_zone(node->valuestring, &nearest) : NULL;

	if (!wrong)
		return true;
	return params_fail(&f->doc, node, err, "%s%s%s%s", wrong,
	                   nearest ? " (did you mean \"" : "", nearest ? nearest : "",
	                   nearest ? "\"?)" : "");
}

static bool read_window(struct gameday_file *f, struct err *err)
{
	const cJSON *node = json_get(f->doc.root, "window");
	struct window *w = &f->window;

	w->given = node != NULL;
	if (!read_days(f, json_get(node, "days"), err) ||
	    !read_minute(f, json_get(node, "from"), w->from, &w->from_minute, err) ||
	    !read_minute(f, json_get(node, "to"), w->to, &w->to_minute, err) ||
	    !check_zone(f, json_get(node, "time_zone"), err))
		return false;
	if (w->from_minute == MINUTES_OF_DAY)
		return params_fail(&f->doc, json_get(node, "from"), err,
		                   "a window does not begin at the end of its day");
	return w->from_minute != w->to_minute ||
	       params_fail(&f->doc, json_get(node, "to"), err,
	                   "the window ends when it begins (leave both out for the whole "
	                   "day)");
}

/* ---- Scenarios ------------------------------------------------------------------- */

static char *path_beside(const struct gameday_file *f, const char *file)
{
	char *copy = xstrdup(f->doc.name);
	char *expanded = str_expand_home(file);
	char *path = *expanded == '/' ? xstrdup(expanded)
	                              : xasprintf("%s/%s", dirname(copy), expanded);

	free(expanded);
	free(copy);
	return path;
}

static bool read_entry(struct gameday_file *f, const cJSON *node, struct err *err)
{
	struct gameday_entry *e;
	struct gameday_entry entry = { 0 };

	if (!params_parse(gameday_entry_params, &f->doc, node, &entry, err))
		return false;
	entry.path = path_beside(f, entry.file);
	ARRAY_PUSH(f->entries, f->entry_count, f->entry_cap) = entry;
	for (e = f->entries; e < f->entries + f->entry_count - 1; e++)
		if (str_eq(e->path, entry.path))
			return params_fail(&f->doc, json_get(node, "file"), err,
			                   "stands twice in the list (give it a weight)");
	if (access(entry.path, R_OK) != 0)
		return params_fail(&f->doc, json_get(node, "file"), err, "%s: %s",
		                   entry.path, strerror(errno));
	e->scenario = scenario_read(e->path, err);
	return e->scenario != NULL;
}

static bool read_entries(struct gameday_file *f, struct err *err)
{
	const cJSON *list = json_get(f->doc.root, "scenarios");
	const cJSON *node;

	cJSON_ArrayForEach (node, list)
		if (!read_entry(f, node, err))
			return false;
	return f->entry_count > 0 ||
	       params_fail(&f->doc, list, err, "there is no scenario");
}

/* ---- The rest -------------------------------------------------------------------- */

bool seed_is_well_formed(const char *text, uint64_t *seed)
{
	char *end;

	if (!*text || strspn(text, "0123456789") != strlen(text))
		return false;
	errno = 0;
	*seed = strtoull(text, &end, 10);
	return errno == 0;
}

static bool check_bounds(struct gameday_file *f, struct err *err)
{
	const cJSON *root = f->doc.root;
	const cJSON *pause = json_get(root, "pause");
	uint64_t seed;

	f->until_minute = -1;
	if (!f->play && !f->until) {
		json_fail(&f->doc, root, JSON_AT_VALUE, err, "the game day has no end");
		return err_hint(err, "give \"play\" (how many) or \"until\" (HH:MM)");
	}
	if (f->until &&
	    !read_minute(f, json_get(root, "until"), f->until, &f->until_minute, err))
		return false;
	if (f->until_minute == MINUTES_OF_DAY)
		f->until_minute = 0;
	if (f->pause.min_seconds > f->pause.max_seconds)
		return params_fail(&f->doc, pause, err,
		                   "min_seconds (%g) is more than max_seconds (%g)",
		                   f->pause.min_seconds, f->pause.max_seconds);
	return !f->seed || seed_is_well_formed(f->seed, &seed) ||
	       params_fail(&f->doc, json_get(root, "seed"), err,
	                   "expected decimal digits, at most 18446744073709551615");
}

struct gameday_file *gameday_from_doc(struct json_doc *doc, struct err *err)
{
	struct gameday_file *f = XNEW(struct gameday_file);
	struct json_doc own = *doc;

	*doc = (struct json_doc){ 0 };
	f->doc = own;
	if (!params_parse(gameday_params, &own, own.root, f, err))
		*f = (struct gameday_file){ .doc = own };
	else if (check_bounds(f, err) && read_window(f, err) && read_entries(f, err))
		return f;
	gameday_free(f);
	return NULL;
}

struct gameday_file *gameday_read(const char *path, struct err *err)
{
	struct json_doc doc;

	return json_doc_read(&doc, path, err) ? gameday_from_doc(&doc, err) : NULL;
}

void gameday_free(struct gameday_file *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->entry_count; i++) {
		scenario_free(f->entries[i].scenario);
		free(f->entries[i].path);
		params_free(gameday_entry_params, &f->entries[i]);
	}
	free(f->entries);
	params_free(gameday_params, f);
	json_doc_free(&f->doc);
	free(f);
}
