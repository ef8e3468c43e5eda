//! Key-encryption keys in a PKCS#11 token, which makes them and never gives them out.
//!
//! The module is loaded when a token is opened, so that nothing of it is needed where the custody is a file. One session is
//! shared behind a lock; where it is lost, it is opened once more. This module must never print a PIN.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use tern_model::SecretBytes;

use super::{Custody, CustodyFault, KekId, Kept, Wrapped};

/// The label of every KEK in the token.
const KEK_LABEL: &str = "tern-dco-kek";
/// Bytes of a KEK: AES-256.
const KEK_BYTES: u64 = 32;
const NONCE_BYTES: usize = 12;
const TAG_BITS: u64 = 128;

/// Modules that this process has loaded; a module is initialised once and stays.
static MODULES: Mutex<Vec<(PathBuf, Pkcs11)>> = Mutex::new(Vec::new());

/// Which token, and what opens it.
#[derive(Debug, Clone)]
pub struct TokenSettings {
    /// The PKCS#11 module, a shared library.
    pub module: PathBuf,
    /// The token's label.
    pub label: String,
    /// The user's PIN.
    pub pin: SecretBytes,
}

/// What a token says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenState {
    /// Its label.
    pub label: String,
    /// Its serial number.
    pub serial: String,
    /// Its manufacturer and model.
    pub model: String,
}

/// Key-encryption keys in a token.
#[derive(Debug)]
pub struct TokenCustody {
    settings: TokenSettings,
    state: TokenState,
    open: Mutex<Open>,
    keks: Vec<KekId>,
}

/// A session, and where it finds the KEKs, oldest first.
#[derive(Debug)]
struct Open {
    session: Session,
    objects: Vec<(KekId, ObjectHandle)>,
}

impl TokenCustody {
    /// Opens a token that [`prepare`] prepared.
    ///
    /// # Errors
    /// [`CustodyFault`]: module, token, PIN, or no KEK in it.
    pub fn open(settings: TokenSettings) -> Result<TokenCustody, CustodyFault> {
        let (open, state) = log_in(&settings)?;
        let keks: Vec<KekId> = open.objects.iter().map(|(kek, _)| *kek).collect();
        if keks.is_empty() {
            return Err(CustodyFault::NoKek(settings.label));
        }
        Ok(TokenCustody { settings, state, open: Mutex::new(open), keks })
    }

    /// What the token says of itself.
    #[must_use]
    pub fn state(&self) -> &TokenState {
        &self.state
    }

    /// Makes a new KEK in the token, which is current from now on.
    ///
    /// # Errors
    /// The token fails.
    pub fn make_kek(&mut self) -> Result<KekId, CustodyFault> {
        let open = self.open.get_mut().unwrap_or_else(PoisonError::into_inner);
        let version = self.keks.last().map_or(1, |kek| kek.version.saturating_add(1));
        let (kek, object) = make_kek(&open.session, version)?;
        open.objects.push((kek, object));
        self.keks.push(kek);
        Ok(kek)
    }

    /// Destroys every KEK but the current one. What is still wrapped under them is lost.
    ///
    /// # Errors
    /// The token fails.
    pub fn destroy_old_keks(&mut self) -> Result<(), CustodyFault> {
        let open = self.open.get_mut().unwrap_or_else(PoisonError::into_inner);
        while open.objects.len() > 1 {
            open.session.destroy_object(open.objects[0].1).map_err(failed("destroy a key"))?;
            let (kek, _) = open.objects.remove(0);
            self.keks.retain(|held| *held != kek);
        }
        Ok(())
    }

    /// Does something with a KEK; once more in a new session where the session was lost.
    fn with<T>(&self, kek: KekId, act: impl Fn(&Session, ObjectHandle) -> Result<T, Error>) -> Result<T, Error> {
        let mut open: MutexGuard<'_, Open> = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let with = |open: &Open| {
            let object = open.objects.iter().find(|(held, _)| *held == kek).map(|(_, object)| *object);
            act(&open.session, object.ok_or(Error::InvalidValue)?)
        };
        match with(&open) {
            Err(Error::Pkcs11(
                RvError::SessionHandleInvalid | RvError::SessionClosed | RvError::UserNotLoggedIn,
                _,
            )) => {
                if let Ok((again, _)) = log_in(&self.settings) {
                    *open = again;
                }
                with(&open)
            }
            outcome => outcome,
        }
    }

    fn held(&self, kek: KekId) -> Result<KekId, CustodyFault> {
        if self.keks.contains(&kek) { Ok(kek) } else { Err(CustodyFault::UnknownKek(kek)) }
    }
}

impl Custody for TokenCustody {
    fn current(&self) -> KekId {
        self.keks[self.keks.len() - 1]
    }

    fn keks(&self) -> Vec<KekId> {
        self.keks.clone()
    }

    fn wrap(&self, context: &str, key: &SecretBytes) -> Result<Wrapped, CustodyFault> {
        let kek = self.current();
        let mut nonce = [0; NONCE_BYTES];
        aws_lc_rs::rand::fill(&mut nonce).map_err(|_| CustodyFault::Crypto("random"))?;
        let sealed = self.with(kek, |session, object| {
            let mut iv = nonce;
            let gcm = GcmParams::new(&mut iv, context.as_bytes(), TAG_BITS.into())?;
            session.encrypt(&Mechanism::AesGcm(gcm), object, key.expose())
        });
        Ok(Wrapped::new(kek, &[&nonce[..], &sealed.map_err(failed("wrap a key"))?].concat()))
    }

    fn unwrap(&self, context: &str, wrapped: &Wrapped) -> Result<SecretBytes, CustodyFault> {
        let kek = self.held(wrapped.kek)?;
        let blob = wrapped.blob()?;
        let (nonce, sealed) = blob.split_at_checked(NONCE_BYTES).ok_or(CustodyFault::Broken(kek))?;
        let opened = self.with(kek, |session, object| {
            let mut iv = nonce.to_vec();
            let gcm = GcmParams::new(&mut iv, context.as_bytes(), TAG_BITS.into())?;
            session.decrypt(&Mechanism::AesGcm(gcm), object, sealed)
        });
        match opened {
            Ok(key) => Ok(SecretBytes::new(key)),
            // A wrong tag is CKR_ENCRYPTED_DATA_INVALID by the standard, CKR_GENERAL_ERROR by SoftHSM.
            Err(Error::Pkcs11(
                RvError::EncryptedDataInvalid | RvError::EncryptedDataLenRange | RvError::GeneralError,
                _,
            )) => Err(CustodyFault::Broken(kek)),
            Err(error) => Err(failed("unwrap a key")(error)),
        }
    }
}

/// Prepares a token: takes a free one of the module and names it where none has the label yet, sets the user's PIN, and
/// makes the first KEK where there is none. Says whether anything was done.
///
/// # Errors
/// [`CustodyFault`]; what was done already is found done by the next call.
pub fn prepare(settings: &TokenSettings, so_pin: Option<&SecretBytes>) -> Result<bool, CustodyFault> {
    let module = module(&settings.module)?;
    let mut changed = false;
    if slot(&module, &settings.label).is_err() {
        let missing = || slot(&module, &settings.label).err();
        let Some(so_pin) = so_pin else {
            return Err(missing().unwrap_or(CustodyFault::NoKek(settings.label.clone())));
        };
        name_a_free_token(&module, settings, so_pin)?;
        changed = true;
    }
    let (open, _) = log_in(settings)?;
    if open.objects.is_empty() {
        make_kek(&open.session, 1)?;
        changed = true;
    }
    Ok(changed)
}

fn name_a_free_token(module: &Pkcs11, settings: &TokenSettings, so_pin: &SecretBytes) -> Result<(), CustodyFault> {
    let slots = module.get_slots_with_token().map_err(failed("list its slots"))?;
    let free = slots.into_iter().find(|slot| module.get_token_info(*slot).is_ok_and(|info| !info.token_initialized()));
    let free =
        free.ok_or(CustodyFault::Token { doing: "find a free slot", reason: "every slot is in use".to_owned() })?;
    let so_pin = auth_pin(so_pin)?;
    module.init_token(free, &so_pin, &settings.label).map_err(failed("initialise it"))?;
    let slot = slot(module, &settings.label)?;
    let session = module.open_rw_session(slot).map_err(failed("open a session"))?;
    session.login(UserType::So, Some(&so_pin)).map_err(|error| refused(settings, error))?;
    session.init_pin(&auth_pin(&settings.pin)?).map_err(failed("set the user's PIN"))?;
    session.logout().map_err(failed("log out"))
}

/// The module, loaded and initialised.
fn module(path: &Path) -> Result<Pkcs11, CustodyFault> {
    let unusable =
        |error: Error| CustodyFault::Module { module: path.display().to_string(), reason: error.to_string() };
    let mut modules = MODULES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, module)) = modules.iter().find(|(known, _)| known == path) {
        return Ok(module.clone());
    }
    let module = Pkcs11::new(path).map_err(unusable)?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(unusable(error)),
    }
    modules.push((path.to_owned(), module.clone()));
    Ok(module)
}

/// The slot of the token with this label.
fn slot(module: &Pkcs11, label: &str) -> Result<Slot, CustodyFault> {
    let mut there = Vec::new();
    for slot in module.get_slots_with_initialized_token().map_err(failed("list its slots"))? {
        let info = module.get_token_info(slot).map_err(failed("tell its label"))?;
        if info.label() == label {
            return Ok(slot);
        }
        there.push(info.label().to_owned());
    }
    Err(CustodyFault::NoToken { label: label.to_owned(), there: there.join(", ") })
}

fn log_in(settings: &TokenSettings) -> Result<(Open, TokenState), CustodyFault> {
    let module = module(&settings.module)?;
    let slot = slot(&module, &settings.label)?;
    let info = module.get_token_info(slot).map_err(failed("tell its state"))?;
    let session = module.open_rw_session(slot).map_err(failed("open a session"))?;
    match session.login(UserType::User, Some(&auth_pin(&settings.pin)?)) {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
        Err(error) => return Err(refused(settings, error)),
    }
    let state = TokenState {
        label: info.label().to_owned(),
        serial: info.serial_number().to_owned(),
        model: format!("{} {}", info.manufacturer_id(), info.model()),
    };
    let objects = keks_of(&session)?;
    Ok((Open { session, objects }, state))
}

fn auth_pin(pin: &SecretBytes) -> Result<AuthPin, CustodyFault> {
    let text = std::str::from_utf8(pin.expose())
        .map_err(|_| CustodyFault::Token { doing: "take the PIN", reason: "it is not UTF-8".to_owned() })?;
    Ok(AuthPin::from(text.to_owned()))
}

/// Every KEK in the token, oldest first.
fn keks_of(session: &Session) -> Result<Vec<(KekId, ObjectHandle)>, CustodyFault> {
    let template = [Attribute::Class(ObjectClass::SECRET_KEY), Attribute::Label(KEK_LABEL.into())];
    let mut keks = Vec::new();
    for object in session.find_objects(&template).map_err(failed("find its keys"))? {
        let attributes = session.get_attributes(object, &[AttributeType::Id]).map_err(failed("name its keys"))?;
        for attribute in attributes {
            if let Attribute::Id(id) = attribute {
                keks.extend(kek_of(&id).map(|kek| (kek, object)));
            }
        }
    }
    keks.sort_by_key(|(kek, _)| *kek);
    Ok(keks)
}

/// A KEK's CKA_ID: version and mark, 4 bytes each, big-endian.
fn object_id(kek: KekId) -> Vec<u8> {
    [kek.version.to_be_bytes(), kek.mark.to_be_bytes()].concat()
}

fn kek_of(id: &[u8]) -> Option<KekId> {
    let (version, mark) = id.split_first_chunk::<4>()?;
    let mark = mark.try_into().ok()?;
    Some(KekId { kept: Kept::Token, version: u32::from_be_bytes(*version), mark: u32::from_be_bytes(mark) })
}

fn make_kek(session: &Session, version: u32) -> Result<(KekId, ObjectHandle), CustodyFault> {
    let mut mark = [0; 4];
    aws_lc_rs::rand::fill(&mut mark).map_err(|_| CustodyFault::Crypto("random"))?;
    let kek = KekId { kept: Kept::Token, version, mark: u32::from_be_bytes(mark) };
    let template = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::ValueLen(KEK_BYTES.into()),
        Attribute::Label(KEK_LABEL.into()),
        Attribute::Id(object_id(kek)),
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
        Attribute::Wrap(false),
        Attribute::Unwrap(false),
    ];
    let object = session.generate_key(&Mechanism::AesKeyGen, &template).map_err(failed("make a key"))?;
    Ok((kek, object))
}

fn failed(doing: &'static str) -> impl FnOnce(Error) -> CustodyFault {
    move |error| CustodyFault::Token { doing, reason: error.to_string() }
}

fn refused(settings: &TokenSettings, error: Error) -> CustodyFault {
    let label = settings.label.clone();
    match error {
        Error::Pkcs11(RvError::PinIncorrect, _) => {
            CustodyFault::Pin { label, reason: "it is not the right one".to_owned() }
        }
        Error::Pkcs11(RvError::PinLocked, _) => CustodyFault::Pin { label, reason: "it is locked".to_owned() },
        error => CustodyFault::Pin { label, reason: error.to_string() },
    }
}
