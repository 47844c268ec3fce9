#!/bin/sh
# Usage: bounds.sh BENCH_BOUNDS PYTHON
# Tiny measurements of everything that bench_bounds can measure. That what was put has arrived and
# that what was compressed inflates is checked by the program itself; its figures here.
set -u
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
fail() { echo "bench_bounds: $1"; cat "$directory/out" "$directory/error" 2> /dev/null; exit 1; }
bounds=$1 python=$2

"$bounds" --export "$directory/lines.csv" --records 2500 > "$directory/out" 2>&1 || fail "no export"
[ "$(wc -l < "$directory/lines.csv")" -eq 2500 ] || fail "not 2500 lines were exported"
# measure NAME ARGUMENT...
measure() {
    name=$1
    shift
    "$bounds" --records 2500 --batch-size 1000 --compression zlib:1 --threads 1,2 --repetitions 2 \
        --json "$directory/$name.json" "$@" > "$directory/out" 2> "$directory/error" \
        || fail "$name failed"
    "$python" - "$directory/$name.json" "$directory/lines.csv" << 'END' || fail "$name: unexpected figures"
import json, os, sys
result = json.load(open(sys.argv[1]))
text = os.path.getsize(sys.argv[2])
assert result["kind"] == "bench_bounds" and result["options"]["compression"] == "zlib 1", result
seen = [(one["what"], one["threads"]) for one in result["medians"]]
assert seen and len(set(seen)) == len(seen) and len(result["runs"]) == 2 * len(seen), seen
assert {what for what, _ in seen} >= {"compressor alone", "straight loop"}, seen
assert {threads for _, threads in seen} == {1, 2}, seen
for run in result["runs"]:
    assert run["allocations"] == 0 and run["seconds"] > 0, run
    if run["what"] == "raw put":
        assert run["batches"] == 40 and run["records"] == 40000, run
    else:
        assert run["batches"] == 3 and run["records"] == 2500, run
        assert run["raw_bytes"] == text, (run, text)
    packed = run["what"] not in ("memcpy", "line copy")
    assert 2 < run["ratio"] < 10 if packed else run["wire_bytes"] == 0, run
for one in result["medians"]:
    for name, value in one.items():
        if name not in ("what", "threads"):
            assert value["least"] <= value["median"] <= value["most"], (name, value)
END
}
measure https
measure http --no-tls --what compressor,straight

# refused TEXT ARGUMENT...
refused() {
    text=$1
    shift
    "$bounds" --records 10 "$@" > "$directory/out" 2>&1 && fail "$* was accepted"
    grep -q -- "$text" "$directory/out" || fail "the refusal of $* does not say '$text'"
}
refused "needs one codec" --compression automatic
refused "excludes" --bytes 10
refused "did not start" --kusto /bin/false
