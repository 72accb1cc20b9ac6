//! The tree against its definition (RFC 6962, section 2.1, recursively) and against foreign vectors.

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|index| leaf_hash(&index.to_be_bytes())).collect()
}

/// `MTH` word by word.
fn defined(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [one] => *one,
        many => {
            let (left, right) = many.split_at(usize::try_from(split(many.len() as u64)).unwrap());
            node_hash(&defined(left), &defined(right))
        }
    }
}

fn node_of(leaves: &[Hash]) -> impl FnMut(u8, u64) -> Result<Hash, Infallible> {
    move |level, index| {
        let (from, to) = (index << level, (index + 1) << level);
        Ok(defined(&leaves[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()]))
    }
}

#[test]
fn the_empty_root_is_the_hash_of_nothing() {
    assert_eq!(
        crate::hash::hex(&Frontier::default().root()),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
}

#[test]
fn only_a_power_of_two_of_leaves_is_a_complete_subtree() {
    for count in 0..20_usize {
        let leaves = leaves(count as u64);
        assert_eq!(Subtree::over(&leaves).is_some(), count.is_power_of_two(), "{count} leaves");
    }
}

#[test]
fn the_root_over_all_leaves_is_the_defined_one() {
    for count in 0..70 {
        assert_eq!(root_over(&leaves(count)), defined(&leaves(count)), "{count} leaves");
    }
}

proptest! {
    /// Each size inside a complete subtree leads to the tree that leaf by leaf grows to it, whatever stands before.
    #[test]
    fn a_subtree_gives_the_tree_of_each_size_inside(level in 0_u8..7, before in 0_u64..4, part in 0_u64..=64) {
        let width = 1_u64 << level;
        let leaves = leaves((before + 1) * width);
        let own = &leaves[usize::try_from(before * width).unwrap()..];
        let subtree = Subtree::over(own).unwrap();
        let inside = part % (width + 1);
        let tree = |size: u64| {
            let mut frontier = Frontier::default();
            leaves.iter().take(usize::try_from(size).unwrap()).for_each(|leaf| frontier.push(*leaf, |_, _, _| {}));
            frontier
        };
        prop_assert_eq!(subtree.first(inside, &tree(before * width)), tree(before * width + inside));
        for at in 0..=level {
            let expected: Vec<Hash> = own.chunks(1 << at).map(defined).collect();
            prop_assert_eq!(subtree.level(at), expected.as_slice());
        }
        prop_assert!(subtree.level(level + 1).is_empty());
    }

    #[test]
    fn pushed_loaded_and_defined_trees_are_one(size in 0_u64..300) {
        let leaves = leaves(size);
        let mut frontier = Frontier::default();
        let mut closed = Vec::new();
        for leaf in &leaves {
            frontier.push(*leaf, |level, index, hash| closed.push((level, index, *hash)));
        }
        prop_assert_eq!(frontier.root(), defined(&leaves));
        prop_assert_eq!(&Frontier::load(size, node_of(&leaves)).unwrap(), &frontier);
        let mut node = node_of(&leaves);
        for (level, index, hash) in closed {
            prop_assert_eq!(node(level, index).unwrap(), hash);
        }
    }

    #[test]
    fn every_leaf_is_proven_and_nothing_else(size in 1_u64..200, index in 0_u64..200, other in 0_u64..200) {
        let leaves = leaves(size);
        let (index, other) = (index % size, other % size);
        let path = inclusion_proof(index, size, node_of(&leaves)).unwrap();
        let leaf = |at: u64| &leaves[usize::try_from(at).unwrap()];
        let root = defined(&leaves);
        prop_assert_eq!(check_inclusion(index, size, leaf(index), &path, &root), Ok(()));
        if other != index {
            prop_assert!(check_inclusion(other, size, leaf(index), &path, &root).is_err());
            prop_assert!(check_inclusion(index, size, leaf(other), &path, &root).is_err());
        }
    }

    #[test]
    fn every_prefix_is_proven_and_nothing_else(new in 1_u64..200, old in 1_u64..200) {
        let leaves = leaves(new);
        let old = 1 + old % new;
        let path = consistency_proof(old, new, node_of(&leaves)).unwrap();
        let (old_root, new_root) = (defined(&leaves[..usize::try_from(old).unwrap()]), defined(&leaves));
        prop_assert_eq!(check_consistency(old, new, &old_root, &new_root, &path), Ok(()));
        prop_assert!(check_consistency(old, new, &leaf_hash(b"other"), &new_root, &path).is_err());
        prop_assert!(check_consistency(old, new, &old_root, &leaf_hash(b"other"), &path).is_err());
    }
}

/// The folder of the vectors, or `None` with a word when the reference data is not there.
fn vectors(kind: &str) -> Option<Vec<PathBuf>> {
    let root = std::env::var_os("BCMA_REFERENCE")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let Ok(folders) = std::fs::read_dir(root.join("merkle-vectors").join(kind)) else {
        eprintln!("skipped: no reference data at {} (set BCMA_REFERENCE)", root.display());
        return None;
    };
    let mut files = Vec::new();
    for folder in folders {
        let path = folder.unwrap().path();
        if path.is_dir() {
            files.extend(std::fs::read_dir(path).unwrap().map(|file| file.unwrap().path()));
        } else {
            files.push(path);
        }
    }
    files.retain(|file| file.extension().is_some_and(|e| e == "json"));
    Some(files)
}

fn read(file: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// Some vectors have words such as "don't care" for a root: their SHA-256 stands for them, equal words stay equal.
fn root(value: &serde_json::Value) -> Option<Hash> {
    let bytes = STANDARD.decode(value.as_str().unwrap_or_default()).ok()?;
    Some(bytes.as_slice().try_into().unwrap_or_else(|_| crate::hash::sha256(&[&bytes])))
}

/// A hash in a proof that has not 32 bytes is refused by whoever decodes it.
fn hash(value: &serde_json::Value) -> Option<Hash> {
    STANDARD.decode(value.as_str().unwrap_or_default()).ok()?.try_into().ok()
}

fn path(value: &serde_json::Value) -> Option<Vec<Hash>> {
    value.as_array().map_or(Some(Vec::new()), |items| items.iter().map(hash).collect())
}

#[test]
fn inclusion_vectors_of_transparency_dev() {
    let Some(files) = vectors("inclusion") else { return };
    assert!(files.len() > 50, "only {} vectors", files.len());
    for file in files {
        let v = read(&file);
        let (index, size) = (v["leafIdx"].as_u64().unwrap(), v["treeSize"].as_u64().unwrap());
        let shown = (|| {
            let (leaf, root, path) = (hash(&v["leafHash"])?, root(&v["root"])?, path(&v["proof"])?);
            check_inclusion(index, size, &leaf, &path, &root).ok()
        })();
        assert_eq!(shown.is_none(), v["wantErr"].as_bool().unwrap(), "{}", file.display());
    }
}

#[test]
fn consistency_vectors_of_transparency_dev() {
    let Some(files) = vectors("consistency") else { return };
    assert!(files.len() > 50, "only {} vectors", files.len());
    for file in files {
        let v = read(&file);
        let (old, new) = (v["size1"].as_u64().unwrap(), v["size2"].as_u64().unwrap());
        let shown = (|| {
            let (old_root, new_root, path) = (root(&v["root1"])?, root(&v["root2"])?, path(&v["proof"])?);
            check_consistency(old, new, &old_root, &new_root, &path).ok()
        })();
        assert_eq!(shown.is_none(), v["wantErr"].as_bool().unwrap(), "{}", file.display());
    }
}
