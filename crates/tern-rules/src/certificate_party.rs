//! What P-certificate-supplier and P-certificate-network-operator share.

use tern_model::facts::Registration;
use tern_model::{CertificateId, PartyId, Role, Verdict};
use tern_wire::migration::Meter as MeterElement;

use crate::context::{Meter, Subject, Told, facts_missing};

/// Whose certificates are judged.
pub(crate) struct Holders {
    /// The role that holds them.
    pub(crate) role: Role,
    /// The role in words.
    pub(crate) words: &'static str,
    /// The certificate IDs of a meter, each with its element.
    pub(crate) ids: fn(&MeterElement) -> [(&'static str, &CertificateId); 2],
    /// Who is registered.
    pub(crate) registered: fn(&Registration) -> PartyId,
}

/// A verdict for each certificate ID of each meter; the Null Certificate ID is nobody's.
pub(crate) fn check(subject: &Subject<'_>, holders: &Holders) -> Vec<Verdict> {
    let check_meter = |meter: Meter<'_>| {
        (holders.ids)(meter.element).map(|(element, id)| check_one(subject, holders, &meter, (element, id)))
    };
    subject.meters().flat_map(check_meter).collect()
}

fn check_one(
    subject: &Subject<'_>,
    holders: &Holders,
    meter: &Meter<'_>,
    (element, id): (&str, &CertificateId),
) -> Verdict {
    if id.is_null() {
        return Verdict::NotApplicable;
    }
    let Ok(registrations) = subject.registrations(meter) else { return Verdict::NotApplicable };
    let mpxn = &meter.element.mpxn;
    let Some(registration) = registrations.on(subject.day()) else {
        return facts_missing(format!(
            "no registration of MPxN {mpxn} on {} (CHF {}); add it to facts/registration.csv",
            subject.day(),
            subject.chf()
        ));
    };
    let registered = (holders.registered)(registration);
    let found = match subject.set.view.certificates.holder(id) {
        None => format!("{id}, which the directory does not know"),
        Some(holder) if holder.role != holders.role => format!("{id}, a certificate of role {}", holder.role),
        Some(holder) if holder.party != registered => format!("{id} of {}", holder.party),
        Some(holder) => match holder.usable {
            Ok(()) => return Verdict::Pass,
            Err(why) => format!("{id} of {}: {why}", holder.party),
        },
    };
    subject.finding(Told {
        place: subject.at_common(&meter.path(element)),
        message: format!("{element} of the {} is not a usable one of the registered {}", meter.kind, holders.words),
        found,
        expected: format!("a usable certificate of {registered} (registration.csv row {})", registration.row.0),
        suggestion: format!("ask {registered} for its certificate ID, or send the Null Certificate ID"),
    })
}
