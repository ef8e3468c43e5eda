//! The reference page of migration files, in Markdown.

use std::fmt::Write as _;

use super::super::{Base, ComplexType, Content, Facet, Field, MessageDescription, Namespace, Occurs, SimpleType};
use super::walk::{complex_types, simple_types};
use super::xsd::{file_name, one_line, source};
use crate::migration::{FileKind, MESSAGES};

/// `docs/reference/files.md`.
pub(super) fn page() -> String {
    let mut out = String::from(
        "# Migration files\n\n\
         <!-- Made from the descriptions in crates/tern-wire by `cargo xtask codegen`; edits here are lost. -->\n\n\
         Every file is compact XML in UTF-8 in one of the two namespaces of the migration schema below, signed by its sender (`ds:Signature` is the root's last child).\n\
         Grades: **stated**: a source says it; **R**: our reading of an unclear source; **P**: defined by this project.\n\n",
    );
    out.push_str("| Namespace | Schema |\n|---|---|\n");
    for namespace in Namespace::ALL {
        let _ = writeln!(out, "| `{}` | [{1}](../../schemas/{1}) |", namespace.uri(), file_name(namespace));
    }
    out.push_str(
        "\nAttributes of the `xsi` namespace (`xsi:schemaLocation` and the like) are refused, although XML Schema allows them \
         everywhere: no\nfile needs them. Line and column in a fault are those of the element's first character.\n\n",
    );
    file_table(&mut out);
    MESSAGES.iter().for_each(|message| message_section(message, &mut out));
    out.push_str("## Parts\n\n");
    let is_part = |complex: &&ComplexType| !is_root(complex);
    complex_types().into_iter().filter(is_part).for_each(|complex| part_section(complex, &mut out));
    simple_type_table(&mut out);
    out
}

fn is_root(complex: &ComplexType) -> bool {
    MESSAGES.iter().any(|message| message.content.name == complex.name)
}

fn file_table(out: &mut String) {
    out.push_str("## Files\n\n| File | Name | Sender | Root |\n|---|---|---|---|\n");
    for kind in FileKind::ALL {
        let root = MESSAGES.iter().find(|m| m.files.contains(&kind)).map_or("", |m| m.root);
        let rest = match kind {
            FileKind::SmsoExport | FileKind::SmsoPlaintextExport => "<SMETS1 SMSO EUI-64>_<GroupID>_<ExportReference>",
            FileKind::FirmwareInstruction => "<Responsible Supplier EUI-64>_<InstructionReference>",
            FileKind::InstallingSupplierPin => "<Requesting Party EUI-64>_<GroupID>_<FileCounter>_<CHFIdentifier>",
            _ => "<Requesting Party EUI-64>_<GroupID>_<FileCounter>",
        };
        let _ = writeln!(
            out,
            "| {} | `{}_{rest}.xml` | {} | [{root}](#{}) |",
            kind.title(),
            kind.prefix(),
            kind.sender(),
            root.to_lowercase()
        );
    }
    out.push('\n');
}

fn message_section(message: &MessageDescription, out: &mut String) {
    let _ = writeln!(out, "## {}\n\n{}\n", message.root, one_line(message.content.doc));
    if message.files.is_empty() {
        out.push_str("Unsigned, in the clear only at its recipient: it stands inside an `xenc:EncryptedData`.\n\n");
    }
    element_table(message.content, out);
}

fn part_section(complex: &'static ComplexType, out: &mut String) {
    let _ = writeln!(out, "### {}\n\n{}\n", title(complex), one_line(complex.doc));
    for attribute in complex.attributes {
        let usage = if attribute.required { "required" } else { "optional" };
        let _ = writeln!(out, "Attribute `{}`, {usage}: {}.\n", attribute.name, attribute.value.expected);
    }
    element_table(complex, out);
}

fn title(complex: &ComplexType) -> String {
    match complex.namespace.prefix() {
        "" => complex.name.to_owned(),
        prefix => format!("{prefix} {}", complex.name),
    }
}

fn element_table(complex: &'static ComplexType, out: &mut String) {
    if complex.particles().next().is_none() {
        return;
    }
    out.push_str("| Element | Type | Occurrence | What it is | Grade, source |\n|---|---|---|---|---|\n");
    for field in complex.particles() {
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | {} |",
            qualified(complex, field),
            type_name(field),
            occurrence(field.occurs),
            one_line(field.doc),
            source(field)
        );
    }
    out.push('\n');
}

fn qualified(parent: &ComplexType, field: &Field) -> String {
    match field.namespace(parent.namespace).prefix() {
        "" => field.element.to_owned(),
        prefix => format!("{prefix}:{}", field.element),
    }
}

fn type_name(field: &Field) -> String {
    match field.content {
        Content::Complex(complex) => {
            let title = title(complex);
            format!("[{title}](#{})", title.to_lowercase().replace(' ', "-"))
        }
        Content::Simple(simple) => match simple.name {
            Some(name) => format!("[{name}](#simple-types)"),
            None => restrictions(simple),
        },
    }
}

fn occurrence(occurs: Occurs) -> String {
    match (occurs.min, occurs.max) {
        (1, 1) => "1".to_owned(),
        (min, max) => format!("{min} to {max}"),
    }
}

fn simple_type_table(out: &mut String) {
    out.push_str("## Simple types\n\n| Type | What it is | Restrictions |\n|---|---|---|\n");
    for simple in simple_types() {
        let _ =
            writeln!(out, "| {} | {} | {} |", simple.name.unwrap_or_default(), simple.expected, restrictions(simple));
    }
}

fn restrictions(simple: &SimpleType) -> String {
    let (base, unit) = match simple.base {
        Base::Text => ("text as it stands", "characters"),
        Base::Token => ("text, white space collapsed", "characters"),
        Base::Integer => ("integer", ""),
        Base::DateTime => ("xs:dateTime", ""),
        Base::Base64Binary => ("base64", "bytes"),
    };
    let mut parts = vec![base.to_owned()];
    for facet in simple.facets {
        parts.push(match facet {
            // A bar would end the table's cell.
            Facet::Pattern(expression) => format!("matches `{}`", expression.replace('|', "\\|")),
            Facet::MinLength(least) => format!("at least {least} {unit}"),
            Facet::MaxLength(most) => format!("at most {most} {unit}"),
            Facet::MinInclusive(least) => format!("at least {least}"),
            Facet::MaxInclusive(most) => format!("at most {most}"),
            Facet::Enumeration(words) => words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", "),
        });
    }
    parts.join(", ")
}
