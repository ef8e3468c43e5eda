//! One block of a value that is too long for one APDU.

use super::results::DataAccessResult;
use super::unknown_choice;
use crate::codec::{Codec, Reader, put_octets};
use crate::error::DecodeError;

/// DataBlock-G: a block of a get's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataBlockG {
    /// Whether this is the last.
    pub last: bool,
    /// Its number, from 1.
    pub number: u32,
    /// Its bytes, a part of the encoded value; or why there are none.
    pub result: Result<Vec<u8>, DataAccessResult>,
}

/// DataBlock-SA: a block of a set's value, or of an action's parameters or answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataBlockSa {
    /// Whether this is the last.
    pub last: bool,
    /// Its number, from 1.
    pub number: u32,
    /// Its bytes, a part of the encoded value.
    pub raw_data: Vec<u8>,
}

impl Codec for DataBlockG {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.last));
        out.extend_from_slice(&self.number.to_be_bytes());
        match &self.result {
            Ok(raw_data) => {
                out.push(0);
                put_octets(raw_data, out);
            }
            Err(result) => {
                out.push(1);
                result.encode(out);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (last, number) = (reader.boolean()?, reader.u32()?);
        let at = reader.position();
        let result = match reader.u8()? {
            0 => Ok(reader.octets()?.to_vec()),
            1 => Err(DataAccessResult::read(reader)?),
            other => return Err(unknown_choice(at, "result of a block", other)),
        };
        Ok(DataBlockG { last, number, result })
    }
}

impl Codec for DataBlockSa {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.last));
        out.extend_from_slice(&self.number.to_be_bytes());
        put_octets(&self.raw_data, out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(DataBlockSa { last: reader.boolean()?, number: reader.u32()?, raw_data: reader.octets()?.to_vec() })
    }
}
