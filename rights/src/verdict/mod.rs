//! What the decision says: findings, the five rights, and a verdict that nothing outside this crate can make.

mod check;
mod evidence;
mod variance;
mod way;

use alloc::vec::Vec;

use jiff::SignedDuration;

pub use check::{Check, Class, Right};
pub use evidence::Evidence;
pub use variance::Variance;
pub(crate) use way::Way;

use crate::case::Choice;
use crate::entry::IdempotencyKey;
use crate::product::Route;
use crate::quantity::Quantity;
use crate::rate::Rate;
use crate::request::DoseOrder;

/// Why a finding is what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Established, by this.
    Established(Evidence),
    /// Not so, or worth saying.
    Variance(Variance),
}

/// The answer of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which check.
    pub check: Check,
    /// What it asks for.
    pub class: Class,
    /// Why.
    pub why: Why,
}

impl Finding {
    /// Established.
    pub(crate) const fn pass(check: Check, evidence: Evidence) -> Self {
        Self { check, class: Class::Pass, why: Why::Established(evidence) }
    }

    /// A variance.
    pub(crate) const fn variance(check: Check, class: Class, variance: Variance) -> Self {
        Self { check, class, why: Why::Variance(variance) }
    }

    /// The finding without what grows by itself from one minute to the next.
    fn ageless(&self) -> Self {
        match &self.why {
            Why::Variance(Variance::OrdersOld(_)) => {
                Self::variance(self.check, self.class, Variance::OrdersOld(SignedDuration::ZERO))
            }
            Why::Established(_) | Why::Variance(_) => self.clone(),
        }
    }
}

/// How one right ended. An override never turns a variance into verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Established by evidence.
    Verified,
    /// Established by a person's statement where a scan could not be had.
    Attested,
    /// Something differs; which findings say what.
    Variance,
    /// Could not be looked at, because an earlier check failed.
    NotReached,
}

/// The whole decision. Only this crate makes one.
#[must_use = "a verdict that nobody looks at protects nobody"]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    findings: Vec<Finding>,
    plan: Option<Plan>,
}

/// What would be given, as far as the decision came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// For which request and scheduled dose.
    pub choice: Choice,
    /// How much of the order is in hand, in the order's unit; `None` while it cannot be compared.
    pub dose: Option<Quantity>,
    /// What was ordered.
    pub ordered: DoseOrder,
    /// The ordered route.
    pub route: Route,
    /// The rate at which the infusion starts or goes on.
    pub rate: Option<Rate>,
    /// The entry of the running infusion that goes on with this bag.
    pub continues: Option<IdempotencyKey>,
}

impl Verdict {
    pub(crate) fn new(mut findings: Vec<Finding>, plan: Option<Plan>) -> Self {
        findings.sort_by_key(|finding| core::cmp::Reverse(finding.class));
        Self { findings, plan }
    }

    /// What would be given; `None` when no request was found for what is in hand.
    pub const fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// Every finding, the strictest first.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The strictest class of all findings decides.
    pub fn class(&self) -> Class {
        self.findings.iter().map(|finding| finding.class).max().unwrap_or(Class::Hard)
    }

    /// What stops the dose.
    pub fn stops(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.class.stops())
    }

    /// What the nurse must answer.
    pub fn questions(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.class.asks())
    }

    /// How a right was established. One of the checks that decide it must have been established; that nothing else was found
    /// is not enough, because it may not have been looked for.
    pub fn standing(&self, right: Right) -> Standing {
        let (mut standing, mut attested) = (Standing::NotReached, false);
        for finding in self.findings.iter().filter(|finding| finding.check.right() == Some(right)) {
            match &finding.why {
                Why::Variance(variance) if variance.is_attested() => attested = true,
                Why::Variance(variance)
                    if finding.class > Class::Info || self.only_told(finding, variance) =>
                {
                    return Standing::Variance;
                }
                Why::Established(_) if finding.check.decides(right) => standing = Standing::Verified,
                Why::Established(_) | Why::Variance(_) => {}
            }
        }
        if attested { Standing::Attested } else { standing }
    }

    /// Break-glass takes the question away, not the variance.
    fn only_told(&self, finding: &Finding, variance: &Variance) -> bool {
        matches!(variance, Variance::VerbalOrder)
            || (finding.check.is_told_in_break_glass() && self.finding(Check::S4).is_some())
    }

    /// What one check asks the nurse to answer, all findings of it. What must be chosen or entered is no question that a reason
    /// answers.
    pub(crate) fn asked_by(&self, check: Check) -> impl Iterator<Item = &Finding> {
        self.questions().filter(move |finding| finding.check == check && finding.class != Class::Choice)
    }

    /// The finding of a check, the strictest when there are several.
    pub fn finding(&self, check: Check) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.check == check)
    }

    /// Whether two verdicts ask the same of the nurse: the same variances in the same classes. Evidence and the age of scans and
    /// orders may differ; anything else is "changed since scan".
    pub fn asks_the_same_as(&self, other: &Self) -> bool {
        let asked = |verdict: &'_ Self| -> Vec<Finding> {
            verdict
                .findings
                .iter()
                .filter(|finding| finding.class > Class::Info)
                .map(Finding::ageless)
                .collect()
        };
        asked(self) == asked(other)
    }
}
