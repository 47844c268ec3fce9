# Sourced by examples/quickstart.sh and tests/run.sh: installs what is missing, and asks no network
# when nothing is.

build_packages="g++ cmake ninja-build libboost1.81-dev libboost-json1.81-dev libssl-dev zlib1g-dev
libsqlite3-dev libisal-dev libcli11-dev libbenchmark-dev"
test_packages="libboost-test1.81-dev python3 curl openssl clang-14 libclang-rt-14-dev"

# as_root COMMAND...: runs a command as root, with sudo where that is necessary.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# install_packages NAME...: installs Debian packages that are not there yet.
install_packages() {
    local missing="" name
    for name in "$@"; do
        dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q "ok installed" || missing="$missing $name"
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        echo "These packages are missing and need root to install:$missing" >&2
        return 1
    fi
    echo "Installing:$missing"
    as_root apt-get update -qq
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# install_promtool: one program of Debian's package prometheus, into build/promtool. The package itself
# takes 300 MB with what it needs, and starts a server.
install_promtool() {
    local folder=build/promtool
    if command -v promtool >/dev/null || [ -x "$folder/promtool" ]; then
        return 0
    fi
    echo "Fetching promtool"
    mkdir -p "$folder"
    (
        cd "$folder" &&
            { apt-get download -qq prometheus 2>/dev/null ||
                { as_root apt-get update -qq && apt-get download -qq prometheus 2>/dev/null; }; } &&
            dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x --strip-components=3 ./usr/bin/promtool &&
            rm prometheus_*.deb
    )
}

# install_interop: Microsoft's Node SDK and Azurite, which the interoperability tests run against, into
# build/interop; and a Node.js that is new enough for them (20) if the machine has none.
install_interop() {
    local folder=build/interop stamp=build/interop/installed
    mkdir -p "$folder"
    if cmp -s tests/interop/package-lock.json "$stamp"; then
        return 0
    fi
    command -v npm >/dev/null || install_packages nodejs npm
    cp tests/interop/package.json tests/interop/package-lock.json "$folder/"
    echo "Installing the packages of tests/interop"
    (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error >/dev/null)
    local major
    major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')
    if [ "${major:-0}" -lt 20 ]; then
        local arch=x64
        [ "$(uname -m)" != aarch64 ] || arch=arm64
        (cd "$folder" && npm install --no-save --no-audit --no-fund --loglevel=error "node-linux-$arch@20.20.2" >/dev/null)
    fi
    cp tests/interop/package-lock.json "$stamp"
}
