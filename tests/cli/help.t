#!/bin/bash
# Help, version, and what the option tables promise about each other.
. tests/lib/tap.sh

# -- the program --------------------------------------------------------------------------------

exits 0 '--help' "$TLSPOL" --help
help=$out
is "$err" '' '  nothing on stderr'
for word in Policies Files Set-up Other add import export init version --config --socket 'tlspol.conf.5.'; do
	like "$help" "$word" "  says $word"
done
unlike "$help" '__describe|__complete|--color ' '  nothing hidden'
exits 0 'help' "$TLSPOL" help
is "$out" "$help" '  is the same'
exits 64 'nothing at all' "$TLSPOL"
is "$out" '' '  nothing on stdout'
like "$err" '^usage: tlspol COMMAND.*'$'\n'"'tlspol help'" '  a short help on stderr'
exits 0 '--version' "$TLSPOL" --version
like "$out" '^tlspol [0-9]+\.[0-9]+\.[0-9]+$' '  one line'
version=$out
exits 0 'version' "$TLSPOL" version
is "$out" "$version" '  the same'
exits 0 'version --verbose' "$TLSPOL" version --verbose
like "$out" 'libmariadb [0-9]' '  the libraries too'

# -- each command -------------------------------------------------------------------------------

for command in $(sed -n 's/^  \([a-z]*\)  .*/\1/p' <<<"$help"); do
	exits 0 "help $command" "$TLSPOL" help "$command"
	page=$out
	like "$page" "^usage: tlspol $command \[OPTION…\]" '  usage'
	like "$page" $'\nExamples\n  tlspol ' '  examples'
	like "$page" $'\nExit status\n    0  done' '  exit statuses'
	long=$(awk 'length > 100' <<<"$page")
	is "$long" '' '  no line is too long'
	run "$TLSPOL" "$command" --help
	is "$out" "$page" "  $command --help is the same"
	run "$TLSPOL" "$command" -h
	is "$out" "$page" "  $command -h is the same"
done
exits 0 '--help behind other words' "$TLSPOL" add x --note y secure --help
like "$out" '^usage: tlspol add' '  is help'
exits 0 '--help behind a mistake' "$TLSPOL" list --nonsense --help
exits 0 'an alias has help' "$TLSPOL" rm --help
like "$out" '^usage: tlspol remove' '  of its command'
exits 0 '--help before the command' "$TLSPOL" --help list
like "$out" '^usage: tlspol list' '  is its help'
exits 64 'help of an unknown command' "$TLSPOL" help ad
like "$err" "unknown command 'ad', did you mean 'add'\?" '  did you mean'

# -- the tables ---------------------------------------------------------------------------------

exits 0 '__describe --as json' "$TLSPOL" __describe --as json
tables() {
	"$TLSPOL" __describe --as json | python3 -c '
import json, re, sys
tables = json.load(sys.stdin)
for command in [tables["program"]] + tables["commands"]:
    name, seen = command["name"], set()
    options = [o for g in command["groups"] for o in g["options"]]
    for o in options:
        for word in ["--" + o["name"], "-" + (o["letter"] or "")]:
            if word != "-" and word in seen:
                print(f"{name}: {word} is there twice")
            seen.add(word)
        if (o["metavar"] is None) != (o["kind"] == "flag"):
            print(f"{name}: --{o['"'name'"']}: a metavar is for values")
        if o["help"] and (o["help"][0].isupper() and o["help"][1].islower() or o["help"].endswith(".")):
            print(f"{name}: --{o['"'name'"']}: help starts in lower case and has no full stop")
        if o["kind"] == "choice" and not 0 <= o["preset"] < len(o["choices"]):
            print(f"{name}: --{o['"'name'"']}: no such preset")
    if command["hidden"] or name == "tlspol":
        continue
    known = {str(s["number"]) for s in tables["statuses"]}
    if not {str(s) for s in command["statuses"]} <= known or 0 not in command["statuses"]:
        print(f"{name}: exit statuses")
    if not command["examples"] or not command["summary"]:
        print(f"{name}: no example or summary")
    names = {o["name"] for o in options}
    for example in command["examples"]:
        for word in re.findall(r" --([a-z-]+)", example["line"]):
            if word not in names:
                print(f"{name}: the example has --{word}")
'
}
is "$(tables)" '' 'the option tables are consistent'

done_testing
