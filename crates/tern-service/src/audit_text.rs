//! The parties' audits as text, for people to keep beside the stores. It must never stand in for verifying a chain.

use std::fmt::Write as _;

use tern_store::StoreFault;

use crate::System;
use crate::parties::Party;

impl System {
    /// Every party's audit, one line an entry, each with the hash that chains it to the one before.
    ///
    /// # Errors
    /// A store cannot be read.
    pub fn audit_text(&mut self) -> Result<String, StoreFault> {
        const PAGE: usize = 1_000;
        let mut text = String::new();
        let parties: [&mut dyn Party; 4] = [&mut self.dsp, &mut self.s1sp, &mut self.dco, &mut self.commissioning];
        for party in parties {
            let role = party.role();
            let mut after = 0;
            loop {
                let rows = party.store().audit(after, PAGE)?;
                for row in &rows {
                    let e = &row.entry;
                    let _ = writeln!(
                        text,
                        "{role}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
                        row.number, e.at, e.actor, e.action, e.subject, e.evidence, row.hash
                    );
                    after = row.number;
                }
                if rows.len() < PAGE {
                    break;
                }
            }
        }
        Ok(text)
    }
}
