//! How a role puts a set before the rulebook: what it may see, opened with what it may open, beside its facts.
//!
//! Roles and `tern check` come through here alike, so that a check says what the role will say. It must never judge.

use std::num::NonZeroUsize;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tern_model::facts::Facts;
use tern_model::{CertificateId, Place, Role};
use tern_rules::{Holder, Opened, SetHistory, SetJudgement, SetView, Settings, Slot, judge};
use tern_wire::migration::{
    DecryptedMasterKey, DecryptedS1spDpGroupInformation, EncryptedBlobHolder, GroupEncryptedInstallation,
    MigrationGroupEncryptedFile, read_plaintext,
};
use tern_wire::schema::Message;
use tern_wire::smki::{Decrypter, Trust, Usage};
use tern_wire::{Verified, WireFault, xenc};

use crate::set_files::{OpenedSet, Reading};

/// What judging needs beside the set.
pub struct Bench<'a> {
    /// Certificates.
    pub trust: &'a Trust,
    /// The DCC's records.
    pub facts: &'a Facts,
    /// What rules leave to configuration.
    pub settings: &'a Settings,
    /// The moment at which certificates are judged.
    pub at: Timestamp,
    /// D, the planned migration day.
    pub day: Date,
    /// The day that chooses the rule books.
    pub books_on: Date,
}

/// A judgement, with the plaintexts that were opened for it.
pub struct Judgement {
    /// What the rulebook says.
    pub verdicts: SetJudgement,
    /// What the S1SP decrypted, one per entry of the Group Encrypted File; empty for other roles.
    pub group_information: Vec<Opened<DecryptedS1spDpGroupInformation>>,
    /// What the DCO decrypted; empty for other roles.
    pub master_keys: Vec<Opened<DecryptedMasterKey>>,
}

impl Bench<'_> {
    /// Judges a set as a role. `decrypter` is the role's own private key; S1SP and DCO alone decrypt.
    #[must_use]
    pub fn judge(
        &self,
        role: Role,
        set: &OpenedSet,
        history: &SetHistory,
        decrypter: Option<&Arc<Decrypter>>,
    ) -> Judgement {
        let encrypted = set.encrypted.file();
        let (mut group_information, mut master_keys) = (None, None);
        match (role, decrypter, encrypted) {
            (Role::S1sp, Some(key), Some(file)) => group_information = Some(self.open_group_information(file, key)),
            (Role::Dco, Some(key), Some(file)) => master_keys = Some(self.open_master_keys(file, key)),
            _ => {}
        }
        let device_certificates: Option<Vec<_>> = set.group.file().filter(|_| role != Role::Dco).map(|file| {
            let check = |_, i: &tern_wire::migration::GroupInstallation| {
                let der = &i.chf_details.device_certificate.0;
                self.trust.check_device(der, i.chf_identifier, self.at).map(drop).map_err(|p| p.to_string())
            };
            on_all_cores(&file.installations, check)
        });
        let directory = |id: &CertificateId| self.holder(id);
        let mut view = SetView::new(&directory, history, self.settings);
        view.common = slot(&set.common);
        view.encrypted = slot(&set.encrypted);
        if role != Role::Dco {
            view.group = slot(&set.group);
        }
        if matches!(role, Role::S1sp | Role::Dco) {
            view.validation = slot(&set.validation);
        }
        view.doubled.clone_from(&set.doubled);
        view.faults.clone_from(&set.faults);
        view.group_information = group_information.as_deref();
        view.master_keys = master_keys.as_deref();
        view.device_certificates = device_certificates.as_deref();
        let verdicts = judge(&view, role, self.day, self.books_on, self.facts);
        Judgement {
            verdicts,
            group_information: group_information.unwrap_or_default(),
            master_keys: master_keys.unwrap_or_default(),
        }
    }

    fn holder(&self, id: &CertificateId) -> Option<Holder> {
        let CertificateId::Named { serial, issuer } = id else { return None };
        let certificate = self.trust.find(issuer, *serial)?;
        let usable = self.trust.check(id, self.at, Usage::Sign).map(drop).map_err(|p| p.to_string());
        Some(Holder { party: certificate.party(), role: certificate.role(), usable })
    }

    fn open_group_information(
        &self,
        file: &Verified<MigrationGroupEncryptedFile>,
        key: &Decrypter,
    ) -> Vec<Opened<DecryptedS1spDpGroupInformation>> {
        self.open_all(file, |i| i.encrypted_s1sp_group_information.as_ref(), "EncryptedS1SPGroupInformation", key)
    }

    fn open_master_keys(
        &self,
        file: &Verified<MigrationGroupEncryptedFile>,
        key: &Decrypter,
    ) -> Vec<Opened<DecryptedMasterKey>> {
        let element = "EncryptedMasterKey/EncryptedKey";
        self.open_all(file, |i| i.encrypted_master_key.as_ref().map(|m| &m.encrypted_key), element, key)
    }

    /// Opens one blob of every entry; none where the role's own certificate may not be used any more.
    fn open_all<T: Message + Send>(
        &self,
        file: &Verified<MigrationGroupEncryptedFile>,
        blob: impl for<'e> Fn(&'e GroupEncryptedInstallation) -> Option<&'e EncryptedBlobHolder> + Sync,
        element: &str,
        key: &Decrypter,
    ) -> Vec<Opened<T>> {
        let name = file.document().name();
        let own = self.trust.check(key.certificate().id(), self.at, Usage::Encrypt);
        on_all_cores(&file.installations, |at, entry| {
            let holder = blob(entry)?;
            let place = Place {
                document: name.to_owned(),
                xpath: format!("MigrationGroupEncryptedFile/Installation[{}]/{element}", at + 1),
                ..Place::default()
            };
            if let Err(problem) = &own {
                return Some(Err(vec![problem.clone().into_fault(file.place(at, element))]));
            }
            let plaintext = xenc::decrypt(holder.encrypted_data.as_xml(), &place, key);
            let opened = plaintext.map_err(|fault| vec![fault]).and_then(|bytes| read_plaintext::<T>(&place, &bytes));
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

fn slot<T>(reading: &Reading<T>) -> Slot<'_, T> {
    match reading {
        Reading::Absent => Slot::Absent,
        Reading::Refused => Slot::Unreadable,
        Reading::Read(file) => Slot::Present(file),
    }
}

/// Does with every item, and its index, what costs the processor's time and nothing else; answers stand in the items' order.
fn on_all_cores<T: Sync, R: Send>(items: &[T], work: impl Fn(usize, &T) -> R + Sync) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let share = items.len().div_ceil(cores).max(1);
    let work = &work;
    std::thread::scope(|scope| {
        let one = |(number, part): (usize, &'_ [T])| {
            part.iter().enumerate().map(|(at, item)| work(number * share + at, item)).collect::<Vec<R>>()
        };
        let parts: Vec<_> = items.chunks(share).enumerate().map(|part| scope.spawn(move || one(part))).collect();
        let join = |part: std::thread::ScopedJoinHandle<'_, Vec<R>>| {
            part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        parts.into_iter().flat_map(join).collect()
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
