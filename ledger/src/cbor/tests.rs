//! Attack 16: two encodings of one entry.

use proptest::prelude::*;

use super::*;

/// Any item, to compare the reader with.
#[derive(Clone, Debug)]
enum Item {
    Int(i64),
    Bytes(Vec<u8>),
    Text(String),
    Bool(bool),
    Array(Vec<Item>),
    Map(std::collections::BTreeMap<u64, Item>),
}

impl Item {
    fn write(&self, w: &mut Writer) {
        match self {
            Self::Int(value) => w.int(*value),
            Self::Bytes(value) => w.bytes(value),
            Self::Text(value) => w.text(value),
            Self::Bool(value) => w.bool(*value),
            Self::Array(items) => {
                w.array(items.len() as u64);
                for item in items {
                    item.write(w);
                }
            }
            Self::Map(pairs) => {
                w.map(pairs.len() as u64);
                for (key, value) in pairs {
                    w.uint(*key);
                    value.write(w);
                }
            }
        }
    }
}

fn any_item() -> impl Strategy<Value = Item> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Item::Int),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Item::Bytes),
        ".{0,30}".prop_map(Item::Text),
        any::<bool>().prop_map(Item::Bool),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Item::Array),
            prop::collection::btree_map(0_u64..300, inner, 0..6).prop_map(Item::Map),
        ]
    })
}

/// The appendix A of RFC 8949, what of it this format uses, and what it excludes.
#[test]
fn examples_of_rfc_8949() {
    for (value, hex) in [
        (0, "00"),
        (23, "17"),
        (24, "1818"),
        (1000, "1903e8"),
        (1_000_000, "1a000f4240"),
        (1_000_000_000_000, "1b000000e8d4a51000"),
        (-1, "20"),
        (-1000, "3903e7"),
        (i64::MIN, "3b7fffffffffffffff"),
    ] {
        let mut writer = Writer::default();
        writer.int(value);
        assert_eq!(crate::hash::hex(&writer.into_bytes()), hex);
    }
    for excluded in
        ["f6", "f7", "fb3ff199999999999a", "c074", "5f42010243030405ff", "9fff", "bf6161019fff", "f818"]
    {
        let bytes = crate::hash::from_hex(excluded).unwrap();
        assert!(matches!(Reader::new(&bytes).skip(), Err(CborError::Excluded(_))), "{excluded}");
    }
    for longer in
        ["1800", "1817", "190018", "1a0000ffff", "1b00000000ffffffff", "5800", "7800", "9800", "b800"]
    {
        let bytes = crate::hash::from_hex(longer).unwrap();
        assert!(matches!(Reader::new(&bytes).skip(), Err(CborError::NotShortest(_))), "{longer}");
    }
    for order in ["a201000000", "a200000000"] {
        let bytes = crate::hash::from_hex(order).unwrap();
        assert!(matches!(Reader::new(&bytes).skip(), Err(CborError::KeyOrder(_))), "{order}");
    }
}

#[test]
fn depth_and_length_are_bounded() {
    let deep = vec![0x81; 10_000];
    assert!(matches!(Reader::new(&deep).skip(), Err(CborError::Depth(_))));
    let long = [0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    assert!(matches!(Reader::new(&long).skip(), Err(CborError::Truncated(_))));
    assert!(matches!(decode::<Vec<Vec<u64>>>(&long), Err(CborError::Truncated(_))));
}

proptest! {
    #[test]
    fn what_is_written_is_read(item in any_item()) {
        let mut writer = Writer::default();
        item.write(&mut writer);
        let bytes = writer.into_bytes();
        let mut reader = Reader::new(&bytes);
        prop_assert_eq!(reader.skip().unwrap(), &bytes[..]);
        prop_assert!(reader.finish().is_ok());
    }

    #[test]
    fn any_bytes_are_refused_or_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut reader = Reader::new(&bytes);
        let _ = reader.skip();
    }
}
