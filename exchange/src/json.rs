//! JSON that we write: members in a fixed order, decimals digit for digit, nothing that is absent.

use std::fmt;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// Left out wherever it stands.
    Absent,
    Flag(bool),
    /// The digits of a number, as they are to stand there.
    Number(String),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(&'static str, Self)>),
}

impl Node {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Text where there is some.
    pub(crate) fn maybe(text: Option<impl Into<String>>) -> Self {
        text.map_or(Self::Absent, Self::text).unless_empty()
    }

    /// A decimal; absent when the text is none.
    pub(crate) fn number(digits: &str) -> Self {
        let good = rights::amount::Amount::parse(digits).is_ok() && !starts_with_idle_zero(digits);
        if good { Self::Number(digits.to_owned()) } else { Self::Absent }
    }

    pub(crate) fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(items.into_iter().filter(|item| !item.is_absent()).collect()).unless_empty()
    }

    pub(crate) fn object(members: impl IntoIterator<Item = (&'static str, Self)>) -> Self {
        Self::Object(members.into_iter().filter(|(_, value)| !value.is_absent()).collect()).unless_empty()
    }

    pub(crate) const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// FHIR knows no empty text, list or object.
    fn unless_empty(self) -> Self {
        match &self {
            Self::Text(text) if text.is_empty() => Self::Absent,
            Self::List(items) if items.is_empty() => Self::Absent,
            Self::Object(members) if members.is_empty() => Self::Absent,
            Self::Absent
            | Self::Flag(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::List(_)
            | Self::Object(_) => self,
        }
    }
}

/// `025` is a number for people and none in JSON.
fn starts_with_idle_zero(digits: &str) -> bool {
    digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.")
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |text: &str| serde_json::to_string(text).map_err(|_| fmt::Error);
        match self {
            Self::Absent => f.write_str("null"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(digits) => f.write_str(digits),
            Self::Text(text) => f.write_str(&quoted(text)?),
            Self::List(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at == 0 { "" } else { "," })?;
                }
                f.write_str("]")
            }
            Self::Object(members) => {
                f.write_str("{")?;
                for (at, (name, value)) in members.iter().enumerate() {
                    write!(f, "{}\"{name}\":{value}", if at == 0 { "" } else { "," })?;
                }
                f.write_str("}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_is_left_out_and_digits_stay() {
        let node = Node::object([
            ("a", Node::number("0.300000000000000001")),
            ("b", Node::text("x\"\n")),
            ("c", Node::object([("d", Node::maybe(None::<String>))])),
            ("e", Node::list([Node::Flag(true), Node::Absent])),
            ("f", Node::number("007")),
        ]);
        assert_eq!(node.to_string(), r#"{"a":0.300000000000000001,"b":"x\"\n","e":[true]}"#);
    }
}
