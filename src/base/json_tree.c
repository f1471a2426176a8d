/* Looking into a tree, and saying what stands there. */
#include "base/buf.h"
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#define MAX_SHOWN 60 /* bytes of a string of the file in a message */

const cJSON *json_get(const cJSON *object, const char *key)
{
	return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, key)
	                              : NULL;
}

const char *json_string(const cJSON *object, const char *key)
{
	const cJSON *node = json_get(object, key);

	return cJSON_IsString(node) ? node->valuestring : NULL;
}

double json_number(const cJSON *object, const char *key, double fallback)
{
	const cJSON *node = json_get(object, key);

	return cJSON_IsNumber(node) ? node->valuedouble : fallback;
}

bool json_bool(const cJSON *object, const char *key, bool fallback)
{
	const cJSON *node = json_get(object, key);

	return cJSON_IsBool(node) ? cJSON_IsTrue(node) : fallback;
}

const char *json_kind(const cJSON *node)
{
	static const struct {
		int type;
		const char *name;
	} kinds[] = {
		{ cJSON_False, "false" },      { cJSON_True, "true" },
		{ cJSON_NULL, "null" },        { cJSON_Number, "a number" },
		{ cJSON_String, "a string" },  { cJSON_Array, "an array" },
		{ cJSON_Object, "an object" },
	};

	for (size_t i = 0; node && i < sizeof kinds / sizeof *kinds; i++)
		if ((node->type & 0xff) == kinds[i].type)
			return kinds[i].name;
	return "nothing";
}

/* Puts the steps from the tree's root down to the node into path, deepest last. */
static bool path_to(const cJSON *tree, const cJSON *node, struct buf *path)
{
	size_t index = 0;
	size_t before = path->len;

	if (tree == node)
		return true;
	for (const cJSON *child = tree->child; child; child = child->next, index++) {
		if (cJSON_IsArray(tree))
			buf_printf(path, "[%zu]", index);
		else
			buf_printf(path, "%s%.*s", before ? "." : "", MAX_SHOWN,
			           child->string);
		if (path_to(child, node, path))
			return true;
		path->len = before;
		if (path->cap)
			path->data[before] = '\0';
	}
	return false;
}

char *json_path(const struct json_doc *doc, const cJSON *node)
{
	struct buf path = BUF_INIT;

	if (node && doc->root && !path_to(doc->root, node, &path))
		buf_clear(&path);
	return buf_steal(&path);
}

char *json_quote(const char *s)
{
	struct buf out = BUF_INIT;
	size_t len = strlen(s);
	size_t cut = MAX_SHOWN;
	char *head;

	if (len <= MAX_SHOWN) {
		buf_json_string(&out, s);
		return buf_steal(&out);
	}
	while (cut > MAX_SHOWN - 4 && ((unsigned char)s[cut] & 0xc0) == 0x80)
		cut--;
	head = xasprintf("%.*s…", (int)cut, s);
	buf_json_string(&out, head);
	free(head);
	return buf_steal(&out);
}
