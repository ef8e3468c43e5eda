//! Resilience: what comes late, wrong, twice or under a certificate that may not be used stops nothing else, and in the end
//! engine and devices agree.

mod again;
mod answers;
mod associations;
mod certificates;
mod conversations;
mod counters;
mod firmware;
mod forged;
mod images;
mod resumed;
mod slow;
mod support;
