#!/usr/bin/env bash
# `kusto doctor` as a program: where the connection comes from, exit statuses, and that the secret is
# not printed. The environment says where the cluster is.
#
#   program.sh KUSTO_PROGRAM SLOW_NAMES_LIBRARY
set -euo pipefail
program=$1 slow_names=$2
said=""
unset HTTPS_PROXY https_proxy ALL_PROXY all_proxy

# expect STATUS TEXT ARGUMENT...: the exit status, and a text in the output.
expect() {
    local status=$1 text=$2 got=0
    shift 2
    said=$("$program" doctor "$@" 2>&1) || got=$?
    if [ "$got" != "$status" ] || [[ $said != *"$text"* ]]; then
        printf 'kusto doctor %s: status %s, not %s with "%s"\n%s\n' "$*" "$got" "$status" "$text" "$said"
        exit 1
    fi
    if [[ $said == *"$AZURE_CLIENT_SECRET"* || $said == *eyJ* || $said == *sig=* ]]; then
        printf 'a secret was printed:\n%s\n' "$said"
        exit 1
    fi
}

expect 0 "0 warnings, 0 failed, 0 skipped" --table Lines
expect 0 '"exit_status":0' --table Lines --json
expect 4 "failed   table" --table Nothing
expect 105 "--check-timeout" --check-timeout 301
expect 107 "--mapping requires --table" --mapping M
text="Data Source=$KUSTO_CLUSTER_URL;Application Client Id=$AZURE_CLIENT_ID"
text="$text;Application Key=$AZURE_CLIENT_SECRET;Authority Id=$AZURE_TENANT_ID"
expect 0 "0 failed" - --ingestion-url "$KUSTO_INGESTION_URL" --ca-file "$KUSTO_CA_FILE" <<<"$text"
both=(- --ingestion-url "$KUSTO_INGESTION_URL")
expect 0 "0 failed" "${both[@]}" <<<"$text"
KUSTO_CA_FILE="" expect 3 "failed   engine_tls" - <<<"$text"
expect 3 "failed   engine_tls" "${both[@]}" --ca-file "" <<<"$text"
expect 3 "failed   engine_tls" --ca-file ""
# That of another cluster, perhaps.
expect 2 "warning  options" - <<<"$text"
expect 3 "failed   ingestion_tcp" - --ingestion-url https://localhost:1 <<<"$text"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$KUSTO_CA_FILE" "$folder/$(openssl x509 -hash -noout -in "$KUSTO_CA_FILE").0"
expect 0 "0 failed" --ca-directory "$folder"
expect 2 "tls_certificate" --tls-certificate "$folder/none.pem"
openssl req -x509 -newkey rsa:2048 -subj /CN=client -passout pass:open -keyout "$folder/key.pem" \
    -out "$folder/client.pem" 2>"$folder/log"
cat "$folder/key.pem" >>"$folder/client.pem"
KUSTO_TLS_CERTIFICATE_PASSWORD=open expect 0 "0 failed" --tls-certificate "$folder/client.pem"
expect 2 "tls_certificate" --tls-certificate "$folder/client.pem"

# A server whose certificate is refused, if it comes to that: it does not speak TLS 1.3.
: >"$folder/accepted"
openssl s_server -www -accept 127.0.0.1:0 -tls1_2 -cert "$folder/client.pem" -pass pass:open \
    >>"$folder/accepted" 2>&1 &
old=$!
trap 'kill "$old" 2>/dev/null || true; rm -rf "$folder"' EXIT
for _ in $(seq 100); do
    place=$(sed -n 's/^ACCEPT 127.0.0.1:/localhost:/p' "$folder/accepted")
    [ -n "$place" ] && break
    read -r -t 0.1 <> <(:) || true
done
expect 3 "certificate was refused" "Data Source=https://$place"
expect 3 "what --minimum-tls" "Data Source=https://$place" --minimum-tls 1.3
expect 105 "--timeout" --timeout nan
expect 105 "--check-timeout" --check-timeout nan

# The time begins when the connection has been read.
expect 0 "0 failed" "${both[@]}" --timeout 5 < <(sleep 5.5; echo "$text")

# A look-up that goes on does not hold up the diagnosis, and what waits behind it is not judged.
SECONDS=0
# The library comes before the one of the address sanitizer, which minds that.
ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0" LD_PRELOAD=$slow_names \
    KUSTO_CLUSTER_URL=https://c.westeurope.kusto.windows.net KUSTO_INGESTION_URL="" \
    expect 3 "no name server answered" --timeout 3 --check-timeout 1
if [[ $SECONDS -ge 15 || $said != *"skipped  ingestion_dns"* ]]; then
    printf 'slow names: %s seconds\n%s\n' "$SECONDS" "$said"
    exit 1
fi
expect 2 "failed   options" - <<<"Data Source=$KUSTO_CLUSTER_URL;Nonsense=1"
expect 2 "failed   options" - <<<"Data Source=http://c.westeurope.kusto.windows.net"
KUSTO_CLUSTER_URL="" expect 2 "failed   options"

# A diagnosis that nobody can read is none, and no warning either.
got=0
"$program" doctor --table Lines >/dev/full 2>/dev/null || got=$?
if [ "$got" != 6 ]; then
    echo "kusto doctor >/dev/full: status $got, not 6"
    exit 1
fi
