#!/bin/bash
# The committed completion scripts are what the tables say, and they complete.
. tests/lib/tap.sh

fresh() { # SHELL FILE
	"$TLSPOL" completion "$1" | cmp - "$2" || { echo "run: make completion"; return 1; }
}
ok 'completion/tlspol.bash is fresh' fresh bash completion/tlspol.bash
ok 'completion/_tlspol is fresh' fresh zsh completion/_tlspol
ok 'completion/tlspol.fish is fresh' fresh fish completion/tlspol.fish

# -- keys --------------------------------------------------------------------------------------

printf '%s may\n' github.com gmx.de gmx.net '[relay.example.net]:587' >"$TMP/policies.map"
exits 0 '__complete key' "$TLSPOL" __complete key --from "$TMP/policies.map" -- gm
is "$out" $'gmx.de\ngmx.net' '  prints the keys that start so'
exits 0 '__complete without a database' \
	"$TLSPOL" __complete key --no-defaults --socket "$TMP/none.sock" -- gm </dev/null
is "$out$err" '' '  says nothing'
exits 0 '__complete of something else' "$TLSPOL" __complete provider -- x
is "$out$err" '' '  says nothing'

# -- bash --------------------------------------------------------------------------------------

# The program that the script asks for keys.
mkdir "$TMP/bin"
printf '#!/bin/sh\n%s __complete key --from %s -- "$4"\n' "$TLSPOL" "$TMP/policies.map" >"$TMP/bin/tlspol"
chmod +x "$TMP/bin/tlspol"
cat >"$TMP/drive.bash" <<'END'
. completion/tlspol.bash
# As readline does it: the words cut at = and : are in COMP_WORDS, the line is in COMP_LINE.
COMP_LINE=$1 COMP_POINT=${#1} COMPREPLY=()
read -ra COMP_WORDS <<<"${1//=/ = }"
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_tlspol tlspol "${COMP_WORDS[COMP_CWORD]}" ''
echo "${COMPREPLY[*]}"
END
bash_offers() { # LINE WORDS
	is "$(PATH=$TMP/bin:$PATH bash "$TMP/drive.bash" "$1" 2>&1)" "$2" "bash: $1"
}
levels='none may encrypt dane dane-only fingerprint verify secure'
commands=$(sed -n "s/^\t\toperands='\([a-z|]*\) none+' ;;/\1/p" completion/tlspol.bash | tr '|' ' ')
like "$commands" '^add set remove .* completion$' 'the commands are in the script'
bash_offers 'tlspol ' "$commands"
bash_offers 'tlspol i' 'import init'
bash_offers 'tlspol --colour ' 'auto always never'
bash_offers 'tlspol --colour=a' 'auto always'
bash_offers 'tlspol --config f --quiet li' 'list'
bash_offers 'tlspol list --form' '--format'
bash_offers 'tlspol list --format ' 'table json yaml csv tsv map'
bash_offers 'tlspol ls --format=j' 'json'
bash_offers 'tlspol list -F y' 'yaml'
bash_offers 'tlspol add x ' "$levels"
bash_offers 'tlspol add --note secure x da' 'dane dane-only'
bash_offers 'tlspol add --note=secure x da' 'dane dane-only'
bash_offers 'tlspol add x secure ma' 'match='
bash_offers 'tlspol add x secure match=a ci' 'ciphers='
bash_offers 'tlspol add gi' ''
bash_offers 'tlspol show gi' 'github.com'
bash_offers 'tlspol show gmx.de gmx.n' 'gmx.net'
bash_offers 'tlspol rm [relay.example.net]:5' '587'
bash_offers 'tlspol import --pru' '--prune --prune=all'
bash_offers 'tlspol import Make' 'Makefile'
bash_offers 'tlspol export ' 'map mysql yaml json csv'
bash_offers 'tlspol completion ' 'bash zsh fish'
bash_offers 'tlspol help rem' 'remove'
bash_offers 'tlspol help list ' ''
bash_offers 'tlspol __d' ''
bash_offers 'tlspol nonsense --' ''

# -- zsh and fish -------------------------------------------------------------------------------

ok 'zsh reads its script' zsh -n completion/_tlspol
ok 'fish reads its script' fish --no-execute completion/tlspol.fish
export HOME=$TMP XDG_CONFIG_HOME=$TMP XDG_DATA_HOME=$TMP
fish_offers() { # LINE WORDS
	is "$(PATH=$TMP/bin:$PATH fish --no-config -c \
		"source completion/tlspol.fish; complete -C '$1'" 2>&1 | cut -f 1 | xargs)" "$2" "fish: $1"
}
fish_offers 'tlspol i' 'import init'
fish_offers 'tlspol list --format ' 'csv json map table tsv yaml'
fish_offers 'tlspol ls --format=j' '--format=json'
fish_offers 'tlspol add x s' 'secure'
fish_offers 'tlspol add --note secure x da' 'dane dane-only'
fish_offers 'tlspol add x secure ma' 'match='
fish_offers 'tlspol rm gmx.de gmx.n' 'gmx.net'
fish_offers 'tlspol show gm' 'gmx.de gmx.net'
fish_offers 'tlspol --config f --quiet li' 'list'
fish_offers 'tlspol completion ' 'bash fish zsh'
fish_offers 'tlspol help rem' 'remove'
fish_offers 'tlspol import --pru' '--prune --prune='

done_testing
