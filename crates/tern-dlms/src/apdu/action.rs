//! ACTION: invoking methods.

use super::block::DataBlockSa;
use super::get::GetDataResult;
use super::invoke::InvokeIdAndPriority;
use super::results::ActionResult;
use super::{expect_tag, tag, unknown_choice};
use crate::codec::{Codec, Reader, put_optional, put_sequence};
use crate::data::Data;
use crate::descriptor::MethodDescriptor;
use crate::error::DecodeError;

/// Action-Request.
#[derive(Debug, Clone, PartialEq)]
pub enum ActionRequest {
    /// Invokes one method.
    Normal {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// The method.
        method: MethodDescriptor,
        /// Its parameters.
        parameters: Option<Data>,
    },
    /// Asks for the block of the answer after `block_number`.
    NextPblock {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// The last block that arrived.
        block_number: u32,
    },
    /// Invokes several methods.
    WithList {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// The methods.
        methods: Vec<MethodDescriptor>,
        /// Their parameters, in the same order; null-data where there are none.
        parameters: Vec<Data>,
    },
    /// Begins to send one method's parameters in blocks.
    WithFirstPblock {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// The method.
        method: MethodDescriptor,
        /// The first block of the encoded parameters.
        block: DataBlockSa,
    },
    /// Begins to send several methods' parameters in blocks.
    WithListAndFirstPblock {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// The methods.
        methods: Vec<MethodDescriptor>,
        /// The first block of the encoded list of parameters.
        block: DataBlockSa,
    },
    /// Goes on in blocks.
    WithPblock {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// A further block.
        block: DataBlockSa,
    },
}

/// Action-Response-With-Optional-Data: what became of an invocation, and what it returned.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionResponseWithOptionalData {
    /// What became of it.
    pub result: ActionResult,
    /// What it returned.
    pub returned: Option<GetDataResult>,
}

/// Action-Response.
#[derive(Debug, Clone, PartialEq)]
pub enum ActionResponse {
    /// Answers [`ActionRequest::Normal`], or the last block of one method's parameters.
    Normal {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// What became of it.
        response: ActionResponseWithOptionalData,
    },
    /// A block of the encoded answer.
    WithPblock {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// The block.
        block: DataBlockSa,
    },
    /// Answers [`ActionRequest::WithList`].
    WithList {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// What became of each, in the order of the methods.
        responses: Vec<ActionResponseWithOptionalData>,
    },
    /// Acknowledges a block that is not the last.
    NextPblock {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// The block that arrived.
        block_number: u32,
    },
}

impl Codec for ActionResponseWithOptionalData {
    fn encode(&self, out: &mut Vec<u8>) {
        self.result.encode(out);
        put_optional(self.returned.as_ref(), out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let result = ActionResult::read(reader)?;
        Ok(ActionResponseWithOptionalData { result, returned: reader.optional(GetDataResult::read)? })
    }
}

impl From<ActionResult> for ActionResponseWithOptionalData {
    /// Nothing was returned.
    fn from(result: ActionResult) -> Self {
        ActionResponseWithOptionalData { result, returned: None }
    }
}

impl ActionRequest {
    /// Number of the request.
    #[must_use]
    pub fn invoke(&self) -> InvokeIdAndPriority {
        match self {
            ActionRequest::Normal { invoke, .. }
            | ActionRequest::NextPblock { invoke, .. }
            | ActionRequest::WithList { invoke, .. }
            | ActionRequest::WithFirstPblock { invoke, .. }
            | ActionRequest::WithListAndFirstPblock { invoke, .. }
            | ActionRequest::WithPblock { invoke, .. } => *invoke,
        }
    }
}

impl ActionResponse {
    /// Number of the request that this answers.
    #[must_use]
    pub fn invoke(&self) -> InvokeIdAndPriority {
        match self {
            ActionResponse::Normal { invoke, .. }
            | ActionResponse::WithPblock { invoke, .. }
            | ActionResponse::WithList { invoke, .. }
            | ActionResponse::NextPblock { invoke, .. } => *invoke,
        }
    }
}

impl Codec for ActionRequest {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(tag::ACTION_REQUEST);
        match self {
            ActionRequest::Normal { invoke, method, parameters } => {
                out.extend([1, invoke.0]);
                method.encode(out);
                put_optional(parameters.as_ref(), out);
            }
            ActionRequest::NextPblock { invoke, block_number } => {
                out.extend([2, invoke.0]);
                out.extend_from_slice(&block_number.to_be_bytes());
            }
            ActionRequest::WithList { invoke, methods, parameters } => {
                out.extend([3, invoke.0]);
                put_sequence(methods, out);
                put_sequence(parameters, out);
            }
            ActionRequest::WithFirstPblock { invoke, method, block } => {
                out.extend([4, invoke.0]);
                method.encode(out);
                block.encode(out);
            }
            ActionRequest::WithListAndFirstPblock { invoke, methods, block } => {
                out.extend([5, invoke.0]);
                put_sequence(methods, out);
                block.encode(out);
            }
            ActionRequest::WithPblock { invoke, block } => {
                out.extend([6, invoke.0]);
                block.encode(out);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        expect_tag(reader, tag::ACTION_REQUEST, "an action-request")?;
        let at = reader.position();
        let (choice, invoke) = (reader.u8()?, InvokeIdAndPriority::read(reader)?);
        match choice {
            1 => {
                let method = MethodDescriptor::read(reader)?;
                Ok(ActionRequest::Normal { invoke, method, parameters: reader.optional(Data::read)? })
            }
            2 => Ok(ActionRequest::NextPblock { invoke, block_number: reader.u32()? }),
            3 => Ok(ActionRequest::WithList { invoke, methods: reader.sequence()?, parameters: reader.sequence()? }),
            4 => {
                let method = MethodDescriptor::read(reader)?;
                Ok(ActionRequest::WithFirstPblock { invoke, method, block: DataBlockSa::read(reader)? })
            }
            5 => {
                let methods = reader.sequence()?;
                Ok(ActionRequest::WithListAndFirstPblock { invoke, methods, block: DataBlockSa::read(reader)? })
            }
            6 => Ok(ActionRequest::WithPblock { invoke, block: DataBlockSa::read(reader)? }),
            other => Err(unknown_choice(at, "action-request", other)),
        }
    }
}

impl Codec for ActionResponse {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(tag::ACTION_RESPONSE);
        match self {
            ActionResponse::Normal { invoke, response } => {
                out.extend([1, invoke.0]);
                response.encode(out);
            }
            ActionResponse::WithPblock { invoke, block } => {
                out.extend([2, invoke.0]);
                block.encode(out);
            }
            ActionResponse::WithList { invoke, responses } => {
                out.extend([3, invoke.0]);
                put_sequence(responses, out);
            }
            ActionResponse::NextPblock { invoke, block_number } => {
                out.extend([4, invoke.0]);
                out.extend_from_slice(&block_number.to_be_bytes());
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        expect_tag(reader, tag::ACTION_RESPONSE, "an action-response")?;
        let at = reader.position();
        let (choice, invoke) = (reader.u8()?, InvokeIdAndPriority::read(reader)?);
        match choice {
            1 => Ok(ActionResponse::Normal { invoke, response: ActionResponseWithOptionalData::read(reader)? }),
            2 => Ok(ActionResponse::WithPblock { invoke, block: DataBlockSa::read(reader)? }),
            3 => Ok(ActionResponse::WithList { invoke, responses: reader.sequence()? }),
            4 => Ok(ActionResponse::NextPblock { invoke, block_number: reader.u32()? }),
            other => Err(unknown_choice(at, "action-response", other)),
        }
    }
}
