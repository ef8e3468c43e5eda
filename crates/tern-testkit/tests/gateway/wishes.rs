//! What Users ask: a body for every service that Tern processes, and the devices that it is asked of.

use tern_model::DeviceId;
use tern_requests::find;
use tern_requests::task::Utrn;
use tern_testkit::{Home, UserClient};
use tern_wire::dsig;
use tern_wire::duis::{RequestId, SR};

/// Of whom something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The electricity meter.
    Esme,
    /// The gas meter.
    Gsme,
    /// The Gas Proxy Function.
    Gpf,
    /// The hub.
    Hub,
    /// The prepayment interface.
    Ppmid,
    /// Nobody but the DCC itself.
    Dcc,
}

/// A service, its body, and of whom it is asked.
#[derive(Debug, Clone)]
pub struct Wish {
    pub srv: &'static str,
    pub body: String,
    pub of: Of,
}

fn wish(srv: &'static str, of: Of, body: impl Into<String>) -> Wish {
    Wish { srv, body: body.into(), of }
}

fn leaf(name: &str, value: impl std::fmt::Display) -> String {
    format!("<{name}>{value}</{name}>")
}

/// What can be asked of a home's devices without a change of its firmware, and of the inventory.
pub fn wishes(home: &Home) -> Vec<Wish> {
    let profile = leaf("StartDateTime", "2021-03-01T00:00:00Z") + &leaf("EndDateTime", "2021-03-01T06:00:00Z");
    let profile = leaf("ReadActiveImportProfileData", leaf("ReadLogPeriod", profile));
    let times = "<CurrentDateTime>2021-03-02T09:00:00.00Z</CurrentDateTime><TolerancePeriod>10</TolerancePeriod>";
    let prepayment = "<Prepayment><SuspendDebtDisabled>true</SuspendDebtDisabled><SuspendDebtEmergency>0\
                      </SuspendDebtEmergency><DisablementThreshold>-500</DisablementThreshold></Prepayment>";
    let top_up = leaf("TopUpDevice", leaf("UTRN", Utrn::made(2_000, 77).expect("a UTRN").as_str()));
    let prices = "<PriceElements><ElectricityPriceElements><StandingCharge>-3</StandingCharge>\
                  <StandingChargeScale>-1</StandingChargeScale><PriceScale>-4</PriceScale><TOUTariff>\
                  <TOUPrice index=\"1\">1500</TOUPrice><TOUPrice index=\"2\">900</TOUPrice></TOUTariff>\
                  </ElectricityPriceElements></PriceElements>";
    let ppmid = home.ppmids.first().map(ToString::to_string).unwrap_or_default();
    vec![
        wish("4.1.1", Of::Esme, "<ReadInstantaneousImportRegisters/>"),
        wish("4.1.1", Of::Gsme, "<ReadInstantaneousImportRegisters/>"),
        wish("4.3", Of::Esme, "<ReadInstantaneousPrepayValues/>"),
        wish("4.8.1", Of::Esme, profile),
        wish("4.18", Of::Gsme, "<ReadMeterBalance/>"),
        wish("7.4", Of::Esme, "<ReadSupplyStatus/>"),
        wish("11.2", Of::Esme, "<ReadFirmwareVersion/>"),
        wish("11.2", Of::Gpf, "<ReadFirmwareVersion/>"),
        wish("11.2", Of::Hub, "<ReadFirmwareVersion/>"),
        wish("7.1", Of::Esme, "<EnableSupply/>"),
        wish("7.2", Of::Esme, "<DisableSupply/>"),
        wish("7.3", Of::Gsme, "<ArmSupply/>"),
        wish("6.11", Of::Esme, leaf("SynchroniseClock", times)),
        wish("1.6", Of::Esme, leaf("UpdatePaymentMode", prepayment)),
        wish("1.6", Of::Gsme, "<UpdatePaymentMode><Credit/></UpdatePaymentMode>"),
        wish("2.2", Of::Esme, top_up),
        wish("1.2.1", Of::Esme, leaf("UpdatePricePrimaryElement", prices)),
        wish("8.7.2", Of::Ppmid, leaf("JoinServiceNonCritical", leaf("OtherDeviceID", home.esme))),
        wish("8.7.1", Of::Esme, leaf("JoinServiceCritical", leaf("OtherDeviceID", ppmid))),
        wish("8.2", Of::Dcc, leaf("ReadInventory", leaf("DeviceID", home.esme))),
        wish("8.2", Of::Dcc, leaf("ReadInventory", leaf("MPxN", &home.mpan))),
        wish(
            "12.2",
            Of::Dcc,
            "<DevicePrenotification><DeviceID>00-DB-12-53-80-00-77-01</DeviceID><DeviceManufacturer>ACME\
             </DeviceManufacturer><DeviceModel>P1</DeviceModel><DeviceType>PPMID</DeviceType><FirmwareVersion>1.0\
             </FirmwareVersion></DevicePrenotification>",
        ),
    ]
}

impl Wish {
    /// The web service that takes it.
    pub fn service(&self) -> &'static str {
        if self.of == Of::Dcc { "serviceD" } else { "serviceS" }
    }

    /// The device of a home that is asked; none where the DCC is.
    pub fn device(&self, home: &Home) -> Option<DeviceId> {
        match self.of {
            Of::Esme => Some(home.esme),
            Of::Gsme => home.gsme,
            Of::Gpf => Some(home.gpf),
            Of::Hub => Some(home.chf.into()),
            Of::Ppmid => home.ppmids.first().copied(),
            Of::Dcc => None,
        }
    }

    /// The User who may ask it.
    pub fn asker<'h>(&self, home: &'h Home) -> &'h str {
        let gas = home.gas_supplier.as_deref().filter(|_| matches!(self.of, Of::Gsme | Of::Gpf));
        gas.unwrap_or(&home.supplier)
    }

    /// The request, before it is signed.
    pub fn unsigned(&self, user: &UserClient, home: &Home, counter: u64) -> String {
        let target = self.device(home).map_or(user.dcc, |device| device.0);
        let id = RequestId { originator: user.party(), target, counter };
        let reference = find(self.srv).expect("a service").reference();
        let variant = if self.of == Of::Dcc { 8 } else { 1 };
        format!(
            "<Request xmlns=\"{SR}\" schemaVersion=\"{}\"><Header><RequestID>{id}</RequestID><CommandVariant>{variant}\
             </CommandVariant><ServiceReference>{reference}</ServiceReference><ServiceReferenceVariant>{}\
             </ServiceReferenceVariant></Header><Body>{}</Body></Request>",
            user.version, self.srv, self.body
        )
    }

    /// The request as its User sends it.
    pub fn signed(&self, user: &UserClient, home: &Home, counter: u64) -> String {
        dsig::sign(&self.unsigned(user, home, counter), &user.signer).expect("signed")
    }
}
