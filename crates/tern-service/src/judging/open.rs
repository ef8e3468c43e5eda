//! What judging a run costs in cryptography: blobs opened with the role's own key, certificates checked, on all processors.

use std::num::NonZeroUsize;

use tern_model::{Place, SecretBytes};
use tern_rules::Opened;
use tern_wire::migration::{
    DecryptedMasterKey, EncryptedBlobHolder, GroupEncryptedInstallation, GroupInformation, GroupInstallation,
    MigrationGroupEncryptedFile, MigrationGroupFile, read_plaintext,
};
use tern_wire::smki::{Decrypter, Usage};
use tern_wire::{Verified, WireFault, xenc};

use super::{Bench, joined};

/// Where an entry holds a blob.
type Blob = fn(&GroupEncryptedInstallation) -> Option<&EncryptedBlobHolder>;

impl Bench<'_> {
    /// Path, validity, revocation and binding of every DeviceCertificate.
    pub(super) fn check_device_certificates(&self, file: &Verified<MigrationGroupFile>) -> Vec<Result<(), String>> {
        let check = |_, i: &GroupInstallation| {
            let der = &i.chf_details.device_certificate.as_ref().ok_or("there is none")?.0;
            self.trust.check_device(der, i.chf_identifier, self.at).map(drop).map_err(|p| p.to_string())
        };
        on_all_cores(&file.installations, check)
    }

    pub(super) fn open_group_information(
        &self,
        file: &Verified<MigrationGroupEncryptedFile>,
        key: &Decrypter,
    ) -> Vec<Opened<GroupInformation>> {
        let group = file.migration_header.group_id;
        let blob: Blob = |i| i.encrypted_s1sp_group_information.as_ref();
        self.open_all(file, (blob, "EncryptedS1SPGroupInformation"), key, |place, bytes| {
            GroupInformation::read(place, bytes, group)
        })
    }

    pub(super) fn open_master_keys(
        &self,
        file: &Verified<MigrationGroupEncryptedFile>,
        key: &Decrypter,
    ) -> Vec<Opened<DecryptedMasterKey>> {
        let blob: Blob = |i| i.encrypted_master_key.as_ref().map(|m| &m.encrypted_key);
        self.open_all(file, (blob, "EncryptedMasterKey/EncryptedKey"), key, read_plaintext)
    }

    /// Opens one blob of every entry; none where the role's own certificate may not be used any more.
    fn open_all<T: Send>(
        &self,
        file: &Verified<MigrationGroupEncryptedFile>,
        (blob, element): (Blob, &str),
        key: &Decrypter,
        read: impl Fn(&Place, &SecretBytes) -> Result<T, Vec<WireFault>> + Sync,
    ) -> Vec<Opened<T>> {
        let name = file.document().name();
        let own = self.trust.check(key.certificate().id(), self.at, Usage::Encrypt);
        on_all_cores(&file.installations, |at, entry| {
            let holder = blob(entry)?;
            let place = Place {
                document: name.to_owned(),
                xpath: format!("MigrationGroupEncryptedFile/Installation[{}]/{element}", file.first() + at + 1),
                ..Place::default()
            };
            if let Err(problem) = &own {
                return Some(Err(vec![problem.clone().into_fault(file.place(at, element))]));
            }
            let plaintext = xenc::decrypt(holder.encrypted_data.as_xml(), &place, key);
            let opened = plaintext.map_err(|fault| vec![fault]).and_then(|bytes| read(&place, &bytes));
            Some(opened.map_err(|faults| located(faults, &file.place(at, element))))
        })
    }
}

/// Faults inside a blob with the line and column of the element that holds it: a plaintext has none of its own, and they
/// are looked up only where there is something to tell.
fn located(mut faults: Vec<WireFault>, blob: &Place) -> Vec<WireFault> {
    for fault in &mut faults {
        (fault.place.line, fault.place.column) = (blob.line, blob.column);
    }
    faults
}

/// Does with every item, and its index, what costs the processor's time and nothing else; answers stand in the items' order.
pub(super) fn on_all_cores<T: Sync, R: Send>(items: &[T], work: impl Fn(usize, &T) -> R + Sync) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let share = items.len().div_ceil(cores).max(1);
    let work = &work;
    std::thread::scope(|scope| {
        let one = |(number, part): (usize, &'_ [T])| {
            part.iter().enumerate().map(|(at, item)| work(number * share + at, item)).collect::<Vec<R>>()
        };
        let parts: Vec<_> = items.chunks(share).enumerate().map(|part| scope.spawn(move || one(part))).collect();
        parts.into_iter().flat_map(joined).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::on_all_cores;

    #[test]
    fn every_item_is_worked_on_once_and_answers_in_its_place() {
        for length in [0, 1, 2, 3, 250] {
            let items: Vec<usize> = (0..length).map(|n| n * 10).collect();
            let answers = on_all_cores(&items, |at, item| (at, *item));
            let expected: Vec<_> = items.iter().copied().enumerate().collect();
            assert_eq!(answers, expected, "{length}");
        }
    }
}
