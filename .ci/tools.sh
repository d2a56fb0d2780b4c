#!/usr/bin/env bash
# Installs the build and test tools Fanout needs, in exact versions, into one per-user folder keyed by version,
# so that a second clone finds them there. Says what it does and how long that usually takes; does nothing twice.
# Usage: .ci/tools.sh TOOL…   where TOOL is one of: target trunk wasm-bindgen wasm-opt wasm-pack cargo-deny node browser
# It does not touch the system except for Debian/Ubuntu packages (node, browser), and only where those are missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/versions.sh"

say() { printf 'fanout set-up: %s\n' "$*" >&2; }
die() { printf 'fanout set-up: %s\n' "$*" >&2; exit 1; }

# Half the optimisation is a third of the time: these are tools, and their output does not depend on it.
quick() {
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
    CARGO_TARGET_DIR="$FANOUT_TOOLS/build" RUSTFLAGS='' "$@"
}

# cargo_tool NAME VERSION BINARY MINUTES [cargo install flags…]: tries the crate's own lock file first, because it is
# what its authors tested; falls back to a fresh resolution when that lock names a version no registry has any more.
cargo_tool() {
  local name=$1 version=$2 binary=$3 minutes=$4; shift 4
  local root="$FANOUT_TOOLS/$name-$version"
  [ -x "$root/bin/$binary" ] && return 0
  say "installing $name $version from source into $root (usually $minutes minutes, once per user)"
  quick cargo install "$name@$version" --locked --root "$root" --quiet "$@" ||
    quick cargo install "$name@$version" --root "$root" --quiet "$@" ||
    die "cargo could not install $name $version; run: cargo install $name@$version --root '$root'"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else return 1; fi
}

# apt PACKAGE…: 0 when installed, 1 where there is no apt or no right to use it.
apt() {
  command -v apt-get >/dev/null || return 1
  say "installing $* with apt-get (usually 1 to 3 minutes)"
  as_root apt-get update -qq >&2 || true
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

install_target() {
  rustup target list --installed | grep -qx wasm32-unknown-unknown && return 0
  say "adding the wasm32-unknown-unknown target to rustup (seconds)"
  rustup target add wasm32-unknown-unknown >&2
}

install_node() {
  command -v node >/dev/null && command -v npm >/dev/null && return 0
  apt nodejs npm || die "Node 18 or newer with npm is needed (wasm-opt and the end-to-end tests run on it): install it from https://nodejs.org and run this again"
}

# npm's binaryen is the only current wasm-opt that installs without a download from elsewhere; distributions ship
# versions so old that the page they produce does not start.
install_wasm_opt() {
  local root="$FANOUT_TOOLS/binaryen-$BINARYEN_VERSION"
  [ -x "$root/bin/wasm-opt" ] && return 0
  install_node
  say "installing wasm-opt (npm binaryen $BINARYEN_VERSION) into $root (usually under a minute)"
  mkdir -p "$root/bin"
  npm install --silent --no-audit --no-fund --prefix "$root" "binaryen@$BINARYEN_VERSION" >&2
  ln -sf ../node_modules/.bin/wasm-opt "$root/bin/wasm-opt"
}

install_browser() {
  if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then return 0; fi
  if { command -v google-chrome >/dev/null || [ -n "${CHROME:-}" ]; } && command -v chromedriver >/dev/null; then return 0; fi
  apt chromium chromium-driver ||
    die "Chrome or Chromium and the matching chromedriver are needed on PATH: install them (macOS: brew install --cask google-chrome chromedriver) and run this again"
}

mkdir -p "$FANOUT_TOOLS"
for tool in "$@"; do
  case $tool in
    target) install_target ;;
    trunk) cargo_tool trunk "$TRUNK_VERSION" trunk '5 to 8' --no-default-features --features rustls ;;
    wasm-bindgen) cargo_tool wasm-bindgen-cli "$WASM_BINDGEN_VERSION" wasm-bindgen '2 to 4' ;;
    wasm-opt) install_wasm_opt ;;
    wasm-pack) cargo_tool wasm-pack "$WASM_PACK_VERSION" wasm-pack '2' ;;
    cargo-deny) cargo_tool cargo-deny "$CARGO_DENY_VERSION" cargo-deny '5' ;;
    node) install_node ;;
    browser) install_browser ;;
    *) die "unknown tool '$tool' (target trunk wasm-bindgen wasm-opt wasm-pack cargo-deny node browser)" ;;
  esac
done
