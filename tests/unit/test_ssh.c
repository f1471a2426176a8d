/* SSH against a real sshd of the current user on loopback. */
#include "transport/ssh.h"

#include "tap.h"
#include "transport/sshd.h"

/*
 * libssh2 1.10 forgets two numbers of an ECDSA key at each login (BN_new in its
 * ecdsa-sha2 code); the sanitizer needs the slow stacks to see that it is libssh2.
 */
const char *__lsan_default_suppressions(void);
const char *__asan_default_options(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libssh2_userauth_publickey_frommemory\n";
}

const char *__asan_default_options(void)
{
	return "fast_unwind_on_malloc=0";
}

static struct loop *loop;
static struct sshd sshd;

static const char *const both_keys[] = { "host_ed25519", "host_ecdsa", NULL };

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static nsec_t in_seconds(double s)
{
	return loop_now(loop) + seconds_to_nsec(s);
}

/* known_hosts from the public parts of host keys, under the name with the port. */
static void know(const char *key)
{
	char text[2048];
	char public[1024] = "";
	char name[64];
	FILE *file;

	snprintf(name, sizeof name, "%s.pub", key);
	file = fopen(in_place(name), "re");
	if (!file || !fgets(public, sizeof public, file))
		perror(name);
	if (file)
		fclose(file);
	snprintf(text, sizeof text, "[127.0.0.1]:%d %s", sshd.port, public);
	place_write("known_hosts", 0600, text);
}

static struct remote *remote_with(const char *identity)
{
	struct ssh_options options = { .user = this_user(),
		                       .address = "127.0.0.1",
		                       .port = sshd.port,
		                       .known_hosts_file = in_place("known_hosts") };

	options.identity_file = identity ? in_place(identity) : NULL;
	return remote_ssh(loop, "db1", &options);
}

/* ---- Commands --------------------------------------------------------------------- */

static void test_commands(struct remote *r)
{
	struct remote_result result;
	struct err err = { 0 };

	remote_run(r, WORDS("sh", "-c", "echo out; echo err >&2; exit 3"), in_seconds(10),
	           &result, &err);
	is_int(result.end, REMOTE_EXITED, "exited");
	is_int(result.status, 3, "exit status");
	is_str(result.out.data, "out\n", "standard output");
	is_str(result.errors.data, "err\n", "standard error");
	remote_result_free(&result);

	remote_run(r, WORDS("sh", "-c", "kill -9 $$"), in_seconds(10), &result, &err);
	is_int(result.end, REMOTE_EXITED, "ended by a signal");
	is_int(result.status, 128 + 9, "which one");
	remote_result_free(&result);

	remote_run(r,
	           WORDS("printf", "%s|", "a b", "$HOME", "it's", "`id`;&", "b\\s", ""),
	           in_seconds(10), &result, &err);
	is_str(result.out.data, "a b|$HOME|it's|`id`;&|b\\s||",
	       "words reach it as they are");
	remote_result_free(&result);

	remote_run(r, WORDS("cat"), in_seconds(10), &result, &err);
	is_int(result.status, 0, "standard input is empty");
	remote_result_free(&result);

	remote_run(r, WORDS("sh", "-c", "exec >&- 2>&-; sleep 0.05; exit 7"),
	           in_seconds(10), &result, &err);
	is_int(result.status, 7, "a status that comes after the end of output");
	remote_result_free(&result);

	remote_run(r, WORDS("head", "-c", "3000000", "/dev/zero"), in_seconds(20),
	           &result, &err);
	is_int((int64_t)result.out.len, (int64_t)REMOTE_MAX_OUTPUT, "output is bounded");
	is_int(result.status, 0, "without an end to the command");
	remote_result_free(&result);
}

static void test_timeout(struct remote *r)
{
	struct remote_result result = { .out = BUF_INIT, .errors = BUF_INIT };
	struct err err = { 0 };

	/* A busy machine may need longer to get to the echo. */
	for (double limit = 0.4; limit < 10 && !result.out.len; limit *= 2) {
		remote_result_free(&result);
		remote_run(r, WORDS("sh", "-c", "echo begun; sleep 30"),
		           in_seconds(limit), &result, &err);
	}
	is_int(result.end, REMOTE_TIMEOUT, "a deadline");
	is_str(result.out.data, "begun\n", "what was said until then");
	ok(strstr(err.message, "the command was sent, but did not end") != NULL,
	   err.message);
	remote_result_free(&result);
	remote_run(r, WORDS("true"), in_seconds(10), &result, &err);
	is_int(result.end, REMOTE_EXITED, "the next command works");
	remote_result_free(&result);
}

/* $PPID of the command is the sshd that serves this session. */
static void test_lost(struct remote *r)
{
	struct remote_result result;
	struct err err = { 0 };
	int port = sshd.port;

	remote_run(r, WORDS("sh", "-c", "kill -9 $PPID; sleep 30"), in_seconds(10),
	           &result, &err);
	is_int(result.end, REMOTE_LOST, "the connection goes away under a command");
	ok(strstr(err.message, "connection lost while the command ran") != NULL,
	   err.message);
	remote_result_free(&result);

	remote_run(r, WORDS("true"), in_seconds(10), &result, &err);
	is_int(result.end, REMOTE_EXITED, "the next one gets a new connection");
	remote_result_free(&result);

	sshd_stop(&sshd);
	sshd = sshd_start_at(port, both_keys);
	remote_run(r, WORDS("true"), in_seconds(10), &result, &err);
	is_int(result.end, REMOTE_EXITED,
	       "so does one after a restart between two commands");
	is_int(result.status, 0, "and it runs");
	remote_result_free(&result);

	ssh_drop(r);
	ok(remote_open(r, in_seconds(10), &err), "opened anew after a drop");
	ok(remote_open(r, in_seconds(10), &err), "opening twice is nothing new");

	sshd_stop(&sshd);
	remote_run(r, WORDS("true"), in_seconds(10), &result, &err);
	is_int(result.end, REMOTE_FAILED, "no sshd: not sent");
	ok(strstr(err.message, "db1 (127.0.0.1 port ") == err.message, err.message);
	remote_result_free(&result);
	sshd = sshd_start_at(port, both_keys);
}

/* ---- Host keys -------------------------------------------------------------------- */

static void expect_open(const char *identity, const char *message, const char *hint,
                        const char *what)
{
	struct remote *r = remote_with(identity);
	struct err err = { 0 };
	bool opened = remote_open(r, in_seconds(10), &err);

	is_int(opened, !message, what);
	if (message) {
		ok(strstr(err.message, message) != NULL, err.message);
		ok(strstr(err.hint, hint) != NULL, err.hint);
	}
	remote_free(r);
}

static void test_host_keys(void)
{
	place_write("known_hosts", 0600, "");
	expect_open("user_ed25519", "the host key is unknown", "ssh-keyscan -p ",
	            "unknown");
	know("host_other");
	expect_open("user_ed25519",
	            "the host key changed: it is not the ssh-ed25519 key in ",
	            "compare SHA256:", "changed");
	know("host_ecdsa");
	expect_open("user_ed25519", NULL, NULL, "known by its second key only");
	know("host_rsa");
	expect_open("user_ed25519", "knows it by a key of another type",
	            "ssh-keyscan -t ed25519",
	            "known by an RSA key that it does not show");
	know("host_ed25519");
	RUN("ssh-keygen", "-q", "-H", "-f", in_place("known_hosts"));
	expect_open("user_ed25519", NULL, NULL, "a hashed line");
}

/* ---- Login ------------------------------------------------------------------------ */

static void test_login(void)
{
	know("host_ed25519");
	expect_open("user_ecdsa", NULL, NULL, "an ECDSA key");
	expect_open("user_rsa", "refused (1 key tried)", "RSA key is the likely cause",
	            "RSA");
	expect_open("user_pem", "refused (1 key tried)", "RSA key is the likely cause",
	            "RSA PEM");
	expect_open("user_stranger", "refused (1 key tried)", "authorized_keys",
	            "a stranger");
	expect_open("user_locked", "has a passphrase", "ssh-add", "a passphrase");
	expect_open("user_locked_pem", "has a passphrase", "ssh-add",
	            "a passphrase, PEM");
	expect_open("user_none", "user_none: No such file", "identity_file",
	            "no such file");
	expect_open("known_hosts", "not a private key", "", "not a key");
	expect_open(NULL, "no key to log in", "identity_file", "nothing to try");
}

static void test_agent(void)
{
	static const char *const agent[] = { "ssh-agent", "-D", "-a", NULL, NULL };
	const char *words[5];
	pid_t pid;

	memcpy(words, agent, sizeof agent);
	words[3] = in_place("agent");
	pid = place_start("agent.log", words);
	for (int i = 0; i < 1000 && access(words[3], F_OK) < 0; i++)
		nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	setenv("SSH_AUTH_SOCK", words[3], 1);
	expect_open(NULL, "no key to log in", "ssh-add", "an empty agent");
	ok(RUN("ssh-add", "-q", in_place("user_rsa"), in_place("user_ed25519")),
	   "two keys added");
	expect_open(NULL, NULL, NULL, "the agent's second key");
	expect_open("user_locked", NULL, NULL,
	            "the agent's, where the file has a passphrase");
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	unsetenv("SSH_AUTH_SOCK");
}

static void test_silent(void)
{
	int port;
	int listener = fake_listen(&port);
	int real = sshd.port;
	struct remote_result result;
	struct err err = { 0 };
	struct remote *r;

	sshd.port = port;
	r = remote_with("user_ed25519");
	remote_run(r, WORDS("true"), in_seconds(0.5), &result, &err);
	is_int(result.end, REMOTE_FAILED, "a port that says nothing");
	ok(strstr(err.message, "handshake: no answer in time") != NULL, err.message);
	remote_result_free(&result);
	remote_free(r);
	sshd.port = real;
	close(listener);
}

int main(void)
{
	struct remote *r;

	if (!sshd_program())
		return skip_all("no /usr/sbin/sshd here: install openssh-server");
	if (geteuid() == 0) /* sshd wants its empty directory even so */
		(void)!mkdir("/run/sshd", 0755);
	unsetenv("SSH_AUTH_SOCK");
	place_make();
	loop = loop_new(clock_system());
	if (!sshd_make_keys()) {
		place_show("log");
		return skip_all("ssh-keygen does not make the keys needed");
	}
	sshd = sshd_start(both_keys);
	know("host_ed25519");
	r = remote_with("user_ed25519");
	test_commands(r);
	test_timeout(r);
	test_lost(r);
	remote_free(r);
	test_host_keys();
	test_login();
	test_agent();
	test_silent();
	sshd_stop(&sshd);
	loop_free(loop);
	if (tap_failed)
		place_show("sshd.log");
	place_remove();
	return done_testing();
}
