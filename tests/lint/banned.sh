#!/bin/sh
# Functions that are not used here, each with the reason and what to take instead.  A line
# that has a good reason says so: /* banned-ok: why */
set -eu
cd "$(dirname "$0")/../.."

bad=0
ban() { # FUNCTIONS REASON, under the directories that follow
	functions=$1 reason=$2
	shift 2
	found=$(grep -rnE --include='*.[ch]' "(^|[^A-Za-z0-9_])($functions)[ ]?\(" "$@" |
		grep -v -e 'banned-ok:' -e '^src/base/xalloc\.c:.*alloc\|^src/base/xalloc\.c:.*strn*dup' | grep -vE '^[^:]*:[0-9]+:[[:space:]]*(/?\*|//)' || true)
	[ -z "$found" ] && return
	echo "$found" | while IFS=: read -r file line _; do
		echo "$file:$line: $reason"
	done
	bad=1
}

ban 'strcpy|strcat|stpcpy|sprintf|vsprintf|gets|strncpy|strncat' \
	'no bound on what is written: use snprintf or struct buf' src include tests
ban 'system|popen' 'a shell would read it: use base/child or a remote' src include tests
ban 'atoi|atol|atoll|atof' 'says nothing of a wrong number: use strtoll and look at the end' \
	src include tests
ban 'strtok|asctime|ctime|gmtime|localtime|tmpnam|mktemp' \
	'keeps state that others share, or races: use the _r form, or mkstemp' src include tests
ban 'cJSON_(GetObjectItem|HasObjectItem|ReplaceItemInObject|DetachItemFromObject|DeleteItemFromObject)' \
	'ignores case: use json_get() or the ...CaseSensitive form' src include tests
# base/xalloc.c is where they are wrapped.
ban 'malloc|calloc|realloc|strdup|strndup' 'may be NULL: use base/xalloc.h' src include
ban 'sleep|usleep' 'blocks the loop: use loop_wait()' src include
[ "$bad" = 0 ] || exit 1
echo "banned: ok"
