//! The simulated devices as a process of their own: this very program, called with a folder.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tern_world::devices::World;
use tern_world::server::{listen, serve_announced};

/// Makes the program the devices of the folder that follows.
pub const ARGUMENT: &str = "--world";

/// Answers for the devices of a folder until standard input closes.
pub fn serve(dir: &Path) {
    let world = World::open(dir).expect("the devices");
    let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
    let stop = Arc::new(AtomicBool::new(false));
    let stopper = stop.clone();
    std::thread::spawn(move || {
        drop(std::io::stdin().lock().read_to_end(&mut Vec::new()));
        stopper.store(true, Ordering::Release);
    });
    serve_announced(&listener, &world, &stop, |address| println!("{address}")).expect("devices that answer");
}

/// The devices' process.
pub struct Simulator {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Simulator {
    /// Starts it on a folder.
    pub fn start(dir: &Path) -> Simulator {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .arg(ARGUMENT)
            .arg(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its address");
        let address = line.trim().parse().expect("an address");
        Simulator { child, address }
    }

    /// Its process's number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}
