"""Certificates judged by the real posttls-finger and by judge_probe, case by case.

judge_cases.py CASES DIRECTORY JUDGE_PROBE: makes the certificates of tests/data/judge_cases.txt in
DIRECTORY, serves each case's chain on the loopback, and prints one line a case:
"same|differ VERDICT the case: what judge_probe said". posttls-finger runs as user postfix.
"""

import hashlib
import os
import queue
import socket
import ssl
import subprocess
import sys
import threading

SINK = "subjectAltName=DNS:*.oracle.test,DNS:oracle.test,DNS:*.example.com,DNS:example.com\n"
CA = "basicConstraints=critical,CA:TRUE\n"
DEPTH = 11
# name: issuer (None: itself), common name, extensions, days, RSA bits (0: an elliptic curve)
MADE = {
    "root": (None, "Root", CA, 900, 0),
    "other": (None, "Other", CA, 900, 0),
    "inter": ("root", "Inter", CA, 900, 0),
    "leaf": ("inter", "sink", SINK, 90, 0),
    "mx1": ("inter", "x", "subjectAltName=DNS:mx1.example.net\n", 90, 0),
    "cn": ("inter", "mx.example.org", "basicConstraints=CA:FALSE\n", 90, 0),
    "cn-name": ("inter", "mx.example.org", "subjectAltName=DNS:other.example\n", 90, 0),
    "partial": ("inter", "x", "subjectAltName=DNS:f*.example.com\n", 90, 0),
    "ip": ("inter", "x", "subjectAltName=DNS:mx.ip.test,IP:192.0.2.1\n", 90, 0),
    "expired": ("inter", "x", SINK, -1, 0),
    "client": ("inter", "x", SINK + "extendedKeyUsage=clientAuth\n", 90, 0),
    "weak": ("inter", "x", SINK, 90, 768),
    "rsa1024": ("inter", "x", SINK, 90, 1024),
    "self": (None, "self", "subjectAltName=DNS:*.oracle.test\n", 90, 0),
    "self-expired": (None, "self-expired", "subjectAltName=DNS:*.oracle.test\n", -1, 0),
}
for depth in range(1, DEPTH + 1):
    MADE[f"c{depth}"] = (f"c{depth - 1}" if depth > 1 else "root", f"C{depth}", CA, 900, 0)
    MADE[f"under{depth}"] = (f"c{depth}", "x", SINK, 90, 0)


def openssl(*words, data=None):
    return subprocess.run(("openssl",) + words, input=data, check=True, capture_output=True).stdout


def write(path, content):
    with open(path, "wb" if isinstance(content, bytes) else "w") as file:
        file.write(content)


def read(path):
    with open(path) as file:
        return file.read()


def make(directory):
    os.chdir(directory)
    for serial, (name, (issuer, common, extensions, days, bits)) in enumerate(MADE.items(), 1):
        kind = ("RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}") if bits else ("EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        openssl("genpkey", "-algorithm", *kind, "-out", f"{name}.key")
        write(f"{name}.ext", extensions)
        request = openssl("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={common}")
        signer = ("-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key") if issuer else ("-signkey", f"{name}.key")
        openssl("x509", "-req", *signer, "-set_serial", str(serial), "-days", str(days),
                "-extfile", f"{name}.ext", "-out", f"{name}.pem", data=request)
        openssl("pkey", "-in", f"{name}.key", "-pubout", "-out", f"{name}.pub")
    write("both.pem", read("other.pem") + read("root.pem"))
    write("crl.pem", "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")
    write("main.cf", "compatibility_level = 3.6\nsmtp_tls_fingerprint_digest = sha256\n")
    write("master.cf", "")


def pin(text):
    kind, whose = text.split(":")
    if kind in ("key", "plain"):
        data = openssl("pkey", "-pubin", "-in", f"{whose}.pub", "-outform", "DER")
    else:
        data = openssl("x509", "-in", f"{whose}.pem", "-outform", "DER")
    digest = hashlib.new("sha1" if kind == "sha1" else "sha256", data).hexdigest()
    if kind == "plain":
        return digest
    pairs = ":".join(digest[i:i + 2] for i in range(0, len(digest), 2))
    return pairs if kind == "low" else pairs.upper()


def serve(listener, context):
    """One SMTP session."""
    try:
        peer, _ = listener.accept()
        peer.settimeout(10)
        lines = peer.makefile("rwb", buffering=0)
        for answer in (b"220 mx ESMTP\r\n", b"250-mx\r\n250 STARTTLS\r\n", b"220 go on\r\n"):
            lines.write(answer)
            if not answer.startswith(b"220 go"):
                lines.readline()
        with context.wrap_socket(peer, server_side=True) as secured:
            lines = secured.makefile("rwb", buffering=0)
            while lines.readline():
                lines.write(b"250 mx\r\n")
    except OSError:
        pass


def postfix_says(level, served, words, ca, tafiles):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(*served)
    command = ["posttls-finger", "-c", "-l", level, "-L", "summary", "-t", "10"]
    command += ["-F", os.path.abspath(f"{ca}.pem")] if ca else []
    for path in tafiles:
        command += ["-A", path]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=(listener, context))
        server.start()
        done = subprocess.run(command + ["[127.0.0.1]:%d" % listener.getsockname()[1]] + words,
                              capture_output=True, text=True, timeout=60,
                              env=dict(os.environ, MAIL_CONFIG=os.getcwd()))
        server.join()
    output = done.stdout + done.stderr
    if "TLS connection established" not in output:
        return "failed: " + " ".join(output.split())
    return "verified" if "Verified TLS connection established" in output else "not-verified"


def ours(probe, level, served, words, ca, tafiles):
    command = [probe, served[0], f"level={level}"]
    command += [("pin=" if level == "fingerprint" else "name=") + word for word in words]
    command += [f"ca_file={os.path.abspath(ca)}.pem"] if ca else []
    command += ["tafile=" + ",".join(tafiles)] if tafiles else []
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    facts = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    if "matched" not in facts:
        return f"failed: {done.stdout}{done.stderr}", ""
    return "verified" if facts["matched"] == "1" else "not-verified", facts.get("why", facts.get("by"))


def compare(number, line, probe):
    level, chain, words, *rest = line.split()
    settings = dict(part.split("=") for part in rest)
    tafiles = [os.path.abspath(file) for file in settings.get("tafile", "").split(",") if file]
    words = words.split(",")
    chain = chain.split("+")
    served = (f"chain{number}.pem", f"{chain[0]}.key")
    write(served[0], "".join(read(f"{name}.pem") for name in chain))
    if level == "fingerprint":
        words = [pin(word) for word in words]
    question = (level, served, words, settings.get("ca"), tafiles)
    postfix = postfix_says(*question)
    verdict, why = ours(probe, *question)
    return f"{'same' if postfix == verdict else 'differ'} {postfix} {line}: {why}"


def main(cases, directory, probe):
    lines = [line for line in read(cases).splitlines() if line and not line.startswith("#")]
    probe = os.path.abspath(probe)
    make(directory)
    todo, results = queue.Queue(), [None] * len(lines)
    for job in enumerate(lines):
        todo.put(job)

    def work():
        while True:
            try:
                number, line = todo.get_nowait()
            except queue.Empty:
                return
            try:
                results[number] = compare(number, line, probe)
            except Exception as error:
                results[number] = f"differ {error!r} {line}"

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("\n".join(results))


main(*sys.argv[1:])
