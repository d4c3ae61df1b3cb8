# Policy tables as they are found in the world, and a way to run tlspol on them.
# Source it after tests/lib/tap.sh and tests/lib/mariadb.sh.
# shellcheck shell=bash

# tlspol on the private server's database "mail"; nothing of this machine's option files
t() {
	local command=$1
	shift
	"$TLSPOL" "$command" --no-defaults --socket="$SOCKET" --user=root --database=mail "$@"
}

# Judged by what is written here, not by the Postfix of the machine the tests run on.
printf 'postfix:\n  version: 3.11\n' >"$TMP/tlspol.yaml"
export TLSPOL_CONFIG=$TMP/tlspol.yaml

# The table that is in use on many mail servers, beside vimbadmin's or vmail's.
table_old() {
	sql -D mail "DROP TABLE IF EXISTS tlspolicies;
		CREATE TABLE tlspolicies (id int unsigned auto_increment primary key,
			domain varchar(255) not null unique,
			policy enum('none','may','encrypt','dane','dane-only','fingerprint','verify',
				'secure') not null,
			params varchar(255) default null)
			ENGINE=InnoDB DEFAULT CHARSET=latin1"
}

# mailcow's
table_mailcow() {
	sql -D mail "DROP TABLE IF EXISTS tls_policy_override;
		CREATE TABLE tls_policy_override (
			id INT NOT NULL AUTO_INCREMENT,
			dest VARCHAR(255) NOT NULL,
			policy ENUM('none','may','encrypt','dane','dane-only','fingerprint','verify',
				'secure') NOT NULL,
			parameters VARCHAR(255) DEFAULT '',
			created DATETIME(0) NOT NULL DEFAULT NOW(0),
			modified DATETIME ON UPDATE CURRENT_TIMESTAMP,
			active TINYINT(1) NOT NULL DEFAULT '1',
			PRIMARY KEY (id), UNIQUE KEY dest (dest))
			ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci ROW_FORMAT=DYNAMIC"
	cat >"$TMP/mailcow.yaml" <<-'YAML'
		table:
		  name: tls_policy_override
		  columns:
		    domain: dest
		    params: parameters
		    active: active
	YAML
}

# The key is the primary key, the level any text, params '' instead of NULL.
table_keyed() {
	sql -D mail "DROP TABLE IF EXISTS tls_policy;
		CREATE TABLE tls_policy (
			domain VARCHAR(255) NOT NULL,
			policy VARCHAR(32) NOT NULL DEFAULT 'may',
			params VARCHAR(255) NOT NULL DEFAULT '',
			active TINYINT(1) NOT NULL DEFAULT 1,
			PRIMARY KEY (domain))
			ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"
}

# rows [TABLE]: what is stored, by the bytes of the key
rows() { sql -D mail "SELECT domain, policy, params FROM ${1:-tlspolicies} ORDER BY BINARY ${2:-domain}"; }
show_create() { sql -D mail "SHOW CREATE TABLE ${1:-tlspolicies}" | sed 's/ AUTO_INCREMENT=[0-9]*//'; }
