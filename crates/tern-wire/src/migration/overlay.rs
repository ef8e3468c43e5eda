//! The overlay under which a file was made (P): whoever reads a judgement must see that other days or numbers were used than the
//! published ones, of what was found clean too.

use tern_model::Digest;

use crate::describe;
use crate::schema::Text;

describe! {
    /// Other days, numbers and limits than the published rules have. Without it a file was made under those.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct UnderOverlay {
        /// As its file says.
        "Name" name: Text<1, 100>, P;
        /// SHA-256 of its file.
        "SHA256" digest: Digest, P;
    }
}
