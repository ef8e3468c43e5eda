//! Gurux's client, which knows nothing of this crate, against our server.
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use tern_dlms::server::{Connection, serve};
use tern_outside::python_with;

use crate::meter::{ANY_GMAC, AUTHENTICATED, LOW, MANAGEMENT, Meter, PASSWORD, PUBLIC, keys};
use crate::script;

/// One association of a run of the script.
struct Talk<'a> {
    client: u16,
    authentication: &'a str,
    security: &'a str,
    form: &'a str,
    longest: &'a str,
    secret: Vec<u8>,
}

impl Talk<'_> {
    fn run(&self, python: &Path, meter: &Arc<Mutex<Meter>>, tasks: &[&str]) -> Vec<String> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let behind = Arc::clone(meter);
        let server = thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a client");
            let mut connection = Connection::new();
            let mut answer = |frame: &_| connection.answer(frame, Some(&mut *behind.lock().expect("no panic")));
            serve(stream, 65_535, &mut answer)
        });
        let secret: String = self.secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let (port, client) = (port.to_string(), self.client.to_string());
        let head = [&*port, &*client, self.authentication, self.security, self.form, self.longest, &*secret];
        let out = Command::new(python).arg(script("gurux.py")).args(head).args(tasks).output().expect("runs");
        drop(server.join().expect("no panic"));
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(out.status.success(), "{said}{}", String::from_utf8_lossy(&out.stderr));
        // The package tells how each message is protected.
        said.lines().filter(|line| !line.ends_with(" is applied.")).map(str::to_owned).collect()
    }
}

fn global_keys() -> Vec<u8> {
    let keys = keys();
    [*keys.encryption.expose(), *keys.authentication.expose()].concat()
}

fn long() -> Vec<u8> {
    (0..3000_u32).map(|i| (i % 251) as u8).collect()
}

fn management<'a>(form: &'a str, secret: Vec<u8>) -> Talk<'a> {
    let (authentication, security) = ("HIGH_GMAC", "AUTHENTICATION_ENCRYPTION");
    Talk { client: MANAGEMENT, authentication, security, form, longest: "200", secret }
}

const TASKS: [&str; 8] = ["register", "clock", "columns", "range", "entries", "list", "read", "release"];
const SAID: [&str; 8] = [
    "register 123456",
    "clock 01/01/26 00:00:00",
    "columns ['0.0.1.0.0.255', '1.0.1.8.0.255']",
    "range [('01/01/26 01:00:00', 1002), ('01/01/26 01:30:00', 1003), ('01/01/26 02:00:00', 1004), \
     ('01/01/26 02:30:00', 1005), ('01/01/26 03:00:00', 1006)]",
    "entries [('01/01/26 01:00:00', 1002), ('01/01/26 01:30:00', 1003)]",
    "list ['123456', '01/01/26 00:00:00']",
    "read True",
    "release ok",
];

#[test]
fn gurux_reads_our_server_at_every_level_of_security() {
    let Some(python) = python_with("gurux_dlms", "gurux_reads_our_server_at_every_level_of_security") else { return };
    // With the first bytes of what it sent: it answers the challenge in the glo-form always.
    let level = |client, authentication, security, form, secret: &[u8]| Talk {
        client,
        authentication,
        security,
        form,
        longest: "200",
        secret: secret.to_vec(),
    };
    let (gmac, both, keys) = ("HIGH_GMAC", "AUTHENTICATION_ENCRYPTION", global_keys());
    let levels = [
        (level(PUBLIC, "NONE", "NONE", "glo", &[]), "60 62 c0"),
        (level(LOW, "LOW", "NONE", "glo", PASSWORD), "60 62 c0"),
        (level(ANY_GMAC, gmac, "NONE", "glo", &keys), "60 62 c0 c3"),
        (level(ANY_GMAC, gmac, "ENCRYPTION", "glo", &keys), "60 62 c8 cb"),
        (level(AUTHENTICATED, gmac, "AUTHENTICATION", "glo", &keys), "60 62 c8 cb"),
        (level(AUTHENTICATED, gmac, "AUTHENTICATION", "general", &keys), "60 62 cb db"),
        (level(MANAGEMENT, gmac, both, "glo", &keys), "60 62 c8 cb"),
        (level(MANAGEMENT, gmac, both, "general", &keys), "60 62 cb db"),
    ];
    for (talk, sent) in levels {
        let meter = Arc::new(Mutex::new(Meter { note: long(), ..Meter::new() }));
        let said = talk.run(&python, &meter, &TASKS);
        let Talk { authentication, security, form, .. } = talk;
        let (last, others) = said.split_last().expect("lines");
        assert_eq!(others, SAID, "{authentication} {security} {form}");
        assert_eq!(*last, format!("sent {sent}"), "{authentication} {security} {form}");
    }
}

#[test]
fn gurux_writes_in_blocks_and_replaces_a_key() {
    let Some(python) = python_with("gurux_dlms", "gurux_writes_in_blocks_and_replaces_a_key") else { return };
    for form in ["glo", "general"] {
        let meter = Arc::new(Mutex::new(Meter { max_receive: 400, ..Meter::new() }));
        let transfer = format!("transfer:{}:{}", "31".repeat(16), "41".repeat(16));
        let tasks = ["write", "echo", "read", &*transfer, "release"];
        let said = management(form, global_keys()).run(&python, &meter, &tasks);
        let (_, done) = said.split_last().expect("lines");
        assert_eq!(done, ["write ok", "echo True", "read True", "transfer ok", "release ok"], "{form}");
        assert_eq!(meter.lock().expect("no panic").note, long());

        let before = management(form, global_keys()).run(&python, &meter, &["register"]);
        assert!(before[0].starts_with("refused"), "the old key still opens: {before:?}");
        let mut secret = global_keys();
        secret[..16].copy_from_slice(&[0x41; 16]);
        // The client counts from 1 with its new key, and so does the device.
        meter.lock().expect("no panic").heard = 0;
        let after = management(form, secret).run(&python, &meter, &["register"]);
        assert_eq!(after[0], "register 123456", "{form}");
    }
}

#[test]
fn gurux_is_refused_with_less_than_is_demanded() {
    let Some(python) = python_with("gurux_dlms", "gurux_is_refused_with_less_than_is_demanded") else { return };
    let cases: [(u16, &str, &str, Vec<u8>); 6] = [
        (LOW, "LOW", "NONE", b"another".to_vec()),
        (LOW, "NONE", "NONE", Vec::new()),
        (MANAGEMENT, "NONE", "NONE", Vec::new()),
        (MANAGEMENT, "HIGH_GMAC", "NONE", global_keys()),
        (MANAGEMENT, "HIGH_GMAC", "AUTHENTICATION", global_keys()),
        (MANAGEMENT, "HIGH_GMAC", "AUTHENTICATION_ENCRYPTION", vec![9; 32]),
    ];
    for (client, authentication, security, secret) in cases {
        let meter = Arc::new(Mutex::new(Meter::new()));
        let talk = Talk { client, authentication, security, form: "glo", longest: "200", secret };
        let said = talk.run(&python, &meter, &["register"]);
        assert!(said[0].starts_with("refused"), "{client} {authentication} {security}: {said:?}");
        assert_eq!(meter.lock().expect("no panic").carried_out, 0);
    }
}
