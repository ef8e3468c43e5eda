//! Whole conversations over DLMS/COSEM: a server that hears anything, a client that is answered anything.

use std::io::{self, Cursor, Read, Write};

use tern_dlms::apdu::{ActionResult, Apdu, DataAccessResult};
use tern_dlms::client::{Association, Client, ClientError, Ports, Proposal};
use tern_dlms::security::Keys;
use tern_dlms::server::{Caller, Connection, Failed, LogicalDevice, Opening};
use tern_dlms::wrapper::Frame;
use tern_dlms::{
    AttributeDescriptor, ClassId, Codec, Data, LogicalName, MethodDescriptor, SelectiveAccess, SystemTitle,
};

use super::Target;

/// Tags of APDUs, choices of services, block numbers, lengths that announce what is not there.
const WORDS: &[&str] =
    &["\0\u{1}", "\u{1}", "\u{2}", "\u{3}", "\u{4}", "\u{5}", "\u{6}", "\0\0\0\u{1}", "\u{7f}", "`", "\t"];

const NOTE: AttributeDescriptor = AttributeDescriptor::new(ClassId(1), LogicalName::new(0, 0, 96, 128, 0, 255), 2);
const ECHO: MethodDescriptor = MethodDescriptor::new(ClassId(1), LogicalName::new(0, 0, 96, 128, 0, 255), 1);

/// A device that lets everybody do everything.
#[derive(Default)]
struct Notebook {
    note: Vec<u8>,
    carried_out: usize,
}

impl LogicalDevice for Notebook {
    fn system_title(&self) -> SystemTitle {
        SystemTitle(*b"NOTEBOOK")
    }

    fn opening(&self, _: u16) -> Option<Opening> {
        Some(Opening::Public)
    }

    fn keys(&self, _: u16) -> Option<Keys> {
        None
    }

    fn accept_invocation(&mut self, _: u16, _: u32) -> Result<(), u32> {
        Ok(())
    }

    fn next_invocation(&mut self, _: u16) -> Option<u32> {
        None
    }

    fn max_receive_pdu_size(&self) -> u16 {
        200
    }

    fn get(
        &mut self,
        _: &Caller,
        _: AttributeDescriptor,
        access: Option<&SelectiveAccess>,
    ) -> Result<Data, Failed<DataAccessResult>> {
        self.carried_out += 1;
        if access.is_some() {
            Err(DataAccessResult::ObjectUndefined.into())
        } else {
            Ok(Data::octets(self.note.clone()))
        }
    }

    fn set(
        &mut self,
        _: &Caller,
        _: AttributeDescriptor,
        _: Option<&SelectiveAccess>,
        value: Data,
    ) -> Result<(), Failed<DataAccessResult>> {
        self.carried_out += 1;
        self.note = value.as_octets().map_err(|_| DataAccessResult::TypeUnmatched)?.to_vec();
        Ok(())
    }

    fn action(
        &mut self,
        _: &Caller,
        _: MethodDescriptor,
        parameters: Option<Data>,
    ) -> Result<Option<Data>, Failed<ActionResult>> {
        self.carried_out += 1;
        Ok(parameters)
    }
}

/// A line to a notebook, on which all that goes by is kept.
#[derive(Default)]
struct Recorded {
    notebook: Notebook,
    connection: Connection,
    asked: Vec<u8>,
    answered: Cursor<Vec<u8>>,
}

impl Read for Recorded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.answered.read(into)
    }
}

impl Write for Recorded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.asked.extend_from_slice(bytes);
        let (frame, _) = Frame::split_first(bytes, usize::MAX).expect("a frame").expect("whole");
        let answer = self.connection.answer(&frame, Some(&mut self.notebook)).expect("an answer");
        answer.encode(self.answered.get_mut()).expect("fits");
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Answers that were fixed before anything was asked.
struct Told<'a>(&'a [u8]);

impl Read for Told<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Write for Told<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything that a client does, whole and in blocks.
fn talk<T: Read + Write>(line: T) -> Result<T, ClientError> {
    let proposal = Proposal { max_receive_pdu_size: 150, ..Proposal::default() };
    let mut client = Client::connect_proposing(line, Ports { client: 16, server: 1 }, Association::Public, proposal)?;
    let long = Data::octets(vec![7; 400]);
    client.set(NOTE, Data::octets(*b"short"))?;
    client.get(NOTE)?;
    client.set(NOTE, long.clone())?;
    client.get(NOTE)?;
    client.get_list(vec![NOTE.into(), NOTE.into()])?;
    client.action(ECHO, Some(long))?;
    client.release()
}

fn recorded() -> Recorded {
    talk(Recorded::default()).expect("a good talk")
}

#[test]
fn fuzz_dlms_server() {
    let seeds = vec![recorded().asked];
    Target { name: "fuzz_dlms_server", executions: 4_000, seeds, words: WORDS }.run(|bytes| {
        let (mut notebook, mut connection, mut rest) = (Notebook::default(), Connection::new(), bytes);
        while let Ok(Some((frame, taken))) = Frame::split_first(rest, 65_535) {
            rest = &rest[taken..];
            let answer = connection.answer(&frame, Some(&mut notebook)).expect("this device always answers");
            Apdu::decode(&answer.apdu).expect("an answer that can be read");
            assert_eq!((answer.source, answer.destination), (frame.destination, frame.source));
        }
        notebook.carried_out > 0
    });
}

#[test]
fn fuzz_dlms_client() {
    let seeds = vec![recorded().answered.into_inner()];
    Target { name: "fuzz_dlms_client", executions: 4_000, seeds, words: WORDS }.run(|bytes| talk(Told(bytes)).is_ok());
}
