#!/bin/sh
# Usage: smoke.sh KUSTO PYTHON
# Tiny runs of `kusto bench`: every kind of source and server; what the cluster counted is compared
# by the program itself, what it reports here.
set -u
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
fail() { echo "bench_smoke: $1"; cat "$directory/out" "$directory/error" 2> /dev/null; exit 1; }

printf '1,one\n2,"two, with ""quotes"""\n' > "$directory/lines.csv"
# bench NAME RECORDS ARGUMENT...
bench() {
    name=$1 records=$2
    shift 2
    "$kusto" bench --batch-size 100 --compression zlib:1 --json "$directory/$name.json" "$@" \
        > "$directory/out" 2> "$directory/error" || fail "$name failed"
    "$python" - "$directory/$name.json" "$records" << 'END' || fail "$name: unexpected JSON"
import json, sys
result = json.load(open(sys.argv[1]))
runs = result["runs"]
assert result["kind"] == "kusto bench" and runs, result
for run in runs:
    assert run["records"] == int(sys.argv[2]), run
    assert run["complaints"] == [] and run["raw_bytes"] > 0 and run["seconds"] > 0, run
    assert run["client_cpu_seconds_per_gb"] > 0 and run["write_samples"] > 0, run
for one in result["medians"]:
    for name, value in one.items():
        if name != "parallelism":
            assert value["least"] <= value["median"] <= value["most"], (name, value)
END
}
kusto=$1 python=$2
bench structs 1000 --warm-up 50 --records 1000 --parallelism 1,2 --repetitions 2
bench inflated 1000 --warm-up 50 --records 1000 --source lines --discard inflate --timeline "$directory/timeline.csv"
bench inside 500 --warm-up 50 --records 500 --server inside --no-tls --latency 5
bench given 300 --warm-up 50 --records 300 --source file --file "$directory/lines.csv"
bench ahead 400 --records 400 --sink write-ahead --checkpoints 2 --warm-up 0
grep -q '^seconds,rss_bytes,budget_bytes' "$directory/timeline.csv" || fail "no timeline"
"$python" - "$directory/structs.json" << 'END' || fail "the list of parallelism was not run in full"
import json, sys
assert [r["parallelism"] for r in json.load(open(sys.argv[1]))["runs"]] == [1, 2, 1, 2]
END
if "$kusto" bench --records 10 --compression lzma > "$directory/out" 2>&1; then
    fail "an unknown compression was accepted"
fi
grep -q "'lzma' is not" "$directory/out" || fail "the refusal does not name the value"
