/* Any file that people write: what it is, and whether it is well. */
#include "base/str.h"
#include "scenario/cluster.h"
#include "scenario/gameday_file.h"

#include <stdlib.h>

static const char *const first_keys[] = { "cluster", "experiment", "game_day", NULL };

enum file_kind file_kind_of(const struct json_doc *doc)
{
	const cJSON *first = doc->root ? doc->root->child : NULL;

	for (int i = 0; first && first_keys[i]; i++)
		if (str_eq(first->string, first_keys[i]))
			return (enum file_kind)i;
	return FILE_UNKNOWN;
}

static bool unknown_kind(const struct json_doc *doc, struct err *err)
{
	const cJSON *first = doc->root->child;
	const char *nearest;
	char *shown;

	if (!first) {
		json_fail(doc, NULL, JSON_AT_VALUE, err, "the file holds nothing");
	} else {
		nearest = str_nearest(first->string, first_keys);
		shown = json_quote(first->string);
		json_fail(doc, first, JSON_AT_KEY, err,
		          "what is this file? its first key is %s%s%s%s", shown,
		          nearest ? " (did you mean \"" : "", nearest ? nearest : "",
		          nearest ? "\"?)" : "");
		free(shown);
	}
	return err_hint(
		err,
		"the first key is \"cluster\" in a cluster file, \"experiment\" in a "
		"scenario, \"game_day\" in a game day file");
}

bool file_check(const char *path, enum file_kind *kind, struct err *err)
{
	struct json_doc doc;
	bool well = false;

	*kind = FILE_UNKNOWN;
	if (!json_doc_read(&doc, path, err))
		return false;
	*kind = file_kind_of(&doc);
	switch (*kind) {
	case FILE_CLUSTER: {
		struct cluster *c = cluster_from_doc(&doc, err);

		well = c != NULL;
		cluster_free(c);
		break;
	}
	case FILE_SCENARIO: {
		struct scenario *s = scenario_from_doc(&doc, err);

		well = s != NULL;
		scenario_free(s);
		break;
	}
	case FILE_GAMEDAY: {
		struct gameday_file *g = gameday_from_doc(&doc, err);

		well = g != NULL;
		gameday_free(g);
		break;
	}
	case FILE_UNKNOWN:
		unknown_kind(&doc, err);
		json_doc_free(&doc);
		break;
	}
	return well;
}
