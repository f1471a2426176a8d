/* The probes' table in the cluster. */
#include "probe/probe.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#define STATEMENT_LIMIT (10 * NSEC_PER_SEC)

struct table {
	struct loop *loop;
	struct pg_conn *conn;
	const char *schema;
	char *quoted_schema; /* "pgmonkey" */
	char *name;          /* "pgmonkey".writes */
	char *literal;       /* '"pgmonkey".writes' */
};

static void table_init(struct table *t, struct loop *loop, struct pg_conn *conn,
                       const char *schema)
{
	*t = (struct table){ .loop = loop, .conn = conn, .schema = schema };
	t->quoted_schema = pg_quote_identifier(schema);
	t->name = xasprintf("%s.writes", t->quoted_schema);
	t->literal = pg_quote_literal(t->name);
}

static void table_free(struct table *t)
{
	free(t->quoted_schema);
	free(t->name);
	free(t->literal);
}

/* Runs a statement made by xasprintf() and frees it. */
static bool run(struct table *t, char *sql, struct err *err)
{
	bool done = pg_query_wait(t->loop, t->conn, sql,
	                          loop_now(t->loop) + STATEMENT_LIMIT, err);

	free(sql);
	return done;
}

static bool is_true(const struct table *t, int column)
{
	return str_eq(pg_value(t->conn, 0, column), "t");
}

static bool look(struct table *t, bool *exists, struct err *err)
{
	if (!run(t, xasprintf("SELECT to_regclass(%s) IS NOT NULL", t->literal), err))
		return err_prefix(err, "look for table %s", t->name);
	*exists = is_true(t, 0);
	return true;
}

static bool create(struct table *t, struct err *err)
{
	char *literal = pg_quote_literal(t->schema);
	bool done =
		run(t,
	            xasprintf("SELECT count(*) > 0 FROM pg_namespace WHERE nspname = %s",
	                      literal),
	            err);

	free(literal);
	if (done && !is_true(t, 0))
		done = run(t,
		           xasprintf("CREATE SCHEMA IF NOT EXISTS %s", t->quoted_schema),
		           err);
	if (done)
		done = run(t,
		           xasprintf("CREATE TABLE IF NOT EXISTS %s (run text NOT NULL, "
		                     "probe integer NOT NULL, seq bigint NOT NULL, "
		                     "scheduled timestamptz NOT NULL, "
		                     "PRIMARY KEY (run, probe, seq))",
		                     t->name),
		           err);
	if (done)
		return true;
	err_prefix(err, "create table %s", t->name);
	return err_hint(
		err,
		"let an owner of the database say: CREATE SCHEMA %s AUTHORIZATION "
		"the probes' account",
		t->quoted_schema);
}

/* Made by somebody else: can we use it, and can it hold what we write? */
static bool check(struct table *t, struct err *err)
{
	if (!run(t,
	         xasprintf("SELECT run, probe, seq, scheduled FROM %s LIMIT 0", t->name),
	         err) ||
	    !run(t,
	         xasprintf("SELECT has_table_privilege(%s, 'INSERT'), "
	                   "has_table_privilege(%s, 'SELECT'), "
	                   "EXISTS (SELECT FROM pg_index WHERE indrelid = %s::regclass "
	                   "AND indisprimary)",
	                   t->literal, t->literal, t->literal),
	         err))
		return err_prefix(err, "table %s cannot be used", t->name);
	if (!is_true(t, 0) || !is_true(t, 1)) {
		err_set(err, "table %s: the probes' account may not %s", t->name,
		        is_true(t, 0) ? "read it" : "insert into it");
		return err_hint(err, "GRANT SELECT, INSERT ON %s TO the account",
		                t->name);
	}
	if (!is_true(t, 2)) {
		err_set(err, "table %s has no primary key", t->name);
		return err_hint(err,
		                "drop it, so that it is made anew, or add PRIMARY KEY "
		                "(run, probe, seq)");
	}
	return true;
}

bool probe_table_prepare(struct loop *loop, struct pg_conn *primary, const char *schema,
                         struct err *err)
{
	struct table t;
	bool exists = false;
	bool done;

	table_init(&t, loop, primary, schema);
	done = look(&t, &exists, err) && (exists || create(&t, err)) && check(&t, err);
	table_free(&t);
	return done;
}

/* The schema goes with it only where it is empty, ours, and can be made again by us. */
static bool drop_schema(struct table *t, struct err *err)
{
	char *literal = pg_quote_literal(t->schema);
	bool done =
		run(t,
	            xasprintf("SELECT count(*) FROM pg_namespace n WHERE nspname = %s "
	                      "AND pg_has_role(nspowner, 'USAGE') AND "
	                      "has_database_privilege(current_database(), 'CREATE') "
	                      "AND NOT EXISTS "
	                      "(SELECT FROM pg_depend WHERE refclassid = "
	                      "'pg_namespace'::regclass AND refobjid = n.oid)",
	                      literal),
	            err);

	free(literal);
	if (done && str_eq(pg_value(t->conn, 0, 0), "1"))
		done = run(t, xasprintf("DROP SCHEMA %s", t->quoted_schema), err);
	return done || err_prefix(err, "drop schema %s", t->quoted_schema);
}

bool probe_table_drop(struct loop *loop, struct pg_conn *primary, const char *schema,
                      struct err *err)
{
	struct table t;
	bool exists = false;
	bool done;

	table_init(&t, loop, primary, schema);
	done = look(&t, &exists, err);
	if (done && exists)
		done = run(&t, xasprintf("DROP TABLE %s", t.name), err) ||
		       err_prefix(err, "drop table %s", t.name);
	if (done && exists)
		done = drop_schema(&t, err);
	table_free(&t);
	return done;
}
