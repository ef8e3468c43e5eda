//! `tern plan notices --send` and `tern plan sent`, against folders and a mail server that is not ours (aiosmtpd).

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::plan::{SUPPLIER_A, made};
use crate::support::Tern;

const MIGRATION: &str = "DMMSN_North_90-B3-D5-1F-30-02-00-01_20210301_000000.csv";
const FIRMWARE: &str = "DMFWUSN_North_90-B3-D5-1F-30-02-00-01_20210301_000000.csv";
const SEND: [&str; 6] = ["plan", "notices", "estate", "--send", "--on", "2021-03-01"];

#[test]
fn a_plan_whose_days_are_over_sends_nothing() {
    let tern = tern(&on("2026-11-22"));
    tern.run(&SEND).fails("the days of this plan are over", "[clock] start");
    assert!(!tern.path("notices").exists(), "nothing was laid down");
}

/// The clock of a day, at nine.
fn on(day: &str) -> String {
    format!("[clock]\nstart = \"{day}T09:00:00Z\"\n")
}

fn tern(config: &str) -> Tern {
    let tern = Tern::new();
    made(&tern);
    tern.write("tern.toml", config);
    tern
}

fn sends(tern: &Tern) -> Value {
    let ran = tern.run(&[&SEND[..], &["--json"]].concat());
    assert!(ran.code == Some(0) || ran.code == Some(1), "{ran:?}");
    let told = ran.json();
    let whole = |one: &Value| one["ways"].as_array().expect("ways").iter().all(|way| way["delivered"] == true);
    let all = told["files"].as_array().expect("files").iter().all(whole);
    assert_eq!(ran.code == Some(0), all, "{ran:?}");
    told
}

fn states(told: &Value) -> Vec<&str> {
    told["files"].as_array().expect("files").iter().map(|one| one["state"].as_str().expect("a state")).collect()
}

/// The outcomes of a file's attempts by its first way.
fn outcomes(one: &Value) -> Vec<&str> {
    let attempts = one["ways"][0]["attempts"].as_array().expect("attempts");
    attempts.iter().map(|attempt| attempt["outcome"].as_str().unwrap_or("none")).collect()
}

#[test]
fn notices_are_laid_down_for_each_supplier_once_and_the_record_says_that_they_came_in_time() {
    let tern = tern(&on("2021-03-01"));
    let text = tern.run(&SEND).clean().out;
    assert!(text.contains("2 files for 2021-03-01, 2 delivered"), "{text}");
    let folder = format!("notices/{SUPPLIER_A}");
    assert_eq!(tern.list(&folder), [FIRMWARE, MIGRATION]);
    tern.run(&["plan", "notices", "estate", "--on", "2021-03-01", "--out", "beside"]).clean();
    for name in [FIRMWARE, MIGRATION] {
        assert_eq!(tern.read(&format!("{folder}/{name}")), tern.read(&format!("beside/{name}")));
        std::fs::remove_file(tern.path(&folder).join(name)).expect("taken away by its recipient");
    }
    let text = tern.run(&SEND).clean().out;
    assert!(text.contains("nothing is left to be sent") && tern.list(&folder).is_empty(), "{text}");
    let text = tern.run(&["plan", "sent", "--out", "report"]).clean().out;
    assert!(text.contains("2 files in the record, 2 delivered") && text.contains("100.0 %"), "{text}");
    let rows = tern.read("report/notice-compliance.csv");
    assert!(rows.contains(&format!("migration,{SUPPLIER_A},2,2,0,0,0,0")), "{rows}");
    assert!(rows.contains(&format!("preparation,{SUPPLIER_A},1,1,0,0,0,0")), "{rows}");
    assert_eq!(tern.read("report/attempts.csv").lines().count(), 3);
    assert_eq!(tern.read("report/not-in-time.csv").lines().count(), 1);
}

#[test]
fn what_never_went_out_or_came_late_is_told_as_such() {
    let tern = tern(&on("2021-03-01"));
    let counts = |until: &str| {
        let told = tern.run(&["plan", "sent", "--until", until, "--json"]).clean().json();
        let of =
            |row: &Value| ["planned", "in_time", "late", "not_sent"].map(|name| row[name].as_u64().expect("count"));
        told["compliance"].as_array().expect("rows").iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(counts("2021-02-28"), Vec::<[u64; 4]>::new());
    assert_eq!(counts("2021-03-01"), [[1, 0, 0, 1], [2, 0, 0, 2]]);
    // The second of March is a day too late for steps on the 22nd, of which 15 Working Days' notice is due; one of the
    // installations is migrated later, when its upgrade is complete.
    tern.write("tern.toml", on("2021-03-02"));
    sends(&tern);
    assert_eq!(counts("2021-03-01"), [[1, 0, 1, 0], [2, 1, 1, 0]]);
    tern.run(&["plan", "sent", "--until", "2021-03-01", "--out", "report"]).clean();
    assert!(tern.read("report/not-in-time.csv").contains(",2021-03-01,15,2021-03-22,2021-03-02,late"));
    tern.run(&["plan", "notices", "estate", "--send", "--on", "2021-03-03"]).fails("has not come", "on the day itself");
}

#[test]
fn a_folder_that_cannot_be_written_is_recorded_and_tried_again_until_the_steps() {
    let tern = tern(&on("2021-03-01"));
    tern.write("notices", "no folder");
    assert_eq!(states(&sends(&tern)), ["open", "open"]);
    tern.write("tern.toml", on("2021-03-05"));
    assert_eq!(states(&sends(&tern)), ["open", "open"]);
    tern.write("tern.toml", on("2021-03-23"));
    let told = sends(&tern);
    assert_eq!(states(&told), ["given-up", "given-up"]);
    assert_eq!(outcomes(&told["files"][0]), ["not-reached", "not-reached"]);
    let text = tern.run(&SEND).clean().out;
    assert!(text.contains("nothing is left to be sent"), "{text}");
    let text = tern.run(&["plan", "sent"]).clean().out;
    assert!(text.contains("2 given up") && text.contains("2 files to look at"), "{text}");
}

/// A mail server in a process of its own.
struct Server {
    child: Child,
    output: BufReader<ChildStdout>,
    port: u16,
    taken: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(test: &str, tern: &Tern, folder: &str, arguments: &[&str]) -> Option<Server> {
        let python = tern_outside::python_with("aiosmtpd", test)?;
        let taken = tern.path(folder);
        std::fs::create_dir_all(&taken).expect("a folder");
        let mut command = Command::new(python);
        command.args(["-c", include_str!("mail_server.py")]).arg(&taken).args(arguments);
        command.current_dir(tern.path("")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("starts");
        let output = BufReader::new(child.stdout.take().expect("output"));
        let mut server = Server { child, output, port: 0, taken };
        server.port = server.line().parse().expect("a port");
        Some(server)
    }

    /// The next line that it prints.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("a line");
        line.trim().to_owned()
    }

    /// What it took, in order.
    fn took(&self) -> Vec<Value> {
        let read = |number: usize| std::fs::read(self.taken.join(format!("{number}.json"))).ok();
        (1..).map_while(read).map(|text| serde_json::from_slice(&text).expect("JSON")).collect()
    }
}

fn mail(server: &str, more: &str, mailboxes: &[&str]) -> String {
    let mailboxes: Vec<String> = mailboxes.iter().map(|one| format!("{one:?}")).collect();
    format!(
        "[notices.mail]\nserver = \"{server}\"\nsender = \"migration@dcc.example\"\npatience_ms = 5000\n{more}\n\
         [[notices.suppliers]]\nsupplier = \"{SUPPLIER_A}\"\nmail = [{}]\n",
        mailboxes.join(", ")
    )
}

fn plain(port: u16, mailboxes: &[&str]) -> String {
    on("2021-03-01") + &mail(&format!("127.0.0.1:{port}"), "security = \"plain\"", mailboxes)
}

#[test]
fn a_mail_carries_the_file_and_a_refused_recipient_is_recorded_and_tried_again() {
    let tern = tern("");
    let Some(server) = Server::start("plan_send::refused", &tern, "mails", &[]) else { return };
    tern.write("tern.toml", plain(server.port, &["good@a.example", "unknown@a.example", "full@a.example"]));
    let told = sends(&tern);
    assert_eq!(states(&told), ["delivered", "delivered"]);
    for (at, said) in [(1, "no such mailbox"), (2, "mailbox full")] {
        let attempt = &told["files"][0]["ways"][at]["attempts"][0];
        assert!(attempt["outcome"] == "refused" && attempt["said"].as_str().expect("words").contains(said), "{told}");
    }
    tern.run(&["plan", "notices", "estate", "--on", "2021-03-01", "--out", "beside"]).clean();
    let took = server.took();
    assert_eq!(took.len(), 2);
    for (mail, name) in took.iter().zip([FIRMWARE, MIGRATION]) {
        assert_eq!(mail["to"][0], "good@a.example");
        assert_eq!((&mail["name"], &mail["type"], &mail["files"]), (&name.into(), &"text/csv".into(), &1.into()));
        assert_eq!(mail["text"].as_str().expect("text"), tern.read(&format!("beside/{name}")));
    }
    assert!(took[1]["words"].as_str().expect("words").contains("Null Certificate ID"), "{}", took[1]);
    // Mended; who has it does not get it again.
    tern.write("tern.toml", plain(server.port, &["good@a.example", "mended@a.example"]));
    assert_eq!(states(&sends(&tern)), ["delivered", "delivered"]);
    let took = server.took();
    assert_eq!(took[2..].iter().map(|mail| mail["to"][0].as_str()).collect::<Vec<_>>(), [Some("mended@a.example"); 2]);
    assert!(tern.run(&SEND).clean().out.contains("nothing is left to be sent"));
}

#[test]
fn a_server_that_is_down_stops_nothing_and_a_mail_that_it_refuses_is_open() {
    let tern = tern("");
    let Some(server) = Server::start("plan_send::down", &tern, "mails", &[]) else { return };
    let port = server.port;
    drop(server);
    tern.write("tern.toml", plain(port, &["good@a.example"]));
    let told = sends(&tern);
    assert_eq!(states(&told), ["open", "open"]);
    assert_eq!(outcomes(&told["files"][0]), ["not-reached"]);
    let Some(server) = Server::start("plan_send::down", &tern, "mails", &[]) else { return };
    tern.write("tern.toml", plain(server.port, &["spam@a.example"]));
    assert_eq!(outcomes(&sends(&tern)["files"][0]), ["not-reached"], "the way before");
    tern.write("tern.toml", plain(server.port, &["good@a.example"]));
    let told = sends(&tern);
    assert_eq!(states(&told), ["delivered", "delivered"]);
    assert_eq!(outcomes(&told["files"][0]), ["not-reached", "delivered"]);
    assert_eq!(told["files"][0]["may_be_twice"], false, "what was refused or never offered did not come");
}

#[test]
fn where_the_answer_was_lost_the_same_message_goes_again_and_the_record_says_so() {
    let tern = tern("");
    let Some(server) = Server::start("plan_send::cut", &tern, "mails", &[]) else { return };
    let config = |mailbox: &str| plain(server.port, &[mailbox]);
    tern.write("tern.toml", config("cut@a.example"));
    let told = sends(&tern);
    assert_eq!(states(&told), ["unknown", "unknown"]);
    assert_eq!(outcomes(&told["files"][0]), ["answer-lost"]);
    assert_eq!(told["files"][0]["may_be_twice"], false, "it was sent once");
    let again = sends(&tern);
    assert_eq!(outcomes(&again["files"][0]), ["answer-lost", "answer-lost"]);
    assert_eq!(again["files"][0]["may_be_twice"], true);
    let took = server.took();
    let ids: Vec<&str> = took.iter().map(|mail| mail["id"].as_str().expect("an ID")).collect();
    assert_eq!((ids[0], ids[1]), (ids[2], ids[3]));
    assert_ne!(ids[0], ids[1]);
    let text = tern.run(&["plan", "sent"]).clean().out;
    assert!(text.contains("2 without an answer; 2 may have been sent twice"), "{text}");
}

#[test]
fn a_run_that_is_killed_while_it_waits_for_an_answer_is_gone_on_with() {
    let tern = tern("");
    let Some(mut server) = Server::start("plan_send::killed", &tern, "mails", &[]) else { return };
    tern.write("tern.toml", plain(server.port, &["slow@a.example"]).replace("5000", "600000"));
    let mut run = tern.command(&SEND).spawn().expect("starts");
    server.line();
    run.kill().expect("killed");
    run.wait().expect("gone");
    let first = server.took()[0]["id"].clone();
    drop(server);
    let Some(server) = Server::start("plan_send::killed", &tern, "later", &[]) else { return };
    tern.write("later/fast", "");
    tern.write("tern.toml", plain(server.port, &["slow@a.example"]));
    let told = sends(&tern);
    let one = &told["files"][0];
    assert_eq!(outcomes(one), ["answer-lost", "delivered"]);
    assert_eq!(one["ways"][0]["attempts"][0]["said"], "the run ended before an answer came");
    assert_eq!(one["may_be_twice"], true);
    assert_eq!(server.took()[0]["id"], first);
}

#[test]
fn mail_goes_over_tls_alone_to_whom_the_authorities_know_and_signs_in() {
    const TEST: &str = "plan_send::tls";
    let tern = tern("");
    if !tern_outside::has(TEST, "openssl") {
        return;
    }
    for name in ["ours", "other"] {
        certificate(&tern.path(""), name);
    }
    tern.write("password", "secret word\n");
    set_mode(&tern.path("password"), 0o600);
    for security in ["starttls", "tls"] {
        let folder = format!("mails-{security}");
        let arguments = [security, "ours.pem", "ours.key", "migration:secret word"];
        let Some(server) = Server::start(TEST, &tern, &folder, &arguments) else { return };
        let with = |authorities: &str| {
            let more = format!(
                "security = \"{security}\"\nauthorities = \"{authorities}.pem\"\nuser = \"migration\"\n\
                 password_file = \"password\""
            );
            on("2021-03-01") + &mail(&format!("localhost:{}", server.port), &more, &["good@a.example"])
        };
        let _ = std::fs::remove_file(tern.path("plan/notices.db"));
        tern.write("tern.toml", with("other"));
        let told = sends(&tern);
        assert_eq!(outcomes(&told["files"][0]), ["not-reached"], "{told}");
        assert!(server.took().is_empty());
        tern.write("tern.toml", with("ours"));
        assert_eq!(states(&sends(&tern)), ["delivered", "delivered"]);
        let took = server.took();
        assert_eq!(took.len(), 2);
        assert!(took.iter().all(|mail| mail["tls"] == true && mail["login"] == "migration"), "{took:?}");
    }
    set_mode(&tern.path("password"), 0o640);
    tern.run(&SEND).fails("password", "");
}

#[test]
fn a_server_without_starttls_is_told_nothing() {
    let tern = tern("");
    let Some(server) = Server::start("plan_send::no_starttls", &tern, "mails", &[]) else { return };
    tern.write(
        "tern.toml",
        &(on("2021-03-01") + &mail(&format!("localhost:{}", server.port), "", &["good@a.example"])),
    );
    let told = sends(&tern);
    assert_eq!(outcomes(&told["files"][0]), ["not-reached"]);
    assert!(told.to_string().contains("STARTTLS is not supported"), "{told}");
    assert!(server.took().is_empty());
}

#[test]
fn a_configuration_with_which_nothing_could_be_sent_is_refused() {
    let tern = tern("");
    let refused = |config: &str, what: &str| {
        tern.write("tern.toml", config);
        tern.run(&SEND).fails(what, "[notices]");
    };
    refused(&mail("mail.example:25", "security = \"plain\"", &["a@b.example"]), "is not loopback");
    refused(&mail("mail.example", "", &["a@b.example"]), "no HOST:PORT");
    refused(&mail("mail.example:587", "", &["nobody"]), "no mailbox");
    refused(&mail("mail.example:587", "user = \"x\"", &["a@b.example"]), "go together");
    let table = format!("[[notices.suppliers]]\nsupplier = \"{SUPPLIER_A}\"\n");
    refused(&table, "neither mailboxes nor a folder");
    refused(&format!("{table}mail = [\"a@b.example\"]\n"), "no [notices.mail]");
    refused(&format!("{table}folder = \"x\"\n{table}folder = \"y\"\n"), "a second table");
}

/// A certificate for localhost that is its own authority, made by OpenSSL.
fn certificate(dir: &Path, name: &str) {
    let arguments = format!(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \
         -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE -keyout {name}.key -out {name}.pem"
    );
    let out = Command::new("openssl").args(arguments.split_whitespace()).current_dir(dir).output().expect("runs");
    assert!(out.status.success(), "{out:?}");
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("set");
}

#[test]
fn reports_of_a_plan_have_what_became_of_its_notices_once_any_was_sent() {
    let tern = tern(&on("2021-03-01"));
    tern.run(&["plan", "report", "estate"]).clean();
    assert!(!tern.list("reports").contains(&"notice-compliance.csv".to_owned()), "nothing was sent");
    tern.run(&SEND).clean();
    tern.run(&["plan", "report", "estate", "--until", "2021-03-01"]).clean();
    tern.run(&["plan", "sent", "--until", "2021-03-01", "--out", "beside"]).clean();
    assert_eq!(tern.read("reports/notice-compliance.csv"), tern.read("beside/notice-compliance.csv"));
    // Two installations are notified of migration, one of them of firmware and configuration too.
    assert!(tern.read("reports/notice-compliance.svg").contains("90-B3-D5-1F-30-02-00-01: 3 given in time"));
}
