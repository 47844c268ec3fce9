#!/usr/bin/env bash
# Builds the fuzzers: build.sh ROOT FOLDER
set -eu
cd "$1"
[ -f "$2/build.ninja" ] || cmake --preset fuzz -B "$2"
cmake --build "$2" --target fuzzers -- --quiet
