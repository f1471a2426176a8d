#!/bin/bash
# list and schema: every format, and JSON that is JSON.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

is_json() { # NAME
	if command -v python3 >/dev/null; then
		holds "$1 is JSON" python3 -m json.tool out
	elif command -v jq >/dev/null; then
		holds "$1 is JSON" jq . out
	else
		skip "neither python3 nor jq"
	fi
}

declare -A known=([faults]=reboot_host [probes]=write [managers]=patroni [targets]=primary)
for catalogue in faults probes managers targets; do
	run list "$catalogue"
	is_status 0 "list $catalogue"
	has out "${known[$catalogue]}"
	is_empty err
	run list "$catalogue" --format markdown
	has out "| \`${known[$catalogue]}\` |"
	run list "$catalogue" --format json
	has out "\"name\": \"${known[$catalogue]}\""
	is_json "list $catalogue"
done

for fault in restart_postgres crash_postgres kill_proxy switchover failover reboot_host; do
	run list faults
	has out "$fault: " "list faults has $fault"
	run schema scenario
	has out "\"$fault\"" "the schema of scenarios has $fault"
done
for kind in cluster scenario gameday; do
	run schema "$kind"
	is_status 0 "schema $kind"
	has out "json-schema.org/draft/2020-12"
	is_json "schema $kind"
done
tap_end
