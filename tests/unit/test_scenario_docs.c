/*
 * docs/files.md says what the program reads.  With the argument "print" this prints the
 * part that is generated: put it behind the line "<!-- generated -->".
 */
#include "scenario/files_doc.h"

#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const char marker[] = "<!-- generated -->\n";

static void test_document(const struct buf *want)
{
	struct buf text = BUF_INIT;
	int fd = open("docs/files.md", O_RDONLY | O_CLOEXEC);
	const char *at;

	if (fd < 0) {
		ok(errno == ENOENT, "docs/files.md is looked for in the top directory");
		return;
	}
	ok(buf_read_fd(&text, fd, 1 << 20), "docs/files.md");
	close(fd);
	at = strstr(text.data, marker);
	ok(at != NULL, "has its mark");
	is_str(at ? at + strlen(marker) : NULL, want->data,
	       "its tables are those of the program");
	buf_free(&text);
}

int main(int argc, char **argv)
{
	struct buf want = BUF_INIT;

	files_markdown(&want);
	if (argc == 2 && strcmp(argv[1], "print") == 0) {
		fputs(want.data, stdout);
		buf_free(&want);
		return 0;
	}
	ok(strstr(want.data, "| `hosts.NAME.address` | string | required |") != NULL,
	   "maps");
	ok(strstr(want.data,
	          "| `probe.write.every_ms` | whole number, 1 to 60000 | `20` |") != NULL,
	   "objects within objects");
	ok(strstr(want.data, "| `scenarios[].weight` | number, 0.001 to 1000 | `1` |") !=
	           NULL,
	   "lists");
	ok(strstr(want.data, "| `dcs_member` | a host that runs etcd |") != NULL,
	   "targets");
	test_document(&want);
	buf_free(&want);
	return done_testing();
}
