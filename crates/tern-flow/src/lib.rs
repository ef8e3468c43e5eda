//! tern-flow
