# A small internet for tests that look at mail servers: DNS with DNSSEC, receiving hosts good and
# bad, MTA-STS, and a sending Postfix that says what Postfix does. Source it after tests/lib/tap.sh:
#
#   lab_start [TABLE...]    up in a few seconds, in network and pid namespaces of its own; TABLEs
#                           have more hosts, in the form of world.txt. Ends with the test.
#                           $lab_world is another table instead of world.txt
#   lab_run COMMAND...      runs it there
#   lab_exec COMMAND... &   the same in the background; $! is the pid of the command itself
#   lab_stop                ends it now; lab_start may follow
#   lab_send_all [PARAMETER=VALUE...] <TABLE     what Postfix does with NEXTHOP<TAB>POLICY lines:
#                           adds TLS, STATUS, DSN, REASON, WARNINGS to each (oracle.py says more);
#                           PARAMETERs of main.cf, e.g. smtp_tls_security_level=dane
#   lab_trust_anchor        file with the DS of the lab's DNS root
#   lab_ca [NAME]           file of a CA: root (default), inter, other
#   lab_fingerprint HOST [cert]      sha256 of the public key (or certificate), as match= takes it
#   lab_fill <TEMPLATE      writes it with {key:HOST}, {cert:HOST} (fingerprints), {ca:NAME} (files)
#   lab_has_ipv6            whether hosts with IPv6 addresses are there
#
# Every directory and log is below $LAB: dns/ (zones, knot, unbound), mx/maillog, toys.log, pki/.
#
# What is where: world.txt is the one table of hosts, certificates, TLSA records and zones (world.py
# reads it, pki.py makes the certificates, zones.py signs the zones, main.py starts all servers).
#   valid wrongname expired notyet wild inter missint badca self cnonly soon dual rsa sni
#                                certificates; valid is what it should be: by root, for the MX name
#   dane311 dane211 danewrong daneexp unusable dane211bad tlsafail t311 ...  TLSA records
#   nostarttls tls10 tls12 tls13 smtps alt v6 v46 v6dead                     protocols and ports
#   tls454 tarpit greet421 huge drip inject stall hugechain ...              smtp_hosts.py: bad SMTP
#   plain.test expired.test bogus.test servf.test dead.test                  zones
#   amx nullmx dangling cnmx cndom cnchain nomx secplain expmx loop nope     DNS of one domain
#   multi secondgood firstgood nonegood sixth third thousand                 several MX hosts
#   stsnone stsnotfound stswrongname stsslow ...                             https_hosts.py: MTA-STS
# tests/data/lab_*.tsv say what Postfix does with them.
# The domain of each is NAME.lab.test, unless it has a dot already, and its MX mx-NAME.lab.test.
#
# Traps. unbound answers on 127.0.0.1 and on the addresses that resolv.conf names, so that no file
# of the system is replaced (in a chroot that cannot be done without others seeing it). test. is a
# built-in local zone of unbound and libunbound: take that away (ub_ctx_zone_remove) for lookups
# of your own. The knot on 127.1.0.53 is the only name server, also of the root.
# shellcheck shell=bash
PATH=$PATH:/usr/sbin:/sbin
LAB=$TMP/lab
lab_here=tests/lib/lab
lab_unshare='' lab_pid='' lab_alive=''

lab_start() {
	local i
	unshare --net --pid --fork true 2>/dev/null ||
		skip_all 'needs root, and a kernel that gives it a network namespace'
	rm -rf "$LAB"
	mkdir -p "$LAB"
	mkfifo "$LAB/alive"
	# Process 1 of the lab ends with its input, which this shell holds open: so also when this
	# shell is killed.
	unshare --net --pid --fork --kill-child python3 -B "$lab_here/main.py" "$LAB" \
		"${lab_world:-$lab_here/world.txt}" "$@" <"$LAB/alive" >"$LAB/log" 2>&1 &
	lab_unshare=$!
	exec {lab_alive}>"$LAB/alive"
	cleanup lab_stop
	for ((i = 0; i < 600; i++)); do
		if [ -e "$LAB/ready" ]; then
			lab_pid=$(cat "$LAB/ready")
			return 0
		fi
		kill -0 "$lab_unshare" 2>/dev/null || break
		sleep 0.05
	done
	echo "the lab did not start; the end of its log:" >&2
	tail -20 "$LAB/log" >&2
	lab_stop
	return 1
}

lab_stop() {
	[ -n "$lab_unshare" ] || return 0
	exec {lab_alive}>&-
	# Its end is seen when the kernel has ended all that it started.
	[ -z "$lab_pid" ] || kill -KILL "$lab_pid" 2>/dev/null
	[ -n "$lab_pid" ] || kill -KILL "$lab_unshare" 2>/dev/null
	wait "$lab_unshare" 2>/dev/null
	lab_unshare='' lab_pid='' lab_alive=''
}

lab_run() { nsenter --net="/proc/$lab_pid/ns/net" -- "$@"; }
lab_exec() { exec nsenter --net="/proc/$lab_pid/ns/net" -- "$@"; }

# A pid namespace of its own ends the sending Postfix with the oracle.
lab_send_all() {
	local dir
	dir=$(mktemp -d "$LAB/oracle.XXXXXX") && chmod 755 "$dir" &&
		lab_run unshare --pid --fork --kill-child python3 -B "$lab_here/oracle.py" "$dir" \
			"$(lab_ca)" "$@"
}

lab_trust_anchor() { echo "$LAB/dns/root.ds"; }
lab_ca() { echo "$LAB/pki/ca-${1:-root}.pem"; }
lab_fingerprint() { sed -n "s/^s|{${2:-key}:$1}|\(.*\)|g$/\1/p" "$LAB/fill.sed"; }
lab_fill() { sed -f "$LAB/fill.sed"; }
lab_has_ipv6() { lab_run grep -q '^fd00' /proc/self/net/if_inet6 2>/dev/null; }
