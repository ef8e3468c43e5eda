//! xenc
