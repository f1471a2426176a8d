#!/bin/sh
# Writes what a package needs besides the program, from the program itself:
#
#	packaging/generate.sh build/pgmonkey DIRECTORY
#
#	DIRECTORY/share/man/man1/pgmonkey.1
#	DIRECTORY/share/bash-completion/completions/pgmonkey
#	DIRECTORY/share/pgmonkey/{cluster,scenario,gameday}.schema.json
set -eu

[ $# = 2 ] || { echo "usage: packaging/generate.sh PGMONKEY DIRECTORY" >&2; exit 64; }
pgmonkey=$1 to=$2

mkdir -p "$to/share/man/man1" "$to/share/bash-completion/completions" "$to/share/pgmonkey"
"$pgmonkey" help --man >"$to/share/man/man1/pgmonkey.1"
"$pgmonkey" completion bash >"$to/share/bash-completion/completions/pgmonkey"
for kind in cluster scenario gameday; do
	"$pgmonkey" schema "$kind" >"$to/share/pgmonkey/$kind.schema.json"
done
