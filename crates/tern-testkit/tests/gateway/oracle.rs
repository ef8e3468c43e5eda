//! What a request must be answered, found from its text alone by what the documents say: a second opinion that shares no code with the
//! gateway but the registry's rows.

use jiff::Timestamp;
use tern_model::{Behaviour, DeviceId, DeviceKind, UserRole, london_day};
use tern_requests::registry::Handling;
use tern_requests::{Srv, find};
use tern_rules::{Books, Rulebook, dmves};
use tern_testkit::{Home, UserClient};
use tern_wire::duis::RequestId;

use crate::bench::COUNTER;

/// A RequestID whose counter is this much behind the highest of its originator is refused (P).
pub const COUNTER_WINDOW: u64 = 86_400_000;

/// What is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Refused under this code.
    Refused(&'static str),
    /// Answered at once under a code that begins so.
    Answered(&'static [&'static str]),
    /// Accepted; a reply comes that says so or not, under this name.
    Accepted(String),
    /// Accepted and held.
    Held,
}

/// A request that its schema allows.
struct Read<'d> {
    id: RequestId,
    variant: u8,
    srv: Option<&'static Srv>,
    reference: &'d str,
    body: &'d str,
    execution: Option<Timestamp>,
}

/// The world as whoever judges knows it.
pub struct Oracle<'o> {
    pub homes: &'o [Home],
    pub rulebook: &'o Rulebook,
    pub now: Timestamp,
}

fn read<'d>(document: &'d roxmltree::Document<'_>) -> Read<'d> {
    let root = document.root_element();
    let child = |of: roxmltree::Node<'d, '_>, name: &str| {
        of.children().find(|node| node.tag_name().name() == name).map(|node| node.id())
    };
    let node = |id: Option<roxmltree::NodeId>| id.and_then(|id| document.get_node(id)).expect("the schema wants it");
    let header = node(child(root, "Header"));
    let text = |name: &str| node(child(header, name)).text().unwrap_or_default().trim();
    let body = node(child(root, "Body")).first_element_child().expect("a body");
    let execution = body.children().find(|node| node.tag_name().name() == "ExecutionDateTime");
    Read {
        id: text("RequestID").parse().expect("a RequestID"),
        variant: text("CommandVariant").parse().expect("a number"),
        srv: find(text("ServiceReferenceVariant")),
        reference: text("ServiceReference"),
        body: body.tag_name().name(),
        execution: execution.and_then(|node| node.text()?.trim().parse().ok()),
    }
}

/// The RequestID of a request that its schema allows.
pub fn request_id(text: &str) -> RequestId {
    read(&roxmltree::Document::parse(text).expect("XML")).id
}

impl Oracle<'_> {
    /// What a request that its schema allows is answered, which this User signed and sent to this service.
    pub fn expects(&self, text: &str, service: &str, user: &UserClient) -> Expected {
        let document = roxmltree::Document::parse(text).expect("XML");
        let read = read(&document);
        match self.receipt(&read, service, user) {
            Some(code) => Expected::Refused(code),
            None => self.access(&read, read.srv.expect("was found"), user),
        }
    }

    fn receipt(&self, read: &Read<'_>, service: &str, user: &UserClient) -> Option<&'static str> {
        let Some(srv) = read.srv else { return Some("E1000") };
        let body = if (5..=7).contains(&read.variant) { "SignedPreCommand" } else { srv.body };
        if read.reference != srv.reference() || read.body != body {
            return Some("E1000");
        }
        let takes = match read.variant {
            1 => (!srv.is_non_device()).then_some("serviceS"),
            8 => srv.is_non_device().then_some("serviceD"),
            _ => None,
        };
        match takes {
            None => Some("E12"),
            Some(right) if right != service => Some("E13"),
            Some(_) if read.id.originator != user.party() => Some("E1"),
            Some(_) => (read.id.counter + COUNTER_WINDOW < COUNTER).then_some("E1000"),
        }
    }

    fn access(&self, read: &Read<'_>, srv: &'static Srv, user: &UserClient) -> Expected {
        let suppliers = [UserRole::Is, UserRole::Es, UserRole::Gs];
        if !suppliers.iter().any(|role| srv.roles.contains(role)) {
            return Expected::Refused("E2");
        }
        if srv.handling != Handling::Processed {
            return Expected::Refused("E11");
        }
        if srv.is_non_device() {
            return if read.id.target == user.dcc {
                Expected::Answered(answers(srv))
            } else {
                Expected::Refused("E11")
            };
        }
        let target = DeviceId(read.id.target);
        let Some((home, kind)) = self.homes.iter().find_map(|home| Some((home, kind_of(home, target)?))) else {
            return Expected::Refused("E19");
        };
        let electric = home.supplier == user.name && kind != DeviceKind::Gsme && srv.roles.contains(&UserRole::Is);
        let gas = home.gas_supplier.as_ref() == Some(&user.name)
            && kind != DeviceKind::Esme
            && srv.roles.contains(&UserRole::Gs);
        let books = Books { rulebook: self.rulebook, on: london_day(self.now) };
        let varies = |behaviour| {
            dmves::variations((kind, home.group), srv.number, books).any(|(_, found)| found.behaviour == behaviour)
        };
        if !electric && (!gas || varies(Behaviour::ElectricitySupplierAlone)) {
            return Expected::Refused("E4");
        }
        if !srv.is_for(kind) || varies(Behaviour::Unsupported) {
            return Expected::Refused("E11");
        }
        match read.execution.filter(|later| *later > self.now) {
            None => Expected::Accepted(format!("{}Rsp", srv.body)),
            Some(_) if !srv.future_dating.is_possible() => Expected::Refused("E1000"),
            Some(later) if later.duration_since(self.now).as_hours() > 30 * 24 => Expected::Refused("E1000"),
            Some(_) => Expected::Held,
        }
    }
}

fn answers(srv: &Srv) -> &'static [&'static str] {
    match srv.number {
        "8.2" => &["I0", "E0802"],
        "8.4" => &["I99", "E0804"],
        "12.2" => &["I99", "E1202"],
        _ => &["I", "W", "E"],
    }
}

fn kind_of(home: &Home, device: DeviceId) -> Option<DeviceKind> {
    let devices = [
        (Some(home.esme), DeviceKind::Esme),
        (home.gsme, DeviceKind::Gsme),
        (Some(home.gpf), DeviceKind::Gpf),
        (Some(home.chf.into()), DeviceKind::Chf),
    ];
    let ppmids = home.ppmids.iter().map(|ppmid| (Some(*ppmid), DeviceKind::Ppmid));
    let ihds = home.ihds.iter().map(|ihd| (Some(*ihd), DeviceKind::Ihd));
    devices.into_iter().chain(ppmids).chain(ihds).find(|(known, _)| *known == Some(device)).map(|(_, kind)| kind)
}
