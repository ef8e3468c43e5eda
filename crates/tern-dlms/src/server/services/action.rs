//! ACTION.

use super::Service;
use super::set::values_of;
use crate::apdu::{
    ActionRequest, ActionResponse, ActionResponseWithOptionalData, ActionResult, Conformance, DataAccessResult,
    DataBlockSa, InvokeIdAndPriority,
};
use crate::assembly::Assembly;
use crate::codec::{Codec, put_sequence};
use crate::data::Data;
use crate::descriptor::MethodDescriptor;
use crate::server::transfer::{Count, Ours, Outgoing, Transfer};
use crate::server::{Failed, Stop};

impl Service<'_> {
    pub(super) fn action(&mut self, request: ActionRequest) -> Result<Vec<u8>, Stop> {
        self.agreed(Conformance::ACTION)?;
        let before = std::mem::take(self.transfer);
        match request {
            ActionRequest::Normal { invoke, method, parameters } => {
                let response = self.invoke(method, parameters)?;
                Ok(self.invoked(invoke, response))
            }
            ActionRequest::WithList { invoke, methods, parameters } => {
                self.agreed(Conformance::MULTIPLE_REFERENCES)?;
                let responses = self.invoke_all(&methods, parameters)?;
                Ok(self.all_invoked(invoke, responses))
            }
            ActionRequest::WithFirstPblock { invoke, method, block } => {
                self.action_block(invoke, Count::One, vec![method], Assembly::default(), &block)
            }
            ActionRequest::WithListAndFirstPblock { invoke, methods, block } => {
                self.agreed(Conformance::MULTIPLE_REFERENCES)?;
                self.action_block(invoke, Count::List, methods, Assembly::default(), &block)
            }
            ActionRequest::WithPblock { invoke, block } => match before {
                Transfer::ActionParameters(ours, count, methods, assembly)
                    if ours == Ours::new(self.caller, invoke) =>
                {
                    self.action_block(invoke, count, methods, assembly, &block)
                }
                _ => Ok(ended(invoke, ActionResult::NoLongActionInProgress)),
            },
            ActionRequest::NextPblock { invoke, block_number } => match before {
                Transfer::ActionAnswer(ours, rest)
                    if ours == Ours::new(self.caller, invoke) && rest.number == block_number =>
                {
                    Ok(self.answer_block(invoke, rest))
                }
                Transfer::ActionAnswer(..) => Ok(ended(invoke, ActionResult::DataBlockUnavailable)),
                _ => Ok(ended(invoke, ActionResult::NoLongActionInProgress)),
            },
        }
    }

    fn invoke(
        &mut self,
        method: MethodDescriptor,
        parameters: Option<Data>,
    ) -> Result<ActionResponseWithOptionalData, Stop> {
        match self.device.action(&self.caller, method, parameters) {
            Ok(returned) => {
                Ok(ActionResponseWithOptionalData { result: ActionResult::Success, returned: returned.map(Ok) })
            }
            Err(Failed::Result(ActionResult::Success)) => Ok(ActionResult::OtherReason.into()),
            Err(Failed::Result(result)) => Ok(result.into()),
            Err(Failed::Stop(stop)) => Err(stop),
        }
    }

    /// Invokes a list; nothing of it where there are not as many parameters as methods.
    fn invoke_all(
        &mut self,
        methods: &[MethodDescriptor],
        parameters: Vec<Data>,
    ) -> Result<Vec<ActionResponseWithOptionalData>, Stop> {
        if methods.len() != parameters.len() {
            return Ok(vec![ActionResult::OtherReason.into(); methods.len()]);
        }
        let given = |data| if data == Data::Null { None } else { Some(data) };
        methods.iter().zip(parameters).map(|(method, data)| self.invoke(*method, given(data))).collect()
    }

    fn action_block(
        &mut self,
        invoke: InvokeIdAndPriority,
        count: Count,
        methods: Vec<MethodDescriptor>,
        mut assembly: Assembly,
        block: &DataBlockSa,
    ) -> Result<Vec<u8>, Stop> {
        self.agreed(Conformance::BLOCK_TRANSFER_WITH_ACTION)?;
        if assembly.take(block.number, block.last, &block.raw_data).is_err() {
            return Ok(ended(invoke, ActionResult::LongActionAborted));
        }
        if !block.last {
            *self.transfer = Transfer::ActionParameters(Ours::new(self.caller, invoke), count, methods, assembly);
            return Ok(ActionResponse::NextPblock { invoke, block_number: block.number }.to_bytes());
        }
        let Ok(parameters) = values_of(&assembly.bytes, count) else {
            return Ok(ended(invoke, ActionResult::TypeUnmatched));
        };
        let mut responses = self.invoke_all(&methods, parameters)?;
        match (count, responses.pop()) {
            (Count::One, Some(response)) => Ok(self.invoked(invoke, response)),
            (_, last) => {
                responses.extend(last);
                Ok(self.all_invoked(invoke, responses))
            }
        }
    }

    fn invoked(&mut self, invoke: InvokeIdAndPriority, response: ActionResponseWithOptionalData) -> Vec<u8> {
        let whole = ActionResponse::Normal { invoke, response: response.clone() }.to_bytes();
        if whole.len() <= self.limit {
            return whole;
        }
        let ActionResponseWithOptionalData { result, returned } = response;
        if let Some(Ok(data)) = returned
            && self.conformance.contains(Conformance::BLOCK_TRANSFER_WITH_ACTION)
        {
            // What was returned stands alone in the blocks of one method's answer: that there are any says that it was done.
            return self.answer_block(invoke, Outgoing::new(data.to_bytes()));
        }
        // It was done; only what it returned cannot be told.
        let returned = Some(Err(DataAccessResult::OtherReason));
        let response = ActionResponseWithOptionalData { result, returned };
        ActionResponse::Normal { invoke, response }.to_bytes()
    }

    fn all_invoked(
        &mut self,
        invoke: InvokeIdAndPriority,
        mut responses: Vec<ActionResponseWithOptionalData>,
    ) -> Vec<u8> {
        let mut encoded = Vec::new();
        put_sequence(&responses, &mut encoded);
        let whole = ActionResponse::WithList { invoke, responses: responses.clone() }.to_bytes();
        if whole.len() <= self.limit {
            return whole;
        }
        if self.conformance.contains(Conformance::BLOCK_TRANSFER_WITH_ACTION) {
            return self.answer_block(invoke, Outgoing::new(encoded));
        }
        for response in &mut responses {
            response.returned = response.returned.take().map(|_| Err(DataAccessResult::OtherReason));
        }
        ActionResponse::WithList { invoke, responses }.to_bytes()
    }

    fn answer_block(&mut self, invoke: InvokeIdAndPriority, mut rest: Outgoing) -> Vec<u8> {
        let empty = DataBlockSa { last: true, number: 0, raw_data: Vec::new() };
        let around = ActionResponse::WithPblock { invoke, block: empty }.to_bytes().len();
        let block = rest.next(self.limit, around);
        if !block.last {
            *self.transfer = Transfer::ActionAnswer(Ours::new(self.caller, invoke), rest);
        }
        ActionResponse::WithPblock { invoke, block }.to_bytes()
    }
}

fn ended(invoke: InvokeIdAndPriority, result: ActionResult) -> Vec<u8> {
    ActionResponse::Normal { invoke, response: result.into() }.to_bytes()
}
