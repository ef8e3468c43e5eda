//! tern-dco
