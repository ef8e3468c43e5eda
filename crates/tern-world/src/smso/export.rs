//! The SMSO's step of a migration: signed export files, with keys encrypted to the S1SP and to the DCO.
//!
//! The export is honest: whatever the SMSO's records say goes out, right or wrong. A plaintext exists only while it is
//! encrypted, and is wiped then.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tern_model::{DeviceModel, GroupId};
use tern_wire::migration::{
    Chf, ChfDetails, DecryptedMasterKey, DecryptedS1spDpGroupInformation, EncryptedBlobHolder, EncryptedMasterKey,
    EsmeDetail, EsmeKeys, ExportInstallation, ExportMeter, ExportReference, FileName, Gpf, GsmeDetail, GsmeKeys,
    HighLevelAssociation, Ihd, Ppmid, PrePayDetails, SmsoExport, SmsoExportHeader,
};
use tern_wire::schema::{CertificateDer, EncryptedBlob, Message, SecretText, Text, write};
use tern_wire::smki::{Certificate, Signer};
use tern_wire::stream::{SignedWriter, WriteFault};
use tern_wire::xenc;
use zeroize::Zeroize;

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
    /// How many installations go into one file; the last may have fewer.
    pub size: usize,
    /// The SMSO, which the files name, with its signing key.
    pub signer: &'a Signer,
    /// The S1SP's encryption certificate.
    pub s1sp: &'a Certificate,
    /// The DCO's encryption certificate.
    pub dco: &'a Certificate,
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
        let mut open: Option<Draft> = None;
        records.each(&mut |record, keys| {
            if record.group_id != group {
                return Ok(());
            }
            let mut draft = match open.take() {
                Some(draft) => draft,
                None => Draft::begin(group, files.len() + 1, order, (folder, &drafts.path))?,
            };
            draft.push(record, keys, order)?;
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
struct Draft {
    file: ExportFile,
    path: PathBuf,
    reference: ExportReference,
    writer: SignedWriter<SmsoExport>,
}

impl Draft {
    fn begin(
        group: GroupId,
        number: usize,
        order: &ExportOrder<'_>,
        (folder, drafts): (&Path, &Path),
    ) -> Result<Draft, WorldError> {
        let smso_export_header = header(group, number, order)?;
        let (smso, reference) = (smso_export_header.smets1_smso, smso_export_header.export_reference.clone());
        let name = FileName::Export { smso, group, reference: reference.clone() };
        let (place, path) = (folder.join(name.to_string()), drafts.join(name.to_string()));
        if place.exists() {
            return Err(WorldError::Exists { path: place });
        }
        let head = SmsoExport { smso_export_header, installations: Vec::new() };
        let writer = SignedWriter::begin(&path, &head).map_err(|fault| failed_at(&path, fault))?;
        Ok(Draft { file: ExportFile { name, path: place, installations: 0 }, path, reference, writer })
    }

    fn push(
        &mut self,
        record: &InstallationRecord,
        keys: &KeyRecord,
        order: &ExportOrder<'_>,
    ) -> Result<(), WorldError> {
        let entry = installation(record, keys, &self.reference, order)
            .map_err(|reason| failed(format!("installation {}: {reason}", record.chf_identifier)))?;
        self.file.installations += 1;
        self.writer.push(&entry).map_err(|fault| failed_at(&self.path, fault))
    }

    fn finish(self, order: &ExportOrder<'_>) -> Result<ExportFile, WorldError> {
        self.writer.finish(order.signer).map_err(|fault| failed_at(&self.path, fault))?;
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
    order: &ExportOrder<'_>,
) -> Result<ExportInstallation, String> {
    let certificate = unhex(&record.device_certificate).ok_or("the device certificate is not hexadecimal")?;
    Ok(ExportInstallation {
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
            device_certificate: CertificateDer(certificate),
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
        encrypted_s1sp_group_information: encrypt(&group_information(keys, reference), order.s1sp)?,
        encrypted_master_key: EncryptedMasterKey {
            device_id: record.esme.device_id,
            encrypted_key: encrypt(&master_key(keys, reference), order.dco)?,
        },
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

fn encrypt<T: Message>(plaintext: &T, recipient: &Certificate) -> Result<EncryptedBlobHolder, String> {
    let mut document = write(plaintext);
    let blob = xenc::encrypt(&document, recipient);
    document.zeroize();
    let encrypted_data = EncryptedBlob::new(blob.map_err(|error| error.to_string())?);
    Ok(EncryptedBlobHolder { encrypted_data })
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
