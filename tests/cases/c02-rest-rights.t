#!/bin/bash
# Patroni's REST API lets everybody read, and guards what changes something: by address, by
# password, by client certificate.  `check` says which of them is missing.  A right that
# goes away behind ARM: not injected, nothing to heal, inconclusive.
#
# With verify_client "required" nobody without a certificate can even read: the member is
# named all the same, and the certificate.
source "$(dirname "$0")/../live/lib.sh"
live_lab

config=/etc/patroni/config.yml
secret='a:b%20"c' # neither a URL nor a shell takes it as it is
replica=$(patroni_get cluster | jq -r '[.members[] | select(.role != "leader")][0].name')
address=$(jq -r ".hosts.$replica.address" "$OUT/cluster.json")

each_db() { for h in db1 db2 db3; do lab root "$h" "$@"; done; }
restore() {
	each_db sh -c "mv $config.kept $config; systemctl reload patroni"
	# After a reload out of TLS, Patroni 3.0.2 cannot ask the others any more
	# ("unexpected keyword argument 'assert_hostname'"), and would fail a switchover.
	lab root "$replica" systemctl restart patroni
	wait_until 60 "the lab is healthy again" cluster_is_healthy
}
each_db cp -p $config $config.kept
trap restore EXIT

set_password() { # PASSWORD, between YAML's quotes
	each_db sed -i "/^restapi:/,/^\$/s|^    password: .*|    password: '$1'|" $config
	each_db systemctl reload patroni
}
# What each member says to a change that changes nothing.
all_answer() { # CODE [CURL_OPTION…]
	local code n
	for n in 11 12 13; do
		code=$(lab exec curl -s -o /dev/null -w '%{http_code}' --max-time 3 -XDELETE "${@:2}" \
			"http://10.88.0.$n:8008/switchover" || true)
		[ "$code" = "$1" ] || return 1
	done
}
check() { # CLUSTER WANTED_STATUS WHAT
	STATUS=0
	monkey check "$1" >"$OUT/check.out" 2>&1 || STATUS=$?
	is "$STATUS" "$2" "$3: exit code $2"
}

printf '%s\n' "$secret" >"$OUT/secret"
chmod 600 "$OUT/secret"
jq --arg f "$OUT/secret" '.manager.patroni.password_file = $f' "$OUT/cluster.json" >"$OUT/with.json"
jq 'del(.manager.patroni.username, .manager.patroni.password_file)' "$OUT/cluster.json" >"$OUT/without.json"

set_password "$secret"
wait_until 20 "the new password holds" all_answer 404 -u "pgmonkey:$secret"
check "$OUT/with.json" 0 "a password full of special characters, by reference"
ok "and it is not printed" bash -c "! grep -qF '$secret' '$OUT/check.out'"
check "$OUT/without.json" 5 "no credentials"
like "$(cat "$OUT/check.out")" 'asks for a user name and password' "no credentials: says so"
check "$OUT/cluster.json" 5 "another password"
like "$(cat "$OUT/check.out")" 'password is wrong' "another password: says so"

each_db sed -i '/^restapi:/a\  allowlist: [10.88.0.11, 10.88.0.12, 10.88.0.13]' $config
each_db systemctl reload patroni
wait_until 20 "the address list holds" all_answer 403 -u "pgmonkey:$secret"
check "$OUT/with.json" 5 "not on the address list"
like "$(cat "$OUT/check.out")" 'address is not on its list' "not on the address list: says so"
like "$(cat "$OUT/check.out")" 'allowlist' "not on the address list: and where"
each_db sed -i '/^  allowlist:/d' $config
each_db systemctl reload patroni
wait_until 20 "the address list is gone" all_answer 404 -u "pgmonkey:$secret"

# ---- a right that is lost between ARM and INJECT ------------------------------------------

cp "$OUT/with.json" "$OUT/cluster.json"
scenario '{"switchover": {"target": "primary"}}' >"$OUT/scenario.json"
LEDGER=$OUT/1.jsonl
export RUNS=1
mkfifo "$OUT/keys"
before=$(leader)
asked() { [ "$(grep -c 'Enter goes on' "$OUT/1.out")" -ge "$1" ]; }
monkey_at_a_terminal() {
	lab exec env "PGMONKEY_STATE_DIR=$PGMONKEY_STATE_DIR" script -qfec \
		"$PGMONKEY run --step $OUT/cluster.json $OUT/scenario.json --ledger $LEDGER" /dev/null
}
monkey_at_a_terminal <"$OUT/keys" >"$OUT/1.out" 2>&1 &
agent=$!
exec {KEYS}>"$OUT/keys"
for n in 1 2 3; do # PREFLIGHT, STEADY, ARM
	wait_until 60 "it asks for the ${n}th time" asked "$n"
	echo >&"$KEYS"
done
wait_until 60 "it asks before INJECT" asked 4
set_password "another one"
wait_until 20 "the password is another one" all_answer 401 -u "pgmonkey:$secret"
for n in 4 5 6 7; do # INJECT, then HEAL, SETTLE, AUDIT
	wait_until 60 "it asks for the ${n}th time" asked "$n"
	echo >&"$KEYS"
done
STATUS=0
wait "$agent" || STATUS=$?
exec {KEYS}>&-
make_report
is "$STATUS" 2 "refused at INJECT: exit code 2"
like "$(report '.reasons | join("\n")')" 'could not be sent: .*password is wrong' "the reason says why"
is "$(report .fault.injected)" false "it was not injected"
is "$(report .fault.not_healed)" false "nothing is left to heal"
is "$(leader)" "$before" "the leader is the same"
ok "the secret stands nowhere" bash -c "! grep -rqF '$secret' '$LEDGER' '$OUT/1.out' '$OUT/report.json'"

# ---- client certificates ---------------------------------------------------------------------

set_password "$secret"
wait_until 20 "the password is back" all_answer 404 -u "pgmonkey:$secret"
(
	cd "$OUT"
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.crt
	for name in server client; do
		openssl req -newkey rsa:2048 -nodes -subj "/CN=$name" -keyout "$name.key" -out "$name.csr"
		openssl x509 -req -in "$name.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 \
			-extfile <(echo "subjectAltName=IP:$address") -out "$name.crt"
	done
) >"$OUT/openssl.log" 2>&1
for file in ca.crt server.crt server.key; do
	lab root "$replica" sh -c "cat >/etc/patroni/$file; chown postgres /etc/patroni/$file" <"$OUT/$file"
done
secure() { # optional or required
	lab root "$replica" sed -i -e '/^  \(certfile\|keyfile\|cafile\|verify_client\):/d' -e "/^restapi:/a\\
  certfile: /etc/patroni/server.crt\\
  keyfile: /etc/patroni/server.key\\
  cafile: /etc/patroni/ca.crt\\
  verify_client: $1" $config
	lab root "$replica" systemctl reload patroni
}
tls_answers() { # CODE [CURL_OPTION…]: 000 is none
	local code
	code=$(lab exec curl -s -o /dev/null -w '%{http_code}' --max-time 3 --cacert "$OUT/ca.crt" "${@:2}" \
		"https://$address:8008/cluster" || true)
	[ "$code" = "$1" ]
}
jq --arg url "http://$address:8008" --arg tls "https://$address:8008" --arg ca "$OUT/ca.crt" '
	.manager.patroni |= (.ca_file = $ca | .urls |= map(if . == $url then $tls else . end))' \
	"$OUT/with.json" >"$OUT/tls.json"
jq --arg d "$OUT" '.manager.patroni |= (.cert_file = $d + "/client.crt" | .key_file = $d + "/client.key")' \
	"$OUT/tls.json" >"$OUT/cert.json"
secure optional
wait_until 20 "the member speaks TLS" tls_answers 200
check "$OUT/tls.json" 5 "a certificate for changes, and none given"
like "$(cat "$OUT/check.out")" 'asks for a client certificate' "a certificate for changes: says so"
check "$OUT/cert.json" 0 "with the certificate"
secure required
is_strict() { tls_answers 200 --cert "$OUT/client.crt" --key "$OUT/client.key" && tls_answers 000; }
wait_until 20 "the member asks everybody for a certificate" is_strict
check "$OUT/tls.json" 5 "a certificate from everybody, and none given"
like "$(cat "$OUT/check.out")" "$address.*certificate" "a certificate from everybody: says so"
check "$OUT/cert.json" 0 "a certificate from everybody, and here it is"
done_testing
