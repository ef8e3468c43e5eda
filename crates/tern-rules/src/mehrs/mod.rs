//! Codes of the MEHRS and of what was published with it: one line each.

crate::registry::registry! {
    ma110,
    gt01,
}
