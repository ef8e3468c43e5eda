//! Client and server as they talk: with each other, with programs that Tern's authors did not write, and with bytes that nobody
//! should send.

mod client;
mod dice;
mod gurux;
mod hostile;
mod meter;
mod other_meter;
mod outside;
mod signed;
mod suite0;
mod wire;
