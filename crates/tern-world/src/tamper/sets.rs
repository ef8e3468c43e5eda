//! Defects of whole sets: bytes, signatures, schema, and files that do not belong together.

use tern_wire::schema::SchemaVersion;

use super::draft::{Draft, content, lacks, part, parts, swap};
use super::{BuiltFile, THREE, elsewhere};
use crate::WorldError;
use crate::corpus::Defect;

const HEADER: &str = "<MigrationHeader>";

pub(super) fn plant(defect: Defect, nth: usize, draft: &mut Draft<'_>, other: &[BuiltFile]) -> Result<(), WorldError> {
    let prefix = THREE[nth % THREE.len()];
    let variant = nth / THREE.len();
    let (supplier, stranger) = (draft.hands.supplier, draft.hands.stranger);
    match defect {
        Defect::BeyondLimits => beyond_limits(draft, prefix, variant),
        Defect::NotTheXml => not_the_xml(draft, prefix, variant),
        Defect::SignatureForm => signature_form(draft, prefix, variant),
        Defect::Altered => altered(draft, prefix, variant),
        Defect::SignerUnknown => draft.signed_by(stranger, prefix, |text| Ok(text.to_owned())),
        Defect::SenderNotPermitted => draft.signed_by(supplier, prefix, |text| Ok(text.to_owned())),
        Defect::NotInSchema => not_in_schema(draft, prefix, variant),
        Defect::WrongSchemaVersion => wrong_schema_version(draft, prefix, variant),
        Defect::Incomplete => incomplete(draft, prefix, variant, other),
        Defect::EntriesDiffer => entries_differ(draft, nth),
        _ => Err(elsewhere(defect)),
    }
}

fn beyond_limits(draft: &mut Draft<'_>, prefix: &str, variant: usize) -> Result<(), WorldError> {
    let attributes: String = (0..40).map(|number| format!(" a{number}=\"\"")).collect();
    let forms = ["<a>".repeat(40), format!("<a{attributes}/>"), format!("<{}/>", "a".repeat(400))];
    draft.raw(prefix, |text| swap(text, HEADER, &format!("{}{HEADER}", forms[variant % forms.len()])))
}

fn not_the_xml(draft: &mut Draft<'_>, prefix: &str, variant: usize) -> Result<(), WorldError> {
    draft.raw(prefix, |text| match variant % 4 {
        0 => Ok(text.chars().take(text.len() / 2).collect()),
        1 => Ok(format!("<!DOCTYPE m [<!ENTITY a \"aa\">]>{text}")),
        2 => swap(text, HEADER, &format!("<!-- draft -->{HEADER}")),
        _ => Ok("see attachment".to_owned()),
    })
}

/// None; two; a digest that nobody asked for; a key beside it.
fn signature_form(draft: &mut Draft<'_>, prefix: &str, variant: usize) -> Result<(), WorldError> {
    draft.raw(prefix, |text| {
        let own = part(text, "ds:Signature")?;
        match variant % 4 {
            0 => swap(text, own, ""),
            1 => swap(text, own, &own.repeat(2)),
            2 => swap(text, "2001/04/xmlenc#sha256", "2000/09/xmldsig#sha1"),
            _ => swap(text, "<ds:KeyInfo>", "<ds:KeyInfo><ds:KeyValue></ds:KeyValue>"),
        }
    })
}

/// Opened and saved with indentation; an entry more; another file's signature value.
fn altered(draft: &mut Draft<'_>, prefix: &str, variant: usize) -> Result<(), WorldError> {
    let other = THREE.iter().find(|other| **other != prefix).copied().unwrap_or(THREE[0]);
    let theirs = draft.text(other)?;
    draft.raw(prefix, |text| match variant % 3 {
        0 => swap(text, HEADER, &format!("\n  {HEADER}")),
        1 => {
            let entry = part(text, "Installation")?;
            swap(text, entry, &entry.repeat(2))
        }
        _ => swap(text, part(text, "ds:SignatureValue")?, part(&theirs, "ds:SignatureValue")?),
    })
}

fn not_in_schema(draft: &mut Draft<'_>, prefix: &str, variant: usize) -> Result<(), WorldError> {
    draft.signed(prefix, |text| match variant % 3 {
        0 => swap(text, "<GroupID>", "<GroupID draft=\"yes\">"),
        1 => swap(text, "<Installation>", "<Installation><Remark>first</Remark>"),
        _ => swap(text, content(part(text, "FileCounter")?)?, "9007199254740992"),
    })
}

/// One file, or all three; without what the version before v1.2 does not have.
fn wrong_schema_version(draft: &mut Draft<'_>, prefix: &str, variant: usize) -> Result<(), WorldError> {
    let [before, newest] = SchemaVersion::ALL.map(|version| version.namespace().uri());
    let struck = THREE.iter().filter(|one| variant % 2 == 1 || **one == prefix);
    struck.into_iter().try_for_each(|prefix| {
        draft.signed(prefix, |text| {
            let certificates = parts(text, "DeviceCertificate").into_iter();
            let earlier = certificates.map(str::to_owned).try_fold(text.to_owned(), |text, one| swap(&text, &one, ""));
            swap(&earlier?, newest, before)
        })
    })
}

/// A file is not there; another set's stands beside it; it was made at another moment.
fn incomplete(draft: &mut Draft<'_>, prefix: &str, variant: usize, other: &[BuiltFile]) -> Result<(), WorldError> {
    let wanted = format!("{prefix}_");
    match variant % 3 {
        0 => draft.files.retain(|file| !file.name.starts_with(&wanted)),
        1 => {
            let theirs = other.iter().find(|file| file.name.starts_with(&wanted)).ok_or_else(|| lacks(prefix))?;
            draft.files.push(theirs.clone());
        }
        _ => draft.signed(prefix, |text| {
            let own = part(text, "CreationDateTime")?;
            swap(text, own, &swap(own, "000Z", "001Z")?)
        })?,
    }
    Ok(())
}

/// The first entry last, or the last one gone, in one of the two group files.
fn entries_differ(draft: &mut Draft<'_>, nth: usize) -> Result<(), WorldError> {
    draft.signed(if nth.is_multiple_of(2) { "MGF" } else { "MGEF" }, |text| {
        let entries = parts(text, "Installation");
        let (first, last) = entries.first().zip(entries.last()).ok_or_else(|| lacks("entries"))?;
        if (nth / 2).is_multiple_of(2) {
            swap(&swap(text, first, "")?, last, &format!("{last}{first}"))
        } else {
            swap(text, last, "")
        }
    })
}
