//! The S1SP's own adapter against a meter that Tern's authors did not write: `../shared/checkers/dlms_meter.py`, where that
//! stands beside the project. By a table of its one association the adapter opens it, reads it and replaces its keys, both ways.
//!
//! That meter has one client and no identity. So identity is read where the test gives it those objects (how it opens,
//! protects and answers stays the other author's), W1 is told plainly that its table lacks the DCO's association, and neither
//! its refusal of keys, which is no AARE, nor any counter of its clients is asked here.
use std::io::{self, BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use tern_cohorts::device::{DeviceError, Reply, Row, Whose};
use tern_cohorts::{Addressee, Identity, Keys, Site, SiteAssociations, Transport, associations, cohort};
use tern_dlms::Codec;
use tern_dlms::apdu::{ActionRequest, Apdu, InvokeIdAndPriority};
use tern_dlms::cosem::Shape;
use tern_dlms::cosem::security_setup::{CLASS, KEY_TRANSFER, KeyData, KeyId};
use tern_dlms::security::{Key, wrap_key};
use tern_dlms::{LogicalName, MethodDescriptor};
use tern_model::{
    ApplicationAssociation, Authentication, CertificateId, ChfIdentifier, ConfiguredAssociations, ContextForm,
    DeviceId, DeviceModel, Eui64, GroupId, ModelAssociations, Secret,
};
use tern_outside::python_with;
use tern_requests::{Task, TaskAnswer};
use tern_wire::role_link::AssociationKeys;

/// Its Device ID is its system title.
const ESME: DeviceId = DeviceId(Eui64(u64::from_be_bytes(*b"SRV00001")));
const MASTER: [u8; 16] = *b"1111111111111111";

/// The meter, until it is dropped.
struct OtherMeter {
    child: Child,
    port: u16,
    /// What it says goes nowhere, but it stops where nobody would hear it.
    _said: BufReader<ChildStdout>,
}

impl OtherMeter {
    /// Starts it, with the form of a context; none where it or Python is missing.
    fn start(test: &str, form: ContextForm, with_identity: bool) -> Option<OtherMeter> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let meter = here.join("../../../shared/checkers/dlms_meter.py");
        if !meter.is_file() {
            println!("SKIPPED {test}: no dlms_meter.py beside the project");
            return None;
        }
        let mut command = Command::new(python_with("cryptography", test)?);
        command.args(with_identity.then(|| here.join("tests/interop/meter_with_identity.py"))).arg(meter);
        command.env_remove("NOGP").envs((form == ContextForm::Glo).then_some(("NOGP", "1")));
        let mut child = command.stdout(Stdio::piped()).spawn().expect("starts");
        let (mut line, mut said) = (String::new(), BufReader::new(child.stdout.take().expect("piped")));
        said.read_line(&mut line).expect("a line");
        Some(OtherMeter { child, port: line.trim().parse().expect("its port"), _said: said })
    }

    /// Has the FOC adapter carry a row out, with invocation counters from `first` on.
    fn ask(&self, form: ContextForm, first: u32, row: &Row) -> Result<Reply, DeviceError> {
        self.with_site(form, (first, &keys()), |site| cohort(GroupId::EA).carry_out(row, site))
    }

    /// Has something done with the meter, which answers.
    fn with_site<T>(
        &self,
        form: ContextForm,
        (first, keys): (u32, &Keys),
        body: impl FnOnce(&mut Site<'_>) -> Option<T>,
    ) -> T {
        let connect = || -> io::Result<Box<dyn Transport>> {
            let stream = TcpStream::connect(("127.0.0.1", self.port))?;
            stream.set_read_timeout(Some(Duration::from_secs(10)))?;
            Ok(Box::new(stream))
        };
        let mut site = Site {
            chf: ChfIdentifier(Eui64(1)),
            esme: ESME,
            gsme: None,
            associations: table(form),
            keys,
            invocations: first..first + 32,
            transactions: (0..0).into(),
            hub_key: None,
            identity: &S1sp,
            connect: &connect,
        };
        body(&mut site).expect("an answer")
    }
}

impl Drop for OtherMeter {
    fn drop(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

/// The S1SP as far as this meter asks: it signs nothing.
struct S1sp;

impl Identity for S1sp {
    fn title(&self) -> [u8; 8] {
        *b"CLI00001"
    }

    fn sign(&self, _: &[u8]) -> Option<[u8; 64]> {
        None
    }

    fn own_certificate(&self) -> Vec<u8> {
        Vec::new()
    }

    fn certificate(&self, _: &CertificateId) -> Option<Vec<u8>> {
        None
    }
}

/// The one association that this model opens.
fn table(form: ContextForm) -> SiteAssociations {
    let one = ApplicationAssociation {
        name: "Everything".into(),
        client: 16,
        logical_device: 1,
        authentication: Authentication::HlsGmac,
        form: Some(form),
    };
    let of = model();
    let table =
        ModelAssociations { manufacturer: of.manufacturer.clone(), model: of.model.clone(), associations: vec![one] };
    let configured = ConfiguredAssociations { models: vec![table] };
    configured.check().expect("a table");
    SiteAssociations::of_models(&associations(configured), GroupId::EA, [Some(&of), None, None])
}

fn model() -> DeviceModel {
    DeviceModel { manufacturer: "Another author".into(), model: "dlms_meter".into(), firmware: "1.0".into() }
}

/// The meter's first keys, and those that it is to take.
fn keys() -> Keys {
    let pair = |encryption, authentication| AssociationKeys {
        authentication: Secret::new(authentication),
        encryption: Secret::new(encryption),
    };
    let counted = |from: u8| std::array::from_fn(|at| from + u8::try_from(at).expect("16 bytes"));
    Keys { smso: pair(counted(0), counted(0xD0)), s1sp: pair([0x77; 16], [0x78; 16]) }
}

/// What the DCO fills in for B6.2: both keys, wrapped under the master key.
fn transfer(of: Whose) -> Vec<u8> {
    let (keys, master) = (keys(), Key::new(MASTER));
    let wrapped = |id, key: &Secret<16>| KeyData {
        id,
        wrapped: wrap_key(&master, &Key::new(*key.expose())).expect("wraps").to_vec(),
    };
    let of = keys.of(of);
    let both = vec![
        wrapped(KeyId::GlobalUnicastEncryption, &of.encryption),
        wrapped(KeyId::Authentication, &of.authentication),
    ];
    let method = MethodDescriptor::new(CLASS, LogicalName::new(0, 0, 43, 0, 0, 255), KEY_TRANSFER);
    let (invoke, parameters) = (InvokeIdAndPriority::new(1), Some(both.to_data()));
    Apdu::ActionRequest(ActionRequest::Normal { invoke, method, parameters }).to_bytes()
}

/// Opens it, replaces its keys, and puts the first ones back, in this form.
fn is_rekeyed(test: &str, form: ContextForm) {
    let Some(meter) = OtherMeter::start(test, form, false) else { return };
    let opens = |first, whose| meter.ask(form, first, &Row::Associate { whose });
    assert_eq!(opens(1, Whose::Smso), Ok(Reply::Done));
    let mut first = 100;
    for (from, to) in [(Whose::Smso, Whose::S1sp), (Whose::S1sp, Whose::Smso)] {
        let row = Row::TransferKeys { whose: from, instruction: transfer(to) };
        assert_eq!(meter.ask(form, first, &row), Ok(Reply::Done));
        assert_eq!(opens(first + 32, to), Ok(Reply::Done), "the new keys do not open");
        assert!(opens(first + 64, from).is_err(), "the old keys still open");
        first += 100;
    }
}

#[test]
fn the_adapter_replaces_the_keys_of_another_authors_meter_in_general_form() {
    is_rekeyed("the_adapter_replaces_the_keys_of_another_authors_meter_in_general_form", ContextForm::GeneralGlo);
}

#[test]
fn the_adapter_replaces_the_keys_of_another_authors_meter_in_glo_form() {
    is_rekeyed("the_adapter_replaces_the_keys_of_another_authors_meter_in_glo_form", ContextForm::Glo);
}

#[test]
fn the_adapter_reads_another_authors_meter_in_both_forms() {
    let test = "the_adapter_reads_another_authors_meter_in_both_forms";
    for form in [ContextForm::GeneralGlo, ContextForm::Glo] {
        let Some(meter) = OtherMeter::start(test, form, true) else { return };
        let read = meter.ask(form, 1, &Row::ReadEsme { whose: Whose::Smso });
        let Ok(Reply::Esme(status)) = read else { panic!("{read:?}") };
        assert_eq!((status.device, status.model), (ESME, model()));
        assert_eq!(status.certificate, CertificateId::from_parts(7, "CN=Issuer"));
    }
}

#[test]
fn the_adapter_reads_the_load_profile_of_another_authors_meter() {
    let test = "the_adapter_reads_the_load_profile_of_another_authors_meter";
    for form in [ContextForm::GeneralGlo, ContextForm::Glo] {
        let Some(meter) = OtherMeter::start(test, form, false) else { return };
        let moment = |text: &str| text.parse().expect("a moment");
        let (from, to) = (moment("2026-01-01T06:00:00Z"), moment("2026-01-01T09:00:00Z"));
        let task = Task::ReadImportProfile { from, to };
        let keys = Keys { s1sp: keys().smso, ..keys() };
        // The S1SP's own keys, as if the meter had taken them.
        let read = meter.with_site(form, (1, &keys), |site| cohort(GroupId::EA).perform(&task, Addressee::Esme, site));
        let Ok(TaskAnswer::Profile { entries, gas: false }) = read else { panic!("{read:?}") };
        let starts: Vec<_> = entries.iter().map(|entry| entry.start.to_string()).collect();
        assert_eq!(
            (starts.len(), starts[0].as_str(), starts[5].as_str()),
            (6, "2026-01-01T06:00:00Z", "2026-01-01T08:30:00Z")
        );
        assert!(entries.iter().all(|entry| entry.used == 1), "{entries:?}");
    }
}

#[test]
fn what_another_authors_meter_does_not_have_is_told_plainly() {
    let (test, form) = ("what_another_authors_meter_does_not_have_is_told_plainly", ContextForm::GeneralGlo);
    let Some(meter) = OtherMeter::start(test, form, false) else { return };
    let told = |first, row: &Row, words: &str| {
        let answer = meter.ask(form, first, row);
        assert!(matches!(&answer, Err(DeviceError::Failed { reason }) if reason.contains(words)), "{answer:?}");
    };
    told(1, &Row::ReadCounters, "opens no pre-established association");
    told(100, &Row::ReadEsme { whose: Whose::Smso }, "data-access-result");
    drop(meter);
    // A meter that speaks glo alone, by a table that says otherwise.
    let Some(meter) = OtherMeter::start(test, ContextForm::Glo, false) else { return };
    let answer = meter.ask(form, 1, &Row::Associate { whose: Whose::Smso });
    assert!(matches!(&answer, Err(DeviceError::Failed { reason }) if reason.contains("Table B1")), "{answer:?}");
}
