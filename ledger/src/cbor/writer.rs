//! Writing.

use std::collections::BTreeMap;

/// Appends items to a byte string, always in the shortest form.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    referenced: BTreeMap<[u8; 32], Vec<u8>>,
}

impl Writer {
    fn head(&mut self, major: u8, value: u64) {
        let major = major << 5;
        let wide = value.to_be_bytes();
        match value {
            0..=23 => self.bytes.push(major | wide[7]),
            24..=0xff => self.bytes.extend([major + 24, wide[7]]),
            0x100..=0xffff => {
                self.bytes.push(major + 25);
                self.bytes.extend(&wide[6..]);
            }
            0x1_0000..=0xffff_ffff => {
                self.bytes.push(major + 26);
                self.bytes.extend(&wide[4..]);
            }
            _ => {
                self.bytes.push(major + 27);
                self.bytes.extend(wide);
            }
        }
    }

    /// An unsigned number.
    pub fn uint(&mut self, value: u64) {
        self.head(0, value);
    }

    /// A signed number.
    pub fn int(&mut self, value: i64) {
        if value < 0 { self.head(1, !value.cast_unsigned()) } else { self.head(0, value.cast_unsigned()) }
    }

    /// A byte string.
    pub fn bytes(&mut self, value: &[u8]) {
        self.head(2, value.len() as u64);
        self.bytes.extend(value);
    }

    /// A text string.
    pub fn text(&mut self, value: &str) {
        self.head(3, value.len() as u64);
        self.bytes.extend(value.as_bytes());
    }

    /// The head of an array of so many items, which must follow.
    pub fn array(&mut self, items: u64) {
        self.head(4, items);
    }

    /// The head of a map of so many pairs, which must follow with ascending integer keys.
    pub fn map(&mut self, pairs: u64) {
        self.head(5, pairs);
    }

    /// True or false.
    pub fn bool(&mut self, value: bool) {
        self.bytes.push(if value { 0xf5 } else { 0xf4 });
    }

    /// An item that is encoded already.
    pub fn raw(&mut self, item: &[u8]) {
        self.bytes.extend(item);
    }

    /// Keeps a value that is stored beside, once, under its SHA-256, and writes only the hash.
    pub fn reference(&mut self, sha256: [u8; 32], value: Vec<u8>) {
        self.bytes(&sha256);
        self.referenced.insert(sha256, value);
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// What was written, and the values it refers to by their hash.
    pub fn into_parts(self) -> (Vec<u8>, BTreeMap<[u8; 32], Vec<u8>>) {
        (self.bytes, self.referenced)
    }
}
