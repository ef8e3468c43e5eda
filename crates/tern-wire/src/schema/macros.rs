//! The one macro behind every message.

/// Describes a type once: struct, description, decoder and writer.
///
/// ```text
/// describe! {
///     /// What the type is.
///     #[derive(Debug, Clone)]
///     pub struct Meter {
///         /// What the element is.
///         "DeviceID" device_id: DeviceId, P;
///         /// Occurrence follows from the Rust type, or stands behind a `Vec`.
///         "PPMID" ppmids: Vec<Ppmid> [0..=8], stated "S002 8";
///     }
/// }
/// ```
/// Grades are `stated`, `R` and `P`; a source may follow. `[v1_2]` behind an element, or behind a type's name, says that schema
/// version 1.2 brought it. `pub struct Name signed` says that a `ds:Signature` ends the element.
#[macro_export]
#[doc(hidden)]
macro_rules! describe {
    (
        $(#[doc = $doc:literal])+
        $(#[derive($($derive:ident),+)])?
        pub struct $name:ident $($signed:ident)? $([$since:ident])? {
            $(
                $(#[doc = $field_doc:literal])+
                $element:literal $field:ident : $type:ty $([$min:literal ..= $max:literal])?, $grade:ident $($source:literal)?
                $([$field_since:ident])?;
            )+
        }
    ) => {
        $(#[doc = $doc])+
        $(#[derive($($derive),+)])?
        pub struct $name {
            $($(#[doc = $field_doc])+ pub $field: $type,)+
        }

        impl $name {
            /// The description that decoder, XSD and reference page are made from.
            pub const TYPE: $crate::schema::ComplexType = $crate::schema::ComplexType {
                name: stringify!($name),
                namespace: $crate::schema::Namespace::Migration,
                doc: concat!($($doc, "\n"),+),
                attributes: &[],
                fields: &[$($crate::schema::Field {
                    element: $element,
                    content: <$type as $crate::schema::Particle>::CONTENT,
                    occurs: $crate::describe!(@occurs $type $(, $min, $max)?),
                    doc: concat!($($field_doc, "\n"),+),
                    grade: $crate::describe!(@grade $grade),
                    source: concat!($($source)?),
                    since: $crate::describe!(@since $($field_since)?),
                }),+],
                signed: $crate::describe!(@signed $($signed)?),
                since: $crate::describe!(@since $($since)?),
            };
        }

        const _: () = {
            #[derive(Default)]
            #[doc(hidden)]
            pub struct Gathered {
                $($field: <$type as $crate::schema::Particle>::Gathered,)+
            }

            impl $crate::schema::Described for $name {
                type Gathered = Gathered;
                const COMPLEX: &'static $crate::schema::ComplexType = &Self::TYPE;

                fn gather(
                    gathered: &mut Gathered,
                    field: usize,
                    reader: &mut $crate::schema::Reader<'_>,
                    node: roxmltree::Node<'_, '_>,
                ) {
                    let mut fields = 0..;
                    $(if fields.next() == Some(field) {
                        return <$type as $crate::schema::Particle>::gather(&mut gathered.$field, reader, node);
                    })+
                }

                fn gathered(gathered: Gathered) -> Option<Self> {
                    Some(Self { $($field: <$type as $crate::schema::Particle>::gathered(gathered.$field)?),+ })
                }
            }
        };

        impl $crate::schema::Element for $name {
            const CONTENT: $crate::schema::Content = $crate::schema::Content::Complex(&Self::TYPE);

            fn read(reader: &mut $crate::schema::Reader<'_>, node: roxmltree::Node<'_, '_>) -> Option<Self> {
                reader.described(node)
            }

            fn write(&self, name: &str, out: &mut String) {
                $crate::schema::open_tag(name, out);
                $($crate::schema::Particle::write(&self.$field, $element, out);)+
                $crate::schema::close_tag(name, out);
            }
        }
    };

    (@occurs $type:ty) => { <$type as $crate::schema::Particle>::OCCURS };
    (@occurs $type:ty, $min:literal, $max:literal) => { $crate::schema::Occurs { min: $min, max: $max } };
    (@grade stated) => { tern_model::Grade::Stated };
    (@grade R) => { tern_model::Grade::Reading };
    (@grade P) => { tern_model::Grade::Project };
    (@since) => { $crate::schema::SchemaVersion::Before12 };
    (@since v1_2) => { $crate::schema::SchemaVersion::V12 };
    (@signed) => { false };
    (@signed signed) => { true };
}
