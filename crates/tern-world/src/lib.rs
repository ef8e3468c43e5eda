//! tern-world
