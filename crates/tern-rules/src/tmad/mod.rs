//! The TMAD's clauses and codes, in the order of the document: one line each.

crate::registry::registry! {
    c4_26,
    c4_29,
    c4_30,
    c4_49,
    c5_01_c,
    c5_10_10,
    c5_10_15,
    c5_23_b,
    c10_01,
    c11_01,
    c15_01,
    c15_02,
    c15_03,
    c15_04,
    c15_05,
    c15_06,
    c15_07,
    c15_08,
    c15_09,
    c15_10,
    c15_10_03,
    c15_10_04,
    c15_11,
    c15_12,
    b1,
    b2,
    b3,
    b4,
    b5,
    dp01,
    b6,
}

pub use c5_01_c::recheck_rollback;
pub use c11_01::plaintext_export;
