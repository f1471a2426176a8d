# shellcheck shell=bash
# TAP for tests of the real binary.  $PGMONKEY says which, build/pgmonkey by default; a
# state directory and a working directory of its own are made and removed.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
pgmonkey=${PGMONKEY:-${BUILD:-$root/build}/pgmonkey}
pgmonkey=$(realpath -e "$pgmonkey") || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export PGMONKEY_STATE_DIR=$work/state
unset NO_COLOR JOURNAL_STREAM

count=0 failed=0 status=0

# Runs pgmonkey; then $status, and the files out and err.
run() {
	status=0
	"$pgmonkey" "$@" >out 2>err </dev/null || status=$?
}

result() { # PASSED NAME
	count=$((count + 1))
	if [[ $1 == 0 ]]; then
		echo "ok $count - $2"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $count - $2"
	echo "# status $status"
	head -n 20 out err | sed 's/^/# /'
}

is_status() { [[ $status == "$1" ]]; result $? "${2:-exits with $1}"; }
has() { grep -qF -e "$2" "$1"; result $? "${3:-$1 says: $2}"; }
has_not() { ! grep -qF -e "$2" "$1"; result $? "${3:-$1 does not say: $2}"; }
is_empty() { [[ ! -s $1 ]]; result $? "${2:-$1 is empty}"; }
has_lines() { [[ $(wc -l <"$1") == "$2" ]]; result $? "${3:-$1 has $2 lines}"; }
holds() { # NAME CMD...
	local name=$1
	shift
	"$@" >/dev/null 2>&1
	result $? "$name"
}
skip() { count=$((count + 1)); echo "ok $count - # SKIP $1"; }

tap_end() {
	echo "1..$count"
	exit $((failed > 0))
}

# A cluster where nothing answers, three scenarios' worth of targets in it.
cluster_file() { # FILE CHAOS
	cat >"$1" <<-END
	{
	  "cluster": "billing", "environment": "test", "chaos": "$2",
	  "objectives": { "rto_seconds": 60, "rpo_rows": 0, "sync_standbys": 1 },
	  "manager": { "patroni": { "urls": ["http://127.0.0.1:1"] } },
	  "hosts": {
	    "db1": { "address": "127.0.0.1", "zone": "a", "runs": ["postgres", "patroni", "etcd"] },
	    "db2": { "address": "127.0.0.2", "zone": "b", "runs": ["postgres", "patroni", "etcd"] },
	    "px1": { "address": "127.0.0.3", "zone": "a", "runs": ["haproxy", "pgbouncer"] }
	  },
	  "members": { "conninfo": "port=1 dbname=app user=pgmonkey" },
	  "endpoints": {
	    "primary_endpoint": { "conninfo": "host=127.0.0.1 port=1 dbname=app user=pgmonkey" }
	  }
	}
	END
}

scenario_file() { # FILE FAULT TARGET
	cat >"$1" <<-END
	{
	  "experiment": "$2 of the $3",
	  "why": "a test of the command line",
	  "fault": { "$2": { "target": "$3" } }
	}
	END
}

gameday_file() { # FILE [MORE KEYS]
	cat >"$1" <<-END
	{
	  "game_day": "test day",
	  "scenarios": [
	    { "file": "reboot.json", "weight": 3 },
	    { "file": "restart.json" },
	    { "file": "proxy.json" }
	  ],
	  "play": 12,
	  "pause": { "min_seconds": ${pause:-30}, "max_seconds": ${pause:-300} }${2:+,
	  $2}
	}
	END
}

all_files() { # CHAOS
	cluster_file cluster.json "$1"
	scenario_file reboot.json reboot_host primary
	scenario_file restart.json restart_postgres replica
	scenario_file proxy.json kill_proxy proxy
	gameday_file day.json
}
