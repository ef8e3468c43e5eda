//! The description of all 129 Service Reference Variants. Each row is data; nothing here decides.
//!
//! A row says: number, name and body element; whether it is critical, whether on demand, whether the DSP may schedule it; who holds a
//! request for a later day; the targets that the DCC's public templates show; the User Roles that may send it; what speaks for its being a
//! SMETS1 service; and what Tern does with it. Numbers, names, roles and flags are those of the DCC's public matrix, where
//! `tests/matrix.rs` does not say otherwise; body elements those of the published schemas.

use super::Srv;
use super::words::{Evidence, FutureDating, Handling, Target};
use tern_model::UserRole;

macro_rules! flag {
    (_) => {
        false
    };
    ($said:ident) => {
        true
    };
}

macro_rules! srvs {
    ($($number:literal $name:literal $body:ident: $critical:tt $on_demand:tt $schedulable:tt, $dating:ident,
        [$($target:ident)+], [$($role:ident)*], $evidence:ident, $handling:ident;)+) => {
        /// Every Service Reference Variant, in the order of their numbers.
        pub static ALL: &[Srv] = &[$(Srv {
            number: $number,
            name: $name,
            body: stringify!($body),
            critical: flag!($critical),
            on_demand: flag!($on_demand),
            schedulable: flag!($schedulable),
            future_dating: FutureDating::$dating,
            shown_targets: &[$(Target::$target),+],
            roles: &[$(UserRole::$role),*],
            evidence: Evidence::$evidence,
            handling: Handling::$handling,
        }),+];
    };
}

srvs! {
    // Service group 1.
    "1.1.1" "Update Import Tariff (Primary Element)" UpdateImportTariffPrimaryElement:
        critical on_demand _, ByDevice, [Esme Gsme], [Is Gs], Implied, Processed;
    "1.1.2" "Update Import Tariff (Secondary Element)" UpdateImportTariffSecondaryElement:
        critical on_demand _, ByDevice, [Esme], [Is], Unknown, NotYetProcessed;
    "1.2.1" "Update Price (Primary Element)" UpdatePricePrimaryElement:
        critical on_demand _, ByDevice, [Esme Gsme], [Is Gs], Implied, Processed;
    "1.2.2" "Update Price (Secondary Element)" UpdatePriceSecondaryElement:
        critical on_demand _, ByDevice, [Esme], [Is], Unknown, NotYetProcessed;
    "1.5" "Update Meter Balance" UpdateMeterBalance:
        critical on_demand _, Never, [Esme Gsme], [Is Gs], Likely, NotYetProcessed;
    "1.6" "Update Payment Mode" UpdatePaymentMode:
        critical on_demand _, ByDevice, [Esme Gsme], [Is Gs], Likely, Processed;
    "1.7" "Reset Tariff Block Counter Matrix" ResetTariffBlockCounterMatrix:
        critical on_demand _, Never, [Esme], [Is], Unknown, NotYetProcessed;

    // Service group 2.
    "2.1" "Update Prepay Configuration" UpdatePrepayConfiguration:
        critical on_demand _, ByDevice, [Esme Gsme], [Is Gs], Likely, NotYetProcessed;
    "2.2" "Top Up Device" TopUpDevice:
        _ on_demand _, Never, [Esme Gsme], [Is Gs], Named, Processed;
    "2.3" "Update Debt" UpdateDebt:
        critical on_demand _, Never, [Esme Gsme], [Is Gs], Likely, NotYetProcessed;
    "2.5" "Activate Emergency Credit" ActivateEmergencyCredit:
        critical on_demand _, Never, [Esme Gsme], [Is Gs], Likely, NotYetProcessed;

    // Service group 3.
    "3.1" "Display Message" DisplayMessage:
        _ on_demand _, ByDsp, [Esme Gsme], [Is Gs], Likely, NotYetProcessed;
    "3.2" "Restrict Access For Change Of Tenancy" RestrictAccessForChangeOfTenancy:
        _ on_demand _, ByDsp, [Esme Gpf], [Is Gs], Likely, NotYetProcessed;
    "3.3" "Clear Event Log" ClearEventLog:
        _ on_demand _, Never, [Esme Gsme], [Is Gs], Likely, NotYetProcessed;
    "3.4" "Update Supplier Name" UpdateSupplierName:
        _ on_demand _, ByDsp, [Esme Gsme], [Is Gs], Likely, NotYetProcessed;
    "3.5" "Disable Privacy PIN" DisablePrivacyPIN:
        _ on_demand _, Never, [Esme Gsme], [Is Gs], Likely, NotYetProcessed;

    // Service group 4.
    "4.1.1" "Read Instantaneous Import Registers" ReadInstantaneousImportRegisters:
        _ on_demand _, ByDsp, [Esme Gsme Gpf], [Is Gs Ed Gt], Likely, Processed;
    "4.1.2" "Read Instantaneous Import TOU Matrices" ReadInstantaneousImportTOUMatrices:
        _ on_demand _, ByDsp, [Esme Gsme Gpf], [Is Gs Ed Gt], Likely, NotYetProcessed;
    "4.1.3" "Read Instantaneous Import TOU With Blocks Matrices" ReadInstantaneousImportTOUWithBlocksMatrices:
        _ on_demand _, ByDsp, [Esme], [Is Ed], Likely, NotYetProcessed;
    "4.1.4" "Read Instantaneous Import Block Counters" ReadInstantaneousImportBlockCounters:
        _ on_demand _, ByDsp, [Gsme Gpf], [Gs], Likely, NotYetProcessed;
    "4.2" "Read Instantaneous Export Registers" ReadInstantaneousExportRegisters:
        _ on_demand schedulable, ByDsp, [Esme], [Es Ed], Likely, NotYetProcessed;
    "4.3" "Read Instantaneous Prepay Values" ReadInstantaneousPrepayValues:
        _ on_demand _, ByDsp, [Esme Gsme Gpf], [Is Gs], Likely, Processed;
    "4.4.2" "Retrieve Change Of Mode / Tariff Triggered Billing Data Log" RetrieveCoMOrTariffTriggeredBillingDataLog:
        _ on_demand _, ByDsp, [Esme Gsme], [Is Gs], Likely, NotYetProcessed;
    "4.4.3" "Retrieve Billing Calendar Triggered Billing Data Log" RetrieveBillingCalendarTriggeredBillingDataLog:
        _ on_demand _, ByDsp, [Esme Gsme], [Is Gs], Likely, NotYetProcessed;
    "4.4.4" "Retrieve Billing Data Log (Payment Based Debt Payments)" RetrieveBillingDataLogDebtPayments:
        _ on_demand _, ByDsp, [Esme Gsme], [Is Gs], Likely, NotYetProcessed;
    "4.4.5" "Retrieve Billing Data Log (Prepayment Credits)" RetrieveBillingDataLogPrepaymentCredits:
        _ on_demand _, ByDsp, [Esme Gsme], [Is Gs], Likely, NotYetProcessed;
    "4.6.1" "Retrieve Import Daily Read Log" RetrieveImportDailyReadLog:
        _ on_demand schedulable, ByDsp, [Esme Gsme], [Is Gs], Likely, NotYetProcessed;
    "4.6.2" "Retrieve Export Daily Read Log" RetrieveExportDailyReadLog:
        _ on_demand schedulable, ByDsp, [Esme], [Es], Likely, NotYetProcessed;
    "4.8.1" "Read Active Import Profile Data" ReadActiveImportProfileData:
        _ on_demand schedulable, ByDsp, [Esme Gsme], [Is Gs Ed Gt Ou], Likely, Processed;
    "4.8.2" "Read Reactive Import Profile Data" ReadReactiveImportProfileData:
        _ on_demand schedulable, ByDsp, [Esme], [Is Ed Ou], Likely, NotYetProcessed;
    "4.8.3" "Read Export Profile Data" ReadExportProfileData:
        _ on_demand schedulable, ByDsp, [Esme], [Es Ed Ou], Likely, NotYetProcessed;
    "4.10" "Read Network Data" ReadNetworkData:
        _ on_demand schedulable, ByDsp, [Esme Gsme], [Is Gs Ed Gt], Public, NotYetProcessed;
    "4.11.1" "Read Tariff (Primary Element)" ReadTariffPrimaryElement:
        _ on_demand _, Never, [Esme Gsme], [Is Gs Ou], Likely, NotYetProcessed;
    "4.11.2" "Read Tariff (Secondary Element)" ReadTariffSecondaryElement:
        _ on_demand _, Never, [Esme], [Is Ou], Unknown, NotYetProcessed;
    "4.12.1" "Read Maximum Demand Import Registers" ReadMaximumDemandImportRegisters:
        _ on_demand schedulable, ByDsp, [Esme], [Is Ed], Unknown, NotYetProcessed;
    "4.12.2" "Read Maximum Demand Export Registers" ReadMaximumDemandExportRegisters:
        _ on_demand schedulable, ByDsp, [Esme], [Es Ed], Unknown, NotYetProcessed;
    "4.13" "Read Prepayment Configuration" ReadPrepaymentConfiguration:
        _ on_demand _, ByDsp, [Esme Gsme], [Is Gs], Likely, NotYetProcessed;
    "4.14" "Read Prepayment Daily Read Log" ReadPrepaymentDailyReadLog:
        _ on_demand schedulable, ByDsp, [Esme Gsme Gpf], [Is Gs], Likely, NotYetProcessed;
    "4.15" "Read Load Limit Data" ReadLoadLimitData:
        _ on_demand schedulable, ByDsp, [Esme], [Is Ed], Likely, NotYetProcessed;
    "4.16" "Read Active Power Import" ReadActivePowerImport:
        _ on_demand schedulable, Never, [Esme], [Is Ed], Likely, NotYetProcessed;
    "4.17" "Retrieve Daily Consumption Log" RetrieveDailyConsumptionLog:
        _ on_demand schedulable, ByDsp, [Esme Gpf], [Is Gs Ed Gt Ou], Likely, NotYetProcessed;
    "4.18" "Read Meter Balance" ReadMeterBalance:
        _ on_demand _, ByDsp, [Esme Gsme Gpf], [Is Gs], Likely, Processed;

    // Service group 5.
    "5.1" "Create Schedule" CreateSchedule:
        _ _ _, Never, [Dcc], [Is Es Gs Ed Gt Ou], Public, NotYetProcessed;
    "5.2" "Read Schedule" ReadSchedule:
        _ _ _, Never, [Dcc], [Is Es Gs Ed Gt Ou], Public, NotYetProcessed;
    "5.3" "Delete Schedule" DeleteSchedule:
        _ _ _, Never, [Dcc], [Is Es Gs Ed Gt Ou], Public, NotYetProcessed;

    // Service group 6.
    "6.2.1" "Read Device Configuration (Voltage)" ReadDeviceConfigurationVoltage:
        _ on_demand _, Never, [Esme], [Is Rsa Ed], Likely, NotYetProcessed;
    "6.2.2" "Read Device Configuration (Randomisation)" ReadDeviceConfigurationRandomisation:
        _ on_demand _, Never, [Esme], [Is Rsa Ed], Unknown, NotYetProcessed;
    "6.2.3" "Read Device Configuration (Billing Calendar)" ReadDeviceConfigurationBillingCalendar:
        _ on_demand _, Never, [Esme Gsme], [Is Gs Rsa], Likely, NotYetProcessed;
    "6.2.4" "Read Device Configuration (Identity Exc MPxN)" ReadDeviceConfigurationIdentityExcMPxN:
        _ on_demand _, Never, [Esme Gsme Chf], [Is Es Gs Rsa Ed Gt Ou], Likely, NotYetProcessed;
    "6.2.5" "Read Device Configuration (Instantaneous Power Thresholds)"
        ReadDeviceConfigurationInstantaneousPowerThresholds:
        _ on_demand _, Never, [Esme], [Is Rsa], Likely, NotYetProcessed;
    "6.2.7" "Read Device Configuration (MPxN)" ReadDeviceConfigurationMPxN:
        _ on_demand _, Never, [Esme Gsme], [Is Es Gs Rsa Ed Gt Ou], Likely, NotYetProcessed;
    "6.2.8" "Read Device Configuration (Gas)" ReadDeviceConfigurationGas:
        _ on_demand _, Never, [Gsme], [Gs Rsa Gt], Likely, NotYetProcessed;
    "6.2.9" "Read Device Configuration (Payment Mode)" ReadDeviceConfigurationPaymentMode:
        _ on_demand _, Never, [Esme Gsme], [Is Gs Rsa], Likely, NotYetProcessed;
    "6.2.10" "Read Device Configuration (Event and Alert Behaviours)" ReadDeviceConfigurationEventAndAlertBehaviours:
        _ on_demand _, Never, [Esme Gsme], [Is Gs Ed], Likely, NotYetProcessed;
    "6.4.1" "Update Device Configuration (Load Limiting General Settings)"
        UpdateDeviceConfigurationLoadLimitingGeneralSettings:
        critical on_demand _, ByDevice, [Esme], [Is], Likely, NotYetProcessed;
    "6.4.2" "Update Device Configuration (Load Limiting Counter Reset)"
        UpdateDeviceConfigurationLoadLimitingCounterReset:
        _ on_demand _, ByDsp, [Esme], [Is], Unknown, NotYetProcessed;
    "6.5" "Update Device Configuration (Voltage)" UpdateDeviceConfigurationVoltage:
        _ on_demand _, ByDsp, [Esme], [Ed], Likely, NotYetProcessed;
    "6.6" "Update Device Configuration (Gas Conversion)" UpdateDeviceConfigurationGasConversion:
        critical on_demand _, Never, [Gsme], [Gs], Likely, NotYetProcessed;
    "6.7" "Update Device Configuration (Gas Flow)" UpdateDeviceConfigurationGasFlow:
        critical on_demand _, Never, [Gsme], [Gs], Likely, NotYetProcessed;
    "6.8" "Update Device Configuration (Billing Calendar)" UpdateDeviceConfigurationBillingCalendar:
        critical on_demand _, Never, [Esme Gsme], [Is Gs], Likely, NotYetProcessed;
    "6.11" "Synchronise Clock" SynchroniseClock:
        critical on_demand _, Never, [Esme Gsme], [Is Gs], Likely, Processed;
    "6.12" "Update Device Configuration (Instantaneous Power Threshold)"
        UpdateDeviceConfigurationInstantaneousPowerThreshold:
        _ on_demand _, ByDsp, [Esme], [Is], Likely, NotYetProcessed;
    "6.13" "Read Event Or Security Log" ReadEventOrSecurityLog:
        _ on_demand _, Never, [Esme Gsme Chf], [Is Gs Rsa Ed Gt], Likely, NotYetProcessed;
    "6.14.1" "Update Device Configuration (Auxiliary Load Control Description)"
        UpdateDeviceConfigurationALCDescriptions:
        critical on_demand _, Never, [Esme], [Is], Unknown, NotYetProcessed;
    "6.14.2" "Update Device Configuration (Auxiliary Load Control Scheduler)" UpdateDeviceConfigurationALCScheduler:
        critical on_demand _, ByDevice, [Esme], [Is], Unknown, NotYetProcessed;
    "6.14.3" "Update Device Configuration (Auxiliary Controller Scheduler)"
        UpdateDeviceConfigurationAuxiliaryControllerScheduler:
        critical on_demand _, ByDevice, [Esme Sapc], [Is], Unlikely, NotForSmets1;
    "6.15.1" "Update Security Credentials (KRP)" UpdateSecurityCredentialsKRP:
        critical on_demand _, ByDevice, [Esme], [Is Gs Ed Gt], Likely, Processed;
    "6.15.2" "Update Security Credentials (Device)" UpdateSecurityCredentialsDevice:
        critical on_demand _, Never, [Esme], [Is Gs], Unlikely, NotForSmets1;
    "6.17" "Issue Security Credentials" IssueSecurityCredentials:
        critical on_demand _, Never, [Esme], [Is Gs], Unlikely, NotForSmets1;
    "6.18.1" "Set Maximum Demand Configurable Time Period" SetMaximumDemandConfigurableTimePeriod:
        _ on_demand _, ByDsp, [Esme], [Ed], Unknown, NotYetProcessed;
    "6.18.2" "Reset Maximum Demand Registers" ResetMaximumDemandRegisters:
        _ on_demand _, ByDsp, [Esme], [Ed], Unknown, NotYetProcessed;
    "6.20.1" "Set Device Configuration (Import MPxN)" SetDeviceConfigurationImportMPxN:
        _ on_demand _, ByDsp, [Esme Gsme], [Is Gs], Likely, NotYetProcessed;
    "6.20.2" "Set Device Configuration (Export MPAN)" SetDeviceConfigurationExportMPAN:
        _ on_demand _, ByDsp, [Esme], [Es], Likely, NotYetProcessed;
    "6.21" "Request Handover Of DCC Controlled Device" RequestHandoverOfDCCControlledDevice:
        _ on_demand _, ByDsp, [Gpf], [Is Gs], Likely, NotYetProcessed;
    "6.22" "Configure Alert Behaviour" ConfigureAlertBehaviour:
        _ on_demand _, Never, [Esme Gsme], [Is Gs Ed], Likely, NotYetProcessed;
    "6.23" "Update Security Credentials (CoS)" UpdateSecurityCredentialsCoS:
        _ on_demand _, ByBoth, [Esme], [Is Gs], Likely, Processed;
    "6.24.1" "Retrieve Device Security Credentials (KRP)" RetrieveDeviceSecurityCredentialsKRP:
        _ on_demand _, Never, [Esme], [Is Gs Ed Gt], Likely, NotYetProcessed;
    "6.24.2" "Retrieve Device Security Credentials (Device)" RetrieveDeviceSecurityCredentialsDevice:
        critical on_demand _, Never, [Esme], [Is Gs], Unlikely, NotForSmets1;
    "6.25" "Set Electricity Supply Tamper State" SetElectricitySupplyTamperState:
        critical on_demand _, Never, [Esme], [Is], Likely, NotYetProcessed;
    "6.26" "Update Device Configuration (daily resetting of Tariff Block Counter Matrix)"
        UpdateDeviceConfigurationDailyResettingOfTariffBlockCounterMatrix:
        critical on_demand _, Never, [Esme], [Is], Unknown, NotYetProcessed;
    "6.27" "Update Device Configuration (RMS Voltage Counter Reset)" UpdateDeviceConfigurationRMSVoltageCounterReset:
        _ on_demand _, ByDsp, [Esme], [Ed], Unknown, NotYetProcessed;
    "6.28" "Set CHF Sub GHz Configuration" SetCHFSubGHzConfiguration:
        _ on_demand _, Never, [Chf], [Is Gs], Unlikely, NotForSmets1;
    "6.29" "Request CHF Sub GHz Channel Scan" RequestCHFSubGHzChannelScan:
        _ on_demand _, Never, [Chf], [Is Gs], Unlikely, NotForSmets1;
    "6.30" "Read CHF Sub GHz Configuration" ReadCHFSubGHzConfiguration:
        _ on_demand _, Never, [Chf], [Is Gs Rsa], Unlikely, NotForSmets1;
    "6.31" "Read CHF Sub GHz Channel" ReadCHFSubGHzChannel:
        _ on_demand _, Never, [Chf], [Is Gs Rsa], Unlikely, NotForSmets1;
    "6.32" "Read CHF Sub GHz Channel Log" ReadCHFSubGHzChannelLog:
        _ on_demand _, Never, [Chf], [Is Gs Rsa], Unlikely, NotForSmets1;

    // Service group 7.
    "7.1" "Enable Supply" EnableSupply:
        critical on_demand _, Never, [Esme], [Is], Likely, Processed;
    "7.2" "Disable Supply" DisableSupply:
        critical on_demand _, Never, [Esme Gsme], [Is Gs], Likely, Processed;
    "7.3" "Arm Supply" ArmSupply:
        critical on_demand _, Never, [Esme Gsme], [Is Gs], Likely, Processed;
    "7.4" "Read Supply Status" ReadSupplyStatus:
        _ on_demand _, Never, [Esme Gsme], [Is Es Gs Rsa Ed Gt], Likely, Processed;
    "7.5" "Activate Auxiliary Load" ActivateAuxiliaryLoad:
        critical on_demand _, Never, [Esme], [Is], Unknown, NotYetProcessed;
    "7.6" "Deactivate Auxiliary Load" DeactivateAuxiliaryLoad:
        critical on_demand _, Never, [Esme], [Is], Unknown, NotYetProcessed;
    "7.7" "Read Auxiliary Load Switch Data" ReadALCSData:
        _ on_demand _, ByDsp, [Esme], [Is Ed Ou], Unknown, NotYetProcessed;
    "7.8" "Reset Auxiliary Load" ResetAuxiliaryLoad:
        critical on_demand _, Never, [Esme], [Is], Unknown, NotYetProcessed;
    "7.9" "Add Auxiliary Load To Boost Button" AddAuxiliaryLoadToBoostButton:
        _ on_demand _, ByDsp, [Esme], [Is], Unknown, NotYetProcessed;
    "7.10" "Remove Auxiliary Load From Boost Button" RemoveAuxiliaryLoadFromBoostButton:
        _ on_demand _, ByDsp, [Esme], [Is], Unknown, NotYetProcessed;
    "7.11" "Read Boost Button Details" ReadBoostButtonDetails:
        _ on_demand _, ByDsp, [Esme], [Is Ou], Unknown, NotYetProcessed;
    "7.12" "Set Randomised Offset Limit" SetRandomisedOffsetLimit:
        critical on_demand _, Never, [Esme], [Is], Unknown, NotYetProcessed;
    "7.13" "Set Auxiliary Controller State" SetAuxiliaryControllerState:
        critical on_demand _, Never, [Esme], [Is], Unlikely, NotForSmets1;
    "7.14" "Read Auxiliary Controller Configuration Data" ReadAuxiliaryControllerConfigurationData:
        _ on_demand _, ByDsp, [Esme], [Is Ed Ou], Unlikely, NotForSmets1;
    "7.15" "Read Auxiliary Controller Operational Data" ReadAuxiliaryControllerOperationalData:
        _ on_demand _, ByDsp, [Esme], [Is Ed Ou], Unlikely, NotForSmets1;
    "7.16" "Limit APC Level" LimitAPCLevel:
        critical on_demand _, Never, [Esme], [], Unlikely, NotForSmets1;

    // Service group 8.
    "8.1.1" "Commission Device" CommissionDeviceSynchroniseClock:
        critical on_demand _, Never, [Esme Gsme], [Is Gs], Likely, Processed;
    "8.2" "Read Inventory" ReadInventory:
        _ _ _, Never, [Dcc], [Is Es Gs Rsa Ed Gt Ou], Public, Processed;
    "8.3" "Decommission Device" DecommissionDevice:
        _ _ _, Never, [Dcc], [Is Gs], Likely, NotYetProcessed;
    "8.4" "Update Inventory" UpdateInventory:
        _ _ _, Never, [Dcc], [Is Es Gs Rsa Ed Gt Ou], Likely, Processed;
    "8.5" "Service Opt Out" ServiceOptOut:
        _ _ _, ByDsp, [Esme], [], Unlikely, NotForSmets1;
    "8.6" "Service Opt In" ServiceOptIn:
        _ _ _, Never, [Dcc], [], Unlikely, NotForSmets1;
    "8.7.1" "Join Service (Critical)" JoinServiceCritical:
        critical on_demand _, Never, [Esme Gsme Hcalcs], [Is Gs], Implied, Processed;
    "8.7.2" "Join Service (Non-Critical)" JoinServiceNonCritical:
        _ on_demand _, Never, [Gsme Ppmid], [Is Gs Ou], Implied, Processed;
    "8.8.1" "Unjoin Service (Critical)" UnjoinServiceCritical:
        critical on_demand _, Never, [Esme], [Is Gs], Likely, NotYetProcessed;
    "8.8.2" "Unjoin Service (Non-Critical)" UnjoinServiceNonCritical:
        _ on_demand _, Never, [Gsme Ppmid], [Is Gs Ou], Likely, NotYetProcessed;
    "8.9" "Read Device Log" ReadDeviceLog:
        _ on_demand _, ByDsp, [Gsme Chf], [Is Gs Ou], Likely, NotYetProcessed;
    "8.11" "Update HAN Device Log" UpdateHANDeviceLog:
        _ on_demand _, ByDsp, [Chf], [Is Gs Ou], Likely, NotYetProcessed;
    "8.12.1" "Restore HAN Device Log" RestoreHANDeviceLog:
        _ on_demand _, Never, [Chf], [Is Gs], Likely, NotYetProcessed;
    "8.12.2" "Restore Gas Proxy Function Device Log" RestoreGPFDeviceLog:
        _ on_demand _, Never, [Gpf], [Is Gs], Unknown, NotYetProcessed;
    "8.13" "Return Local Command Response" ReturnLocalCommandResponse:
        _ _ _, Never, [Dcc], [Is Gs], Unlikely, NotForSmets1;
    "8.14.1" "Communications Hub Status Update (Install Success)" CHFInstallSuccessSMWAN:
        _ _ _, Never, [Dcc], [Is Gs], Unlikely, NotForSmets1;
    "8.14.2" "Communications Hub Status Update (Install No SM WAN)" CHFInstallSuccessNoSMWAN:
        _ _ _, Never, [Dcc], [Is Gs], Unlikely, NotForSmets1;
    "8.14.3" "Communications Hub Status Update (Fault Return)" CHFFaultReturn:
        _ _ _, Never, [Dcc], [Is Gs], Unlikely, NotForSmets1;
    "8.14.4" "Communications Hub Status Update (No Fault Return)" CHFNoFaultReturn:
        _ _ _, Never, [Dcc], [Is Gs], Unlikely, NotForSmets1;

    // Service group 9.
    "9.1" "Request Customer Identification Number" RequestCustomerIdentificationNumber:
        _ on_demand _, Never, [Esme Gsme], [Ou], Unknown, NotYetProcessed;

    // Service group 11.
    "11.1" "Update Firmware" UpdateFirmware:
        _ _ _, Never, [Dcc], [Is Gs], Named, Processed;
    "11.2" "Read Firmware Version" ReadFirmwareVersion:
        _ on_demand _, ByDsp, [Esme Gsme Ppmid], [Is Es Gs Rsa Ed Gt Ou], Named, Processed;
    "11.3" "Activate Firmware" ActivateFirmware:
        critical on_demand _, ByDevice, [Esme], [Is Gs], Named, Processed;
    "11.4" "Update PPMID Firmware" UpdatePPMIDFirmware:
        _ _ _, Never, [Dcc], [Is Gs], Unlikely, NotForSmets1;

    // Service group 12.
    "12.1" "Request WAN Matrix" RequestWANMatrix:
        _ _ _, Never, [Dcc], [Is Es Gs Rsa Ed Gt Ou], Unlikely, NotForSmets1;
    "12.2" "Device Pre-notification" DevicePrenotification:
        _ _ _, Never, [Dcc], [Is Es Gs Rsa Ed Gt Ou], Likely, Processed;

    // Service group 14.
    "14.1" "Record Network Data (GAS)" RecordNetworkDataGAS:
        _ on_demand schedulable, Never, [Gsme], [Gt], Likely, NotYetProcessed;
}
