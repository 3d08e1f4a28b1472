# The toolchain comes with rustup, by rust-toolchain.toml: Replit's own Rust module may be older than Cargo.toml allows.
{ pkgs }: {
  deps = [
    pkgs.rustup
    pkgs.gcc
    pkgs.git
  ];
}
