#!/bin/sh
# Usage: identity_options.sh KUSTO
# `kusto emulator` with certificates, managed identities and a proxy: what it prints works, and what
# it cannot read is named.
set -u
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
fail() { echo "identity_options: $1"; exit 1; }
program=$1

refused() { # what is wanted of the error, then options
    wanted=$1
    shift
    # What is accepted would serve for ever.
    if timeout 10 "$program" emulator --ca-out "$directory/ca.pem" "$@" > /dev/null 2> "$directory/error"; then
        fail "accepted: $*"
    fi
    grep -q -- "$wanted" "$directory/error" || fail "$*: $(cat "$directory/error")"
}
echo none > "$directory/none.pem"
refused "cannot read.*missing.pem" --application-certificate "$directory/missing.pem"
refused "no certificate" --application-certificate "$directory/none.pem"
refused "RSA public key" --federated-credential issuer subject "$directory/none.pem"
refused "managed-identities" --arc-directory "$directory"
refused "no-tls" --proxy-host c.local --no-tls
refused "proxy-host.*'https://c.local' is not the name of a host" --proxy-host https://c.local
refused "proxy-authority.*'login:443' is not" --proxy-host c.local --proxy-authority login:443
refused "a word is missing in front of --threads" --federated-credential issuer subject --threads 1
refused "a word is missing in front of --threads" --managed-identities --user-assigned a b --threads
refused "token-lifetime.*1 to 31536000" --token-lifetime 0
refused "batching-items.*1 to 1099511627776" --batching-items 0
refused "database" --database ""
refused "database" --database "a;b"

mkfifo "$directory/pipe" || exit 1
"$program" emulator --ca-out "$directory/ca.pem" --token-lifetime 3 --managed-identities \
    --user-assigned client object resource --arc-directory "$directory" \
    --proxy-host c.local --approve-device-codes > "$directory/pipe" &
server=$!
{
    while read -r line; do
        echo "$line" >> "$directory/out"
        [ "$line" = ready ] && kill -TERM "$server"
    done
} < "$directory/pipe"
wait "$server" || fail "the server ended with an error"
for line in "^virtual machine: AZURE_POD_IDENTITY_AUTHORITY_HOST=http://127.0.0.1:" \
    "^app service: IDENTITY_ENDPOINT=http://127.0.0.1:.* IDENTITY_HEADER=" \
    "^service fabric: .* IDENTITY_SERVER_THUMBPRINT=" \
    "^proxy: http://127.0.0.1:" "^proxy engine: https://c.local$"; do
    grep -q "$line" "$directory/out" || fail "not printed: $line"
done
