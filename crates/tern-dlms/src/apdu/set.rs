//! SET: writing the values of attributes.

use super::block::DataBlockSa;
use super::get::AttributeWithSelection;
use super::invoke::InvokeIdAndPriority;
use super::results::DataAccessResult;
use super::{expect_tag, tag, unknown_choice};
use crate::codec::{Codec, Reader, put_sequence};
use crate::data::Data;
use crate::error::DecodeError;

/// Set-Request.
#[derive(Debug, Clone, PartialEq)]
pub enum SetRequest {
    /// Writes one attribute.
    Normal {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// What is written.
        attribute: AttributeWithSelection,
        /// The value.
        value: Data,
    },
    /// Begins to write one attribute in blocks.
    WithFirstDatablock {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// What is written.
        attribute: AttributeWithSelection,
        /// The first block of the encoded value.
        block: DataBlockSa,
    },
    /// Goes on in blocks.
    WithDatablock {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// A further block.
        block: DataBlockSa,
    },
    /// Writes several attributes.
    WithList {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// What is written.
        attributes: Vec<AttributeWithSelection>,
        /// The values, in the same order.
        values: Vec<Data>,
    },
    /// Begins to write several attributes in blocks.
    WithListAndFirstDatablock {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// What is written.
        attributes: Vec<AttributeWithSelection>,
        /// The first block of the encoded list of values.
        block: DataBlockSa,
    },
}

/// Set-Response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetResponse {
    /// Answers [`SetRequest::Normal`].
    Normal {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// What became of it.
        result: DataAccessResult,
    },
    /// Acknowledges a block that is not the last.
    Datablock {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// The block that arrived.
        block_number: u32,
    },
    /// Answers the last block of one attribute.
    LastDatablock {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// What became of it.
        result: DataAccessResult,
        /// The block that arrived.
        block_number: u32,
    },
    /// Answers the last block of several attributes.
    LastDatablockWithList {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// What became of each.
        results: Vec<DataAccessResult>,
        /// The block that arrived.
        block_number: u32,
    },
    /// Answers [`SetRequest::WithList`].
    WithList {
        /// Number of the request.
        invoke: InvokeIdAndPriority,
        /// What became of each.
        results: Vec<DataAccessResult>,
    },
}

impl SetRequest {
    /// Number of the request.
    #[must_use]
    pub fn invoke(&self) -> InvokeIdAndPriority {
        match self {
            SetRequest::Normal { invoke, .. }
            | SetRequest::WithFirstDatablock { invoke, .. }
            | SetRequest::WithDatablock { invoke, .. }
            | SetRequest::WithList { invoke, .. }
            | SetRequest::WithListAndFirstDatablock { invoke, .. } => *invoke,
        }
    }
}

impl SetResponse {
    /// Number of the request that this answers.
    #[must_use]
    pub fn invoke(&self) -> InvokeIdAndPriority {
        match self {
            SetResponse::Normal { invoke, .. }
            | SetResponse::Datablock { invoke, .. }
            | SetResponse::LastDatablock { invoke, .. }
            | SetResponse::LastDatablockWithList { invoke, .. }
            | SetResponse::WithList { invoke, .. } => *invoke,
        }
    }
}

impl Codec for SetRequest {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(tag::SET_REQUEST);
        match self {
            SetRequest::Normal { invoke, attribute, value } => {
                out.extend([1, invoke.0]);
                attribute.encode(out);
                value.encode(out);
            }
            SetRequest::WithFirstDatablock { invoke, attribute, block } => {
                out.extend([2, invoke.0]);
                attribute.encode(out);
                block.encode(out);
            }
            SetRequest::WithDatablock { invoke, block } => {
                out.extend([3, invoke.0]);
                block.encode(out);
            }
            SetRequest::WithList { invoke, attributes, values } => {
                out.extend([4, invoke.0]);
                put_sequence(attributes, out);
                put_sequence(values, out);
            }
            SetRequest::WithListAndFirstDatablock { invoke, attributes, block } => {
                out.extend([5, invoke.0]);
                put_sequence(attributes, out);
                block.encode(out);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        expect_tag(reader, tag::SET_REQUEST, "a set-request")?;
        let at = reader.position();
        let (choice, invoke) = (reader.u8()?, InvokeIdAndPriority::read(reader)?);
        match choice {
            1 => {
                let attribute = AttributeWithSelection::read(reader)?;
                Ok(SetRequest::Normal { invoke, attribute, value: Data::read(reader)? })
            }
            2 => {
                let attribute = AttributeWithSelection::read(reader)?;
                Ok(SetRequest::WithFirstDatablock { invoke, attribute, block: DataBlockSa::read(reader)? })
            }
            3 => Ok(SetRequest::WithDatablock { invoke, block: DataBlockSa::read(reader)? }),
            4 => Ok(SetRequest::WithList { invoke, attributes: reader.sequence()?, values: reader.sequence()? }),
            5 => {
                let attributes = reader.sequence()?;
                Ok(SetRequest::WithListAndFirstDatablock { invoke, attributes, block: DataBlockSa::read(reader)? })
            }
            other => Err(unknown_choice(at, "set-request", other)),
        }
    }
}

impl Codec for SetResponse {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(tag::SET_RESPONSE);
        match self {
            SetResponse::Normal { invoke, result } => out.extend([1, invoke.0, result.number()]),
            SetResponse::Datablock { invoke, block_number } => {
                out.extend([2, invoke.0]);
                out.extend_from_slice(&block_number.to_be_bytes());
            }
            SetResponse::LastDatablock { invoke, result, block_number } => {
                out.extend([3, invoke.0, result.number()]);
                out.extend_from_slice(&block_number.to_be_bytes());
            }
            SetResponse::LastDatablockWithList { invoke, results, block_number } => {
                out.extend([4, invoke.0]);
                put_sequence(results, out);
                out.extend_from_slice(&block_number.to_be_bytes());
            }
            SetResponse::WithList { invoke, results } => {
                out.extend([5, invoke.0]);
                put_sequence(results, out);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        expect_tag(reader, tag::SET_RESPONSE, "a set-response")?;
        let at = reader.position();
        let (choice, invoke) = (reader.u8()?, InvokeIdAndPriority::read(reader)?);
        match choice {
            1 => Ok(SetResponse::Normal { invoke, result: DataAccessResult::read(reader)? }),
            2 => Ok(SetResponse::Datablock { invoke, block_number: reader.u32()? }),
            3 => {
                let result = DataAccessResult::read(reader)?;
                Ok(SetResponse::LastDatablock { invoke, result, block_number: reader.u32()? })
            }
            4 => {
                let results = reader.sequence()?;
                Ok(SetResponse::LastDatablockWithList { invoke, results, block_number: reader.u32()? })
            }
            5 => Ok(SetResponse::WithList { invoke, results: reader.sequence()? }),
            other => Err(unknown_choice(at, "set-response", other)),
        }
    }
}
