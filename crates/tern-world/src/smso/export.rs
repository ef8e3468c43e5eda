//! The SMSO's step of a migration: signed export files, with keys encrypted to the S1SP and to the DCO.
//!
//! The export is honest: whatever the SMSO's records say goes out, right or wrong. A plaintext exists only while it is
//! encrypted, and is wiped then.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tern_model::{DeviceModel, GroupId};
use tern_wire::migration::{
    Chf, ChfDetails, DecryptedMasterKey, DecryptedS1spDpGroupInformation, EncryptedBlobHolder, EncryptedMasterKey,
    EsmeDetail, EsmeKeys, ExportInstallation, ExportMeter, ExportReference, FileName, Gpf, GsmeDetail, GsmeKeys,
    HighLevelAssociation, Ihd, Ppmid, PrePayDetails, SmsoExport, SmsoExportHeader,
};
use tern_wire::schema::{CertificateDer, EncryptedBlob, Message, SecretText, Text, write};
use tern_wire::smki::{Certificate, Signer};
use tern_wire::{dsig, xenc};
use zeroize::Zeroize;

use super::{InstallationRecord, KeyRecord, KeyText, MeterRecord, Records};
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
    /// How many installations it holds.
    pub installations: usize,
    /// Its bytes.
    pub text: String,
}

/// Makes the export files of an SMSO's records: each of one group, its installations in the order of the records.
///
/// # Errors
/// The reference is none, a record cannot stand in a file, or a cryptographic operation fails; with the installation.
pub fn export(records: &Records, order: &ExportOrder<'_>) -> Result<Vec<ExportFile>, WorldError> {
    let mut groups: BTreeMap<GroupId, Vec<Entry<'_>>> = BTreeMap::new();
    for entry in records.installations.iter().zip(&records.keys) {
        groups.entry(entry.0.group_id).or_default().push(entry);
    }
    let parts = groups
        .iter()
        .flat_map(|(group, entries)| entries.chunks(order.size.max(1)).map(move |entries| (*group, entries)));
    parts.zip(1..).map(|((group, entries), number)| file(group, entries, number, order)).collect()
}

/// What the SMSO keeps of one installation.
type Entry<'a> = (&'a InstallationRecord, &'a KeyRecord);

fn file(
    group: GroupId,
    entries: &[Entry<'_>],
    number: usize,
    order: &ExportOrder<'_>,
) -> Result<ExportFile, WorldError> {
    let reference: ExportReference = format!("{}-{number}", order.reference)
        .parse()
        .map_err(|error| failed(format!("reference {}-{number}: {error}", order.reference)))?;
    let smso = order.signer.certificate().party();
    let header = SmsoExportHeader {
        smets1_smso: smso,
        group_id: group,
        export_reference: reference.clone(),
        export_date_time: order.at,
    };
    let installations = entries
        .iter()
        .map(|(record, keys)| {
            installation(record, keys, &reference, order)
                .map_err(|reason| failed(format!("installation {}: {reason}", record.chf_identifier)))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let message = SmsoExport { smso_export_header: header, installations };
    let text = dsig::sign(&write(&message), order.signer).map_err(|error| failed(error.to_string()))?;
    let name = FileName::Export { smso, group, reference };
    Ok(ExportFile { name, installations: entries.len(), text })
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
