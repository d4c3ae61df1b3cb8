#!/bin/bash
# Temporary exceptions: they begin when they are set and end by themselves, for the real postmap
# and for every export. Server and client are in different time zones, and neither is UTC.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
. tests/lib/postfix.sh
command -v postmap >/dev/null || skip_all 'no postmap'
export TZ=EST5 SUDO_USER=anna
mariadb_start db --tcp --default-time-zone=+05:30 || exit 1
postfix_config
printf '  version: 3.11\n' >>"$TMP/tlspol.yaml"
tab=$'\t'
sql "CREATE USER postfix@127.0.0.1 IDENTIFIED BY 'secret'; GRANT SELECT ON mail.* TO postfix@127.0.0.1"
echo secret >"$TMP/pw"
cf=$TMP/tls.cf
cf() {
	t export mysql --reader postfix --password-file "$TMP/pw" --hosts "127.0.0.1:$PORT" \
		--output "$cf" && touch -d '1 minute ago' "$cf"
}
# answers KEY WANT MESSAGE: the database, asked by Postfix, and a map exported now agree
answers() {
	is "$(q "$1" "mysql:$cf" 2>&1)" "$2" "$3: postmap"
	is "$(t export map --quiet | sed -n "s/^${1//./\\.}$tab//p")" "$2" "$3: map"
}
# utc "now + 3 days": as the column has it, to the minute
utc() { date -u -d "$1" '+%Y-%m-%d %H:%M'; }
column() { sql -D mail "SELECT $2 FROM tlspolicies WHERE domain = '$1'"; }
over() { # KEY: waits for the end of its exception
	while [ "$(column "$1" 'exception_until > UTC_TIMESTAMP()')" = 1 ]; do sleep 0.2; done
}

# -- the old table has no room for it
table_old
t add old.example secure match=old.example --quiet
exits 78 'the table with four columns' t set old.example may --until 3d --note x
like "$err" 'tlspol init --upgrade' 'says what to do'
exits 78 '--end-exception there' t set old.example --end-exception
ok 'its .cf' cf
is "$(q old.example "mysql:$cf")" 'secure match=old.example' 'works as ever'
exits 0 'upgraded' t init --upgrade --yes
exits 0 'it has' t set old.example may --until 3d --note x
ok 'its new .cf' cf
answers old.example may 'an upgraded table of latin1'
sql -D mail 'DROP TABLE tlspolicies'
t init --quiet

# -- an exception over a row
t add a.example secure match=.a.example --note 'partner' --quiet
ok 'a .cf' cf
is "$(sql -D mail "EXPLAIN $(sed -n 's/^query = //p' "$cf" | sed 's/%s/a.example/g')" | cut -f4)" const \
	'the key is found by its index'
exits 0 'set --until' t set a.example may ciphers=high --until 3d --note 'certificate ran out'
like "$out" '^exception for a.example until .* -05:00 \(3 days left\): may ciphers=high; then secure match=.a.example$' 'says what is done'
like "$err" 'protected less until then' 'and that it is weaker'
is "$(column a.example "policy, params, note, exception_policy, exception_params, exception_note, changed_by")" \
	"secure${tab}match=.a.example${tab}partner${tab}may${tab}ciphers=high${tab}certificate ran out${tab}anna" \
	'the row stays, the exception is beside it'
like "$(column a.example exception_until)" "^($(utc 'now + 3 days')|$(utc 'now + 3 days - 1 minute'))" 'the end is in UTC'
answers a.example 'may ciphers=high' 'in force'
exits 0 'list' t list
like "$out" 'secure .*match=.a.example +may ciphers=high, 3 days left' 'has both, and the time left'
exits 0 'show' t show a.example
like "$out" 'may ciphers=high, 3 days left \(.* -05:00\): certificate ran out' 'has the reason, too'
run t show a.example --format json
like "$out" '"policy": "secure".*"exception_policy": "may", "exception_params": "ciphers=high", "exception_until": "20[-0-9]+T[0-9:]+Z", "exception_note": "certificate ran out"' 'json'
exits 0 'explain' t explain user@a.example
like "$out" 'may ciphers=high +<- this row answers' 'goes by what is in force'
like "$out" 'exception +may ciphers=high, 3 days left' 'says that it is one'
run t explain a.example --format json
like "$out" '"policy": "may", "params": "ciphers=high", "exception_until": "20' 'explain: json'
exits 0 'explain --postmap' t explain a.example --postmap="mysql:$cf"
exits 0 'check finds nothing' t check --quiet
run t export map --output "$TMP/map"
like "$err" 'ends .* -05:00: export the map again' 'export map says when it has to be exported again'
is "$err" "$(t export map --output "$TMP/map" 2>&1)" 'each time the same'

exits 0 'a plain set' t set a.example secure match=a.example
like "$err" 'exception is in force until .* the policy under it was changed' 'changes the row under it, and says so'
answers a.example 'may ciphers=high' 'still in force'
exits 0 'a part of the policy' t set a.example servername=hostname
is "$(column a.example 'params, exception_params')" "match=a.example servername=hostname${tab}ciphers=high" 'of the one under it'
exits 0 'only the end' t set a.example --until '2 weeks'
like "$out" '14 days left\): may ciphers=high' 'moves'
is "$(column a.example exception_note)" 'certificate ran out' 'the reason stays'
exits 0 'the end given as a time' t set a.example --until '2098-12-01 08:00'
is "$(column a.example exception_until)" '2098-12-01 13:00:00' 'is local time'
like "$out" '2098-12-01 08:00:00 -05:00' 'and is shown with its zone'
exits 0 'ISO 8601' t set a.example --until 2098-12-01T08:00:00+01:00
is "$(column a.example exception_until)" '2098-12-01 07:00:00' 'has its own zone'
exits 0 'the same again' t set a.example may ciphers=high --until 2098-12-01T07:00:00Z
like "$out" '^unchanged' 'is no change'
exits 0 'a date' t set a.example --until 2098-12-01
is "$(column a.example exception_until)" '2098-12-01 05:00:00' 'is its first moment here'
exits 0 'tomorrow' t set a.example --until tomorrow
like "$(column a.example exception_until)" " 05:00:00$" 'begins at midnight here'
for bad in 2020-01-01 '2020-01-01 08:00' yesterday '3d ago' now 1970-01-01T00:00:00Z nonsense '' 0d; do
	exits 65 "--until '$bad'" t set a.example may --until "$bad"
done
like "$(column a.example exception_until)" " 05:00:00$" 'nothing was changed'

exits 0 '--end-exception' t set a.example --end-exception
like "$out" '^ended the exception for a.example \(may ciphers=high, .*\): secure match=a.example servername=hostname$' 'says what is in force now'
is "$(column a.example 'exception_policy, exception_params, exception_until, exception_note')" "NULL${tab}NULL${tab}NULL${tab}NULL" 'nothing is left'
answers a.example 'secure match=a.example servername=hostname' 'ended early'
exits 1 'none is there' t set a.example --end-exception
exits 64 'no end to move' t set a.example --until 3d
exits 65 'what Postfix could not use' t set a.example secure ciphers=best --until 3d
exits 1 'no key' t set none.example --until 3d
exits 1 'no key to end' t set none.example --end-exception
exits 64 'words beside --end-exception' t set a.example may --end-exception
exits 64 '--until and --end-exception' t set a.example --until 3d --end-exception
exits 64 '--origin' t set a.example may --until 3d --origin x

# -- a key without a row
exits 65 'no key that Postfix asks for' t set 'a b.example' may --until 3d
exits 0 'a row that only lives until then' t set New.example encrypt --until 3d --note 'move'
like "$out" '^exception for new.example until .*: encrypt; then no policy$' 'is told'
answers new.example encrypt 'while it lives'
exits 0 'list' t list
like "$out" 'new.example +encrypt +this row, 3 days left' 'marks it'
exits 1 'add' t add new.example may
exits 1 'nothing under it' t set new.example ciphers=high
like "$err" 'no policy under its exception' 'could be changed in parts'
exits 0 'its note' t set new.example --note n
is "$(column new.example 'policy, note, exception_policy, exception_note')" "encrypt${tab}n${tab}NULL${tab}move" 'can'
exits 0 'another policy for as long' t set new.example dane --until '2 days'
answers new.example dane 'another'
exits 0 'a plain set' t set new.example secure match=new.example
is "$(column new.example 'policy, params, exception_policy, exception_note')" "secure${tab}match=new.example${tab}dane${tab}move" \
	'puts a policy under it'
answers new.example dane 'still the exception'
t remove new.example --quiet
t set new.example encrypt --until 3d --note x --quiet
exits 0 'the same policy for good' t set new.example encrypt
is "$(column new.example 'policy, exception_until')" "encrypt${tab}NULL" 'is no exception any more'
t remove new.example --quiet
t set new.example encrypt --until 3d --note x --quiet
exits 0 '--end-exception' t set new.example --end-exception
like "$out" '^removed new.example: encrypt' 'removes it'
is "$(column new.example 'count(*)')" 0 'wholly'

# -- the end comes
t set a.example none --until 2s --note x --quiet
t set short.example may --until 2s --note x --quiet
t add sub.example may --quiet
t set b.sub.example dane --until 2s --note x --quiet 
t add .sub.example secure match=.sub.example --quiet
answers a.example none 'before the end'
answers short.example may 'before the end'
over short.example
over b.sub.example
sleep 1
answers a.example 'secure match=a.example servername=hostname' 'after the end'
answers short.example '' 'after the end'
is "$(t explain short.example >/dev/null; echo $?)" 1 'explain: there is no row any more'
like "$(t explain b.sub.example)" '\.sub\.example +secure match=.sub.example +<- this row answers' 'nor for names with a parent'
exits 0 'list' t list
like "$out" 'a.example .*none, ended [0-9]+ seconds? ago' 'shows it as ended'
like "$out" 'short.example +may +this row, ended [0-9]+ seconds? ago' 'also a whole row'
for format in yaml json csv; do
	run t export $format
	unlike "$out" 'short.example' "export $format does not give it"
	like "$out" 'secure' "  but the policy under the other"
done
exits 1 'check' t check
like "$out" 'a.example +exception-ended +warning' 'warns of it'
like "$out" 'short.example +exception-ended +warning' 'and of the row'
run t check --format json
is "$(grep -c exception- <<<"$out")" 3 'once each'
exits 0 'the end moved' t set short.example --until 1h
answers short.example may 'it lives again'
t set short.example --until 1s --quiet
over short.example
exits 0 'add' t add short.example encrypt
is "$(column short.example 'policy, exception_until')" "encrypt${tab}NULL" 'takes its place'
t set a.example --end-exception --quiet
t remove b.sub.example --quiet
exits 0 'check' t check --quiet

# -- no reason
exits 0 'set without a reason' t set a.example encrypt --until 1h
like "$err" 'nothing says why' 'says so'
exits 1 'check' t check
like "$out" 'a.example +exception-without-reason +warning' 'finds it'
sql -D mail "UPDATE tlspolicies SET exception_policy = 'secure', exception_params = 'ciphers=best', exception_note = 'x'
	WHERE domain = 'a.example'"
exits 1 'check of the live policy' t check
like "$out" 'in the exception: ' 'names the exception'

# -- files
t set a.example may ciphers=high --until 2098-12-01 --note 'a: "b"' --quiet
t set until.example may --until 2098-12-02 --note why --quiet
t export yaml >"$TMP/all.yaml"
like "$(cat "$TMP/all.yaml")" 'exception_until: "?2098-12-01T05:00:00Z' 'YAML has the exception'
for format in yaml json csv; do
	t export $format >"$TMP/all.$format"
	exits 0 "import of $format" t import "$TMP/all.$format" --plan
	like "$err" '0 to add, 0 to change' '  changes nothing'
done
sql -D mail 'CREATE TABLE copy LIKE tlspolicies'
for format in yaml json csv; do
	sql -D mail 'DELETE FROM copy'
	exits 0 "$format into another table" t import "$TMP/all.$format" --apply --table copy
	sql -D mail 'UPDATE copy SET origin = NULL'
	is "$(t export yaml --table copy)" "$(cat "$TMP/all.yaml")" "  gives the same"
done
t export map --quiet >"$TMP/map"
printf 'policies:\n  a.example: encrypt\n  until.example: encrypt\n  new.example: may\n' >"$TMP/plain.yaml"
# JSON KEY: the fields of the plan's row that are about exceptions, and not null
plan_fields() {
	t import "$1" --plan --format json | python3 -c '
import json, sys
for row in json.load(sys.stdin):
	if row["domain"] == sys.argv[1]:
		for name, value in row.items():
			if "exception" in name and value is not None: print(name, value)' "$2"
}
is "$(plan_fields "$TMP/plain.yaml" until.example)" 'exception_policy may
exception_until 2098-12-02T05:00:00Z
old_exception_until 2098-12-02T05:00:00Z
exception_note why
old_exception_note why' 'the plan as JSON: a row that was the exception comes to lie over the new policy'
exits 0 'a file that says nothing of exceptions' t import "$TMP/plain.yaml" --apply --allow-weaker
is "$(column a.example 'policy, exception_policy, exception_params')" "encrypt${tab}may${tab}ciphers=high" 'leaves them'
is "$(column until.example 'policy, exception_policy')" "encrypt${tab}may" 'and is what is under them'
exits 0 'again' t import "$TMP/plain.yaml" --plan
printf 'policies:\n  a.example: {policy: encrypt, exception_until: ""}\n' >"$TMP/end.yaml"
is "$(plan_fields "$TMP/end.yaml" a.example)" 'old_exception_policy may
old_exception_params ciphers=high
old_exception_until 2098-12-01T05:00:00Z
old_exception_note a: "b"' 'the plan as JSON: it goes'
exits 0 'an empty end' t import "$TMP/end.yaml" --apply
is "$(column a.example 'policy, exception_policy')" "encrypt${tab}NULL" 'takes it away'
printf 'policies:\n  a.example:\n    policy: encrypt\n    exception_policy: none\n    exception_until: 2098-01-01\n    exception_note: x\n' >"$TMP/weak.yaml"
exits 1 'a weaker exception' t import "$TMP/weak.yaml" --apply
like "$err" 'allow-weaker' 'needs --allow-weaker'
exits 0 'without a database' "$TLSPOL" export map --from "$TMP/weak.yaml"
is "$out" "a.example${tab}none" 'a file is judged the same way'
for bad in 'exception_until: soon' 'exception_policy: may' 'exception_note: x'; do
	printf 'policies:\n  a.example:\n    policy: may\n    %s\n' "$bad" >"$TMP/bad.yaml"
	exits 65 "$bad" "$TLSPOL" check --from "$TMP/bad.yaml"
done
printf 'policies:\n  a.example: {policy: may, exception_policy: strong, exception_until: 2098-01-01, exception_note: x}\n' >"$TMP/bad.yaml"
exits 65 'an exception that Postfix could not use' t import "$TMP/bad.yaml" --apply
sql -D mail 'RENAME TABLE tlspolicies TO upgraded'
table_old
exits 78 'the old table' t import "$TMP/all.yaml" --apply
like "$err" 'tlspol init --upgrade' 'has no room for them'

# -- the least privileged reader of init --grants
sql -D mail 'DROP TABLE tlspolicies'
t init --quiet
t set a.example may --until 3d --note x --quiet
sql 'DROP USER postfix@127.0.0.1'
t init --grants | sed "s/CHANGE-ME/secret/; s/@'localhost'/@'127.0.0.1'/" | grep -v '^--' |
	mariadb --no-defaults -S "$SOCKET" -u root --skip-ssl
is "$(q a.example "mysql:$cf" 2>&1)" may 'may read what the query needs'
done_testing
