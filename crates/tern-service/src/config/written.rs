//! `[roles]` as a file may write it: any key may be left out, and is then as it is by default.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

use super::{CustodyConfig, RoleConfig, RolesConfig};

/// `[roles]`
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Roles {
    dsp: Role,
    s1sp: Role,
    dco: Role,
    commissioning_party: Role,
}

/// `[roles.<role>]`
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Role {
    party: Option<String>,
    store: Option<PathBuf>,
    seal: Option<PathBuf>,
    listen: Option<SocketAddr>,
    custody: Option<CustodyConfig>,
}

impl TryFrom<Roles> for RolesConfig {
    type Error = &'static str;

    fn try_from(written: Roles) -> Result<RolesConfig, &'static str> {
        let mut roles = RolesConfig::default();
        written.dsp.lay_over(&mut roles.dsp)?;
        written.s1sp.lay_over(&mut roles.s1sp)?;
        written.dco.lay_over(&mut roles.dco)?;
        written.commissioning_party.lay_over(&mut roles.commissioning_party)?;
        Ok(roles)
    }
}

impl Role {
    /// Puts what was written in the place of the defaults.
    fn lay_over(self, role: &mut RoleConfig) -> Result<(), &'static str> {
        if self.custody.is_some() && role.custody.is_none() {
            return Err("`custody` belongs to the role dco alone");
        }
        role.party = self.party.unwrap_or_else(|| std::mem::take(&mut role.party));
        role.store = self.store.unwrap_or_else(|| std::mem::take(&mut role.store));
        role.listen = self.listen.unwrap_or(role.listen);
        role.seal = self.seal.or_else(|| role.seal.take());
        role.custody = self.custody.or_else(|| role.custody.take());
        Ok(())
    }
}
