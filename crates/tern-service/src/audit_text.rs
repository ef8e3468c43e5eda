//! The parties' audits as text, for people to keep beside the stores. It must never stand in for verifying a chain.

use std::io::Write;

use crate::System;
use crate::fault::ServiceFault;
use crate::overview::AuditRows;
use crate::parties::Party;

impl System {
    /// Writes every party's audit, one line an entry, each with the hash that chains it to the one before.
    ///
    /// # Errors
    /// A store cannot be read, or `text` cannot be written.
    pub fn audit_text(&mut self, text: &mut dyn Write) -> Result<(), ServiceFault> {
        let parties: [&mut dyn Party; 4] = [&mut self.dsp, &mut self.s1sp, &mut self.dco, &mut self.commissioning];
        for party in parties {
            let role = party.role();
            for row in AuditRows::new(&*party.store()) {
                let row = row?;
                let e = &row.entry;
                let (number, hash) = (row.number, row.hash);
                writeln!(
                    text,
                    "{role}\t{number}\t{}\t{}\t{}\t{}\t{}\t{hash}",
                    e.at, e.actor, e.action, e.subject, e.evidence
                )
                .map_err(|e| ServiceFault::file("write", "audit.log".as_ref(), e))?;
            }
        }
        Ok(())
    }
}
