//! Estates from rows: what fits together is kept, what contradicts is found, and nothing of it is planned.

mod any_population;
mod contradictions;
mod events;
mod files;
mod population;
mod suppliers;
mod support;
