//! tern-rules
