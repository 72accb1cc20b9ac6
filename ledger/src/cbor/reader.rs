//! Reading, strictly.

#![expect(
    clippy::inline_always,
    reason = "an item is a few instructions and its error many: read in line, an export is verified in 6 % less time"
)]

use super::{Cbor, MOST_DEPTH};

/// Why bytes are not a value of the expected kind in deterministic CBOR.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// The bytes end inside an item.
    #[error("the bytes end inside an item that starts at byte {0}")]
    Truncated(usize),
    /// Bytes follow the value.
    #[error("bytes follow the value from byte {0} on")]
    Trailing(usize),
    /// A number or length that is not in its shortest form.
    #[error("byte {0}: a number is not in its shortest form")]
    NotShortest(usize),
    /// A float, tag, null, indefinite length or reserved value.
    #[error("byte {0}: a float, tag, null or indefinite length, which this format does not use")]
    Excluded(usize),
    /// Another kind of item than expected.
    #[error("byte {at}: expected {expected}")]
    Kind {
        /// Where.
        at: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// Map keys that do not ascend.
    #[error("byte {0}: map keys do not ascend")]
    KeyOrder(usize),
    /// A field without which the value is none.
    #[error("byte {at}: field {key} is missing")]
    Missing {
        /// Where the map ends or the next field stands.
        at: usize,
        /// The field's key.
        key: u64,
    },
    /// A field or variant that this version does not know.
    #[error("byte {at}: {number} is not known here")]
    Unknown {
        /// Where.
        at: usize,
        /// The key or number.
        number: u64,
    },
    /// A value outside of what its type can hold.
    #[error("byte {at}: not a valid {what}")]
    Value {
        /// Where.
        at: usize,
        /// What it should be.
        what: &'static str,
    },
    /// Nested too deep.
    #[error("byte {0}: nested too deep")]
    Depth(usize),
}

/// Gives the value that is stored beside under a SHA-256.
pub type Lookup<'a> = &'a dyn Fn(&[u8; 32]) -> Option<Vec<u8>>;

/// Takes items from the front of a byte string.
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: u8,
    lookup: Option<Lookup<'a>>,
}

impl<'a> Reader<'a> {
    /// Reads `bytes`, which refer to nothing.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, depth: 0, lookup: None }
    }

    /// Reads `bytes`, whose references `lookup` resolves.
    pub const fn with_lookup(bytes: &'a [u8], lookup: Lookup<'a>) -> Self {
        Self { bytes, at: 0, depth: 0, lookup: Some(lookup) }
    }

    /// The next byte's position.
    pub const fn at(&self) -> usize {
        self.at
    }

    /// What was read since byte `start`.
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    /// Passes over `item`, a whole item, when it starts here.
    pub(crate) fn pass_over(&mut self, item: &[u8]) -> bool {
        let starts_here = self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(item));
        if starts_here {
            self.at += item.len();
        }
        starts_here
    }

    /// The value stored beside under `sha256`.
    pub(crate) fn referenced(&self, sha256: &[u8; 32]) -> Option<Vec<u8>> {
        self.lookup.and_then(|lookup| lookup(sha256))
    }

    #[inline(always)]
    fn take(&mut self, length: u64, start: usize) -> Result<&'a [u8], CborError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = usize::try_from(length).ok().and_then(|length| rest.get(..length));
        let taken = taken.ok_or(CborError::Truncated(start))?;
        self.at += taken.len();
        Ok(taken)
    }

    #[inline(always)]
    fn head(&mut self) -> Result<(u8, u64), CborError> {
        let start = self.at;
        let first = *self.bytes.get(start).ok_or(CborError::Truncated(start))?;
        self.at += 1;
        let (major, low) = (first >> 5, first & 0x1f);
        // Most numbers and lengths are in the first byte.
        if major < 6 && low < 24 {
            return Ok((major, u64::from(low)));
        }
        if major == 7 {
            return if low == 20 || low == 21 {
                Ok((7, u64::from(low - 20)))
            } else {
                Err(CborError::Excluded(start))
            };
        }
        if major == 6 {
            return Err(CborError::Excluded(start));
        }
        let (value, least) = match low {
            24..=27 => {
                let wide = self.take(1 << (low - 24), start)?;
                let value = wide.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
                (value, [24, 0x100, 0x1_0000, 0x1_0000_0000][usize::from(low - 24)])
            }
            _ => return Err(CborError::Excluded(start)),
        };
        if value < least { Err(CborError::NotShortest(start)) } else { Ok((major, value)) }
    }

    #[inline(always)]
    fn expect(&mut self, wanted: u8, expected: &'static str) -> Result<u64, CborError> {
        let at = self.at;
        let (major, value) = self.head()?;
        if major == wanted { Ok(value) } else { Err(CborError::Kind { at, expected }) }
    }

    /// An unsigned number.
    ///
    /// # Errors
    /// When something else stands there.
    #[inline(always)]
    pub fn uint(&mut self) -> Result<u64, CborError> {
        self.expect(0, "an unsigned number")
    }

    /// A signed number.
    ///
    /// # Errors
    /// When something else stands there.
    #[inline(always)]
    pub fn int(&mut self) -> Result<i64, CborError> {
        let at = self.at;
        let (major, value) = self.head()?;
        let value =
            i64::try_from(value).map_err(|_| CborError::Value { at, what: "64-bit signed number" })?;
        match major {
            0 => Ok(value),
            1 => Ok(!value),
            _ => Err(CborError::Kind { at, expected: "a number" }),
        }
    }

    /// A byte string.
    ///
    /// # Errors
    /// When something else stands there.
    #[inline(always)]
    pub fn bytes(&mut self) -> Result<&'a [u8], CborError> {
        let start = self.at;
        let length = self.expect(2, "a byte string")?;
        self.take(length, start)
    }

    /// A byte string of a fixed length.
    ///
    /// # Errors
    /// When something else stands there.
    #[inline(always)]
    pub fn fixed<const N: usize>(&mut self) -> Result<[u8; N], CborError> {
        let at = self.at;
        self.bytes()?.try_into().map_err(|_| CborError::Value { at, what: "byte string of the fixed length" })
    }

    /// A text string.
    ///
    /// # Errors
    /// When something else stands there.
    #[inline(always)]
    pub fn text(&mut self) -> Result<&'a str, CborError> {
        let at = self.at;
        let length = self.expect(3, "a text string")?;
        std::str::from_utf8(self.take(length, at)?).map_err(|_| CborError::Value { at, what: "UTF-8 text" })
    }

    /// Whether a text string is `expected`.
    ///
    /// # Errors
    /// When something else stands there.
    #[inline]
    pub fn text_is(&mut self, expected: &str) -> Result<bool, CborError> {
        let at = self.at;
        let length = self.expect(3, "a text string")?;
        let bytes = self.take(length, at)?;
        if bytes == expected.as_bytes() {
            return Ok(true);
        }
        std::str::from_utf8(bytes).map(|_| false).map_err(|_| CborError::Value { at, what: "UTF-8 text" })
    }

    /// Passes over a text string, checking it.
    ///
    /// # Errors
    /// When something else stands there.
    #[inline(always)]
    pub fn skip_text(&mut self) -> Result<(), CborError> {
        // Codes are short and ASCII; most of an entry are such.
        if let Some((head @ 0x60..=0x77, rest)) = self.bytes.get(self.at..).and_then(<[u8]>::split_first)
            && let Some(text) = rest.get(..usize::from(head & 0x1f))
            && text.iter().fold(0, |all, byte| all | byte).is_ascii()
        {
            self.at += 1 + text.len();
            return Ok(());
        }
        self.text().map(|_| ())
    }

    /// True or false.
    ///
    /// # Errors
    /// When something else stands there.
    pub fn bool(&mut self) -> Result<bool, CborError> {
        Ok(self.expect(7, "true or false")? == 1)
    }

    /// The number of items of an array that starts here. More items than bytes left are refused, so the number may be used as
    /// a capacity.
    ///
    /// # Errors
    /// When something else stands there.
    #[inline(always)]
    pub fn array(&mut self) -> Result<usize, CborError> {
        let start = self.at;
        let items = self.expect(4, "an array")?;
        self.bounded(items, start)
    }

    #[inline(always)]
    fn bounded(&self, items: u64, start: usize) -> Result<usize, CborError> {
        let left = self.bytes.len() - self.at;
        usize::try_from(items).ok().filter(|items| *items <= left).ok_or(CborError::Truncated(start))
    }

    /// A map with integer keys.
    ///
    /// # Errors
    /// When something else stands there.
    #[inline(always)]
    pub fn map(&mut self) -> Result<Fields, CborError> {
        let start = self.at;
        let pairs = self.expect(5, "a map")?;
        let left = self.bounded(pairs, start)?;
        Ok(Fields { left, last: None, pending: None })
    }

    /// Goes one level down; [`Cbor`] implementations of nesting types call it through their macros.
    ///
    /// # Errors
    /// When something else stands there.
    #[inline(always)]
    pub fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, CborError>,
    ) -> Result<T, CborError> {
        if self.depth >= MOST_DEPTH {
            return Err(CborError::Depth(self.at));
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    /// Passes over one item of any kind, checking it, and gives its bytes.
    ///
    /// # Errors
    /// When something else stands there.
    pub fn skip(&mut self) -> Result<&'a [u8], CborError> {
        let start = self.at;
        self.nested(|r| {
            let (major, value) = r.head()?;
            match major {
                2 => r.take(value, start).map(|_| ()),
                3 => std::str::from_utf8(r.take(value, start)?)
                    .map(|_| ())
                    .map_err(|_| CborError::Value { at: start, what: "UTF-8 text" }),
                4 => (0..r.bounded(value, start)?).try_for_each(|_| r.skip().map(|_| ())),
                5 => {
                    let left = r.bounded(value, start)?;
                    let mut fields = Fields { left, last: None, pending: None };
                    while fields.next_key(r)?.is_some() {
                        r.skip()?;
                    }
                    Ok(())
                }
                _ => Ok(()),
            }
        })?;
        Ok(&self.bytes[start..self.at])
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// When something else stands there.
    pub const fn finish(&self) -> Result<(), CborError> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(CborError::Trailing(self.at)) }
    }
}

/// The pairs of a map, in ascending order of their keys.
pub struct Fields {
    left: usize,
    last: Option<u64>,
    pending: Option<u64>,
}

impl Fields {
    /// The next key; its value must be read before the next call.
    ///
    /// # Errors
    /// When something else stands there.
    #[inline(always)]
    pub fn next_key(&mut self, r: &mut Reader<'_>) -> Result<Option<u64>, CborError> {
        if let Some(key) = self.pending.take() {
            return Ok(Some(key));
        }
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let at = r.at;
        let key = r.uint()?;
        if self.last.is_some_and(|last| last >= key) {
            return Err(CborError::KeyOrder(at));
        }
        self.last = Some(key);
        Ok(Some(key))
    }

    /// Whether the next key is `key`; then its value must be read.
    ///
    /// # Errors
    /// When something else stands there.
    #[inline(always)]
    pub fn has(&mut self, r: &mut Reader<'_>, key: u64) -> Result<bool, CborError> {
        let next = self.next_key(r)?;
        if next == Some(key) {
            return Ok(true);
        }
        self.pending = next;
        Ok(false)
    }

    /// The field with this key, or what its type says when it is left out.
    ///
    /// # Errors
    /// When something else stands there.
    #[inline]
    pub fn field<T: Cbor>(&mut self, r: &mut Reader<'_>, key: u64) -> Result<T, CborError> {
        if self.has(r, key)? {
            T::read_present(r)
        } else {
            T::absent().ok_or(CborError::Missing { at: r.at, key })
        }
    }

    /// A field that came later; left out while it has its default value, and only then.
    ///
    /// # Errors
    /// When it is malformed, or the default is written out.
    pub fn field_or_default<T: Cbor + Default + PartialEq>(
        &mut self,
        r: &mut Reader<'_>,
        key: u64,
    ) -> Result<T, CborError> {
        if !self.has(r, key)? {
            return Ok(T::default());
        }
        let at = r.at;
        let value = T::read_present(r)?;
        if value == T::default() {
            return Err(CborError::Value { at, what: "value other than the default, which is left out" });
        }
        Ok(value)
    }

    /// No field may be left.
    ///
    /// # Errors
    /// When something else stands there.
    #[inline]
    pub fn finish(mut self, r: &mut Reader<'_>) -> Result<(), CborError> {
        let at = r.at;
        self.next_key(r)?.map_or(Ok(()), |number| Err(CborError::Unknown { at, number }))
    }
}
