# A Postfix configuration of a test's own, for the real postmap and postconf.
# Source it after tests/lib/tap.sh.
#   postfix_config ["name = value"...]   makes $POSTFIX (main.cf, master.cf) and $TMP/tlspol.yaml
#                                        that names it, and has tlspol use both
#   q KEY MAP                            postmap -q with that configuration
# shellcheck shell=bash
PATH=$PATH:/usr/sbin:/sbin
POSTFIX=$TMP/postfix

postfix_config() {
	mkdir -p "$POSTFIX"
	{
		# No network is looked at, so that a test machine needs none.
		printf '%s\n' 'compatibility_level = 3.6' 'inet_interfaces = 127.0.0.1' \
			'inet_protocols = ipv4' 'myhostname = mx.test.invalid'
		printf '%s\n' "$@"
	} >"$POSTFIX/main.cf"
	printf 'smtp unix - - %s - - smtp\n' "${POSTFIX_CHROOT:-n}" >"$POSTFIX/master.cf"
	printf 'postfix:\n  config_directory: %s\n' "$POSTFIX" >"$TMP/tlspol.yaml"
	export TLSPOL_CONFIG=$TMP/tlspol.yaml
}

q() { postmap -c "$POSTFIX" -q "$1" "$2"; }
