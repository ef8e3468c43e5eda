//! Requests and answers that may be too long for one APDU: taken apart and put together in blocks.

use std::io::{Read, Write};

use super::{Client, ClientError, Doubt, NotSent};
use crate::apdu::{
    ActionRequest, ActionResponse, ActionResponseWithOptionalData, ActionResult, AttributeWithSelection, Conformance,
    DataAccessResult, DataBlockG, DataBlockSa, GetDataResult, GetRequest, GetResponse, InvokeIdAndPriority, SetRequest,
    SetResponse,
};
use crate::assembly::{Assembly, AssemblyError};
use crate::codec::{Codec, Limits, Reader};
use crate::data::Data;
use crate::error::DecodeError;

/// What the length of a block's bytes takes more than the one byte of an empty block.
const LENGTH_MORE_BYTES: usize = 2;

/// Success before everything was sent.
const EARLY: Doubt = Doubt::Nonsense("done before all blocks were sent");

/// How much of a value had been sent when its result came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    Whole,
    InPart,
}

impl<T: Read + Write> Client<T> {
    /// Sends a get and gives its results: one, or those of a list.
    pub(super) fn fetch(&mut self, request: &GetRequest) -> Result<Vec<GetDataResult>, ClientError> {
        let results = self.fetch_blocks(request);
        self.link.judged(results)
    }

    fn fetch_blocks(&mut self, request: &GetRequest) -> Result<Vec<GetDataResult>, ClientError> {
        let invoke = request.invoke();
        let listed = matches!(request, GetRequest::WithList { .. });
        let mut answer = self.link.request(&request.to_bytes())?;
        let mut assembly = Assembly::default();
        loop {
            let response = GetResponse::decode(&answer)?;
            belongs(invoke, response.invoke())?;
            match response {
                GetResponse::Normal { result, .. } if !listed && assembly.arrived == 0 => return Ok(vec![result]),
                GetResponse::WithList { results, .. } if listed && assembly.arrived == 0 => return Ok(results),
                GetResponse::WithDataBlock { block: DataBlockG { result: Err(reason), .. }, .. } => {
                    return Ok(vec![Err(reason)]);
                }
                GetResponse::WithDataBlock { block: DataBlockG { last, number, result: Ok(bytes) }, .. } => {
                    assembly.take(number, last, &bytes)?;
                    if last {
                        return results_of(&assembly.bytes, listed);
                    }
                }
                _ => return Err(Doubt::Nonsense("another kind of get-response").into()),
            }
            answer = self.link.request(&GetRequest::Next { invoke, block_number: assembly.arrived }.to_bytes())?;
        }
    }

    /// Sends a set of one attribute, whole or in blocks.
    pub(super) fn write(&mut self, request: &SetRequest) -> Result<DataAccessResult, ClientError> {
        let result = self.write_blocks(request);
        self.link.judged(result)
    }

    fn write_blocks(&mut self, request: &SetRequest) -> Result<DataAccessResult, ClientError> {
        let bytes = request.to_bytes();
        let (SetRequest::Normal { invoke, attribute, value }, true) =
            (request, bytes.len() > self.link.plain_max_bytes())
        else {
            return set_result(request.invoke(), &self.link.request(&bytes)?);
        };
        self.agreed_on(Conformance::BLOCK_TRANSFER_WITH_SET, "a set in blocks")?;
        let first = |block| first_of_set(*invoke, attribute, block);
        let further = |block| SetRequest::WithDatablock { invoke: *invoke, block }.to_bytes();
        let (answer, sent) =
            self.send_blocks(&value.to_bytes(), first, further, |answer, sent| match SetResponse::decode(answer)? {
                SetResponse::Datablock { invoke: answered, block_number } if block_number == sent => {
                    belongs(*invoke, answered)?;
                    Ok(true)
                }
                _ => Ok(false),
            })?;
        match set_result(*invoke, &answer)? {
            DataAccessResult::Success if sent == Sent::InPart => Err(EARLY.into()),
            result => Ok(result),
        }
    }

    /// Sends an action of one method, whole or in blocks, and gives its answer, put together where it came in blocks.
    pub(super) fn invoke(&mut self, request: &ActionRequest) -> Result<ActionResponseWithOptionalData, ClientError> {
        let response = self.invoke_blocks(request);
        self.link.judged(response)
    }

    fn invoke_blocks(&mut self, request: &ActionRequest) -> Result<ActionResponseWithOptionalData, ClientError> {
        let invoke = request.invoke();
        let bytes = request.to_bytes();
        let (answer, sent) = match request {
            ActionRequest::Normal { method, parameters: Some(parameters), .. }
                if bytes.len() > self.link.plain_max_bytes() =>
            {
                self.agreed_on(Conformance::BLOCK_TRANSFER_WITH_ACTION, "an action in blocks")?;
                let first = |block| ActionRequest::WithFirstPblock { invoke, method: *method, block }.to_bytes();
                let further = |block| ActionRequest::WithPblock { invoke, block }.to_bytes();
                self.send_blocks(&parameters.to_bytes(), first, further, |answer, sent| match ActionResponse::decode(
                    answer,
                )? {
                    ActionResponse::NextPblock { invoke: answered, block_number } if block_number == sent => {
                        belongs(invoke, answered)?;
                        Ok(true)
                    }
                    _ => Ok(false),
                })?
            }
            _ => (self.link.request(&bytes)?, Sent::Whole),
        };
        let response = self.action_result(invoke, answer)?;
        if response.result == ActionResult::Success && sent == Sent::InPart {
            return Err(EARLY.into());
        }
        Ok(response)
    }

    fn action_result(
        &mut self,
        invoke: InvokeIdAndPriority,
        mut answer: Vec<u8>,
    ) -> Result<ActionResponseWithOptionalData, ClientError> {
        let mut assembly = Assembly::default();
        loop {
            let response = ActionResponse::decode(&answer)?;
            belongs(invoke, response.invoke())?;
            match response {
                ActionResponse::Normal { response, .. } if assembly.arrived == 0 => return Ok(response),
                ActionResponse::WithPblock { block: DataBlockSa { last, number, raw_data }, .. } => {
                    assembly.take(number, last, &raw_data)?;
                    if last {
                        return Ok(returned_in_blocks(&assembly.bytes)?);
                    }
                }
                _ => return Err(Doubt::Nonsense("another kind of action-response").into()),
            }
            let next = ActionRequest::NextPblock { invoke, block_number: assembly.arrived }.to_bytes();
            // The action was carried out before its answer came in blocks: no failure to fetch them says that it was not.
            answer = self.link.request(&next).map_err(|error| match error {
                ClientError::Unknown(doubt) => ClientError::Unknown(doubt),
                _ => Doubt::Nonsense("the rest of an action's answer could not be had").into(),
            })?;
        }
    }

    /// Sends a value in blocks; gives the answer to the last, or the first that is no acknowledgement, and whether all was sent.
    fn send_blocks(
        &mut self,
        value: &[u8],
        first: impl Fn(DataBlockSa) -> Vec<u8>,
        further: impl Fn(DataBlockSa) -> Vec<u8>,
        is_acknowledged: impl Fn(&[u8], u32) -> Result<bool, ClientError>,
    ) -> Result<(Vec<u8>, Sent), ClientError> {
        let around = first(DataBlockSa { last: false, number: 1, raw_data: Vec::new() }).len() + LENGTH_MORE_BYTES;
        let limit = self.link.plain_max_bytes();
        let block_bytes = limit.saturating_sub(around);
        if block_bytes == 0 {
            return Err(NotSent::TooLong { length: around + 1, limit }.into());
        }
        let mut blocks = value.chunks(block_bytes).zip(1_u32..).peekable();
        while let Some((bytes, number)) = blocks.next() {
            let last = blocks.peek().is_none();
            let block = DataBlockSa { last, number, raw_data: bytes.to_vec() };
            let request = if number == 1 { first(block) } else { further(block) };
            let answer = self.link.request(&request)?;
            if last {
                return Ok((answer, Sent::Whole));
            }
            if !is_acknowledged(&answer, number)? {
                return Ok((answer, Sent::InPart));
            }
        }
        Err(Doubt::Nonsense("nothing to send").into())
    }
}

fn first_of_set(invoke: InvokeIdAndPriority, attribute: &AttributeWithSelection, block: DataBlockSa) -> Vec<u8> {
    SetRequest::WithFirstDatablock { invoke, attribute: attribute.clone(), block }.to_bytes()
}

fn set_result(invoke: InvokeIdAndPriority, answer: &[u8]) -> Result<DataAccessResult, ClientError> {
    let response = SetResponse::decode(answer)?;
    belongs(invoke, response.invoke())?;
    match response {
        SetResponse::Normal { result, .. } | SetResponse::LastDatablock { result, .. } => Ok(result),
        _ => Err(Doubt::Nonsense("another kind of set-response").into()),
    }
}

fn results_of(bytes: &[u8], listed: bool) -> Result<Vec<GetDataResult>, ClientError> {
    if !listed {
        return Ok(vec![Ok(Codec::decode(bytes)?)]);
    }
    let mut reader = Reader::new(bytes, Limits::default());
    let results = reader.sequence()?;
    reader.end()?;
    Ok(results)
}

/// What an action in blocks answered. Peers differ in what stands in the blocks: the returned value alone, or the result
/// before it. A value that needs blocks is no null-data, so a first byte of 0 is the result success.
fn returned_in_blocks(bytes: &[u8]) -> Result<ActionResponseWithOptionalData, DecodeError> {
    if bytes.first() == Some(&ActionResult::Success.number()) {
        return ActionResponseWithOptionalData::decode(bytes);
    }
    let returned = Some(Ok(Data::decode(bytes)?));
    Ok(ActionResponseWithOptionalData { result: ActionResult::Success, returned })
}

fn belongs(asked: InvokeIdAndPriority, answered: InvokeIdAndPriority) -> Result<(), Doubt> {
    if asked.invoke_id() == answered.invoke_id() {
        Ok(())
    } else {
        Err(Doubt::Nonsense("an answer to another request"))
    }
}

impl From<AssemblyError> for ClientError {
    fn from(error: AssemblyError) -> ClientError {
        Doubt::Nonsense(error.text()).into()
    }
}
