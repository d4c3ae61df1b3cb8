#!/bin/bash
# add: what is stored, what is refused, and what is never cut.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
mariadb_start || exit 1
table_old
before=$(show_create)
tab=$'\t'

exits 0 'a policy is stored' t add github.com secure match=mx.google.com
is "$out" 'added github.com: secure match=mx.google.com' 'and said so in one line'
is "$err" '' 'without anything on stderr'
is "$(rows)" "github.com${tab}secure${tab}match=mx.google.com" 'the row is Postfix'\''s two words'
exits 0 'a level alone' t add torproject.org dane-only --quiet
is "$out$err" '' '--quiet says nothing'
is "$(sql -D mail "SELECT params IS NULL FROM tlspolicies WHERE domain='torproject.org'")" 1 \
	'no attributes are NULL, not an empty string'

# Keys: what Postfix asks for (facts, section 1)
while read -r typed stored; do
	exits 0 "key $typed" t add "$typed" encrypt
	is "$(sql -D mail "SELECT COUNT(*) FROM tlspolicies WHERE BINARY domain='$stored'")" 1 \
		"is stored as $stored"
done <<'KEYS'
.example.com .example.com
[mx.example.com] [mx.example.com]
[MX.Example.com]:587 [mx.example.com]:587
mx.example.com:25 mx.example.com:25
[192.0.2.1]:25 [192.0.2.1]:25
[IPv6:2001:db8::1] [ipv6:2001:db8::1]
Example.NET example.net
bücher.example xn--bcher-kva.example
straße.example xn--strae-oqa.example
KEYS
like "$err" 'xn--strae-oqa.example' 'the A-label is told'

# Keys Postfix never asks for are refused with the form that was meant
while read -r key meant; do
	exits 65 "key $key is refused" t add "$key" encrypt
	[ "$meant" = - ] || like "$err" "${meant//./\\.}" "and $meant is proposed"
done <<'KEYS'
* -
*.example.org .example.org
@example.org example.org
. -
example.org. example.org
example.org:0 -
2001:db8::1 \[2001:db8::1\]
bad-.example -
KEYS
exits 65 'a U-label that is no IDNA 2008 name' t add $'\u2028.example' encrypt
like "$err" 'IDNA|label|name|character' 'with the reason'

# Values Postfix would defer mail for (facts, sections 3 and 10)
count=$(rows | wc -l)
while read -r value; do
	# shellcheck disable=SC2086 # words
	exits 65 "refused: $value" t add bad.example $value
	like "$err" '\[[a-z0-9-]+\]' 'with the id of the rule'
done <<'VALUES'
half-dane
must
secure junk
secure mach=x.example
secure match=
may match=x.example
secure servername=192.0.2.1
encrypt protocols=TLSv9
encrypt protocols=>=TLSv1.3:<=TLSv1.2
encrypt ciphers=best
encrypt exclude=ALL
fingerprint match=sha256:AB
fingerprint
encrypt connection_reuse=1
VALUES
like "$err" 'connection_reuse' 'the finding names the attribute'
exits 65 'all findings are shown' t add bad.example encrypt ciphers=best protocols=TLSv9
like "$err" ciphers 'the first'
like "$err" protocols 'and the second'
exits 65 'an attribute newer than the target' t add bad.example --postfix-version 3.7 encrypt enable_rpk=yes
like "$err" '3\.9' 'and since when there is one'
is "$(rows | wc -l)" "$count" 'nothing of all this was stored'
exits 0 '--force stores it all the same' t add bad.example encrypt ciphers=best --force
is "$(sql -D mail "SELECT params FROM tlspolicies WHERE domain='bad.example'")" 'ciphers=best' 'as it is'
like "$err" 'ciphers' 'and still says why not'
exits 0 'a warning does not refuse' t add warned.example secure 'match=*.example.com'
like "$err" 'warning: ' 'but is told'

# A key that exists
exits 1 'a key that is stored is refused' t add github.com encrypt
like "$err" 'secure match=mx.google.com' 'the stored policy is shown'
like "$err" '--replace' 'and the way to change it'
is "$(sql -D mail "SELECT policy FROM tlspolicies WHERE domain='github.com'")" secure 'nothing changed'
exits 0 '--replace changes it' t add github.com encrypt --replace
is "$out" 'changed github.com: secure match=mx.google.com -> encrypt' 'old and new are told'
exits 1 'capitals are no other key' t add GitHub.com may
sql -D mail "INSERT INTO tlspolicies VALUES (NULL, 'UPPER.example', 'may', NULL)"
exits 1 'a row of somebody else in capitals is seen' t add UPPER.example encrypt
exits 65 'a key that only the table takes for the same' t add upper.example encrypt
like "$err" 'UPPER\.example' 'is refused with the row that is there'

# Words
exits 0 'separators of Postfix are understood' t add words.example 'SECURE match=a.example,servername=hostname'
is "$(sql -D mail "SELECT policy, params FROM tlspolicies WHERE domain='words.example'")" \
	"secure${tab}match=a.example servername=hostname" 'and stored in canonical form'
exits 0 'braces of 3.10' t add sts.example --postfix-version 3.10 secure match=hostname policy_type=sts \
	policy_domain=sts.example mx_host_pattern=mx.sts.example '{ policy_string = version: STSv1 }'
is "$(sql -D mail "SELECT params FROM tlspolicies WHERE domain='sts.example'")" \
	'match=hostname policy_type=sts policy_domain=sts.example mx_host_pattern=mx.sts.example { policy_string = version: STSv1 }' \
	'keep their blanks'

# Never cut
long=$(printf 'a%.0s' {1..40})
params="match=$long.example:$long.test:$long.net:$long.org:$long.com" # 6 + 5*40 + 33
params=$params:$(printf 'b%.0s' {1..14})
is "${#params}" 250 'a value of 250'
exits 0 'fits' t add long.example secure "$params:abcd"
is "$(sql -D mail "SELECT CHAR_LENGTH(params) FROM tlspolicies WHERE domain='long.example'")" 255 '255 characters'
exits 65 'one more is refused' t add longer.example secure "$params:abcde"
like "$err" '255' 'and the limit is told'
unlike "$err" '--force' 'not that --force would help'
exits 65 'also with --force' t add longer.example secure "$params:abcde" --force
is "$(sql -D mail "SELECT COUNT(*) FROM tlspolicies WHERE domain='longer.example'")" 0 'nothing is stored'

# Columns the old table has not got
for option in --note --provider --origin; do
	exits 78 "$option needs a column" t add noted.example encrypt $option x
	like "$err" 'tlspol init --upgrade' 'and says where it comes from'
done

# SQL text is data
evil="'; drop table tlspolicies; --"
exits 65 'SQL in a key is no key' t add "$evil" encrypt
exits 0 'and with --force a text like any other' t add "$evil" encrypt --force
exits 0 'SQL in params' t add sql.example secure "match=a';DROP/**/TABLE/**/tlspolicies;--" --force
is "$(sql -D mail "SELECT params FROM tlspolicies WHERE domain='sql.example'")" \
	"match=a';DROP/**/TABLE/**/tlspolicies;--" 'is stored as it is'
is "$(sql -D mail "SELECT COUNT(*) FROM tlspolicies WHERE domain='''; drop table tlspolicies; --'")" 1 'so is the key'
exits 0 'a backslash and quotes' t add 'back.example' secure 'match=\"x\' --force
is "$(sql -D mail "SELECT HEX(params) FROM tlspolicies WHERE domain='back.example'")" \
	"$(printf '%s' 'match=\"x\' | od -An -tx1 | tr -d ' \n' | tr a-f A-F)" 'byte for byte'

is "$(show_create)" "$before" 'SHOW CREATE TABLE is unchanged'

# Words on the command line
exits 64 'no level' t add github.com
exits 64 'nothing at all' t add
exits 64 'an unknown option' t add a.example may --relpace
like "$err" '--replace' 'with the one that was meant'
exits 74 'a full standard output where nothing was changed' bash -c '"$@" >/dev/full' - "$TLSPOL" init \
	--no-defaults --socket="$SOCKET" --user=root --database=mail
unlike "$err" 'was changed, but' 'does not say that something was'
exits 74 'a full standard output' bash -c '"$@" >/dev/full' - "$TLSPOL" add --no-defaults \
	--socket="$SOCKET" --user=root --database=mail full.example may
like "$err" 'table was changed' 'says what was done'

# --both, on a table that can hold a U-label
sql -D mail 'DROP TABLE tlspolicies'
exits 0 'a new table' t init
exits 0 '--both' t add --both Bücher.example secure match=bücher.example --note 'two rows'
is "$(sql -D mail 'SELECT domain, policy, note FROM tlspolicies ORDER BY 1')" \
	"bücher.example${tab}secure${tab}two rows"$'\n'"xn--bcher-kva.example${tab}secure${tab}two rows" \
	'stores A-label and folded U-label'
exits 0 'the same again' t add --both bücher.example secure match=bücher.example --replace
is "$(grep -c '^unchanged ' <<<"$out")" 2 'is two rows that stay'
exits 0 'one of the two' t remove xn--bcher-kva.example
exits 0 'the U-label is not in the way of its A-label' t add Bücher.example may
exits 0 'note, provider, origin' t add extra.example may --note "it's 100% \"fine\"" --provider microsoft --origin hand
is "$(sql -D mail "SELECT note, provider, origin FROM tlspolicies WHERE domain='extra.example'")" \
	"it's 100% \"fine\"${tab}microsoft${tab}hand" 'are stored'
done_testing
