//! What changes the meaning of everything around it, found at any depth of a resource: `modifierExtension` (whose meaning we
//! do not know, so the element may not be read without it), `implicitRules`, and a member that stands twice in one object.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::rejection::Refusal;
use crate::units::short;

/// Each such element, or why the text cannot be walked.
pub(super) fn forbidden(json: &str) -> Result<(), Refusal> {
    let mut walk = Walk { path: Vec::new(), found: None };
    let mut reader = serde_json::Deserializer::from_str(json);
    let walked = (&mut walk).deserialize(&mut reader);
    if let Some(found) = walk.found {
        return Err(found);
    }
    walked
        .map_err(|_| Refusal::new("", "holds a value that cannot be read", "check the JSON of this resource"))
}

#[derive(serde::Deserialize)]
struct Modifier {
    url: Option<String>,
}

/// A URL for a message: long ones are whole, since people have to look them up.
fn clean(url: &str) -> String {
    url.chars().filter(|c| !c.is_control()).take(200).collect()
}

struct Walk {
    path: Vec<String>,
    found: Option<Refusal>,
}

impl Walk {
    fn place(&self) -> String {
        self.path.join(".").replace(".[", "[")
    }

    fn judge(&mut self, member: &str, repeated: bool, url: &str) {
        if self.found.is_some() {
            return;
        }
        let at = |walk: &Self| {
            if walk.path.is_empty() { member.to_owned() } else { format!("{}.{member}", walk.place()) }
        };
        self.found = match member {
            _ if repeated => Some(Refusal::new(
                at(self),
                "the member stands there twice",
                "the sending system has to send each member once",
            )),
            "modifierExtension" => Some(Refusal::new(
                at(self),
                format!("the unknown modifierExtension {url} may change its meaning"),
                "order it without the extension, or have its meaning built in",
            )),
            "implicitRules" => Some(Refusal::new(
                at(self),
                "implicitRules changes how it has to be read",
                "the sending system has to send it without implicitRules",
            )),
            _ => None,
        };
    }
}

impl<'de> DeserializeSeed<'de> for &mut Walk {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Walk {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut index = 0_usize;
        loop {
            self.path.push(format!("[{index}]"));
            let more = seq.next_element_seed(&mut *self)?;
            self.path.pop();
            if more.is_none() {
                return Ok(());
            }
            index += 1;
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = BTreeSet::new();
        while let Some(member) = map.next_key::<String>()? {
            let member_shown = short(&member);
            let repeated = !seen.insert(member);
            let urls: Vec<Modifier> = match member_shown.as_str() {
                "modifierExtension" => map.next_value().unwrap_or_default(),
                _ => Vec::new(),
            };
            let url = urls
                .into_iter()
                .find_map(|modifier| modifier.url)
                .map_or_else(String::new, |url| clean(&url));
            self.judge(&member_shown, repeated, &url);
            if self.found.is_some() {
                return Err(A::Error::custom("found"));
            }
            self.path.push(member_shown);
            map.next_value_seed(&mut *self)?;
            self.path.pop();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modifiers_are_found_at_any_depth_with_their_place() {
        let deep = r#"{"a":[{"b":1},{"c":{"modifierExtension":[]}}]}"#;
        assert_eq!(forbidden(deep).unwrap_err().path, "a[1].c.modifierExtension");
        assert_eq!(forbidden(r#"{"implicitRules":"x"}"#).unwrap_err().path, "implicitRules");
        let twice = forbidden(r#"{"dose":{"value":1,"value":10}}"#).unwrap_err();
        assert_eq!(twice.path, "dose.value");
        assert!(
            forbidden(r#"{"extension":[{"url":"x","valueDecimal":1.50,"n":null,"b":[true,-2]}]}"#).is_ok()
        );
        assert!(forbidden("{\"a\":").is_err());
    }
}
