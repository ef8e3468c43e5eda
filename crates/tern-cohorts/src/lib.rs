//! tern-cohorts
