#!/usr/bin/env bash
# The write-ahead example is killed and started again while its log grows; then the table holds the
# log, line by line. Run under with_cluster.sh.
#
#   write_ahead.sh EXAMPLE [KILLS]
set -euo pipefail
example=$1 kills=${2:-8}
folder=$(mktemp -d)
trap 'kill "$writer" 2>/dev/null || true; rm -rf "$folder"' EXIT
log=$folder/log
: >"$log"
pause() { read -r -t "$1" <> <(:) || true; }

# Also lines with quotes, commas and nothing, and lines that are not complete when they are read.
(
    for i in $(seq 100000); do
        printf 'line %d of "%s", with a comma\n' "$i" "$RANDOM" >>"$log"
        [ $((i % 7)) -ne 0 ] || printf '\n' >>"$log"
        printf 'begun %d ' "$i" >>"$log"
        pause 0.005
        printf 'and ended\n' >>"$log"
    done
) &
writer=$!

for i in $(seq "$kills"); do
    "$example" "$log" "$folder/sink" >>"$folder/out" &
    running=$!
    pause "$((RANDOM % 2)).$((RANDOM % 9 + 1))"
    kill -9 "$running"
    wait "$running" 2>/dev/null || true
done
kill "$writer"
wait "$writer" 2>/dev/null || true
# The last line may have no end.
printf 'the end\n' >>"$log"
"$example" "$log" "$folder/sink" --to-end | tee -a "$folder/out"
"$example" --dump >"$folder/table"
echo "killed $kills times, $(wc -l <"$log") lines"
cmp "$log" "$folder/table"
