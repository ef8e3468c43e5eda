//! Before the first day of an execution: nobody is handed in who is commissioned, or notified again of what was announced, because
//! another plan was carried out before. It only reads.

use tern_model::ChfIdentifier;
use tern_model::facts::{Notice, NoticeKind};
use tern_plan::plan::{NoticeOf, What};
use tern_wire::facts_csv::Subject;

use super::Execution;
use crate::facts::{FactsIndex, load};
use crate::fault::ServiceFault;
use crate::overview::Overview;
use crate::plans::Story;

/// Installations of which something was done before: how many, and the first.
#[derive(Default)]
struct Before {
    count: usize,
    first: Option<ChfIdentifier>,
}

impl Before {
    fn note(&mut self, chf: ChfIdentifier, done: bool) {
        if done {
            self.count += 1;
            self.first = self.first.or(Some(chf));
        }
    }

    fn told(&self, what: &str) -> Option<String> {
        let first = self.first?;
        let installations = if self.count == 1 { "installation" } else { "installations" };
        Some(format!("{what} {} {installations} (CHF {first}{})", self.count, if self.count == 1 { "" } else { ", …" }))
    }
}

impl Execution {
    /// Refuses to begin with a plan that does again what was done under another one.
    pub(super) fn does_nothing_again(&self) -> Result<(), ServiceFault> {
        let config = &self.setup.config;
        let (overview, facts) = (Overview::open(config)?, load(&config.path(&config.facts.dir))?.facts);
        let (mut commissioned, mut notified) = (Before::default(), Before::default());
        let mut stories = self.view.stories();
        while let Some(story) = stories.next_story()? {
            let migrates = story.lines.iter().any(|line| matches!(line.what, What::Migration(_)));
            let held = migrates && overview.inventory(story.chf.0)?.iter().any(|device| device.is_held());
            commissioned.note(story.chf, held);
            notified.note(story.chf, !held && was_announced(&story, &facts)?);
        }
        let done = [
            commissioned.told("migrates again, as their hubs are in the Smart Metering Inventory,"),
            notified.told("notifies again of what facts/notices.csv has,"),
        ];
        let done: Vec<String> = done.into_iter().flatten().collect();
        if done.is_empty() {
            return Ok(());
        }
        Err(ServiceFault::Refused {
            what: format!("the plan in {} does again what was done before it: it {}", self.setup.plan.display(), done.join("; ")),
            suggestion: "carry on under the plan under which that was done (`tern run --in`); where its days end too soon, make the next \
                         generation of that plan: `tern plan make ESTATE --until DATE`"
                .to_owned(),
        })
    }
}

/// Whether a supplier was notified before of what a story notifies it of.
fn was_announced(story: &Story, facts: &FactsIndex) -> Result<bool, ServiceFault> {
    let planned = story.lines.iter().filter_map(|line| match line.what {
        What::Notice { of, to, .. } => Some((of, to)),
        _ => None,
    });
    let mut planned = planned.peekable();
    if planned.peek().is_none() {
        return Ok(false);
    }
    let slice = facts.slice([Subject::Hub(story.chf)])?;
    let known = slice.notices(story.chf);
    let is_of = |notice: &Notice, of: NoticeOf| match notice.kind {
        NoticeKind::Migration => of == NoticeOf::Migration,
        NoticeKind::Configuration => of == NoticeOf::Preparation,
    };
    Ok(planned.any(|(of, to)| known.iter().any(|notice| notice.supplier == to && is_of(notice, of))))
}
