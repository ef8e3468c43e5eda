//! Wiping what a function that used keys leaves on the stack.
//!
//! Types that hold keys wipe themselves when they are dropped. A value that the compiler moved leaves its old place as it
//! was; such places lie below the frame that called, and are overwritten here.

use std::hint::black_box;

use zeroize::Zeroize;

/// How far below the caller's frame is wiped: more than any function that sees a key needs.
const BYTES: usize = 128 << 10;

/// Overwrites the part of the stack that the functions which just returned have used.
#[inline(never)]
pub(crate) fn wipe_stack() {
    let mut area = [0_u8; BYTES];
    area.zeroize();
    black_box(&mut area);
}
