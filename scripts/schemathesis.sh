#!/bin/sh
# Holds a running server against the OpenAPI document that it serves: schemathesis makes requests
# from it, right and wrong ones, and looks at each answer. Usage: schemathesis.sh BEJ TARGET, where
# BEJ is the binary and TARGET a directory that keeps the tool between runs.

set -eu

bej=$1
tools=$2/schemathesis
version=4.32.5
here=$(dirname "$0")

if [ "$("$tools/bin/st" --version 2>/dev/null)" != "st, version $version" ]; then
    echo "setup: installing schemathesis $version into $tools"
    rm -rf "$tools"
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
fi

work=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' HUP INT TERM

"$bej" sandbox --data "$work/data" >/dev/null
"$bej" cert organiser 0 --data "$work/data" >/dev/null
token=$("$bej" session 0100000000000009 --data "$work/data")
"$bej" serve --data "$work/data" --api 127.0.0.1:0 --probes 127.0.0.1:0 \
    --console 127.0.0.1:0 --cabinet 127.0.0.1:0 >"$work/addresses" 2>"$work/log" &
server=$!
until grep -q '^probes ' "$work/addresses"; do
    kill -0 "$server" 2>/dev/null || { cat "$work/log" && exit 1; }
    sleep 0.2
done
port=$(sed -n 's/^api .*:\([0-9]*\)$/\1/p' "$work/addresses")

tls=$work/data/tls
status=0
cp "$here/schemathesis.toml" "$here/schemathesis.py" "$work"
(
    cd "$work"
    SCHEMATHESIS_HOOKS=schemathesis_hooks
    export SCHEMATHESIS_HOOKS
    mv schemathesis.py schemathesis_hooks.py
    "$tools/bin/st" --config-file schemathesis.toml run \
        "https://localhost:$port/v1/openapi.json" \
        --tls-verify "$tls/ca.crt" \
        --request-cert "$tls/organiser-0.crt" --request-cert-key "$tls/organiser-0.key" \
        --header "Authorization: Bearer $token" \
        --seed 2026 --max-examples 20 --max-time 90 --continue-on-failure --warnings off
) || status=$?

# Nothing that was sent may have upset the server: it stops in order, and its journal verifies.
kill "$server"
wait "$server" || { echo "the server has failed" && cat "$work/log" && status=1; }
server=
grep -i panicked "$work/log" && status=1
"$bej" verify --store "sqlite:$work/data/bej.db" >/dev/null || status=1
exit $status
