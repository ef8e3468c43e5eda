//! Key-encryption keys in a file and in a SoftHSM token, each judged by another implementation.

use crate::support::{hex, inside_softhsm, python, secret, settings};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::object::{Attribute, AttributeType, ObjectClass};
use cryptoki::session::UserType;
use cryptoki::types::AuthPin;
use tern_dco::custody::{Custody, CustodyFault, FileCustody, TokenCustody, Wrapped, prepare};

const UNWRAP: &str = "
import sys
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
kek, blob, context = (bytes.fromhex(text) for text in sys.argv[1:4])
print(AESGCM(kek).decrypt(blob[:12], blob[12:], context).hex())
try:
    AESGCM(kek).decrypt(blob[:12], blob[12:-1] + bytes([blob[-1] ^ 1]), context)
    print('FLIPPED TAG ACCEPTED')
except Exception:
    pass
";

#[test]
fn python_unwraps_what_the_file_wrapped() {
    let (kek, key, context) = ([0x5A; 32], [0xA5; 16], "package/00-DB-12-9E-30-00-00-03/x/Dco");
    let wrapped = FileCustody::new(&secret(&kek)).expect("a key").wrap(context, &secret(&key)).expect("wraps");
    let arguments = [hex(&kek), hex(&wrapped.blob().expect("base64")), hex(context.as_bytes())];
    if let Some(said) = python("python_unwraps_what_the_file_wrapped", UNWRAP, &arguments) {
        assert_eq!(said, hex(&key));
    }
}

#[test]
fn a_token_wraps_and_its_keys_stay_in_it() {
    if !inside_softhsm("custody::a_token_wraps_and_its_keys_stay_in_it") {
        return;
    }
    let (token, so_pin) = (settings("dco", "123456"), secret(b"98765432"));
    assert!(matches!(prepare(&token, None), Err(CustodyFault::NoToken { .. })));
    assert!(prepare(&token, Some(&so_pin)).expect("prepares"));
    assert!(!prepare(&token, Some(&so_pin)).expect("is prepared already"));
    let mut custody = TokenCustody::open(token.clone()).expect("opens");
    let key = secret(&[7; 16]);
    let old = custody.wrap("here", &key).expect("wraps");
    assert_eq!(custody.unwrap("here", &old).expect("opens").expose(), key.expose());
    assert_eq!(custody.unwrap("there", &old).expect_err("bound"), CustodyFault::Broken(old.kek));
    flipped_bits_are_refused(&custody, &old);
    // A new key takes over, the old one opens what it wrapped until it is destroyed.
    assert_eq!((old.kek.version, custody.make_kek().expect("makes").version), (1, 2));
    let new = custody.wrap("here", &key).expect("wraps");
    assert_eq!((new.kek, custody.keks().len()), (custody.current(), 2));
    for wrapped in [&old, &new] {
        assert_eq!(custody.unwrap("here", wrapped).expect("opens").expose(), key.expose());
    }
    custody.destroy_old_keks().expect("destroys");
    assert_eq!(custody.unwrap("here", &old).expect_err("gone"), CustodyFault::UnknownKek(old.kek));
    let again = TokenCustody::open(token.clone()).expect("opens again");
    assert_eq!(again.unwrap("here", &new).expect("opens").expose(), key.expose());
    drop((custody, again));
    keys_cannot_be_taken_out();
    let wrong = TokenCustody::open(settings("dco", "654321"));
    assert!(matches!(wrong.expect_err("wrong PIN"), CustodyFault::Pin { .. }));
}

fn flipped_bits_are_refused(custody: &dyn Custody, wrapped: &Wrapped) {
    let text = serde_json::to_value(wrapped).expect("JSON");
    let sealed = text["sealed"].as_str().expect("base64");
    for at in (0..sealed.len() - 1).step_by(5) {
        let other = if sealed.as_bytes()[at] == b'A' { "B" } else { "A" };
        let flipped = format!("{}{other}{}", &sealed[..at], &sealed[at + 1..]);
        let wrapped: Wrapped =
            serde_json::from_value(serde_json::json!({ "kek": wrapped.kek, "sealed": flipped })).expect("JSON");
        assert_eq!(custody.unwrap("here", &wrapped).expect_err("altered"), CustodyFault::Broken(wrapped.kek), "{at}");
    }
}

fn keys_cannot_be_taken_out() {
    let token = settings("dco", "123456");
    let module = Pkcs11::new(&token.module).expect("loads");
    let slot = module.get_slots_with_initialized_token().expect("slots")[0];
    let session = module.open_rw_session(slot).expect("a session");
    session.login(UserType::User, Some(&AuthPin::from("123456"))).expect("logs in");
    let keks = session.find_objects(&[Attribute::Class(ObjectClass::SECRET_KEY)]).expect("finds");
    assert_eq!(keks.len(), 1);
    let value = session.get_attributes(keks[0], &[AttributeType::Value]);
    assert!(value.is_err() || value.is_ok_and(|attributes| attributes.is_empty()), "the key's value was told");
}

#[test]
fn softhsm_unwraps_what_the_file_wrapped() {
    if !inside_softhsm("custody::softhsm_unwraps_what_the_file_wrapped") {
        return;
    }
    let (kek, key, context) = ([0x5A; 32], [0xA5; 16], "package/x");
    let token = settings("dco", "123456");
    prepare(&token, Some(&secret(b"98765432"))).expect("prepares");
    let module = Pkcs11::new(&token.module).expect("loads");
    // It is initialised already, by the custody.
    module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).expect_err("initialised");
    let slot = module.get_slots_with_initialized_token().expect("slots")[0];
    let session = module.open_rw_session(slot).expect("a session");
    session.login(UserType::User, Some(&AuthPin::from("123456"))).expect("logs in");
    let known = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(cryptoki::object::KeyType::AES),
        Attribute::Value(kek.to_vec()),
        Attribute::Label("tern-dco-kek".into()),
        Attribute::Id(vec![0, 0, 0, 9, 0, 0, 0, 0]),
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
    ];
    session.create_object(&known).expect("puts a known key in");
    session.close().expect("closes");
    let by_file = FileCustody::new(&secret(&kek)).expect("a key");
    let custody = TokenCustody::open(token).expect("opens");
    assert_eq!(custody.current().to_string(), "token:9:00000000");
    let told = |wrapped: &Wrapped, kek: &str| -> Wrapped {
        let mut text = serde_json::to_value(wrapped).expect("JSON");
        text["kek"] = kek.into();
        serde_json::from_value(text).expect("JSON")
    };
    let wrapped = by_file.wrap(context, &secret(&key)).expect("wraps");
    let opened = custody.unwrap(context, &told(&wrapped, "token:9:00000000")).expect("opens");
    assert_eq!(opened.expose(), &key);
    let wrapped = custody.wrap(context, &secret(&key)).expect("wraps");
    assert_eq!(by_file.unwrap(context, &told(&wrapped, "file:1")).expect("opens").expose(), &key);
}
