//! Exports as they came: with keys that the SMSO encrypted, or, for EB and EC alone, with keys in the clear (11.1).
//!
//! Keys in the clear are encrypted to the S1SP and to the DCO as they are read, so that everything behind this module sees encrypted
//! installations alone. It must never write, keep or tell anything of a plaintext.

use std::fs::File;
use std::sync::Arc;

use tern_model::{ChfIdentifier, Finding, GroupId, Role};
use tern_wire::migration::{
    ExportInstallation, FileKind, FileName, PlaintextInstallation, SignedFile, SmsoExport, SmsoExportHeader,
    SmsoPlaintextExport, names_keys,
};
use tern_wire::schema::SchemaVersion;
use tern_wire::smki::Certificate;
use tern_wire::stream::{Entries, SignedStream, StreamFault};

use super::{ExportFile, NotBuilt, Request};
use crate::set_files::open_to_others;
use crate::{ServiceFault, pki};

/// So many installations of an export are in hand at a time.
const INSTALLATIONS_AT_A_TIME: usize = 250;

/// An export, verified: signed by an SMSO, and named by its header.
pub(super) enum Export {
    /// Its keys are encrypted.
    Encrypted(SignedStream<SmsoExport>),
    /// Its keys are in the clear, and go out to these alone.
    Plaintext(SignedStream<SmsoPlaintextExport>, Keepers),
}

/// Whom keys are encrypted to.
#[derive(Clone)]
pub(super) struct Keepers {
    s1sp: Arc<Certificate>,
    dco: Arc<Certificate>,
}

impl Export {
    /// What names it.
    pub(super) fn header(&self) -> &SmsoExportHeader {
        match self {
            Export::Encrypted(export) => &export.head().smso_export_header,
            Export::Plaintext(export, _) => &export.head().smso_export_header,
        }
    }

    /// The CHFIdentifier of each entry.
    pub(super) fn keys(&self) -> &[ChfIdentifier] {
        match self {
            Export::Encrypted(export) => export.keys(),
            Export::Plaintext(export, _) => export.keys(),
        }
    }

    /// Hands the installations out, a run at a time, their keys encrypted. Nothing counts before all were handed out.
    pub(super) fn each_run(
        &self,
        each: &mut dyn FnMut(&[ExportInstallation]) -> Result<(), ServiceFault>,
    ) -> Result<(), ServiceFault> {
        let group = self.header().group_id;
        match self {
            Export::Encrypted(export) => runs(export, |installations| each(&installations)),
            Export::Plaintext(export, keepers) => runs(export, |installations| {
                let sealed: Result<Vec<_>, _> = installations.into_iter().map(|i| keepers.seal(group, i)).collect();
                each(&sealed?)
            }),
        }
    }
}

impl Keepers {
    fn of(request: &Request<'_>) -> Result<Keepers, ServiceFault> {
        let of = |role, name| pki::recipient(request.trust, role, name, request.now);
        Ok(Keepers { s1sp: of(Role::S1sp, request.recipients.s1sp)?, dco: of(Role::Dco, request.recipients.dco)? })
    }

    fn seal(&self, group: GroupId, installation: PlaintextInstallation) -> Result<ExportInstallation, ServiceFault> {
        let sealed = installation.encrypted((SchemaVersion::V12, group), &self.s1sp, &self.dco);
        sealed.map_err(|fault| ServiceFault::Crypto { what: "an encrypted key", reason: fault.to_string() })
    }
}

fn runs<T: SignedFile + Entries>(
    export: &SignedStream<T>,
    mut each: impl FnMut(Vec<T::Entry>) -> Result<(), ServiceFault>,
) -> Result<(), ServiceFault> {
    let broken = |fault: StreamFault| ServiceFault::file("read", export.copy(), &fault);
    let mut parts = export.parts(INSTALLATIONS_AT_A_TIME).map_err(broken)?;
    while let Some(part) = parts.next_part().map_err(broken)? {
        each(part.into_value().into_entries())?;
    }
    Ok(())
}

/// Verifies one export.
///
/// # Errors
/// [`NotBuilt::Export`] where it is not what it should be, or holds plaintext that its group may not be given in; a fault, among them
/// that others than its owner can read an export with keys.
pub(super) fn read(request: &Request<'_>, file: &ExportFile<'_>) -> Result<Export, NotBuilt> {
    if !file.name.parse::<FileName>().is_ok_and(|name| name.kind() == FileKind::SmsoPlaintextExport) {
        match verified(request, file).map(Export::Encrypted) {
            // Whatever it is called: nothing of what was found is told, it is read as what it is.
            Err(NotBuilt::Export(_)) if holds_keys(file).map_err(NotBuilt::Fault)? => {}
            read => return read,
        }
    }
    private(file).map_err(NotBuilt::Fault)?;
    let export: SignedStream<SmsoPlaintextExport> = verified(request, file)?;
    let group = export.head().smso_export_header.group_id;
    if let Some(finding) = tern_rules::plaintext_export(group, export.place_in_root("SMSOExportHeader/GroupID")) {
        return Err(NotBuilt::Export(vec![finding]));
    }
    Ok(Export::Plaintext(export, Keepers::of(request).map_err(NotBuilt::Fault)?))
}

fn verified<T: SignedFile + Entries>(
    request: &Request<'_>,
    file: &ExportFile<'_>,
) -> Result<SignedStream<T>, NotBuilt> {
    SignedStream::verify(file.name, file.path, request.trust, request.now, request.limits).map_err(
        |fault| match fault {
            StreamFault::Refused(faults) => {
                NotBuilt::Export(faults.iter().map(tern_rules::finding_of).collect::<Vec<Finding>>())
            }
            fault => NotBuilt::Fault(ServiceFault::file("read", file.path, &fault)),
        },
    )
}

/// Whether there are keys in the clear in it, be it cut.
fn holds_keys(file: &ExportFile<'_>) -> Result<bool, ServiceFault> {
    File::open(file.path).and_then(names_keys).map_err(|error| ServiceFault::file("read", file.path, &error))
}

/// An export with keys is its owner's alone to read.
fn private(file: &ExportFile<'_>) -> Result<(), ServiceFault> {
    let mode = open_to_others(file.path).map_err(|error| ServiceFault::file("read", file.path, &error))?;
    let Some(mode) = mode else { return Ok(()) };
    let path = file.path.display();
    Err(ServiceFault::Configuration {
        what: format!("{path} holds device keys, and others than its owner can read it (mode {mode:04o})"),
        suggestion: format!("chmod 600 {path}; and find out who may have read it"),
    })
}
