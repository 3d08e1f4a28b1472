# What the tests need beside the Rust module of .replit.
{ pkgs }: {
  deps = [
    pkgs.git
  ];
}
