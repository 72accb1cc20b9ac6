#!/usr/bin/env bash
# Installs the peers that `make test` proves the wire against, at pinned versions, into target/peers (or BCMA_PEERS).
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
peers="${BCMA_PEERS:-$here/../../../target/peers}"
mkdir -p "$peers"
want="$(cat "$here/requirements.txt" "$here/package.json" "$here/package-lock.json" | sha256sum | cut -d' ' -f1)"
[ "$(cat "$peers/installed" 2>/dev/null || true)" = "$want" ] && exit 0
rm -f "$peers/installed"
[ -x "$peers/venv/bin/python" ] || python3 -m venv "$peers/venv"
"$peers/venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
cp "$here/package.json" "$here/package-lock.json" "$peers/"
# The peers are newer than the node of Debian 12 asks for; what the tests use of them runs on node 18 and later.
(cd "$peers" && npm ci --silent --no-audit --no-fund --ignore-scripts)
echo "$want" > "$peers/installed"
