/* Lists of strings, freeing, and checks that callers make beyond their tables. */
#include "base/params.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool strings_contain(const struct strings *list, const char *word)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i], word))
			return true;
	return false;
}

void strings_add(struct strings *list, const char *word)
{
	ARRAY_PUSH(list->items, list->count, list->cap) = xstrdup(word);
}

void strings_free(struct strings *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct strings){ 0 };
}

bool params_fail(const struct json_doc *doc, const cJSON *node, struct err *err,
                 const char *fmt, ...)
{
	char reason[sizeof err->message];
	char *path = json_path(doc, node);
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof reason, fmt, args);
	va_end(args);
	json_fail(doc, node, JSON_AT_VALUE, err, "%.200s%s%s", path, *path ? ": " : "",
	          reason);
	free(path);
	return false;
}

bool params_expect_string(const struct json_doc *doc, const cJSON *node, struct err *err)
{
	if (!cJSON_IsString(node))
		return doc && params_fail(doc, node, err, "expected a string, found %s",
		                          json_kind(node));
	return *node->valuestring || !doc ||
	       params_fail(doc, node, err, "expected a string that is not empty");
}

bool params_expect_object(const struct json_doc *doc, const cJSON *node, struct err *err)
{
	return cJSON_IsObject(node) ||
	       (doc && params_fail(doc, node, err, "expected an object in { }, found %s",
	                           json_kind(node)));
}

void params_free(const struct param *table, void *out)
{
	for (const struct param *p = table; p->type; p++) {
		void *at = (char *)out + p->offset;

		switch (p->type) {
		case PARAM_TYPE_STRING:
		case PARAM_TYPE_CHOICE:
			free(*(char **)at);
			*(char **)at = NULL;
			break;
		case PARAM_TYPE_STRINGS:
			strings_free(at);
			break;
		case PARAM_TYPE_OBJECT:
			params_free(p->fields, at);
			break;
		default:
			break;
		}
	}
}
