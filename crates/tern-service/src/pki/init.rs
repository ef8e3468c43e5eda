//! `tern pki init`: a root, an issuing authority, and a party for every role.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use tern_model::Role;
use tern_wire::smki::issuing::{AuthorityRequest, Issuer, RevocationListRequest, revocation_list_pem};

use super::files::{Access, make_dir, write};
use super::issue::{Party, new_party};
use super::revoke::Revocations;
use super::{ISSUING_CA_YEARS, Layout, ORGANISATION_YEARS, PkiError, ROOT_YEARS, eui, files, random_serial, validity};

/// The roles that one party each holds, under the role's own name.
const SINGLE_ROLES: [Role; 6] =
    [Role::Dsp, Role::S1sp, Role::Dco, Role::Smso, Role::RequestingParty, Role::CommissioningParty];

/// A dozen suppliers and network operators, so that registration data has something to tell apart (P).
const MANY: [(Role, &str, u8); 2] = [(Role::Supplier, "supplier", 7), (Role::NetworkOperator, "network-operator", 5)];

/// Makes a key infrastructure in a folder that does not exist or is empty, and gives the names of its parties.
///
/// Everything is valid from the first moment of `not_before` (UTC), by default of today: a virtual clock asks for a day
/// that lies before its own. It appears whole or not at all.
///
/// # Errors
/// [`PkiError::Exists`] where something is there; else what the operating system or the cryptographic library says.
pub fn init(dir: &Path, not_before: Option<Date>, now: Timestamp) -> Result<Vec<String>, PkiError> {
    if std::fs::symlink_metadata(dir).is_ok() && !is_empty_folder(dir) {
        return Err(PkiError::Exists { dir: dir.to_owned() });
    }
    if let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        make_dir(parent, Access::Everybody)?;
    }
    let unfinished = files::beside(dir);
    let _ = std::fs::remove_dir_all(&unfinished);
    let made = make(&Layout::new(&unfinished), not_before, now)
        .and_then(|names| files::put_dir(&unfinished, dir).map(|()| names));
    if made.is_err() {
        let _ = std::fs::remove_dir_all(&unfinished);
    }
    made
}

fn is_empty_folder(dir: &Path) -> bool {
    std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none())
}

fn make(layout: &Layout, not_before: Option<Date>, now: Timestamp) -> Result<Vec<String>, PkiError> {
    for dir in [layout.root(), layout.issuing_ca(), layout.parties()] {
        make_dir(&dir, Access::Owner)?;
    }
    for dir in [layout.certificates(), layout.lists()] {
        make_dir(&dir, Access::Everybody)?;
    }
    let authority = |common_name, years| {
        let (validity, serial) = (validity(not_before, now, years)?, random_serial()?);
        Ok::<_, PkiError>(AuthorityRequest { common_name, validity, serial })
    };
    let (root, root_key) = Issuer::root(&authority("Tern Root", ROOT_YEARS)?)?;
    let (issuing_ca, issuing_ca_key) = root.issuing_authority(&authority("Tern Issuing CA", ISSUING_CA_YEARS)?)?;
    write(&layout.root().join("root.key"), root_key.expose(), Access::Owner)?;
    write(&layout.issuing_ca().join("issuing-ca.key"), issuing_ca_key.expose(), Access::Owner)?;
    for (issuer, dir, name) in
        [(&root, layout.root(), "root.pem"), (&issuing_ca, layout.issuing_ca(), "issuing-ca.pem")]
    {
        let pem = issuer.certificate().to_pem();
        write(&dir.join(name), pem.as_bytes(), Access::Owner)?;
        write(&layout.trust().join(name), pem.as_bytes(), Access::Everybody)?;
    }
    write_root_list(layout, &root)?;
    Revocations::default().publish(layout, &issuing_ca, issuing_ca.certificate().not_before())?;
    let validity = validity(not_before, now, ORGANISATION_YEARS)?;
    parties().map(|(name, party)| new_party(layout, &issuing_ca, &name, party, validity).map(|_| name)).collect()
}

/// Every party, with its name.
fn parties() -> impl Iterator<Item = (String, Party)> {
    let single = SINGLE_ROLES.into_iter().map(|role| (role.as_str().to_owned(), Party { role, id: eui(role, 1) }));
    let many = MANY.into_iter().flat_map(|(role, stem, count)| {
        (0..count).map(move |at| {
            let letter = char::from(b'a' + at);
            (format!("{stem}-{letter}"), Party { role, id: eui(role, u16::from(at) + 1) })
        })
    });
    single.chain(many)
}

/// The root revokes nobody: there is one issuing authority, and without it the infrastructure is made anew.
fn write_root_list(layout: &Layout, root: &Issuer) -> Result<(), PkiError> {
    let certificate = root.certificate();
    let request = RevocationListRequest {
        number: 1,
        this_update: certificate.not_before(),
        next_update: certificate.not_after(),
        revoked: &[],
    };
    let pem = revocation_list_pem(&root.revocation_list(&request)?);
    write(&layout.lists().join("root.pem"), pem.as_bytes(), Access::Everybody)
}
