#!/bin/bash
# Tables as they are found: read as they are, written without being altered, and refused with a
# reason when they cannot hold policies.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
. tests/lib/store.sh
mariadb_start || exit 1
tab=$'\t'
sql "SET GLOBAL sql_mode=''"

# The exact old table
table_old
before=$(sql -D mail 'SHOW CREATE TABLE tlspolicies')
sql -D mail "INSERT INTO tlspolicies (id, domain, policy, params) VALUES
	(1, 'null.example', 'may', NULL), (2, 'empty.example', 'may', ''),
	(3, 'no-level.example', 'half-dane', 'match=x'), (4, ' blank.example ', 'secure', '  '),
	(5, 'GitHub.com', 'Secure', 'match=GitHub.com'), (6, 'bücher.example', 'may', 'x=ÿ'),
	(7, 0x01FE0A2E78, 'may', 0x00FF)"
is "$(p find null.example empty.example)" \
	"2${tab}empty.example${tab}may${tab}${tab}active${tab}-${tab}-
1${tab}null.example${tab}may${tab}\\N${tab}active${tab}-${tab}-" "NULL and '' are told apart"
is "$(p find no-level.example)" "3${tab}no-level.example${tab}?${tab}match=x${tab}active${tab}-${tab}-" 'a level that became nothing'
is "$(p find ' blank.example ')" "4${tab} blank.example ${tab}secure${tab}  ${tab}active${tab}-${tab}-" 'blanks are kept'
is "$(p find blank.example)" '' 'and belong to the key'
is "$(p find ' blank.example')" '' 'also those behind, which the collation does not see'
is "$(p find github.com)" '' 'capitals are another key'
is "$(p find bücher.example)" "6${tab}bücher.example${tab}may${tab}x=ÿ${tab}active${tab}-${tab}-" 'latin1 comes as UTF-8'
is "$(p find bycher.example 日本.example $'\001' "x' OR '1'='1")" '' 'keys the column cannot hold are not there'
is "$(p read | wc -l | tr -d ' ')" 8 'all rows are read (one has a newline in its key)'
like "$(p describe)" 'versioned=0 unique=1 view=0 read_only=0' 'described'
like "$(p describe)" "3 params varchar\(255\) latin1_swedish_ci 255 null" 'with its limits'

# Written, never altered, never cut, whatever the server's sql_mode
is "$(apply 'add new.example secure match=new.example\nset empty.example encrypt\nremove null.example')" '' 'three changes'
is "$(p find new.example empty.example null.example | cut -f2-4)" \
	"empty.example${tab}encrypt${tab}\\N
new.example${tab}secure${tab}match=new.example" 'are done'
is "$(apply 'set no-level.example dane')" '' 'what is not understood can be replaced'
long=$(printf 'a%.0s' {1..250})
is "$(apply "add long.example may match=$(printf 'a%.0s' {1..249})")" '' '255 characters'
fails 65 'long2\.example: .*longer than the column.*\(error 1406\).*--upgrade' '256' apply "add long2.example may match=$long"
fails 65 'long2\.example: .*\(error 1406\)' 'a key of 256' apply "add $long$long.long2.example may"
fails 65 'x\.example: .*cannot hold the value.*\(error 1265\)' 'a level the enum has not' apply 'add x.example half-dane'
fails 65 '日本\.example: .*character set.*\(error 1366\)' 'a key latin1 has not' apply 'add 日本.example may'
fails 65 'x\.example: .*\(error 1366\)' 'params latin1 has not' apply 'add x.example may match=日本'
fails 65 'bycher\.example: .*`bücher\.example`.*equal' 'a key the collation holds equal' apply 'add bycher.example may'
fails 65 'github\.com: .*`GitHub\.com`' 'capitals are in the way' apply 'add github.com may'
is "$(apply 'remove GitHub.com\nadd github.com may')" '' 'but can be replaced in one go'
fails 78 'x\.example: .*no column for the note.*tlspol init --upgrade' 'no note without a column' apply 'add x.example may # a note'
sqli="x'); DROP TABLE tlspolicies; -- "
is "$(apply "add a\\\\\\\\'\"\`;.example secure match=$sqli")" '' 'SQL in every field'
is "$(sql -D mail "SELECT params FROM tlspolicies WHERE domain LIKE 'a%;.example'")" "match=${sqli% }" 'is data'
is "$(sql -D mail 'SHOW CREATE TABLE tlspolicies' | sed 's/AUTO_INCREMENT=[0-9]* //')" \
	"$(sed 's/AUTO_INCREMENT=[0-9]* //' <<<"$before")" 'SHOW CREATE TABLE is unchanged'

# mailcow's
table_mailcow
m() { p table=tls_policy_override column_domain=dest column_params=parameters column_active=active "$@"; }
sql -D mail "INSERT INTO tls_policy_override (dest, policy, parameters, active, created) VALUES
	('on.example', 'secure', 'match=x', 1, '2020-01-01'), ('off.example', 'may', '', 0, '2020-01-01')"
is "$(m read | cut -f2-5)" "off.example${tab}may${tab}${tab}inactive
on.example${tab}secure${tab}match=x${tab}active" "mailcow's table"
is "$(printf 'add new.example may\nset off.example encrypt\nset on.example may\n' | m apply)" '' 'is written'
is "$(sql -D mail 'SELECT dest, policy, parameters, active, created < NOW() - INTERVAL 1 DAY FROM tls_policy_override ORDER BY dest')" \
	"new.example${tab}may${tab}${tab}1${tab}0
off.example${tab}encrypt${tab}${tab}0${tab}1
on.example${tab}may${tab}${tab}1${tab}1" "'' where mailcow's CONCAT needs it, active and other columns left alone"
like "$(m describe)" 'other created' 'other columns are known to be there'

# The key is the primary key; the level is any text; params refuse NULL
table_keyed
k() { p table=tls_policy column_active=active "$@"; }
sql -D mail "INSERT INTO tls_policy VALUES ('a.example', 'secured', 'x', 1), ('b.example', 'SECURE', '', 1), ('C.example', '', '', 1)"
is "$(k read | cut -f1-4)" "0${tab}C.example${tab}?${tab}
0${tab}a.example${tab}?secured${tab}x
0${tab}b.example${tab}secure${tab}" 'a table keyed by the domain'
is "$(printf 'set a.example may\nremove b.example\nset C.example dane\nadd d.example half-dane\n' | k apply)" '' 'is written'
is "$(sql -D mail 'SELECT * FROM tls_policy ORDER BY domain')" "a.example${tab}may${tab}${tab}1
C.example${tab}dane${tab}${tab}1
d.example${tab}half-dane${tab}${tab}1" 'by key, and any word is a level here'

# A key column without an index of its own: two rows of one key
sql -D mail "CREATE TABLE loose (domain VARCHAR(255), policy VARCHAR(20), params TEXT);
	INSERT INTO loose VALUES ('a.example', 'may', NULL), ('a.example', 'encrypt', NULL), (NULL, NULL, NULL), ('b.example', 'may', NULL)"
is "$(p table=loose read | cut -f2-4 | LC_ALL=C sort)" "${tab}?${tab}\\N
a.example${tab}encrypt${tab}\\N
a.example${tab}may${tab}\\N
b.example${tab}may${tab}\\N" 'all are read'
like "$(p table=loose describe)" 'unique=0' 'the missing index is seen'
fails 78 'a\.example: .*2 rows instead of 1.*nothing was changed' 'what cannot be told apart' apply 'set a.example dane' table=loose
is "$(sql -D mail "SELECT COUNT(*) FROM loose WHERE policy = 'dane'")" 0 'is not changed'
is "$(apply 'set b.example dane' table=loose)" '' 'a single one is'

# No transactions: one change at a time
sql -D mail "CREATE TABLE aria (domain VARCHAR(255) PRIMARY KEY, policy VARCHAR(20), params TEXT) ENGINE=Aria"
is "$(apply 'add a.example may' table=aria)" '' 'one change in an Aria table'
fails 78 'Aria.*no transactions.*InnoDB' 'two could stop half way' apply 'add b.example may\nadd c.example may' table=aria

# Names with backticks
sql -D mail 'CREATE TABLE `od``d` (`id` int auto_increment primary key, `do``m` varchar(255) unique, `%s` varchar(20), `;--` text)'
o() { p 'table=od`d' 'column_domain=do`m' 'column_policy=%s' 'column_params=;--' "$@"; }
is "$(printf 'add a.example may x=y\n' | o apply)" '' 'odd names are written'
is "$(printf 'set a.example dane\n' | o apply; o find a.example | cut -f2,3)" "a.example${tab}dane" 'changed and found'
is "$(printf 'remove a.example\n' | o apply; o read)" '' 'and removed'

# Not a policy table
fails 78 'no column `dest` for domain' 'a mapped column that is missing' p column_domain=dest read
fails 78 'no column `dest` for domain' 'is missing for describe, too' p column_domain=dest describe
fails 78 'no column `memo` for note' 'an optional one, named' p column_note=memo read
sql -D mail "CREATE TABLE numbers (id int, domain varchar(255), policy int, params varchar(255));
	CREATE TABLE blobs (id int, domain varchar(255), policy varchar(20), params blob);
	CREATE TABLE varbin (id int auto_increment primary key, domain varbinary(255) unique, policy varchar(20), params varbinary(1000));
	INSERT INTO varbin VALUES (1, 'a.example', 'may', 'x=\\xff')"
fails 78 'column `policy` of `numbers` is a number' 'a level in numbers' p table=numbers read
fails 78 'column `policy` of `numbers` is int\(11\).*enum' 'by its type' p table=numbers describe
fails 78 'column `params` of `blobs` is binary' 'params in a BLOB' p table=blobs read
fails 78 'column `params` of `blobs` is blob' 'by its type' p table=blobs describe
like "$(p table=varbin find a.example)" 'may' 'VARBINARY is bytes, and bytes will do'
is "$(apply 'set a.example dane\nadd b.example may' table=varbin)" '' 'and is written'

# A view
sql -D mail "CREATE VIEW seen AS SELECT domain, policy, params FROM tlspolicies WHERE policy <> 'none'"
like "$(p table=seen find new.example)" 'new\.example' 'a view is read'
like "$(p table=seen describe)" 'view=1 read_only=0' 'and is known as one'
fails 78 'a view' 'an upgrade is for tables' p table=seen upgrade
sql -D mail "CREATE VIEW grouped AS SELECT MIN(id) AS id, domain, policy, params FROM tlspolicies GROUP BY domain"
fails 78 'view that cannot be written.*\(error 1[0-9]*\)' 'a view that cannot be written' apply 'add view.example may' table=grouped
done_testing
