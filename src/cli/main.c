#include "cli/command.h"

#include <signal.h>

int main(int argc, char **argv)
{
	/* A reader that went away is an error of write(2), never the end of a run. */
	signal(SIGPIPE, SIG_IGN);
	return cli_main(argc, argv);
}
