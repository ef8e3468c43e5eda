//! Files that are small to write and dear to read: each is refused in bounded time and memory, at both doors.
//!
//! The only test of its process, because it measures what the process takes.

use std::fs;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use tern_model::{ChfIdentifier, DeviceId, Role};
use tern_service::check::{Checker, Heard};
use tern_service::pki;
use tern_service::set_files::SetFolder;
use tern_testkit::{Lab, LabPlan};
use tern_wire::FaultKind::{self, Form, Limits as OverLimits, Schema, SignatureProfile};
use tern_wire::migration::{Ihd, MigrationCommonFile, Ppmid, open};
use tern_wire::smki::{Signer, Trust};
use tern_wire::stream::{Entries, SignedStream, SignedWriter, Sizes, StreamFault};
use tern_wire::xml::Limits;
use tern_wire::{WireFault, dsig};

const MIB: usize = 1 << 20;

/// A file, and what is wrong with it. It is made when its turn comes, so that no two are in memory.
struct Bomb<'a> {
    name: &'static str,
    kind: FaultKind,
    make: Box<dyn Fn() -> Vec<u8> + 'a>,
    doors: &'static [&'static str],
}

impl<'a> Bomb<'a> {
    fn new(name: &'static str, kind: FaultKind, make: impl Fn() -> Vec<u8> + 'a) -> Bomb<'a> {
        Bomb { name, kind, make: Box::new(make), doors: &[STREAM, WHOLE] }
    }

    /// One that is unsigned: something in a root.
    fn of(name: &'static str, kind: FaultKind, inside: impl Fn() -> String + 'a) -> Bomb<'a> {
        Bomb::new(name, kind, move || around(&inside()))
    }

    /// About a cap that streams do not have.
    fn for_whole_files(self) -> Bomb<'a> {
        Bomb { doors: &[WHOLE], ..self }
    }
}

/// `<MigrationCommonFile …>` with something in it, unsigned.
fn around(inside: &str) -> Vec<u8> {
    format!("<MigrationCommonFile xmlns=\"urn:tern:smets1-migration:1.2\">{inside}</MigrationCommonFile>").into_bytes()
}

fn entities() -> Vec<Bomb<'static>> {
    let declared = |dtd: &str, inside: &str| [format!("<!DOCTYPE m [{dtd}]>").as_bytes(), &around(inside)].concat();
    vec![
        Bomb::new("entities in entities", Form, move || {
            let nested: String = (1..30).map(|n| format!("<!ENTITY e{n} \"&e{0};&e{0};\">", n - 1)).collect();
            declared(&format!("<!ENTITY e0 \"a\">{nested}"), "&e29;")
        }),
        Bomb::new("one long entity often", Form, move || {
            declared(&format!("<!ENTITY e \"{}\">", "a".repeat(MIB)), &"&e;".repeat(MIB))
        }),
        Bomb::new("an entity from elsewhere", Form, move || declared("<!ENTITY e SYSTEM \"file:///dev/zero\">", "&e;")),
        Bomb::new("a parameter entity", Form, move || declared("<!ENTITY % e SYSTEM \"http://127.0.0.1/\">%e;", "")),
    ]
}

fn structures() -> Vec<Bomb<'static>> {
    let attributes = |name: &str, count: usize| (0..count).map(|n| format!(" {name}{n}=\"u{n}\"")).collect::<String>();
    vec![
        Bomb::of("depth", OverLimits, || "<a>".repeat(4 * MIB)),
        Bomb::of("attributes of one tag", OverLimits, move || format!("<a{}/>", attributes("a", MIB))),
        Bomb::of("namespaces of one tag", OverLimits, move || format!("<a{}/>", attributes("xmlns:a", MIB))),
        Bomb::of("a name", OverLimits, || format!("<{}/>", "a".repeat(16 * MIB))),
        Bomb::of("an attribute's name", OverLimits, || format!("<a {}=\"\"/>", "a".repeat(16 * MIB))),
        Bomb::of("more elements than any file has", OverLimits, || "<a/>".repeat(4_000_001)).for_whole_files(),
        Bomb::of("as many elements as any may have", SignatureProfile, || "<a/>".repeat(3_900_000)).for_whole_files(),
        Bomb::of("half a million elements", SignatureProfile, || "<a/>".repeat(MIB / 2)),
        Bomb::of("a million elements in an entry", SignatureProfile, || {
            format!("<Installation>{}</Installation>", "<a/>".repeat(MIB))
        }),
        Bomb::of("namespaces on every element", SignatureProfile, move || {
            format!("<a{}/>", attributes("xmlns:a", 15)).repeat(20_000)
        }),
        Bomb::of("attributes on every element", SignatureProfile, move || {
            format!("<a{}/>", attributes("a", 16)).repeat(40_000)
        }),
        Bomb::of("empty CDATA sections", SignatureProfile, || "<![CDATA[]]>".repeat(MIB)),
        Bomb::of("comments", Form, || "<!---->".repeat(MIB)),
    ]
}

fn texts() -> Vec<Bomb<'static>> {
    let archive = |magic: &[u8]| [magic, &vec![0; MIB]].concat();
    vec![
        Bomb::of("one text", SignatureProfile, || "a".repeat(60 * MIB)),
        Bomb::of("one attribute", SignatureProfile, || format!("<a b=\"{}\"/>", "a".repeat(60 * MIB))),
        Bomb::of("references to characters", SignatureProfile, || "&#65;".repeat(2 * MIB)),
        Bomb::of("references in one attribute", SignatureProfile, || format!("<a b=\"{}\"/>", "&#65;".repeat(2 * MIB))),
        Bomb::of("carriage returns", SignatureProfile, || "\r".repeat(4 * MIB)),
        Bomb::of("blanks between elements", SignatureProfile, || " \n".repeat(8 * MIB)),
        Bomb::of("an attribute without end", Form, || format!("<a b=\"{}", "a".repeat(16 * MIB))),
        Bomb::of("tags without end", Form, || "<a ".repeat(3 * MIB)),
        Bomb::of("larger than any file", OverLimits, || " ".repeat(64 * MIB)),
        Bomb::new("compressed", Form, move || archive(b"\x1F\x8B\x08\x00")),
        Bomb::new("an archive", Form, move || archive(b"PK\x03\x04")),
    ]
}

/// Inside a signature, where nothing is signed.
fn signatures(signed: &str) -> Vec<Bomb<'_>> {
    let inside = |name, tag: &'static str, text: fn() -> String| {
        Bomb::new(name, SignatureProfile, move || {
            let end = format!("</ds:{tag}>");
            assert!(signed.contains(&end), "{tag}");
            signed.replacen(&end, &format!("{}{end}", text()), 1).into_bytes()
        })
    };
    let base64 = || "QUJD".repeat(2 * MIB);
    vec![
        inside("base64 of a signature value", "SignatureValue", base64),
        inside("base64 of a digest", "DigestValue", base64),
        inside("blanks in a signature value", "SignatureValue", || format!("{}A", " ".repeat(4 * MIB))),
        inside("an issuer's name", "X509IssuerName", base64),
        inside("a serial number", "X509SerialNumber", || "9".repeat(16 * MIB)),
        inside("transforms", "Transforms", || "<ds:Transform/>".repeat(MIB)),
        inside("objects", "Signature", || "<ds:Object/>".repeat(MIB)),
    ]
}

/// From somebody with a key: text behind the first tag of an element, in a file that is signed after that.
fn signed_ones<'a>(unsigned: &'a str, signer: &'a Signer) -> Vec<Bomb<'a>> {
    let behind = |name, tag: &'static str, text: fn() -> String| {
        Bomb::new(name, Schema, move || {
            assert!(unsigned.contains(tag), "{tag}");
            let document = unsigned.replacen(tag, &format!("{tag}{}", text()), 1);
            dsig::sign(&document, signer).expect("signs").into_bytes()
        })
    };
    vec![
        behind("a long model", "<Model>", || "a".repeat(8 * MIB)),
        behind("a long number", "<FileCounter>", || "9".repeat(4 * MIB)),
        behind("base64 where none is expected", "<GroupID>", || "QUJD".repeat(MIB)),
        behind("elements of no schema", "<MigrationHeader>", || "<a/>".repeat(MIB / 4)),
        behind("entries of no schema", "</Installation>", || "<Installation/>".repeat(200_000)),
        behind("PPMIDs", "</ESME>", || "<PPMID/>".repeat(200_000)),
    ]
}

/// The most memory that a stream may take; what there is of it before counts, and what makes the bomb.
const STREAM_MAX_MIB: u64 = 192;
/// The most memory that a whole file may take, beside twice itself: the dearest within the caps has four million elements.
const WHOLE_MAX_MIB: u64 = 400;
/// The most time on a processor, in a build without optimisation.
const CPU_MAX: Duration = Duration::from_secs(20);

/// What one reading took.
struct Cost {
    cpu: Duration,
    peak_kib: u64,
}

impl Cost {
    fn peak_mib(&self) -> u64 {
        self.peak_kib / 1024
    }

    #[track_caller]
    fn within(&self, bomb: &Bomb, size: u64, most_mib: u64) {
        println!("{:<34} {size:>3} MiB {:>6.2} s {:>4} MiB", bomb.name, self.cpu.as_secs_f64(), self.peak_mib());
        assert!(self.cpu < CPU_MAX, "{}: {:?}", bomb.name, self.cpu);
        assert!(self.peak_mib() < most_mib, "{}: {} MiB", bomb.name, self.peak_mib());
    }
}

/// The time that this thread has been on a processor.
fn cpu() -> Duration {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(stat.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or_default())
}

/// The most memory that was resident since it was last asked for from anew.
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default()
}

fn measured<T>(what: impl FnOnce() -> T) -> (T, Cost) {
    // The peak counts from here on.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let started = cpu();
    let done = what();
    (done, Cost { cpu: cpu() - started, peak_kib: peak_kib() })
}

/// The door for streams, by the product's own caps.
const STREAM: &str = "as a stream";
/// The door for whole files.
const WHOLE: &str = "whole";

const NAME: &str = "MCF_90-B3-D5-1F-30-83-00-01_EA_1.xml";

fn streamed(copy: &Path, trust: &Trust, at: Timestamp) -> Result<(), Vec<WireFault>> {
    streamed_within(copy, trust, at, &Limits::STREAM)
}

fn streamed_within(copy: &Path, trust: &Trust, at: Timestamp, limits: &Limits) -> Result<(), Vec<WireFault>> {
    match SignedStream::<MigrationCommonFile>::verify(NAME, copy, trust, at, limits) {
        Ok(_) => Ok(()),
        Err(StreamFault::Refused(faults)) => Err(faults),
        Err(other) => panic!("{other}"),
    }
}

/// Refused for what is wrong with it; as a stream also because one entry of it is larger than any may be.
#[track_caller]
fn refused(bomb: &Bomb, door: &str, said: Result<(), Vec<WireFault>>) {
    let name = bomb.name;
    let kinds = [bomb.kind, if door == STREAM { OverLimits } else { bomb.kind }];
    let faults = said.expect_err(name);
    assert!(faults.len() <= 1 + tern_wire::schema::FAULTS_MAX, "{name} {door}: {} faults", faults.len());
    for fault in faults {
        assert!(kinds.contains(&fault.kind), "{name} {door}: {fault:?}");
        let words = [&fault.message, &fault.found, &fault.expected, &fault.suggestion];
        assert!(words.iter().all(|w| !w.is_empty() && w.len() < 500), "{name} {door}: {fault:?}");
    }
}

/// So many entries that all name one ID, twenty times each.
const REPEATING_ENTRIES: [usize; 2] = [1_000, 6_000];
/// So much more memory may the larger set take: 8 bytes for each use, until all were read, and little else.
const REPEATS_MAX_KIB: u64 = 4 << 10;

/// From somebody with a key: a Common File whose every entry is of the same CHF, whose every other device has its ID too. Each entry is
/// refused for that, in memory that does not grow with the uses.
fn one_id_in_every_place(lab: &Lab, original: &[u8], trust: &Trust, signer: &Signer) {
    let name = &lab.sets[0].files.iter().find(|f| f.name.starts_with("MCF_")).expect("a Common File").name;
    let common = open::<MigrationCommonFile>(name, original, trust, lab.now, &Limits::DEFAULT).expect("verified");
    let mut entry = common.value().installations[0].clone();
    let ChfIdentifier(id) = entry.chf_identifier;
    (entry.gpf.device_id, entry.esme.device_id) = (DeviceId(id), DeviceId(id));
    entry.gsme.iter_mut().for_each(|gsme| gsme.device_id = DeviceId(id));
    let ppmid = Ppmid { device_id: DeviceId(id), device_model: entry.chf.device_model.clone() };
    (entry.ppmids, entry.ihds) = (vec![ppmid; 8], vec![Ihd { device_id: DeviceId(id) }; 8]);
    let mut config = lab.config();
    config.intake.installations_at_once = 50;
    let checker = Checker::new(config, lab.facts(), lab.now, None).expect("a checker");
    let dir = tempfile::tempdir().expect("a folder");
    let folder = SetFolder { dir: dir.path().to_owned(), names: vec![name.clone()] };
    let costs = REPEATING_ENTRIES.map(|entries| {
        let mut writer = SignedWriter::begin(&dir.path().join(name), &common.with_entries(Vec::new())).expect("begins");
        (0..entries).for_each(|_| writer.push(&entry).expect("written"));
        writer.finish(signer).expect("signed");
        let (judged, cost) = measured(|| judged_as_repeated(&checker, &folder));
        println!("one ID in every place of {entries} entries: {} KiB", cost.peak_kib);
        assert_eq!(judged, entries);
        cost.peak_kib
    });
    assert!(costs[1] < costs[0] + REPEATS_MAX_KIB, "{costs:?} KiB");
}

/// How many entries of a set the DSP refuses for what they repeat.
fn judged_as_repeated(checker: &Checker, folder: &SetFolder) -> usize {
    let set = checker.open(folder).expect("readable");
    let mut entries = 0;
    let mut tell = |heard: Heard<'_>| {
        if let Heard::Installation(installation) = heard {
            let found = installation.findings();
            let is_found = |clause: &str| found.iter().any(|finding| finding.clause == *clause);
            entries += usize::from(is_found("P-duplicate-chf") && is_found("P-device-unique"));
        }
    };
    checker.check(&set, Role::Dsp, &mut tell).expect("judged");
    entries
}

/// What only the parser refuses is read to its end, for what the guard would say of the rest: eight megabytes at a time, entry by entry.
fn small_entries_behind_a_refusal(copy: &Path, trust: &Trust, at: Timestamp) {
    let bomb = Bomb::of("small entries behind a refusal", Form, || format!("<a:a/>{}", "<a/>".repeat(2 * MIB)));
    fs::write(copy, (bomb.make)()).expect("written");
    let sizes = Sizes { read_bytes: 8 * MIB, ..Sizes::default() };
    let verify = || SignedStream::<MigrationCommonFile>::verify_by(NAME, copy, (trust, at), &Limits::STREAM, sizes);
    let (said, cost) = measured(verify);
    let Err(StreamFault::Refused(faults)) = said else { panic!("{} is refused", bomb.name) };
    refused(&bomb, STREAM, Err(faults));
    cost.within(&bomb, 8, STREAM_MAX_MIB);
}

#[test]
fn every_bomb_is_refused_in_bounded_time_and_memory() {
    let plan = LabPlan { installations: 1, seed: 33, defects_permille: 0, faults: 0, set_size: 1 };
    let lab = Lab::new(plan, |_| {});
    let dir = lab.dir().join("pki");
    let (trust, signer) =
        (pki::load_trust(&dir).expect("trust"), pki::load_signer(&dir, "requesting-party").expect("a key"));
    let file = lab.sets[0].files.iter().find(|f| f.name.starts_with("MCF_")).expect("a Common File");
    let signed = String::from_utf8(file.bytes.clone()).expect("UTF-8");
    let signature = signed.find("<ds:Signature").expect("a signature");
    let unsigned = format!("{}</MigrationCommonFile>", &signed[..signature]);
    let copy = lab.dir().join("bomb.xml");
    // First, while no memory was given back yet that could be taken again unseen.
    one_id_in_every_place(&lab, &file.bytes, &trust, &signer);
    small_entries_behind_a_refusal(&copy, &trust, lab.now);
    let bombs = [entities(), structures(), texts(), signatures(&signed), signed_ones(&unsigned, &signer)];
    let bombs: Vec<Bomb> = bombs.into_iter().flatten().collect();
    let base = peak_kib() / 1024;
    let size = |bomb: &Bomb| {
        fs::write(&copy, (bomb.make)()).expect("written");
        fs::metadata(&copy).expect("written").len() / MIB as u64
    };
    // The streams first: what whole files take is not given back to the system.
    let mut peak = 0;
    for bomb in bombs.iter().filter(|bomb| bomb.doors.contains(&STREAM)) {
        let size = size(bomb);
        let (said, cost) = measured(|| streamed(&copy, &trust, lab.now));
        refused(bomb, STREAM, said);
        cost.within(bomb, size, base + STREAM_MAX_MIB);
        peak = peak.max(cost.peak_mib());
    }
    // The cap that bounds a stream's time, at a size that a test can reach.
    let many = Bomb::of("more elements than a stream has", OverLimits, || "<a/>".repeat(MIB));
    fs::write(&copy, (many.make)()).expect("written");
    let tight = Limits { max_nodes: 10_000, ..Limits::STREAM };
    let (said, cost) = measured(|| streamed_within(&copy, &trust, lab.now, &tight));
    refused(&many, STREAM, said);
    cost.within(&many, 4, base + STREAM_MAX_MIB);
    println!("as streams: peak memory {peak} MiB, {base} MiB of it before the first bomb");
    for bomb in &bombs {
        let size = size(bomb);
        let bytes = fs::read(&copy).expect("read");
        let open = || open::<MigrationCommonFile>(NAME, &bytes, &trust, lab.now, &Limits::DEFAULT).map(drop);
        let (said, cost) = measured(open);
        refused(bomb, WHOLE, said);
        cost.within(bomb, size, base + 2 * size + WHOLE_MAX_MIB);
        peak = peak.max(cost.peak_mib());
    }
    println!("whole: peak memory {peak} MiB");
}
