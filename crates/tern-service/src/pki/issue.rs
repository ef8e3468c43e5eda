//! `tern pki issue`: a new party, or new keys for one whose certificates are revoked or expired.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use tern_model::{CertificateId, PartyId, Role, SecretBytes};
use tern_wire::smki::issuing::{Issued, Issuer, OrganisationRequest, Validity};
use tern_wire::smki::{Certificate, Trust, Usage};

use super::files::{self, Access, make_dir};
use super::load::check_name;
use super::revoke::Revocations;
use super::{
    Layout, ORGANISATION_YEARS, PkiError, eui, load_issuer, load_trust, random_serial, stem, usages, validity,
};

/// A party as its certificates name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Party {
    pub(super) role: Role,
    pub(super) id: PartyId,
}

/// What may be said about a new certificate.
#[derive(Debug, Clone, Copy, Default)]
pub struct IssueOptions {
    /// The party's EUI-64; by default the one that it has, or the role's next free one.
    pub party: Option<PartyId>,
    /// Valid from the first moment of this day (UTC); by default of today.
    pub not_before: Option<Date>,
}

/// Issues what a party of a role needs and does not have in force, and gives the certificates' IDs. A known party keeps
/// its EUI-64; what is still in force is left alone.
///
/// # Errors
/// [`PkiError::AlreadyIssued`], [`PkiError::Taken`], [`PkiError::Name`], [`PkiError::Role`], or what the operating system
/// says.
pub fn issue(
    dir: &Path,
    role: Role,
    name: &str,
    options: IssueOptions,
    now: Timestamp,
) -> Result<Vec<CertificateId>, PkiError> {
    check_name(name)?;
    if role == Role::IssuingAuthority {
        return Err(PkiError::Role { role });
    }
    let layout = Layout::new(dir);
    let issuer = load_issuer(dir)?;
    let _lock = files::lock(&layout.issuing_ca().join("lock"))?;
    let trust = load_trust(dir)?;
    let party = identify(&trust, role, name, options.party)?;
    let needed = needed(&layout, name, role, now)?;
    if needed.is_empty() {
        return Err(PkiError::AlreadyIssued { name: name.to_owned() });
    }
    let mut validity = validity(options.not_before, now, ORGANISATION_YEARS)?;
    validity.not_after = validity.not_after.min(issuer.certificate().not_after());
    if !layout.party(name).exists() {
        return new_party(&layout, &issuer, name, party, validity);
    }
    let issued = make(&issuer, name, party, &needed, validity)?;
    publish(&layout, name, &issued)?;
    write_keys(&layout.party(name), &issued)?;
    Ok(ids(&issued))
}

/// Issues all that a party's role needs, and makes its folder.
///
/// Its certificates are published first: interrupted before the folder is there, the party is issued anew.
pub(super) fn new_party(
    layout: &Layout,
    issuer: &Issuer,
    name: &str,
    party: Party,
    validity: Validity,
) -> Result<Vec<CertificateId>, PkiError> {
    let issued = make(issuer, name, party, usages(party.role), validity)?;
    publish(layout, name, &issued)?;
    let (folder, unfinished) = (layout.party(name), files::beside(&layout.party(name)));
    let _ = std::fs::remove_dir_all(&unfinished);
    make_dir(&unfinished, Access::Owner)?;
    write_keys(&unfinished, &issued)?;
    files::put_dir(&unfinished, &folder)?;
    Ok(ids(&issued))
}

/// Who a name is, or is to be.
fn identify(trust: &Trust, role: Role, name: &str, asked: Option<PartyId>) -> Result<Party, PkiError> {
    let holder = |c: &Certificate| format!("{} ({}, {})", c.common_name(), c.role(), c.party());
    if let Some(known) = trust.certificates().find(|c| c.common_name() == name) {
        if known.role() != role || asked.is_some_and(|asked| asked != known.party()) {
            return Err(PkiError::Taken { asked: name.to_owned(), holder: holder(known) });
        }
        return Ok(Party { role, id: known.party() });
    }
    let owner = |id: PartyId| trust.certificates().find(|c| c.party() == id);
    match asked {
        Some(id) => match owner(id) {
            Some(known) => Err(PkiError::Taken { asked: id.to_string(), holder: holder(known) }),
            None => Ok(Party { role, id }),
        },
        None => (1..=u16::MAX)
            .map(|number| eui(role, number))
            .find(|id| owner(*id).is_none())
            .map(|id| Party { role, id })
            .ok_or(PkiError::Taken { asked: "every EUI-64 of the role".to_owned(), holder: "others".to_owned() }),
    }
}

/// What a party lacks: it was never issued, or is revoked, or expired.
fn needed(layout: &Layout, name: &str, role: Role, now: Timestamp) -> Result<Vec<Usage>, PkiError> {
    let revocations = Revocations::read(layout)?;
    let mut needed = Vec::new();
    for usage in usages(role) {
        match super::load::own_certificate(&layout.dir, name, *usage) {
            Ok((own, _)) if revocations.has(own.serial()) || own.not_after() < now => needed.push(*usage),
            Ok(_) => {}
            Err(PkiError::Missing { .. }) => needed.push(*usage),
            Err(other) => return Err(other),
        }
    }
    Ok(needed)
}

type New = (Usage, Issued<Certificate>);

fn make(issuer: &Issuer, name: &str, party: Party, usages: &[Usage], validity: Validity) -> Result<Vec<New>, PkiError> {
    let issue = |usage: &Usage| {
        let request = OrganisationRequest {
            common_name: name,
            party: party.id,
            role: party.role,
            usage: *usage,
            validity,
            serial: random_serial()?,
        };
        Ok((*usage, issuer.issue(&request)?))
    };
    usages.iter().map(issue).collect()
}

/// Adds certificates to those that the directory has of a party. The former ones stay, so that what was signed under
/// them is told as revoked or expired and not as unknown.
fn publish(layout: &Layout, name: &str, issued: &[New]) -> Result<(), PkiError> {
    let path = layout.certificates().join(name).with_extension("pem");
    let mut pem = match files::read(&path) {
        Ok(former) => former,
        Err(PkiError::Missing { .. }) => Vec::new(),
        Err(other) => return Err(other),
    };
    for (_, new) in issued {
        pem.extend(new.certificate.to_pem().into_bytes());
    }
    files::write(&path, &pem, Access::Everybody)
}

/// The key goes first: interrupted between the two files, the key that is there does not fit the former certificate,
/// which says so when it is loaded and is issued anew, for it is revoked or expired.
fn write_keys(folder: &Path, issued: &[New]) -> Result<(), PkiError> {
    for (usage, new) in issued {
        let key: &SecretBytes = &new.key_pem;
        files::write(&folder.join(stem(*usage)).with_extension("key"), key.expose(), Access::Owner)?;
        let pem = new.certificate.to_pem();
        files::write(&folder.join(stem(*usage)).with_extension("pem"), pem.as_bytes(), Access::Owner)?;
    }
    Ok(())
}

fn ids(issued: &[New]) -> Vec<CertificateId> {
    issued.iter().map(|(_, new)| new.certificate.id().clone()).collect()
}
