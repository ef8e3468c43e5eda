//! A User's end of the sandbox: what `tern sandbox` asks, and where `tern request` fetches replies that nobody posts.

use std::time::Duration;

use serde_json::Value;
use tern_model::DeviceId;
use tern_wire::duis::RequestId;

use super::PATH;
use crate::config::Config;
use crate::fault::ServiceFault;
use crate::gateway::User;
use crate::links::client::{Peer, Sent};

/// What is held goes on while the clock is stepped over it, moment by moment: that may take a while.
const PATIENCE: Duration = Duration::from_secs(900);

/// A User who plays with a sandbox.
pub struct Player {
    peer: Peer,
}

impl Player {
    /// Opens a User's keys.
    ///
    /// # Errors
    /// The party is none, or has no certificate for TLS.
    pub fn open(config: &Config, name: &str) -> Result<Player, ServiceFault> {
        Player::of(&User::open(config, name)?)
    }

    pub(crate) fn of(user: &User) -> Result<Player, ServiceFault> {
        Ok(Player { peer: Peer { patience: PATIENCE, ..user.peer()? } })
    }

    /// The User's devices.
    ///
    /// # Errors
    /// Nobody answers, or it is no sandbox; so with all of these.
    pub fn devices(&mut self) -> Result<Value, ServiceFault> {
        self.asks("GET", "devices", &Value::Null)
    }

    /// Orders a fault by its name, or ends all of a device (`none`).
    ///
    /// # Errors
    /// It is another's device.
    pub fn fault(&mut self, device: DeviceId, fault: &str, times: Option<u32>) -> Result<Value, ServiceFault> {
        self.asks("POST", "faults", &serde_json::json!({ "device": device, "fault": fault, "times": times }))
    }

    /// Takes devices back: those of an installation, or all.
    ///
    /// # Errors
    /// It is another's device, or still busy.
    pub fn reset(&mut self, device: Option<DeviceId>) -> Result<Value, ServiceFault> {
        self.asks("POST", "reset", &serde_json::json!({ "device": device }))
    }

    /// What time it is there.
    ///
    /// # Errors
    /// As [`Player::devices`].
    pub fn time(&mut self) -> Result<Value, ServiceFault> {
        self.asks("GET", "clock", &Value::Null)
    }

    /// Steps the clock: `to` or `seconds`, as the sandbox takes it.
    ///
    /// # Errors
    /// It would go back, or somebody else steps it.
    pub fn step(&mut self, order: &Value) -> Result<Value, ServiceFault> {
        self.asks("POST", "clock", order)
    }

    /// The replies that lie there.
    ///
    /// # Errors
    /// As [`Player::devices`].
    pub fn replies(&mut self) -> Result<Value, ServiceFault> {
        self.asks("GET", "replies", &Value::Null)
    }

    /// The reply to a request; none where it does not lie there yet, or this is no sandbox.
    ///
    /// # Errors
    /// Nobody answers.
    pub fn reply(&mut self, request: RequestId) -> Result<Reply, ServiceFault> {
        let path = format!("{PATH}v1/replies/{request}");
        Ok(match self.peer.hear(("GET", &path), Sent::Bytes(&[]))? {
            (200, reply) => Reply::Here(String::from_utf8_lossy(&reply).into_owned()),
            (202, _) => Reply::NotYet,
            _ => Reply::Never,
        })
    }

    /// A reply that lies there, by its RequestID or its counter, as it was signed; it is waited for a while.
    ///
    /// # Errors
    /// None lies there, or nobody answers.
    pub fn reply_of(&mut self, request: &str) -> Result<String, ServiceFault> {
        let path = format!("{PATH}v1/replies/{request}");
        let (status, answer) = self.peer.hear(("GET", &path), Sent::Bytes(&[]))?;
        let said = String::from_utf8_lossy(&answer).into_owned();
        let next = "`tern sandbox replies` lists those that lie there".to_owned();
        if status == 200 { Ok(said) } else { Err(ServiceFault::TurnedAway { what: said.trim().to_owned(), next }) }
    }

    fn asks(&mut self, method: &str, what: &str, body: &Value) -> Result<Value, ServiceFault> {
        let body = if body.is_null() { Vec::new() } else { serde_json::to_vec(body).map_err(ServiceFault::body)? };
        let (status, answer) = self.peer.hear((method, &format!("{PATH}v1/{what}")), Sent::Bytes(&body))?;
        if status == 200 {
            return serde_json::from_slice(&answer).map_err(ServiceFault::body);
        }
        let what = String::from_utf8_lossy(&answer).trim().to_owned();
        let next = "`tern demo --serve` starts a sandbox; a plain `tern serve` is none".to_owned();
        Err(match status {
            404 => ServiceFault::TurnedAway { what: "it is no sandbox".to_owned(), next },
            _ => ServiceFault::TurnedAway { what, next: "`tern sandbox devices` lists your devices".to_owned() },
        })
    }
}

/// What lies of a reply.
#[derive(Debug)]
pub enum Reply {
    /// As it was signed.
    Here(String),
    /// Nothing so far.
    NotYet,
    /// Nothing will: this is no sandbox.
    Never,
}
