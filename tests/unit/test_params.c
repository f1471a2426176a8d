/* base/params.h: one table parses, validates, explains and documents. */
#include "base/params.h"

#include "base/str.h"
#include "tap.h"

#include <stdlib.h>

struct inner {
	double hold_seconds;
	int64_t count;
};
struct sample {
	bool flag;
	int64_t n;
	double x;
	char *name;
	char *mode;
	struct strings list;
	struct inner inner;
};

static const char *const modes[] = { "graceful", "forced", NULL };
static const struct param inner_params[] = {
	PARAM_NUMBER(struct inner, hold_seconds, OPTIONAL, "10", 0.5, 3600, "how long"),
	PARAM_INTEGER(struct inner, count, OPTIONAL, "-1", 0, 9, "how many"),
	PARAM_END,
};
static const struct param sample_params[] = {
	PARAM_STRING(struct sample, name, REQUIRED, NULL, "what it is called"),
	PARAM_BOOL(struct sample, flag, OPTIONAL, "true", "on | off"),
	PARAM_INTEGER(struct sample, n, OPTIONAL, "7", 7, 1e18, "a count"),
	PARAM_NUMBER(struct sample, x, OPTIONAL, "0.5", -1, 0.5, "a share"),
	PARAM_CHOICE(struct sample, mode, OPTIONAL, "\"graceful\"", modes, "how"),
	PARAM_STRINGS(struct sample, list, OPTIONAL, "some words"),
	PARAM_OBJECT(struct sample, inner, OPTIONAL, inner_params, "more"),
	PARAM_CUSTOM("free", OPTIONAL, "anything"),
	PARAM_MAP("map", OPTIONAL, inner_params, "by name"),
	PARAM_LIST("rows", OPTIONAL, inner_params, "in order"),
	PARAM_END,
};

static struct err err;

/* Parses and frees; "" if that went well. */
static const char *parse(const char *text)
{
	struct sample s = { 0 };
	struct json_doc doc;

	err = (struct err){ 0 };
	if (!json_doc_parse(&doc, "f", text, strlen(text), &err))
		return err.message;
	if (params_parse(sample_params, &doc, doc.root, &s, &err)) {
		params_free(sample_params, &s);
		err.message[0] = '\0';
	}
	json_doc_free(&doc);
	if (s.name || s.mode || s.list.items)
		return "something is left";
	return err.message;
}

static void test_values(void)
{
	static const char text[] =
		"{\"name\":\"a\",\"flag\":false,\"n\":8,\"x\":-1,\"mode\":\"forced\","
		"\"list\":[\"p\",\"q\"],\"inner\":{\"hold_seconds\":0.5},\"free\":[1]}";
	struct sample s = { 0 };
	struct json_doc doc;
	cJSON *json;
	char *printed;

	if (!ok(json_doc_parse(&doc, "f", text, strlen(text), &err), "parses") ||
	    !ok(params_parse(sample_params, &doc, doc.root, &s, &err), "fills"))
		return;
	is_str(s.name, "a", "string");
	ok(!s.flag, "bool");
	is_int(s.n, 8, "integer");
	ok(s.x == -1, "number");
	is_str(s.mode, "forced", "choice");
	is_int((int64_t)s.list.count, 2, "strings");
	ok(strings_contain(&s.list, "q") && !strings_contain(&s.list, "r"), "by word");
	ok(s.inner.hold_seconds == 0.5, "number within");
	is_int(s.inner.count, -1, "a default outside of the range");

	json = params_to_json(sample_params, &s, doc.root);
	printed = cJSON_PrintUnformatted(json);
	is_str(printed,
	       "{\"name\":\"a\",\"flag\":false,\"n\":8,\"x\":-1,\"mode\":\"forced\","
	       "\"list\":[\"p\",\"q\"],\"inner\":{\"hold_seconds\":0.5},\"free\":[1]}",
	       "and back, without what was not given");
	cJSON_free(printed);
	cJSON_Delete(json);
	params_free(sample_params, &s);
	json_doc_free(&doc);
}

static void test_defaults(void)
{
	struct sample s = { 0 };
	struct inner inner = { 0 };
	struct json_doc doc;

	if (!ok(json_doc_parse(&doc, "f", "{\"name\":\"a\"}", 12, &err), "parses") ||
	    !ok(params_parse(sample_params, &doc, doc.root, &s, &err), "fills"))
		return;
	ok(s.flag && s.n == 7 && s.x == 0.5, "defaults");
	is_str(s.mode, "graceful", "default choice");
	ok(s.inner.hold_seconds == 10 && s.inner.count == -1,
	   "defaults of an absent object");
	is_int((int64_t)s.list.count, 0, "no words");
	params_free(sample_params, &s);
	ok(params_parse(inner_params, &doc, NULL, &inner, &err),
	   "no object is an empty one");
	ok(inner.hold_seconds == 10, "with its defaults");
	s = (struct sample){ 0 };
	ok(!params_parse(sample_params, &doc, NULL, &s, &err),
	   "but not without what it needs");
	is_str(err.message, "f:1:1: key \"name\" is missing", "told");
	json_doc_free(&doc);
}

static void test_errors(void)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "{\"name\":\"a\",\n \"mod\":1}",
		  "f:2:2: unknown key \"mod\" (did you mean \"mode\"?)" },
		{ "{\"name\":\"a\",\"zzzzzzzz\":1}", "f:1:13: unknown key \"zzzzzzzz\"" },
		{ "{\"name\":\"a\",\"Flag\":true}",
		  "f:1:13: unknown key \"Flag\" (did you mean \"flag\"?)" },
		{ "{\"name\":\"a\",\"inner\":{\"hold_second\":1}}",
		  "f:1:22: unknown key \"hold_second\" in inner (did you mean "
		  "\"hold_seconds\"?)" },
		{ " {\"flag\":true}", "f:1:2: key \"name\" is missing" },
		{ "{\"name\":5}", "f:1:9: name: expected a string, found a number" },
		{ "{\"name\":\"\"}", "f:1:9: name: expected a string that is not empty" },
		{ "{\"name\":null}", "f:1:9: name: expected a string, found null" },
		{ "{\"name\":\"a\",\"flag\":1}",
		  "f:1:20: flag: expected true or false, found a number" },
		{ "{\"name\":\"a\",\"flag\":\"true\"}",
		  "f:1:20: flag: expected true or false, found a string" },
		{ "{\"name\":\"a\",\"n\":\"5\"}",
		  "f:1:17: n: expected a whole number, found a string" },
		{ "{\"name\":\"a\",\"n\":1.5}",
		  "f:1:17: n: expected a whole number, found 1.5" },
		{ "{\"name\":\"a\",\"n\":0}",
		  "f:1:17: n: expected a whole number from 7 to 1e+18, found 0" },
		{ "{\"name\":\"a\",\"n\":9007199254740993}",
		  "f:1:17: n: a number of this size is not exact in JSON" },
		{ "{\"name\":\"a\",\"n\":9007199254740991}", "" },
		{ "{\"name\":\"a\",\"n\":1e999}",
		  "f:1:17: n: expected a whole number from 7 to 1e+18, found inf" },
		{ "{\"name\":\"a\",\"x\":1.0001}",
		  "f:1:17: x: expected a number from -1 to 0.5, found 1.0001" },
		{ "{\"name\":\"a\",\"x\":-1.5}",
		  "f:1:17: x: expected a number from -1 to 0.5, found -1.5" },
		{ "{\"name\":\"a\",\"x\":true}",
		  "f:1:17: x: expected a number, found true" },
		{ "{\"name\":\"a\",\"x\":[]}",
		  "f:1:17: x: expected a number, found an array" },
		{ "{\"name\":\"a\",\"mode\":\"gracefull\"}",
		  "f:1:20: mode: expected one of graceful, forced, found \"gracefull\" "
		  "(did you "
		  "mean \"graceful\"?)" },
		{ "{\"name\":\"a\",\"mode\":{}}",
		  "f:1:20: mode: expected a string, found an object" },
		{ "{\"name\":\"a\",\"list\":{}}",
		  "f:1:20: list: expected an array of strings, found an object" },
		{ "{\"name\":\"a\",\"list\":\"p\"}", "" },
		{ "{\"name\":\"a\",\"list\":\"\"}",
		  "f:1:20: list: expected a string that is not empty" },
		{ "{\"name\":\"a\",\"map\":[]}",
		  "f:1:19: map: expected an object in { }, found an array" },
		{ "{\"name\":\"a\",\"rows\":{}}",
		  "f:1:20: rows: expected an array of objects, found an object" },
		{ "{\"name\":\"a\",\"rows\":[7],\"map\":{\"x\":7}}", "" },
		{ "{\"name\":\"a\",\"list\":[\"p\",5]}",
		  "f:1:25: list[1]: expected a string, found a number" },
		{ "{\"name\":\"a\",\"list\":[\"p\",\"\"]}",
		  "f:1:25: list[1]: expected a string that is not empty" },
		{ "{\"name\":\"a\",\"list\":[\"p\",\"p\"]}",
		  "f:1:25: list[1]: stands twice in the list" },
		{ "{\"name\":\"a\",\"inner\":5}",
		  "f:1:21: inner: expected an object in { }, found a number" },
		{ "{\"name\":\"a\",\"inner\":{\"hold_seconds\":0}}",
		  "f:1:37: inner.hold_seconds: expected a number from 0.5 to 3600, found "
		  "0" },
		{ "{\"name\":\"a\",\"inner\":{\"count\":-1}}",
		  "f:1:30: inner.count: expected a whole number from 0 to 9, found -1" },
		{ "{\"name\":\"a\",\"x\":0.5,\"n\":7}", "" },
		{ "{\"name\":\"a\",\"free\":{\"any\":\"thing\"}}", "" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		is_str(parse(rows[i].text), rows[i].message,
		       *rows[i].message ? rows[i].message : "well");
	(void)parse("{\"name\":\"a\",\"inner\":{\"hold\":1}}");
	is_str(err.hint, "known keys: hold_seconds, count", "the hint lists all keys");
	(void)parse("{}");
	is_str(err.hint, "name: what it is called", "the hint says what is missing");
}

static void test_documents(void)
{
	struct buf b = BUF_INIT;
	cJSON *schema;

	params_markdown(sample_params, &b);
	is_str(b.data,
	       "| key | type | default | meaning |\n"
	       "| --- | --- | --- | --- |\n"
	       "| `name` | string | required | what it is called |\n"
	       "| `flag` | `true` or `false` | `true` | on \\| off |\n"
	       "| `n` | whole number, 7 to 1e+18 | `7` | a count |\n"
	       "| `x` | number, -1 to 0.5 | `0.5` | a share |\n"
	       "| `mode` | `\"graceful\"` or `\"forced\"` | `\"graceful\"` | how |\n"
	       "| `list` | string or array of strings |  | some words |\n"
	       "| `inner` | object |  | more |\n"
	       "| `inner.hold_seconds` | number, 0.5 to 3600 | `10` | how long |\n"
	       "| `inner.count` | whole number, 0 to 9 |  | how many |\n"
	       "| `free` | see text |  | anything |\n"
	       "| `map` | object |  | by name |\n"
	       "| `map.NAME.hold_seconds` | number, 0.5 to 3600 | `10` | how long |\n"
	       "| `map.NAME.count` | whole number, 0 to 9 |  | how many |\n"
	       "| `rows` | array of objects |  | in order |\n"
	       "| `rows[].hold_seconds` | number, 0.5 to 3600 | `10` | how long |\n"
	       "| `rows[].count` | whole number, 0 to 9 |  | how many |\n",
	       "Markdown");
	buf_clear(&b);
	params_schema(inner_params, &b);
	is_str(b.data,
	       "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
	       "\"hold_seconds\":{\"description\":\"how long\",\"type\":\"number\","
	       "\"minimum\":0.5,\"maximum\":3600,\"default\":10},"
	       "\"count\":{\"description\":\"how many\",\"type\":\"integer\","
	       "\"minimum\":0,\"maximum\":9}}}",
	       "JSON Schema");
	buf_clear(&b);
	params_schema(sample_params, &b);
	schema = cJSON_Parse(b.data);
	is_str(json_string(json_get(schema, "required")->child, "x"), NULL, "an array");
	is_str(json_get(schema, "required")->child->valuestring, "name",
	       "what is required");
	is_int(cJSON_GetArraySize(json_get(schema, "properties")), 10, "all keys");
	is_str(json_string(json_get(json_get(schema, "properties"), "mode"), "default"),
	       "graceful", "a default");
	cJSON_Delete(schema);
	buf_free(&b);
}

int main(void)
{
	test_values();
	test_defaults();
	test_errors();
	test_documents();
	return done_testing();
}
