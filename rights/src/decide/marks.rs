//! A dose that lies between two marks of a syringe: which mark is the dose. Everything here is in the unit of the content.

use crate::amount::Amount;

/// How a mark stands to a dose that lies beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// As near as can be measured.
    Near,
    /// As near as can be measured, and further from the dose than the policy tolerates of a dose by weight.
    Far,
}

/// What is to be measured out of a package with a syringe.
pub(super) struct Marks {
    /// From so much to so much is missing to the dose; one amount, unless a range is ordered.
    pub(super) missing: (Amount, Amount),
    /// The whole dose, from and to: what is missing may be the end of it.
    pub(super) whole: (Amount, Amount),
    /// From one mark to the next.
    pub(super) step: Amount,
    /// How far a mark may be from the dose, as a share of the dose.
    pub(super) tolerance: Amount,
}

impl Marks {
    /// The marks on either side, where none lies within what is missing.
    fn beside(&self) -> Option<(Amount, Amount)> {
        let (up, down) = (self.missing.0.up_to(self.step)?, self.missing.1.down_to(self.step)?);
        (down < up).then_some((down, up))
    }

    /// How an amount that is not what is missing fits all the same. The mark below always may; the one above when it is not further away.
    /// More than twice the tolerance is another dose.
    pub(super) fn fit(&self, set: Amount) -> Option<Fit> {
        let (down, up) = self.beside()?;
        let ((low, high), (least, most)) = (self.missing, self.whole);
        let (apart, whole) = if set == down && down.is_positive() {
            (low.minus(down)?, least)
        } else if set == up && up.minus(high)? <= low.minus(down)? {
            (up.minus(high)?, most)
        } else {
            return None;
        };
        let tolerated = whole.times(self.tolerance)?;
        // Also a site that tolerates nothing has syringes with marks: it is asked about a hundredth.
        let asked = tolerated.plus(tolerated)?.max(whole.times(Amount::fraction(1, 100)?)?);
        if apart <= tolerated {
            Some(Fit::Near)
        } else if apart <= asked {
            Some(Fit::Far)
        } else {
            None
        }
    }

    /// What the nurse is told to measure, from and to. Thousandths are told as they are: syringes for insulin have halves of a mark.
    pub(super) fn told(&self) -> Option<(Amount, Amount)> {
        let (low, high) = self.missing;
        let ends = Amount::fraction(1, 1000)?;
        let is_told = |amount: Amount| amount.whole_multiple_of(ends).is_some();
        let Some((down, up)) = self.beside() else {
            let from = if is_told(low) { low } else { low.up_to(self.step)? };
            let to = if is_told(high) { high } else { high.down_to(self.step)? };
            return Some((if from.is_positive() { from } else { to }, to));
        };
        let thousandths = (low.up_to(ends)?, high.down_to(ends)?);
        if thousandths.0 <= thousandths.1 {
            return Some(thousandths);
        }
        let only = if self.fit(down).is_some() { down } else { up };
        self.fit(only).map(|_| (only, only))
    }
}
