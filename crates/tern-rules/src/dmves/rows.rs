//! The rows. Each is data; nothing here decides.

use tern_model::{Behaviour, DeviceKind, Grade, GroupId};

use super::{Begins, Member, Row, Variation};
use crate::documents::{DUIS_3_1_REISSUED, S1SR_5_0};
use crate::releases::NOVEMBER_2020;

/// Every row.
pub static ROWS: [&Row; 7] = [
    &HUB_FIRMWARE,
    &PPMID_FIRMWARE,
    &PPMID_FIRMWARE_FOC,
    &PPMID_ACTIVATE_WITHOUT_KEYS,
    &PPMID_READ_FIRMWARE_IOC,
    &GPF_READ_FIRMWARE,
    &TWO_RATES_AUXILIARY_SWITCH,
];

const fn stated(group: GroupId) -> Member {
    Member { group, grade: Grade::Stated }
}

const fn read(group: GroupId) -> Member {
    Member { group, grade: Grade::Reading }
}

const fn ours(group: GroupId) -> Member {
    Member { group, grade: Grade::Project }
}

/// CA is IOC by a source, AA and BA by our reading.
const IOC: &[Member] = &[read(GroupId::AA), read(GroupId::BA), stated(GroupId::CA)];
const IOC_AND_MOC: &[Member] =
    &[read(GroupId::AA), read(GroupId::BA), stated(GroupId::CA), read(GroupId::CB), read(GroupId::DA)];
/// The source excludes EA and EB by name and does not speak of EC.
const FOC: &[Member] = &[stated(GroupId::EA), stated(GroupId::EB), ours(GroupId::EC)];
const ALL: &[Member] = &[
    read(GroupId::AA),
    read(GroupId::BA),
    stated(GroupId::CA),
    read(GroupId::CB),
    read(GroupId::DA),
    stated(GroupId::EA),
    stated(GroupId::EB),
    stated(GroupId::EC),
];

const UPDATE_AND_ACTIVATE: &[&str] = &["11.1", "11.3"];

static HUB_FIRMWARE: Row = Row {
    key: "hub-firmware",
    title: "Firmware of a Communications Hub",
    device: DeviceKind::Chf,
    groups: ALL,
    srvs: UPDATE_AND_ACTIVATE,
    variations: &[Variation {
        from: Begins::Ever,
        behaviour: Behaviour::ElectricitySupplierAlone,
        words: "The Electricity Supplier alone updates and activates it; there is one wherever there is a SMETS1 Communications \
                Hub. A Gas Supplier's request is refused, and it is not told beforehand.",
    }],
    grade: Grade::Stated,
    source: "S000 section 4.3.1",
    reading: "",
    requirement: "RQ6",
};

static PPMID_FIRMWARE: Row = Row {
    key: "ppmid-firmware",
    title: "Firmware of a PPMID",
    device: DeviceKind::Ppmid,
    groups: IOC_AND_MOC,
    srvs: UPDATE_AND_ACTIVATE,
    variations: &[
        Variation {
            from: Begins::Ever,
            behaviour: Behaviour::Unsupported,
            words: "The firmware of a PPMID cannot be updated.",
        },
        Variation {
            from: Begins::Version(&DUIS_3_1_REISSUED),
            behaviour: Behaviour::ElectricitySupplierAlone,
            words: "The Electricity Supplier alone updates and activates the firmware of a PPMID. A Gas Supplier's request is \
                    refused, and it is not told beforehand.",
        },
    ],
    grade: Grade::Stated,
    source: "S000 sections 4.3.1, 5 (DUIS 1.4.7.13 and 13A, S1SR 17.58A and B)",
    reading: "That it could not be updated before Uplift 1.2 is read from what the source says of the change (R).",
    requirement: "RQ6",
};

static PPMID_FIRMWARE_FOC: Row = Row {
    key: "ppmid-firmware-foc",
    title: "Firmware of a PPMID, FOC",
    device: DeviceKind::Ppmid,
    groups: FOC,
    srvs: UPDATE_AND_ACTIVATE,
    variations: &[Variation {
        from: Begins::Ever,
        behaviour: Behaviour::NotProcessed,
        words: "The DSP processes the request and the S1SP does not; the User gets a message instead.",
    }],
    grade: Grade::Stated,
    source: "S000 sections 4.3.1, 7.3",
    reading: "EC follows EA and EB (P). The message's form is not described before FOC is live (P). A decision to include FOC \
              would be a variation with a later day.",
    requirement: "RQ6",
};

static PPMID_ACTIVATE_WITHOUT_KEYS: Row = Row {
    key: "ppmid-activate-without-keys",
    title: "Activate Firmware on a PPMID whose keys lack",
    device: DeviceKind::Ppmid,
    groups: IOC_AND_MOC,
    srvs: &["11.3"],
    variations: &[Variation {
        from: Begins::Version(&DUIS_3_1_REISSUED),
        behaviour: Behaviour::RefusedWithoutKeys,
        words: "On a site that was migrated before the Uplift 1.2 system change Activate Firmware is rejected until the DCC has \
                added the PPMID's keys to the DCO's key package.",
    }],
    grade: Grade::Stated,
    source: "S000 section 7.1",
    reading: "The rejection's form is ours (P). `tern dco gate` says which sites lack keys.",
    requirement: "RQ7",
};

static PPMID_READ_FIRMWARE_IOC: Row = Row {
    key: "ppmid-read-firmware-ioc",
    title: "Read Firmware Version of a PPMID, IOC",
    device: DeviceKind::Ppmid,
    groups: IOC,
    srvs: &["11.2"],
    variations: &[
        Variation {
            from: Begins::Ever,
            behaviour: Behaviour::Unsupported,
            words: "The firmware version of a PPMID cannot be read.",
        },
        Variation {
            from: Begins::Version(&DUIS_3_1_REISSUED),
            behaviour: Behaviour::AlertInsteadOfResponse,
            words: "An alert is returned in place of the response: the version cannot be read because of a defect.",
        },
        Variation {
            from: Begins::Release(&NOVEMBER_2020),
            behaviour: Behaviour::Equivalent,
            words: "The response is returned.",
        },
    ],
    grade: Grade::Stated,
    source: "S000 section 7.4",
    reading: "The alert's code is ours (P). The release is of November 2020; its last day is assumed (P).",
    requirement: "RQ9",
};

static GPF_READ_FIRMWARE: Row = Row {
    key: "gpf-read-firmware",
    title: "Read Firmware Version of a GPF",
    device: DeviceKind::Gpf,
    groups: ALL,
    srvs: &["11.2"],
    variations: &[
        Variation {
            from: Begins::Ever,
            behaviour: Behaviour::Unsupported,
            words: "The firmware version of a GPF cannot be read.",
        },
        Variation {
            from: Begins::Version(&S1SR_5_0),
            behaviour: Behaviour::Equivalent,
            words: "The firmware version of a GPF can be read.",
        },
    ],
    grade: Grade::Reading,
    source: "S000 section 5, table 2 no. 4",
    reading: "S1SR Table 3 was corrected for the omission of GPF in its row of 11.2; the table is read as the list of allowed \
              targets (R).",
    requirement: "RQ14",
};

static TWO_RATES_AUXILIARY_SWITCH: Row = Row {
    key: "two-rates-auxiliary-switch",
    title: "A two-rate tariff and the auxiliary load switch, IOC",
    device: DeviceKind::Esme,
    groups: IOC,
    srvs: &["1.1.1", "1.2.1"],
    variations: &[
        Variation {
            from: Begins::Ever,
            behaviour: Behaviour::SwitchClosesAtTwoRates,
            words: "A tariff of two rates closes the auxiliary load switch, even where both prices are the same.",
        },
        Variation {
            from: Begins::Release(&NOVEMBER_2020),
            behaviour: Behaviour::SwitchClosesAtTwoPrices,
            words: "A tariff of two rates closes the auxiliary load switch only where the prices differ.",
        },
    ],
    grade: Grade::Stated,
    source: "S000 section 7.2",
    reading: "The requests that apply a tariff are 1.1.1 and 1.2.1 (P). A switch that was closed before stays closed (P). The \
              release is of November 2020; its last day is assumed (P).",
    requirement: "RQ8",
};
