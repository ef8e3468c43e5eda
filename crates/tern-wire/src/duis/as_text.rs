//! Names that records keep as the text that messages carry, so that a store reads as a message does.

use tern_model::Malformed;

use super::{RequestId, SchemaVersion, ServiceReferenceVariant};

macro_rules! kept_as_text {
    ($($name:ident)+) => {
        $(impl From<$name> for String {
            fn from(name: $name) -> String {
                name.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = Malformed;

            fn try_from(text: String) -> Result<$name, Malformed> {
                text.parse()
            }
        })+
    };
}

kept_as_text! { RequestId SchemaVersion ServiceReferenceVariant }
