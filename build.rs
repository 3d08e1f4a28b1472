//! The binary carries the migrations; a new file alone would not make it be built again.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
