#!/bin/bash
# A domain's MTA-STS policy as it is found: records, addresses and HTTPS servers of the lab, good and
# bad, all at once and within the deadline. What counts as what: net/sts_fetch.h, RFC 8461.
. tests/lib/tap.sh
. tests/lib/lab/lab.sh

# More records than the lab has.
cat >"$TMP/table" <<'END'
rr _mta-sts.stswrong     TXT "v=STSv1;"
rr _mta-sts.stsother     TXT "v=spf1 -all"
rr _mta-sts.stsother     TXT "v=STSv10; id=1;"
rr _mta-sts.stsamong     TXT "v=spf1 -all"
rr _mta-sts.stsamong     TXT "v=STSv1; " "id=1" "2;"
rr mta-sts.stsamong      A 127.0.0.2
rr _mta-sts.stsalias     CNAME _mta-sts.valid
rr mta-sts.stsalias      A 127.3.0.1
rr _mta-sts.stsnohost    TXT "v=STSv1; id=1;"
rr _mta-sts.stsbogus     TXT "v=STSv1; id=1;"
rr mta-sts.stsbogus      CNAME mta-sts.bogus.test.
rr mta-sts.bogus.test.   A 127.3.0.1
END
lab_start "$TMP/table" || exit 1

total=3000
found='found 1 enforce 604800 mx-valid.lab.test'
fetch='https://mta-sts\.[a-z0-9]+\.lab\.test(/\.well-known/mta-sts\.txt)?'
cat >"$TMP/expected" <<END
valid.lab.test         $found
ststesting.lab.test    found 1 testing 604800 mx-valid.lab.test
stsnone.lab.test       found 1 none 86400 
stswild.lab.test       found 1 enforce 604800 \*.lab.test
stsothermx.lab.test    found 1 enforce 604800 mx.elsewhere.test
stscharset.lab.test    $found
stschunked.lab.test    $found
stsnolength.lab.test   $found
stsnotfound.lab.test   broken $fetch: HTTP status 404, not 200
sts500.lab.test        broken $fetch: HTTP status 500, not 200
stsredirect.lab.test   broken $fetch: HTTP status 302, not 200
stshtml.lab.test       broken $fetch is text/html, not text/plain
stsversion.lab.test    broken $fetch: line 1: version is not STSv1: "STSv2"
stsnomx.lab.test       broken $fetch: the MTA-STS policy has no mx
stsempty.lab.test      broken $fetch: the MTA-STS policy has no version
stswrongname.lab.test  broken $fetch: the certificate is refused: hostname mismatch
stscnonly.lab.test     broken $fetch: the certificate is refused: hostname mismatch
stsexpired.lab.test    broken $fetch: the certificate is refused: certificate has expired
stsbadca.lab.test      broken $fetch: the certificate is refused: unable to get local issuer certificate
stsself.lab.test       broken $fetch: the certificate is refused: self-signed certificate
stsnotxt.lab.test      absent -
ststwotxt.lab.test     broken _mta-sts.ststwotxt.lab.test: there are 2 MTA-STS records where one is allowed
stsslow.lab.test       unknown $fetch: no answer in time
stsslowhead.lab.test   unknown $fetch: no answer in time
stshang.lab.test       unknown $fetch: no answer in time
stshuge.lab.test       unknown $fetch: the answer is too long.*
stshugechunk.lab.test  unknown $fetch: the answer is too long.*
stshugehead.lab.test   unknown $fetch: the answer is no HTTP, or its headers are too long
stscontinue.lab.test   broken $fetch: HTTP status 100, not 200
stscut.lab.test        unknown $fetch: the server closed the connection before all was there
stsclose.lab.test      unknown $fetch: the server closed the connection before all was there
stsrefuse.lab.test     unknown $fetch: cannot connect
stssilent.lab.test     unknown $fetch: no answer in time
stsnoaddress.lab.test  broken mta-sts.stsnoaddress.lab.test has no address
stshugetxt.lab.test    absent -
stswrong.lab.test      broken _mta-sts.stswrong.lab.test: the MTA-STS record has no id.*
stsother.lab.test      absent -
stsamong.lab.test      unknown $fetch: cannot connect
stsalias.lab.test      broken $fetch: the certificate is refused: hostname mismatch
stsnohost.lab.test     broken mta-sts.stsnohost.lab.test has no address
stsbogus.lab.test      unknown address of mta-sts.stsbogus.lab.test: .+
nope.lab.test          absent -
plain.test             absent -
bogus.test             unknown _mta-sts.bogus.test: .+
servf.test             unknown _mta-sts.servf.test: .+
dead.test              unknown _mta-sts.dead.test: .+
END

started=$(date +%s%3N)
cut -d' ' -f1 "$TMP/expected" | lab_run "$TLSPOL_BUILD/tests/lib/sts_probe" 127.0.0.1 \
	"$(lab_trust_anchor)" "$(lab_ca root)" "$total" >"$TMP/got" 2>"$TMP/errors"
took=$(($(date +%s%3N) - started))
while read -r domain want; do
	like "$(sed -n "s/^$domain //p" "$TMP/got")" "^$want ?\$" "$domain: $want"
done <"$TMP/expected"
is "$(cat "$TMP/errors")" '' 'nothing is said besides'
ok "all within the deadline, $total ms and a little ($took ms)" test "$took" -lt $((total + 1500))

done_testing
