//! All that can be broken, listed from the description.

use tern_wire::WireFault;
use tern_wire::migration::MESSAGES;
use tern_wire::schema::publish::complex_types;
use tern_wire::schema::{Attribute, Base, ComplexType, Content, Facet, Field, MessageDescription, SimpleType};

use super::tree::same;

/// The bound on a file's entries.
pub const ENTRIES_MAX: u32 = 100_000;

/// One thing to break in a type.
#[derive(Clone)]
pub struct Target {
    pub complex: &'static ComplexType,
    pub what: What,
}

#[derive(Clone)]
pub enum What {
    /// One element too few.
    Min(&'static Field),
    /// One element too many.
    Max(&'static Field),
    /// Text that breaks a facet of an element.
    Facet(&'static Field, &'static SimpleType, Facet),
    /// Text that is not of the built-in type.
    Base(&'static Field, &'static SimpleType),
    /// No such attribute where it must be.
    NoAttribute(&'static Attribute),
    /// A value that breaks a facet of an attribute.
    AttributeFacet(&'static Attribute, Facet),
    /// An attribute that the type does not have.
    OtherAttribute,
    /// An element that the type does not have, or of another namespace.
    OtherElement,
    /// Text between elements.
    StrayText,
    /// White space in a type without elements.
    Blank,
    /// Two neighbours changed about.
    Order,
    /// An element or attribute inside text.
    MarkupInText(&'static Field),
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = self.complex.name;
        match &self.what {
            What::Min(field) => write!(f, "too few {} in {name}", field.element),
            What::Max(field) => write!(f, "too many {} in {name}", field.element),
            What::Facet(field, _, facet) => write!(f, "{facet:?} of {} in {name}", field.element),
            What::Base(field, simple) => write!(f, "{:?} of {} in {name}", simple.base, field.element),
            What::NoAttribute(attribute) => write!(f, "no attribute {} in {name}", attribute.name),
            What::AttributeFacet(attribute, facet) => write!(f, "{facet:?} of attribute {} in {name}", attribute.name),
            What::OtherAttribute => write!(f, "another attribute in {name}"),
            What::OtherElement => write!(f, "another element in {name}"),
            What::StrayText => write!(f, "text in {name}"),
            What::Blank => write!(f, "white space in {name}"),
            What::Order => write!(f, "order of {name}"),
            What::MarkupInText(field) => write!(f, "markup in {} in {name}", field.element),
        }
    }
}

impl Target {
    /// The first message that reaches the type.
    pub fn message(&self) -> &'static MessageDescription {
        MESSAGES.iter().find(|message| reaches(message.content, self.complex, &mut Vec::new())).expect("it is reached")
    }

    /// Whether a fault of Tern's is about what was broken.
    pub fn explains(&self, fault: &WireFault) -> bool {
        let names = |name: &str| fault.message.contains(name);
        match &self.what {
            What::Min(field) | What::Max(field) | What::MarkupInText(field) => names(field.element),
            What::Facet(field, ..) | What::Base(field, _) => {
                names(field.element) && fault.place.xpath.contains(field.element)
            }
            What::NoAttribute(attribute) | What::AttributeFacet(attribute, _) => names(attribute.name),
            What::OtherAttribute => names("does not have an attribute"),
            // A child under another namespace is missing under its own.
            What::OtherElement => {
                names("does not hold an element") || names("in another namespace") || names(" has no ")
            }
            What::StrayText | What::Blank => names("holds text between its elements"),
            What::Order => names("at the wrong place") || names(" has no ") || names(" has only ") || names(" has "),
        }
    }
}

fn reaches(from: &'static ComplexType, to: &'static ComplexType, seen: &mut Vec<&'static ComplexType>) -> bool {
    if same(from, to) {
        return true;
    }
    if seen.iter().any(|known| same(known, from)) {
        return false;
    }
    seen.push(from);
    from.particles().any(|field| matches!(field.content, Content::Complex(inner) if reaches(inner, to, seen)))
}

/// Every target of every type that the messages reach.
pub fn all() -> Vec<Target> {
    complex_types()
        .into_iter()
        .flat_map(|complex| of_type(complex).into_iter().map(move |what| Target { complex, what }))
        .collect()
}

fn of_type(complex: &'static ComplexType) -> Vec<What> {
    let mut targets = vec![What::OtherAttribute, What::OtherElement, What::StrayText];
    if complex.particles().filter(|field| field.occurs.min > 0).count() > 1 {
        targets.push(What::Order);
    }
    targets.extend(complex.particles().next().is_none().then_some(What::Blank));
    for attribute in complex.attributes {
        targets.extend(attribute.required.then_some(What::NoAttribute(attribute)));
        targets.extend(attribute.value.facets.iter().map(|facet| What::AttributeFacet(attribute, *facet)));
    }
    for field in complex.particles() {
        targets.extend((field.occurs.min > 0).then_some(What::Min(field)));
        if field.occurs.max != ENTRIES_MAX || complex.name == "CommissioningFile" {
            targets.push(What::Max(field));
        }
        let Content::Simple(simple) = field.content else { continue };
        targets.extend(simple.facets.iter().map(|facet| What::Facet(field, simple, *facet)));
        targets.push(What::MarkupInText(field));
        if matches!(simple.base, Base::Integer | Base::DateTime | Base::Base64Binary) {
            targets.push(What::Base(field, simple));
        }
    }
    targets
}

#[test]
fn the_list_is_the_whole_description() {
    let all = all();
    let fields = || complex_types().into_iter().flat_map(ComplexType::particles);
    let counted = |is: fn(&What) -> bool| all.iter().filter(|target| is(&target.what)).count();
    let facets: usize = fields()
        .map(|field| match field.content {
            Content::Simple(simple) => simple.facets.len(),
            Content::Complex(_) => 0,
        })
        .sum();
    assert_eq!(counted(|what| matches!(what, What::Facet(..))), facets);
    assert_eq!(counted(|what| matches!(what, What::Min(_))), fields().filter(|field| field.occurs.min > 0).count());
    // Seven roots have the bound of 100,000 that one document breaks for the eighth.
    assert_eq!(counted(|what| matches!(what, What::Max(_))), fields().count() - 7);
}
