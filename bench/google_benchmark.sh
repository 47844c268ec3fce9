#!/usr/bin/env bash
# google_benchmark.sh PROGRAM FILTER FILE: three runs of the benchmarks whose names match, as JSON.
exec "$1" --benchmark_filter="$2" --benchmark_repetitions=3 --benchmark_min_time=0.3 \
    --benchmark_out_format=json --benchmark_out="$3"
