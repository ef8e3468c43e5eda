//! `tern smso export`: from the SMSO's own records to signed files with encrypted keys.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tern_model::{ChfIdentifier, GroupId, Place, Role};
use tern_service::pki;
use tern_world::WorldError;
use tern_world::corpus::SMSO_DIR;
use tern_world::smso::{ExportFile, ExportOrder, InstallationRecord, Keys, RecordFiles, Source, export};

use crate::context::{Context, need_dir};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, cell, count_cell, counted};
use crate::output::Report;
use crate::progress::Stage;
use crate::verbs::pki::PkiDir;

/// Export installations: public data, and keys encrypted to the S1SP and to the DCO
///
/// The files are signed by the SMSO; `tern build` takes them from there. No other step sees a device key in the clear, unless an export
/// of EB or EC is made with --plaintext: such a file is its owner's alone to read, and `tern build` encrypts its keys.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    plain,
    "tern smso export",
    "tern smso export work/smso/smso --out work/exports --reference WEEK-09 --pki pki",
    "tern smso export --group EB --plaintext",
    "tern smso export --chf 00-DB-12-53-80-00-00-01 --out exports-2"
))]
pub struct Args {
    /// The folder with the SMSO's records; by default smso/NAME
    records: Option<PathBuf>,
    /// Export this installation alone; repeat it for several
    #[arg(long, value_name = "CHF IDENTIFIER")]
    chf: Vec<ChfIdentifier>,
    /// The folder to write to
    #[arg(long, value_name = "DIR", default_value = "exports")]
    out: PathBuf,
    /// The SMSO's name in the key infrastructure
    #[arg(long = "as", value_name = "NAME", default_value = "smso")]
    smso: String,
    /// Export the installations of this GroupID alone; without it every group has files of its own
    #[arg(long, value_name = "GROUP")]
    group: Option<GroupId>,
    /// Names this export, and none before it; by default the time of day
    #[arg(long, value_name = "WORD")]
    reference: Option<String>,
    /// The most installations that one file holds
    #[arg(long, value_name = "NUMBER", default_value = "1000")]
    size: NonZeroUsize,
    /// Leave keys in the clear, for EB and EC alone (11.1); the Requesting Party encrypts them
    #[arg(long)]
    plaintext: bool,
    #[command(flatten)]
    pki: PkiDir,
}

#[derive(Debug, Serialize)]
struct Exported {
    dir: PathBuf,
    files: Vec<ExportedFile>,
}

#[derive(Debug, Serialize)]
struct ExportedFile {
    name: String,
    installations: usize,
}

/// What is to be exported of all that there is.
struct Choice<'a> {
    group: Option<GroupId>,
    /// All where none is named.
    chfs: &'a [ChfIdentifier],
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.config_or_default(Path::new("."))?;
        let (pki_dir, now) = (configured.pki_dir(self.pki.dir), configured.clock().now());
        let records = self.records.unwrap_or_else(|| Path::new(SMSO_DIR).join(&self.smso));
        need_dir(&records, "name the folder with the SMSO's records; `tern corpus` invents some")?;
        let signer = pki::load_signer(&pki_dir, &self.smso)?;
        let trust = pki::load_trust(&pki_dir)?;
        pki::may_sign(&trust, &signer, now)?;
        let roles = &configured.config.roles;
        let of = |role, name: &str| pki::recipient(&trust, role, name, now);
        let (s1sp, dco) = (of(Role::S1sp, &roles.s1sp.party)?, of(Role::Dco, &roles.dco.party)?);
        let keys = if self.plaintext { Keys::Plaintext } else { Keys::Encrypted { s1sp: &s1sp, dco: &dco } };
        let reference = self.reference.unwrap_or_else(|| now.strftime("%Y%m%d-%H%M%S").to_string());
        let schema = tern_rules::schema_version(configured.config.rulebook.on(configured.clock().today()));
        let order =
            ExportOrder { reference: &reference, at: now, schema, size: self.size.get(), signer: &signer, keys };
        let choice = Choice { group: self.group, chfs: &self.chf };
        let count = choice.count(&records)?;
        let wanted = |record: &InstallationRecord| choice.wants(record);
        let records = RecordFiles { dir: &records, wanted: &wanted };
        if self.plaintext {
            may_be_plaintext(&records)?;
        }
        let stage = Stage::begin("smso export", Some(count));
        let exported = export(&records, &order, &self.out, &|| stage.advance(1)).map_err(|error| match error {
            WorldError::Exists { .. } => {
                Failure::new(error.to_string(), "give another --reference, or another folder with --out")
            }
            error => error.into(),
        })?;
        drop(stage);
        let file = |file: &ExportFile| ExportedFile { name: file.name.to_string(), installations: file.installations };
        let files = exported.iter().map(file).collect();
        context.output.show(&Exported { dir: self.out, files })?;
        Ok(Exit::Clean)
    }
}

impl Choice<'_> {
    fn wants(&self, record: &InstallationRecord) -> bool {
        self.group.is_none_or(|group| record.group_id == group)
            && (self.chfs.is_empty() || self.chfs.contains(&record.chf_identifier))
    }

    /// How many installations are wanted: one at least, and each that was named must be among the SMSO's records.
    fn count(&self, dir: &Path) -> Result<usize, Failure> {
        let (mut count, mut missing) = (0, self.chfs.to_vec());
        let mut held: BTreeMap<GroupId, usize> = BTreeMap::new();
        RecordFiles { dir, wanted: &|_| true }.each(&mut |record, _| {
            missing.retain(|chf| *chf != record.chf_identifier);
            *held.entry(record.group_id).or_default() += 1;
            count += usize::from(self.wants(record));
            Ok(())
        })?;
        if let Some(chf) = missing.first() {
            let what = format!("the SMSO has no record of CHF {chf}");
            let next = format!("check the identifier; installations.json in {} names all that it has", dir.display());
            return Err(Failure::new(what, next));
        }
        if count > 0 { Ok(count) } else { Err(self.nothing(dir, &held)) }
    }

    /// Why nothing is wanted: an export without installations is of no use to anybody.
    fn nothing(&self, dir: &Path, held: &BTreeMap<GroupId, usize>) -> Failure {
        let Some(group) = self.group.filter(|_| !held.is_empty()) else {
            let what = format!("nothing to export: the SMSO's records in {} hold no installation", dir.display());
            return Failure::new(what, "name the folder with the SMSO's records; `tern corpus` invents some");
        };
        let whose = if self.chfs.is_empty() { "the SMSO has no installation" } else { "none that --chf names is" };
        let has: Vec<_> = held.iter().map(|(group, n)| format!("{} of {group}", counted(*n, "installation"))).collect();
        let next = format!("its records hold {}; name one of these groups, or leave --group out", has.join(", "));
        Failure::new(format!("nothing to export: {whose} of group {group}"), next)
    }
}

/// Whether all that is exported is of groups whose keys may go out in the clear.
fn may_be_plaintext(records: &RecordFiles<'_>) -> Result<(), Failure> {
    let mut refused = None;
    records.each(&mut |record, _| {
        let finding = || tern_rules::plaintext_export(record.group_id, Place::document("--plaintext"));
        refused = refused.take().or_else(finding);
        Ok(())
    })?;
    let Some(finding) = refused else { return Ok(()) };
    let what = format!("{}: {}", finding.clause, finding.message);
    Err(Failure::new(what, "leave --plaintext out, or name a --group that it may be given for: EB, EC"))
}

impl Report for Exported {
    fn text(&self, look: &Look) -> String {
        let installations = self.files.iter().map(|file| file.installations).sum();
        let (installations, dir) = (counted(installations, "installation"), self.dir.display());
        let rows = self.files.iter().map(|file| vec![cell(&file.name), count_cell(file.installations)]);
        let table = look.table(&["SMSO Export", "installations"], 0, rows);
        let next = look.faint(&format!("  next: `tern build {dir}`, as the Requesting Party"));
        format!("{} {installations} to {dir}\n{table}\n\n{next}", look.good("exported"))
    }
}
