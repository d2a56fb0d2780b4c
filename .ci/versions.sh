# The pinned tools, in one place; sourced by the Makefile's recipes and by tools.sh. WASM_BINDGEN_VERSION must equal the
# `wasm-bindgen` in Cargo.lock, and BINARYEN_VERSION the `wasm_opt` in Trunk.toml: trunk compares both.
export TRUNK_VERSION=0.21.14
export WASM_BINDGEN_VERSION=0.2.130
export BINARYEN_VERSION=132.0.0
export WASM_PACK_VERSION=0.15.1
export CARGO_DENY_VERSION=0.20.2
export FANOUT_TOOLS="${FANOUT_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/fanout/tools}"
export PATH="$FANOUT_TOOLS/trunk-$TRUNK_VERSION/bin:$FANOUT_TOOLS/wasm-bindgen-cli-$WASM_BINDGEN_VERSION/bin:$FANOUT_TOOLS/binaryen-$BINARYEN_VERSION/bin:$FANOUT_TOOLS/wasm-pack-$WASM_PACK_VERSION/bin:$FANOUT_TOOLS/cargo-deny-$CARGO_DENY_VERSION/bin:$PATH"
