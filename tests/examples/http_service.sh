#!/usr/bin/env bash
# Starts the HTTP service, posts 200 records over 4 connections, sends SIGTERM, and compares.
set -euo pipefail
service=$1
out=$(mktemp)
trap 'kill "$pid" 2>/dev/null || true; rm -f "$out"' EXIT
"$service" 60 >"$out" &
pid=$!
for _ in $(seq 300); do
    grep -q listening "$out" && break
    kill -0 "$pid"
    read -r -t 0.1 <> <(:) || true
done
port=$(sed -n 's/listening on //p' "$out")
post() { # post FIRST LAST: over one connection
    local urls=()
    for i in $(seq "$1" "$2"); do urls+=("http://127.0.0.1:$port/item/$i"); done
    curl -sS -o /dev/null -w '%{http_code}\n' --data-binary 'a body, with "quotes"' "${urls[@]}"
}
codes=$( (post 1 50 & post 51 100 & post 101 150 & post 151 200 & wait) | sort | uniq -c | tr -s ' ')
echo "answers:$codes"
[ "$codes" = " 200 202" ]
kill -TERM "$pid"
wait "$pid"
cat "$out"
grep -q "^200 accepted, 200 delivered, 200 rows$" "$out"
