#!/bin/sh
# Usage: fault_file.sh KUSTO EXAMPLE
# `kusto emulator --faults`: a good file is in force, a bad one is refused with the member's name.
set -u
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
fail() { echo "fault_file: $1"; exit 1; }

cat > "$directory/bad.json" <<'END'
{"rules": [{"action": "garbage"}, {"action": "status", "code": 200}]}
END
if "$1" emulator --no-tls --faults "$directory/bad.json" > "$directory/out" 2> "$directory/error"; then
    fail "the bad file was accepted"
fi
grep -q "bad.json.*rule 1, 'code': must be 400 to 599" "$directory/error" ||
    fail "the refusal does not name the member: $(cat "$directory/error")"
if "$1" emulator --no-tls --faults "$directory/none.json" > /dev/null 2> "$directory/error"; then
    fail "a missing file was accepted"
fi
grep -q "cannot read.*none.json" "$directory/error" || fail "the missing file is not named"
"$1" emulator --help | grep -q -- --faults || fail "--help does not tell of --faults"

mkfifo "$directory/pipe" || exit 1
"$1" emulator --no-tls --faults "$2" > "$directory/pipe" &
server=$!
{
    while read -r line; do
        echo "$line" >> "$directory/out"
        [ "$line" = ready ] && kill -TERM "$server"
    done
} < "$directory/pipe"
wait "$server" || fail "the server ended with an error"
grep -q "^faults: 9 rules, seed 7$" "$directory/out" || fail "the script is not announced"
grep -q "^fault rule 8: matched 0, applied 0$" "$directory/out" || fail "the counts are missing"
