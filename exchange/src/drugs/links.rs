//! Links of codes to items that two people made after the drug file was imported: one proposes, another approves.

use jiff::civil::Date;
use rights::ident::ProductId;
use rights::product::Resolution;
use rights::scan::PackageKey;

use super::{DrugFile, barcodes};

/// A proposed link.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Link {
    /// Its number in the store, from 1.
    pub number: usize,
    /// `gtin`, `ndc` or `hibc`.
    pub kind: String,
    /// The code.
    pub value: String,
    /// The item.
    pub item: String,
    /// Who proposed it.
    pub by: String,
    /// When.
    #[serde(serialize_with = "as_text")]
    pub on: Date,
    /// Who approved it.
    pub approved_by: Option<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn as_text<S: serde::Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

/// Why a link cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The code is none.
    #[error("{0}: scan or type it again")]
    Code(String),
    /// The item is none.
    #[error("\"{0}\" is no item of the drug file in force: `exchange drugs list` shows them")]
    Item(String),
    /// The code has a meaning already.
    #[error(
        "the code already stands for {0}: change the drug file if that is wrong, a second item would make it ambiguous"
    )]
    Taken(String),
    /// No name.
    #[error("who does it is missing, or holds more than letters, digits, dots, - and _")]
    Person,
    /// One person is not two.
    #[error("{0} proposed it: another person has to look at the package and approve")]
    SamePerson(String),
    /// No such link.
    #[error("there is no proposed link {0}")]
    Number(usize),
    /// Done before.
    #[error("link {0} is approved already")]
    Approved(usize),
}

/// Checks a name: it stands in the store's list.
///
/// # Errors
/// When it is none.
pub fn person(name: &str) -> Result<(), LinkError> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    if !name.is_empty() && name.len() <= 64 && plain { Ok(()) } else { Err(LinkError::Person) }
}

impl Link {
    /// The keys that it links, when it can be made against this drug file.
    ///
    /// # Errors
    /// When code or item are none, or the code has a meaning already.
    pub fn check(&self, drugs: &DrugFile) -> Result<(ProductId, Vec<PackageKey>), LinkError> {
        let keys = barcodes::keys(&self.kind, &self.value).map_err(LinkError::Code)?;
        let item = ProductId::parse(&self.item).map_err(|_| LinkError::Item(self.item.clone()))?;
        if drugs.formulary.product(&item).is_none() {
            return Err(LinkError::Item(self.item.clone()));
        }
        for key in &keys {
            match drugs.formulary.resolve(key) {
                Resolution::Unknown => {}
                Resolution::One(product) => return Err(LinkError::Taken(product.id.to_string())),
                Resolution::Ambiguous => return Err(LinkError::Taken("several items".to_owned())),
            }
        }
        Ok((item, keys))
    }
}

/// Puts approved links into force. One that a newer drug file made wrong is listed, not used.
pub(crate) fn apply(drugs: &mut DrugFile, links: &[Link]) {
    for link in links.iter().filter(|link| link.approved_by.is_some()) {
        match link.check(drugs) {
            Ok((item, keys)) => {
                for key in keys {
                    drugs.formulary.link(key, item.clone());
                }
            }
            Err(LinkError::Taken(other)) if other == link.item => {}
            Err(error) => drugs.rejections.push(crate::rejection::Rejection {
                resource: format!("link {}", link.number),
                place: format!("link {} ({} {})", link.number, link.kind, link.value),
                reason: error.to_string(),
                remedy: "the link is not in force".to_owned(),
                patient: None,
                version: None,
            }),
        }
    }
}
