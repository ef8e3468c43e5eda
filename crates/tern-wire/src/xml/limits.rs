//! How large and how deep a document may be.

/// Caps that hold before a parser sees a document. All are inclusive.
///
/// The parser compares each attribute of a tag with every other, and copies the namespaces in scope wherever a tag declares
/// one: without caps both are quadratic. Schema v1.2 itself needs a depth of 12, two attributes and five namespaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The whole document, in bytes.
    pub max_bytes: usize,
    /// Elements nested in each other; the root counts one.
    pub max_depth: usize,
    /// Attributes in one tag, namespace declarations included.
    pub max_attributes: usize,
    /// The name of an element or attribute with its prefix, in bytes.
    pub max_name_bytes: usize,
    /// Namespace declarations of one element and its ancestors together.
    pub max_namespaces: usize,
    /// Tags, and texts between them, in the whole document; also `<` and `=` wherever they stand.
    pub max_nodes: usize,
    /// One child of the root with everything in it and the text before it, in bytes; also whatever stands before the first
    /// child and behind the root. A stream holds no more than this and one slice at a time.
    pub max_entry_bytes: usize,
    /// How texts may be written.
    pub texts: Texts,
}

/// How texts may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// As XML permits.
    Any,
    /// As they are, without character references and CDATA sections. The parser makes a text out of such pieces in memory of its
    /// own, which nobody can wipe: documents with keys in the clear are read so.
    Verbatim,
}

impl Limits {
    /// For whole migration files: 64 MiB, which is more than 10,000 installations.
    pub const DEFAULT: Limits = Limits {
        max_bytes: 64 << 20,
        max_depth: 32,
        max_attributes: 16,
        max_name_bytes: 256,
        max_namespaces: 16,
        max_nodes: 4_000_000,
        max_entry_bytes: 64 << 20,
        texts: Texts::Any,
    };

    /// For migration files that are read as streams ([`crate::stream`]): 8 GiB, entries of 512 KiB, or less where the message says
    /// so ([`crate::stream::Entry::BYTES_MAX`]). Everything that memory depends on is bounded by the entry. Time is bounded by the
    /// tags and texts: 1,000 for each of 100,000 installations, where the largest that the schema lets through has some 600,
    /// blanks between all its tags counted.
    pub const STREAM: Limits =
        Limits { max_bytes: 8 << 30, max_nodes: 100_000_000, max_entry_bytes: 512 << 10, ..Limits::DEFAULT };

    /// For one DUIS message: 16 MiB, which is more than the firmware image of 11.1 (10,240,000 bytes) in base64 with its list of devices
    /// (1,199,999).
    pub const MESSAGE: Limits =
        Limits { max_bytes: 16 << 20, max_nodes: 1_000_000, max_entry_bytes: 16 << 20, ..Limits::DEFAULT };

    /// For one decrypted plaintext: 16 KiB. Its blob must fit into an entry, so that one that is too large is told of its
    /// installation alone.
    pub const PLAINTEXT: Limits =
        Limits { max_bytes: 16 << 10, max_nodes: 4_000, texts: Texts::Verbatim, ..Limits::DEFAULT };
}

impl Default for Limits {
    fn default() -> Self {
        Limits::DEFAULT
    }
}
