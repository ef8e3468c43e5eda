//! Every type that the messages reach, each once, in the order of first use.

use super::super::{ComplexType, Content, SimpleType};
use crate::migration::MESSAGES;

/// Every complex type: those of a message before those of the next, outer before inner.
#[must_use]
pub fn complex_types() -> Vec<&'static ComplexType> {
    let mut found = Vec::new();
    MESSAGES.iter().for_each(|message| collect(message.content, &mut found));
    found
}

fn collect(complex: &'static ComplexType, found: &mut Vec<&'static ComplexType>) {
    if found.iter().any(|known| known.name == complex.name && known.namespace == complex.namespace) {
        return;
    }
    found.push(complex);
    for field in complex.particles() {
        if let Content::Complex(inner) = field.content {
            collect(inner, found);
        }
    }
}

/// Every named simple type.
#[must_use]
pub fn simple_types() -> Vec<&'static SimpleType> {
    let mut found: Vec<&'static SimpleType> = Vec::new();
    for complex in complex_types() {
        for field in complex.particles() {
            let Content::Simple(simple) = field.content else { continue };
            if simple.name.is_some() && !found.iter().any(|known| known.name == simple.name) {
                found.push(simple);
            }
        }
    }
    found
}
