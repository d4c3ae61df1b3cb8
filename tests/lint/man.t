#!/bin/bash
# The manual says what the tables say: every command, option, setting, rule and exit status.
. tests/lib/tap.sh

"$TLSPOL" __describe --as json >"$TMP/tables.json"
# checks DIR: prints what differs
checks() {
	TLSPOL=$TLSPOL python3 - "$1" "$TMP/tables.json" <<'END'
import json, os, re, subprocess, sys

directory, tables = sys.argv[1], json.load(open(sys.argv[2]))

def page(name):
    path = os.path.join(directory, name)
    if not os.path.exists(path):
        print(f"{name}: there is no such page")
        return []
    return open(path).read().split("\n")

def plain(text):
    """Text of a macro line without escapes, for words that are compared."""
    return text.replace("\\&", "").replace("\\-", "-").replace("\\(en", "-")

def section(lines, title):
    inside, found = False, []
    for line in lines:
        if line.startswith(".Sh "):
            inside = line == ".Sh " + title
        elif inside:
            found.append(line)
    return found

def documented_options(lines):
    """{name: (letter, metavar)} of all .It Fl lines"""
    found = {}
    for line in lines:
        if not line.startswith(".It Fl "):
            continue
        words = plain(line).split()
        long = [w[1:] for w in words if re.match(r"-[a-z]", w)]
        letter = [b for a, b in zip(words, words[1:]) if a == "Fl" and re.fullmatch("[A-Za-z]", b)]
        metavar = re.search(r"(?: Ar (\S+))", line)
        for name in long:
            found[name] = (letter[0] if letter else None, plain(metavar[1]) if metavar else None)
    return found

def compare_options(name, lines, groups):
    documented = documented_options(lines)
    wanted = {o["name"]: (o["letter"], o["metavar"])
              for group in groups for o in group["options"] if o["help"]}
    for option in wanted.keys() - documented.keys():
        print(f"{name}: --{option} is not explained")
    for option in documented.keys() - wanted.keys():
        print(f"{name}: there is no option --{option}")
    for option in wanted.keys() & documented.keys():
        if wanted[option] != documented[option]:
            print(f"{name}: --{option} is {documented[option]}, the table says {wanted[option]}")
    text = "\n".join(lines)
    for group in groups:
        for o in group["options"]:
            for choice in o["choices"]:
                if o["help"] and choice not in text:
                    print(f"{name}: --{o['name']}: nothing about {choice}")

def compare_lists(name, what, documented, wanted):
    for word in [w for w in wanted if w not in documented]:
        print(f"{name}: {what} {word} is missing")
    for word in [w for w in documented if w not in wanted]:
        print(f"{name}: there is no {what} {word}")

main = page("tlspol.1")
for command in tables["commands"]:
    if command["hidden"]:
        continue
    name = f"tlspol-{command['name']}.1"
    lines = page(name)
    if not lines:
        continue
    synopsis = subprocess.run([os.environ["TLSPOL"], "__describe", "--as", "mdoc", command["name"]],
                              capture_output=True, text=True, check=True).stdout
    if "\n".join(section(lines, "SYNOPSIS")).strip() != synopsis.strip():
        print(f"{name}: SYNOPSIS is not what the table says: make man-synopsis")
    compare_options(name, lines, [g for g in command["groups"] if not g["common"]])
    if command["alias"] and f"Cm {command['alias']}" not in "\n".join(lines):
        print(f"{name}: nothing about its other name, .Cm {command['alias']}")
    if f"Xr tlspol-{command['name']} 1" not in "\n".join(main):
        print(f"tlspol.1: nothing about tlspol-{command['name']}(1)")
    statuses = [line[4:].strip() for line in section(lines, "EXIT STATUS") if re.match(r"\.It \d", line)]
    if statuses:
        compare_lists(name, "exit status", statuses, [str(s) for s in command["statuses"]])

compare_options("tlspol.1", main, tables["program"]["groups"])
compare_lists("tlspol.1", "exit status",
              [line[4:].strip() for line in section(main, "EXIT STATUS") if line.startswith(".It ")],
              [s["number"] for s in tables["statuses"]])
compare_lists("tlspol.1", "environment variable",
              [plain(line[7:].strip()) for line in section(main, "ENVIRONMENT") if line.startswith(".It Ev ")],
              [e["name"] for e in tables["environment"]])
conf = page("tlspol.conf.5")
compare_lists("tlspol.conf.5", "setting",
              [plain(line.split()[2]) for line in conf if re.match(r"\.It (Cm|Ic|Va|Li) \S+\.\S+", line)],
              [s["path"] for s in tables["settings"]])
# What no table that can be printed has: notes of verdicts, parameters of main.cf.
verify = page("tlspol-verify.1")
notes = re.findall(r'X\(\w+,\s*"([a-z-]+)",\s*(?:TRUE|FALSE)', open("src/core/verdict.h").read())
compare_lists("tlspol-verify.1", "note",
              [w for w in (line[7:] for line in verify if re.match(r"\.It Cm [a-z-]+$", line))
               if w not in ("deliver", "plaintext", "defer", "bounce", "unknown")], notes)
parameters = re.findall(r'X\("(\w+)",', open("src/core/client_settings.h").read())
compare_lists("tlspol-verify.1", "parameter",
              [m[1] for m in (re.match(r"\.Cm (\w+_\w+)(?: [,.])?$", line) for line in verify) if m],
              parameters)
policies = page("tlspol-policies.5")
compare_lists("tlspol-policies.5", "rule",
              [f"{m[1]} {m[2]}" for m in
               (re.match(r"\.It Cm (\S+) Pq (error|warning|notice)$", line) for line in policies) if m],
              [f"{r['id']} {r['severity']}" for r in tables["rules"]])
END
}
is "$(checks man)" '' 'the manual and the tables agree'
ok 'mandoc finds nothing wrong' mandoc -T lint -W warning man/*.[15]
# What it says of its own index goes to another stream, in the middle of a line.
is "$(mandoc -T lint -W style man/*.[15] 2>/dev/null | grep -v 'referenced manual not found')" '' \
	'nor anything unusual'

# What the comparison would find.
broken() { # MESSAGE SED FILE
	rm -rf "$TMP/man"
	cp -r man "$TMP/man"
	sed -i "$2" "$TMP/man/$3"
	like "$(checks "$TMP/man")" "$1" "  it finds: $1"
}
broken '--replace is not explained' '/^\.It .*-replace/d' tlspol-add.1
broken 'there is no option --nonsense' '0,/^\.It Fl/s//.It Fl -nonsense\n&/' tlspol-add.1
broken "--note is .*'WORDS'" '/^\.It Fl n/s/TEXT/WORDS/' tlspol-add.1
broken 'tlspol-list.1: SYNOPSIS' '/^\.Op Fl -sort/d' tlspol-list.1
broken 'exit status 75 is missing' '/^\.It 75/d' tlspol.1
broken 'environment variable NO_COLOR is missing' '/^\.It Ev NO_COLOR/d' tlspol.1
broken 'setting table.name is missing' '/^\.It .*table\.name/d' tlspol.conf.5
broken 'rule value-utf8 error is missing' '/^\.It Cm value-utf8/s/error/notice/' tlspol-policies.5
broken 'there is no rule value-utf8 notice' '/^\.It Cm value-utf8/s/error/notice/' tlspol-policies.5
broken 'note expires is missing' '/^\.It Cm expires/d' tlspol-verify.1
broken 'there is no parameter smtp_nonsense' 's/^\.Cm smtp_helo_timeout/.Cm smtp_nonsense/' tlspol-verify.1
rm "$TMP/man/tlspol-show.1"
like "$(checks "$TMP/man")" 'tlspol-show.1: there is no such page' '  it finds a page that is missing'

done_testing
