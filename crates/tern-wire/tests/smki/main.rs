//! The key infrastructure from outside: what it issues is what it trusts, what it refuses, and what OpenSSL says of both.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod issued;
mod openssl;
mod support;
mod trusted;
