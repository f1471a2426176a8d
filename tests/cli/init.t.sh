#!/bin/bash
# init against a Patroni of paper: a few lines of Perl on the loopback.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

perl -MIO::Socket::INET -e 1 2>/dev/null || { skip "there is no Perl"; tap_end; }

# shellcheck disable=SC2016 # Perl's own
perl -MIO::Socket::INET -e '
	$| = 1;
	my $s = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1", ReuseAddr => 1) or die;
	print $s->sockport, "\n";
	my %body = (
		"/cluster" => q({"members": [
			{"name": "db1", "role": "leader", "state": "running", "api_url": "http://10.0.0.11:8008/patroni", "host": "10.0.0.11", "port": 5432, "timeline": 3},
			{"name": "db2", "role": "sync_standby", "state": "streaming", "api_url": "http://10.0.0.12:8008/patroni", "host": "10.0.0.12", "port": 5432, "timeline": 3, "lag": 0},
			{"name": "db3", "role": "replica", "state": "streaming", "api_url": "http://[fd00::13]:8008/patroni", "host": "fd00::13", "port": 5433, "timeline": 3, "lag": 0}]}),
		"/config" => q({"synchronous_mode": true, "synchronous_node_count": 2}),
		"/patroni" => q({"state": "running", "role": "master", "patroni": {"version": "3.0.2", "scope": "billing"}}),
	);
	while (my $c = $s->accept) {
		my ($path) = <$c> =~ m{^GET (\S+) } or next;
		while (<$c>) { last if /^\r?$/ }
		my $b = $body{$path};
		print $c $b ? "HTTP/1.0 200 OK\r\nContent-Length: " . length($b) . "\r\n\r\n$b"
			: "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n";
		close $c;
	}' >port 2>/dev/null &
server=$!
trap 'kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
for _ in {1..200}; do
	[[ -s port ]] && break
	sleep 0.02
done
url=http://127.0.0.1:$(cat port)

run init "$url"
is_status 0
has out '"cluster": "billing"'
has out '"sync_standbys": 2'
has out '"chaos": "forbidden"'
has out '"http://10.0.0.11:8008"'
has out 'fd00::13'
has err "ssh: user" "what is missing is listed"
cp out printed
run check --offline printed
is_status 0 "the file passes check --offline"

run init "$url/cluster" -o cluster.json
is_status 0 "a URL with a path will do"
holds "-o writes the same" cmp printed cluster.json
echo mine >cluster.json
run init "$url" --output cluster.json
is_status 5 "a file that is there is not replaced"
holds "… and stays as it was" grep -qx mine cluster.json
run init -q "$url" -o quiet.json
is_empty err "--quiet"

run init http://127.0.0.1:1
is_status 5 "nobody answers"
has err "8008"
is_empty out
tap_end
