#!/bin/sh
# Makes the Python environment of the tests that compare with other engines (Tests/peers), outside
# the repository. Does nothing if it is there already; prints its path.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
peers=${PIPEC_PEERS:-$HOME/.cache/pipec/peers}
wanted="$here/Tests/peers/requirements.txt"
if ! cmp -s "$wanted" "$peers/requirements.txt"; then
    python3 -m venv "$peers" >&2
    "$peers/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" >&2
    cp "$wanted" "$peers/requirements.txt"
fi
echo "$peers"
