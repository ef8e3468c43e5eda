//! Every rule, in the order in which findings are told. Each folder's `mod.rs` holds one line per rule.

use crate::rule::Rule;
use crate::{mehrs, project, tmad};

/// Declares a folder's rules: one line is the module and its place in the order.
macro_rules! registry {
    ($($(#[doc = $doc:literal])* $name:ident,)+) => {
        $($(#[doc = $doc])* pub(crate) mod $name;)+

        /// The folder's rules, in order.
        pub(crate) static RULES: &[&crate::rule::Rule] = &[$(&$name::RULE),+];
    };
}
pub(crate) use registry;

/// Every rule, in order.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [tmad::RULES, mehrs::RULES, project::RULES].into_iter().flatten().copied()
}

/// The rule of a clause, whatever the case of its letters.
#[must_use]
pub fn find(clause: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.clause.eq_ignore_ascii_case(clause.trim()))
}

/// Clauses that begin as `clause` does or that it begins with: what a reader may have meant.
#[must_use]
pub fn similar(clause: &str) -> Vec<&'static str> {
    let asked = clause.trim().to_ascii_lowercase();
    rules()
        .map(|rule| rule.clause)
        .filter(|known| {
            let known = known.to_ascii_lowercase();
            !asked.is_empty() && (known.contains(&asked) || asked.starts_with(&known))
        })
        .collect()
}
