//! The cosigner: what it knows of each ledger, on disk before it answers, and the rule by which it signs.
//!
//! | file of the state folder | what |
//! |---|---|
//! | `cosigner.key` | 32-byte seed, mode 0600 |
//! | `name` | the cosigner's name |
//! | `logs/*.vkey` | the ledgers it cosigns: their `log.vkey`, one signed-note key a line |
//! | `seen/HASH` | the last checkpoint it cosigned of an origin, named by SHA-256 of the origin |
//!
//! Whoever holds the key can cosign anything. Whoever loses `seen/` must retire the key: a cosigner that forgot what it saw can be
//! shown a second history.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::protocol::{AddCheckpoint, Answer};
use super::signature::{CosignerKey, CosignerSecret};
use crate::checkpoint::Checkpoint;
use crate::files::{create, read_secret, replace};
use crate::hash::{Hash, hex, sha256};
use crate::lock::FolderLock;
use crate::note::{Note, NoteError, VerifierKey};
use crate::random::{self, NoRandomness};
use crate::tree::{check_consistency, empty_root};

/// Why a cosigner does not start.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// A file.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A key.
    #[error("{path}: {error}")]
    Key {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: NoteError,
    },
    /// What it saw before cannot be read: it must not start as if it had seen nothing.
    #[error("{0}: not a checkpoint; a cosigner that lost what it saw must be retired with its key")]
    Seen(PathBuf),
    /// The folder is another cosigner's.
    #[error("{path}: this is the state of {found}, not of {expected}")]
    Name {
        /// Which folder.
        path: PathBuf,
        /// Whose it is.
        found: String,
        /// Whose it should be.
        expected: String,
    },
    /// Another process has the folder.
    #[error("{0}: another cosigner has this state; two at once would sign two histories")]
    InUse(PathBuf),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

/// A cosigner with its state.
#[derive(Debug)]
pub struct Cosigner {
    folder: PathBuf,
    secret: CosignerSecret,
    logs: BTreeMap<String, Log>,
    /// Two processes on one state would each sign a history of their own.
    _held: FolderLock,
}

#[derive(Debug)]
struct Log {
    keys: Vec<VerifierKey>,
    /// What was cosigned last. The lock is held from the comparison until the new one is on the disk.
    seen: Mutex<Seen>,
}

/// What was cosigned last of a ledger.
#[derive(Debug)]
struct Seen {
    size: u64,
    root: Hash,
    /// The checkpoint, signed by the ledger and by this cosigner; `None` before the first one.
    note: Option<Note>,
}

/// An answer, and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// To a ledger that is refused because of what was seen of it: that checkpoint, which the ledger's own key signed.
    pub seen: Option<Note>,
}

impl From<Answer> for Answered {
    fn from(answer: Answer) -> Self {
        Self { answer, seen: None }
    }
}

impl Cosigner {
    /// Opens the state of a folder; makes it, with a new key, when it is new and `name` is given.
    ///
    /// # Errors
    /// When a file is missing, unreadable or another cosigner's, or another process has the folder.
    pub fn open(folder: &Path, name: Option<&str>) -> Result<Self, StateError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |error| StateError::File { path, error }
        };
        let (key, named) = (folder.join("cosigner.key"), folder.join("name"));
        if name.is_some() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(at(folder))?;
        }
        let held = FolderLock::take(folder).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => StateError::InUse(folder.to_owned()),
            _ => at(folder)(error),
        })?;
        if let Some(name) = name.filter(|_| !key.exists()) {
            CosignerSecret::new(name, &[0; 32])
                .map_err(|error| StateError::Key { path: named.clone(), error })?;
            for part in ["logs", "seen"] {
                let path = folder.join(part);
                fs::DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(at(&path))?;
            }
            create(&named, 0o644, name.as_bytes()).map_err(at(&named))?;
            create(&key, 0o600, &*random::secret::<32>()?).map_err(at(&key))?;
            sync_folder(folder).map_err(at(folder))?;
        }
        let found = fs::read_to_string(&named).map_err(at(&named))?;
        if let Some(expected) = name.filter(|name| *name != found) {
            let (path, expected) = (folder.to_owned(), expected.to_owned());
            return Err(StateError::Name { path, found, expected });
        }
        let seed = read_secret(&key).map_err(at(&key))?;
        let secret =
            CosignerSecret::new(&found, &seed).map_err(|error| StateError::Key { path: named, error })?;
        let mut cosigner = Self { folder: folder.to_owned(), secret, logs: BTreeMap::new(), _held: held };
        let logs = folder.join("logs");
        for entry in fs::read_dir(&logs).map_err(at(&logs))? {
            let path = entry.map_err(at(&logs))?.path();
            let text = fs::read_to_string(&path).map_err(at(&path))?;
            cosigner.know(&path, &text)?;
        }
        Ok(cosigner)
    }

    /// Takes on a ledger, by the text of its `log.vkey`, and keeps it for later starts.
    ///
    /// # Errors
    /// When the text is none, or the file cannot be made.
    pub fn add(&mut self, text: &str) -> Result<(), StateError> {
        let path = self.folder.join("logs").join(format!("{}.vkey", hex(&sha256(&[text.as_bytes()]))));
        self.know(&path, text)?;
        if !path.exists() {
            create(&path, 0o644, text.as_bytes())
                .map_err(|error| StateError::File { path: path.clone(), error })?;
        }
        Ok(())
    }

    fn know(&mut self, path: &Path, text: &str) -> Result<(), StateError> {
        for line in text.lines() {
            let key =
                VerifierKey::parse(line).map_err(|error| StateError::Key { path: path.to_owned(), error })?;
            if !self.logs.contains_key(key.name()) {
                let seen = self.read_seen(key.name())?;
                let log = Log { keys: Vec::new(), seen: Mutex::new(seen) };
                self.logs.insert(key.name().to_owned(), log);
            }
            if let Some(log) = self.logs.get_mut(key.name())
                && !log.keys.contains(&key)
            {
                log.keys.push(key);
            }
        }
        Ok(())
    }

    fn seen_path(&self, origin: &str) -> PathBuf {
        self.folder.join("seen").join(hex(&sha256(&[origin.as_bytes()])))
    }

    fn read_seen(&self, origin: &str) -> Result<Seen, StateError> {
        let path = self.seen_path(origin);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Seen { size: 0, root: empty_root(), note: None });
            }
            other => other.map_err(|error| StateError::File { path: path.clone(), error })?,
        };
        let note = Note::parse(&text).map_err(|_| StateError::Seen(path.clone()))?;
        let seen = Checkpoint::parse(note.text()).map_err(|_| StateError::Seen(path.clone()))?;
        if seen.origin != origin {
            return Err(StateError::Seen(path));
        }
        Ok(Seen { size: seen.size, root: seen.root, note: Some(note) })
    }

    /// Its public key.
    pub fn key(&self) -> CosignerKey {
        self.secret.key()
    }

    /// How many ledgers it knows.
    pub fn logs(&self) -> usize {
        self.logs.len()
    }

    /// Answers a request. What it signs is on the disk before it returns. `now` gives the time in seconds since 1970 and is asked when
    /// everything that is signed is there: the checkpoint existed no later.
    ///
    /// # Errors
    /// When the state cannot be written; then nothing was signed.
    pub fn answer(&self, body: &str, now: impl FnOnce() -> u64) -> io::Result<Answered> {
        let bad = |why: String| Ok(Answer::BadRequest(why).into());
        let request = match AddCheckpoint::parse(body) {
            Ok(request) => request,
            Err(error) => return bad(error.to_string()),
        };
        let checkpoint = match Checkpoint::parse(request.note.text()) {
            Ok(checkpoint) => checkpoint,
            Err(error) => return bad(error.to_string()),
        };
        let Some(log) = self.logs.get(&checkpoint.origin) else { return Ok(Answer::UnknownOrigin.into()) };
        let Some(signed) = log.keys.iter().find_map(|key| request.note.line_of(key)) else {
            return Ok(Answer::NotSigned.into());
        };
        if request.old > checkpoint.size {
            return bad("the old size is greater than the checkpoint's".to_owned());
        }
        let mut seen = log.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let refused =
            if request.old != seen.size || checkpoint.size == seen.size && checkpoint.root != seen.root {
                Some(Answer::Conflict(seen.size))
            } else if !follows(&request, &checkpoint, &seen.root) {
                Some(Answer::NotConsistent)
            } else {
                None
            };
        if let Some(answer) = refused {
            return Ok(Answered { answer, seen: seen.note.clone() });
        }
        let line = self.secret.sign(request.note.text(), now());
        // Of what was sent only the line that holds is kept: the next start must be able to read it.
        let note = Note::with_lines(request.note.text().to_owned(), vec![signed.clone(), line.clone()]);
        replace(&self.seen_path(&checkpoint.origin), note.to_string().as_bytes())?;
        *seen = Seen { size: checkpoint.size, root: checkpoint.root, note: Some(note) };
        Ok(Answer::Cosigned(vec![line]).into())
    }
}

/// The proof from what is known; from nothing everything follows and the proof must be empty.
fn follows(request: &AddCheckpoint, checkpoint: &Checkpoint, root: &Hash) -> bool {
    if request.old == 0 {
        let empty = checkpoint.size > 0 || checkpoint.root == empty_root();
        return request.proof.is_empty() && empty;
    }
    check_consistency(request.old, checkpoint.size, root, &checkpoint.root, &request.proof).is_ok()
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}
