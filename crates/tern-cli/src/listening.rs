//! What `tern role` and `tern serve` have alike: a process that says where it listens, runs until it is told to stop, and says
//! that it did.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Serialize;
use tern_model::Role;
use tern_service::ServiceFault;
use tern_service::serve::Doors;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::look::Look;
use crate::output::Report;

/// Where a process will be found, and what is to be said with it.
#[derive(Debug)]
pub struct Listens {
    /// The role, where it is one alone.
    pub role: Option<Role>,
    /// The file that tells its address.
    pub address_file: PathBuf,
    /// What its fact records leave to say.
    pub warnings: Vec<String>,
}

/// The first line that is printed, once it listens.
#[derive(Debug, Serialize)]
struct Listening {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    address: SocketAddr,
    address_file: PathBuf,
    /// Where Users are listened to, where they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway: Option<SocketAddr>,
    /// Where Users are listened to by plain HTTP, where they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    plain_http: Option<SocketAddr>,
    warnings: Vec<String>,
}

impl Listens {
    /// Runs a process to its end; it calls what it is handed once it listens, with its address and the doors where it has
    /// doors for Users.
    pub fn while_runs(
        self,
        context: &Context,
        run: impl FnOnce(&dyn Fn(SocketAddr, Option<Doors>)) -> Result<(), ServiceFault>,
    ) -> Result<Exit, Failure> {
        let Listens { role, address_file, warnings } = self;
        let shown = RefCell::new(Ok(()));
        run(&|address, doors| {
            let (address_file, warnings) = (address_file.clone(), warnings.clone());
            let (gateway, plain_http) = (doors.map(|doors| doors.users), doors.and_then(|doors| doors.plain_http));
            let listening = Listening { role, address, address_file, gateway, plain_http, warnings };
            *shown.borrow_mut() = context.output.show(&listening);
        })?;
        shown.into_inner()?;
        context.output.say("stopped")?;
        Ok(Exit::Clean)
    }
}

impl Report for Listening {
    fn text(&self, look: &Look) -> String {
        let mut lines = look.warnings(&self.warnings);
        let role = self.role.map(|role| format!(" {role}")).unwrap_or_default();
        lines.push(format!("{}{role} on {}", look.good("listening"), self.address));
        lines.extend(self.gateway.map(|users| format!("          for Users on {users}")));
        lines.extend(self.plain_http.map(|users| format!("          for Users by plain HTTP on {users}")));
        lines.join("\n")
    }
}
