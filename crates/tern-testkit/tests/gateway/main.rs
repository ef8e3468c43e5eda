//! The running gateway and whoever comes to it: Users who mean well, Users who do not, lines that drip, power that goes off.

mod absent;
mod asked;
mod bench;
mod course;
mod crashes;
mod credentials;
mod distribution;
mod late;
mod lines;
mod metrics;
mod mutants;
mod oracle;
mod parties;
mod pre_commands;
mod python;
mod refused;
mod run;
mod signed;
mod wishes;

// What is refused here and nowhere before.
#[path = "../../../tern-requests/tests/shared/at_the_gateway.rs"]
mod at_the_gateway;

// What somebody without a key makes of a file is the same for every kind of file.
#[path = "../hostile/forms.rs"]
mod forms;
#[path = "../hostile/mutate.rs"]
mod mutate;
