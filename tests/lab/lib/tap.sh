# shellcheck shell=bash
# TAP for tests written in bash: one line a check, and what was said when one failed.

LOG=$(mktemp)
TESTS=0 FAILED=0

tap_end() {
	echo "1..$TESTS"
	((FAILED == 0))
}

# check NAME CMD…: one TAP line; what the command said follows if it failed.
check() {
	local name=$1
	shift
	TESTS=$((TESTS + 1))
	if "$@" >"$LOG" 2>&1; then
		echo "ok $TESTS - $name"
	else
		FAILED=$((FAILED + 1))
		echo "not ok $TESTS - $name"
		sed 's/^/# /' "$LOG"
	fi
}

# within SECONDS CMD…
within() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < deadline)) || return 1
		sleep 0.2
	done
}

equal() { [[ $1 == "$2" ]] || { echo "'$1' is not '$2'" && return 1; }; }

# exits CODE CMD…
exits() {
	local wanted=$1 code=0
	shift
	"$@" || code=$?
	equal "$code" "$wanted"
}
