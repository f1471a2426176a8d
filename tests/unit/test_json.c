/* base/json.h: what is wrong with a file, and where. */
#include "base/json.h"

#include "base/buf.h"
#include "base/str.h"
#include "tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Parses; "" if that went well, else the message. Lives until the next call. */
static const char *parse_bytes(const char *text, size_t len)
{
	static struct err err;
	struct json_doc doc;

	if (json_doc_parse(&doc, "f", text, len, &err)) {
		json_doc_free(&doc);
		return "";
	}
	if (doc.root || doc.text || doc.name)
		return "a failed parse left something behind";
	return err.message;
}

static const char *parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static void test_grammar(void)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "{}", "" },
		{ " \t\r\n{ } \n", "" },
		{ "{\"a\": [1, -2.5e+3, 0, true, false, null, \"\\u00e4\\n\", {}, []]}",
		  "" },
		{ "{\"a\": \"\\ud83d\\ude00\", \"b\": 0.5E-1}", "" },
		{ "", "f:1:1: the file is empty" },
		{ " \n ", "f:1:1: the file is empty" },
		{ "[]", "f:1:1: expected an object in { }, found an array" },
		{ "\n 5", "f:2:2: expected an object in { }, found a number" },
		{ "null", "f:1:1: expected an object in { }, found null" },
		{ "{\"a\": 1} x", "f:1:10: expected nothing more after the end" },
		{ "{}{}", "f:1:3: expected nothing more after the end" },
		{ "{\n  \"a\": 1,\n}",
		  "f:3:1: there is one comma too many before this }" },
		{ "{,}", "f:1:2: expected a key in double quotes" },
		{ "{\"a\": [1,]}", "f:1:10: there is one comma too many before this ]" },
		{ "{\"a\": [,1]}", "f:1:8: expected a value" },
		{ "{a: 1}", "f:1:2: expected a key in double quotes" },
		{ "{'a': 1}", "f:1:2: expected a key in double quotes" },
		{ "{\"a\": 'x'}", "f:1:7: strings stand in double quotes" },
		{ "{\"a\" 1}", "f:1:6: expected : after the key" },
		{ "{\"a\": 1 \"b\": 2}", "f:1:9: expected , or } after this value" },
		{ "{\"a\": [1 2]}", "f:1:10: expected , or ] after this value" },
		{ "{\"a\": 1", "f:1:8: the text ends within an object" },
		{ "{", "f:1:2: the text ends within an object" },
		{ "{\"a\": [1", "f:1:9: the text ends within an array" },
		{ "{\"a\":", "f:1:6: the text ends where a value is expected" },
		{ "{\"a\": \"x}", "f:1:7: this string has no end" },
		{ "{\"a\": \"x\n\"}", "f:1:7: this string has no end on its line" },
		{ "{\"a\": \"x\ty\"}", "f:1:9: control character within a string" },
		{ "{\"a\": \"\\x\"}",
		  "f:1:8: this is no escape of JSON (a backslash is \\\\)" },
		{ "{\"a\": \"\\u12g4\"}",
		  "f:1:8: expected four hexadecimal digits after \\u" },
		{ "{\"a\": \"\\u12",
		  "f:1:8: expected four hexadecimal digits after \\u" },
		{ "{\"a\": \"\\u0000\"}",
		  "f:1:8: a string cannot hold the character \\u0000" },
		{ "{\"a\": \"\\ud800\"}",
		  "f:1:8: half of a surrogate pair is no character" },
		{ "{\"a\": \"\\ud800\\u0041\"}",
		  "f:1:8: half of a surrogate pair is no character" },
		{ "{\"a\": [-0, -0.5, \"\\uD83D\\uDE00\"]}", "" },
		{ "{\"a\": \"\\udfff\"}",
		  "f:1:8: half of a surrogate pair is no character" },
		{ "{\"a\": \"\\ud83d\\tde00\"}",
		  "f:1:8: half of a surrogate pair is no character" },
		{ "{\"a\": \"\\udbff\\udfff\\ud800\\udc00\"}", "" },
		{ "{\"a\": \"\\udc00\\udc00\"}",
		  "f:1:8: half of a surrogate pair is no character" },
		{ "{\"a\": \"\\ude00\\ude00\"}",
		  "f:1:8: half of a surrogate pair is no character" },
		{ "{\"a\": 01}", "f:1:7: a number does not begin with 0" },
		{ "{\"a\": -01}", "f:1:7: a number does not begin with 0" },
		{ "{\"a\": 1.}", "f:1:7: this is not a number as JSON writes them" },
		{ "{\"a\": -}", "f:1:7: this is not a number as JSON writes them" },
		{ "{\"a\": 1e}", "f:1:7: this is not a number as JSON writes them" },
		{ "{\"a\": .5}", "f:1:7: expected a value" },
		{ "{\"a\": +5}", "f:1:7: expected a value" },
		{ "{\"a\": NaN}", "f:1:7: expected a value" },
		{ "{\"a\": True}", "f:1:7: expected a value" },
		{ "{\"a\": tru}", "f:1:7: expected a value" },
		{ "{\"a\": // b\n1}", "f:1:7: expected a value (JSON has no comments)" },
		{ "# x\n{}", "f:1:1: expected a value (JSON has no comments)" },
		{ "{\"a\": 0x10}", "f:1:8: expected , or } after this value" },
		{ "\xef\xbb\xbf{}", "f:1:1: the file begins with a byte order mark" },
		{ "\xff\xfe{", "f:1:1: the file begins with a byte order mark" },
		{ "{\"a\": \"\n\xc3(\"}", "f:2:1: this is not UTF-8" },
		{ "{\"a\": \"\xed\xa0\x80\"}", "f:1:8: this is not UTF-8" },
		{ "{\"a\": \"\xc0\xaf\"}", "f:1:8: this is not UTF-8" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		is_str(parse(rows[i].text), rows[i].message,
		       *rows[i].message ? rows[i].message : "well formed");
	is_str(parse_bytes("{\"a\":\n 1\0}", 10), "f:2:3: NUL byte", "NUL within");
	is_str(parse_bytes("{}\0", 3), "f:1:3: NUL byte", "NUL at the end");
}

static void test_duplicates(void)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "{\"a\": 1, \"A\": 2}", "" },
		{ "{\"a\": 1,\n\"a\": 2,\n\"a\": 3,\n\"a\": 4}",
		  "f:2:1: key \"a\" is given twice" },
		{ "{\"a\": {\"x\": 1}, \"b\": {\"x\": 1}}", "" },
		{ "{\"a\": 1,\n \"b\": 2,\n \"a\": 3}",
		  "f:3:2: key \"a\" is given twice" },
		{ "{\"a\": 1, \"b\": 1, \"b\": 2, \"a\": 2}",
		  "f:1:18: key \"b\" is given twice" },
		{ "{\"f\": {\"g\": {\"t\": 1, \"t\": 1}}}",
		  "f:1:22: key \"t\" is given twice in f.g" },
		{ "{\"f\": [{}, {\"t\": 1, \"t\": 1}]}",
		  "f:1:21: key \"t\" is given twice in f[1]" },
		{ "{\"a\": 1, \"\\u0061\": 2}", "f:1:10: key \"a\" is given twice" },
	};
	struct json_doc doc;
	struct err err;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		is_str(parse(rows[i].text), rows[i].message,
		       *rows[i].message ? rows[i].message : "well formed");
	ok(!json_doc_parse(&doc, "f", "{\n\"a\":1,\"a\":2}", 14, &err), "twice");
	is_str(err.hint, "it stands on line 2 too: keep one of them",
	       "the first one's line");
}

/* {"a":[[[…]]]} with so many levels in all. */
static const char *parse_nested(size_t depth, char open, char close)
{
	struct buf b = BUF_INIT;
	const char *message;

	buf_puts(&b, "{\"a\":");
	for (size_t i = 1; i < depth; i++)
		buf_puts(&b, open == '[' ? "[" : i + 1 < depth ? "{\"a\":" : "{");
	for (size_t i = 1; i < depth; i++)
		buf_putc(&b, close);
	buf_putc(&b, '}');
	message = parse_bytes(b.data, b.len);
	buf_free(&b);
	return message;
}

static void test_nesting(void)
{
	is_str(parse_nested(64, '[', ']'), "", "64 levels");
	is_str(parse_nested(65, '[', ']'), "f:1:69: nested more than 64 levels deep",
	       "65 levels");
	is_str(parse_nested(64, '{', '}'), "", "64 objects");
	is_str(parse_nested(10000, '[', ']'), "f:1:69: nested more than 64 levels deep",
	       "10,000 levels");
	ok(strstr(parse_nested(10000, '{', '}'), "nested more than 64 levels deep"),
	   "10,000 objects");
}

static void test_positions(void)
{
	static const char text[] = "{\n"
				   "  \"first\": 1,\n"
				   "  \"list\" : [ 5, { \"x\": \"a\\\"b\" } ],\n"
				   "  \"last\":\n"
				   "    true }";
	struct json_doc doc;
	struct err err;
	const cJSON *list;
	const cJSON *x;
	char *path;

	if (!ok(json_doc_parse(&doc, "f", text, strlen(text), &err), "parses"))
		return;
	list = json_get(doc.root, "list");
	x = json_get(list->child->next, "x");
	ok(!json_fail(&doc, x, JSON_AT_KEY, &err, "m %d", 7), "returns false");
	is_str(err.message, "f:3:19: m 7", "position of a key");
	(void)json_fail(&doc, x, JSON_AT_VALUE, &err, "m");
	is_str(err.message, "f:3:24: m", "position of a value");
	(void)json_fail(&doc, list->child, JSON_AT_KEY, &err, "m");
	is_str(err.message, "f:3:14: m", "an item has no key");
	(void)json_fail(&doc, json_get(doc.root, "last"), JSON_AT_VALUE, &err, "m");
	is_str(err.message, "f:5:5: m", "after its key's line");
	is_int((int64_t)json_line(&doc, json_get(doc.root, "last")), 4,
	       "line of its key");
	(void)json_fail(&doc, NULL, JSON_AT_VALUE, &err, "m");
	is_str(err.message, "f:1:1: m", "NULL is the beginning");
	path = json_path(&doc, x);
	is_str(path, "list[1].x", "path");
	free(path);
	path = json_path(&doc, doc.root);
	is_str(path, "", "path of the root");
	free(path);
	json_doc_free(&doc);
	ok(!doc.root && !doc.text && !doc.name, "nothing is left");
	json_doc_free(&doc);
}

static void test_looking(void)
{
	static const char text[] =
		"{\"s\":\"x\",\"n\":1.5,\"b\":true,\"S\":0,\"a\":[],\"z\":null}";
	struct json_doc doc;
	struct err err;
	char *quoted;

	if (!ok(json_doc_parse(&doc, "f", text, strlen(text), &err), "parses"))
		return;
	is_str(json_string(doc.root, "s"), "x", "a string");
	is_str(json_string(doc.root, "n"), NULL, "a number is no string");
	ok(json_number(doc.root, "n", 0) == 1.5, "a number");
	ok(json_number(doc.root, "s", 7) == 7, "fallback");
	ok(json_number(doc.root, "S", 7) == 0, "case counts");
	ok(json_bool(doc.root, "b", false), "true");
	ok(json_bool(doc.root, "n", true), "fallback");
	ok(!json_get(doc.root, "N"), "no other case");
	ok(!json_get(json_get(doc.root, "a"), "x"), "an array has no members");
	ok(!json_get(NULL, "x"), "nor has nothing");
	is_str(json_kind(json_get(doc.root, "s")), "a string", "kind");
	is_str(json_kind(json_get(doc.root, "b")), "true", "kind");
	is_str(json_kind(json_get(doc.root, "z")), "null", "kind");
	is_str(json_kind(NULL), "nothing", "kind");
	json_doc_free(&doc);
	quoted = json_quote("a\"\x1b[31m");
	is_str(quoted, "\"a\\\"\\u001b[31m\"", "no escape sequence reaches a terminal");
	free(quoted);
	quoted = json_quote("äääääääääääääääääääääääääääääää");
	is_str(quoted, "\"ääääääääääääääääääääääääääääää…\"", "cut between characters");
	free(quoted);
}

static const char *read_file(const char *path)
{
	static struct err err;
	struct json_doc doc;

	if (!json_doc_read(&doc, path, &err))
		return err.message;
	json_doc_free(&doc);
	return "";
}

static void test_files(void)
{
	char dir[] = "/tmp/test_json.XXXXXX";
	char *path;
	int fd;

	if (!ok(mkdtemp(dir) && chdir(dir) == 0, "a directory"))
		return;
	is_str(read_file("none.json"),
	       "none.json: cannot be read: No such file or directory", "missing");
	is_str(read_file("."), ".: is a directory, not a file", "directory");
	path = xasprintf("%s/fifo", dir);
	ok(mkfifo(path, 0600) == 0, "a pipe");
	is_str(read_file("fifo"), "fifo: is not a regular file", "pipe, at once");
	unlink(path);
	free(path);

	fd = open("big.json", O_RDWR | O_CREAT, 0600);
	ok(ftruncate(fd, 100 * 1024 * 1024) == 0, "100 MB");
	is_str(read_file("big.json"), "big.json: is larger than 4 MiB", "refused");
	ok(ftruncate(fd, (off_t)JSON_MAX_BYTES + 1) == 0, "one byte too many");
	is_str(read_file("big.json"), "big.json: is larger than 4 MiB", "refused");
	ok(ftruncate(fd, (off_t)JSON_MAX_BYTES) == 0, "just 4 MiB");
	is_str(read_file("big.json"), "big.json:1:1: NUL byte", "read");
	ok(ftruncate(fd, 0) == 0, "empty");
	is_str(read_file("big.json"), "big.json:1:1: the file is empty", "told");
	ok(pwrite(fd, "{\"a\": 1}\n", 9, 0) == 9, "written");
	is_str(read_file("big.json"), "", "well formed");
	if (geteuid() != 0) {
		ok(fchmod(fd, 0) == 0, "without rights");
		is_str(read_file("big.json"),
		       "big.json: cannot be read: Permission denied", "told");
	}
	ok(dup2(fd, STDIN_FILENO) == 0 && lseek(0, 0, SEEK_SET) == 0, "standard input");
	is_str(read_file("-"), "", "read by the name -");
	close(fd);
	unlink("big.json");
	rmdir(dir);
}

/* Text that did not come from a file has the same limit. */
static void test_size(void)
{
	char *text = xcalloc(JSON_MAX_BYTES + 1, 1);

	memset(text, ' ', JSON_MAX_BYTES + 1);
	is_str(parse_bytes(text, JSON_MAX_BYTES), "f:1:1: the file is empty",
	       "just 4 MiB");
	is_str(parse_bytes(text, JSON_MAX_BYTES + 1), "f: is larger than 4 MiB",
	       "too large");
	free(text);
}

/* A flat object of many keys takes time that grows with it, not with its square. */
static void test_many_keys(void)
{
	struct buf b = BUF_INIT;
	const char *message;

	buf_putc(&b, '{');
	for (int i = 0; i < 100000; i++)
		buf_printf(&b, "\"k%d\":0,", i);
	buf_puts(&b, "\"k77\":1}");
	message = parse_bytes(b.data, b.len);
	ok(strstr(message, "key \"k77\" is given twice"), "found among 100,000");
	buf_free(&b);
}

int main(void)
{
	test_grammar();
	test_duplicates();
	test_nesting();
	test_positions();
	test_looking();
	test_files();
	test_size();
	test_many_keys();
	return done_testing();
}
