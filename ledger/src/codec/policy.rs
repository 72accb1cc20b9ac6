//! A policy stands in an entry as its SHA-256 and is stored beside, once. The same policy is in thousands of entries, so the one that was
//! met last is not encoded, hashed and decoded each time.

use std::cell::RefCell;
use std::sync::Arc;

use rights::policy::Policy;

use super::orders::WholePolicy;
use crate::cbor::{self, Cbor, CborError, Reader, Writer};
use crate::hash::{Hash, sha256};

/// A policy with its bytes, of which each gives the other.
struct Known {
    policy: Arc<Policy>,
    hash: Hash,
    bytes: Vec<u8>,
}

thread_local! {
    static LAST: RefCell<Option<Known>> = const { RefCell::new(None) };
}

impl Cbor for Policy {
    fn write(&self, w: &mut Writer) {
        let bytes = cbor::encode(&WholePolicy(self.clone()));
        w.reference(sha256(&[&bytes]), bytes);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        Self::read_shared(r).map(Arc::unwrap_or_clone)
    }

    fn write_shared(this: &Arc<Self>, w: &mut Writer) {
        LAST.with_borrow_mut(|last| {
            if let Some(known) = last.as_ref().filter(|known| Arc::ptr_eq(&known.policy, this)) {
                return w.reference(known.hash, known.bytes.clone());
            }
            let bytes = cbor::encode(&WholePolicy(this.as_ref().clone()));
            let hash = sha256(&[&bytes]);
            // Only what can be read back is known: whoever compares reads the other anew, and finds the difference.
            if cbor::decode::<WholePolicy>(&bytes).is_ok_and(|again| again.0 == **this) {
                *last = Some(Known { policy: Arc::clone(this), hash, bytes: bytes.clone() });
            }
            w.reference(hash, bytes);
        });
    }

    fn read_shared(r: &mut Reader<'_>) -> Result<Arc<Self>, CborError> {
        let at = r.at();
        let missing = CborError::Value { at, what: "SHA-256 of a policy that is stored beside" };
        let hash = r.fixed()?;
        let bytes = r.referenced(&hash).ok_or(missing.clone())?;
        LAST.with_borrow_mut(|last| {
            if let Some(known) = last.as_ref().filter(|known| known.hash == hash && known.bytes == bytes) {
                return Ok(Arc::clone(&known.policy));
            }
            if sha256(&[&bytes]) != hash {
                return Err(missing);
            }
            let policy = Arc::new(cbor::decode::<WholePolicy>(&bytes)?.0);
            *last = Some(Known { policy: Arc::clone(&policy), hash, bytes });
            Ok(policy)
        })
    }
}
