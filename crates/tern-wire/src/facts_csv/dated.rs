//! Authorisations, notices, exclusions, SMSO configuration, rollback certificates: what holds from or until a day.

use tern_model::CertificateId;
use tern_model::facts::{Authorisation, Exclusion, Facts, Notice, RollbackCertificate, SmsoConfiguration};

use super::cell::{Cell, Serial, Words};
use super::record::{About, Fact, FactFile, Record, Subject, check, column, optional};
use super::row::Row;

impl Record for Authorisation {
    const FILE: FactFile = FactFile {
        name: "authorisations.csv",
        doc: "Migration Authorisations of Responsible Suppliers.",
        columns: &[
            column("reference", "the supplier's reference, 1 to 64 characters"),
            column("chf_identifier", "the hub's EUI-64"),
            column("supplier_id", "the authorising supplier's EUI-64"),
            column("from", "first day, YYYY-MM-DD"),
            column("until", "last day, included, YYYY-MM-DD"),
        ],
        key: &["reference", "chf_identifier", "supplier_id"],
        about: About::Hub,
        check: check::<Authorisation>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (reference, chf) = (row.get::<Words<64>>("reference"), row.get("chf_identifier"));
        let (supplier, from, until) = (row.get("supplier_id"), row.get("from"), row.get("until"));
        row.in_order("from", "until");
        Some(Authorisation {
            row: row.source(),
            reference: reference?.0,
            chf: chf?,
            supplier: supplier?,
            from: from?,
            until: until?,
        })
    }

    fn cells(&self) -> Vec<String> {
        vec![self.reference.clone(), self.chf.spell(), self.supplier.spell(), self.from.spell(), self.until.spell()]
    }

    fn subject(&self) -> Subject {
        Subject::Hub(self.chf)
    }
}

impl Fact for Authorisation {
    fn add(self, facts: &mut Facts) {
        facts.add_authorisation(self);
    }
}

impl Record for Notice {
    const FILE: FactFile = FactFile {
        name: "notices.csv",
        doc: "Notices to Responsible Suppliers about installations with Dormant Meters and no Active Meters.",
        columns: &[
            column("chf_identifier", "the hub's EUI-64"),
            column("supplier_id", "the recipient's EUI-64"),
            column("kind", "`configuration` (steps under 4.26) or `migration` (4.27)"),
            column("issued", "the day on which it was sent, YYYY-MM-DD"),
            column("earliest", "the earliest scheduled day of the steps that it announces, YYYY-MM-DD"),
            column("state", "`completed`, `running` or `undelivered`"),
        ],
        key: &["chf_identifier", "supplier_id", "kind", "issued"],
        about: About::Hub,
        check: check::<Notice>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (chf, supplier, kind) = (row.get("chf_identifier"), row.get("supplier_id"), row.get("kind"));
        let (issued, earliest, state) = (row.get("issued"), row.get("earliest"), row.get("state"));
        row.in_order("issued", "earliest");
        Some(Notice {
            row: row.source(),
            chf: chf?,
            supplier: supplier?,
            kind: kind?,
            issued: issued?,
            earliest: earliest?,
            state: state?,
        })
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.chf.spell(),
            self.supplier.spell(),
            self.kind.spell(),
            self.issued.spell(),
            self.earliest.spell(),
            self.state.spell(),
        ]
    }

    fn subject(&self) -> Subject {
        Subject::Hub(self.chf)
    }
}

impl Fact for Notice {
    fn add(self, facts: &mut Facts) {
        facts.add_notice(self);
    }
}

impl Record for Exclusion {
    const FILE: FactFile = FactFile {
        name: "exclusions.csv",
        doc: "Installations in an excluded category.",
        columns: &[
            column("chf_identifier", "the hub's EUI-64"),
            column(
                "category",
                "`missing-master-keys`, `no-wan-before-migration`, `no-wan-at-migration`, `attempts-exhausted`, \
                 `gas-han-error`, `uneconomic-to-test` or `supplier-terminated`",
            ),
            column("from", "first day, YYYY-MM-DD"),
            column("evidence", "what supports it, 1 to 256 characters"),
        ],
        key: &["chf_identifier", "category"],
        about: About::Hub,
        check: check::<Exclusion>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (chf, category, from) = (row.get("chf_identifier"), row.get("category"), row.get("from"));
        let evidence = row.get::<Words<256>>("evidence");
        Some(Exclusion { row: row.source(), chf: chf?, category: category?, from: from?, evidence: evidence?.0 })
    }

    fn cells(&self) -> Vec<String> {
        vec![self.chf.spell(), self.category.spell(), self.from.spell(), self.evidence.clone()]
    }

    fn subject(&self) -> Subject {
        Subject::Hub(self.chf)
    }
}

impl Fact for Exclusion {
    fn add(self, facts: &mut Facts) {
        facts.add_exclusion(self);
    }
}

impl Record for SmsoConfiguration {
    const FILE: FactFile = FactFile {
        name: "smso_configuration.csv",
        doc: "The SMSO's configuration of hub and SIM, so that the S1SP can reach the installation (15.2).",
        columns: &[
            column("chf_identifier", "the hub's EUI-64"),
            column("smso_id", "the SMSO's EUI-64"),
            column("configured", "the day on which it was recorded as done, YYYY-MM-DD"),
            optional("tried", "the day on which it was tried with success, YYYY-MM-DD; empty where it was not"),
        ],
        key: &["chf_identifier"],
        about: About::Hub,
        check: check::<SmsoConfiguration>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (chf, smso) = (row.get("chf_identifier"), row.get("smso_id"));
        let (configured, tried) = (row.get("configured"), row.optional("tried"));
        row.in_order("configured", "tried");
        Some(SmsoConfiguration { row: row.source(), chf: chf?, smso: smso?, configured: configured?, tried: tried? })
    }

    fn cells(&self) -> Vec<String> {
        let tried = self.tried.map(|day| day.spell()).unwrap_or_default();
        vec![self.chf.spell(), self.smso.spell(), self.configured.spell(), tried]
    }

    fn subject(&self) -> Subject {
        Subject::Hub(self.chf)
    }
}

impl Fact for SmsoConfiguration {
    fn add(self, facts: &mut Facts) {
        facts.add_smso_configuration(self);
    }
}

impl Record for RollbackCertificate {
    const FILE: FactFile = FactFile {
        name: "rollback_certificates.csv",
        doc: "Certificates that restore communication with the SMSO after a rollback (5.1(c)).",
        columns: &[
            column("chf_identifier", "the hub's EUI-64"),
            column("device_id", "the EUI-64 of the device on which it is re-instated"),
            column("serial", "the certificate's serial number, 1 to 39 decimal digits"),
            column("issuer", "the certificate's issuer by RFC 2253, for example `CN=Z1,OU=07`"),
            column("from", "first day of use, included, YYYY-MM-DD"),
            column("until", "last day of use, included, YYYY-MM-DD"),
            optional("constraint", "constraints on use; empty where there are none"),
        ],
        key: &["chf_identifier", "device_id", "serial", "issuer"],
        about: About::Hub,
        check: check::<RollbackCertificate>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (chf, device) = (row.get("chf_identifier"), row.get("device_id"));
        let (serial, issuer) = (row.get::<Serial>("serial"), row.get::<Words<256>>("issuer"));
        let (from, until) = (row.get("from"), row.get("until"));
        let constraint = row.optional::<Words<256>>("constraint");
        row.in_order("from", "until");
        let certificate = CertificateId::from_parts(serial?.0, &issuer?.0);
        if certificate.is_null() {
            let reason = "the Null Certificate ID restores nothing";
            row.fault("serial", reason, "write serial number and issuer of the SMSO's certificate, or remove the row");
        }
        Some(RollbackCertificate {
            row: row.source(),
            chf: chf?,
            device: device?,
            certificate,
            from: from?,
            until: until?,
            constraint: constraint?.map(|words| words.0).unwrap_or_default(),
        })
    }

    fn cells(&self) -> Vec<String> {
        let (serial, issuer) = self.certificate.parts();
        vec![
            self.chf.spell(),
            self.device.spell(),
            serial.to_string(),
            issuer.to_owned(),
            self.from.spell(),
            self.until.spell(),
            self.constraint.clone(),
        ]
    }

    fn subject(&self) -> Subject {
        Subject::Hub(self.chf)
    }
}

impl Fact for RollbackCertificate {
    fn add(self, facts: &mut Facts) {
        facts.add_rollback_certificate(self);
    }
}
