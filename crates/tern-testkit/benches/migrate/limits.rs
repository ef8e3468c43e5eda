//! What disk, cores and RSA can do in this very run, and what the parts of intake cost.

use std::fs::File;
use std::hint::black_box;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use tern_model::Role;
use tern_service::check::Checker;
use tern_service::pki;
use tern_service::set_files::SetFolder;
use tern_testkit::Lab;

/// How long each limit is measured.
const MEASURE: Duration = Duration::from_millis(500);
/// Private RSA operations for one installation: the S1SP's blob, the DCO's blob, and the association keys on their way from
/// the one to the other.
const RSA_OPERATIONS: f64 = 3.0;

/// How often a second the disk takes 4 KiB and says that it holds them.
pub fn bare_fsyncs(folder: &Path) -> f64 {
    let path = folder.join("bare");
    let mut file = File::create(&path).expect("a file");
    let page = [0x5A; 4_096];
    file.write_all(&page.repeat(256)).and_then(|()| file.sync_all()).expect("a first write");
    let mut turn = 0;
    let rate = rate(|| {
        turn += 1;
        file.seek(SeekFrom::Start(turn % 256 * 4_096)).expect("a place");
        file.write_all(&page).and_then(|()| file.sync_data()).expect("a durable write");
    });
    std::fs::remove_file(&path).expect("removed");
    rate
}

/// The file system of a folder, as `/proc/mounts` tells it: in memory, no figure of the disk means anything.
pub fn file_system(folder: &Path) -> String {
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    let of = |line: &str| {
        let mut words = line.split(' ').skip(1);
        Some((words.next()?.to_owned(), words.next()?.to_owned()))
    };
    let holding = mounts.lines().filter_map(of).filter(|(point, _)| folder.starts_with(point));
    holding.max_by_key(|(point, _)| point.len()).map_or_else(|| "unknown file system".to_owned(), |(_, kind)| kind)
}

/// Cores that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// User and system time of a process (`self`, or its number) with all its threads, in steps of 10 ms; zero elsewhere than on
/// Linux.
pub fn processor_time(process: &str) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name in brackets may hold anything; what is counted stands behind it.
    let behind = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks: u64 = behind.split(' ').skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// The value in the middle.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Times a second.
fn rate(mut operation: impl FnMut()) -> f64 {
    let (since, mut turns) = (Instant::now(), 0_u32);
    while since.elapsed() < MEASURE {
        operation();
        turns += 1;
    }
    f64::from(turns) / since.elapsed().as_secs_f64()
}

/// What parts of intake cost one core for one installation.
pub struct Parts {
    costs: Vec<(String, Duration)>,
    rsa: Duration,
}

impl Parts {
    /// Measures on the laboratory's sets, which have been migrated, so that their Common Validation Files are there.
    pub fn measure(lab: &Lab) -> Parts {
        let sets = SetFolder::find(&lab.dir().join("sets")).expect("the sets");
        let checker = Checker::new(lab.config(), lab.facts(), lab.now, None).expect("a checker");
        let mut opened = Vec::new();
        let mut costs = Vec::new();
        let mut cost = |name: String, work: &mut dyn FnMut()| {
            let before = processor_time("self");
            work();
            let cost = (processor_time("self") - before) / u32::try_from(lab.corpus.devices.len()).expect("a number");
            costs.push((name, cost));
        };
        cost("verify four files".to_owned(), &mut || {
            opened = sets.iter().map(|set| checker.open(set).expect("readable files")).collect();
        });
        for role in [Role::Dsp, Role::S1sp, Role::Dco] {
            cost(format!("read again and judge as {role}"), &mut || {
                for set in &opened {
                    let verdicts = checker.check(set, role, &mut |_| {}).expect("a check");
                    assert_eq!(verdicts.installations.judged, set.installations());
                }
            });
        }
        let decrypter = pki::load_decrypter(&lab.dir().join("pki"), "s1sp").expect("a key");
        let sealed = decrypter.certificate().public_key().encrypt_oaep_sha1(&[0x5A; 32]).expect("sealed");
        let rsa = once(|| drop(black_box(decrypter.decrypt_oaep_sha1(&sealed))));
        costs.push(("of which: open a transported key by RSA".to_owned(), rsa));
        let group = opened.first().and_then(|set| set.group.file()).expect("a Group File");
        let part = group.parts(1).and_then(|mut parts| parts.next_part()).expect("unaltered").expect("an installation");
        let first = part.installations.first().expect("an installation");
        let trust = pki::load_trust(&lab.dir().join("pki")).expect("trust");
        let certificate = once(|| {
            let der = &first.chf_details.device_certificate.as_ref().expect("FOC's hubs have one").0;
            drop(black_box(trust.check_device(der, first.chf_identifier, lab.now)));
        });
        costs.push(("of which: check a device's certificate".to_owned(), certificate));
        Parts { costs, rsa }
    }

    /// One line for each.
    pub fn print(&self) {
        println!("what parts of intake cost one core for one installation:");
        for (name, cost) in &self.costs {
            println!("{:>10.0} us {name}", 1e6 * cost.as_secs_f64());
        }
    }

    /// Installations a second that RSA alone would allow on all cores.
    pub fn rsa_limit(&self) -> f64 {
        cores() as f64 / (RSA_OPERATIONS * self.rsa.as_secs_f64())
    }
}

fn once(operation: impl FnMut()) -> Duration {
    Duration::from_secs_f64(1.0 / rate(operation))
}
