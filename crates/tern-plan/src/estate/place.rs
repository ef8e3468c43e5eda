//! Events find what they speak of.

use jiff::civil::Date;
use tern_model::estate::{EventKind, EventRecord};
use tern_model::facts::{ExclusionCategory, PaymentMode};
use tern_model::{ChfIdentifier, MeterState};
use tern_rules::documents;

use crate::assumptions::AfterChange;

use super::Estate;
use super::builder::short;
use super::entries::finding;
use super::event::{EntryStep, Event, What};
use super::finding::{Finding, FindingKind};
use super::ids::{DeviceIx, EntryIx, InstallationIx, MeterIx, ModelIx, NameIx, SupplierIx};
use super::parts::Point;

/// The file of events.
pub(super) const EVENTS: &str = "events.csv";

impl Estate {
    /// An event with everything that it names found. Names that are new to the estate are kept.
    ///
    /// # Errors
    /// It is about an installation, device, metering point or entry that the estate does not have, it lacks a cell that its
    /// kind needs, or it happened before the installation was there.
    pub fn place(&mut self, record: &EventRecord) -> Result<Event, Box<Finding>> {
        let what = Placing { estate: self, record }.what()?;
        Ok(Event { on: record.on, row: short(record.row), what })
    }
}

/// One event while it is placed.
struct Placing<'e> {
    estate: &'e mut Estate,
    record: &'e EventRecord,
}

type Found<T> = Result<T, Box<Finding>>;

impl Placing<'_> {
    fn what(&mut self) -> Found<What> {
        Ok(match self.record.kind {
            EventKind::ChangeOfSupplier => What::ChangeOfSupplier {
                meter: self.point()?,
                supplier: self.supplier()?,
                effective: self.given("effective", self.record.effective)?,
            },
            EventKind::MeterActive => What::Service { meter: self.meter()?, service: MeterState::Active },
            EventKind::MeterDormant => What::Service { meter: self.meter()?, service: MeterState::Dormant },
            EventKind::PaymentMode => What::PaymentMode { meter: self.meter()?, mode: self.mode()? },
            EventKind::DocumentDesignated => What::DocumentDesignated {
                document: self.version_of_document()?,
                effective: self.given("effective", self.record.effective)?,
            },
            EventKind::Path => What::Path {
                from: self.version(self.record.firmware.as_deref(), "firmware")?,
                to: self.version(self.record.value.as_deref(), "value")?,
            },
            EventKind::OperabilityConfirmed => What::OperabilityConfirmed {
                supplier: self.supplier()?,
                smso: self.name("smso", self.record.smso.as_deref())?,
                version: self.version(self.record.firmware.as_deref(), "firmware")?,
            },
            EventKind::SmsoConfigured => What::SmsoConfigured { installation: self.installation()? },
            EventKind::FirmwareDone => self.firmware_done()?,
            EventKind::CertificatesSupplied => {
                What::CertificatesSupplied { installation: self.installation()?, supplier: self.supplier()? }
            }
            EventKind::Authorised => self.authorised()?,
            EventKind::Demand => What::Demand {
                supplier: self.supplier()?,
                wanted: self.wanted()?,
                from: self.record.effective.unwrap_or(self.record.on),
            },
            EventKind::SupplierChangeDecision => {
                What::SupplierChangeDecision { installation: self.installation()?, after: self.after_change()? }
            }
            EventKind::AttemptFailed => What::AttemptFailed { installation: self.installation()?, why: self.why() },
            EventKind::Excluded => self.excluded()?,
            EventKind::ExclusionEnded => {
                What::ExclusionEnded { installation: self.installation()?, category: self.category()? }
            }
            EventKind::EpclPlanned => self.about_entry(EntryStep::Planned)?,
            EventKind::EpclPaused => self.about_entry(EntryStep::Paused)?,
            EventKind::EpclApproved => self.about_entry(EntryStep::Approved)?,
            EventKind::EpclNotApproved => self.about_entry(EntryStep::NotApproved)?,
            EventKind::TestsDone => self.about_entry(EntryStep::TestsDone)?,
            EventKind::TagConfirmed => self.about_entry(EntryStep::TagConfirmed)?,
            EventKind::DmctReport => self.about_entry(EntryStep::DmctReport)?,
            EventKind::DisputeRaised => self.about_entry(EntryStep::DisputeRaised)?,
            EventKind::DisputeResolved => self.about_entry(EntryStep::DisputeResolved)?,
            EventKind::Defect => self.about_entry(EntryStep::Defect)?,
        })
    }

    /// A cell that must be there.
    fn given<T>(&self, column: &str, cell: Option<T>) -> Found<T> {
        let kind = self.record.kind.as_str();
        let missing = || self.wrong(FindingKind::BadRow, column, "the cell is empty", format!("a {kind} needs it"));
        cell.ok_or_else(missing)
    }

    fn wrong(
        &self,
        kind: FindingKind,
        column: &str,
        reason: impl Into<String>,
        to_do: impl Into<String>,
    ) -> Box<Finding> {
        Box::new(finding(kind, EVENTS, self.record.row.0, column, reason, to_do))
    }

    fn unknown(&self, column: &str, what: &str, found: &dyn std::fmt::Display) -> Box<Finding> {
        let reason = format!("{found} is no {what} of this estate; the event was not applied");
        let to_do = format!("correct it, or describe the {what}");
        self.wrong(FindingKind::Unknown, column, reason, to_do)
    }

    /// What is not found where an installation that is set aside has it.
    fn set_aside(&self, column: &str, what: &str, found: &dyn std::fmt::Display) -> Box<Finding> {
        let reason =
            format!("the {what} {found} is not used, for what is told of its installation; the event was not applied");
        self.wrong(FindingKind::SetAside, column, reason, "correct what is wrong with the installation's rows")
    }

    fn installation(&self) -> Found<InstallationIx> {
        let chf: ChfIdentifier = self.given("chf_identifier", self.record.chf)?;
        let (column, what) = ("chf_identifier", "installation");
        let Some(found) = self.estate.find_installation(chf) else {
            let aside = self.estate.is_set_aside(chf);
            return Err(if aside { self.set_aside(column, "hub", &chf) } else { self.unknown(column, what, &chf) });
        };
        self.there(found)
    }

    fn device(&self) -> Found<DeviceIx> {
        let id = self.given("device_id", self.record.device)?;
        let (column, what) = ("device_id", "device");
        let Some(device) = self.estate.find_device(id) else {
            let aside = self.estate.not_used.devices.contains(&id);
            return Err(if aside { self.set_aside(column, what, &id) } else { self.unknown(column, what, &id) });
        };
        self.there(self.estate.devices()[device.at()].installation)?;
        Ok(device)
    }

    fn meter(&self) -> Found<MeterIx> {
        let device = self.device()?;
        let id = self.estate.devices()[device.at()].id;
        self.estate.meter_of(device).ok_or_else(|| self.unknown("device_id", "meter", &id))
    }

    fn point(&self) -> Found<MeterIx> {
        let mpxn = self.given("mpxn", self.record.mpxn.as_ref())?;
        let (column, what) = ("mpxn", "metering point");
        let Some(meter) = self.estate.find_point(mpxn) else {
            let aside = self.estate.not_used.points.contains(&Point::from(mpxn));
            return Err(if aside { self.set_aside(column, what, mpxn) } else { self.unknown(column, what, mpxn) });
        };
        self.there(self.estate.meters()[meter.at()].installation)?;
        Ok(meter)
    }

    /// The installation, where it was there on the day of which the event speaks.
    fn there(&self, installation: InstallationIx) -> Found<InstallationIx> {
        let installed = self.estate.installation(installation).installed_on;
        let (column, day) = match self.record.effective {
            Some(effective) if effective < self.record.on => ("effective", effective),
            _ => ("on", self.record.on),
        };
        if day < installed {
            let reason = format!("{day} is before {installed}, the day of installation; the event was not applied");
            return Err(self.wrong(FindingKind::BeforeInstallation, column, reason, "correct one of the two days"));
        }
        Ok(installation)
    }

    fn entry(&self) -> Found<EntryIx> {
        let name = self.given("entry", self.record.entry.as_deref())?;
        self.estate.find_entry(name).ok_or_else(|| self.unknown("entry", "entry", &format!("`{name}`")))
    }

    fn about_entry(&mut self, step: EntryStep) -> Found<What> {
        Ok(What::Entry { entry: self.entry()?, step, why: self.why() })
    }

    fn supplier(&mut self) -> Found<SupplierIx> {
        let supplier = self.given("supplier_id", self.record.supplier)?;
        Ok(self.estate.catalogue.supplier(supplier))
    }

    fn name(&mut self, column: &str, cell: Option<&str>) -> Found<NameIx> {
        let text = self.given(column, cell)?;
        Ok(self.estate.catalogue.name(text))
    }

    fn why(&mut self) -> Option<NameIx> {
        self.record.value.as_deref().map(|value| self.estate.catalogue.name(value))
    }

    fn version(&mut self, firmware: Option<&str>, column: &str) -> Found<ModelIx> {
        let manufacturer = self.given("manufacturer", self.record.manufacturer.as_deref())?;
        let model = self.given("model", self.record.model.as_deref())?;
        let firmware = self.given(column, firmware)?;
        Ok(self.estate.catalogue.model(manufacturer, model, firmware))
    }

    fn firmware_done(&mut self) -> Found<What> {
        let device = self.device()?;
        let firmware = self.given("firmware", self.record.firmware.as_deref())?;
        let old = self.estate.catalogue.model_text(self.estate.devices()[device.at()].model);
        let model = self.estate.catalogue.model(&old.manufacturer, &old.model, firmware);
        Ok(What::FirmwareDone { device, model })
    }

    fn authorised(&mut self) -> Found<What> {
        let (installation, supplier) = (self.installation()?, self.supplier()?);
        let from = self.record.effective.unwrap_or(self.record.on);
        let Some(value) = self.record.value.as_deref() else {
            return Ok(What::Authorised { installation, supplier, from, until: None });
        };
        let until: Option<Date> = value.parse().ok().filter(|day: &Date| day.to_string() == value);
        let counts_from = from.max(self.record.on);
        let wrong = match until {
            Some(until) if until >= counts_from => {
                return Ok(What::Authorised { installation, supplier, from, until: Some(until) });
            }
            Some(until) => format!("{until} is before {counts_from}, the first day on which it counts"),
            None => format!("`{value}` is no day"),
        };
        let to_do = "write the last day of the authorisation, YYYY-MM-DD, or leave the cell empty";
        Err(self.wrong(FindingKind::BadRow, "value", wrong, to_do))
    }

    fn after_change(&self) -> Found<AfterChange> {
        match self.given("value", self.record.value.as_deref())? {
            "go-on" => Ok(AfterChange::GoOn),
            "wait" => Ok(AfterChange::Wait),
            other => {
                let reason = format!("`{other}` is no decision");
                Err(self.wrong(FindingKind::BadRow, "value", reason, "write go-on or wait"))
            }
        }
    }

    fn wanted(&self) -> Found<u32> {
        let value = self.given("value", self.record.value.as_deref())?;
        let reason = || format!("`{value}` is no number of places");
        let to_do = "write a whole number, 0 for none";
        value.parse().map_err(|_| self.wrong(FindingKind::BadRow, "value", reason(), to_do))
    }

    /// A version that the register knows.
    fn version_of_document(&mut self) -> Found<NameIx> {
        let name = self.given("document", self.record.document.as_deref())?;
        if documents::find(name).is_none() {
            let to_do = "write it as the register does, for example `TMAD V5.2`; `tern rules` names them";
            let reason = format!("`{name}` is no version of the register; the event was not applied");
            return Err(self.wrong(FindingKind::Unknown, "document", reason, to_do));
        }
        Ok(self.estate.catalogue.name(name))
    }

    fn excluded(&mut self) -> Found<What> {
        let (installation, category) = (self.installation()?, self.category()?);
        let evidence = self.name("document", self.record.document.as_deref())?;
        if category == ExclusionCategory::GasHanError && self.estate.meters_of(installation).len() < 2 {
            let to_do = "correct the installation or the category";
            return Err(self.wrong(FindingKind::BadRow, "value", "the installation has no gas meter", to_do));
        }
        match (category, self.record.supplier) {
            (ExclusionCategory::SupplierTerminated, None) => {
                let reason = "nobody is named who terminated the service and states that it cannot be migrated";
                Err(self.wrong(FindingKind::BadRow, "supplier_id", reason, "name the supplier"))
            }
            (ExclusionCategory::SupplierTerminated, Some(_)) | (_, None) => {
                let supplier = self.record.supplier.map(|supplier| self.estate.catalogue.supplier(supplier));
                Ok(What::Excluded { installation, category, evidence, supplier })
            }
            (_, Some(_)) => {
                let reason = format!("{} says nothing of a supplier", category.as_str());
                Err(self.wrong(FindingKind::BadRow, "supplier_id", reason, "leave the cell empty"))
            }
        }
    }

    fn category(&self) -> Found<ExclusionCategory> {
        let word = self.given("value", self.record.value.as_deref())?;
        ExclusionCategory::named(word).ok_or_else(|| {
            let all = ExclusionCategory::ALL.map(ExclusionCategory::as_str).join(", ");
            self.wrong(
                FindingKind::BadRow,
                "value",
                format!("`{word}` is no excluded category"),
                format!("write one of {all}"),
            )
        })
    }

    fn mode(&self) -> Found<PaymentMode> {
        match self.given("value", self.record.value.as_deref())? {
            "credit" => Ok(PaymentMode::Credit),
            "prepayment" => Ok(PaymentMode::Prepayment),
            other => {
                let reason = format!("`{other}` is no Payment Mode");
                Err(self.wrong(FindingKind::BadRow, "value", reason, "write credit or prepayment"))
            }
        }
    }
}
