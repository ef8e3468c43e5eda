//! Plans on disk: an estate as it lies in a folder, and the generations of a plan, none of which ever changes.
//!
//! Nothing here decides a day: `tern_plan` does. A generation that was kept is never written again; what is learnt later is the
//! next one, with the digest of the one before it.

pub mod dispatch;
mod estate;
mod in_force;
mod kept;
mod stories;
pub mod taking;
mod work;

pub use estate::{EstateFolder, Examined, events_digest, examine, load, load_as_of};
pub use kept::{Generation, Kept, Made, PlanFolder, Standing, Standings};
pub use stories::{Changed, PlanView, Stories, Story, differences};
pub use work::Work;
