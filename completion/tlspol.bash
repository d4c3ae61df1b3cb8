# bash completion for tlspol, written by `tlspol completion bash`: do not edit

# What a word can be behind ':': file, directory, key, none (free text) or word|word.
# The last operand repeats when a + follows.
_tlspol_table() {
	case $1 in
	'')
		options='--version --help --config:file --quiet --verbose --colour:auto|always|never --host:none --port:none -P:none --socket:file -S:file --protocol:tcp|socket --user:none -u:none --password-file:file --ask-password --database:none -D:none --table:none --defaults-file:file --defaults-extra-file:file --defaults-group-suffix:none --no-defaults --connect-timeout:none --ssl --ssl-ca:file --ssl-capath:directory --ssl-cert:file --ssl-key:file --ssl-cipher:none --skip-ssl --skip-ssl-verify-server-cert'
		operands='add|set|remove|list|show|explain|check|verify|import|export|history|diff|revert|init|doctor|help|version|completion none+' ;;
	add)
		options='--note:none -n:none --provider:none --origin:none --replace --force --both --postfix-version:none --no-tafile --host:none --port:none -P:none --socket:file -S:file --protocol:tcp|socket --user:none -u:none --password-file:file --ask-password --database:none -D:none --table:none --defaults-file:file --defaults-extra-file:file --defaults-group-suffix:none --no-defaults --connect-timeout:none --ssl --ssl-ca:file --ssl-capath:directory --ssl-cert:file --ssl-key:file --ssl-cipher:none --skip-ssl --skip-ssl-verify-server-cert --help --config:file --quiet --verbose --colour:auto|always|never'
		operands='none none|may|encrypt|dane|dane-only|fingerprint|verify|secure ciphers=|protocols=|exclude=|match=|tafile=|servername=|connection_reuse=|enable_rpk=|policy_type=|policy_domain=|policy_string=|mx_host_pattern=|policy_failure=|policy_ttl=+' ;;
	set)
		options='--unset:ciphers=|protocols=|exclude=|match=|tafile=|servername=|connection_reuse=|enable_rpk=|policy_type=|policy_domain=|policy_string=|mx_host_pattern=|policy_failure=|policy_ttl= --note:none -n:none --provider:none --origin:none --until:none --end-exception --force --postfix-version:none --no-tafile --host:none --port:none -P:none --socket:file -S:file --protocol:tcp|socket --user:none -u:none --password-file:file --ask-password --database:none -D:none --table:none --defaults-file:file --defaults-extra-file:file --defaults-group-suffix:none --no-defaults --connect-timeout:none --ssl --ssl-ca:file --ssl-capath:directory --ssl-cert:file --ssl-key:file --ssl-cipher:none --skip-ssl --skip-ssl-verify-server-cert --help --config:file --quiet --verbose --colour:auto|always|never'
		operands='key none|may|encrypt|dane|dane-only|fingerprint|verify|secure ciphers=|protocols=|exclude=|match=|tafile=|servername=|connection_reuse=|enable_rpk=|policy_type=|policy_domain=|policy_string=|mx_host_pattern=|policy_failure=|policy_ttl=+' ;;
	remove | rm)
		options='--host:none --port:none -P:none --socket:file -S:file --protocol:tcp|socket --user:none -u:none --password-file:file --ask-password --database:none -D:none --table:none --defaults-file:file --defaults-extra-file:file --defaults-group-suffix:none --no-defaults --connect-timeout:none --ssl --ssl-ca:file --ssl-capath:directory --ssl-cert:file --ssl-key:file --ssl-cipher:none --skip-ssl --skip-ssl-verify-server-cert --help --config:file --quiet --verbose --colour:auto|always|never'
		operands='key+' ;;
	list | ls)
		options='--level:none|may|encrypt|dane|dane-only|fingerprint|verify|secure -l:none|may|encrypt|dane|dane-only|fingerprint|verify|secure --provider:none --origin:none --note:none -n:none --as-of:none --sort:domain|policy|params|provider|origin -s:domain|policy|params|provider|origin --reverse --format:table|json|yaml|csv|tsv|map -F:table|json|yaml|csv|tsv|map --output:file -o:file --from:file --input-format:auto|yaml|map|csv|json|eff --accept-expired --host:none --port:none -P:none --socket:file -S:file --protocol:tcp|socket --user:none -u:none --password-file:file --ask-password --database:none -D:none --table:none --defaults-file:file --defaults-extra-file:file --defaults-group-suffix:none --no-defaults --connect-timeout:none --ssl --ssl-ca:file --ssl-capath:directory --ssl-cert:file --ssl-key:file --ssl-cipher:none --skip-ssl --skip-ssl-verify-server-cert --help --config:file --quiet --verbose --colour:auto|always|never'
		operands='key+' ;;
	show)
		options='--postfix-version:none --no-tafile --format:table|json|yaml|csv|tsv -F:table|json|yaml|csv|tsv --output:file -o:file --from:file --input-format:auto|yaml|map|csv|json|eff --accept-expired --host:none --port:none -P:none --socket:file -S:file --protocol:tcp|socket --user:none -u:none --password-file:file --ask-password --database:none -D:none --table:none --defaults-file:file --defaults-extra-file:file --defaults-group-suffix:none --no-defaults --connect-timeout:none --ssl --ssl-ca:file --ssl-capath:directory --ssl-cert:file --ssl-key:file --ssl-cipher:none --skip-ssl --skip-ssl-verify-server-cert --help --config:file --quiet --verbose --colour:auto|always|never'
		operands='key+' ;;
	explain)
		options='--postmap --postfix-version:none --no-tafile --from:file --input-format:auto|yaml|map|csv|json|eff --accept-expired --format:table|json|yaml|csv|tsv -F:table|json|yaml|csv|tsv --output:file -o:file --host:none --port:none -P:none --socket:file -S:file --protocol:tcp|socket --user:none -u:none --password-file:file --ask-password --database:none -D:none --table:none --defaults-file:file --defaults-extra-file:file --defaults-group-suffix:none --no-defaults --connect-timeout:none --ssl --ssl-ca:file --ssl-capath:directory --ssl-cert:file --ssl-key:file --ssl-cipher:none --skip-ssl --skip-ssl-verify-server-cert --help --config:file --quiet --verbose --colour:auto|always|never'
		operands='key' ;;
	check)
		options='--severity:error|warning|notice --postfix-version:none --no-tafile --from:file --input-format:auto|yaml|map|csv|json|eff --accept-expired --format:table|json|yaml|csv|tsv -F:table|json|yaml|csv|tsv --output:file -o:file --host:none --port:none -P:none --socket:file -S:file --protocol:tcp|socket --user:none -u:none --password-file:file --ask-password --database:none -D:none --table:none --defaults-file:file --defaults-extra-file:file --defaults-group-suffix:none --no-defaults --connect-timeout:none --ssl --ssl-ca:file --ssl-capath:directory --ssl-cert:file --ssl-key:file --ssl-cipher:none --skip-ssl --skip-ssl-verify-server-cert --help --config:file --quiet --verbose --colour:auto|always|never'
		operands='key+' ;;
	verify)
		options='--all --sample:none --ahead:none --both-keys --no-sts --strict --problems --details --changed-since:file --nagios --metrics:file --ca-file:file --ca-path:directory --level-default:none|may|encrypt|dane|dane-only|fingerprint|verify|secure --fingerprint-digest:none --main-cf:none --helo:none --postfix-version:none --resolver:none --trust-anchor:file --root-hints:file --timeout:none --deadline:none --stop-after:none --width:none --per-address:none --per-provider:none --from:file --input-format:auto|yaml|map|csv|json|eff --accept-expired --format:table|json|yaml|csv|tsv -F:table|json|yaml|csv|tsv --output:file -o:file --host:none --port:none -P:none --socket:file -S:file --protocol:tcp|socket --user:none -u:none --password-file:file --ask-password --database:none -D:none --table:none --defaults-file:file --defaults-extra-file:file --defaults-group-suffix:none --no-defaults --connect-timeout:none --ssl --ssl-ca:file --ssl-capath:directory --ssl-cert:file --ssl-key:file --ssl-cipher:none --skip-ssl --skip-ssl-verify-server-cert --help --config:file --quiet --verbose --colour:auto|always|never'
		operands='key+' ;;
	import)
		options='--prune --prune=all --label:none --force --both --plan --apply --yes --max-change:none --allow-weaker --expect:none --input-format:auto|yaml|map|csv|json|eff --accept-expired --format:table|json|yaml|csv|tsv -F:table|json|yaml|csv|tsv --output:file -o:file --postfix-version:none --no-tafile --host:none --port:none -P:none --socket:file -S:file --protocol:tcp|socket --user:none -u:none --password-file:file --ask-password --database:none -D:none --table:none --defaults-file:file --defaults-extra-file:file --defaults-group-suffix:none --no-defaults --connect-timeout:none --ssl --ssl-ca:file --ssl-capath:directory --ssl-cert:file --ssl-key:file --ssl-cipher:none --skip-ssl --skip-ssl-verify-server-cert --help --config:file --quiet --verbose --colour:auto|always|never'
		operands='file+' ;;
	export)
		options='--postmap --postmap=lmdb --postmap=hash --postmap=cdb --postmap=btree --as-of:none --reader:none --hosts:none --output:file -o:file --from:file --input-format:auto|yaml|map|csv|json|eff --accept-expired --host:none --port:none -P:none --socket:file -S:file --protocol:tcp|socket --user:none -u:none --password-file:file --ask-password --database:none -D:none --table:none --defaults-file:file --defaults-extra-file:file --defaults-group-suffix:none --no-defaults --connect-timeout:none --ssl --ssl-ca:file --ssl-capath:directory --ssl-cert:file --ssl-key:file --ssl-cipher:none --skip-ssl --skip-ssl-verify-server-cert --help --config:file --quiet --verbose --colour:auto|always|never'
		operands='map|mysql|yaml|json|csv' ;;
	history)
		options='--since:none --prune-before:none --format:table|json|yaml|csv|tsv -F:table|json|yaml|csv|tsv --output:file -o:file --host:none --port:none -P:none --socket:file -S:file --protocol:tcp|socket --user:none -u:none --password-file:file --ask-password --database:none -D:none --table:none --defaults-file:file --defaults-extra-file:file --defaults-group-suffix:none --no-defaults --connect-timeout:none --ssl --ssl-ca:file --ssl-capath:directory --ssl-cert:file --ssl-key:file --ssl-cipher:none --skip-ssl --skip-ssl-verify-server-cert --help --config:file --quiet --verbose --colour:auto|always|never'
		operands='key+' ;;
	diff)
		options='--format:table|json|yaml|csv|tsv -F:table|json|yaml|csv|tsv --output:file -o:file --from:file --input-format:auto|yaml|map|csv|json|eff --accept-expired --host:none --port:none -P:none --socket:file -S:file --protocol:tcp|socket --user:none -u:none --password-file:file --ask-password --database:none -D:none --table:none --defaults-file:file --defaults-extra-file:file --defaults-group-suffix:none --no-defaults --connect-timeout:none --ssl --ssl-ca:file --ssl-capath:directory --ssl-cert:file --ssl-key:file --ssl-cipher:none --skip-ssl --skip-ssl-verify-server-cert --help --config:file --quiet --verbose --colour:auto|always|never'
		operands='none none' ;;
	revert)
		options='--to:none --all --plan --apply --yes --max-change:none --allow-weaker --expect:none --format:table|json|yaml|csv|tsv -F:table|json|yaml|csv|tsv --output:file -o:file --host:none --port:none -P:none --socket:file -S:file --protocol:tcp|socket --user:none -u:none --password-file:file --ask-password --database:none -D:none --table:none --defaults-file:file --defaults-extra-file:file --defaults-group-suffix:none --no-defaults --connect-timeout:none --ssl --ssl-ca:file --ssl-capath:directory --ssl-cert:file --ssl-key:file --ssl-cipher:none --skip-ssl --skip-ssl-verify-server-cert --help --config:file --quiet --verbose --colour:auto|always|never'
		operands='key+' ;;
	init)
		options='--print --upgrade --history --yes --grants --host:none --port:none -P:none --socket:file -S:file --protocol:tcp|socket --user:none -u:none --password-file:file --ask-password --database:none -D:none --table:none --defaults-file:file --defaults-extra-file:file --defaults-group-suffix:none --no-defaults --connect-timeout:none --ssl --ssl-ca:file --ssl-capath:directory --ssl-cert:file --ssl-key:file --ssl-cipher:none --skip-ssl --skip-ssl-verify-server-cert --help --config:file --quiet --verbose --colour:auto|always|never'
		operands='' ;;
	doctor)
		options='--dns --bogus:none --postfix-version:none --no-tafile --resolver:none --trust-anchor:file --root-hints:file --format:table|json|yaml|csv|tsv -F:table|json|yaml|csv|tsv --output:file -o:file --host:none --port:none -P:none --socket:file -S:file --protocol:tcp|socket --user:none -u:none --password-file:file --ask-password --database:none -D:none --table:none --defaults-file:file --defaults-extra-file:file --defaults-group-suffix:none --no-defaults --connect-timeout:none --ssl --ssl-ca:file --ssl-capath:directory --ssl-cert:file --ssl-key:file --ssl-cipher:none --skip-ssl --skip-ssl-verify-server-cert --help --config:file --quiet --verbose --colour:auto|always|never'
		operands='' ;;
	help)
		options='--help --config:file --quiet --verbose --colour:auto|always|never'
		operands='add|set|remove|list|show|explain|check|verify|import|export|history|diff|revert|init|doctor|help|version|completion' ;;
	version)
		options='--help --config:file --quiet --verbose --colour:auto|always|never'
		operands='' ;;
	completion)
		options='--help --config:file --quiet --verbose --colour:auto|always|never'
		operands='bash|zsh|fish' ;;
	*) options='' operands='' ;;
	esac
}

# _tlspol_takes OPTION: sets kind to what its value can be, fails for a flag
_tlspol_takes() {
	local entry
	for entry in $options; do
		[[ $entry == "$1:"* ]] && kind=${entry#*:} && return 0
	done
	return 1
}

# _tlspol_reply KIND WORD PROGRAM
_tlspol_reply() {
	case $1 in
	none) COMPREPLY=() ;;
	file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
	directory) compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -d -- "$2") ;;
	key) mapfile -t COMPREPLY < <("$3" __complete key -- "$2" 2>/dev/null) ;;
	*) mapfile -t COMPREPLY < <(compgen -W "${1//|/ }" -- "$2") ;;
	esac
	[[ ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
}

# _tlspol_operand POSITION: sets kind
_tlspol_operand() {
	local -a kinds
	read -ra kinds <<<"$operands"
	local last=$((${#kinds[@]} - 1)) at=$1
	kind=none
	((last >= 0)) || return
	[[ $at -le $last || ${kinds[last]} != *+ ]] || at=$last
	((at > last)) || kind=${kinds[at]%+}
}

_tlspol() {
	local line=${COMP_LINE:0:COMP_POINT} options operands kind='' value='' command='' word i
	local position=0
	local -a words
	# The line itself, because COMP_WORDS is cut at = and :
	read -ra words <<<"$line"
	[[ $line != *[[:space:]] ]] || words+=('')
	local cur=${words[-1]}
	_tlspol_table ''
	for ((i = 1; i < ${#words[@]} - 1; i++)); do
		word=${words[i]}
		if [[ -n $value ]]; then value=''
		elif [[ $word == -* ]]; then ! _tlspol_takes "$word" || value=$kind
		elif [[ -z $command ]]; then command=$word; _tlspol_table "$command"
		else ((position += 1)); fi
	done
	if [[ -n $value ]]; then _tlspol_reply "$value" "$cur" "$1"
	elif [[ $cur == --*=* ]] && _tlspol_takes "${cur%%=*}"; then
		_tlspol_reply "$kind" "${cur#*=}" "$1"
		COMPREPLY=("${COMPREPLY[@]/#/${cur%%=*}=}")
	elif [[ $cur == -* ]]; then
		words=()
		for word in $options; do words+=("${word%%:*}"); done
		mapfile -t COMPREPLY < <(compgen -W "${words[*]}" -- "$cur")
	else
		_tlspol_operand "$position"
		_tlspol_reply "$kind" "$cur" "$1"
	fi
	# bash replaces only what is behind the last = or :
	local kept=${cur%"${cur##*[=:]}"}
	[[ -z $kept ]] || COMPREPLY=("${COMPREPLY[@]#"$kept"}")
}
complete -F _tlspol tlspol
