//! What a rule's check is handed: the set, one installation of it, one meter of that; with places, facts and words for
//! what is wrong.
//!
//! This module must never judge: it looks things up and words the answer.

use std::borrow::Cow;

use jiff::civil::Date;
use tern_model::facts::Facts;
use tern_model::{
    ApplicationAssociation, ChfIdentifier, DeviceId, DeviceKind, DeviceModelCombination, Finding, Fuel, GroupId,
    HanType, Mpxn, Place, Role, SetId, Verdict,
};
use tern_wire::migration::{
    CommonInstallation, DecryptedMasterKey, GroupEncryptedInstallation, GroupInformation, GroupInstallation,
    Meter as MeterElement, MigrationHeader, ValidationInstallation,
};
use tern_wire::schema::Message;
use tern_wire::stream::Repeats;
use tern_wire::{FaultKind, WireFault};

use crate::judgement::Judged;
use crate::metering_point::{NotComparable, Registrations};
use crate::rule::{Number, Rule, Text};
use crate::rulebook::Books;
use crate::view::{Opened, PartView, Run, SetView};

/// Something wrong, told completely (CH8); the framework adds clause and grade.
pub(crate) struct Told {
    pub(crate) place: Place,
    pub(crate) message: String,
    pub(crate) found: String,
    pub(crate) expected: String,
    pub(crate) suggestion: String,
}

impl Told {
    /// What a fault tells.
    pub(crate) fn of(fault: &WireFault) -> Told {
        let WireFault { place, message, found, expected, suggestion, .. } = fault.clone();
        Told { place, message, found, expected, suggestion }
    }
}

/// How many of many a finding names.
const NAMED_MAX: usize = 3;
// The one in hand is not named.
const _: () = assert!(NAMED_MAX < Repeats::KEPT, "more are named than are kept");

/// The first few of `count` things, and how many more there are: a finding must not grow with its set.
pub(crate) fn first_few(things: impl Iterator<Item = String>, count: usize) -> String {
    let named: Vec<String> = things.take(NAMED_MAX).collect();
    let more = count.saturating_sub(named.len());
    if more == 0 { named.join(", ") } else { format!("{} and {more} more", named.join(", ")) }
}

/// A rule's finding.
pub(crate) fn finding(rule: &'static Rule, told: Told) -> Verdict {
    Verdict::Finding(Box::new(Finding {
        clause: rule.clause.into(),
        grade: rule.grade,
        place: told.place,
        message: told.message,
        found: told.found,
        expected: told.expected,
        suggestion: told.suggestion,
    }))
}

/// FACTS MISSING, in these words.
pub(crate) fn facts_missing(missing: impl Into<String>) -> Verdict {
    Verdict::FactsMissing { missing: missing.into() }
}

/// The set and the day.
pub struct Context<'a> {
    pub(crate) view: &'a SetView<'a>,
    pub(crate) role: Role,
    pub(crate) day: Date,
    pub(crate) books: Books<'a>,
    pub(crate) header: Option<&'a MigrationHeader>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(view: &'a SetView<'a>, role: Role, day: Date, books: Books<'a>) -> Context<'a> {
        Context { view, role, day, books, header: header(view) }
    }

    /// What is said under an overlay says so.
    pub(crate) fn named(&self, judged: Judged) -> Judged {
        self.books.named(judged)
    }

    /// The set's name.
    pub(crate) fn set_id(&self) -> Option<SetId> {
        self.header.map(MigrationHeader::set_id)
    }

    /// A place in the MigrationHeader of the set's first file.
    pub(crate) fn header_place(&self, element: &str) -> Place {
        let path = format!("MigrationHeader/{element}");
        let view = self.view;
        None.or_else(|| view.common.file().map(|f| f.places.place_in_root(&path)))
            .or_else(|| view.group.file().map(|f| f.places.place_in_root(&path)))
            .or_else(|| view.encrypted.file().map(|f| f.places.place_in_root(&path)))
            .or_else(|| view.validation.file().map(|f| f.places.place_in_root(&path)))
            .unwrap_or_default()
    }
}

fn header<'a>(view: &SetView<'a>) -> Option<&'a MigrationHeader> {
    None.or_else(|| view.common.file().map(|f| &f.message.migration_header))
        .or_else(|| view.group.file().map(|f| &f.message.migration_header))
        .or_else(|| view.encrypted.file().map(|f| &f.message.migration_header))
        .or_else(|| view.validation.file().map(|f| &f.message.migration_header))
}

/// Every device of an entry but the CHF: its kind, its ID, and the path to it.
pub(crate) fn devices_of(entry: &CommonInstallation) -> Vec<(DeviceKind, DeviceId, String)> {
    let mut devices = vec![
        (DeviceKind::Gpf, entry.gpf.device_id, "GPF/DeviceID".to_owned()),
        (DeviceKind::Esme, entry.esme.device_id, "ESME/DeviceID".to_owned()),
    ];
    devices.extend(entry.gsme.iter().map(|g| (DeviceKind::Gsme, g.device_id, "GSME/DeviceID".to_owned())));
    let ppmids = entry.ppmids.iter().map(|d| d.device_id).zip(1..);
    devices.extend(ppmids.map(|(id, n)| (DeviceKind::Ppmid, id, format!("PPMID[{n}]/DeviceID"))));
    let ihds = entry.ihds.iter().map(|d| d.device_id).zip(1..);
    devices.extend(ihds.map(|(id, n)| (DeviceKind::Ihd, id, format!("IHD[{n}]/DeviceID"))));
    devices
}

/// One installation in front of one rule.
pub struct Subject<'a> {
    pub(crate) set: &'a Context<'a>,
    pub(crate) part: &'a PartView<'a>,
    pub(crate) rule: &'static Rule,
    pub(crate) text: &'static Text,
    /// Its place among the part's installations.
    pub(crate) at: usize,
    pub(crate) common: &'a CommonInstallation,
}

/// One meter of an installation.
pub struct Meter<'a> {
    pub(crate) kind: DeviceKind,
    pub(crate) fuel: Fuel,
    pub(crate) element: &'a MeterElement,
}

impl<'a> Meter<'a> {
    /// Which metering point it measures.
    fn point(&self) -> (Fuel, &'a Mpxn) {
        (self.fuel, &self.element.mpxn)
    }

    /// The path of one of its elements.
    pub(crate) fn path(&self, element: &str) -> String {
        format!("{}/{element}", self.kind)
    }
}

impl<'a> Subject<'a> {
    pub(crate) fn chf(&self) -> ChfIdentifier {
        self.common.chf_identifier
    }

    pub(crate) fn day(&self) -> Date {
        self.set.day
    }

    /// Its place among all entries of the Common File, from 0.
    pub(crate) fn entry(&self) -> usize {
        self.part.first + self.at
    }

    pub(crate) fn facts(&self) -> &'a Facts {
        self.part.facts
    }

    /// What Registration Data says of a meter's metering point.
    pub(crate) fn registrations(&self, meter: &Meter<'_>) -> Result<Registrations<'a>, NotComparable> {
        self.set.books.registrations(self.group_id(), meter.point(), self.facts())
    }

    /// The number of which length and check digits are judged.
    pub(crate) fn written_out<'m>(&self, meter: &Meter<'m>) -> Result<Cow<'m, Mpxn>, NotComparable> {
        self.set.books.written_out(self.group_id(), meter.point())
    }

    fn group_id(&self) -> Option<GroupId> {
        self.set.header.map(|header| header.group_id)
    }

    /// Another set that is migrating it at this moment.
    pub(crate) fn being_migrated_by(&self) -> Option<SetId> {
        self.part.history.being_migrated.get(&self.chf()).copied()
    }

    /// The set that used this installation's blob of an SMSO export before.
    pub(crate) fn export_used_by(&self, export: &str) -> Option<SetId> {
        self.part.history.exports_used.get(&(self.chf(), export.to_owned())).copied()
    }

    /// What is known of its DeviceCertificate; none where it was not checked.
    pub(crate) fn device_certificate(&self) -> Option<&'a Result<(), String>> {
        self.part.device_certificates.and_then(|all| all.get(self.at))
    }

    /// A number that the wording in force sets; 0 where it sets none of the kind.
    pub(crate) fn number(&self, number: Number) -> i32 {
        self.set.books.number(self.rule, self.text, number).unwrap_or_default()
    }

    /// What the ESME's model opens to the DCC, by the judging role's configuration; empty where nothing is known of it.
    pub(crate) fn esme_associations(&self) -> &'a [ApplicationAssociation] {
        let Some(header) = self.set.header else { return &[] };
        let known = &self.set.view.settings.associations;
        known.of(header.group_id.cohort().value, DeviceKind::Esme, Some(&self.common.esme.device_model))
    }

    pub(crate) fn esme(&self) -> Meter<'a> {
        Meter { kind: DeviceKind::Esme, fuel: Fuel::Electricity, element: &self.common.esme }
    }

    pub(crate) fn gsme(&self) -> Option<Meter<'a>> {
        let element = self.common.gsme.as_ref()?;
        Some(Meter { kind: DeviceKind::Gsme, fuel: Fuel::Gas, element })
    }

    pub(crate) fn meters(&self) -> impl Iterator<Item = Meter<'a>> + use<'a> {
        [Some(self.esme()), self.gsme()].into_iter().flatten()
    }

    pub(crate) fn combination(&self) -> DeviceModelCombination {
        DeviceModelCombination {
            chf: self.common.chf.device_model.clone(),
            esme: self.common.esme.device_model.clone(),
            gsme: self.common.gsme.as_ref().map(|g| g.device_model.clone()),
            communications_provider: self.common.communications_provider.to_string(),
        }
    }

    /// The Group File's entry of this installation, or the verdict where there is none. A file that is absent or
    /// unreadable is a finding on the set, and nothing is said of its installations.
    pub(crate) fn group(&self) -> Result<&'a GroupInstallation, Verdict> {
        self.own(&self.part.group, |file| &file.installations, |entry| entry.chf_identifier)
    }

    /// The Group Encrypted File's entry of this installation, or the verdict where there is none.
    pub(crate) fn encrypted(&self) -> Result<&'a GroupEncryptedInstallation, Verdict> {
        self.own(&self.part.encrypted, |file| &file.installations, |entry| entry.chf_identifier)
    }

    /// The Common Validation File's entry of this installation, or the verdict where there is none.
    pub(crate) fn validation(&self) -> Result<&'a ValidationInstallation, Verdict> {
        self.own(&self.part.validation, |file| &file.installations, |entry| entry.chf_identifier)
    }

    /// The entry of this installation in another file: it stands at the same place.
    fn own<T: Message, E>(
        &self,
        run: &Run<'a, T>,
        entries: fn(&T) -> &Vec<E>,
        chf: fn(&E) -> ChfIdentifier,
    ) -> Result<&'a E, Verdict> {
        let entry = match run {
            Run::Absent => return Err(Verdict::NotApplicable),
            Run::Over => None,
            Run::Entries(file) => entries(file.value()).get(self.at).filter(|entry| chf(entry) == self.chf()),
        };
        entry.ok_or_else(|| self.no_entry(T::MESSAGE.root))
    }

    /// A file without this entry at this place is a finding of P-entries-agree; still the entry cannot be called clean.
    fn no_entry(&self, file: &str) -> Verdict {
        let number = self.entry() + 1;
        facts_missing(format!("no entry {number} for CHF {} in the {file}; build the set again", self.chf()))
    }

    /// What the S1SP opened for this installation, or the verdict where this rule has nothing to judge.
    pub(crate) fn group_information(&self) -> Result<&'a GroupInformation, Verdict> {
        self.opened(self.part.group_information, "S1SP")?.map_err(|_| Verdict::NotApplicable)
    }

    /// What the DCO opened for this installation, or the verdict where this rule has nothing to judge.
    pub(crate) fn master_key(&self) -> Result<&'a DecryptedMasterKey, Verdict> {
        self.opened(self.part.master_keys, "DCO")?.map_err(|_| Verdict::NotApplicable)
    }

    /// What was wrong with the judging role's blob of this installation when it was opened and decoded.
    pub(crate) fn blob_faults(&self) -> Result<&'a [WireFault], Verdict> {
        Ok(match self.set.role {
            Role::Dco => self.opened(self.part.master_keys, "DCO")?.err(),
            _ => self.opened(self.part.group_information, "S1SP")?.err(),
        }
        .unwrap_or_default())
    }

    /// Findings of this rule for the blob's faults of some kinds; PASS where it has no fault, and NOT APPLICABLE where it has
    /// others.
    pub(crate) fn judge_blob(&self, kinds: &[FaultKind]) -> Vec<Verdict> {
        let faults = match self.blob_faults() {
            Ok(faults) => faults,
            Err(verdict) => return vec![verdict],
        };
        let own = faults.iter().filter(|fault| kinds.contains(&fault.kind));
        let mut verdicts: Vec<Verdict> = own.map(|fault| self.finding(Told::of(fault))).collect();
        if verdicts.is_empty() {
            verdicts.push(if faults.is_empty() { Verdict::Pass } else { Verdict::NotApplicable });
        }
        verdicts
    }

    fn opened<T>(
        &self,
        plaintexts: Option<&'a [Opened<T>]>,
        role: &str,
    ) -> Result<Result<&'a T, &'a [WireFault]>, Verdict> {
        self.encrypted()?;
        let Some(plaintexts) = plaintexts else {
            return Err(facts_missing(format!("the {role}'s decryption key was not given; name it in tern.toml")));
        };
        // An entry without a blob is 15.3's to find.
        let opened = plaintexts.get(self.at).and_then(Option::as_ref).ok_or(Verdict::NotApplicable)?;
        Ok(opened.as_ref().map_err(Vec::as_slice))
    }

    /// The element that holds the judging role's blob.
    pub(crate) fn blob_name(&self) -> &'static str {
        if self.set.role == Role::Dco { "EncryptedMasterKey" } else { "EncryptedS1SPGroupInformation" }
    }

    /// How the GSME talks to the GPF, where the Group File says so.
    pub(crate) fn han_type(&self) -> Option<HanType> {
        self.group().ok()?.gsme_detail.as_ref().map(|detail| detail.han_type)
    }

    /// A place in this installation's entry of the Common File.
    pub(crate) fn at_common(&self, path: &str) -> Place {
        self.part.common.place(self.at, path)
    }

    /// A place in this installation's entry of the Group File.
    pub(crate) fn at_group(&self, path: &str) -> Place {
        self.part.group.entries().map(|f| f.place(self.at, path)).unwrap_or_default()
    }

    /// A place in this installation's entry of the Group Encrypted File.
    pub(crate) fn at_encrypted(&self, path: &str) -> Place {
        self.part.encrypted.entries().map(|f| f.place(self.at, path)).unwrap_or_default()
    }

    /// A place in this installation's entry of the Common Validation File.
    pub(crate) fn at_validation(&self, path: &str) -> Place {
        self.part.validation.entries().map(|f| f.place(self.at, path)).unwrap_or_default()
    }

    /// This rule's finding.
    pub(crate) fn finding(&self, told: Told) -> Verdict {
        finding(self.rule, told)
    }
}
