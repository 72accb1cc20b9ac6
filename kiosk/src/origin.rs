//! Which ledgers are real: the origin, a ledger's name for ever, says it. The demo and training write into ledgers whose first label
//! is theirs alone, and a kiosk at a bed opens none of those; so neither can ever be taken for the other.

use crate::view::Mode;

/// The first label of a training ledger's origin.
const TRAINING: &str = "training";
/// The first label of a demo ledger's origin.
const DEMO: &str = "demo";

/// An origin that does not suit how the kiosk was started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// A real kiosk with a ledger of the demo or of training.
    #[error(
        "origin \"{0}\" is one of the demo or of training: a kiosk at a bed needs a ledger of its own, made with `ledger init`"
    )]
    NotReal(String),
    /// Training or demo with a real ledger.
    #[error("origin \"{origin}\" is none of {what}: it must begin with \"{what}.\"; nothing was opened")]
    NotPractice {
        /// The origin.
        origin: String,
        /// `training` or `demo`.
        what: &'static str,
    },
}

/// Whether a ledger of this origin may be used in this mode; none is the real thing.
///
/// # Errors
/// When it may not.
pub fn check(origin: &str, mode: Option<Mode>) -> Result<(), OriginError> {
    let first = origin.split(['.', '/']).next().unwrap_or_default().to_ascii_lowercase();
    let wanted = match mode {
        None if first == TRAINING || first == DEMO => return Err(OriginError::NotReal(origin.to_owned())),
        None => return Ok(()),
        Some(Mode::Training) => TRAINING,
        Some(Mode::Demo) => DEMO,
    };
    if first == wanted {
        Ok(())
    } else {
        Err(OriginError::NotPractice { origin: origin.to_owned(), what: wanted })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_has_its_own_ledgers() {
        let real = "hospital.example/3b/kiosk-03/g1";
        let training = "training.example/3b/kiosk-03/g1";
        let demo = "demo.example/3b/kiosk-01/g1";
        assert_eq!(check(real, None), Ok(()));
        assert_eq!(check(training, Some(Mode::Training)), Ok(()));
        assert_eq!(check(demo, Some(Mode::Demo)), Ok(()));
        for (origin, mode) in [
            (training, None),
            ("Training.Example/3b", None),
            (demo, None),
            (real, Some(Mode::Training)),
            (demo, Some(Mode::Training)),
            (real, Some(Mode::Demo)),
            (training, Some(Mode::Demo)),
        ] {
            assert!(check(origin, mode).is_err(), "{origin} {mode:?}");
        }
        // A hospital whose name only begins so is no training ledger.
        assert_eq!(check("trainingsklinik.example/1/k/g1", None), Ok(()));
    }
}
