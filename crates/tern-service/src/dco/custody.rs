//! The custody of the DCO's key packages as configuration names it: a file, a token, or the way from one to the other.
//!
//! The kind that is configured wraps; the other is opened too where it is there, for keys that were not moved yet.

use std::path::{Path, PathBuf};

use tern_dco::DcoFault;
use tern_dco::custody::{Custody, FileCustody, Keeper, TokenCustody, TokenSettings};
use tern_model::SecretBytes;

use crate::config::{Config, CustodyConfig, CustodyKind};
use crate::fault::ServiceFault;
use crate::opening::{seal_content, seal_path};
use crate::pki::{PkiError, files};

/// The custody of a running DCO.
///
/// # Errors
/// File, token or PIN cannot be had.
pub(crate) fn keeper(config: &Config) -> Result<Keeper, ServiceFault> {
    let custody = custody_of(config);
    let (current, earlier): (Box<dyn Custody>, Option<Box<dyn Custody>>) = match custody.kind {
        CustodyKind::File => {
            let earlier = if is_a_token_named(&custody) { Some(boxed(token(config)?)) } else { None };
            (boxed(file(&seal_content(config, &config.roles.dco)?)?), earlier)
        }
        CustodyKind::Pkcs11 => {
            let earlier = held_file(config)?.map(|content| file(&content).map(boxed)).transpose()?;
            (boxed(token(config)?), earlier)
        }
    };
    Ok(Keeper::new(current, earlier))
}

/// The custody as configured.
pub(crate) fn custody_of(config: &Config) -> CustodyConfig {
    config.roles.dco.custody.clone().unwrap_or_default()
}

/// The custody of a seal file.
pub(crate) fn file(content: &SecretBytes) -> Result<FileCustody, ServiceFault> {
    Ok(FileCustody::new(content).map_err(DcoFault::from)?)
}

/// What the seal file holds; none where it is not there.
pub(crate) fn held_file(config: &Config) -> Result<Option<SecretBytes>, ServiceFault> {
    if config.roles.dco.seal.is_none() {
        return Ok(None);
    }
    match files::read_private(&seal_path(config, &config.roles.dco)?) {
        Ok(content) => Ok(Some(content)),
        Err(PkiError::Missing { .. }) => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}

/// The custody in the configured token.
pub(crate) fn token(config: &Config) -> Result<TokenCustody, ServiceFault> {
    let path = pin_path(config)?;
    let pin = pin(&path).map_err(|fault| no_pin(&path, fault))?;
    let settings = token_settings(config, pin)?;
    Ok(TokenCustody::open(settings).map_err(DcoFault::from)?)
}

/// Which token it is, with its PIN.
pub(crate) fn token_settings(config: &Config, pin: SecretBytes) -> Result<TokenSettings, ServiceFault> {
    let custody = custody_of(config);
    let module = config.path(&custody.module.ok_or_else(|| missing("module"))?);
    Ok(TokenSettings { module, label: custody.token.ok_or_else(|| missing("token"))?, pin })
}

/// Where the PIN is.
pub(crate) fn pin_path(config: &Config) -> Result<PathBuf, ServiceFault> {
    Ok(config.path(&custody_of(config).pin_file.ok_or_else(|| missing("pin_file"))?))
}

/// A PIN from a file that its owner alone can read; a line end behind it is not part of it.
pub(crate) fn pin(path: &Path) -> Result<SecretBytes, PkiError> {
    let content = files::read_private(path)?;
    Ok(SecretBytes::new(content.expose().trim_ascii().to_vec()))
}

/// A file with a PIN that cannot be read.
pub(crate) fn no_pin(path: &Path, fault: PkiError) -> ServiceFault {
    match fault {
        PkiError::Missing { .. } => ServiceFault::Configuration {
            what: format!("the file with the PIN, {}, is not there", path.display()),
            suggestion: "write it, for its owner alone; or let `tern dco custody init --so-pin-file FILE` make one"
                .to_owned(),
        },
        other => other.into(),
    }
}

fn is_a_token_named(custody: &CustodyConfig) -> bool {
    custody.module.is_some() && custody.token.is_some() && custody.pin_file.is_some()
}

fn boxed<'a>(custody: impl Custody + 'a) -> Box<dyn Custody + 'a> {
    Box::new(custody)
}

fn missing(key: &str) -> ServiceFault {
    ServiceFault::Configuration {
        what: format!("roles.dco.custody names no `{key}`"),
        suggestion: "a token needs `module`, `token` and `pin_file` under [roles.dco.custody] in tern.toml".to_owned(),
    }
}
