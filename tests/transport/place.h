/*
 * A directory of a test's own under TMPDIR, children that end with it, and programs that
 * may be absent.
 */
#ifndef TESTS_TRANSPORT_PLACE_H
#define TESTS_TRANSPORT_PLACE_H

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char place[256];

static inline void place_make(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(place, sizeof place, "%.200s/pgmonkey-test-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(place)) {
		perror(place);
		exit(1);
	}
}

/* A path in it, good until the eighth call from now. */
static inline const char *in_place(const char *name)
{
	static char paths[8][512];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof paths[0], "%s/%s", place, name);
	return path;
}

static inline void place_write(const char *name, mode_t mode, const char *text)
{
	const char *path = in_place(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0 || write(fd, text, strlen(text)) < 0) {
		perror(path);
		exit(1);
	}
	close(fd);
}

/* Starts a program with its output in FILE of the place. */
static inline pid_t place_start(const char *output, const char *const *words)
{
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open(in_place(output), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
		              0666);

		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(fd, 1);
		dup2(fd, 2);
		execvp(words[0], (char *const *)words);
		perror(words[0]);
		_exit(127);
	}
	return pid;
}

static inline bool place_run(const char *const *words)
{
	pid_t pid = place_start("log", words);
	int status = -1;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

#define RUN(...) place_run((const char *const[]){ __VA_ARGS__, NULL })

static inline void place_show(const char *name)
{
	FILE *file = fopen(in_place(name), "re");
	char line[512];

	while (file && fgets(line, sizeof line, file))
		printf("# %s", line);
	if (file)
		fclose(file);
}

static inline void place_remove(void)
{
	RUN("rm", "-rf", place);
}

static inline int skip_all(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	return 0;
}

#endif
