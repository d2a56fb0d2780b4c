#!/usr/bin/env bash
# Installs the build and test tools Fanout needs, in exact versions, into one per-user folder keyed by version,
# so that a second clone finds them there. Says what it does and how long that usually takes; does nothing twice.
# Usage: .ci/tools.sh TOOL…   where TOOL is one of:
#   target components trunk wasm-bindgen wasm-split wasm-opt wasm-opt-if-possible wasm-pack cargo-deny node tests-node
#   python-servers browser
# It does not touch the system except for Debian/Ubuntu packages (node, tests-node, python-servers,
# browser), and only where those are missing.
# What cargo, apt and npm print goes to install.log in that folder; the last lines are shown when something fails.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/versions.sh"
log="$FANOUT_TOOLS/install.log"

say() { printf 'set-up: %s\n' "$*" >&2; }
die() { printf 'set-up: %s\n' "$*" >&2; exit 1; }
die_with_log() { tail -n 15 "$log" >&2; die "$* (the whole output is in $log)"; }
have() { command -v "$1" >/dev/null 2>&1; }

need_rust() {
  have cargo && have rustup || die "Rust is needed: install it from https://rustup.rs and run this again"
  # Where rustup does not install rust-toolchain.toml's channel by itself, it is asked to.
  rustc --version >/dev/null 2>&1 && return 0
  say "installing the Rust toolchain named in rust-toolchain.toml (usually 1 minute, once per user)"
  (cd "$here/.." && rustup toolchain install >>"$log" 2>&1) || die_with_log "rustup could not install it"
}

# cargo_tool NAME VERSION BINARY MINUTES [cargo install flags…]: tries the crate's own lock file first, because it is
# what its authors tested; falls back to a fresh resolution when that lock names a version no registry has any more.
# Half the optimisation is a third of the time: these are tools, and their output does not depend on it.
cargo_tool() {
  local name=$1 version=$2 binary=$3 minutes=$4; shift 4
  local root="$FANOUT_TOOLS/$name-$version" build
  [ -x "$root/bin/$binary" ] && return 0
  need_rust
  say "installing $name $version from source (usually $minutes minutes, once per user)"
  build=$(mktemp -d "$FANOUT_TOOLS/build.XXXXXX")
  quick() {
    env -u CARGO_BUILD_TARGET -u CARGO_BUILD_BUILD_DIR -u RUSTFLAGS CARGO_TARGET_DIR="$build" \
      CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
      cargo install "$name@$version" --root "$root" --quiet "$@" >>"$log" 2>&1
  }
  if quick --locked "$@" || quick "$@"; then rm -rf "$build"; return 0; fi
  rm -rf "$build"
  die_with_log "cargo could not install $name $version; to try by hand: cargo install $name@$version --root '$root'"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif have sudo; then sudo "$@"; else return 1; fi
}

# apt PACKAGE…: 0 when installed, 1 where there is no apt or no right to use it.
apt() {
  have apt-get || return 1
  { [ "$(id -u)" = 0 ] || have sudo; } || return 1
  say "installing $* with apt-get (usually 1 to 3 minutes)"
  as_root apt-get update -qq >>"$log" 2>&1 || true # a stale list is often good enough
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >>"$log" 2>&1 ||
    { tail -n 5 "$log" >&2; return 1; }
}

install_target() {
  need_rust
  rustup target list --installed | grep -qx wasm32-unknown-unknown && return 0
  say "adding the wasm32-unknown-unknown target to rustup (seconds)"
  rustup target add wasm32-unknown-unknown >>"$log" 2>&1 || die_with_log "rustup could not add the target"
}

install_components() {
  need_rust
  cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 && return 0
  say "adding rustfmt and clippy to rustup (seconds)"
  rustup component add rustfmt clippy >>"$log" 2>&1 || die_with_log "rustup could not add them"
}

# node_is_recent MAJOR
node_is_recent() { have node && have npm && [ "$(node -p 'parseInt(process.versions.node)')" -ge "$1" ]; }

# Distributions often carry an old Node; npm itself, which any Node brings along, then fetches a current one.
install_node() {
  local major=${1:-$NODE_MAJOR}
  node_is_recent "$major" && return 0
  if ! { have node && have npm; }; then
    apt nodejs npm || return 1
    node_is_recent "$major" && return 0
  fi
  local system machine package root="$FANOUT_TOOLS/node-$NODE_VERSION"
  case $(uname -s) in Linux) system=linux ;; Darwin) system=darwin ;; *) return 1 ;; esac
  case $(uname -m) in x86_64 | amd64) machine=x64 ;; aarch64 | arm64) machine=arm64 ;; *) return 1 ;; esac
  package=node-$system-$machine
  say "installing Node $NODE_VERSION beside the system's $(node --version) (npm $package, usually under a minute)"
  mkdir -p "$root/bin"
  npm install --silent --no-audit --no-fund --prefix "$root" "$package@$NODE_VERSION" >>"$log" 2>&1 || return 1
  ln -sf "../node_modules/$package/bin/node" "$root/bin/node"
  hash -r
  node_is_recent "$major"
}

# node_or_die WHY [MAJOR]
node_or_die() {
  local major=${2:-$NODE_MAJOR}
  install_node "$major" || die "Node $major or newer with npm is needed ($1): install it from https://nodejs.org and run this again"
}

# npm's binaryen is the only current wasm-opt that installs without a download from elsewhere; distributions ship
# versions so old that the page they produce does not start.
have_wasm_opt() { [ -x "$FANOUT_TOOLS/binaryen-$BINARYEN_VERSION/bin/wasm-opt" ]; }
install_wasm_opt() {
  have_wasm_opt && return 0
  node_or_die "wasm-opt comes with it"
  local root="$FANOUT_TOOLS/binaryen-$BINARYEN_VERSION"
  say "installing wasm-opt (npm binaryen $BINARYEN_VERSION, usually under a minute, once per user)"
  mkdir -p "$root/bin"
  npm install --silent --no-audit --no-fund --prefix "$root" "binaryen@$BINARYEN_VERSION" >>"$log" 2>&1 ||
    die_with_log "npm could not install binaryen $BINARYEN_VERSION"
  ln -sf ../node_modules/.bin/wasm-opt "$root/bin/wasm-opt"
}

# Where there is no Node and no right to install it, `make serve` still works: a stand-in that copies its input gives
# the same page, about a fifth larger. `make dist` and the tests insist on the real one.
install_wasm_opt_if_possible() {
  local stand_in="$FANOUT_TOOLS/binaryen-none/bin/wasm-opt"
  have_wasm_opt && return 0
  if install_node; then install_wasm_opt; return 0; fi
  [ -x "$stand_in" ] && return 0
  say "no Node $NODE_MAJOR here, so no wasm-opt: the page will be about a fifth larger and otherwise the same"
  mkdir -p "${stand_in%/*}"
  cat >"$stand_in" <<STAND_IN
#!/bin/sh
# Stands in for wasm-opt where there is no Node: answers --version as trunk expects it and copies the module unchanged.
for argument; do
  case \$argument in
    --version) echo 'wasm-opt version ${BINARYEN_VERSION%%.*}'; exit 0 ;;
    --output=*) output=\${argument#--output=} ;;
    -*) ;;
    *) input=\$argument ;;
  esac
done
exec cp "\$input" "\$output"
STAND_IN
  chmod +x "$stand_in"
}

install_browser() {
  if have chromedriver && { have chromium || have chromium-browser || have google-chrome || [ -n "${CHROME:-}" ]; }; then
    return 0
  fi
  apt chromium chromium-driver || apt chromium-browser chromium-chromedriver ||
    die "Chrome or Chromium and the chromedriver of the same version are needed on PATH: install them (macOS: brew install --cask google-chrome chromedriver; elsewhere: https://googlechromelabs.github.io/chrome-for-testing/) and run this again"
}

python_is_recent() { have python3 && python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; }

# MCP servers written in Python that the end-to-end tests talk to, each in an environment of its own: one needs the
# protocol library's second version, the other the first.
install_python_servers() {
  local list name root
  for list in "$here"/../tests/e2e/fixtures/python/*.txt; do
    name=$(basename "$list" .txt) root="$FANOUT_PYTHON_SERVERS/$(basename "$list" .txt)"
    [ -e "$root/.installed" ] && continue
    python_is_recent || { apt python3 python3-venv && python_is_recent; } ||
      die "Python 3.10 or newer with venv is needed (the end-to-end tests talk to MCP servers written in it): install it from https://www.python.org and run this again"
    say "installing the Python servers of the tests: $name (usually under a minute, once per user)"
    rm -rf "$root"
    { python3 -m venv "$root" && "$root/bin/pip" install --quiet --disable-pip-version-check -r "$list"; } >>"$log" 2>&1 ||
      die_with_log "pip could not install $list"
    touch "$root/.installed"
  done
}

mkdir -p "$FANOUT_TOOLS"
for tool in "$@"; do
  case $tool in
    target) install_target ;;
    components) install_components ;;
    trunk) cargo_tool trunk "$TRUNK_VERSION" trunk '5 to 8' --no-default-features --features rustls ;;
    wasm-bindgen) cargo_tool wasm-bindgen-cli "$WASM_BINDGEN_VERSION" wasm-bindgen '2 to 4' ;;
    wasm-split) cargo_tool wasm_split_cli_support "$WASM_SPLIT_VERSION" wasm-split-cli '1 to 2' --features build-binary ;;
    wasm-opt) install_wasm_opt ;;
    wasm-opt-if-possible) install_wasm_opt_if_possible ;;
    wasm-pack) cargo_tool wasm-pack "$WASM_PACK_VERSION" wasm-pack '2' ;;
    cargo-deny) cargo_tool cargo-deny "$CARGO_DENY_VERSION" cargo-deny '5' ;;
    node) node_or_die "the build's own scripts run on it" ;;
    tests-node) node_or_die "the end-to-end tests and the conformance suite run on it" "$TESTS_NODE_MAJOR" ;;
    python-servers) install_python_servers ;;
    browser) install_browser ;;
    *) die "unknown tool '$tool'" ;;
  esac
done
