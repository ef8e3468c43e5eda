//! GET.

use super::{ANSWER_MAX_BYTES, Service};
use crate::apdu::{
    AttributeWithSelection, Conformance, DataAccessResult, DataBlockG, GetDataResult, GetRequest, GetResponse,
    InvokeIdAndPriority,
};
use crate::codec::{Codec, put_sequence};
use crate::server::transfer::{Ours, Outgoing, Transfer};
use crate::server::{Failed, Stop};

impl Service<'_> {
    pub(super) fn get(&mut self, request: GetRequest) -> Result<Vec<u8>, Stop> {
        self.agreed(Conformance::GET)?;
        let before = std::mem::take(self.transfer);
        match request {
            GetRequest::Normal { invoke, attribute } => {
                let result = self.read(&attribute)?;
                let encoded = result.as_ref().map(Codec::to_bytes);
                let whole = GetResponse::Normal { invoke, result: result.clone() }.to_bytes();
                match encoded {
                    Ok(encoded) if whole.len() > self.limit => self.get_in_blocks(invoke, encoded),
                    _ => Ok(whole),
                }
            }
            GetRequest::WithList { invoke, attributes } => {
                self.agreed(Conformance::MULTIPLE_REFERENCES)?;
                let results = self.read_all(&attributes)?;
                let mut encoded = Vec::new();
                put_sequence(&results, &mut encoded);
                let whole = GetResponse::WithList { invoke, results }.to_bytes();
                if whole.len() > self.limit { self.get_in_blocks(invoke, encoded) } else { Ok(whole) }
            }
            GetRequest::Next { invoke, block_number } => {
                self.agreed(Conformance::BLOCK_TRANSFER_WITH_GET)?;
                match before {
                    Transfer::GetAnswer(ours, rest) if ours == Ours::new(self.caller, invoke) => {
                        if rest.number == block_number {
                            return Ok(self.get_block(invoke, rest));
                        }
                        Ok(no_block(invoke, block_number, DataAccessResult::DataBlockNumberInvalid))
                    }
                    _ => Ok(no_block(invoke, block_number, DataAccessResult::NoLongGetInProgress)),
                }
            }
        }
    }

    fn read(&mut self, part: &AttributeWithSelection) -> Result<GetDataResult, Stop> {
        if part.access.is_some() && !self.conformance.contains(Conformance::SELECTIVE_ACCESS) {
            return Ok(Err(DataAccessResult::ScopeOfAccessViolated));
        }
        match self.device.get(&self.caller, part.attribute, part.access.as_ref()) {
            Ok(data) => Ok(Ok(data)),
            Err(Failed::Result(DataAccessResult::Success)) => Ok(Err(DataAccessResult::OtherReason)),
            Err(Failed::Result(result)) => Ok(Err(result)),
            Err(Failed::Stop(stop)) => Err(stop),
        }
    }

    /// Reads a list, and no further once there is more than an answer may hold.
    fn read_all(&mut self, parts: &[AttributeWithSelection]) -> Result<Vec<GetDataResult>, Stop> {
        let mut results = Vec::new();
        let mut bytes = 0;
        for part in parts {
            let result =
                if bytes > ANSWER_MAX_BYTES { Err(DataAccessResult::LongGetAborted) } else { self.read(part)? };
            bytes += result.to_bytes().len();
            results.push(result);
        }
        Ok(results)
    }

    fn get_in_blocks(&mut self, invoke: InvokeIdAndPriority, encoded: Vec<u8>) -> Result<Vec<u8>, Stop> {
        if self.conformance.contains(Conformance::BLOCK_TRANSFER_WITH_GET) {
            return Ok(self.get_block(invoke, Outgoing::new(encoded)));
        }
        let result = Err(DataAccessResult::OtherReason);
        Ok(GetResponse::Normal { invoke, result }.to_bytes())
    }

    fn get_block(&mut self, invoke: InvokeIdAndPriority, mut rest: Outgoing) -> Vec<u8> {
        let around = no_block(invoke, 0, DataAccessResult::Success).len();
        let block = rest.next(self.limit, around);
        if !block.last {
            *self.transfer = Transfer::GetAnswer(Ours::new(self.caller, invoke), rest);
        }
        let block = DataBlockG { last: block.last, number: block.number, result: Ok(block.raw_data) };
        GetResponse::WithDataBlock { invoke, block }.to_bytes()
    }
}

fn no_block(invoke: InvokeIdAndPriority, number: u32, reason: DataAccessResult) -> Vec<u8> {
    let block = DataBlockG { last: true, number, result: Err(reason) };
    GetResponse::WithDataBlock { invoke, block }.to_bytes()
}
