//! Who may sign in at the station: a file of people with their role and the Argon2id hash of their password.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use rights::desk::may_sign_on;
use rights::ident::ClinicianId;
use rights::person::Role;
use serde::Deserialize;

/// The shortest password that is hashed, in characters (NIST SP 800-63B-4 asks for 15 where it is the only factor).
pub const SHORTEST: usize = 15;

/// The longest that is read, in bytes: what is longer costs time and adds nothing.
pub const LONGEST: usize = 256;

/// Why a staff file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    /// The file.
    #[error("{path}: cannot be read ({source}): check the path and its rights", path = path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Its content.
    #[error("{path}: {reason}", path = path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// What is wrong, where, and what to do.
        reason: String,
    },
}

/// Why a password is not hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short.
    #[error("the password has fewer than {SHORTEST} characters: take several words")]
    Short,
    /// Too long.
    #[error("the password has more than {LONGEST} bytes: take a shorter one")]
    Long,
    /// The hash failed.
    #[error("the password cannot be hashed; try again")]
    Hash,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStaff {
    #[serde(default)]
    person: Vec<RawPerson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPerson {
    id: String,
    name: String,
    role: String,
    password: String,
}

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// What they type, and what the ledger keeps the pseudonym of.
    pub id: ClinicianId,
    /// As displayed.
    pub name: String,
    /// What they may see.
    pub role: Role,
}

/// Everybody who may sign in.
pub struct Staff {
    people: BTreeMap<String, (Person, String)>,
    /// Checked for somebody who is not known, so that the time of the answer does not tell who is.
    decoy: String,
}

impl std::fmt::Debug for Staff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Staff({} people)", self.people.len())
    }
}

/// 19 MiB and two passes: OWASP's first recommendation for Argon2id, as for the PINs of a kiosk.
fn argon2() -> Option<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The hash of a password as it stands in the staff file.
///
/// # Errors
/// When the password is too short or too long.
pub fn hash(password: &str, salt: [u8; 16]) -> Result<String, PasswordError> {
    if password.chars().count() < SHORTEST {
        return Err(PasswordError::Short);
    }
    if password.len() > LONGEST {
        return Err(PasswordError::Long);
    }
    let hash = argon2().and_then(|argon2| argon2.hash_password_with_salt(password.as_bytes(), &salt).ok());
    hash.map(|hash| hash.to_string()).ok_or(PasswordError::Hash)
}

impl Staff {
    /// Reads and checks a staff file.
    ///
    /// # Errors
    /// When it cannot be used; the message names the person and the remedy.
    pub fn read(path: &Path) -> Result<Self, StaffError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| StaffError::Io { path: path.to_owned(), source })?;
        Self::parse(&text).map_err(|reason| StaffError::Content { path: path.to_owned(), reason })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let raw: RawStaff = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        let mut people = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for person in raw.person {
            let who = format!("person \"{}\"", person.id);
            // The same letters in another case are one person: two people must be two.
            if !seen.insert(person.id.to_lowercase()) {
                return Err(format!("{who}: stands there twice; give each person an id of their own"));
            }
            crate::drugs::links::person(&person.id)
                .map_err(|_| format!("{who}: ids are letters, digits, dots, - and _, at most 64"))?;
            let id = ClinicianId::parse(&person.id).map_err(|error| format!("{who}: {error}"))?;
            let role = Role::ALL.into_iter().find(|role| role.name() == person.role);
            let role = role.filter(|role| may_sign_on(*role)).ok_or_else(|| {
                format!("{who}: role \"{}\" is none of pharmacist, auditor, administrator", person.role)
            })?;
            let parsed = PasswordHash::new(&person.password).ok();
            if parsed.is_none_or(|hash| hash.algorithm.as_str() != "argon2id") {
                return Err(format!(
                    "{who}: password is no Argon2id hash; make one with `exchange station password`"
                ));
            }
            if person.name.trim().is_empty() || person.name.len() > 100 {
                return Err(format!("{who}: name is missing, or longer than 100 bytes"));
            }
            people.insert(person.id, (Person { id, name: person.name, role }, person.password));
        }
        if people.is_empty() {
            return Err("nobody stands in it: add [[person]] with id, name, role and password".to_owned());
        }
        let decoy = hash("a password of nobody at all", [7; 16]).map_err(|error| error.to_string())?;
        Ok(Self { people, decoy })
    }

    /// The person with this id and this password. It takes as long for an id that is not known.
    pub fn check(&self, id: &str, password: &str) -> Option<&Person> {
        let found = self.people.get(id);
        let stored = found.map_or(self.decoy.as_str(), |(_, hash)| hash);
        let right = password.len() <= LONGEST
            && PasswordHash::new(stored).is_ok_and(|hash| {
                argon2().is_some_and(|argon2| argon2.verify_password(password.as_bytes(), &hash).is_ok())
            });
        found.filter(|_| right).map(|(person, _)| person)
    }

    /// Whether an id is known.
    pub fn person(&self, id: &str) -> Option<&Person> {
        self.people.get(id).map(|(person, _)| person)
    }

    /// Everybody, by id.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values().map(|(person, _)| person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_names_the_person_and_what_to_do() {
        let good = hash("several words in a row", [1; 16]).unwrap();
        let person = |id: &str, role: &str, hash: &str| {
            format!(
                "[[person]]\nid = \"{id}\"\nname = \"Somebody\"\nrole = \"{role}\"\npassword = \"{hash}\"\n"
            )
        };
        let staff = Staff::parse(&person("ph-1", "pharmacist", &good)).unwrap();
        assert_eq!(staff.check("ph-1", "several words in a row").unwrap().role, Role::Pharmacist);
        for (id, password) in
            [("ph-1", "several words in a rov"), ("ph-2", "several words in a row"), ("", "")]
        {
            assert!(staff.check(id, password).is_none());
        }
        for (text, expected) in [
            (String::new(), "nobody stands in it"),
            (person("a b", "auditor", &good), "person \"a b\": ids are letters"),
            (person("n", "nurse", &good), "role \"nurse\" is none of"),
            (person("n", "auditor", "secret"), "no Argon2id hash; make one with"),
            (person("n", "auditor", &good) + &person("N", "auditor", &good), "stands there twice"),
            (person("n", "auditor", &good) + "age = 3\n", "unknown field"),
        ] {
            let error = Staff::parse(&text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        assert_eq!(hash("short", [1; 16]), Err(PasswordError::Short));
        assert_eq!(hash(&"long".repeat(100), [1; 16]), Err(PasswordError::Long));
    }
}
