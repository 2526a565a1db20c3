#!/usr/bin/env bash
# Installs the stream processors that `make bench-stream` measures against, each in a Python
# environment of its own (they cannot share one) outside the repository, and Java 17 for the two that
# run on it. Does nothing for what is there already; prints the folder of the environments.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
peers=${PIPEC_STREAM_PEERS:-$HOME/.cache/pipec/stream-peers}

if [ "$(uname)" = Linux ] && ! ls /usr/lib/jvm/java-17-openjdk-*/bin/java > /dev/null 2>&1; then
    run=""; [ "$(id -u)" = 0 ] || run=sudo
    $run apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq openjdk-17-jre-headless > /dev/null
fi
for wanted in "$here"/Benchmarks/stream/peers/*.txt; do
    name=$(basename "$wanted" .txt)
    cmp -s "$wanted" "$peers/$name/requirements.txt" && continue
    echo "installing $name into $peers/$name" >&2
    rm -rf "${peers:?}/$name"
    python3 -m venv "$peers/$name" >&2
    "$peers/$name/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" >&2
    cp "$wanted" "$peers/$name/requirements.txt"
done
echo "$peers"
