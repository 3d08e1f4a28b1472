//! Exit codes, the same for every command. clap's own is 2.

/// Done, and nothing to say against it.
pub(super) const DONE: i32 = 0;
/// What is asked about is not there, or cannot be checked.
pub(super) const NOT_THERE: i32 = 3;
/// Done, and something differs or does not hold.
pub(super) const DIFFERS: i32 = 4;

/// The scheme, at the end of the program's help.
pub(super) const HELP: &str = "\
Exit codes, the same for every command:
  0  done
  1  failed: not reachable, refused, or not to be written
  2  wrong arguments
  3  what is asked about is not there, or cannot be checked
  4  done, and something differs or does not hold";
