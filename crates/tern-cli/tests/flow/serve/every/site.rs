//! One installation, the Users that may ask its devices, and what its devices hold.

use tern_model::{ChfIdentifier, DeviceId, DeviceKind, GroupId};
use tern_wire::duis::Draft;
use tern_world::devices::{EffectRecord, Installation, LogRecord, Meter, read_installations};

use super::bodies;
use super::estate::{Estate, Reply};

pub struct Site<'e> {
    pub estate: &'e Estate<'e>,
    pub group: GroupId,
    pub chf: ChfIdentifier,
    /// Electricity Supplier and network operator.
    pub electricity: (String, String),
    /// Gas Supplier and gas transporter; the Electricity Supplier's where there is no gas meter.
    pub gas: (String, String),
    /// As they were when it was looked at first.
    devices: Installation,
}

/// The installations of the corpus, in its order: the groups come in turn.
fn installations(estate: &Estate<'_>) -> Vec<Installation> {
    read_installations(&estate.place.path("world")).expect("the devices")
}

impl<'e> Site<'e> {
    /// The first installation of a group that is like this; asked for by 8.2, which tells its metering points.
    #[track_caller]
    pub fn first(
        estate: &'e Estate<'e>,
        (group, at): (GroupId, usize),
        like: impl Fn(&Installation) -> bool,
    ) -> Site<'e> {
        let mut of_group = installations(estate).into_iter().skip(at).step_by(super::estate::GROUPS.len());
        let one = of_group.find(like).expect("such an installation");
        let chf = one.hub.chf;
        let read = estate.asks_the_dcc("supplier-a", ("8.2", group), bodies::inventory("DeviceID", chf));
        assert_eq!(read.code(), "I0", "{}", read.text());
        let devices: Vec<_> = read.body().child("DSPInventory").expect("an inventory").all("Device").collect();
        let point = |kind: &str| {
            let meter = devices.iter().find(|device| device.text_at("DeviceType") == Some(kind));
            meter.and_then(|meter| meter.text_at("ImportMPxN")).map(|point| estate.registered(point))
        };
        let electricity = point("ESME").expect("an electricity meter");
        let gas = point("GSME").unwrap_or_else(|| electricity.clone());
        Site { estate, group, chf, electricity, gas, devices: one }
    }

    /// The devices as they are.
    pub fn now(&self) -> Installation {
        installations(self.estate).into_iter().find(|one| one.hub.chf == self.chf).expect("is there")
    }

    /// The ESME, or for any other kind the gas meter.
    pub fn meter(&self, kind: DeviceKind) -> Meter {
        let now = self.now();
        if kind == DeviceKind::Esme { now.electricity.meter } else { now.gas }
    }

    pub fn device(&self, kind: DeviceKind) -> DeviceId {
        let Installation { hub, esme, gsme, ppmids, .. } = &self.devices;
        match kind {
            DeviceKind::Chf => hub.chf.into(),
            DeviceKind::Gpf => hub.gpf,
            DeviceKind::Esme => esme.device,
            DeviceKind::Gsme => gsme.as_ref().expect("a gas meter").device,
            _ => ppmids[0].device,
        }
    }

    /// Who supplies what a device measures.
    pub fn supplier(&self, kind: DeviceKind) -> &str {
        if matches!(kind, DeviceKind::Gsme | DeviceKind::Gpf) { &self.gas.0 } else { &self.electricity.0 }
    }

    /// The reply to a request of the supplier's, whatever it says.
    #[track_caller]
    pub fn told(&self, srv: &str, kind: DeviceKind, body: Draft) -> Reply {
        self.told_to(self.supplier(kind), (srv, kind), body)
    }

    /// The reply to a User's request, whatever it says.
    #[track_caller]
    pub fn told_to(&self, user: &str, (srv, kind): (&str, DeviceKind), body: Draft) -> Reply {
        let device = self.device(kind).0;
        let acknowledgement = self.estate.acknowledged(user, (srv, kind, self.group), device, body);
        self.estate.replied(&acknowledgement, &format!("{srv}-{kind}-{}", self.group))
    }

    /// The reply of a device that did as it was asked.
    #[track_caller]
    pub fn asks(&self, srv: &str, kind: DeviceKind, body: Draft) -> Reply {
        let reply = self.told(srv, kind, body);
        assert!(reply.is_success(), "{srv} to the {kind} of {}: {}", self.group, reply.text());
        let body = tern_requests::find(srv).and_then(tern_requests::Srv::response_body);
        assert_eq!((Some(reply.data().name()), reply.answers()), (body.as_deref(), Some(reply.request)));
        reply
    }

    /// The acknowledgement that refuses.
    #[track_caller]
    pub fn refused(&self, user: &str, (srv, kind): (&str, DeviceKind), body: Draft) -> String {
        let device = self.device(kind).0;
        self.estate.acknowledged(user, (srv, kind, self.group), device, body).code()
    }

    /// Every effect of an operation on a device.
    pub fn effects(&self, row: &str, device: DeviceId) -> Vec<EffectRecord> {
        let ours = |record| match record {
            LogRecord::Effect(effect) if effect.chf == self.chf && effect.row == row => Some(effect),
            _ => None,
        };
        let log = self.estate.place.log().into_iter().filter_map(ours);
        log.filter(|effect| effect.device.is_none_or(|asked| asked == device)).collect()
    }
}
