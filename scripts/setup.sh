# Prerequisites of ./demo and ./check, which source this file: POSIX shell, for a fresh Debian
# machine, and harmless on one that has everything. Nothing is installed without a line that
# says so. On other systems it only names what is missing.

say() {
    printf '%s\n' "$*"
}

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# Runs a command as root, by sudo where we are somebody else.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif have sudo; then
        sudo "$@"
    else
        fail "this needs root, and there is no sudo: $*"
    fi
}

# setup_packages PACKAGE…: installs those Debian packages that are missing.
setup_packages() {
    if ! have dpkg-query || ! have apt-get; then
        say "setup: not a Debian system; please see to it that these are there: $*"
        return 0
    fi
    missing=
    for package in "$@"; do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=none
        [ "$state" = installed ] || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    say "setup: installing Debian packages:$missing"
    as_root apt-get update -qq || fail "apt-get update failed; is the network there?"
    # Word splitting is wanted: one word is one package.
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends $missing >/dev/null ||
        fail "apt-get could not install:$missing"
}

# Whether this Debian offers a package: rustup, for one, since version 13 only.
debian_has() {
    have apt-cache || return 1
    [ -n "$(apt-cache madison "$1" 2>/dev/null)" ] && return 0
    # A machine that has just been set up has no lists of packages yet.
    as_root apt-get update -qq && [ -n "$(apt-cache madison "$1" 2>/dev/null)" ]
}

# The version of Rust that the workspace asks for, such as 1.95.
rust_wanted() {
    sed -n 's/^rust-version = "\([0-9.]*\)"$/\1/p' Cargo.toml
}

# Whether the compiler on the path is at least as new as the workspace asks for.
rust_is_new_enough() {
    have cargo && have rustc || return 1
    found=$(rustc --version 2>/dev/null | sed -n 's/^rustc \([0-9]*\.[0-9]*\).*/\1/p')
    [ -n "$found" ] || return 1
    wanted=$(rust_wanted)
    [ "${found%%.*}" -gt "${wanted%%.*}" ] ||
        { [ "${found%%.*}" -eq "${wanted%%.*}" ] && [ "${found#*.}" -ge "${wanted#*.}" ]; }
}

# Sees to a Rust that is new enough, with rustfmt and clippy.
setup_rust() {
    wanted=$(rust_wanted)
    PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
    export PATH
    if ! rust_is_new_enough; then
        if ! have rustup && debian_has rustup; then
            setup_packages rustup
        fi
        have rustup || fail "Rust $wanted or newer is needed, and this Debian has no rustup." \
            "Install it as https://www.rust-lang.org/tools/install says, then start again."
        say "setup: installing Rust $wanted with rustup"
        rustup toolchain install "$wanted" --profile minimal --no-self-update ||
            fail "rustup could not install Rust $wanted"
        RUSTUP_TOOLCHAIN=$wanted
        export RUSTUP_TOOLCHAIN
        rust_is_new_enough || fail "Rust $wanted was installed, but $(command -v cargo) is older"
    fi
}

# Sees to the components of Rust that only ./check needs.
setup_rust_components() {
    cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 && return 0
    have rustup || fail "cargo fmt and cargo clippy are needed; install them beside $(rustc -V)"
    say "setup: adding rustfmt and clippy with rustup"
    rustup component add rustfmt clippy || fail "rustup could not add rustfmt and clippy"
}

# Sees to the test runner.
setup_nextest() {
    cargo nextest --version >/dev/null 2>&1 && return 0
    say "setup: installing cargo-nextest from source; this takes some minutes"
    cargo install cargo-nextest --locked || fail "cargo could not install cargo-nextest"
}

# Sees to what the tests of pages in a browser need: Chromium, a font that has every letter of
# Kazakh, Node.js, and the two libraries of console/browser, as its lock file names them.
setup_browser() {
    setup_packages chromium fonts-noto-core
    # A machine may have Node.js from elsewhere, which Debian's npm does not go with.
    have npm || setup_packages nodejs npm
    if have npm && [ ! -e console/browser/node_modules/playwright-core ]; then
        say "setup: fetching the libraries of console/browser"
        (cd console/browser && npm ci --ignore-scripts --no-audit --no-fund --silent) ||
            fail "npm could not fetch the libraries of console/browser"
    fi
}
