//! The verbs: one file each, and one line in the registry. Its order is that of `tern --help`.

mod audit;
mod build;
mod check;
mod corpus;
mod dco;
mod dead_letters;
mod demo;
mod duties;
mod estate;
mod explain;
mod firmware;
mod inventory;
mod migrate;
mod pin;
mod pki;
mod plan;
mod report;
mod request;
mod resolve;
mod role;
mod rules;
mod run;
mod sandbox;
mod serve;
mod show;
mod show_config;
mod smso;
mod srv;
mod status;
mod stuck;
mod submit;
mod trace;
mod what_if;
mod world;

use clap::Subcommand;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// Makes the enumeration of verbs, and the way from each to its `run`.
macro_rules! registry {
    ($($name:ident => $module:ident,)+) => {
        /// What may be asked of `tern`.
        #[derive(Debug, Subcommand)]
        pub enum Verb {
            $(
                $name($module::Args),
            )+
        }

        impl Verb {
            /// Does it.
            ///
            /// # Errors
            /// [`Failure`], with exit code 2.
            pub fn run(self, context: &Context) -> Result<Exit, Failure> {
                match self {
                    $(Verb::$name(args) => args.run(context),)+
                }
            }
        }
    };
}

registry! {
    Demo => demo,
    Pki => pki,
    Corpus => corpus,
    Smso => smso,
    Build => build,
    Check => check,
    Migrate => migrate,
    Status => status,
    Stuck => stuck,
    Resolve => resolve,
    Duties => duties,
    Estate => estate,
    Inventory => inventory,
    Plan => plan,
    Run => run,
    WhatIf => what_if,
    Firmware => firmware,
    Pin => pin,
    Dco => dco,
    Audit => audit,
    Report => report,
    World => world,
    Serve => serve,
    Submit => submit,
    Role => role,
    Explain => explain,
    Rules => rules,
    Srv => srv,
    Show => show,
    Request => request,
    Sandbox => sandbox,
    Trace => trace,
    DeadLetters => dead_letters,
    ShowConfig => show_config,
}
