#!/bin/bash
# Makes what pgmonkey's probes need: a role without special rights, and a schema of its
# own. Patroni runs this once, on the first primary, with a connection string. The
# password comes by a file, never by an argument that `ps` would show.
set -euo pipefail
psql -X -q -v ON_ERROR_STOP=1 "$1" <<'SQL'
\set password `cat /etc/patroni/probe.password`
CREATE ROLE pgmonkey LOGIN PASSWORD :'password';
GRANT pg_monitor TO pgmonkey;
CREATE DATABASE app;
\connect app
CREATE SCHEMA pgmonkey AUTHORIZATION pgmonkey;
SQL
