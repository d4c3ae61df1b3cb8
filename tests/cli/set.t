#!/bin/bash
# set: the whole policy with a level, single attributes without.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
mariadb_start || exit 1
table_old
tab=$'\t'
stored() { sql -D mail "SELECT policy, params FROM tlspolicies WHERE domain='$1'"; }
t add a.example secure match=mx.a.example servername=hostname --quiet

exits 1 'a key that is not stored' t set b.example may
like "$err" 'tlspol add' 'names add'
exits 0 'one attribute' t set a.example match=.a.example
is "$out" 'changed a.example: secure match=mx.a.example servername=hostname -> secure match=.a.example servername=hostname' \
	'old and new are told'
is "$(stored a.example)" "secure${tab}match=.a.example servername=hostname" 'the others stay'
exits 0 'a new attribute' t set a.example ciphers=high
is "$(stored a.example)" "secure${tab}match=.a.example servername=hostname ciphers=high" 'comes last'
exits 0 'an empty value is a value' t set a.example protocols=
is "$(stored a.example)" "secure${tab}match=.a.example servername=hostname ciphers=high protocols=" 'and stored'
exits 0 '--unset' t set a.example --unset protocols= --unset CIPHERS
is "$(stored a.example)" "secure${tab}match=.a.example servername=hostname" 'drops attributes'
exits 1 '--unset of what is not there' t set a.example --unset ciphers
exits 0 'the same again' t set a.example secure match=.a.example servername=hostname
is "$out" 'unchanged a.example: secure match=.a.example servername=hostname' 'is no change'
exits 0 'a level replaces all' t set A.Example verify
is "$(stored a.example)" "verify${tab}NULL" 'attributes that are not given are dropped'
exits 0 'a weaker policy is set' t set a.example may
like "$err" 'note: a.example: .*less' 'and a note says so'
exits 0 'a stronger one' t set a.example dane-only
is "$err" '' 'is not worth a note'
exits 65 'a bad value is refused' t set a.example encrypt ciphers=best
exits 65 'also as one attribute' t set a.example match=x.example
is "$(stored a.example)" "dane-only${tab}NULL" 'nothing changed'
exits 0 '--force' t set a.example match=x.example --force
is "$(stored a.example)" "dane-only${tab}match=x.example" 'stores it'
exits 64 'nothing to change' t set a.example
exits 64 'no words' t set
exits 64 '--unset beside a level' t set a.example may --unset match
exits 78 'a note needs the column' t set a.example --note x
like "$err" 'tlspol init --upgrade' 'which init --upgrade adds'

# Rows of others
sql -D mail "INSERT INTO tlspolicies VALUES (NULL, 'Odd.example', 'secure', 'what is this'),
	(NULL, 'half.example', 'secure', 'match=a.example junk')"
exits 65 'a row that is not understood cannot be changed in parts' t set half.example servername=hostname
like "$err" 'match=a.example junk' 'it is shown'
exits 0 'a whole policy replaces it' t set half.example encrypt
is "$(stored half.example)" "encrypt${tab}NULL" 'as given'
exits 0 'a key in capitals is found by its spelling' t set Odd.example may
is "$(sql -D mail "SELECT policy FROM tlspolicies WHERE BINARY domain='Odd.example'")" may 'and keeps it'

# Notes, on a table of our own
sql -D mail 'DROP TABLE tlspolicies'
t init --quiet
t add n.example secure match=n.example --note first --origin hand --quiet
note() { sql -D mail "SELECT policy, note, origin FROM tlspolicies WHERE domain='n.example'"; }
exits 0 'only the note' t set n.example --note second
is "$(note)" "secure${tab}second${tab}hand" 'the policy stays'
exits 0 'only the policy' t set n.example encrypt
is "$(note)" "encrypt${tab}second${tab}hand" 'the note stays'
exits 0 'the same note' t set n.example --note second
like "$out" '^unchanged ' 'is no change'
export SUDO_USER=anna
exits 0 'no note' t set n.example --note ''
exits 0 'shown' t show n.example --format json
like "$out" '"note": null' 'takes it away'
like "$out" "\"changed_by\": \"anna\"" 'and who did it is there'
exits 0 'once more' t set n.example --note ''
like "$out" '^unchanged ' 'is no change'
done_testing
