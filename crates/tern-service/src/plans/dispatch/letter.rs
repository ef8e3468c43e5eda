//! A notice as a mail: a few words, and the file. The same file is always under the same Message-ID, so that whoever
//! gets it twice can tell.

use std::time::SystemTime;

use aws_lc_rs::digest::{Context, SHA256};
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use tern_plan::notices::SupplierFileKind;

use super::record::Dispatched;
use crate::plans::estate::digest_of;

/// A mail that carries a file.
pub(super) struct Letter<'a> {
    of: &'a Dispatched,
    text: &'a str,
    id: String,
}

impl<'a> Letter<'a> {
    pub(super) fn of(one: &'a Dispatched, text: &'a str) -> Letter<'a> {
        let mut context = Context::new(&SHA256);
        context.update(one.file.to_string().as_bytes());
        context.update(&one.digest.0);
        Letter { of: one, text, id: digest_of(context).to_string() }
    }

    /// Its bytes, without lines that begin with what SMTP would take for their end.
    ///
    /// # Errors
    /// Why no mail can be made of it.
    pub(super) fn written(&self, from: &Address, to: &Address) -> Result<Vec<u8>, String> {
        let csv = ContentType::parse("text/csv; charset=utf-8").map_err(|error| error.to_string())?;
        let name = self.of.file.to_string();
        let parts = MultiPart::mixed()
            .boundary(&self.id[..32])
            .singlepart(SinglePart::plain(self.words()))
            .singlepart(Attachment::new(name.clone()).body(self.text.to_owned(), csv));
        let letter = Message::builder()
            .from(Mailbox::new(None, from.clone()))
            .to(Mailbox::new(None, to.clone()))
            .subject(name)
            .date(SystemTime::from(self.of.taken))
            .message_id(Some(format!("<{}@{}>", self.id, from.domain())))
            .multipart(parts);
        letter.map(|letter| letter.formatted()).map_err(|error| error.to_string())
    }

    fn words(&self) -> String {
        let name = &self.of.file;
        let (what, steps) = match name.kind {
            SupplierFileKind::FirmwareNotice => {
                ("Dormant Meter FW Upgrade Schedule Notification", "upgrade or configuration (4.29)")
            }
            _ => ("Dormant Meter Migration Schedule Notification", "migration (4.30)"),
        };
        let asked = match name.kind {
            SupplierFileKind::MigrationNotice => {
                "\nWhere certificates_by names a day, please give your certificates by it: without them that meter goes \
                 with the Null Certificate ID.\n"
            }
            _ => "",
        };
        format!(
            "{what} of {} to {}, for installations of SMSO {}.\n\nThe file {name} names {} and for each the earliest day \
             of {steps}.\n{asked}\nSHA-256 of the file: {}\n",
            name.made.date(),
            name.supplier,
            name.smso,
            if self.of.meters == 1 { "one meter".to_owned() } else { format!("{} meters", self.of.meters) },
            self.of.digest,
        )
    }
}
