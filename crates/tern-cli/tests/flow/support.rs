//! Folders in which `tern` runs, and the processes that run there.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tern_service::config::Config;
use tern_world::devices::{LOG_FILE, LogRecord, read_log};

pub use crate::folder::{Folder, Ran};

/// The moment at which everything takes place: a Tuesday after the FOC text.
pub const NOW: &str = "2021-03-02T09:00:00Z";
/// Its day, in London.
pub const TODAY: &str = "2021-03-02";
/// Nothing that is waited for takes longer, however loaded the machine is.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A corpus, and how it is cut into sets.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    pub installations: usize,
    /// In per cent.
    pub defects: usize,
    /// Installations with devices that fail.
    pub faults: usize,
    /// Installations in a set.
    pub size: usize,
}

/// Every kind of planted deviation once at least, in six sets.
pub const EVERYTHING: Order = Order { installations: 48, defects: 17, faults: 4, size: 8 };

/// A script under which every device does as it is asked.
pub const NO_FAULTS: &str = "chf_identifier,fault,row,times\n";

/// Healthy installations, so many, in one set.
pub fn healthy(installations: usize) -> Order {
    Order { installations, defects: 0, faults: 0, size: installations }
}

/// A folder in which `tern` runs.
pub struct Place(Folder);

impl Deref for Place {
    type Target = Folder;

    fn deref(&self) -> &Folder {
        &self.0
    }
}

impl Place {
    /// A folder with keys, a corpus and its sets.
    pub fn new(order: Order) -> Place {
        let place = Place::with_keys();
        let number = |n: usize| n.to_string();
        let (n, defects, faults) = (number(order.installations), number(order.defects), number(order.faults));
        place.run(&["corpus", "-n", &n, "--seed", "7", "--defects", &defects, "--faults", &faults]).clean();
        place.build("FIRST", order.size);
        place
    }

    /// A folder with nothing in it.
    pub fn empty() -> Place {
        Place(Folder(folder()))
    }

    /// A folder of today, by the machine's clock, as the guide makes one: keys, a corpus, one set, and the default `tern.toml`.
    pub fn of_today(installations: usize) -> Place {
        let place = Place(Folder(folder()));
        place.run(&["pki", "init", "./pki"]).clean();
        place.run(&["corpus", ".", "-n", &installations.to_string(), "--seed", "7", "--faults", "3"]).clean();
        place.run(&["smso", "export"]).clean();
        place.run(&["build"]);
        let defaults = place.run(&["show-config"]).clean();
        place.write("tern.toml", defaults.out);
        place
    }

    /// A folder with what an archive holds.
    pub fn unpacked(archive: &Path) -> Place {
        let place = Place(Folder(folder()));
        let done = Command::new("tar").arg("-xzf").arg(archive).current_dir(place.path("")).status().expect("tar runs");
        assert!(done.success(), "{}", archive.display());
        place.configure("");
        place
    }

    /// A copy of the world with everything in it, which is made once.
    pub fn everything() -> Place {
        static MADE: OnceLock<Place> = OnceLock::new();
        let place = Place(Folder(folder()));
        copy(&MADE.get_or_init(|| Place::new(EVERYTHING)).path(""), &place.path(""));
        place
    }

    /// A folder with a copy of the keys, which are made once.
    pub fn with_keys() -> Place {
        static MADE: OnceLock<Place> = OnceLock::new();
        let keys = MADE.get_or_init(|| {
            let place = Place(Folder(folder()));
            place.configure("");
            place.run(&["pki", "init", "pki", "--not-before", "2020-01-01"]).clean();
            place
        });
        let place = Place(Folder(folder()));
        copy(&keys.path(""), &place.path(""));
        place
    }

    /// Another folder with the same files.
    pub fn copied(&self) -> Place {
        let place = Place(Folder(folder()));
        copy(&self.path(""), &place.path(""));
        place
    }

    /// Writes `tern.toml`: the moment, and what else is given. An answer may take long before it counts as lost.
    pub fn configure(&self, more: &str) {
        let answer =
            if more.contains("answer_timeout_ms") { "" } else { "[commissioning]\nanswer_timeout_ms = 2000\n" };
        self.write("tern.toml", format!("[clock]\nstart = \"{NOW}\"\n{answer}{more}"));
    }

    /// The SMSO exports its records anew, and the Requesting Party builds sets of them; gives the sets' folders.
    pub fn build(&self, reference: &str, size: usize) -> Vec<String> {
        let exports = format!("exports-{reference}");
        self.run(&["smso", "export", "--reference", reference, "--out", &exports]).clean();
        let built = self.run(&["build", &exports, "--size", &size.to_string(), "--json"]).clean().json();
        let folders = built["sets"].as_array().expect("sets").iter();
        folders.map(|s| s["folder"].as_str().expect("a folder").to_owned()).collect()
    }

    /// The one file of a folder whose name begins so, below this place.
    pub fn file(&self, folder: &str, prefix: &str) -> String {
        let names = self.list(folder);
        let name = names.iter().find(|n| n.starts_with(prefix)).unwrap_or_else(|| panic!("no {prefix} in {names:?}"));
        format!("{folder}/{name}")
    }

    pub fn config(&self) -> Config {
        Config::load(&self.path("tern.toml")).expect("a configuration")
    }

    /// `tern migrate sets --json`, to its end; it must have come to one.
    #[track_caller]
    pub fn migrate(&self) -> Ran {
        let ran = self.run(&["migrate", "sets", "--json"]);
        assert!(matches!(ran.code, Some(0 | 1)) && ran.err.is_empty(), "{ran:?}");
        ran
    }

    /// Starts a command and lets it run.
    pub fn start(&self, args: &[&str]) -> Running {
        let child = self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("tern runs");
        Running { child: Some(child) }
    }

    /// The devices' own log.
    pub fn log(&self) -> Vec<LogRecord> {
        read_log(&self.path("world").join(LOG_FILE)).expect("the devices' log")
    }

    /// Waits until the devices' log has so many records, by the doing of a command that runs.
    #[track_caller]
    pub fn wait_for_log(&self, records: usize, run: &mut Running) {
        run.meanwhile("the devices' log grows", || self.log().len() >= records);
    }

    /// Starts `tern world` beside, and waits until it listens.
    pub fn start_world(&self, address: &str) -> StandingWorld {
        let mut command = self.command(&["world", "world", "--address", address, "--until-stdin-closes", "--json"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("tern runs");
        let stdin = child.stdin.take();
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let told: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
        let address = told["address"].as_str().expect("an address").parse().expect("an address");
        StandingWorld { child, _stdin: stdin, address }
    }
}

impl Ran {
    /// It found something, and said so on standard output.
    #[track_caller]
    pub fn finds(self) -> Ran {
        assert_eq!((self.code, self.err.as_str()), (Some(1), ""), "{self:?}");
        self
    }
}

/// A command that runs. It is killed where a test forgets it.
pub struct Running {
    child: Option<Child>,
}

impl Running {
    fn child(&mut self) -> &mut Child {
        self.child.as_mut().expect("it was not waited for yet")
    }

    /// Whether it has come to its end.
    pub fn has_ended(&mut self) -> bool {
        self.child().try_wait().expect("its status").is_some()
    }

    /// `kill -9`; whether that is what ended it.
    pub fn kill(mut self) -> bool {
        use std::os::unix::process::ExitStatusExt;
        let mut child = self.child.take().expect("it was not waited for yet");
        // It may have ended by itself since: then there is nothing to kill.
        let _ = child.kill();
        child.wait().expect("its end").signal() == Some(9)
    }

    /// Sends a signal by its name.
    pub fn signal(&mut self, name: &str) {
        let id = self.child().id().to_string();
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {id}")]).output().expect("a shell");
        assert!(sent.status.success() || self.has_ended(), "{sent:?}");
    }

    /// Waits until something holds that it brings about, and fails where it ends before.
    #[track_caller]
    pub fn meanwhile(&mut self, what: &str, mut holds: impl FnMut() -> bool) {
        eventually(what, || {
            // Looked at first: whatever it brought about before its end is there then.
            let ended = self.has_ended();
            let holds = holds();
            if ended && !holds {
                let child = self.child.take().expect("it was not waited for yet");
                panic!("{what}: it ended before, {:?}", child.wait_with_output());
            }
            holds
        });
    }

    /// Waits for its end.
    pub fn ended(mut self) -> Ran {
        eventually("it ends", || self.has_ended());
        let child = self.child.take().expect("it was not waited for yet");
        Ran::of(child.wait_with_output().expect("its output"), &["a started command"])
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A `tern world` beside, until dropped.
pub struct StandingWorld {
    child: Child,
    _stdin: Option<ChildStdin>,
    pub address: SocketAddr,
}

impl StandingWorld {
    /// `kill -9`
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("its end");
    }
}

impl Drop for StandingWorld {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Devices that are reached and never answer.
pub struct DeafDevices {
    listener: TcpListener,
}

impl DeafDevices {
    pub fn listen() -> DeafDevices {
        DeafDevices { listener: TcpListener::bind("0.0.0.0:0").expect("a port") }
    }

    /// What names them in `tern.toml`: no answer ever counts as lost, and installations go one at a time.
    pub fn configuration(&self) -> String {
        let port = self.listener.local_addr().expect("its address").port();
        format!(
            "[commissioning]\nanswer_timeout_ms = 3600000\nrow_timeout_ms = 3600000\nin_flight = 1\n[world]\naddress = \"127.0.0.1:{port}\"\n"
        )
    }

    /// Waits until a first call has come; the line stays open for as long as what is given back. Whoever only looks whether
    /// anybody listens says nothing.
    #[track_caller]
    pub fn called(&self, run: &mut Running) -> TcpStream {
        self.listener.set_nonblocking(true).expect("does not block");
        let mut line = None;
        run.meanwhile("it calls", || {
            line = self.listener.accept().ok().map(|(stream, _)| stream).filter(|stream| {
                stream.set_nonblocking(false).expect("blocks");
                stream.set_read_timeout(Some(PATIENCE)).expect("a bound");
                let mut stream = stream;
                stream.read_exact(&mut [0; 4]).is_ok()
            });
            line.is_some()
        });
        line.expect("a line")
    }
}

/// Waits until something holds, and fails where it does not come to that.
#[track_caller]
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        look_again();
    }
}

/// Another process gives no event to wait for: it is looked at again and again, always within a bound.
pub fn look_again() {
    std::thread::park_timeout(Duration::from_millis(1));
}

/// A folder in memory where there is one: processes are killed here, never the machine.
fn folder() -> TempDir {
    static BASE: OnceLock<PathBuf> = OnceLock::new();
    TempDir::new_in(BASE.get_or_init(base)).expect("a folder")
}

/// The folder of this process. What is made once lives as long as the process does, so the folders of those that are gone
/// are swept away here.
fn base() -> PathBuf {
    const NAME: &str = "tern-flow-";
    let own = format!("{NAME}{}", std::process::id());
    let places = [PathBuf::from("/dev/shm"), std::env::temp_dir()];
    let place =
        places.iter().find(|p| std::fs::create_dir_all(p.join(&own)).is_ok()).expect("a folder that can be written");
    for entry in std::fs::read_dir(place).expect("lists").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let process = name.strip_prefix(NAME).filter(|id| !Path::new("/proc").join(id).exists());
        if process.is_some() {
            // Another process may be sweeping too.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    place.join(own)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    std::fs::set_permissions(to, std::fs::metadata(from).expect("permissions").permissions()).expect("permissions");
    for entry in std::fs::read_dir(from).expect("lists") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).expect("copies");
        }
    }
}
