//! The listener: what it ends, and when.

use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tern_dlms::client::{Association, Client, Ports};
use tern_world::devices::{ADDRESS_FILE, address_at};
use tern_world::dlms::{client, server};
use tern_world::server::{listen, serve_until};

use crate::support::world;

/// No test takes so long.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn a_stop_closes_connections_that_wait_and_behind_127_0_0_1_is_nobody() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = world(dir.path());
    let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).expect("listens");
    let port = listener.local_addr().expect("its address").port();
    let stop = AtomicBool::new(false);
    let connect = |address: std::net::Ipv4Addr| {
        let stream = TcpStream::connect((address, port)).expect("connects");
        stream.set_read_timeout(Some(PATIENCE)).expect("a bound");
        stream
    };
    let mut waiting = None;
    std::thread::scope(|scope| {
        scope.spawn(|| serve_until(&listener, &world, &stop).expect("serves"));
        assert_eq!(connect([127, 0, 0, 1].into()).read(&mut [0; 1]).expect("an end"), 0);
        let ports = Ports { client: client::PUBLIC, server: server::CHF };
        let opened =
            Client::connect(connect(address_at(0).expect("an address")), ports, Association::Public).expect("the hub");
        waiting = Some(opened.release().expect("released"));
        assert!(dir.path().join(ADDRESS_FILE).exists());
        stop.store(true, Ordering::Release);
    });
    assert_eq!(waiting.expect("connected").read(&mut [0; 1]).expect("an end"), 0);
    assert!(!dir.path().join(ADDRESS_FILE).exists());
}

#[test]
fn more_devices_than_the_standard_library_lets_wait_are_called_at_once() {
    let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).expect("listens");
    let port = listener.local_addr().expect("its address").port();
    // Nobody lets them in: whoever does not fit waits for an answer that never comes.
    let call = |at: usize| {
        let address = address_at(at).expect("an address");
        TcpStream::connect_timeout(&(address, port).into(), PATIENCE).expect("it waits at the door")
    };
    let calls: Vec<_> = (0..600).map(call).collect();
    assert_eq!(calls.len(), 600);
}
