//! The ESME by its management association (S002 26), and what it says publicly.

use tern_dlms::apdu::{ActionRequest, Apdu, Conformance};
use tern_dlms::client::{Association, Client, ClientError, Doubt, Party, Proposal, Refusal};
use tern_dlms::invocation::{Block, Invocations};
use tern_dlms::security::{Key, Keys, Protection};
use tern_dlms::{Codec, Data, SystemTitle};
use tern_model::{CertificateId, ContextForm};

use super::{Addressed, Line, Trouble, answers, connect, failed, failed_at, not_opened, objects, ports, public};
use crate::Site;
use crate::device::{DeviceError, MeterStatus, Reply, Whose};

/// How far the ESME's clients have counted: on the management and on the critical association.
pub(super) fn counters(site: &Site<'_>) -> Result<(u32, u32), Trouble> {
    // Nothing is touched yet, so a table that lacks what later rows need is told of here.
    let esme = site.associations.esme;
    esme.management.ok_or_else(|| not_opened("hls-gmac"))?;
    esme.critical.ok_or_else(|| not_opened("pre-established"))?;
    let mut line = public(site, Addressed::Esme)?;
    let mut counter = |of| {
        let value = line.get(of)?;
        value.as_double_long_unsigned().map_err(|_| Trouble::from(failed("an invocation counter is no number")))
    };
    Ok((counter(objects::MANAGEMENT_COUNTER)?, counter(objects::CRITICAL_COUNTER)?))
}

/// B2.1, B6.7: the association opens, or the keys are refused.
pub(super) fn associate(site: &mut Site<'_>, whose: Whose) -> Result<Reply, Trouble> {
    let line = management(site, whose)?;
    // That the device did not say goodbye changes nothing.
    drop(line.release());
    Ok(Reply::Done)
}

/// B2.2: identity, model and firmware, and the certificate in charge.
pub(super) fn read(site: &mut Site<'_>, whose: Whose) -> Result<Reply, Trouble> {
    Ok(Reply::Esme(status(&mut management(site, whose)?)?))
}

/// What the ESME says of itself in an association.
pub(super) fn status(line: &mut Line) -> Result<MeterStatus, Trouble> {
    let [id, model, firmware, certificates] = answers::STATUS;
    answers::status(&[line.get(id)?, line.get(model)?, line.get(firmware)?, line.get(certificates)?])
}

/// B6.6: puts a certificate in charge.
pub(super) fn import_certificate(
    site: &mut Site<'_>,
    certificate: &CertificateId,
    whose: Whose,
) -> Result<Reply, Trouble> {
    let der = answers::certificate(site, certificate)?;
    management(site, whose)?.action(objects::IMPORT_CERTIFICATE, Some(Data::octets(der)))?;
    Ok(Reply::Done)
}

/// B6.2: what the DCO filled in, as it stands.
pub(super) fn transfer_keys(site: &mut Site<'_>, whose: Whose, instruction: &[u8]) -> Result<Reply, Trouble> {
    let Ok(Apdu::ActionRequest(ActionRequest::Normal { method, parameters, .. })) = Apdu::decode(instruction) else {
        return Err(failed("what the DCO gave is no action").into());
    };
    match management(site, whose)?.action(method, parameters) {
        Ok(_) => Ok(Reply::Done),
        Err(ClientError::Refused(Refusal::Action(result))) if answers::means_no_unwrap(result) => {
            Err(DeviceError::UnwrapFailed.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Opens the management association. Nothing is asked by it, so nothing happened where it fails. Only a rejection for its keys
/// is one; an ESME that is busy is asked again.
pub(super) fn management(site: &mut Site<'_>, whose: Whose) -> Result<Line, Trouble> {
    let opened = site.associations.esme.management.ok_or_else(|| not_opened("hls-gmac"))?;
    let keys = site.keys.of(whose);
    let numbers = std::mem::replace(&mut site.invocations, 0..0);
    let block = Block::from(numbers.start.into(), numbers.end - numbers.start);
    let party = Party {
        client_title: SystemTitle(site.identity.title()),
        server_title: Some(SystemTitle(site.esme.0.0.to_be_bytes())),
        keys: Keys {
            encryption: Key::new(*keys.encryption.expose()),
            authentication: Key::new(*keys.authentication.expose()),
        },
        invocations: Invocations::within(block.map_err(|error| failed(&error.to_string()))?),
        heard: None,
    };
    let association = Association::HighLevelGmac { party, protection: Some(Protection::AuthenticatedEncrypted) };
    let client = Client::connect_proposing(connect(site)?, ports(opened), association, proposal(opened.form));
    let line = client.map_err(|error| {
        Trouble::Said(match error {
            ClientError::Unknown(Doubt::Transport(_) | Doubt::Closed) => DeviceError::NoWan,
            ClientError::Refused(refusal) if answers::is_of_keys(refusal) => DeviceError::KeyRejected,
            error => failed_at(opened, &error),
        })
    })?;
    let general = line.agreed().contains(Conformance::GENERAL_PROTECTION);
    if general != (opened.form == ContextForm::GeneralGlo) {
        return Err(failed("the ESME does not speak general-glo, as its model's table says (Table B1)").into());
    }
    Ok(line)
}

/// What is proposed in a context whose messages have this form.
fn proposal(form: ContextForm) -> Proposal {
    let all = Proposal::default();
    match form {
        ContextForm::GeneralGlo => all,
        ContextForm::Glo => Proposal { conformance: all.conformance.without(Conformance::GENERAL_PROTECTION), ..all },
    }
}
