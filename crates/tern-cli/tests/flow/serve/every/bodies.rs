//! The bodies of requests that say more than their name.

use jiff::Timestamp;
use tern_wire::duis::Draft;

fn of(name: &'static str, children: impl IntoIterator<Item = Draft>) -> Draft {
    Draft::new(name).with_all(children)
}

fn indexed(name: &'static str, at: usize, value: impl ToString) -> Draft {
    Draft::leaf(name, value).attribute("index", at)
}

pub fn profile(from: Timestamp, to: Timestamp) -> Draft {
    let period = [Draft::leaf("StartDateTime", from), Draft::leaf("EndDateTime", to)];
    Draft::new("ReadActiveImportProfileData").with(of("ReadLogPeriod", period))
}

pub fn top_up(utrn: &str) -> Draft {
    Draft::new("TopUpDevice").with(Draft::leaf("UTRN", utrn))
}

pub fn credit() -> Draft {
    Draft::new("UpdatePaymentMode").with(Draft::new("Credit"))
}

pub fn prepayment(disablement_threshold: i32) -> Draft {
    let terms = [
        Draft::leaf("SuspendDebtDisabled", true),
        Draft::leaf("SuspendDebtEmergency", false),
        Draft::leaf("DisablementThreshold", disablement_threshold),
    ];
    Draft::new("UpdatePaymentMode").with(of("Prepayment", terms))
}

pub fn clock(name: &'static str, now: Timestamp, tolerance_seconds: u32) -> Draft {
    Draft::new(name).with(Draft::leaf("CurrentDateTime", now)).with(Draft::leaf("TolerancePeriod", tolerance_seconds))
}

pub fn join(name: &'static str, other: impl ToString) -> Draft {
    Draft::new(name).with(Draft::leaf("OtherDeviceID", other))
}

pub fn activate(hash: &str) -> Draft {
    Draft::new("ActivateFirmware").with(Draft::leaf("FirmwareHash", hash))
}

fn tou(prices: &[u32]) -> Draft {
    of("TOUTariff", (1..).zip(prices).map(|(at, price)| indexed("TOUPrice", at, price)))
}

/// Prices in tenths of a penny, a standing charge of 31 pence.
fn electricity_prices(prices: &[u32]) -> Draft {
    let leaves = [("StandingCharge", 31), ("StandingChargeScale", -2), ("PriceScale", -3)];
    let elements = of("ElectricityPriceElements", leaves.map(|(name, value)| Draft::leaf(name, value)));
    Draft::new("PriceElements").with(elements.with(tou(prices)))
}

/// Prices in hundred-thousandths of a pound.
fn gas_prices(prices: &[u32]) -> Draft {
    let elements = Draft::new("GasPriceElements")
        .with(Draft::leaf("CurrencyUnits", "GBP"))
        .with(Draft::leaf("StandingCharge", 26_000))
        .with(tou(prices));
    Draft::new("PriceElements").with(elements)
}

pub fn electricity_price(prices: &[u32]) -> Draft {
    Draft::new("UpdatePricePrimaryElement").with(electricity_prices(prices))
}

pub fn gas_price(prices: &[u32]) -> Draft {
    Draft::new("UpdatePricePrimaryElement").with(gas_prices(prices))
}

fn week(day: u8) -> Draft {
    let days = (1..=7).map(|at| indexed("ReferencedDayName", at, day));
    Draft::new("WeekProfiles").with(Draft::new("WeekProfile").with(Draft::leaf("WeekName", 1)).with_all(days))
}

/// Any day of any year.
fn any_date() -> [Draft; 4] {
    let open = |name, what| Draft::new(name).with(Draft::new(what));
    [
        open("Year", "NonSpecifiedYear"),
        open("Month", "NonSpecifiedMonth"),
        open("DayOfMonth", "NonSpecifiedDayOfMonth"),
        open("DayOfWeek", "NonSpecifiedDayOfWeek"),
    ]
}

fn any_gas_date() -> [Draft; 4] {
    let open = |name, what| Draft::new(name).with(Draft::new(what));
    [
        open("GasYearWithWildcards", "NonSpecifiedYear"),
        open("GasMonthWithWildcards", "NonSpecifiedMonth"),
        open("GasDayOfMonthWithWildcards", "GasNonSpecifiedDayOfMonth"),
        open("GasDayOfWeekWithWildcards", "NonSpecifiedDayOfWeek"),
    ]
}

/// From one to six at night the second rate, else the first.
pub fn electricity_tariff(prices: &[u32]) -> Draft {
    let switch = |(at, rate): (&str, u8)| {
        of("ProfileSchedule", [Draft::leaf("StartTime", at), Draft::leaf("TOUTariffAction", rate)])
    };
    let day = Draft::new("DayProfile")
        .with(Draft::leaf("DayName", 1))
        .with_all([("00:00:00Z", 1), ("01:00:00Z", 2), ("06:00:00Z", 1)].map(switch));
    let season =
        [Draft::leaf("SeasonName", "ALL"), of("SeasonStartDate", any_date()), Draft::leaf("ReferencedWeekName", 1)];
    let table = Draft::new("SwitchingTable")
        .with(Draft::new("DayProfiles").with(day))
        .with(week(1))
        .with(Draft::new("Seasons").with(of("Season", season)));
    let row = |at| Draft::new("Thresholds").attribute("index", at).with(indexed("BlockThreshold", 1, 1_000));
    let elements = Draft::new("ElecTariffElements")
        .with(Draft::leaf("CurrencyUnits", "GBP"))
        .with(table)
        .with(Draft::new("SpecialDays"))
        .with(of("ThresholdMatrix", (1..=8).map(row)));
    Draft::new("UpdateImportTariffPrimaryElement").with(elements).with(electricity_prices(prices))
}

/// One rate on every day.
pub fn gas_tariff(price: u32) -> Draft {
    let day = of("DayProfile", [Draft::leaf("DayName", 1), Draft::leaf("TOUTariffAction", 1)]);
    let season = [of("SeasonStartDate", any_gas_date()), Draft::leaf("ReferencedWeekName", 1)];
    let table = Draft::new("SwitchingTable")
        .with(Draft::new("DayProfiles").with(day))
        .with(week(1))
        .with(Draft::new("Seasons").with(of("Season", season)));
    let elements = Draft::new("GasTariffElements")
        .with(table)
        .with(Draft::new("SpecialDays"))
        .with(Draft::new("ThresholdMatrix").with(indexed("BlockThreshold", 1, 7)));
    Draft::new("UpdateImportTariffPrimaryElement").with(elements).with(gas_prices(&[price]))
}

pub fn inventory(name: &'static str, value: impl ToString) -> Draft {
    Draft::new("ReadInventory").with(Draft::leaf(name, value))
}

pub fn notified(device: impl ToString) -> Draft {
    let leaves =
        [("DeviceManufacturer", "ACME"), ("DeviceModel", "P1"), ("DeviceType", "PPMID"), ("FirmwareVersion", "1.0")];
    Draft::new("DevicePrenotification")
        .with(Draft::leaf("DeviceID", device))
        .with_all(leaves.map(|(name, value)| Draft::leaf(name, value)))
}

pub fn update(device: impl ToString, what: Draft) -> Draft {
    Draft::new("UpdateInventory").with(Draft::leaf("DeviceID", device)).with(what)
}
