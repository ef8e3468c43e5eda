//! GET: asking for the values of attributes.

use super::block::DataBlockG;
use super::invoke::InvokeIdAndPriority;
use super::results::DataAccessResult;
use super::{expect_tag, tag, unknown_choice};
use crate::codec::{Codec, Reader, put_optional, put_sequence};
use crate::data::Data;
use crate::descriptor::AttributeDescriptor;
use crate::error::DecodeError;
use crate::selection::SelectiveAccess;

/// Cosem-Attribute-Descriptor-With-Selection: an attribute, or a part of it.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeWithSelection {
    /// The attribute.
    pub attribute: AttributeDescriptor,
    /// Which part of it; none stands for all of it.
    pub access: Option<SelectiveAccess>,
}

/// Get-Request.
#[derive(Debug, Clone, PartialEq)]
pub enum GetRequest {
    /// Asks for one attribute.
    Normal {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// What is asked for.
        attribute: AttributeWithSelection,
    },
    /// Asks for the block after `block_number`.
    Next {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// The last block that arrived.
        block_number: u32,
    },
    /// Asks for several attributes.
    WithList {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// What is asked for.
        attributes: Vec<AttributeWithSelection>,
    },
}

/// Get-Data-Result: the value, or why there is none.
pub type GetDataResult = Result<Data, DataAccessResult>;

/// Get-Response.
#[derive(Debug, Clone, PartialEq)]
pub enum GetResponse {
    /// Answers [`GetRequest::Normal`].
    Normal {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// The value.
        result: GetDataResult,
    },
    /// A block of the encoded answer: of the value for [`GetRequest::Normal`], of the results for
    /// [`GetRequest::WithList`].
    WithDataBlock {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// The block.
        block: DataBlockG,
    },
    /// Answers [`GetRequest::WithList`].
    WithList {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// The values, in the order in which they were asked for.
        results: Vec<GetDataResult>,
    },
}

impl Codec for AttributeWithSelection {
    fn encode(&self, out: &mut Vec<u8>) {
        self.attribute.encode(out);
        put_optional(self.access.as_ref(), out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let attribute = AttributeDescriptor::read(reader)?;
        Ok(AttributeWithSelection { attribute, access: reader.optional(SelectiveAccess::read)? })
    }
}

impl From<AttributeDescriptor> for AttributeWithSelection {
    /// All of the attribute.
    fn from(attribute: AttributeDescriptor) -> Self {
        AttributeWithSelection { attribute, access: None }
    }
}

impl Codec for GetDataResult {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Ok(data) => {
                out.push(0);
                data.encode(out);
            }
            Err(result) => {
                out.push(1);
                result.encode(out);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        match reader.u8()? {
            0 => Data::read(reader).map(Ok),
            1 => DataAccessResult::read(reader).map(Err),
            other => Err(unknown_choice(at, "Get-Data-Result", other)),
        }
    }
}

impl GetRequest {
    /// Number of the request.
    #[must_use]
    pub fn invoke(&self) -> InvokeIdAndPriority {
        match self {
            GetRequest::Normal { invoke, .. }
            | GetRequest::Next { invoke, .. }
            | GetRequest::WithList { invoke, .. } => *invoke,
        }
    }
}

impl GetResponse {
    /// Number of the request that this answers.
    #[must_use]
    pub fn invoke(&self) -> InvokeIdAndPriority {
        match self {
            GetResponse::Normal { invoke, .. }
            | GetResponse::WithDataBlock { invoke, .. }
            | GetResponse::WithList { invoke, .. } => *invoke,
        }
    }
}

impl Codec for GetRequest {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(tag::GET_REQUEST);
        match self {
            GetRequest::Normal { invoke, attribute } => {
                out.extend([1, invoke.0]);
                attribute.encode(out);
            }
            GetRequest::Next { invoke, block_number } => {
                out.extend([2, invoke.0]);
                out.extend_from_slice(&block_number.to_be_bytes());
            }
            GetRequest::WithList { invoke, attributes } => {
                out.extend([3, invoke.0]);
                put_sequence(attributes, out);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        expect_tag(reader, tag::GET_REQUEST, "a get-request")?;
        let at = reader.position();
        let (choice, invoke) = (reader.u8()?, InvokeIdAndPriority::read(reader)?);
        match choice {
            1 => Ok(GetRequest::Normal { invoke, attribute: AttributeWithSelection::read(reader)? }),
            2 => Ok(GetRequest::Next { invoke, block_number: reader.u32()? }),
            3 => Ok(GetRequest::WithList { invoke, attributes: reader.sequence()? }),
            other => Err(unknown_choice(at, "get-request", other)),
        }
    }
}

impl Codec for GetResponse {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(tag::GET_RESPONSE);
        match self {
            GetResponse::Normal { invoke, result } => {
                out.extend([1, invoke.0]);
                result.encode(out);
            }
            GetResponse::WithDataBlock { invoke, block } => {
                out.extend([2, invoke.0]);
                block.encode(out);
            }
            GetResponse::WithList { invoke, results } => {
                out.extend([3, invoke.0]);
                put_sequence(results, out);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        expect_tag(reader, tag::GET_RESPONSE, "a get-response")?;
        let at = reader.position();
        let (choice, invoke) = (reader.u8()?, InvokeIdAndPriority::read(reader)?);
        match choice {
            1 => Ok(GetResponse::Normal { invoke, result: GetDataResult::read(reader)? }),
            2 => Ok(GetResponse::WithDataBlock { invoke, block: DataBlockG::read(reader)? }),
            3 => Ok(GetResponse::WithList { invoke, results: reader.sequence()? }),
            other => Err(unknown_choice(at, "get-response", other)),
        }
    }
}
