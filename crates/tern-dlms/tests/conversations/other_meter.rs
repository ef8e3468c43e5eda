//! Our client against a meter that Tern's authors did not write: `../shared/checkers/dlms_meter.py`, where that stands beside
//! the project.
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use tern_dlms::client::{Association, Client, ClientError, Party, Ports, Refusal};
use tern_dlms::cosem::Shape;
use tern_dlms::invocation::{Block, Invocations};
use tern_dlms::security::{Key, Keys, Password, Protection, wrap_key};
use tern_dlms::{AttributeDescriptor, Data, Selection};
use tern_outside::python_with;

use crate::meter::{CLIENT, CLOCK, KEY_TRANSFER, PROFILE, REGISTER, TITLE, clock_column, row};

/// The meter, until it is dropped.
struct OtherMeter {
    child: Child,
    port: u16,
    /// What it says goes nowhere, but it stops where nobody would hear it.
    _said: BufReader<ChildStdout>,
}

impl OtherMeter {
    /// Starts it; none where it or Python is missing.
    fn start(test: &str, without_general_protection: Option<&str>) -> Option<OtherMeter> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/checkers/dlms_meter.py");
        if !script.is_file() {
            println!("SKIPPED {test}: no dlms_meter.py beside the project");
            return None;
        }
        let python = python_with("cryptography", test)?;
        let mut command = Command::new(python);
        command.arg(script).stdout(Stdio::piped()).env_remove("NOGP");
        command.envs(without_general_protection.map(|value| ("NOGP", value)));
        let mut child = command.spawn().expect("starts");
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().expect("piped"));
        said.read_line(&mut line).expect("a line");
        let port = line.trim().parse().expect("its port");
        Some(OtherMeter { child, port, _said: said })
    }

    fn client(&self, association: Association) -> Result<Client<TcpStream>, ClientError> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time limit");
        Client::connect(stream, Ports { client: 16, server: 1 }, association)
    }
}

impl Drop for OtherMeter {
    fn drop(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

fn protected(encryption: [u8; 16], first: u64, protection: Option<Protection>) -> Association {
    let authentication = std::array::from_fn(|i| 0xD0 + i as u8);
    let party = Party {
        client_title: CLIENT,
        server_title: Some(TITLE),
        keys: Keys { encryption: Key::new(encryption), authentication: Key::new(authentication) },
        invocations: Invocations::within(Block::from(first, 1000).expect("numbers")),
        heard: None,
    };
    Association::HighLevelGmac { party, protection }
}

const OLD: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

fn reads(mut client: Client<TcpStream>) {
    assert_eq!(client.get(REGISTER).expect("reads"), Data::DoubleLongUnsigned(123_456));
    client.get(CLOCK).expect("reads").as_date_time().expect("a date-time");
    let columns = client.get(AttributeDescriptor { attribute: 3, ..PROFILE }).expect("reads");
    assert_eq!(columns.as_array().expect("an array")[0], clock_column().to_data());
    let moment = |index| match row(index) {
        Data::Structure(row) => row[0].clone(),
        _ => unreachable!(),
    };
    let range = Selection::Range { restricting: clock_column(), from: moment(2), to: moment(6), columns: Vec::new() };
    let rows = client.get_with(PROFILE, &range).expect("reads");
    assert_eq!(rows, Data::Array((2..=6).map(row).collect()));
    client.release().expect("ends");
}

fn every_association(test: &str, nogp: Option<&str>) {
    let Some(meter) = OtherMeter::start(test, nogp) else { return };
    reads(meter.client(Association::Public).expect("opens"));
    reads(meter.client(Association::LowLevel { password: Password::new(b"Gurux".to_vec()) }).expect("opens"));
    for (first, protection) in
        [(1, None), (1000, Some(Protection::Authenticated)), (2000, Some(Protection::AuthenticatedEncrypted))]
    {
        reads(meter.client(protected(OLD, first, protection)).expect("opens"));
    }
    let wrong = meter.client(Association::LowLevel { password: Password::new(b"x".to_vec()) });
    assert!(matches!(wrong, Err(ClientError::Refused(Refusal::Association { .. }))), "{wrong:?}");
}

#[test]
fn another_meter_is_read_with_general_protection() {
    every_association("another_meter_is_read_with_general_protection", None);
}

#[test]
fn another_meter_is_read_without_general_protection() {
    every_association("another_meter_is_read_without_general_protection", Some("1"));
}

#[test]
fn another_meter_gets_new_keys() {
    let Some(meter) = OtherMeter::start("another_meter_gets_new_keys", None) else { return };
    let both = Some(Protection::AuthenticatedEncrypted);
    let fresh = [0x77; 16];
    let mut client = meter.client(protected(OLD, 1, both)).expect("opens");
    let wrapped = wrap_key(&Key::new(*b"1111111111111111"), &Key::new(fresh)).expect("wraps");
    let parameters = Data::Array(vec![Data::Structure(vec![Data::Enum(0), Data::octets(wrapped)])]);
    assert_eq!(client.action(KEY_TRANSFER, Some(parameters)).expect("acts"), None);
    drop(client);
    reads(meter.client(protected(fresh, 1, both)).expect("opens with the new key"));
    assert!(meter.client(protected(OLD, 2000, both)).is_err(), "the old key still opens");
}
