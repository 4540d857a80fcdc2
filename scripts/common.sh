# What the scripts share. Sourced, not run.
# shellcheck shell=bash

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Cargo puts what it installs here; a non-login shell may not look there.
export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-auto}"

step() {
    printf '\n== %s\n' "$*" >&2
}

has() {
    command -v "$1" >/dev/null 2>&1
}

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
