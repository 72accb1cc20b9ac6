//! The pair of writing and reading as one trait, and macros for structs, enums with content and enums with stable names, so that
//! a type's encoding is one line a field.

use std::sync::Arc;

use super::{CborError, Reader, Writer};

/// A type with one encoding.
pub trait Cbor: Sized {
    /// Writes the value.
    fn write(&self, w: &mut Writer);

    /// Reads one.
    ///
    /// # Errors
    /// When the bytes are not its encoding.
    fn read(r: &mut Reader<'_>) -> Result<Self, CborError>;

    /// Whether a map leaves the field out.
    fn is_absent(&self) -> bool {
        false
    }

    /// What a left-out field means.
    fn absent() -> Option<Self> {
        None
    }

    /// Writes the value of a field that is not left out.
    fn write_present(&self, w: &mut Writer) {
        self.write(w);
    }

    /// Reads the value of a field that is not left out.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn read_present(r: &mut Reader<'_>) -> Result<Self, CborError> {
        Self::read(r)
    }

    /// Writes a shared value: a type of which one value is in many places may remember it.
    fn write_shared(this: &Arc<Self>, w: &mut Writer) {
        Self::write(this, w);
    }

    /// Reads a shared value.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn read_shared(r: &mut Reader<'_>) -> Result<Arc<Self>, CborError> {
        Self::read(r).map(Arc::new)
    }
}

/// In a map, `None` is left out; elsewhere it is an array of no or one item.
impl<T: Cbor> Cbor for Option<T> {
    fn write(&self, w: &mut Writer) {
        w.array(u64::from(self.is_some()));
        if let Some(value) = self {
            value.write(w);
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        let at = r.at();
        match r.array()? {
            0 => Ok(None),
            1 => r.nested(T::read).map(Some),
            _ => Err(CborError::Value { at, what: "array of no or one item" }),
        }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn write_present(&self, w: &mut Writer) {
        if let Some(value) = self {
            value.write(w);
        }
    }

    fn read_present(r: &mut Reader<'_>) -> Result<Self, CborError> {
        T::read(r).map(Some)
    }
}

/// In a map, an empty one is left out, and only that.
impl<T: Cbor> Cbor for Vec<T> {
    fn write(&self, w: &mut Writer) {
        w.array(self.len() as u64);
        for item in self {
            item.write(w);
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        let items = r.array()?;
        r.nested(|r| (0..items).map(|_| T::read(r)).collect())
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn read_present(r: &mut Reader<'_>) -> Result<Self, CborError> {
        let at = r.at();
        let items = Self::read(r)?;
        if items.is_empty() {
            Err(CborError::Value { at, what: "array that is not empty" })
        } else {
            Ok(items)
        }
    }
}

impl<T: Cbor> Cbor for Box<T> {
    fn write(&self, w: &mut Writer) {
        self.as_ref().write(w);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        T::read(r).map(Self::new)
    }
}

impl<T: Cbor> Cbor for Arc<T> {
    fn write(&self, w: &mut Writer) {
        T::write_shared(self, w);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        T::read_shared(r)
    }
}

impl<A: Cbor, B: Cbor> Cbor for (A, B) {
    fn write(&self, w: &mut Writer) {
        w.array(2);
        self.0.write(w);
        self.1.write(w);
    }

    #[inline]
    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        let at = r.at();
        if r.array()? != 2 {
            return Err(CborError::Value { at, what: "pair" });
        }
        r.nested(|r| Ok((A::read(r)?, B::read(r)?)))
    }
}

impl Cbor for String {
    fn write(&self, w: &mut Writer) {
        w.text(self);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        r.text().map(Self::from)
    }
}

impl Cbor for bool {
    fn write(&self, w: &mut Writer) {
        w.bool(*self);
    }

    #[inline]
    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        r.bool()
    }
}

impl<const N: usize> Cbor for [u8; N] {
    fn write(&self, w: &mut Writer) {
        w.bytes(self);
    }

    #[inline]
    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        r.fixed()
    }
}

macro_rules! unsigned {
    ($($type:ty = $what:literal),+) => {
        $(impl Cbor for $type {
            fn write(&self, w: &mut Writer) {
                w.uint(u64::from(*self));
            }

            #[inline]
            fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
                let at = r.at();
                Self::try_from(r.uint()?).map_err(|_| CborError::Value { at, what: $what })
            }
        })+
    };
}

unsigned!(u8 = "8-bit number", u16 = "16-bit number", u32 = "32-bit number", u64 = "64-bit number");

impl Cbor for i16 {
    fn write(&self, w: &mut Writer) {
        w.int(i64::from(*self));
    }

    #[inline]
    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        let at = r.at();
        Self::try_from(r.int()?).map_err(|_| CborError::Value { at, what: "16-bit number" })
    }
}

impl Cbor for i64 {
    fn write(&self, w: &mut Writer) {
        w.int(*self);
    }

    #[inline]
    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        r.int()
    }
}

/// A struct as a map: `record!(Type { 0 => field, 1 => other });` with ascending keys. Reading names every field, so a new one
/// does not compile before it has a key. A field marked `2 => later (default)` came later: it is left out while it has its
/// default value, which is what an older entry means.
#[macro_export]
macro_rules! record {
    ($type:ty { $($key:literal => $field:ident $(($later:ident))?),+ $(,)? }) => {
        impl $crate::cbor::Cbor for $type {
            fn write(&self, w: &mut $crate::cbor::Writer) {
                w.map(0 $(+ u64::from(!$crate::cbor::record!(@absent self.$field $(, $later)?)))+);
                $(if !$crate::cbor::record!(@absent self.$field $(, $later)?) {
                    w.uint($key);
                    $crate::cbor::Cbor::write_present(&self.$field, w);
                })+
            }

            fn read(r: &mut $crate::cbor::Reader<'_>) -> Result<Self, $crate::cbor::CborError> {
                let mut fields = r.map()?;
                r.nested(|r| {
                    let value = Self { $($field: $crate::cbor::record!(@read fields, r, $key $(, $later)?)),+ };
                    fields.finish(r)?;
                    Ok(value)
                })
            }
        }
    };
    (@absent $value:expr) => { $crate::cbor::Cbor::is_absent(&$value) };
    (@absent $value:expr, default) => { $crate::cbor::is_default(&$value) };
    (@read $fields:ident, $r:ident, $key:literal) => { $fields.field($r, $key)? };
    (@read $fields:ident, $r:ident, $key:literal, default) => { $fields.field_or_default($r, $key)? };
}

/// Whether a field that came later is left out.
pub fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// An enum with content as an array `[number, content ..]`: `choice!(Type { 0 => Unit, 1 => One(a), 2 => Named { a, b } });`.
macro_rules! choice {
    ($type:ty { $($number:literal => $variant:ident $(($($item:ident),+))? $({$($name:ident),+})?),+ $(,)? }) => {
        impl $crate::cbor::Cbor for $type {
            fn write(&self, w: &mut $crate::cbor::Writer) {
                match self {
                    $(Self::$variant $(($($item),+))? $({$($name),+})? => {
                        w.array(1 $($(+ { let _ = $item; 1 })+)? $($(+ { let _ = $name; 1 })+)?);
                        w.uint($number);
                        $($($crate::cbor::Cbor::write($item, w);)+)?
                        $($($crate::cbor::Cbor::write($name, w);)+)?
                    })+
                }
            }

            fn read(r: &mut $crate::cbor::Reader<'_>) -> Result<Self, $crate::cbor::CborError> {
                use $crate::cbor::CborError;
                let at = r.at();
                let items = r.array()?;
                r.nested(|r| {
                    let (number, start) = (r.uint()?, r.at());
                    let (value, expected) = match number {
                        $($number => {
                            $($(let $item = $crate::cbor::Cbor::read(r)?;)+)?
                            $($(let $name = $crate::cbor::Cbor::read(r)?;)+)?
                            let items = 1 $($(+ { let _ = &$item; 1 })+)? $($(+ { let _ = &$name; 1 })+)?;
                            (Self::$variant $(($($item),+))? $({$($name),+})?, items)
                        })+
                        _ => return Err(CborError::Unknown { at: start, number }),
                    };
                    if items == expected { Ok(value) } else { Err(CborError::Value { at, what: "number of items" }) }
                })
            }
        }
    };
}

/// Types whose text is their encoding: `named_text!(Type: |value| value.as_str(), |text| Type::parse(text).ok());`. A text that
/// is not what the value prints is refused, so that one value has one encoding.
macro_rules! named_text {
    ($($type:ty: $write:expr, $read:expr;)+) => {
        $(impl $crate::cbor::Cbor for $type {
            fn write(&self, w: &mut $crate::cbor::Writer) {
                let write: for<'v> fn(&'v Self) -> std::borrow::Cow<'v, str> = $write;
                w.text(&write(self));
            }

            fn read(r: &mut $crate::cbor::Reader<'_>) -> Result<Self, $crate::cbor::CborError> {
                let (at, text) = (r.at(), r.text()?);
                let read: for<'t> fn(&'t str) -> Option<Self> = $read;
                let write: for<'v> fn(&'v Self) -> std::borrow::Cow<'v, str> = $write;
                let value = read(text).filter(|value| write(value) == text);
                value.ok_or($crate::cbor::CborError::Value { at, what: stringify!($type) })
            }
        })+
    };
}

pub use record;
pub(crate) use {choice, named_text};
