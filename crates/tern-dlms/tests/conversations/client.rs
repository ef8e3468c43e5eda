//! Our client with our server: every association, every service, blocks both ways.

use tern_dlms::apdu::{ActionResult, Apdu, Conformance, DataAccessResult, GeneralGloCiphering, GloCiphered};
use tern_dlms::client::{Association, Client, ClientError, Party, Ports, Proposal, Refusal};
use tern_dlms::invocation::{Block, Invocations};
use tern_dlms::security::{Form, Key, Password, Protection, wrap_key};
use tern_dlms::{AttributeDescriptor, ClassId, Codec, CosemDateTime, Data, LogicalName, Selection};

use crate::meter::{
    ANY_GMAC, AUTHENTICATED, CLIENT, CLOCK, CRITICAL, ECHO, KEY_TRANSFER, LOW, MANAGEMENT, Meter, NOTE, PASSWORD,
    PROFILE, PUBLIC, REGISTER, TITLE, clock_column, keys, row,
};
use crate::wire::Wire;

const BOTH: Protection = Protection::AuthenticatedEncrypted;

pub fn party(first: u64) -> Party {
    Party {
        client_title: CLIENT,
        server_title: Some(TITLE),
        keys: keys(),
        invocations: Invocations::within(Block::from(first, 1000).expect("numbers")),
        heard: None,
    }
}

pub fn gmac(first: u64, protection: Option<Protection>) -> Association {
    Association::HighLevelGmac { party: party(first), protection }
}

pub fn ports(client: u16) -> Ports {
    Ports { client, server: 1 }
}

/// Every way to open an association that the meter has.
fn every_association(first: u64) -> Vec<(u16, Association)> {
    let pre = |form| Association::PreEstablished { party: party(first + 500), protection: BOTH, form };
    vec![
        (PUBLIC, Association::Public),
        (LOW, Association::LowLevel { password: Password::new(PASSWORD.to_vec()) }),
        (ANY_GMAC, gmac(first, None)),
        (ANY_GMAC, gmac(first + 100, Some(Protection::Encrypted))),
        (AUTHENTICATED, gmac(first + 200, Some(Protection::Authenticated))),
        (AUTHENTICATED, gmac(first + 300, Some(BOTH))),
        (MANAGEMENT, gmac(first + 400, Some(BOTH))),
        (CRITICAL, pre(Form::Global)),
        (CRITICAL, Association::PreEstablished { party: party(first + 600), protection: BOTH, form: Form::General }),
    ]
}

#[test]
fn every_association_reads_the_register_and_ends() {
    let mut meter = Meter::new();
    for (client, association) in every_association(1) {
        let mut client = Client::connect(Wire::new(&mut meter), ports(client), association).expect("opens");
        assert_eq!(client.get(REGISTER).expect("reads"), Data::DoubleLongUnsigned(123_456));
        assert!(matches!(
            client.get(AttributeDescriptor::new(ClassId(3), LogicalName::new(9, 9, 9, 9, 9, 9), 2)),
            Err(ClientError::Refused(Refusal::Access(DataAccessResult::ObjectUndefined)))
        ));
        client.release().expect("ends");
    }
}

#[test]
fn the_form_is_what_was_agreed_on() {
    for (conformance, first_byte) in
        [(Conformance::SPOKEN, 0xDB), (Conformance::SPOKEN.without(Conformance::GENERAL_PROTECTION), 0xC8)]
    {
        let mut meter = Meter::new();
        let seen = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
        let note = std::rc::Rc::clone(&seen);
        let see = Box::new(move |frame: tern_dlms::wrapper::Frame| {
            note.borrow_mut().push(frame.apdu[0]);
            Some(frame)
        });
        let wire = Wire::meddled(&mut meter, see, Box::new(Some));
        let proposal = Proposal { conformance, ..Proposal::default() };
        let mut client =
            Client::connect_proposing(wire, ports(MANAGEMENT), gmac(1, Some(BOTH)), proposal).expect("opens");
        client.get(REGISTER).expect("reads");
        assert_eq!(seen.borrow().last(), Some(&first_byte));
    }
}

#[test]
fn a_server_without_general_protection_agrees_to_none_and_takes_none() {
    let mut meter = Meter::new();
    meter.conformance = Conformance::SPOKEN.without(Conformance::GENERAL_PROTECTION);
    let mut client = Client::connect(Wire::new(&mut meter), ports(MANAGEMENT), gmac(1, Some(BOTH))).expect("opens");
    assert!(!client.agreed().contains(Conformance::GENERAL_PROTECTION));
    client.get(REGISTER).expect("reads");
    drop(client);
    // What was never agreed on is not carried out, however well it is protected.
    let general = |frame: tern_dlms::wrapper::Frame| {
        let Ok(Apdu::GloCiphered(ciphered)) = Apdu::decode(&frame.apdu) else { return Some(frame) };
        let GloCiphered { content, .. } = ciphered;
        let apdu = Apdu::GeneralGloCiphering(GeneralGloCiphering { system_title: Some(CLIENT), content }).to_bytes();
        Some(tern_dlms::wrapper::Frame { apdu, ..frame })
    };
    let wire = Wire::meddled(&mut meter, Box::new(general), Box::new(Some));
    assert!(Client::connect(wire, ports(MANAGEMENT), gmac(100, Some(BOTH))).is_err());
    assert_eq!(meter.carried_out, 1);
}

#[test]
fn a_profile_is_read_by_range_and_by_entry() {
    let mut meter = Meter::new();
    let mut client = Client::connect(Wire::new(&mut meter), ports(MANAGEMENT), gmac(1, Some(BOTH))).expect("opens");
    let moment = |index| match row(index) {
        Data::Structure(row) => row[0].clone(),
        _ => unreachable!(),
    };
    let range = Selection::Range { restricting: clock_column(), from: moment(2), to: moment(6), columns: Vec::new() };
    assert_eq!(client.get_with(PROFILE, &range).expect("reads"), Data::Array((2..=6).map(row).collect()));
    let entries = Selection::Entry { from_entry: 3, to_entry: 4, from_column: 1, to_column: 0 };
    assert_eq!(client.get_with(PROFILE, &entries).expect("reads"), Data::Array((2..4).map(row).collect()));
    let clock = client.get(CLOCK).expect("reads").as_date_time().expect("a date-time");
    assert_eq!(clock, CosemDateTime::from_timestamp("2026-01-01T00:00:00Z".parse().expect("a moment")));
}

#[test]
fn a_list_is_read_at_once() {
    let mut meter = Meter::new();
    let mut client = Client::connect(Wire::new(&mut meter), ports(PUBLIC), Association::Public).expect("opens");
    let nothing = AttributeDescriptor::new(ClassId(1), LogicalName::new(9, 9, 9, 9, 9, 9), 2);
    let results = client.get_list(vec![REGISTER.into(), nothing.into(), NOTE.into()]).expect("reads");
    let expected = vec![
        Ok(Data::DoubleLongUnsigned(123_456)),
        Err(DataAccessResult::ObjectUndefined),
        Ok(Data::octets(Vec::new())),
    ];
    assert_eq!(results, expected);
}

#[test]
fn long_values_go_in_blocks_both_ways() {
    let long: Vec<u8> = (0..3000_u32).map(|i| (i % 251) as u8).collect();
    for (size, association) in
        [(64, Association::LowLevel { password: Password::new(PASSWORD.to_vec()) }), (97, gmac(1, Some(BOTH)))]
    {
        let client = if size == 64 { LOW } else { MANAGEMENT };
        let mut meter = Meter { max_receive: size, ..Meter::new() };
        // Opening takes longer APDUs than the smallest device would announce.
        meter.max_receive = 200;
        let proposal = Proposal { max_receive_pdu_size: 200, ..Proposal::default() };
        let mut client =
            Client::connect_proposing(Wire::new(&mut meter), ports(client), association, proposal).expect("opens");
        client.set(NOTE, Data::octets(long.clone())).expect("writes");
        assert_eq!(client.get(NOTE).expect("reads"), Data::octets(long.clone()));
        assert_eq!(
            client.action(ECHO, Some(Data::octets(long.clone()))).expect("acts"),
            Some(Data::octets(long.clone()))
        );
        let listed = client.get_list(vec![NOTE.into(), REGISTER.into()]).expect("reads");
        assert_eq!(listed, vec![Ok(Data::octets(long.clone())), Ok(Data::DoubleLongUnsigned(123_456))]);
        client.release().expect("ends");
        assert_eq!(meter.note, long);
    }
}

#[test]
fn keys_are_replaced_under_the_master_key_and_the_answer_comes_under_the_old_ones() {
    let mut meter = Meter::new();
    let fresh = Key::new([7; 16]);
    let mut client = Client::connect(Wire::new(&mut meter), ports(MANAGEMENT), gmac(1, Some(BOTH))).expect("opens");
    let wrapped = wrap_key(&Key::new([0x31; 16]), &fresh).expect("wraps");
    let parameters = Data::Array(vec![Data::Structure(vec![Data::Enum(0), Data::octets(wrapped)])]);
    assert_eq!(client.action(KEY_TRANSFER, Some(parameters.clone())).expect("acts"), None);
    drop(client);
    assert_eq!(meter.keys.encryption, fresh);
    let refused = Client::connect(Wire::new(&mut meter), ports(MANAGEMENT), gmac(100, Some(BOTH)));
    assert!(matches!(refused, Err(ClientError::Refused(Refusal::Association { .. }))), "the old keys");
    let mut party = party(200);
    party.keys.encryption = fresh;
    let association = Association::HighLevelGmac { party, protection: Some(BOTH) };
    let mut client = Client::connect(Wire::new(&mut meter), ports(MANAGEMENT), association).expect("opens");
    let wrong = wrap_key(&Key::new([0x32; 16]), &Key::new([8; 16])).expect("wraps");
    let parameters = Data::Array(vec![Data::Structure(vec![Data::Enum(0), Data::octets(wrong)])]);
    let refused = client.action(KEY_TRANSFER, Some(parameters));
    assert!(matches!(refused, Err(ClientError::Refused(Refusal::Action(ActionResult::OtherReason)))));
}
