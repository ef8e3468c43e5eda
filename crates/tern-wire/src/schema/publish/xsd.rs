//! One XSD per namespace.

use std::fmt::Write as _;

use super::super::{Attribute, Base, ComplexType, Content, Facet, Field, Namespace, Occurs, SchemaVersion, SimpleType};
use super::walk::{complex_types, simple_types};
use crate::migration::MESSAGES;
use crate::xml::{push_attribute_escaped, push_text_escaped};

/// The name of a namespace's XSD, beside which it finds the others.
#[must_use]
pub fn file_name(namespace: Namespace) -> &'static str {
    match namespace {
        Namespace::Migration => "smets1-migration-1.2.xsd",
        Namespace::Earlier => "smets1-migration-before-1.2.xsd",
        Namespace::Signature => "xmldsig-profile.xsd",
        Namespace::Encryption => "xmlenc-profile.xsd",
    }
}

/// The XSD of a namespace.
#[must_use]
pub fn schema(namespace: Namespace) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        out,
        "<!-- Made from Tern's description of its messages by `cargo xtask codegen`. {} -->",
        note(namespace)
    );
    out.push_str("<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"");
    let version = version(namespace);
    for declared in [version.namespace(), Namespace::Signature, Namespace::Encryption] {
        let _ = write!(out, " xmlns:{}=\"{}\"", prefix(declared), declared.uri());
    }
    let _ = writeln!(
        out,
        " targetNamespace=\"{}\" elementFormDefault=\"qualified\" attributeFormDefault=\"unqualified\" version=\"{}\">",
        namespace.uri(),
        version.as_str().trim_start_matches("the version ").trim_start_matches('v')
    );
    for other in Namespace::ALL.into_iter().filter(|other| imports(namespace, *other)) {
        let _ = writeln!(out, "  <xs:import namespace=\"{}\" schemaLocation=\"{}\"/>", other.uri(), file_name(other));
    }
    global_elements(namespace, &mut out);
    let own = |complex: &&ComplexType| version.of_described(complex.namespace) == namespace && complex.since <= version;
    complex_types().into_iter().filter(own).for_each(|complex| complex_type(complex, version, &mut out));
    if namespace == version.namespace() {
        simple_types().into_iter().for_each(|simple| named_simple_type(simple, &mut out));
    }
    out.push_str("</xs:schema>\n");
    out
}

fn note(namespace: Namespace) -> &'static str {
    match namespace {
        Namespace::Migration => {
            "SMETS1 Migration Schema v1.2 as this project defines it. XML Schema lets attributes of the xsi namespace stand \
             anywhere; Tern refuses them, and no file needs them."
        }
        Namespace::Earlier => {
            "The SMETS1 Migration Schema before v1.2 as this project defines it: v1.2 without what v1.2 brought. XML Schema lets \
             attributes of the xsi namespace stand anywhere; Tern refuses them, and no file needs them."
        }
        Namespace::Signature | Namespace::Encryption => {
            "What migration files use of this namespace, and no more. Which algorithms and keys are accepted is judged \
             beyond the schema."
        }
    }
}

/// The version whose XSD this is; the newest for what both use.
fn version(namespace: Namespace) -> SchemaVersion {
    SchemaVersion::of_uri(Some(namespace.uri())).unwrap_or_default()
}

fn prefix(namespace: Namespace) -> &'static str {
    if namespace.prefix().is_empty() { "m" } else { namespace.prefix() }
}

fn imports(from: Namespace, to: Namespace) -> bool {
    let described = SchemaVersion::default().of_described(from);
    let refers =
        |(parent, field): (&ComplexType, &Field)| parent.namespace == described && field.namespace(described) == to;
    from != to && elements_of_others().any(refers)
}

/// Elements that stand in a type of another namespace than their own: they are declared globally and referred to.
fn elements_of_others() -> impl Iterator<Item = (&'static ComplexType, &'static Field)> {
    let all = complex_types().into_iter().flat_map(|complex| complex.particles().map(move |field| (complex, field)));
    all.filter(|(complex, field)| field.namespace(complex.namespace) != complex.namespace)
}

fn global_elements(namespace: Namespace, out: &mut String) {
    let version = version(namespace);
    if namespace == version.namespace() {
        for message in MESSAGES.iter().filter(|message| message.content.since <= version) {
            element(message.root, message.content, message.content.doc, out);
        }
        return;
    }
    let mut done = Vec::new();
    for (parent, field) in elements_of_others() {
        if field.namespace(parent.namespace) != namespace || done.contains(&field.element) {
            continue;
        }
        if let Content::Complex(complex) = field.content {
            element(field.element, complex, complex.doc, out);
            done.push(field.element);
        }
    }
}

fn element(name: &str, complex: &ComplexType, doc: &str, out: &mut String) {
    let _ = writeln!(out, "  <xs:element name=\"{name}\" type=\"{}:{}\">", prefix(complex.namespace), complex.name);
    documentation("    ", doc, out);
    out.push_str("  </xs:element>\n");
}

fn complex_type(complex: &'static ComplexType, version: SchemaVersion, out: &mut String) {
    let _ = writeln!(out, "  <xs:complexType name=\"{}\">", complex.name);
    documentation("    ", complex.doc, out);
    if complex.particles().next().is_some() {
        out.push_str("    <xs:sequence>\n");
        complex.particles().filter(|field| field.since <= version).for_each(|field| particle(complex, field, out));
        out.push_str("    </xs:sequence>\n");
    }
    complex.attributes.iter().for_each(|a| attribute(a, out));
    out.push_str("  </xs:complexType>\n");
}

fn particle(parent: &ComplexType, field: &Field, out: &mut String) {
    let occurs = occurs(field.occurs);
    let namespace = field.namespace(parent.namespace);
    if namespace != parent.namespace {
        let _ = writeln!(out, "      <xs:element ref=\"{}:{}\"{occurs}/>", prefix(namespace), field.element);
        return;
    }
    let named = match field.content {
        Content::Complex(complex) => Some((prefix(namespace), complex.name)),
        Content::Simple(simple) => simple.name.map(|name| (prefix(Namespace::Migration), name)),
    };
    let _ = write!(out, "      <xs:element name=\"{}\"", field.element);
    if let Some((prefix, name)) = named {
        let _ = write!(out, " type=\"{prefix}:{name}\"");
    }
    let _ = writeln!(out, "{occurs}>");
    documentation("        ", &format!("{} [{}]", one_line(field.doc), source(field)), out);
    if let (None, Content::Simple(simple)) = (named, field.content) {
        out.push_str("        <xs:simpleType>\n");
        restriction("          ", simple, out);
        out.push_str("        </xs:simpleType>\n");
    }
    out.push_str("      </xs:element>\n");
}

fn occurs(occurs: Occurs) -> String {
    let mut out = String::new();
    if occurs.min != 1 {
        let _ = write!(out, " minOccurs=\"{}\"", occurs.min);
    }
    if occurs.max != 1 {
        let _ = write!(out, " maxOccurs=\"{}\"", occurs.max);
    }
    out
}

fn attribute(attribute: &Attribute, out: &mut String) {
    let usage = if attribute.required { "required" } else { "optional" };
    let _ = writeln!(out, "    <xs:attribute name=\"{}\" use=\"{usage}\">", attribute.name);
    out.push_str("      <xs:simpleType>\n");
    restriction("        ", attribute.value, out);
    out.push_str("      </xs:simpleType>\n    </xs:attribute>\n");
}

fn named_simple_type(simple: &SimpleType, out: &mut String) {
    let _ = writeln!(out, "  <xs:simpleType name=\"{}\">", simple.name.unwrap_or_default());
    documentation("    ", simple.expected, out);
    restriction("    ", simple, out);
    out.push_str("  </xs:simpleType>\n");
}

fn restriction(indent: &str, simple: &SimpleType, out: &mut String) {
    let base = match simple.base {
        Base::Text => "string",
        Base::Token => "token",
        Base::Integer => "integer",
        Base::DateTime => "dateTime",
        Base::Base64Binary => "base64Binary",
    };
    let _ = writeln!(out, "{indent}<xs:restriction base=\"xs:{base}\">");
    let mut line = |name: &str, value: &str| {
        let _ = write!(out, "{indent}  <xs:{name} value=\"");
        push_attribute_escaped(out, value);
        out.push_str("\"/>\n");
    };
    for facet in simple.facets {
        match facet {
            Facet::Pattern(expression) => line("pattern", expression),
            Facet::MinLength(least) => line("minLength", &least.to_string()),
            Facet::MaxLength(most) => line("maxLength", &most.to_string()),
            Facet::MinInclusive(least) => line("minInclusive", &least.to_string()),
            Facet::MaxInclusive(most) => line("maxInclusive", &most.to_string()),
            Facet::Enumeration(words) => words.iter().for_each(|word| line("enumeration", word)),
        }
    }
    let _ = writeln!(out, "{indent}</xs:restriction>");
}

fn documentation(indent: &str, doc: &str, out: &mut String) {
    let _ = write!(out, "{indent}<xs:annotation><xs:documentation>");
    push_text_escaped(out, &one_line(doc));
    out.push_str("</xs:documentation></xs:annotation>\n");
}

/// A doc comment's lines as one.
pub(super) fn one_line(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Grade and source of an element.
pub(super) fn source(field: &Field) -> String {
    if field.source.is_empty() { field.grade.to_string() } else { format!("{}, {}", field.grade, field.source) }
}
