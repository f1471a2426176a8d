/*
 * A real sshd on loopback that runs as the current user: keys of its own, a port of its
 * own, nothing of the machine's configuration.
 */
#ifndef TESTS_TRANSPORT_SSHD_H
#define TESTS_TRANSPORT_SSHD_H

#include "transport/fake_pg.h"
#include "transport/place.h"

#include <pwd.h>
#include <time.h>

struct sshd {
	int port;
	pid_t pid;
};

static inline const char *sshd_program(void)
{
	return access("/usr/sbin/sshd", X_OK) == 0 ? "/usr/sbin/sshd" : NULL;
}

static inline const char *this_user(void)
{
	const struct passwd *user = getpwuid(getuid());

	return user ? user->pw_name : "nobody";
}

static inline bool sshd_key(const char *name, const char *type, const char *passphrase)
{
	return RUN("ssh-keygen", "-q", "-t", type, "-N", passphrase, "-f",
	           in_place(name));
}

/* host_* and user_* keys; all but user_stranger, and user_locked by the agent, may log
 * in. */
static inline bool sshd_make_keys(void)
{
	bool made = sshd_key("host_ed25519", "ed25519", "") &&
	            sshd_key("host_ecdsa", "ecdsa", "") &&
	            sshd_key("host_other", "ed25519", "") &&
	            sshd_key("host_rsa", "rsa", "") &&
	            sshd_key("user_ed25519", "ed25519", "") &&
	            sshd_key("user_ecdsa", "ecdsa", "") &&
	            sshd_key("user_rsa", "rsa", "") &&
	            sshd_key("user_stranger", "ed25519", "") &&
	            sshd_key("user_locked", "ed25519", "sesame") &&
	            RUN("cp", in_place("user_rsa"), in_place("user_pem")) &&
	            RUN("ssh-keygen", "-q", "-p", "-m", "PEM", "-N", "", "-f",
	                in_place("user_pem")) &&
	            RUN("cp", in_place("user_pem"), in_place("user_locked_pem")) &&
	            RUN("ssh-keygen", "-q", "-p", "-m", "PEM", "-N", "sesame", "-f",
	                in_place("user_locked_pem"));
	char command[2048];

	snprintf(command, sizeof command,
	         "cd %s && cat user_ed25519.pub user_ecdsa.pub user_rsa.pub "
	         "user_locked.pub "
	         "> authorized_keys",
	         place);
	return made && RUN("sh", "-c", command);
}

static inline bool sshd_answers(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		                  .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool up;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	up = connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
	close(fd);
	return up;
}

/* The place has the host keys HOSTKEYS (names, NULL-ended) and authorized_keys. */
static inline struct sshd sshd_start_at(int port, const char *const *host_keys)
{
	struct sshd sshd = { .port = port };
	char config[4096];
	int n = snprintf(config, sizeof config,
	                 "Port %d\nListenAddress 127.0.0.1\nPidFile none\nUsePAM no\n"
	                 "StrictModes no\nPasswordAuthentication no\nUseDNS no\n"
	                 "KbdInteractiveAuthentication no\nPermitRootLogin yes\n"
	                 "AuthorizedKeysFile %s/authorized_keys\nMaxAuthTries 3\n",
	                 port, place);

	for (; *host_keys; host_keys++)
		n += snprintf(config + n, sizeof config - (size_t)n, "HostKey %s/%s\n",
		              place, *host_keys);
	place_write("sshd_config", 0600, config);
	sshd.pid = place_start("sshd.log",
	                       (const char *const[]){ "/usr/sbin/sshd", "-D", "-e", "-f",
	                                              in_place("sshd_config"), NULL });
	for (int i = 0; i < 1000 && !sshd_answers(port); i++)
		nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	return sshd;
}

static inline struct sshd sshd_start(const char *const *host_keys)
{
	int port;

	close(fake_listen(&port));
	return sshd_start_at(port, host_keys);
}

/*
 * The sessions that the listener has forked, which may have a process of the user's below
 * them, then itself: to a client, the host is gone.
 */
static inline void sshd_stop(struct sshd *sshd)
{
	char command[256];

	snprintf(command, sizeof command,
	         "for c in $(pgrep -P %d); do pkill -KILL -P $c; done; pkill -KILL -P %d",
	         (int)sshd->pid, (int)sshd->pid);
	for (int i = 0; i < 400 && RUN("sh", "-c", command); i++)
		nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	kill(sshd->pid, SIGKILL);
	waitpid(sshd->pid, NULL, 0);
}

#endif
