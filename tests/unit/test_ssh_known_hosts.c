/* Which keys a host is known by: the forms of known_hosts that OpenSSH knows. */
#include "transport/ssh_private.h"

#include "tap.h"
#include "transport/place.h"

/* Key blobs as short as they may be: a type, and a word instead of a key. */
struct blob {
	unsigned char data[64];
	size_t len;
};

static struct blob blob(const char *type, const char *word)
{
	struct blob b = { .len = 0 };

	b.data[3] = (unsigned char)strlen(type);
	memcpy(b.data + 4, type, strlen(type));
	memcpy(b.data + 4 + strlen(type), word, strlen(word));
	b.len = 4 + strlen(type) + strlen(word);
	return b;
}

static char *key_of(const char *type, const char *word)
{
	struct blob b = blob(type, word);

	return known_base64(b.data, b.len);
}

static enum known_verdict check(const char *host, int port, const char *type,
                                const char *word, unsigned *line)
{
	struct known_keys known;
	struct err err = { 0 };
	struct blob b = blob(type, word);
	enum known_verdict verdict = KNOWN_UNKNOWN;

	ok(known_keys_load(&known, in_place("known_hosts"), host, port, &err), "reads");
	verdict = known_keys_check(&known, b.data, b.len, line);
	known_keys_free(&known);
	return verdict;
}

static void write_file(void)
{
	char *good = key_of("ssh-ed25519", "good");
	char *other = key_of("ssh-ed25519", "other");
	char *stolen = key_of("ssh-ed25519", "stolen");
	char *ecdsa = key_of("ecdsa-sha2-nistp256", "good");
	char *text = xasprintf("# a comment\n"
	                       "\n"
	                       "db1,10.0.0.11 ssh-ed25519 %s comment\n"
	                       "[db2]:2222 ssh-ed25519 %s\n"
	                       "db2 ssh-ed25519 %s\n"
	                       "*.lab,!bad.lab ssh-ed25519 %s\n"
	                       "db3 ecdsa-sha2-nistp256 %s\n"
	                       "@revoked * ssh-ed25519 %s\n"
	                       "@cert-authority db4 ssh-ed25519 %s\n"
	                       "db5 not-a-key\n"
	                       "\tfd00:88::11 ssh-ed25519 %s\r\n"
	                       "db6 ssh-ed25519 %s\n"
	                       "db6 ssh-ed25519 %s\n",
	                       good, good, other, good, ecdsa, stolen, good, good, other,
	                       good);

	place_write("known_hosts", 0600, text);
	free(text);
	free(good);
	free(other);
	free(ecdsa);
	free(stolen);
}

static void test_lines(void)
{
	static const struct {
		const char *host;
		int port;
		const char *type;
		const char *word;
		enum known_verdict verdict;
		unsigned line;
	} cases[] = {
		{ "db1", 22, "ssh-ed25519", "good", KNOWN_MATCH, 3 },
		{ "DB1", 22, "ssh-ed25519", "good", KNOWN_MATCH, 3 },
		{ "10.0.0.11", 22, "ssh-ed25519", "good", KNOWN_MATCH, 3 },
		{ "10.0.0.1", 22, "ssh-ed25519", "good", KNOWN_UNKNOWN, 0 },
		{ "db1", 22, "ssh-ed25519", "bad", KNOWN_CHANGED, 3 },
		{ "db1", 22, "ecdsa-sha2-nistp256", "good", KNOWN_OTHER_TYPE, 3 },
		{ "db1", 2222, "ssh-ed25519", "good", KNOWN_MATCH, 3 },
		{ "db1", 2222, "ssh-ed25519", "bad", KNOWN_UNKNOWN, 0 },
		{ "db2", 2222, "ssh-ed25519", "good", KNOWN_MATCH, 4 },
		{ "db2", 2222, "ssh-ed25519", "bad", KNOWN_CHANGED, 4 },
		{ "db2", 22, "ssh-ed25519", "good", KNOWN_CHANGED, 5 },
		{ "a.b.lab", 22, "ssh-ed25519", "good", KNOWN_MATCH, 6 },
		{ "bad.lab", 22, "ssh-ed25519", "good", KNOWN_UNKNOWN, 0 },
		{ "lab", 22, "ssh-ed25519", "good", KNOWN_UNKNOWN, 0 },
		{ "db3", 22, "ecdsa-sha2-nistp256", "good", KNOWN_MATCH, 7 },
		{ "db3", 22, "ssh-ed25519", "good", KNOWN_OTHER_TYPE, 7 },
		{ "db1", 22, "ssh-ed25519", "stolen", KNOWN_REVOKED, 8 },
		{ "db4", 22, "ssh-ed25519", "good", KNOWN_UNKNOWN, 0 },
		{ "db5", 22, "ssh-ed25519", "good", KNOWN_UNKNOWN, 0 },
		{ "fd00:88::11", 22, "ssh-ed25519", "good", KNOWN_MATCH, 11 },
		{ "db6", 22, "ssh-ed25519", "good", KNOWN_MATCH, 13 },
		{ "db6", 22, "ssh-ed25519", "bad", KNOWN_CHANGED, 12 },
	};

	write_file();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned line;
		char what[160];

		snprintf(what, sizeof what, "%s port %d, %s %s", cases[i].host,
		         cases[i].port, cases[i].type, cases[i].word);
		is_int(check(cases[i].host, cases[i].port, cases[i].type, cases[i].word,
		             &line),
		       cases[i].verdict, what);
		is_int(line, cases[i].line, "line");
	}
}

/* As `ssh-keygen -H` leaves a file. */
static void test_hashed(void)
{
	char *key = key_of("ssh-ed25519", "good");
	char *text =
		xasprintf("db9 ssh-ed25519 %s\n[db9]:2222 ssh-ed25519 %s\n", key, key);
	unsigned line;

	place_write("known_hosts", 0600, text);
	free(text);
	free(key);
	if (!RUN("ssh-keygen", "-q", "-H", "-f", in_place("known_hosts"))) {
		printf("# hashed names not tested: no ssh-keygen that takes these "
		       "keys\n");
		return;
	}
	is_int(check("db9", 22, "ssh-ed25519", "good", &line), KNOWN_MATCH,
	       "a hashed name");
	is_int(line, 1, "its line");
	is_int(check("db9", 22, "ssh-ed25519", "bad", &line), KNOWN_CHANGED,
	       "a changed key");
	is_int(check("db9", 2222, "ssh-ed25519", "bad", &line), KNOWN_CHANGED,
	       "with a port");
	is_int(line, 2, "its line");
	is_int(check("db8", 22, "ssh-ed25519", "good", &line), KNOWN_UNKNOWN,
	       "another host");
}

static void test_files(void)
{
	struct known_keys known;
	struct err err = { 0 };

	ok(known_keys_load(&known, in_place("none"), "db1", 22, &err), "a missing file");
	is_int((int64_t)known.count, 0, "knows nobody");
	known_keys_free(&known);
	ok(!known_keys_load(&known, in_place("none/none"), "db1", 22, &err) ||
	           !known.count,
	   "nor does one below a missing directory");
	place_write("known_hosts", 0600, "db1 ssh-ed25519");
	ok(known_keys_load(&known, in_place("known_hosts"), "db1", 22, &err),
	   "half a line");
	is_int((int64_t)known.count, 0, "is none");
	known_keys_free(&known);
	write_file();
	ok(known_keys_load(&known, in_place("known_hosts"), "db3", 22, &err), "db3");
	ok(known_keys_have_type(&known, "ecdsa-sha2-nistp256"), "is known by this type");
	ok(!known_keys_have_type(&known, "ssh-ed25519"),
	   "a revoked one is none to ask for");
	known_keys_free(&known);
}

static void test_base64(void)
{
	static const char *const cases[][2] = { { "", "" },
		                                { "f", "Zg==" },
		                                { "fo", "Zm8=" },
		                                { "foo", "Zm9v" },
		                                { "foob\xff", "Zm9vYv8=" } };
	char type[64];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *text = known_base64((const unsigned char *)cases[i][0],
		                          strlen(cases[i][0]));

		is_str(text, cases[i][1], "base64");
		free(text);
	}
	is_str(known_blob_type((const unsigned char *)"\0\0\0\377abc", 7, type), "?",
	       "a length beyond the blob");
	is_str(known_blob_type((const unsigned char *)"", 0, type), "?", "an empty blob");
}

int main(void)
{
	place_make();
	test_lines();
	test_hashed();
	test_files();
	test_base64();
	place_remove();
	return done_testing();
}
