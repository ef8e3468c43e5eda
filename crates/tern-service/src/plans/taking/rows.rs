//! What rows of a supplier's file say of an estate, as events.

use jiff::civil::Date;
use tern_model::estate::{EventKind, EventRecord};
use tern_model::facts::SourceRow;
use tern_model::supplier_file::Places;
use tern_model::{ChfIdentifier, Malformed, PartyId};
use tern_plan::estate::{Estate, Holders, SupplierIx};
use tern_plan::notices::{
    DemandFileKind, DemandFileName, Demands, Incoming, SmsoName, SupplierFileKind, SupplierFileName, receive,
    receive_demand,
};
use tern_wire::facts_csv::RowFault;

use super::whole;
use crate::fault::ServiceFault;

/// What a file is held against.
pub(super) struct Reading<'a> {
    pub(super) estate: &'a Estate,
    pub(super) holders: &'a Holders,
    pub(super) on: Date,
}

/// What was read of a file.
#[derive(Default)]
pub(super) struct Read {
    pub(super) events: Vec<EventRecord>,
    pub(super) faults: Vec<RowFault>,
    pub(super) given: bool,
    demand: Option<(SmsoName, PartyId, Vec<Places>)>,
}

impl Read {
    /// Of a file whose name is none.
    fn refused(name: &str, malformed: &Malformed) -> Read {
        let reason = format!("no such file is taken; expected {}", malformed.expected);
        let fault = whole(name, &reason, "docs/reference/supplier-files.md lists names and columns");
        Read { faults: vec![fault], ..Read::default() }
    }

    /// The events of a demand file: what is wanted of all SMSOs together, where `earlier` gives the files before it.
    pub(super) fn events(
        mut self,
        on: Date,
        earlier: impl FnOnce(&PartyId) -> Result<Demands, ServiceFault>,
    ) -> Result<Read, ServiceFault> {
        let Some((smso, supplier, places)) = self.demand.take() else { return Ok(self) };
        let Some(first) = places.first().map(|one| one.day) else { return Ok(self) };
        let mut demands = earlier(&supplier)?;
        demands.take(&smso, &places);
        self.events = demands
            .since(first)
            .into_iter()
            .map(|(day, wanted)| EventRecord {
                supplier: Some(supplier),
                value: Some(wanted.to_string()),
                effective: Some(day),
                ..EventRecord::new(on, EventKind::Demand)
            })
            .collect();
        Ok(self)
    }
}

impl Reading<'_> {
    /// Reads a file by what its name says it is.
    pub(super) fn read(&self, name: &str, bytes: &[u8]) -> Result<Read, ServiceFault> {
        match name.parse::<DemandFileName>() {
            Ok(demand) if demand.kind == DemandFileKind::Request => return demand_of(&demand, name, bytes),
            Ok(_) => {
                let fault = whole(name, "it is an answer to a demand file", "`tern plan places` writes those");
                return Ok(Read { faults: vec![fault], ..Read::default() });
            }
            Err(malformed) if name.starts_with("DR") => return Ok(Read::refused(name, &malformed)),
            Err(_) => {}
        }
        let received = receive(name, bytes).map_err(|error| ServiceFault::file("read", name.as_ref(), error))?;
        let received = match received {
            Ok(received) if !is_notice(received.name.kind) => received,
            Ok(_) => {
                let fault = whole(name, "it is a notice to a supplier", "hand over what suppliers send");
                return Ok(Read { faults: vec![fault], ..Read::default() });
            }
            Err(malformed) => return Ok(Read::refused(name, &malformed)),
        };
        let mut read = Read { faults: received.faults, given: received.given, ..Read::default() };
        match received.says {
            Incoming::Authorisations(rows) => {
                for row in rows {
                    let event = EventRecord {
                        effective: (row.from > self.on).then_some(row.from),
                        value: Some(row.until.to_string()),
                        ..EventRecord::new(self.on, EventKind::Authorised)
                    };
                    let over = (row.until < self.on).then(|| format!("{} is over: it came on {}", row.until, self.on));
                    self.about(&received.name, (row.row, row.chf), over, event, &mut read);
                }
            }
            Incoming::Certificates(rows) => {
                for row in rows {
                    let event = EventRecord::new(self.on, EventKind::CertificatesSupplied);
                    self.about(&received.name, (row.row, row.chf), None, event, &mut read);
                }
            }
            Incoming::Notices(_) => {}
        }
        Ok(read)
    }

    /// Makes an event of a row about an installation, or says why not. `over` is what is wrong with its last day.
    fn about(
        &self,
        name: &SupplierFileName,
        (row, chf): (SourceRow, ChfIdentifier),
        over: Option<String>,
        event: EventRecord,
        read: &mut Read,
    ) {
        let wrong = match over {
            Some(reason) => Some(("until", reason, "ask the supplier for another one")),
            None => self.unfit(name, chf).map(|(reason, to_do)| ("chf_identifier", reason, to_do)),
        };
        match wrong {
            Some((field, reason, to_do)) => read.faults.push(RowFault {
                file: name.to_string(),
                row: row.0,
                field: field.to_owned(),
                reason,
                suggestion: to_do.to_owned(),
            }),
            None => read.events.push(EventRecord { chf: Some(chf), supplier: Some(name.supplier), ..event }),
        }
    }

    /// Why a supplier's file about an SMSO's installations cannot speak of this one.
    fn unfit(&self, name: &SupplierFileName, chf: ChfIdentifier) -> Option<(String, &'static str)> {
        let Some(at) = self.estate.find_installation(chf) else {
            if self.estate.is_set_aside(chf) {
                let to_do = "correct the estate's rows about it: `tern estate check` says which";
                return Some((format!("{chf} is set aside, for what is wrong with its rows"), to_do));
            }
            return Some((format!("{chf} is no installation of this estate"), "correct the hub"));
        };
        let installation = self.estate.installation(at);
        let smso = SmsoName::of(self.estate.catalogue().text(installation.smso));
        if smso != name.smso {
            let reason = format!("the installation is {smso}'s, and the file is about those of {}", name.smso);
            return Some((reason, "put the row into a file for that SMSO"));
        }
        if self.on < installation.installed_on {
            return Some((format!("it is there from {} on", installation.installed_on), "correct the hub"));
        }
        let is_its = |supplier: SupplierIx| self.holders.has_part(self.estate, at, supplier, self.on);
        if self.estate.catalogue().find_supplier(name.supplier).is_some_and(is_its) {
            return None;
        }
        let to_do = "ask the supplier, or add the change of supplier to the events first";
        Some((Holders::foreign(name.supplier), to_do))
    }
}

/// Whose file it is, by its name.
pub(super) fn supplier_of(name: &str) -> Option<PartyId> {
    let of_demand = || name.parse().ok().map(|name: DemandFileName| name.supplier);
    name.parse().ok().map(|name: SupplierFileName| name.supplier).or_else(of_demand)
}

fn is_notice(kind: SupplierFileKind) -> bool {
    matches!(kind, SupplierFileKind::FirmwareNotice | SupplierFileKind::MigrationNotice)
}

fn demand_of(name: &DemandFileName, file: &str, bytes: &[u8]) -> Result<Read, ServiceFault> {
    let received = receive_demand(file, bytes).map_err(|error| ServiceFault::file("read", file.as_ref(), error))?;
    let demand = Some((name.smso.clone(), name.supplier, received.places));
    Ok(Read { faults: received.faults, given: received.given, demand, events: Vec::new() })
}
