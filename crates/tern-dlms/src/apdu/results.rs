//! What became of a request, in the standard's enumerations.

use crate::codec::enumeration;

enumeration! {
    /// Data-Access-Result: what became of a get or a set.
    DataAccessResult is "data-access-result" {
        /// Done.
        Success = 0 "success",
        /// The hardware failed.
        HardwareFault = 1 "hardware-fault",
        /// It failed for now.
        TemporaryFailure = 2 "temporary-failure",
        /// The association may not do this.
        ReadWriteDenied = 3 "read-write-denied",
        /// There is no such object.
        ObjectUndefined = 4 "object-undefined",
        /// The object is of another class.
        ObjectClassInconsistent = 9 "object-class-inconsistent",
        /// The object cannot be reached now.
        ObjectUnavailable = 11 "object-unavailable",
        /// The value is of another type.
        TypeUnmatched = 12 "type-unmatched",
        /// The association may not do this here.
        ScopeOfAccessViolated = 13 "scope-of-access-violated",
        /// The block cannot be given.
        DataBlockUnavailable = 14 "data-block-unavailable",
        /// A get in blocks was broken off.
        LongGetAborted = 15 "long-get-aborted",
        /// No get in blocks is under way.
        NoLongGetInProgress = 16 "no-long-get-in-progress",
        /// A set in blocks was broken off.
        LongSetAborted = 17 "long-set-aborted",
        /// No set in blocks is under way.
        NoLongSetInProgress = 18 "no-long-set-in-progress",
        /// The block's number is not the one expected.
        DataBlockNumberInvalid = 19 "data-block-number-invalid",
        /// Something else.
        OtherReason = 250 "other-reason",
    }
}

enumeration! {
    /// Action-Result: what became of a method's invocation.
    ActionResult is "action-result" {
        /// Done.
        Success = 0 "success",
        /// The hardware failed.
        HardwareFault = 1 "hardware-fault",
        /// It failed for now.
        TemporaryFailure = 2 "temporary-failure",
        /// The association may not do this.
        ReadWriteDenied = 3 "read-write-denied",
        /// There is no such object.
        ObjectUndefined = 4 "object-undefined",
        /// The object is of another class.
        ObjectClassInconsistent = 9 "object-class-inconsistent",
        /// The object cannot be reached now.
        ObjectUnavailable = 11 "object-unavailable",
        /// The parameters are of another type.
        TypeUnmatched = 12 "type-unmatched",
        /// The association may not do this here.
        ScopeOfAccessViolated = 13 "scope-of-access-violated",
        /// The block cannot be given.
        DataBlockUnavailable = 14 "data-block-unavailable",
        /// An action in blocks was broken off.
        LongActionAborted = 15 "long-action-aborted",
        /// No action in blocks is under way.
        NoLongActionInProgress = 16 "no-long-action-in-progress",
        /// Something else.
        OtherReason = 250 "other-reason",
    }
}
