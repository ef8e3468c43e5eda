//! Reading files between DCC and suppliers: the DCC reads authorisations, a supplier its notices.

use std::io::{self, Read};

use tern_model::Malformed;
use tern_model::facts::{Authorisation, NoticeKind};
use tern_model::supplier_file::{AuthorisedInstallation, CertifiedInstallation, FirmwareNotice, MigrationNotice};
use tern_wire::facts_csv::{Record, RowFault, read_records};

use super::name::{SupplierFileKind, SupplierFileName};
use super::outgoing::Announcement;

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// A supplier authorises migrations: facts, with the supplier of the file's name.
    Authorisations(Vec<Authorisation>),
    /// A supplier gives its certificates for installations.
    Certificates(Vec<CertifiedInstallation>),
    /// The DCC notifies a supplier.
    Notices(Vec<Announcement>),
}

/// A file that came.
#[derive(Debug, Clone)]
pub struct Received {
    /// Its name.
    pub name: SupplierFileName,
    /// Its good rows.
    pub says: Incoming,
    /// What is wrong with the others, and where.
    pub faults: Vec<RowFault>,
    /// Whether the file counts as given at all.
    pub given: bool,
}

/// Reads a file by what its name says it is. `file_name` is without folder.
///
/// # Errors
/// The source cannot be read. The inner error: the name is none of such a file.
pub fn receive(file_name: &str, source: impl Read) -> io::Result<Result<Received, Malformed>> {
    let name: SupplierFileName = match file_name.parse() {
        Ok(name) => name,
        Err(malformed) => return Ok(Err(malformed)),
    };
    let received = match name.kind {
        SupplierFileKind::Authorisation => rows(file_name, &name, source, authorisation, Incoming::Authorisations),
        SupplierFileKind::Certificates => rows(file_name, &name, source, |_, row| row, Incoming::Certificates),
        SupplierFileKind::FirmwareNotice => rows(file_name, &name, source, firmware, Incoming::Notices),
        SupplierFileKind::MigrationNotice => rows(file_name, &name, source, migration, Incoming::Notices),
    };
    received.map(Ok)
}

fn rows<R: Record, T>(
    file_name: &str,
    name: &SupplierFileName,
    source: impl Read,
    make: impl Fn(&SupplierFileName, R) -> T,
    says: impl Fn(Vec<T>) -> Incoming,
) -> io::Result<Received> {
    let read = read_records::<R>(source)?;
    let faults = read.faults.into_iter().map(|fault| RowFault { file: file_name.to_owned(), ..fault }).collect();
    let says = says(read.records.into_iter().map(|row| make(name, row)).collect());
    Ok(Received { name: name.clone(), says, faults, given: read.given })
}

fn authorisation(name: &SupplierFileName, row: AuthorisedInstallation) -> Authorisation {
    let AuthorisedInstallation { row, reference, chf, from, until } = row;
    Authorisation { row, reference, chf, supplier: name.supplier, from, until }
}

fn firmware(name: &SupplierFileName, row: FirmwareNotice) -> Announcement {
    let (smso, to) = (name.smso.clone(), name.supplier);
    Announcement { smso, to, kind: NoticeKind::Configuration, meter: row.0, certificates_by: None }
}

fn migration(name: &SupplierFileName, row: MigrationNotice) -> Announcement {
    let (smso, to) = (name.smso.clone(), name.supplier);
    let MigrationNotice { noticed, certificates_by } = row;
    Announcement { smso, to, kind: NoticeKind::Migration, meter: noticed, certificates_by }
}
