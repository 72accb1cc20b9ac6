//! `add-checkpoint` of c2sp.org/tlog-witness: the body of the request and what the answers mean.
//!
//! ```text
//! old 20852014
//! BASE64              consistency proof, one hash a line, at most 63
//!
//! CHECKPOINT          a signed note
//! ```

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::hash::Hash;
use crate::note::{Note, NoteError, SignatureLine};

/// Hashes of a consistency proof that are accepted.
const MOST_HASHES: usize = 63;
/// The longest request that is read, in bytes.
pub const MOST_BYTES: usize = 64 << 10;
/// The field of a refusal's head in which our cosigner shows what it has seen: a signed note in base64. An addition of ours to
/// c2sp.org/tlog-witness, whose answers say no more than that something else was seen.
pub const SEEN_FIELD: &str = "Tlog-Seen";
/// The content type of the size in a 409.
pub const SIZE_TYPE: &str = "text/x.tlog.size";

/// A checkpoint with the proof that it extends an older one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the cosigner is thought to know.
    pub old: u64,
    /// The consistency proof (RFC 6962, section 2.1.2).
    pub proof: Vec<Hash>,
    /// The signed checkpoint.
    pub note: Note,
}

/// Why a body is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not in the form.
    #[error("not an add-checkpoint request: {0}")]
    Form(&'static str),
    /// The checkpoint is no note.
    #[error(transparent)]
    Note(#[from] NoteError),
}

impl AddCheckpoint {
    /// Parses the body of a request.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(body: &str) -> Result<Self, RequestError> {
        let form = RequestError::Form;
        if body.len() > MOST_BYTES {
            return Err(form("it is longer than 64 KiB"));
        }
        let (head, note) = body.split_once("\n\n").ok_or(form("no empty line before the checkpoint"))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).ok_or(form("no old size"))?;
        let size: u64 = old.parse().map_err(|_| form("the old size is no number"))?;
        if size.to_string() != old {
            return Err(form("the old size has a sign or leading zeros"));
        }
        let hash = |line| STANDARD.decode(line).ok().and_then(|bytes| bytes.try_into().ok());
        let proof: Option<Vec<Hash>> = lines.map(hash).collect();
        let proof = proof.filter(|proof| proof.len() <= MOST_HASHES);
        Ok(Self {
            old: size,
            proof: proof.ok_or(form("a hash is none, or too many"))?,
            note: Note::parse(note)?,
        })
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", STANDARD.encode(hash)))?;
        write!(f, "\n{}", self.note)
    }
}

/// What a cosigner answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200: its signature lines.
    Cosigned(Vec<SignatureLine>),
    /// 400: the request makes no sense.
    BadRequest(String),
    /// 403: no signature of a known key of this ledger.
    NotSigned,
    /// 404: it does not know this ledger.
    UnknownOrigin,
    /// 409: it knows another size, or another tree of the same size.
    Conflict(u64),
    /// 422: the proof does not hold.
    NotConsistent,
}

impl Answer {
    /// The HTTP status code.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Cosigned(_) => 200,
            Self::BadRequest(_) => 400,
            Self::NotSigned => 403,
            Self::UnknownOrigin => 404,
            Self::Conflict(_) => 409,
            Self::NotConsistent => 422,
        }
    }

    /// The body that goes with it.
    pub fn body(&self) -> String {
        match self {
            Self::Cosigned(lines) => lines.iter().fold(String::new(), |text, line| text + &line.to_string()),
            Self::BadRequest(why) => format!("{why}\n"),
            Self::NotSigned => "no signature by a key that is known for this origin\n".to_owned(),
            Self::UnknownOrigin => "this origin is not known here\n".to_owned(),
            Self::Conflict(size) => format!("{size}\n"),
            Self::NotConsistent => "the checkpoint does not follow from the one known here\n".to_owned(),
        }
    }

    /// The answer of a status code and body; `None` when no cosigner would say that.
    pub fn parse(status: u16, body: &str) -> Option<Self> {
        match status {
            200 => {
                let lines = body.strip_suffix('\n')?.split('\n').map(SignatureLine::parse);
                lines.collect::<Result<_, _>>().ok().map(Self::Cosigned)
            }
            400 => Some(Self::BadRequest(body.trim_end().to_owned())),
            403 => Some(Self::NotSigned),
            404 => Some(Self::UnknownOrigin),
            409 => body.strip_suffix('\n')?.parse().ok().map(Self::Conflict),
            422 => Some(Self::NotConsistent),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The example of the specification, its proof shortened.
    const EXAMPLE: &str = "old 20852014\n\
        PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
        jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\n\
        example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

    #[test]
    fn the_example_of_the_specification_parses_and_prints_back() {
        let request = AddCheckpoint::parse(EXAMPLE).unwrap();
        assert_eq!((request.old, request.proof.len()), (20_852_014, 2));
        assert_eq!(request.to_string(), EXAMPLE);
        for wrong in [
            "",
            "old 1\n",
            &EXAMPLE.replace("old 2", "old 02"),
            &EXAMPLE.replace("old ", "new "),
            &EXAMPLE.replace("PlRN", "Pl\u{fffd}RN"),
        ] {
            assert!(AddCheckpoint::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn answers_come_back_from_their_status_and_body() {
        let line = AddCheckpoint::parse(EXAMPLE).unwrap().note.signatures()[0].clone();
        for answer in [
            Answer::Cosigned(vec![line]),
            Answer::BadRequest("why".into()),
            Answer::NotSigned,
            Answer::UnknownOrigin,
            Answer::Conflict(17),
            Answer::NotConsistent,
        ] {
            assert_eq!(Answer::parse(answer.status(), &answer.body()), Some(answer));
        }
        assert_eq!(Answer::parse(500, "x"), None);
        assert_eq!(Answer::parse(200, ""), None);
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_printed_back(text in "(old [0-9]{1,3}\n)?([A-Za-z0-9+/]{43}=\n){0,2}\n?(?s).{0,60}") {
            if let Ok(request) = AddCheckpoint::parse(&text) {
                prop_assert_eq!(request.to_string(), text);
            }
        }
    }
}
