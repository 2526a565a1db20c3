#!/usr/bin/env bash
# Installs what a bare Debian machine lacks to build pipec: four C libraries, and python3-venv for
# the peers the tests compare with. Does nothing where they are there.
set -euo pipefail

missing=()
need() { [ -e "$1" ] || missing+=("$2"); }
need /usr/include/yaml.h libyaml-dev
need /usr/include/zlib.h zlib1g-dev
need /usr/include/snappy-c.h libsnappy-dev
need /usr/include/zstd.h libzstd-dev
need /usr/include/sqlite3.h libsqlite3-dev
command -v pkg-config > /dev/null || missing+=(pkg-config)
command -v git > /dev/null || missing+=(git)
command -v make > /dev/null || missing+=(make)

if [ "$(uname)" = Darwin ]; then
    for formula in libyaml snappy zstd pkg-config; do
        brew list "$formula" > /dev/null 2>&1 || brew install "$formula"
    done
    exit 0
fi
if [ ${#missing[@]} -gt 0 ]; then
    echo "installing ${missing[*]}"
    run=""; [ "$(id -u)" = 0 ] || run=sudo
    $run apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq "${missing[@]}" > /dev/null
fi
command -v swift > /dev/null || {
    echo "Swift 6.1 or later is needed: https://www.swift.org/install" >&2
    exit 1
}
