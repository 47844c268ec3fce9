#!/usr/bin/env bash
# Installs what is missing, builds, and runs the quick start: a local Kusto cluster over TLS and this
# machine's telemetry through four writers into it. Needs Debian 12; root or sudo only to install.
#
#   examples/quickstart.sh [SAMPLES]
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/support/prerequisites.sh
# shellcheck disable=SC2086
install_packages $build_packages
mkdir -p build
cmake --preset release -DKUSTO_BUILD_TESTS=OFF -DKUSTO_BUILD_BENCH=OFF -B build/quickstart >build/configure-quickstart.log 2>&1 || {
    cat build/configure-quickstart.log
    exit 1
}
echo "Building the quick start (build/quickstart) ..."
cmake --build build/quickstart --target 01_quickstart -- --quiet
exec build/quickstart/examples/01_quickstart "${1:-100}"
