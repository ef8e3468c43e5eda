//! 7.1, 7.2, 7.3, and the auxiliary load switch.

use tern_dlms::{Data, MethodDescriptor};

use super::{Permitted, method};

const SUPPLY: [u8; 6] = [0, 0, 96, 3, 10, 255];
const DISCONNECT: MethodDescriptor = method(70, SUPPLY, 1);
const RECONNECT: MethodDescriptor = method(70, SUPPLY, 2);
const CLOSE_AUXILIARY: MethodDescriptor = method(70, [0, 0, 96, 3, 20, 255], 2);

pub(super) fn enable() -> Vec<Permitted> {
    switch(RECONNECT, 0)
}

pub(super) fn disable() -> Vec<Permitted> {
    switch(DISCONNECT, 0)
}

/// A reconnection whose parameter is 1 makes ready alone (P).
pub(super) fn arm() -> Vec<Permitted> {
    switch(RECONNECT, 1)
}

/// What a tariff of two rates may do besides (RQ8). Which devices do it on which days is none of the DCO's business.
pub(super) fn close_auxiliary() -> Permitted {
    Permitted::invoke("auxiliary load switch", CLOSE_AUXILIARY, Data::Integer(0))
}

fn switch(method: MethodDescriptor, parameter: i8) -> Vec<Permitted> {
    vec![Permitted::invoke("supply", method, Data::Integer(parameter))]
}
