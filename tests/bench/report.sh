#!/bin/sh
# Usage: report.sh REPORT CANNED PYTHON
# Tables (and plots, where gnuplot is) of canned results; what is between the markers is replaced.
set -u
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
fail() { echo "bench_report: $1"; cat "$directory/README.md"; exit 1; }

cp "$2"/* "$directory"
printf 'before\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nafter\n' > "$directory/README.md"
"$3" "$1" "$directory" "$directory/README.md" > "$directory/out" || fail "report.py failed"
expect() { grep -q -- "$1" "$directory/README.md" || fail "the table lacks: $1"; }
expect '^before$'
expect '^after$'
expect 'lines, zlib 6, over the compressor alone | at most 1.1 x | 1.05 x | met'
expect 'throughput over the straight loop.s | at least 0.9 x | 0.8 x | \*\*missed\*\*'
expect 'added to each request | at least 0.9 x | not measured'
expect '^| fast | 400 (390 to 410) |'
if grep -q '^old$' "$directory/README.md"; then
    fail "the old table is still there"
fi
if command -v gnuplot > /dev/null; then
    for plot in stages parallelism memory; do
        grep -q '</svg>' "$directory/$plot.svg" || fail "$plot.svg is not there"
    done
fi
printf 'no markers\n' > "$directory/README.md"
if "$3" "$1" "$directory" "$directory/README.md" > /dev/null 2>&1; then
    fail "a README without markers was accepted"
fi
