//! The SMSO's step of a migration: signed export files, with keys encrypted to the S1SP and to the DCO, or in the clear.
//!
//! The export is honest: whatever the SMSO's records say goes out, right or wrong. For whom keys may go out in the clear is not for
//! this module to say. Otherwise a plaintext exists only while it is encrypted, and is wiped then.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tern_model::{DeviceModel, GroupId};
use tern_wire::migration::{
    Chf, ChfDetails, DecryptedMasterKey, DecryptedS1spDpGroupInformation, EsmeDetail, EsmeKeys, ExportKeys,
    ExportMeter, ExportReference, FileName, Gpf, GsmeDetail, GsmeKeys, HighLevelAssociation, Ihd,
    PlaintextInstallation, Ppmid, PrePayDetails, SmsoExport, SmsoExportHeader, SmsoPlaintextExport,
};
use tern_wire::schema::{CertificateDer, SchemaVersion, SecretText, Text};
use tern_wire::smki::{Certificate, Signer};
use tern_wire::stream::{SignedWriter, WriteFault};

use super::{InstallationRecord, KeyRecord, KeyText, MeterRecord, Source};
use crate::WorldError;
use crate::hex::unhex;

/// How an export is to be made.
#[derive(Debug, Clone, Copy)]
pub struct ExportOrder<'a> {
    /// Names the export; each file's own reference is this, a hyphen, and its number from 1.
    pub reference: &'a str,
    /// When the export is made.
    pub at: Timestamp,
    /// The schema version of its day; exports of FOC are of v1.2.
    pub schema: SchemaVersion,
    /// How many installations go into one file; the last may have fewer.
    pub size: usize,
    /// The SMSO, which the files name, with its signing key.
    pub signer: &'a Signer,
    /// How keys go out.
    pub keys: Keys<'a>,
}

/// How the keys of an export go out.
#[derive(Debug, Clone, Copy)]
pub enum Keys<'a> {
    /// Encrypted, each to its recipient.
    Encrypted {
        /// The S1SP's encryption certificate.
        s1sp: &'a Certificate,
        /// The DCO's encryption certificate.
        dco: &'a Certificate,
    },
    /// In the clear, in files that their owner alone can read.
    Plaintext,
}

impl Keys<'_> {
    fn in_name(self) -> ExportKeys {
        match self {
            Keys::Encrypted { .. } => ExportKeys::Encrypted,
            Keys::Plaintext => ExportKeys::Plaintext,
        }
    }
}

/// A signed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportFile {
    /// Its name.
    pub name: FileName,
    /// Where it is.
    pub path: PathBuf,
    /// How many installations it holds.
    pub installations: usize,
}

/// Makes the export files of an SMSO's records in a folder, in little memory: each of one group, its installations in the order of the records.
/// Files are written as they come into being and put at their places once all are made. `done` hears of each installation.
///
/// # Errors
/// The reference is none, or there is an export of that reference already; a record cannot stand in a file; a cryptographic
/// operation or the file system fails. With the installation; no file is left then.
pub fn export(
    records: &dyn Source,
    order: &ExportOrder<'_>,
    folder: &Path,
    done: &dyn Fn(),
) -> Result<Vec<ExportFile>, WorldError> {
    let mut groups = BTreeSet::new();
    records.each(&mut |record, _| {
        groups.insert(record.group_id);
        Ok(())
    })?;
    let drafts = Drafts::below(folder, order.reference)?;
    let mut files = Vec::new();
    for group in groups {
        let mut open: Option<Draft<'_>> = None;
        records.each(&mut |record, keys| {
            if record.group_id != group {
                return Ok(());
            }
            let mut draft = match open.take() {
                Some(draft) => draft,
                None => Draft::begin(group, files.len() + 1, order, (folder, &drafts.path))?,
            };
            draft.push(record, keys)?;
            done();
            if draft.file.installations < order.size.max(1) {
                open = Some(draft);
            } else {
                files.push(draft.finish(order)?);
            }
            Ok(())
        })?;
        if let Some(draft) = open {
            files.push(draft.finish(order)?);
        }
    }
    for file in &files {
        let draft = drafts.path.join(file.name.to_string());
        std::fs::rename(&draft, &file.path).map_err(WorldError::io(&file.path))?;
    }
    Ok(files)
}

/// The folder of files that are not finished; removed in the end, whatever is in it, and so is the folder around it where it was
/// made for nothing.
struct Drafts {
    path: PathBuf,
    made: Option<PathBuf>,
}

impl Drafts {
    fn below(folder: &Path, reference: &str) -> Result<Drafts, WorldError> {
        let path = folder.join(format!(".{}.part", reference.replace('/', "-")));
        let made = (!folder.exists()).then(|| folder.to_owned());
        std::fs::create_dir_all(&path).map_err(WorldError::io(&path))?;
        Ok(Drafts { path, made })
    }
}

impl Drop for Drafts {
    fn drop(&mut self) {
        // Drafts that stay are written over the next time; a folder with a file in it is not removed.
        let _ = std::fs::remove_dir_all(&self.path);
        if let Some(folder) = &self.made {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

fn header(group_id: GroupId, number: usize, order: &ExportOrder<'_>) -> Result<SmsoExportHeader, WorldError> {
    let reference: ExportReference = format!("{}-{number}", order.reference)
        .parse()
        .map_err(|error| failed(format!("reference {}-{number}: {error}", order.reference)))?;
    Ok(SmsoExportHeader {
        smets1_smso: order.signer.certificate().party(),
        group_id,
        export_reference: reference,
        export_date_time: order.at,
    })
}

/// A file that is being written.
struct Draft<'a> {
    file: ExportFile,
    path: PathBuf,
    reference: ExportReference,
    writer: Writer<'a>,
}

/// What writes it.
enum Writer<'a> {
    Encrypted { writer: SignedWriter<SmsoExport>, version: SchemaVersion, s1sp: &'a Certificate, dco: &'a Certificate },
    Plaintext(SignedWriter<SmsoPlaintextExport>),
}

impl<'a> Draft<'a> {
    fn begin(
        group: GroupId,
        number: usize,
        order: &ExportOrder<'a>,
        (folder, drafts): (&Path, &Path),
    ) -> Result<Draft<'a>, WorldError> {
        let smso_export_header = header(group, number, order)?;
        let (smso, reference) = (smso_export_header.smets1_smso, smso_export_header.export_reference.clone());
        let name = FileName::Export { keys: order.keys.in_name(), smso, group, reference: reference.clone() };
        let (place, path) = (folder.join(name.to_string()), drafts.join(name.to_string()));
        if place.exists() {
            return Err(WorldError::Exists { path: place });
        }
        let version = order.schema.for_group(group);
        let begun = match order.keys {
            Keys::Encrypted { s1sp, dco } => {
                SignedWriter::begin_in(version, &path, &SmsoExport { smso_export_header, installations: Vec::new() })
                    .map(|writer| Writer::Encrypted { writer, version, s1sp, dco })
            }
            Keys::Plaintext => SignedWriter::begin_in(
                SchemaVersion::V12,
                &path,
                &SmsoPlaintextExport { smso_export_header, installations: Vec::new() },
            )
            .map(Writer::Plaintext),
        };
        let writer = begun.map_err(|fault| failed_at(&path, fault))?;
        Ok(Draft { file: ExportFile { name, path: place, installations: 0 }, path, reference, writer })
    }

    fn push(&mut self, record: &InstallationRecord, keys: &KeyRecord) -> Result<(), WorldError> {
        let told = |reason: String| failed(format!("installation {}: {reason}", record.chf_identifier));
        let entry = installation(record, keys, &self.reference).map_err(told)?;
        self.file.installations += 1;
        let pushed = match &mut self.writer {
            Writer::Encrypted { writer, version, s1sp, dco } => writer.push(
                &entry.encrypted((*version, record.group_id), s1sp, dco).map_err(|fault| told(fault.to_string()))?,
            ),
            Writer::Plaintext(writer) => writer.push(&entry),
        };
        pushed.map_err(|fault| failed_at(&self.path, fault))
    }

    fn finish(self, order: &ExportOrder<'_>) -> Result<ExportFile, WorldError> {
        let finished = match self.writer {
            Writer::Encrypted { writer, .. } => writer.finish(order.signer),
            Writer::Plaintext(writer) => writer.finish(order.signer),
        };
        finished.map_err(|fault| failed_at(&self.path, fault))?;
        Ok(self.file)
    }
}

fn failed_at(path: &Path, fault: WriteFault) -> WorldError {
    match fault {
        WriteFault::Io(error) => WorldError::io(path)(error),
        WriteFault::Sign(fault) => failed(fault.to_string()),
    }
}

fn installation(
    record: &InstallationRecord,
    keys: &KeyRecord,
    reference: &ExportReference,
) -> Result<PlaintextInstallation, String> {
    let der = |text: &String| unhex(text).map(CertificateDer).ok_or("the device certificate is not hexadecimal");
    let device_certificate = record.device_certificate.as_ref().map(der).transpose()?;
    Ok(PlaintextInstallation {
        chf_identifier: record.chf_identifier,
        communications_provider: text(&record.communications_provider)?,
        chf: Chf { device_model: model(&record.chf)? },
        gpf: Gpf { device_id: record.gpf },
        esme: meter(&record.esme)?,
        gsme: record.gsme.as_ref().map(|gas| meter(&gas.meter)).transpose()?,
        ppmids: record
            .ppmids
            .iter()
            .map(|ppmid| Ok(Ppmid { device_id: ppmid.device_id, device_model: model(&ppmid.model)? }))
            .collect::<Result<_, String>>()?,
        ihds: record.ihds.iter().map(|device_id| Ihd { device_id: *device_id }).collect(),
        chf_details: ChfDetails {
            imsi: text(&record.imsi)?,
            previous_apn: text(&record.previous_apn)?,
            device_certificate,
        },
        esme_detail: EsmeDetail {
            device_id: record.esme.device_id,
            application_associations: record
                .application_associations
                .iter()
                .map(|name| text(name))
                .collect::<Result<_, String>>()?,
        },
        gsme_detail: record
            .gsme
            .as_ref()
            .map(|gas| GsmeDetail { device_id: gas.meter.device_id, han_type: gas.han_type }),
        group_information: group_information(keys, reference),
        master_key: master_key(keys, reference),
    })
}

fn group_information(keys: &KeyRecord, reference: &ExportReference) -> DecryptedS1spDpGroupInformation {
    DecryptedS1spDpGroupInformation {
        chf_identifier: keys.chf_identifier,
        smso_export_reference: reference.clone(),
        esme_detail: EsmeKeys {
            device_id: keys.esme.device_id,
            high_level_association: HighLevelAssociation {
                authentication_key: secret(&keys.esme.authentication_key),
                encryption_key: secret(&keys.esme.encryption_key),
                prepayment_key: secret(&keys.esme.prepayment_key),
            },
        },
        gsme_detail: keys.gsme.as_ref().map(|gsme| GsmeKeys {
            device_id: gsme.device_id,
            pre_pay_details: PrePayDetails { prepayment_key: secret(&gsme.prepayment_key) },
        }),
    }
}

fn master_key(keys: &KeyRecord, reference: &ExportReference) -> DecryptedMasterKey {
    DecryptedMasterKey {
        chf_identifier: keys.master.chf_identifier,
        smso_export_reference: reference.clone(),
        device_id: keys.master.device_id,
        master_key: secret(&keys.master.master_key),
    }
}

fn secret(key: &KeyText) -> SecretText {
    SecretText::new(key.expose().to_owned())
}

fn meter(record: &MeterRecord) -> Result<ExportMeter, String> {
    Ok(ExportMeter {
        device_id: record.device_id,
        device_model: model(&record.model)?,
        meter_state: record.state,
        mpxn: record.mpxn.clone(),
    })
}

/// A model whose words can all stand in a file: the writer would shorten what is too long.
fn model(model: &DeviceModel) -> Result<DeviceModel, String> {
    for word in [&model.manufacturer, &model.model, &model.firmware] {
        text::<1, 64>(word)?;
    }
    Ok(model.clone())
}

fn text<const MIN: u32, const MAX: u32>(value: &str) -> Result<Text<MIN, MAX>, String> {
    Text::new(value).ok_or_else(|| format!("`{value}` is not {MIN} to {MAX} characters that XML allows"))
}

fn failed(reason: String) -> WorldError {
    WorldError::Export { reason }
}
