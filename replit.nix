# What the build needs beside the Rust module of .replit: OpenSSL for git over https, git for the tests.
{ pkgs }: {
  deps = [
    pkgs.git
    pkgs.openssl
    pkgs.openssl.dev
    pkgs.pkg-config
  ];
  env = {
    OPENSSL_INCLUDE_DIR = "${pkgs.openssl.dev}/include";
    OPENSSL_LIB_DIR = "${pkgs.lib.getLib pkgs.openssl}/lib";
  };
}
