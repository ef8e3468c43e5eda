//! SET.

use super::Service;
use crate::apdu::{
    AttributeWithSelection, Conformance, DataAccessResult, DataBlockSa, InvokeIdAndPriority, SetRequest, SetResponse,
};
use crate::assembly::{Assembly, AssemblyError};
use crate::codec::{Codec, Limits, Reader};
use crate::data::Data;
use crate::error::DecodeError;
use crate::server::transfer::{Count, Ours, Transfer};
use crate::server::{Failed, Stop};

impl Service<'_> {
    pub(super) fn set(&mut self, request: SetRequest) -> Result<Vec<u8>, Stop> {
        self.agreed(Conformance::SET)?;
        let before = std::mem::take(self.transfer);
        match request {
            SetRequest::Normal { invoke, attribute, value } => {
                let result = self.write(&attribute, value)?;
                Ok(SetResponse::Normal { invoke, result }.to_bytes())
            }
            SetRequest::WithList { invoke, attributes, values } => {
                self.agreed(Conformance::MULTIPLE_REFERENCES)?;
                let results = self.write_all(&attributes, values)?;
                Ok(SetResponse::WithList { invoke, results }.to_bytes())
            }
            SetRequest::WithFirstDatablock { invoke, attribute, block } => {
                self.set_block(invoke, Count::One, vec![attribute], Assembly::default(), &block)
            }
            SetRequest::WithListAndFirstDatablock { invoke, attributes, block } => {
                self.agreed(Conformance::MULTIPLE_REFERENCES)?;
                self.set_block(invoke, Count::List, attributes, Assembly::default(), &block)
            }
            SetRequest::WithDatablock { invoke, block } => match before {
                Transfer::SetValues(ours, count, targets, assembly) if ours == Ours::new(self.caller, invoke) => {
                    self.set_block(invoke, count, targets, assembly, &block)
                }
                _ => Ok(set_ended(invoke, DataAccessResult::NoLongSetInProgress, block.number)),
            },
        }
    }

    fn write(&mut self, part: &AttributeWithSelection, value: Data) -> Result<DataAccessResult, Stop> {
        if part.access.is_some() && !self.conformance.contains(Conformance::SELECTIVE_ACCESS) {
            return Ok(DataAccessResult::ScopeOfAccessViolated);
        }
        match self.device.set(&self.caller, part.attribute, part.access.as_ref(), value) {
            Ok(()) => Ok(DataAccessResult::Success),
            Err(Failed::Result(DataAccessResult::Success)) => Ok(DataAccessResult::OtherReason),
            Err(Failed::Result(result)) => Ok(result),
            Err(Failed::Stop(stop)) => Err(stop),
        }
    }

    /// Writes a list; nothing of it where there are not as many values as attributes.
    fn write_all(
        &mut self,
        parts: &[AttributeWithSelection],
        values: Vec<Data>,
    ) -> Result<Vec<DataAccessResult>, Stop> {
        if parts.len() != values.len() {
            return Ok(vec![DataAccessResult::OtherReason; parts.len()]);
        }
        parts.iter().zip(values).map(|(part, value)| self.write(part, value)).collect()
    }

    fn set_block(
        &mut self,
        invoke: InvokeIdAndPriority,
        count: Count,
        targets: Vec<AttributeWithSelection>,
        mut assembly: Assembly,
        block: &DataBlockSa,
    ) -> Result<Vec<u8>, Stop> {
        self.agreed(Conformance::BLOCK_TRANSFER_WITH_SET)?;
        let block_number = block.number;
        match assembly.take(block_number, block.last, &block.raw_data) {
            Err(AssemblyError::OutOfOrder) => {
                return Ok(set_ended(invoke, DataAccessResult::DataBlockNumberInvalid, block_number));
            }
            Err(_) => return Ok(set_ended(invoke, DataAccessResult::LongSetAborted, block_number)),
            Ok(()) if !block.last => {
                *self.transfer = Transfer::SetValues(Ours::new(self.caller, invoke), count, targets, assembly);
                return Ok(SetResponse::Datablock { invoke, block_number }.to_bytes());
            }
            Ok(()) => {}
        }
        let Ok(values) = values_of(&assembly.bytes, count) else {
            return Ok(set_ended(invoke, DataAccessResult::TypeUnmatched, block_number));
        };
        let results = self.write_all(&targets, values)?;
        Ok(match (count, results.as_slice()) {
            (Count::One, [result]) => set_ended(invoke, *result, block_number),
            _ => SetResponse::LastDatablockWithList { invoke, results, block_number }.to_bytes(),
        })
    }
}

fn set_ended(invoke: InvokeIdAndPriority, result: DataAccessResult, block_number: u32) -> Vec<u8> {
    SetResponse::LastDatablock { invoke, result, block_number }.to_bytes()
}

/// The values that arrived in blocks: one, or a list.
pub(super) fn values_of(bytes: &[u8], count: Count) -> Result<Vec<Data>, DecodeError> {
    if count == Count::One {
        return Ok(vec![Data::decode(bytes)?]);
    }
    let mut reader = Reader::new(bytes, Limits::default());
    let values = reader.sequence()?;
    reader.end()?;
    Ok(values)
}
