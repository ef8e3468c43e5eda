//! The running gateway and whoever comes to it: Users who mean well, Users who do not, lines that drip, power that goes off.

mod asked;
mod bench;
