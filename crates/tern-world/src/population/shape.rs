//! What shapes an invented estate, with the defaults that the sources or the press give, or that are ours.

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};
use tern_model::GroupId;

/// What shapes an estate. Shares are percentages; where a source speaks of one, the default is the source's, and every other
/// one is assumed (P). Two numbers in brackets are the least and the most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Population {
    /// Everything follows from it.
    pub seed: u64,
    /// How many installations.
    pub installations: u64,
    /// How many suppliers share them; the first ones have more.
    pub suppliers: u64,
    /// How many of these install, and give upgrade paths.
    pub installing_suppliers: u64,
    /// Electricity and gas from one supplier.
    pub one_supplier: u64,
    /// The day on which the estate is described; events come after it.
    pub described: Date,
    /// How many days of events follow.
    pub days: u32,
    /// How many days before its description an installation was installed.
    pub installed_before: [u64; 2],
    /// With a gas meter.
    pub gas: u64,
    /// With Dormant Meters alone.
    pub dormant: u64,
    /// With gas, and one meter Active and one Dormant.
    pub mixed: u64,
    /// FOC installations with firmware behind that of their entry: all of them (S003 section 2).
    pub foc_behind: u64,
    /// Other installations with firmware behind.
    pub others_behind: u64,
    /// How many versions, at most.
    pub versions_behind: u64,
    /// Of those that are behind, with one device whose next version is recorded as done later on.
    pub firmware_recorded: u64,
    /// FOC installations whose configuration is recorded as done later on (15.2).
    pub configured: u64,
    /// Installations of models that no approved entry combines.
    pub unapproved: u64,
    /// Meters in Prepayment Mode.
    pub prepayment: u64,
    /// Changes of Payment Mode a year, for each thousand meters.
    pub mode_changes_a_year: u64,
    /// Changes of supplier a year, for each thousand meters.
    pub changes_a_year: u64,
    /// How many days before it takes effect a change is known.
    pub change_known_before: [u64; 2],
    /// Changes that make an Active Meter dormant.
    pub lost_on_change: u64,
    /// Changes that make a Dormant Meter active.
    pub won_on_change: u64,
    /// Active installations that are authorised, by each of their suppliers.
    pub authorised: u64,
    /// Installations for which suppliers give certificates.
    pub certificates: u64,
    /// Installations for which it is decided that they wait where their supplier changes (PL3).
    pub wait_on_change: u64,
    /// Installations with an attempt to migrate that has no success.
    pub attempts_failed: u64,
    /// Attempts without success after which the next one has none either, five at most.
    pub failed_again: u64,
    /// Installations, or their gas meters, that come into an excluded category once (PL14).
    pub excluded: u64,
    /// Of these, those that come out of it again.
    pub exclusion_ended: u64,
    /// Suppliers that say how many places a day they want (PL13).
    pub demand: u64,
    /// How many places they want; a throw each time.
    pub demand_places: [u64; 2],
    /// After how many days a supplier says another number.
    pub demand_every: u64,
    /// Rows that are wrong, of each [`super::WrongKind`].
    pub wrong: u64,
    /// The EPCL, and the way of entries to it.
    pub entries: Entries,
    /// How many installations are of each group.
    pub groups: Vec<GroupShare>,
}

/// A group's part of a population.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupShare {
    /// The group.
    pub group: GroupId,
    /// How many of a hundred installations are of it.
    pub of_a_hundred: u64,
    /// The SMSO that operates them.
    pub smso: String,
}

/// What shapes the course of entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Entries {
    /// The first day of TMAD V5.2, whose designation is recorded (S003: 4 September 2020, or within a month).
    pub early_firmware: Date,
    /// Entries that are tested by DMCT; the others by MT and SIT.
    pub dmct: u64,
    /// Entries that differ from a tested one by their provider alone and name it as equivalent.
    pub equivalent: u64,
    /// Entries that comprise installations with Active and Dormant Meters.
    pub comprise_mixed: u64,
    /// Entries that comprise installations with Dormant Meters alone; the rest comprises Active ones.
    pub comprise_dormant: u64,
    /// Days after the description within which FOC's entries are decided.
    pub decided: [u64; 2],
    /// Days before the description within which the earlier cohorts' entries were approved.
    pub approved_before: u64,
    /// Days from planning to decision.
    pub planned_before: u64,
    /// Days from the TAG's confirmation, or the DMCT EPCL Report, to the decision. S003 expects early firmware to gain four
    /// weeks at least.
    pub proven_before: [u64; 2],
    /// Days from the end of MT and SIT to the TAG's confirmation.
    pub tag_after: u64,
    /// Entries whose testing issues the TAG disputes.
    pub disputed: u64,
    /// Days that a dispute takes.
    pub dispute_days: u64,
    /// Entries in which a defect is found after the proof, and that go on.
    pub defects: u64,
    /// Days from the proof to a defect.
    pub defect_after: u64,
    /// Days from a defect to the decision that the entry goes on.
    pub defect_days: u64,
    /// Combinations of which a first version was not approved, with a manufacturer's path to the next one (S003 section 2).
    pub refused: u64,
    /// Days from the defect to the decision not to approve.
    pub refused_after: u64,
    /// Days from that to the approval of the next one.
    pub again_after: u64,
    /// Days from that to the manufacturer's path.
    pub path_after: u64,
    /// Interim versions of which no confirmation comes (4.33).
    pub unconfirmed: u64,
}

impl Default for Entries {
    fn default() -> Entries {
        Entries {
            early_firmware: date(2020, 9, 4),
            dmct: 30,
            equivalent: 50,
            comprise_mixed: 60,
            comprise_dormant: 35,
            decided: [90, 269],
            approved_before: 300,
            planned_before: 120,
            proven_before: [35, 64],
            tag_after: 7,
            disputed: 10,
            dispute_days: 10,
            defects: 10,
            defect_after: 14,
            defect_days: 14,
            refused: 15,
            refused_after: 10,
            again_after: 70,
            path_after: 28,
            unconfirmed: 5,
        }
    }
}

impl Default for Population {
    fn default() -> Population {
        Population::of(10_000, 1)
    }
}

impl Population {
    /// The population of these defaults. Of the groups the press of spring 2019 gave IOC 22, MOC (Secure) 32, FOC 46 of a
    /// hundred; the SMSOs of MOC are named, and FOC has three (S002 section 1).
    #[must_use]
    pub fn of(installations: u64, seed: u64) -> Population {
        Population {
            seed,
            installations,
            suppliers: 24,
            installing_suppliers: 4,
            one_supplier: 75,
            described: date(2020, 9, 1),
            days: 730,
            installed_before: [200, 1_699],
            gas: 70,
            dormant: 40,
            mixed: 4,
            foc_behind: 100,
            others_behind: 40,
            versions_behind: 2,
            firmware_recorded: 3,
            configured: 20,
            unapproved: 4,
            prepayment: 15,
            mode_changes_a_year: 20,
            changes_a_year: 180,
            change_known_before: [10, 27],
            lost_on_change: 40,
            won_on_change: 20,
            authorised: 60,
            certificates: 50,
            wait_on_change: 1,
            attempts_failed: 1,
            failed_again: 30,
            excluded: 0,
            exclusion_ended: 40,
            demand: 0,
            demand_places: [0, 40],
            demand_every: 91,
            wrong: 0,
            entries: Entries::default(),
            groups: groups(),
        }
    }
}

fn groups() -> Vec<GroupShare> {
    use GroupId::{AA, BA, CA, CB, DA, EA, EB, EC};
    let all = [
        (AA, 8, "Initial SMSO"),
        (BA, 5, "Initial SMSO"),
        (CA, 5, "Initial SMSO"),
        (CB, 4, "Morrison Data Services"),
        (DA, 32, "Secure"),
        (EA, 24, "Final SMSO 1"),
        (EB, 14, "Final SMSO 2"),
        (EC, 8, "Final SMSO 3"),
    ];
    let share =
        |(group, of_a_hundred, smso): (GroupId, u64, &str)| GroupShare { group, of_a_hundred, smso: smso.to_owned() };
    all.map(share).into()
}
