#include "transport/pg_private.h"

/* Bytes handed out in one turn of the loop, so that other sources are not late. */
#define COPY_BUDGET ((size_t)256 * 1024)

bool pg_copy_out(struct pg_conn *conn, const char *sql,
                 void (*row)(const char *line, size_t len, void *arg), void *arg)
{
	conn->row = row;
	conn->row_arg = arg;
	return pg_send(conn, sql);
}

bool pg_copy_rows(struct pg_conn *conn)
{
	size_t spent = 0;

	conn->backlog = false;
	while (spent < COPY_BUDGET) {
		char *line = NULL;
		int n = PQgetCopyData(conn->pg, &line, 1);

		if (n == 0)
			return false;
		if (n < 0) { /* -1: all rows; -2: an error, which PQgetResult() tells */
			conn->copying = false;
			return true;
		}
		if (line[n - 1] == '\n')
			line[--n] = '\0';
		if (conn->row)
			conn->row(line, (size_t)n, conn->row_arg);
		spent += (size_t)n + 1;
		PQfreemem(line);
	}
	conn->backlog = true;
	return false;
}
