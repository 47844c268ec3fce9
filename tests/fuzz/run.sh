#!/usr/bin/env bash
# Runs one fuzzer on a copy of its seeds: run.sh PROGRAM SEEDS SECONDS
# What it finds is left in the folder that is printed.
set -eu
work=$(mktemp -d)
cp -r "$2" "$work/corpus"
mkdir "$work/found"
status=0
"$1" "$work/corpus" -max_total_time="$3" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -verbosity=0 -artifact_prefix="$work/found/" >"$work/log" 2>&1 || status=$?
tail -n 40 "$work/log"
if [ "$status" -ne 0 ]; then
    echo "$(basename "$1") found something: $work/found"
    exit 1
fi
grep -q 'stat::number_of_executed_units: [1-9]' "$work/log"
rm -r "$work"
