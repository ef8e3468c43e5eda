//! A laboratory with an installation of each cohort, and the parties that ask its devices: the S1SP by its adapter, the DCO by its keys.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use jiff::Timestamp;
use tern_cohorts::device::{DeviceError, Reply, Row};
use tern_cohorts::{Addressee, Cohort, Conditions, Keys, Site, cohort};
use tern_dlms::apdu::{ActionResponse, ActionResult, Apdu, DataAccessResult, SetResponse};
use tern_dlms::security::{Ciphering, Form, Protection};
use tern_dlms::{Codec, SystemTitle};
use tern_model::{Behaviour, GroupId};
use tern_requests::{Task, TaskAnswer};
use tern_testkit::{Lab, LabPlan, own_associations};
use tern_world::corpus::Defect;
use tern_world::devices::{Installation, LOG_FILE, LogRecord, Protected, read_installations, read_log};
use tern_world::dlms::critical_keys;

/// One group of each cohort: IOC, MOC (MDS), MOC (Secure), FOC.
pub const GROUPS: [GroupId; 4] = [GroupId::CA, GroupId::CB, GroupId::DA, GroupId::EA];
const DCO: SystemTitle = SystemTitle(*b"\x90\xB3\xD5\x1F\x30\x00\x00\x06");

/// A laboratory in which each group has an installation with a gas meter and a PPMID.
pub fn lab() -> Lab {
    let plan = LabPlan { installations: 24, seed: 5, defects_permille: 0, faults: 0, set_size: 6 };
    Lab::of(plan, &Defect::USUAL, &GROUPS, |_| {})
}

/// One installation of a laboratory.
pub struct Bench<'l> {
    pub lab: &'l Lab,
    pub group: GroupId,
    pub before: &'l Installation,
    gsme: bool,
}

/// An installation of every group, which has all kinds of devices.
pub fn of_each_cohort(lab: &Lab) -> Vec<Bench<'_>> {
    let records: Vec<_> = lab.corpus.smsos.iter().flat_map(|(_, records)| &records.installations).collect();
    let of = |group| {
        let fits = |installation: &&Installation| {
            let record = records.iter().find(|record| record.chf_identifier == installation.hub.chf).expect("a record");
            record.group_id == group && installation.gsme.is_some() && !installation.ppmids.is_empty()
        };
        let before = lab.corpus.devices.iter().find(fits).unwrap_or_else(|| panic!("{group} has no such installation"));
        Bench { lab, group, before, gsme: true }
    };
    GROUPS.map(of).into_iter().collect()
}

/// One laboratory for what changes nothing that others look at, for one test at a time: numbers are used once.
pub fn shared() -> MutexGuard<'static, Lab> {
    static MADE: OnceLock<Mutex<Lab>> = OnceLock::new();
    MADE.get_or_init(|| Mutex::new(lab())).lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'l> Bench<'l> {
    /// The same, as an S1SP sees it that was told of no gas meter.
    pub fn without_gas(&self) -> Bench<'l> {
        Bench { gsme: false, ..*self }
    }

    pub fn cohort(&self) -> &'static dyn Cohort {
        cohort(self.group)
    }

    /// The devices as they are.
    pub fn now(&self) -> Installation {
        let all = read_installations(self.lab.world.dir()).expect("the devices");
        all.into_iter().find(|one| one.hub.chf == self.before.hub.chf).expect("is there")
    }

    /// The world's time.
    pub fn clock(&self) -> Timestamp {
        self.lab.world.clock().now()
    }

    pub fn ppmid(&self) -> Addressee {
        Addressee::Ppmid { device: self.before.ppmids[0].device, nth: 0 }
    }

    pub fn gpf(&self) -> Addressee {
        Addressee::Gpf { device: self.before.hub.gpf }
    }

    /// Has something done with the installation, under numbers that nobody used.
    pub fn with_site<T>(&self, body: impl FnOnce(&mut Site<'_>) -> T) -> T {
        let keys = &self.before.esme.association;
        let keys = Keys { smso: keys.clone(), s1sp: keys.clone() };
        let identity = self.lab.identity();
        let hub_key = self.before.hub_key.is_some().then(|| self.lab.hub_key(self.before.hub.chf));
        let connect = self.lab.connect();
        let line = || connect(self.before.hub.chf);
        let management = self.heard(Protected::Management);
        let transaction = self.lab.transaction_heard(self.before.hub.chf);
        let transactions: Range<u64> = transaction + 1..transaction + 17;
        body(&mut Site {
            chf: self.before.hub.chf,
            esme: self.before.esme.device,
            gsme: self.before.gsme.as_ref().filter(|_| self.gsme).map(|gsme| gsme.device),
            associations: own_associations(self.group),
            keys: &keys,
            invocations: management + 1..management + 65,
            transactions: transactions.into(),
            hub_key: hub_key.as_ref(),
            identity: &identity,
            connect: &line,
        })
    }

    fn heard(&self, which: Protected) -> u32 {
        self.lab.world.counters(self.before.hub.chf).expect("an ESME").heard(which)
    }

    pub fn perform(&self, task: &Task, who: Addressee) -> Result<TaskAnswer, DeviceError> {
        self.with_site(|site| self.cohort().perform(task, who, site)).expect("an answer")
    }

    #[track_caller]
    pub fn instructions(&self, task: &Task, who: Addressee, behaviours: &[Behaviour]) -> Vec<Vec<u8>> {
        let conditions = Conditions { at: self.clock(), behaviours };
        self.cohort().instructions(task, who, &conditions).expect("instructions")
    }

    /// Has a critical task obeyed, as the DCO protects it or the S1SP signs it, and gives what is told afterwards.
    #[track_caller]
    pub fn obeyed(&self, task: &Task, who: Addressee) -> TaskAnswer {
        assert!(task.is_critical());
        for instruction in self.instructions(task, who, &[]) {
            assert_eq!(self.asked(&instruction, who), Ok(()), "{:?}: {task:?}", self.group);
        }
        self.perform(task, who).expect("what is told afterwards")
    }

    /// One instruction, obeyed or not.
    pub fn asked(&self, instruction: &[u8], who: Addressee) -> Result<(), String> {
        if who == Addressee::Esme {
            return self.protected(instruction);
        }
        let instructed = self.with_site(|site| self.cohort().instruct(instruction, who, site)).expect("an answer");
        instructed.map_err(|error| format!("{error:?}"))
    }

    /// What the ESME answers to an instruction that the DCO protects.
    fn protected(&self, instruction: &[u8]) -> Result<(), String> {
        let esme = &self.before.esme;
        let keys = critical_keys(&esme.master, esme.device);
        let ciphering = Ciphering { keys, own: DCO, peer: SystemTitle(esme.device.0.0.to_be_bytes()) };
        let number = self.heard(Protected::Critical) + 1;
        let apdu = ciphering.seal(Form::General, Protection::AuthenticatedEncrypted, number, instruction);
        let row = Row::RelayCritical { apdu: apdu.expect("seals") };
        let reply = self.with_site(|site| self.cohort().carry_out(&row, site)).expect("an answer");
        let Ok(Reply::Critical { apdu }) = reply else { return Err(format!("{reply:?}")) };
        let opened = ciphering.open(&apdu).expect("the ESME's own");
        let words = |result: DataAccessResult| match result {
            DataAccessResult::Success => Ok(()),
            result => Err(result.to_string()),
        };
        match Apdu::decode(&opened.apdu).expect("an APDU") {
            Apdu::SetResponse(SetResponse::Normal { result, .. }) => words(result),
            Apdu::SetResponse(SetResponse::WithList { results, .. }) => results.into_iter().try_for_each(words),
            Apdu::ActionResponse(ActionResponse::Normal { response, .. }) => match response.result {
                ActionResult::Success => Ok(()),
                result => Err(result.to_string()),
            },
            other => panic!("{other:?}"),
        }
    }

    /// How often the devices' own log has an operation of this installation.
    pub fn logged(&self, operation: &str) -> usize {
        let log = read_log(&self.lab.world.dir().join(LOG_FILE)).expect("the log");
        let chf = self.before.hub.chf;
        let ours = |record: &&LogRecord| matches!(record, LogRecord::Effect(effect) if effect.chf == chf && effect.row == operation);
        log.iter().filter(ours).count()
    }
}
