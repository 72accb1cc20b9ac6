//! What changes the meaning of everything around it, found at any depth of a resource: `modifierExtension` (whose meaning we
//! do not know, so the element may not be read without it; the caller may know some at the root), `implicitRules`, and a member that stands twice in one object.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::rejection::Refusal;
use crate::units::short;

/// Each such element, or why the text cannot be walked. `known` are the URLs of modifiers that the caller reads at the root.
pub(super) fn forbidden(json: &str, known: &dyn Fn(&str) -> bool) -> Result<(), Refusal> {
    let mut walk = Walk { path: Vec::new(), found: None, known };
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

/// A step of the path; written out only for a message.
enum Step<'de> {
    Member(Cow<'de, str>),
    Index(usize),
}

struct Walk<'de, 'k> {
    path: Vec<Step<'de>>,
    found: Option<Refusal>,
    known: &'k dyn Fn(&str) -> bool,
}

impl Walk<'_, '_> {
    /// The place of a member of the object that is walked.
    fn place_of(&self, member: &str) -> String {
        let mut place = String::new();
        for step in &self.path {
            match step {
                Step::Member(name) => place.push_str(&short(name)),
                Step::Index(index) => {
                    // The dot after the array's name.
                    place.pop();
                    place.extend(["[", &index.to_string(), "]"]);
                }
            }
            place.push('.');
        }
        place + &short(member)
    }

    /// `unknown` is the URL of a modifier that may not stand there.
    fn judge(&mut self, member: &str, repeated: bool, unknown: Option<&str>) {
        if self.found.is_some() {
            return;
        }
        self.found = match member {
            _ if repeated => Some(Refusal::new(
                self.place_of(member),
                "the member stands there twice",
                "the sending system has to send each member once",
            )),
            "modifierExtension" => unknown.map(|url| {
                Refusal::new(
                    self.place_of(member),
                    format!("the unknown modifierExtension {url} may change its meaning"),
                    "order it without the extension, or have its meaning built in",
                )
            }),
            "implicitRules" => Some(Refusal::new(
                self.place_of(member),
                "implicitRules changes how it has to be read",
                "the sending system has to send it without implicitRules",
            )),
            _ => None,
        };
    }
}

impl<'de> DeserializeSeed<'de> for &mut Walk<'de, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// A member's name, borrowed where it is written without escapes.
struct Member;

impl<'de> DeserializeSeed<'de> for Member {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Member {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

impl<'de> Visitor<'de> for &mut Walk<'de, '_> {
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
        for index in 0.. {
            self.path.push(Step::Index(index));
            let more = seq.next_element_seed(&mut *self)?;
            self.path.pop();
            if more.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = Names::default();
        while let Some(member) = map.next_key_seed(Member)? {
            let repeated = !seen.insert(member.clone());
            if member == "modifierExtension" && !repeated {
                let raw: &'de RawValue = map.next_value()?;
                let modifiers: Vec<Modifier> = serde_json::from_str(raw.get()).unwrap_or_default();
                let readable = self.path.is_empty() && !modifiers.is_empty();
                let known = |modifier: &&Modifier| {
                    readable && modifier.url.as_deref().is_some_and(|url| (self.known)(url))
                };
                let unknown = modifiers.iter().find(|modifier| !known(modifier));
                let url = unknown.and_then(|modifier| modifier.url.as_deref()).map(clean).unwrap_or_default();
                let unknown = (unknown.is_some() || !readable).then_some(url);
                self.judge(&member, false, unknown.as_deref());
                if self.found.is_some() {
                    return Err(A::Error::custom("found"));
                }
                self.path.push(Step::Member(member));
                let mut inner = serde_json::Deserializer::from_str(raw.get());
                (&mut *self).deserialize(&mut inner).map_err(A::Error::custom)?;
                self.path.pop();
                continue;
            }
            self.judge(&member, repeated, None);
            if self.found.is_some() {
                return Err(A::Error::custom("found"));
            }
            self.path.push(Step::Member(member));
            map.next_value_seed(&mut *self)?;
            self.path.pop();
        }
        Ok(())
    }
}

/// The names of an object's members so far. Few have more than a dozen; a hostile one with a million is still looked up quickly.
#[derive(Default)]
struct Names<'de> {
    few: Vec<Cow<'de, str>>,
    many: HashSet<Cow<'de, str>>,
}

const FEW: usize = 16;

impl<'de> Names<'de> {
    /// Whether the name is new.
    fn insert(&mut self, name: Cow<'de, str>) -> bool {
        if self.few.contains(&name) {
            return false;
        }
        if self.few.len() < FEW {
            self.few.push(name);
            return true;
        }
        self.many.insert(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none(json: &str) -> Result<(), Refusal> {
        forbidden(json, &|_| false)
    }

    #[test]
    fn modifiers_are_found_at_any_depth_with_their_place() {
        let deep = r#"{"a":[{"b":1},{"c":{"modifierExtension":[]}}]}"#;
        assert_eq!(none(deep).unwrap_err().path, "a[1].c.modifierExtension");
        assert_eq!(none(r#"{"implicitRules":"x"}"#).unwrap_err().path, "implicitRules");
        let twice = none(r#"{"dose":{"value":1,"value":10}}"#).unwrap_err();
        assert_eq!(twice.path, "dose.value");
        assert!(none(r#"{"extension":[{"url":"x","valueDecimal":1.50,"n":null,"b":[true,-2]}]}"#).is_ok());
        assert!(none("{\"a\":").is_err());
    }

    #[test]
    fn a_known_modifier_is_read_at_the_root_alone_and_walked_like_all_the_rest() {
        let known = |url: &str| url == "ours";
        let judged = |json: &str| forbidden(json, &known).map_err(|refusal| refusal.path);
        assert!(judged(r#"{"modifierExtension":[{"url":"ours"}],"b":1}"#).is_ok());
        let inner = r#"{"a":{"modifierExtension":[{"url":"ours"}]}}"#;
        assert_eq!(judged(inner), Err("a.modifierExtension".to_owned()));
        let beside = r#"{"modifierExtension":[{"url":"ours"},{"url":"theirs"}]}"#;
        assert!(forbidden(beside, &known).unwrap_err().reason.contains("theirs"));
        for json in [
            r#"{"modifierExtension":[]}"#,
            r#"{"modifierExtension":{"url":"ours"}}"#,
            r#"{"modifierExtension":[{"id":"x"}]}"#,
            r#"{"modifierExtension":[{"url":"ours"}],"modifierExtension":[{"url":"ours"}]}"#,
        ] {
            assert_eq!(judged(json), Err("modifierExtension".to_owned()), "{json}");
        }
        let twice = r#"{"modifierExtension":[{"url":"ours","valueString":"a","valueString":"b"}]}"#;
        assert_eq!(judged(twice), Err("modifierExtension[0].valueString".to_owned()));
    }
}
