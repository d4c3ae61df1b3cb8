#!/bin/bash
# tlspol verify where it needs no network: words, files, and what there is not to be looked at.
# tests/net/verify.t has the rest.
. tests/lib/tap.sh

cd "$TMP" || exit 1
mkdir postfix
: >postfix/master.cf
printf '%s\n' 'compatibility_level = 3.6' 'smtp_tls_security_level = may' >postfix/main.cf
export MAIL_CONFIG=$TMP/postfix

cat >rows.yaml <<'END'
policies:
- {domain: .example.com, policy: encrypt}
- {domain: /var/run/lmtp, policy: none}
- {domain: off.example.com, policy: secure, active: no}
END
# The form of the output, for one who was not there then.
row='{"destination": "a.example", "domain": "a.example", "policy": "may", "outcome": "deliver"'
echo "[$row}]" >earlier.json
echo "{$row}}" >broken.json
echo '{"destination": "a.example"}' >object.json
printf '%s\n' "[$row}," '{"domain": "b.example"}]' >other.json
printf '%s\n' "[$row}," "$row]" >cut.json
printf '%s\n' "[$row}" >open.json
printf '%s\n' "[$row}]" ']' >more.json

refused() { # STATUS MESSAGE ARGUMENT...: what is wrong is said, and nothing looked at
	local want=$1 message=$2; shift 2
	exits "$want" "status $want: $*" "$TLSPOL" verify --no-defaults "$@"
	like "$err" "$message" "  $message"
	is "$out" '' '  and nothing is printed'
}
refused 64 'name no destinations besides' --all a.example
refused 64 'a policy in words does not go with it' --from rows.yaml a.example secure match=b.example
refused 64 '--nagios prints its one line' --nagios --format json
refused 64 '--nagios prints its one line' --nagios --output x
refused 64 '--details is for people' --details --format yaml --from rows.yaml
refused 64 'at least 1' --width 0
refused 64 'at least 1' --per-address 0
refused 64 'at least 1 second' --timeout 0
refused 64 'at least 1 second' --deadline 0
refused 64 "--ahead: 'fish' is no moment" --ahead fish
refused 64 '--helo: give a host name' --helo $'a\r\nMAIL FROM:<>' a.example may
refused 64 '--helo: give a host name' --helo '' a.example may
refused 64 '--ahead: .*is over already' --ahead 'yesterday'
refused 64 'is not NAME=VALUE' --main-cf smtp_tls_security_level
refused 64 "did you mean 'smtp_tls_security_level'" --main-cf smtp_tls_securitylevel=may
refused 64 'Postfix takes no smtp_tls_security_level = much' --main-cf smtp_tls_security_level=much
refused 64 'Postfix takes no smtp_tls_security_level = much' --level-default much
refused 64 "unknown option '--nonsense'" --nonsense
refused 65 "Postfix never sends mail to '\*.example.com': is '.example.com' meant" '*.example.com' may
refused 65 "Postfix never sends mail to 'a..b'" a..b may
refused 65 'is the path of a socket' /var/run/lmtp none
refused 65 'broken.json:1: no array' --changed-since broken.json a.example may
refused 65 'object.json:1: no array: what .tlspol verify --format json. printed' --changed-since object.json a.example may
refused 65 'other.json:2: no destination and outcome' --changed-since other.json a.example may
refused 65 'cut.json:2: not valid JSON' --changed-since cut.json a.example may
refused 65 "open.json:2: not valid JSON: ']' is missing" --changed-since open.json a.example may
refused 65 'more.json:2: more behind the array' --changed-since more.json a.example may
refused 66 'missing.json' --changed-since missing.json a.example may
refused 66 'missing.pem: No such file' --ca-file missing.pem a.example may
refused 66 'missing.yaml' --from missing.yaml
refused 69 'no server answers' --socket "$TMP/none.sock"
refused 1 'no policy for .example.org' --from rows.yaml .example.org

refused 73 'Is a directory' --metrics "$TMP" a.example may
refused 73 'Is a directory' --output "$TMP" a.example may

# Without an answer from DNS all mail would seem to be deferred: nothing is said then.
refused 69 'no validated answer from DNS, by 127.0.0.1@9: .*; name another server with --resolver' \
	--resolver 127.0.0.1@9 a.example may
exits 3 'Nagios: that is UNKNOWN' "$TLSPOL" verify --no-defaults --nagios --resolver 127.0.0.1@9 a.example may
like "$out" '^TLSPOL UNKNOWN - no validated answer from DNS' '  and the one line says why'
is "$err" '' '  and nothing else is said'
exits 3 'Nagios: the database does not answer' "$TLSPOL" verify --no-defaults --nagios --socket "$TMP/none.sock"
like "$out" '^TLSPOL UNKNOWN - .*no server answers' '  and the one line says why'
exits 64 'Nagios: wrong words are the caller'\''s affair' "$TLSPOL" verify --nagios --nonsense

# What cannot be looked at is unknown, which is not the same as all is well.
exits 2 'rows that are for nobody in particular' "$TLSPOL" verify --from rows.yaml
like "$out" '\.example\.com +encrypt +unknown +.*--sample HOST' '  a parent domain wants a sample'
like "$err" 'note: 1 row for sockets left out' '  there is no TLS to look at in sockets'
unlike "$out$err" 'off.example.com' '  and rows that are off are left out'
like "$err" '1 destination: 1 unknown; 1 for subdomains not looked at' '  the last line says so'
exits 2 'JSON of it' "$TLSPOL" verify --from rows.yaml --format json --quiet
is "$(python3 -c 'import json, sys
row, = json.load(sys.stdin)
print(row["domain"], row["destination"], row["outcome"], row["hosts"], row["mx"], row["sts"])' <<<"$out")" \
	'.example.com .example.com unknown [] None None' '  has the row with nothing in it'
is "$err" '' '  and --quiet is quiet'
exits 3 'Nagios: unknown' "$TLSPOL" verify --from rows.yaml --nagios
like "$out" "^TLSPOL UNKNOWN - 1 of 1 unknown: \.example\.com .*\| destinations=1;;;0 deliver=0;;;0;1 .* unknown=1;;;0;1" \
	'  with its performance data'
echo '/var/run/lmtp none' >sockets.map
exits 2 'nothing at all to look at' "$TLSPOL" verify --from sockets.map
like "$err" 'there is nothing to verify' '  is said'
exits 3 'nor does Nagios take it for well' "$TLSPOL" verify --from sockets.map --nagios
exits 2 'a sample that no parent has' "$TLSPOL" verify --from rows.yaml --sample www.example.org
like "$err" 'warning: --sample www.example.org: no row for a parent domain answers' '  is said'

# A policy in words is judged by the rules first: Postfix would do as they say.
exits 69 'what Postfix could not use' "$TLSPOL" verify --resolver 127.0.0.1@9 a.example secure mach=b.example
like "$err" 'warning: .*did you mean "match".*attribute-unknown' '  is said'

# Without Postfix the settings are assumed, and that is said.
mkdir bin
cp "$TLSPOL" "${TLSPOL%/*}/tlspol-net.so" bin
cat >nowhere.yaml <<END
postfix: {command_directory: $TMP/bin}
END
exits 2 'without Postfix' env PATH="$TMP/bin" "$TLSPOL" verify --config nowhere.yaml --from rows.yaml
case $err in
*'no Postfix here: judged as one would with smtp_tls_security_level = may'*) pass '  it is said what is assumed' ;;
*) if [ -x /usr/sbin/postconf ]; then pass '  it was found where it always is'; else fail '  it is said what is assumed' "$err"; fi ;;
esac
printf '%s\n' 'smtp_tls_security_level = much' >>postfix/main.cf
exits 78 'a main.cf that Postfix would not take' "$TLSPOL" verify --from rows.yaml
like "$err" 'main.cf: smtp_tls_security_level = much: Postfix does not take this value' '  is named'

done_testing
