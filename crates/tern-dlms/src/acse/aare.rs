//! AARE: a server accepts or rejects an association.

use super::aarq::AUTHENTICATION_USED;
use super::ber::{self, Content, put_field, put_nested};
use super::names::{ApplicationContext, AuthenticationValue, Mechanism};
use crate::apdu::tag;
use crate::codec::{Codec, Reader, enumeration};
use crate::error::{DecodeError, DecodeErrorKind};
use crate::system_title::SystemTitle;

enumeration! {
    /// Association-result.
    AssociationResult is "association result" {
        /// Accepted; with mechanisms of both sides, for the rest of the authentication.
        Accepted = 0 "accepted",
        /// Rejected for good.
        RejectedPermanent = 1 "rejected-permanent",
        /// Rejected for now.
        RejectedTransient = 2 "rejected-transient",
    }
}

enumeration! {
    /// The diagnostic of the ACSE service user, which is the server's application.
    ServiceUserDiagnostic is "acse-service-user diagnostic" {
        /// Nothing to say.
        Null = 0 "null",
        /// No reason.
        NoReasonGiven = 1 "no-reason-given",
        /// Context not spoken.
        ApplicationContextNameNotSupported = 2 "application-context-name-not-supported",
        /// Client's system title not known.
        CallingApTitleNotRecognized = 3 "calling-AP-title-not-recognized",
        /// Identifier not known.
        CallingApInvocationIdentifierNotRecognized = 4 "calling-AP-invocation-identifier-not-recognized",
        /// Qualifier not known.
        CallingAeQualifierNotRecognized = 5 "calling-AE-qualifier-not-recognized",
        /// Identifier not known.
        CallingAeInvocationIdentifierNotRecognized = 6 "calling-AE-invocation-identifier-not-recognized",
        /// Title not known.
        CalledApTitleNotRecognized = 7 "called-AP-title-not-recognized",
        /// Identifier not known.
        CalledApInvocationIdentifierNotRecognized = 8 "called-AP-invocation-identifier-not-recognized",
        /// Qualifier not known.
        CalledAeQualifierNotRecognized = 9 "called-AE-qualifier-not-recognized",
        /// Identifier not known.
        CalledAeInvocationIdentifierNotRecognized = 10 "called-AE-invocation-identifier-not-recognized",
        /// Mechanism not spoken.
        AuthenticationMechanismNameNotRecognised = 11 "authentication-mechanism-name-not-recognised",
        /// A mechanism is asked for.
        AuthenticationMechanismNameRequired = 12 "authentication-mechanism-name-required",
        /// The authentication failed.
        AuthenticationFailure = 13 "authentication-failure",
        /// The authentication goes on: the second half of both sides' mechanisms is asked for.
        AuthenticationRequired = 14 "authentication-required",
    }
}

enumeration! {
    /// The diagnostic of the ACSE service provider, which is the protocol's own machine.
    ServiceProviderDiagnostic is "acse-service-provider diagnostic" {
        /// Nothing to say.
        Null = 0 "null",
        /// No reason.
        NoReasonGiven = 1 "no-reason-given",
        /// No version in common.
        NoCommonAcseVersion = 2 "no-common-acse-version",
    }
}

/// Associate-source-diagnostic: who says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Diagnostic {
    /// acse-service-user.
    ServiceUser(ServiceUserDiagnostic),
    /// acse-service-provider.
    ServiceProvider(ServiceProviderDiagnostic),
}

/// AARE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aare {
    /// How objects are named, and whether APDUs may be ciphered.
    pub application_context: ApplicationContext,
    /// Accepted or not.
    pub result: AssociationResult,
    /// Why.
    pub diagnostic: Diagnostic,
    /// The server's system title.
    pub responding_ap_title: Option<SystemTitle>,
    /// How the two sides authenticate themselves.
    pub mechanism: Option<Mechanism>,
    /// The server's challenge.
    pub responding_authentication_value: Option<AuthenticationValue>,
    /// The encoded initiateResponse or confirmedServiceError, or its ciphered form.
    pub user_information: Option<Vec<u8>>,
}

/// Tags of the fields of an AARE that are kept.
mod field {
    pub(super) const APPLICATION_CONTEXT_NAME: u8 = 0xA1;
    pub(super) const RESULT: u8 = 0xA2;
    pub(super) const RESULT_SOURCE_DIAGNOSTIC: u8 = 0xA3;
    pub(super) const RESPONDING_AP_TITLE: u8 = 0xA4;
    pub(super) const RESPONDER_ACSE_REQUIREMENTS: u8 = 0x88;
    pub(super) const MECHANISM_NAME: u8 = 0x89;
    pub(super) const RESPONDING_AUTHENTICATION_VALUE: u8 = 0xAA;
    pub(super) const USER_INFORMATION: u8 = 0xBE;
    /// protocol-version, responding qualifier and identifiers, implementation-information.
    pub(super) const READ_OVER: [u8; 6] = [0x80, 0xA5, 0xA6, 0xA7, 0x9D, 0xBD];
    pub(super) const SERVICE_USER: u8 = 0xA1;
    pub(super) const SERVICE_PROVIDER: u8 = 0xA2;
}

impl Aare {
    /// An answer without titles, authentication or user information.
    #[must_use]
    pub fn new(context: ApplicationContext, result: AssociationResult, diagnostic: ServiceUserDiagnostic) -> Self {
        Aare {
            application_context: context,
            result,
            diagnostic: Diagnostic::ServiceUser(diagnostic),
            responding_ap_title: None,
            mechanism: None,
            responding_authentication_value: None,
            user_information: None,
        }
    }
}

impl Codec for Aare {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut fields = Vec::new();
        let context = self.application_context.object_identifier();
        put_nested(field::APPLICATION_CONTEXT_NAME, ber::OBJECT_IDENTIFIER, &context, &mut fields);
        put_nested(field::RESULT, ber::INTEGER, &[self.result.number()], &mut fields);
        self.diagnostic.put(&mut fields);
        if let Some(title) = &self.responding_ap_title {
            put_nested(field::RESPONDING_AP_TITLE, ber::OCTET_STRING, &title.0, &mut fields);
        }
        if let Some(mechanism) = &self.mechanism {
            put_field(field::RESPONDER_ACSE_REQUIREMENTS, &AUTHENTICATION_USED, &mut fields);
            put_field(field::MECHANISM_NAME, &mechanism.object_identifier(), &mut fields);
        }
        if let Some(value) = &self.responding_authentication_value {
            value.put(field::RESPONDING_AUTHENTICATION_VALUE, &mut fields);
        }
        if let Some(information) = &self.user_information {
            put_nested(field::USER_INFORMATION, ber::OCTET_STRING, information, &mut fields);
        }
        put_field(tag::AARE, &fields, out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let start = reader.position();
        let mut parts = Parts::default();
        ber::read_apdu(reader, tag::AARE, "an AARE", |tag, content| parts.take(tag, content))?;
        let missing = |what| DecodeError::new(start, DecodeErrorKind::Form { what });
        Ok(Aare {
            application_context: parts.context.ok_or_else(|| missing("an application-context-name"))?,
            result: parts.result.ok_or_else(|| missing("an association result"))?,
            diagnostic: parts.diagnostic.ok_or_else(|| missing("a result-source-diagnostic"))?,
            responding_ap_title: parts.title,
            mechanism: parts.mechanism,
            responding_authentication_value: parts.authentication,
            user_information: parts.information,
        })
    }
}

/// The fields of an AARE as they come.
#[derive(Default)]
struct Parts {
    context: Option<ApplicationContext>,
    result: Option<AssociationResult>,
    diagnostic: Option<Diagnostic>,
    title: Option<SystemTitle>,
    mechanism: Option<Mechanism>,
    authentication: Option<AuthenticationValue>,
    information: Option<Vec<u8>>,
}

impl Parts {
    fn take(&mut self, tag: u8, content: Content<'_>) -> Result<(), DecodeError> {
        match tag {
            field::APPLICATION_CONTEXT_NAME => self.context = Some(content.context()?),
            field::RESULT => self.result = Some(content.only(ber::INTEGER, "an integer")?.decode()?),
            field::RESULT_SOURCE_DIAGNOSTIC => self.diagnostic = Some(Diagnostic::of_content(content)?),
            field::RESPONDING_AP_TITLE => self.title = content.title()?,
            field::RESPONDER_ACSE_REQUIREMENTS => {}
            field::MECHANISM_NAME => self.mechanism = Some(Mechanism::of_object_identifier(content.bytes)),
            field::RESPONDING_AUTHENTICATION_VALUE => {
                self.authentication = Some(AuthenticationValue::of_content(content)?);
            }
            field::USER_INFORMATION => self.information = Some(content.information()?),
            known if field::READ_OVER.contains(&known) => {}
            _ => return Err(content.error("a field of an AARE")),
        }
        Ok(())
    }
}

impl Diagnostic {
    fn put(self, out: &mut Vec<u8>) {
        let (source, number) = match self {
            Diagnostic::ServiceUser(diagnostic) => (field::SERVICE_USER, diagnostic.number()),
            Diagnostic::ServiceProvider(diagnostic) => (field::SERVICE_PROVIDER, diagnostic.number()),
        };
        let mut inner = Vec::with_capacity(5);
        put_nested(source, ber::INTEGER, &[number], &mut inner);
        put_field(field::RESULT_SOURCE_DIAGNOSTIC, &inner, out);
    }

    fn of_content(content: Content<'_>) -> Result<Self, DecodeError> {
        let what = "a diagnostic of the service user or provider";
        match content.bytes.first() {
            Some(&field::SERVICE_USER) => {
                let number = content.only(field::SERVICE_USER, what)?.only(ber::INTEGER, "an integer")?;
                number.decode().map(Diagnostic::ServiceUser)
            }
            _ => {
                let number = content.only(field::SERVICE_PROVIDER, what)?.only(ber::INTEGER, "an integer")?;
                number.decode().map(Diagnostic::ServiceProvider)
            }
        }
    }
}
