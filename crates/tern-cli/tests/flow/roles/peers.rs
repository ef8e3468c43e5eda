//! Who may talk to a role: told by the certificate alone, at every connection and every request.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::ClientConfig;
use tern_model::Role;
use tern_service::pki::{self, TlsIdentity};

use super::Roles;
use super::line::{Line, identity, under};
use crate::support::{Place, eventually, healthy};

#[test]
fn a_role_talks_to_nobody_but_those_whose_certificates_say_so() {
    let place = Place::new(healthy(1));
    let pki = place.path("pki");
    let expired = with_an_expired_certificate(&place);
    place.run(&["pki", "init", "other", "--not-before", "2020-01-01"]).clean();
    let roles = Roles::start(&place);
    let open = |identity: &TlsIdentity| Line::open(&place, "dco", under(&place, identity, Role::Dco));

    let mut s1sp = open(&identity(&pki, "s1sp"));
    assert_eq!(s1sp.asks("POST /orders", "[]"), Some(200));
    assert_eq!(s1sp.asks("POST /orders", "nonsense"), Some(400));
    assert_eq!(s1sp.asks("GET /elsewhere", ""), Some(404));
    assert_eq!(s1sp.asks("POST /inbox/MCF_1.xml", "x"), Some(404));
    assert_eq!(s1sp.asks("POST /sets/00112233445566778899aabbccddeeff", ""), Some(403));
    // Known, and let in, yet no one to give orders.
    assert_eq!(open(&identity(&pki, "dsp")).asks("POST /orders", "[]"), Some(403));

    let mut signing = identity(&pki, "s1sp");
    let signer = pki.join("parties/s1sp/signing");
    let pem = std::fs::read(signer.with_extension("pem")).expect("a certificate");
    signing.certificate = Arc::new(tern_wire::smki::Certificate::from_pem(&pem).expect("a certificate"));
    signing.key_pem = tern_model::SecretBytes::new(std::fs::read(signer.with_extension("key")).expect("a key"));
    for (who, words) in [
        (&identity(&pki, "commissioning-party"), "it is commissioning-party (commissioning-party), and not"),
        (&identity(&place.path("other"), "s1sp"), "is not known here"),
        (&signing, "is not for mutual TLS"),
        (&expired, "expired at"),
    ] {
        assert_eq!(open(who).asks("GET /", ""), None, "{words}");
        eventually(words, || roles.said("dco").contains(words));
    }
    let anonymous = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_root_certificates(roots(&pki))
        .with_no_client_auth();
    assert_eq!(Line::open(&place, "dco", anonymous).asks("GET /", ""), None);
    eventually("it says so", || roles.said("dco").contains("it presents no certificate"));

    // Revoked while it runs: an open connection is judged anew with each request.
    assert_eq!(s1sp.asks("POST /orders", "[]"), Some(200));
    place.run(&["pki", "revoke", "s1sp"]).clean();
    eventually("the revocation is read", || roles.said("dco").contains("revocation lists read again"));
    assert_eq!(s1sp.asks("POST /orders", "[]"), None);
    assert_eq!(open(&identity(&pki, "s1sp")).asks("POST /orders", "[]"), None);
    assert!(roles.said("dco").contains("is revoked"), "{}", roles.said("dco"));
}

#[test]
fn a_role_gives_nothing_to_another_that_listens_in_its_peers_place() {
    let place = Place::new(healthy(2));
    let mut roles = Roles::start(&place);
    roles.kill("commissioning-party");
    let elsewhere = place.read("stores/dco.address");
    place.write("stores/commissioning-party.address", &elsewhere);
    let run = place.start(&["migrate", "sets", "--roles"]);
    let words = "its certificate is refused: it is dco (dco), and not commissioning-party";
    eventually("the S1SP refuses it", || roles.said("s1sp").contains(words));
    assert!(place.log().is_empty());
    roles.start_role("commissioning-party");
    assert_eq!(run.ended().code, Some(0));
    roles.stop();
}

#[test]
fn strangers_who_say_nothing_for_long_keep_no_role_from_its_peers() {
    let place = Place::new(healthy(2));
    let roles = Roles::start(&place);
    let at = place.read("stores/dco.address");
    // More than a role takes at once, each in the midst of a TLS record that it never ends.
    let strangers = Strangers::drip(at.trim(), 100);
    super::migrate(&place);
    assert!(strangers.shown_the_door() > 0);
    roles.stop();
}

/// Connections that send a byte now and then, until they are told to end.
struct Strangers {
    over: Arc<AtomicBool>,
    dripping: JoinHandle<Vec<TcpStream>>,
}

impl Strangers {
    /// How the longest ClientHello begins.
    const HEAD: [u8; 9] = [0x16, 3, 1, 0x3F, 0xFF, 1, 0, 0x3F, 0xFB];
    const PACE: Duration = Duration::from_millis(20);

    fn drip(at: &str, number: usize) -> Strangers {
        let mut lines: Vec<_> = (0..number).map(|_| TcpStream::connect(at).expect("the door")).collect();
        let over = Arc::new(AtomicBool::new(false));
        let told = over.clone();
        let dripping = std::thread::spawn(move || {
            lines[0].set_read_timeout(Some(Strangers::PACE)).expect("a time limit");
            for byte in Strangers::HEAD.into_iter().chain(std::iter::repeat(0)) {
                // One that was shown the door cannot be written to any more.
                lines.iter_mut().for_each(|line| drop(line.write(&[byte])));
                // Nobody answers before the record is whole: the time limit is the pace.
                let _ = lines[0].read(&mut [0]);
                if told.load(Ordering::Acquire) {
                    break;
                }
            }
            lines
        });
        Strangers { over, dripping }
    }

    /// Ends them, and counts those that were ended before.
    fn shown_the_door(self) -> usize {
        self.over.store(true, Ordering::Release);
        let mut lines = self.dripping.join().expect("they end");
        let is_over = |line: &mut TcpStream| {
            line.set_nonblocking(true).expect("a mode");
            !line.read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
        };
        lines.iter_mut().filter_map(|line| is_over(line).then_some(())).count()
    }
}

#[test]
fn curl_speaks_to_a_role_with_a_partys_certificate() {
    if !tern_outside::has("curl_speaks_to_a_role_with_a_partys_certificate", "curl") {
        return;
    }
    let place = Place::new(healthy(1));
    let roles = Roles::start(&place);
    let at = place.read("stores/dco.address");
    // Longer than what curl sends without leave.
    place.write("orders", format!("[{}]", " ".repeat(2 << 20)));
    let curl = |party: &str, path: &str| {
        let own = |name: &str| place.path(&format!("pki/parties/{party}/tls.{name}"));
        let mut command = Command::new("curl");
        // Whom it reaches curl cannot judge on this day: OpenSSL does, for the key infrastructure's own tests.
        command.args(["-sS", "-k", "--http1.1", "-w", " %{http_code}", "--data-binary", "@orders"]);
        command.arg("--cert").arg(own("pem")).arg("--key").arg(own("key")).arg(format!("https://{}{path}", at.trim()));
        let out = command.current_dir(place.path(".")).output().expect("curl runs");
        (out.status.success(), String::from_utf8_lossy(&out.stdout).into_owned())
    };
    assert_eq!(curl("s1sp", "/orders"), (true, "[] 200".to_owned()));
    assert_eq!(curl("dsp", "/orders"), (true, "dco takes nothing of this kind from dsp 403".to_owned()));
    assert_eq!(curl("s1sp", "/inbox/a.xml"), (true, "that is not asked here 404".to_owned()));
    assert!(!curl("commissioning-party", "/orders").0);
    roles.stop();
}

/// A certificate of the S1SP that was in force before the day of the test, and a key infrastructure of today's.
fn with_an_expired_certificate(place: &Place) -> TlsIdentity {
    let pki = place.path("pki");
    let issuer = pki::load_issuer(&pki).expect("the issuing authority");
    let known = identity(&pki, "s1sp");
    let at = |text: &str| text.parse().expect("a moment");
    let request = tern_wire::smki::issuing::OrganisationRequest {
        common_name: "s1sp",
        party: known.certificate.party(),
        role: Role::S1sp,
        usage: tern_wire::smki::Usage::Tls,
        validity: tern_wire::smki::issuing::Validity {
            not_before: at("2020-01-01T00:00:00Z"),
            not_after: at("2021-03-01T00:00:00Z"),
        },
        serial: tern_wire::smki::issuing::Serial::from_random([7; 16]),
    };
    let issued = issuer.issue(&request).expect("issued");
    let directory = pki.join("trust/certificates/s1sp.pem");
    let mut pem = std::fs::read(&directory).expect("the directory");
    pem.extend(issued.certificate.to_pem().into_bytes());
    std::fs::write(&directory, pem).expect("written");
    TlsIdentity { certificate: Arc::new(issued.certificate), issuer: known.issuer, key_pem: issued.key_pem }
}

fn roots(pki: &Path) -> rustls::RootCertStore {
    use rustls::pki_types::pem::PemObject;
    let mut roots = rustls::RootCertStore::empty();
    let root = rustls::pki_types::CertificateDer::from_pem_file(pki.join("trust/root.pem")).expect("the root");
    roots.add(root).expect("a root");
    roots
}
