# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by bench/run.sh: the library of another commit, measured in turns with this one.

baseline_note=""
baseline_kind=none
baseline_source=""

remove_baseline() {
    [ -z "$baseline_source" ] || git worktree remove --force "$baseline_source"
    baseline_source=""
}

# build_baseline COMMIT FOLDER: in a temporary worktree, with what that commit has to measure itself.
build_baseline() {
    local folder=$2
    echo "== build of $1"
    baseline_source=$folder/source
    git worktree remove --force "$baseline_source" 2>/dev/null || true
    git worktree add --quiet --detach "$baseline_source" "$1"
    trap remove_baseline EXIT
    local target
    if [ -f "$baseline_source/src/cli/bench_command.cpp" ]; then
        baseline_kind=bench target=kusto_program
        baseline_note="Each with its own \`kusto bench\` and its own local cluster."
    elif [ -f "$baseline_source/bench/throughput.cpp" ]; then
        baseline_kind=throughput target=bench_throughput
        baseline_note="That commit has no \`kusto bench\`. Its \`bench_throughput\` is compared with \`kusto bench --server inside\`, both with the cluster in the client's process and zlib. CPU of the client can be compared: it is counted by thread in both. MB/s only roughly: there the cluster ingests the rows meanwhile, here it discards them."
    else
        echo "$1 has neither kusto bench nor bench_throughput" >&2
        return 1
    fi
    baseline_build=$baseline_source/build/release
    CCACHE_BASEDIR=$baseline_source cmake -S "$baseline_source" --preset release >"$folder/configure.log" 2>&1 ||
        { cat "$folder/configure.log"; return 1; }
    CCACHE_BASEDIR=$baseline_source cmake --build "$baseline_build" --target $target -- --quiet
}

# throughput_json PROGRAM ARGUMENTS... FILE: the line of `bench_throughput` in the form of `kusto bench`.
throughput_json() {
    local file=${*: -1}
    "${@:1:$#-1}" | python3 -c '
import json, sys
for line in sys.stdin:
    words = line.split()
    if words[:1] == ["batching"]:
        keys = ("parallelism", "records_per_second", "raw_mb_per_second", "uploaded_mb",
                "client_cpu_seconds_per_gb", "server_cpu_seconds_per_gb", "ratio")
        medians = [dict(zip(keys, map(float, words[1:])))]
        json.dump({"kind": "bench_throughput", "medians": medians}, open(sys.argv[1], "w"))
' "$file"
}

# baseline_round NAME COMPRESSION RECORDS: what bench.NAME is, with two of everything.
baseline_round() {
    local name=$1 compression=$2 records=$3
    # shellcheck disable=SC2046
    case $baseline_kind:$compression in
    none:*) ;;
    bench:*)
        attempt "baseline.$name" "$baseline_build/src/cli/kusto" bench --source lines \
            --compression "$compression" --records "$records" $(size 2) --json
        ;;
    throughput:zlib:*)
        attempt "baseline.$name" throughput_json "$baseline_build/bench/bench_throughput" --sink batching \
            --records "$records" --batch 100000 --level "${compression#zlib:}" --producers 2 --parallelism 2
        attempt "versus.$name" "$kusto" bench --source lines --server inside \
            --compression "$compression" --records "$records" $(size 2) --json
        ;;
    esac
}
