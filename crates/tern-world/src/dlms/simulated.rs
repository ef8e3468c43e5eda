//! A device as the server of one message: which associations it opens, under which keys and counters, and what it answers.

use jiff::Timestamp;
use tern_dlms::acse::ServiceUserDiagnostic;
use tern_dlms::apdu::{ActionResult, Conformance, DataAccessResult, GeneralSigning};
use tern_dlms::security::{Key, Keys, Protection};
use tern_dlms::server::{Authority, Caller, Failed, LogicalDevice, Opening, Stop};
use tern_dlms::{AttributeDescriptor, Data, MethodDescriptor, SelectiveAccess, SystemTitle};
use tern_model::ContextForm;

use super::access::Client;
use super::associations::Door;
use super::critical::critical_keys;
use super::request::{Addressed, Refusal, Request, failed};
use crate::devices::{Protected, Slot, World};

/// A device while it answers one message.
pub(crate) struct Simulated<'w> {
    request: Request<'w>,
    /// The association that its client wants, where it opens that.
    through: Option<Door>,
}

impl<'w> Simulated<'w> {
    /// The device, for a message that comes at a moment.
    pub(crate) fn new(
        world: &'w World,
        slot: &'w mut Slot,
        (device, doors, through): (Addressed, Vec<Door>, Option<Door>),
        now: Timestamp,
    ) -> Simulated<'w> {
        let (key, client) = ("in the clear".to_owned(), Client::Public);
        let request = Request { world, slot, device, client, doors, key, now, is_beyond_reach: false, cut: false };
        Simulated { request, through }
    }

    /// The same device, which its hub cannot reach: what was signed for it is heard by the hub, and not carried out.
    pub(crate) fn beyond_reach(mut self) -> Simulated<'w> {
        self.request.is_beyond_reach = true;
        self
    }

    /// Whether the connection is to end without an answer.
    pub(crate) fn is_cut(&self) -> bool {
        self.request.cut
    }

    /// An association was refused to somebody who wanted it.
    pub(crate) fn refused_association(&mut self) {
        if self.request.struck_before("refuse-association").is_err() {
            self.request.cut = true;
        }
    }

    /// The keys that a client shares with the device.
    fn protected(&self) -> Option<Protected> {
        match self.standing()? {
            Client::Management => Some(Protected::Management),
            Client::Critical => Some(Protected::Critical),
            Client::Public | Client::LowLevel | Client::Signed | Client::InCharge => None,
        }
    }

    /// In what standing the client would be, had it proved what it must.
    fn standing(&self) -> Option<Client> {
        Some(self.through?.standing())
    }

    /// Whether the device hears of it at all.
    fn reached<R>(&self) -> Result<(), Failed<R>> {
        if self.request.is_beyond_reach { Err(Failed::Stop(Stop::NOT_POSSIBLE)) } else { Ok(()) }
    }

    /// Takes on what the caller proved.
    fn on_behalf_of(&mut self, caller: &Caller) -> &mut Request<'w> {
        self.request.client = match (caller.authority, self.standing()) {
            // Who signed was found when the request was believed.
            (Authority::Signed(_), _) => self.request.client,
            (Authority::Password, _) => Client::LowLevel,
            (Authority::Keys(_), Some(Client::Critical)) => Client::Critical,
            (Authority::Keys(_), _) => Client::Management,
            (Authority::Nobody, _) => Client::Public,
        };
        &mut self.request
    }
}

impl LogicalDevice for Simulated<'_> {
    fn system_title(&self) -> SystemTitle {
        SystemTitle(self.request.id().0.0.to_be_bytes())
    }

    fn opening(&self, _: u16) -> Option<Opening> {
        let strongest = Protection::AuthenticatedEncrypted;
        match (self.standing()?, self.request.device) {
            (Client::Public, _) => Some(Opening::Public),
            (Client::Management, Addressed::Esme) => Some(Opening::HighLevelGmac { demands: Some(strongest) }),
            (Client::Critical, Addressed::Esme) => Some(Opening::PreEstablished { demands: strongest }),
            (Client::LowLevel, Addressed::Esme) => {
                let password = self.request.world.low_level(&self.request.slot.installation.esme.model)?;
                Some(Opening::LowLevel { password: password.clone() })
            }
            _ => None,
        }
    }

    fn conformance(&self, _: u16) -> Conformance {
        match self.through {
            Some(Door { form: ContextForm::Glo, .. }) => Conformance::SPOKEN.without(Conformance::GENERAL_PROTECTION),
            _ => Conformance::SPOKEN,
        }
    }

    fn keys(&self, _: u16) -> Option<Keys> {
        let esme = &self.request.slot.installation.esme;
        Some(match self.protected()? {
            Protected::Management => Keys {
                encryption: Key::new(*esme.association.encryption.expose()),
                authentication: Key::new(*esme.association.authentication.expose()),
            },
            Protected::Critical => critical_keys(&esme.master, esme.device),
        })
    }

    fn accept_invocation(&mut self, _: u16, counter: u32) -> Result<(), u32> {
        let keys = self.protected().ok_or(u32::MAX)?;
        let Request { world, slot, key, .. } = &mut self.request;
        let least = slot.counters.heard(keys).saturating_add(1);
        let heard = world.counters.hear(slot.place, &mut slot.counters, keys, counter);
        if !heard.map_err(|error| failed(&error)).unwrap_or(false) {
            return Err(least);
        }
        let word = if keys == Protected::Critical { "critical" } else { "management" };
        *key = format!("{}/{word}/{counter}", slot.installation.esme.device);
        Ok(())
    }

    fn next_invocation(&mut self, _: u16) -> Option<u32> {
        let keys = self.protected()?;
        let Request { world, slot, .. } = &mut self.request;
        let next = world.counters.next(slot.place, &mut slot.counters, keys);
        next.map_err(|error| failed(&error)).ok().flatten()
    }

    fn admit(&mut self, _: u16) -> Result<(), Failed<ServiceUserDiagnostic>> {
        if self.standing() != Some(Client::Management) {
            return Ok(());
        }
        if self.request.struck_before("associate").is_err() {
            return Err(Failed::Stop(if self.request.cut { Stop::NoAnswer } else { Stop::NOT_POSSIBLE }));
        }
        self.request.struck_after("associate");
        Ok(())
    }

    fn get(
        &mut self,
        caller: &Caller,
        attribute: AttributeDescriptor,
        access: Option<&SelectiveAccess>,
    ) -> Result<Data, Failed<DataAccessResult>> {
        self.reached()?;
        let read = self.on_behalf_of(caller).get(&attribute, access);
        read.map_err(|refusal| Failed::Result(refusal.of_data()))
    }

    fn set(
        &mut self,
        caller: &Caller,
        attribute: AttributeDescriptor,
        access: Option<&SelectiveAccess>,
        value: Data,
    ) -> Result<(), Failed<DataAccessResult>> {
        self.reached()?;
        if access.is_some() {
            return Err(Failed::Result(DataAccessResult::TypeUnmatched));
        }
        let written = self.on_behalf_of(caller).set(&attribute, &value);
        written.map_err(|refusal| Failed::Result(refusal.of_data()))
    }

    fn action(
        &mut self,
        caller: &Caller,
        method: MethodDescriptor,
        parameters: Option<Data>,
    ) -> Result<Option<Data>, Failed<ActionResult>> {
        self.reached()?;
        let done = self.on_behalf_of(caller).action(&method, parameters.as_ref());
        done.map(|()| None).map_err(|refusal: Refusal| Failed::Result(refusal.of_action()))
    }

    fn signed(&mut self, _: u16, signing: &GeneralSigning) -> Result<(), Stop> {
        if self.request.believe(signing) { Ok(()) } else { Err(Stop::NOT_POSSIBLE) }
    }

    fn sign(&mut self, request: &GeneralSigning, answer: &[u8]) -> Option<GeneralSigning> {
        self.request.sign(request, answer)
    }
}
