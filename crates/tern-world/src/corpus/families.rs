//! Which devices a group's installations are made of: one row a family, as data. How firmly a maker is known stands
//! above its row; the models are invented.
//!
//! This module must never say on which day a combination is approved.

use tern_model::facts::EpclState;
use tern_model::{DeviceModel, GroupId};

/// Maker, model, firmware version.
pub(crate) type Model = (&'static str, &'static str, &'static str);

/// Hub, electricity meter, gas meter.
pub(crate) type Combination = (Model, Model, Model);

/// The devices of some groups.
pub(crate) struct Family {
    /// Whose.
    pub(crate) groups: &'static [GroupId],
    /// The combinations that are approved, with and without their gas meter, for every provider.
    pub(crate) approved: &'static [Combination],
    /// Combinations that the EPCL knows and does not approve on day D, and one that it never heard of (no state).
    pub(crate) not_approved: &'static [(Combination, Option<EpclState>)],
    /// In-home devices; the EPCL does not speak of them.
    pub(crate) ppmids: [Model; 2],
}

impl Family {
    /// The family of a group.
    pub(crate) fn of(group: GroupId) -> &'static Family {
        FAMILIES.iter().find(|family| family.groups.contains(&group)).unwrap_or(&FAMILIES[0])
    }

    /// The families of some groups, each once, in the order of the table.
    pub(crate) fn all_of(groups: &[GroupId]) -> impl Iterator<Item = &'static Family> {
        FAMILIES.iter().filter(|family| family.groups.iter().any(|group| groups.contains(group)))
    }
}

/// The models as records write them.
pub(crate) fn models((chf, esme, gsme): Combination) -> [DeviceModel; 3] {
    [model(chf), model(esme), model(gsme)]
}

/// A model as records write it.
pub(crate) fn model((manufacturer, model, firmware): Model) -> DeviceModel {
    DeviceModel { manufacturer: manufacturer.to_owned(), model: model.to_owned(), firmware: firmware.to_owned() }
}

const TRILLIANT: &str = "Trilliant";
const LANDIS_GYR: &str = "Landis+Gyr";
const ITRON: &str = "Itron";
const ACLARA: &str = "Aclara";
const ELSTER: &str = "Elster";
const HONEYWELL_ELSTER: &str = "Honeywell Elster";
const SECURE: &str = "Secure";

/// Every family.
static FAMILIES: [Family; 6] = [
    // Makers stated: S002 section 1.
    Family {
        groups: &GroupId::FOC,
        approved: &[
            ((TRILLIANT, "Wren CH2", "4.12.0"), (LANDIS_GYR, "Alder E21", "07.31"), (LANDIS_GYR, "Alder G4", "02.18")),
            ((TRILLIANT, "Wren CH2", "4.14.2"), (LANDIS_GYR, "Alder E21", "07.40"), (LANDIS_GYR, "Alder G4", "02.20")),
            ((TRILLIANT, "Wren CH2", "4.14.2"), (LANDIS_GYR, "Rowan E33", "1.9.6"), (LANDIS_GYR, "Rowan G6", "1.4.1")),
            ((TRILLIANT, "Finch CH3", "5.0.1"), (LANDIS_GYR, "Rowan E33", "2.0.3"), (LANDIS_GYR, "Rowan G6", "1.4.1")),
            ((LANDIS_GYR, "Heron H1", "11.02"), (LANDIS_GYR, "Alder E21", "07.40"), (LANDIS_GYR, "Alder G4", "02.20")),
            ((LANDIS_GYR, "Heron H1", "11.05"), (LANDIS_GYR, "Hazel E40", "3.3"), (LANDIS_GYR, "Rowan G6", "1.4.1")),
        ],
        not_approved: &[
            (
                (
                    (TRILLIANT, "Finch CH3", "5.1.0"),
                    (LANDIS_GYR, "Rowan E33", "2.1.0"),
                    (LANDIS_GYR, "Rowan G6", "1.5.0"),
                ),
                Some(EpclState::Planned),
            ),
            (
                (
                    (TRILLIANT, "Wren CH2", "3.98.7"),
                    (LANDIS_GYR, "Alder E21", "06.88"),
                    (LANDIS_GYR, "Alder G4", "02.11"),
                ),
                None,
            ),
            (
                (
                    (LANDIS_GYR, "Heron H1", "11.09"),
                    (LANDIS_GYR, "Hazel E40", "3.4"),
                    (LANDIS_GYR, "Rowan G6", "1.4.2"),
                ),
                Some(EpclState::Paused),
            ),
            (
                (
                    (LANDIS_GYR, "Heron H1", "10.77"),
                    (LANDIS_GYR, "Hazel E40", "2.9"),
                    (LANDIS_GYR, "Rowan G6", "1.3.0"),
                ),
                Some(EpclState::NotApproved),
            ),
        ],
        ppmids: [(TRILLIANT, "Robin P2", "1.7.0"), (LANDIS_GYR, "Sorrel P1", "2.02")],
    },
    // Maker unconfirmed: reported of IOC, not of a group.
    Family {
        groups: &[GroupId::AA],
        approved: &[
            ((ITRON, "Plover H2", "2.31"), (ITRON, "Larch E10", "5.2.0"), (ITRON, "Larch G10", "3.0.7")),
            ((ITRON, "Plover H2", "2.34"), (ITRON, "Larch E12", "5.4.1"), (ITRON, "Larch G10", "3.1.0")),
        ],
        not_approved: &[
            (
                ((ITRON, "Plover H2", "2.40"), (ITRON, "Larch E12", "5.5.0"), (ITRON, "Larch G10", "3.2.0")),
                Some(EpclState::Planned),
            ),
            (((ITRON, "Plover H1", "1.88"), (ITRON, "Larch E10", "4.9.3"), (ITRON, "Larch G10", "2.8.0")), None),
        ],
        ppmids: [(ITRON, "Wagtail P1", "1.3"), (ITRON, "Wagtail P1", "1.4")],
    },
    // Maker unconfirmed: reported of IOC, not of a group.
    Family {
        groups: &[GroupId::BA],
        approved: &[
            ((ACLARA, "Dunlin C1", "8.1"), (ACLARA, "Maple E5", "3.20"), (ACLARA, "Maple G2", "1.12")),
            ((ACLARA, "Dunlin C1", "8.3"), (ACLARA, "Maple E5", "3.22"), (ACLARA, "Maple G2", "1.15")),
        ],
        not_approved: &[
            (
                ((ACLARA, "Dunlin C1", "8.4"), (ACLARA, "Maple E5", "3.30"), (ACLARA, "Maple G2", "1.16")),
                Some(EpclState::Paused),
            ),
            (((ACLARA, "Dunlin C0", "6.9"), (ACLARA, "Maple E4", "2.71"), (ACLARA, "Maple G2", "1.02")), None),
        ],
        ppmids: [(ACLARA, "Siskin P1", "0.9.4"), (ACLARA, "Siskin P1", "0.9.6")],
    },
    // Maker stated: S000 table 2.
    Family {
        groups: &[GroupId::CA],
        approved: &[
            ((ELSTER, "Curlew H5", "3.7.0"), (ELSTER, "Beech E100", "1.55"), (ELSTER, "Beech G100", "0.31")),
            ((ELSTER, "Curlew H5", "3.7.2"), (ELSTER, "Beech E140", "2.04"), (ELSTER, "Beech G100", "0.34")),
        ],
        not_approved: &[
            (
                ((ELSTER, "Curlew H5", "3.8.0"), (ELSTER, "Beech E140", "2.10"), (ELSTER, "Beech G100", "0.40")),
                Some(EpclState::Planned),
            ),
            (((ELSTER, "Curlew H4", "2.9.1"), (ELSTER, "Beech E100", "1.40"), (ELSTER, "Beech G100", "0.22")), None),
        ],
        ppmids: [(ELSTER, "Knot P3", "1.1"), (ELSTER, "Knot P3", "1.2")],
    },
    // Makers stated: S002 section 1.
    Family {
        groups: &[GroupId::CB],
        approved: &[
            (
                (HONEYWELL_ELSTER, "Curlew H6", "4.0.1"),
                (HONEYWELL_ELSTER, "Beech E150", "2.20"),
                (HONEYWELL_ELSTER, "Beech G120", "0.50"),
            ),
            (
                (HONEYWELL_ELSTER, "Curlew H6", "4.1.0"),
                (HONEYWELL_ELSTER, "Beech E155", "2.31"),
                (HONEYWELL_ELSTER, "Beech G120", "0.52"),
            ),
        ],
        not_approved: &[
            (
                (
                    (HONEYWELL_ELSTER, "Curlew H6", "4.2.0"),
                    (HONEYWELL_ELSTER, "Beech E155", "2.40"),
                    (HONEYWELL_ELSTER, "Beech G120", "0.60"),
                ),
                Some(EpclState::NotApproved),
            ),
            (
                (
                    (HONEYWELL_ELSTER, "Curlew H6", "3.9.9"),
                    (HONEYWELL_ELSTER, "Beech E150", "2.02"),
                    (HONEYWELL_ELSTER, "Beech G120", "0.41"),
                ),
                None,
            ),
        ],
        ppmids: [(HONEYWELL_ELSTER, "Knot P4", "2.0"), (HONEYWELL_ELSTER, "Knot P4", "2.1")],
    },
    // Makers stated: S002 section 1.
    Family {
        groups: &[GroupId::DA],
        approved: &[
            ((SECURE, "Teal L7", "6.12"), (SECURE, "Poplar E7", "10.3"), (SECURE, "Poplar G7", "9.9")),
            ((SECURE, "Teal L7", "6.14"), (SECURE, "Poplar E8", "11.0"), (SECURE, "Poplar G7", "9.12")),
        ],
        not_approved: &[
            (
                ((SECURE, "Teal L7", "6.20"), (SECURE, "Poplar E8", "11.4"), (SECURE, "Poplar G7", "9.20")),
                Some(EpclState::Planned),
            ),
            (((SECURE, "Teal L6", "5.77"), (SECURE, "Poplar E7", "9.8"), (SECURE, "Poplar G7", "8.1")), None),
        ],
        ppmids: [(SECURE, "Linnet P5", "4.4"), (SECURE, "Linnet P5", "4.5")],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_has_one_family_and_no_two_share_a_combination() {
        for group in GroupId::ALL {
            assert_eq!(FAMILIES.iter().filter(|family| family.groups.contains(&group)).count(), 1, "{group}");
        }
        let all: Vec<Combination> = FAMILIES
            .iter()
            .flat_map(|f| f.approved.iter().copied().chain(f.not_approved.iter().map(|(c, _)| *c)))
            .collect();
        let different: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }
}
