# The pinned tools, in one place; sourced by every script here. WASM_BINDGEN_VERSION must equal the `wasm-bindgen` in
# Cargo.lock, and BINARYEN_VERSION the `wasm_opt` in Trunk.toml: trunk compares both.
export TRUNK_VERSION=0.21.14
export WASM_BINDGEN_VERSION=0.2.130
export BINARYEN_VERSION=132.0.0
export WASM_SPLIT_VERSION=0.2.4 # must understand the `wasm_split_helpers` in Cargo.lock
export WASM_PACK_VERSION=0.15.1
export CARGO_DENY_VERSION=0.20.2
export PYTHON_SERVERS_VERSION=1 # counts the changes of tests/e2e/fixtures/python/*.txt
export NODE_VERSION=22.20.0 # only where the system has none, or one too old
export NODE_MAJOR=20        # what the build asks for: wasm-opt and the scripts here
export TESTS_NODE_MAJOR=22  # what the tests ask for: the protocol's conformance suite does not start on less

export FANOUT_CACHE_DIR="${FANOUT_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/fanout}"
export FANOUT_TOOLS="${FANOUT_TOOLS:-$FANOUT_CACHE_DIR/tools}"
export FANOUT_PYTHON_SERVERS="$FANOUT_TOOLS/python-servers-$PYTHON_SERVERS_VERSION"
# Our tools come first: another version of theirs that happens to be on PATH must not be picked up. cargo's own folder
# comes last, for shells that were opened before rustup was installed.
export PATH="$FANOUT_TOOLS/node-$NODE_VERSION/bin:$FANOUT_TOOLS/trunk-$TRUNK_VERSION/bin:$FANOUT_TOOLS/wasm-bindgen-cli-$WASM_BINDGEN_VERSION/bin:$FANOUT_TOOLS/binaryen-$BINARYEN_VERSION/bin:$FANOUT_TOOLS/binaryen-none/bin:$FANOUT_TOOLS/wasm_split_cli_support-$WASM_SPLIT_VERSION/bin:$FANOUT_TOOLS/wasm-pack-$WASM_PACK_VERSION/bin:$FANOUT_TOOLS/cargo-deny-$CARGO_DENY_VERSION/bin:$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
export TRUNK_SKIP_VERSION_CHECK=true
unset NO_COLOR # trunk 0.21 takes only true and false here, and stops at the usual 1
