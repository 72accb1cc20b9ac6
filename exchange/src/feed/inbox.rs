//! The inbox: one thread owns the feed store's writer. It takes what waits, applies it in the order of arrival, commits once for
//! all of it (group commit), and only then answers. An acknowledgement thus means: durable.

use std::sync::Arc;
use std::thread::JoinHandle;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::book::Book;
use super::db::{Changes, Db, DbError, FeedRecord, MessageRecord, Txn};
use crate::digest::{hex, sha256};
use crate::hl7::ack::{self, AckCode};
use crate::hl7::er7::Message;
use crate::hl7::{self, ApplyError, Head, Hl7Rules, Refused};

/// So many messages wait at most; further senders wait for a place.
const MOST_WAITING: usize = 512;
/// So many are committed together at most.
const MOST_TOGETHER: usize = 256;

/// A message that came.
#[derive(Debug)]
pub struct Arrived {
    /// Which feed brought it.
    pub feed: Arc<str>,
    /// It, without its frame.
    pub bytes: Vec<u8>,
    /// When.
    pub received: Timestamp,
}

/// What is answered to the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The acknowledgement, without its frame.
    pub text: String,
    /// What it says.
    pub code: AckCode,
    /// Whether the message had come before.
    pub repeated: bool,
}

/// An answer that comes when the message is durable.
pub type Pending = oneshot::Receiver<Result<Reply, DbError>>;

type Act = Box<dyn FnOnce(&Txn) -> Result<(), DbError> + Send>;

enum Job {
    Message(Arrived, oneshot::Sender<Result<Reply, DbError>>),
    Write(Act, oneshot::Sender<Result<(), DbError>>),
}

/// The way to the writer. Cloned for each connection.
#[derive(Clone, Debug)]
pub struct Inbox {
    jobs: mpsc::Sender<Job>,
    db: Arc<Db>,
}

/// The writer's thread; it ends when every [`Inbox`] is gone.
#[derive(Debug)]
pub struct Writer {
    thread: JoinHandle<()>,
}

impl Writer {
    /// Waits until everything that was taken is written.
    pub fn join(self) {
        // A panic of the thread has been printed; there is nothing left to write.
        let _ = self.thread.join();
    }
}

impl Inbox {
    /// Starts the writer.
    pub fn start(db: Arc<Db>, rules: Hl7Rules) -> (Self, Writer) {
        let (jobs, waiting) = mpsc::channel(MOST_WAITING);
        let owned = Arc::clone(&db);
        let thread = std::thread::spawn(move || run(&owned, &rules, waiting));
        (Self { jobs, db }, Writer { thread })
    }

    /// Whether nothing can be stored any more.
    pub fn is_stopped(&self) -> bool {
        self.jobs.is_closed()
    }

    /// The store, for reading.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The store, for a reader that outlives this way to the writer.
    pub(crate) fn shared_db(&self) -> Arc<Db> {
        Arc::clone(&self.db)
    }

    /// Hands a message over and waits until it is durable.
    ///
    /// # Errors
    /// When it could not be stored: then it must not be acknowledged.
    pub async fn take(&self, arrived: Arrived) -> Result<Reply, DbError> {
        self.offer(arrived).await?.await.map_err(|_| DbError::Stopped)?
    }

    /// Hands a message over; the answer comes later.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub async fn offer(&self, arrived: Arrived) -> Result<Pending, DbError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(Job::Message(arrived, reply)).await.map_err(|_| DbError::Stopped)?;
        Ok(answer)
    }

    /// Writes something else and waits until it is durable; for a thread without tokio.
    ///
    /// # Errors
    /// When it was not written.
    pub fn write_blocking(
        &self,
        act: impl FnOnce(&Txn) -> Result<(), DbError> + Send + 'static,
    ) -> Result<(), DbError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.blocking_send(Job::Write(Box::new(act), reply)).map_err(|_| DbError::Stopped)?;
        answer.blocking_recv().map_err(|_| DbError::Stopped)?
    }
}

fn run(db: &Db, rules: &Hl7Rules, mut waiting: mpsc::Receiver<Job>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut jobs = vec![first];
        while jobs.len() < MOST_TOGETHER
            && let Ok(job) = waiting.try_recv()
        {
            jobs.push(job);
        }
        if !together(db, rules, jobs) {
            // The database takes nothing any more until it is opened again: whoever runs the service has to start it anew.
            return;
        }
    }
}

/// What is sent when the commit is durable.
enum Answer {
    Message(oneshot::Sender<Result<Reply, DbError>>, Reply),
    Write(oneshot::Sender<Result<(), DbError>>),
}

fn together(db: &Db, rules: &Hl7Rules, jobs: Vec<Job>) -> bool {
    let mut answers = Vec::new();
    let written = db.write(|txn| {
        let mut heard: Vec<(Arc<str>, Timestamp)> = Vec::new();
        for job in jobs {
            match job {
                Job::Message(arrived, reply) => {
                    let said = process(txn, rules, &arrived)?;
                    if said.code == AckCode::Accept {
                        heard.retain(|(feed, _)| *feed != arrived.feed);
                        heard.push((Arc::clone(&arrived.feed), arrived.received));
                    }
                    answers.push(Answer::Message(reply, said));
                }
                Job::Write(act, reply) => {
                    act(txn)?;
                    answers.push(Answer::Write(reply));
                }
            }
        }
        for (feed, at) in heard {
            let known = txn.feed(&feed)?.unwrap_or_default();
            txn.put_feed(&feed, &FeedRecord { heard: at.to_string(), failure: String::new(), ..known })?;
        }
        Ok(())
    });
    if let Err(error) = &written {
        tracing::error!(%error, "the feed store could not be written");
    }
    // Who was dropped before its answer hears that the channel closed: not stored, not acknowledged.
    for answer in answers {
        match answer {
            Answer::Message(reply, said) => {
                let _ = reply.send(written.as_ref().map(|()| said).map_err(|_| DbError::Stopped));
            }
            Answer::Write(reply) => {
                let _ = reply.send(written.as_ref().copied().map_err(|_| DbError::Stopped));
            }
        }
    }
    written.is_ok()
}

/// One message inside the transaction: repeated, applied, or parked.
fn process(txn: &Txn, rules: &Hl7Rules, arrived: &Arrived) -> Result<Reply, DbError> {
    let sha = hex(&sha256(&arrived.bytes));
    let mut record = MessageRecord {
        number: 0,
        feed: arrived.feed.to_string(),
        received: arrived.received.to_string(),
        kind: String::new(),
        control_id: String::new(),
        content: sha.clone(),
        sha256: sha,
        answer: String::new(),
        place: String::new(),
        reason: String::new(),
        remedy: String::new(),
        notes: Vec::new(),
    };
    let message = match Message::read(&arrived.bytes) {
        Ok(message) => message,
        Err(error) => {
            let refused =
                Refused::error("MSH", error.to_string(), "correct the sending system and send again");
            // The sender waits for an answer that names its message.
            let header = Message::header_of(&arrived.bytes);
            if let Some(head) = header.as_ref().and_then(|header| Head::of(header).ok()) {
                (record.kind, record.control_id) = (head.kind(), head.control_id);
            }
            let known = parked_before(txn, &record)?;
            return park(txn, rules, record, arrived, header.as_ref(), (None, known.as_ref()), refused);
        }
    };
    let head = match Head::of(&message) {
        Ok(head) => head,
        Err(refused) => {
            record.content = content_hash(&message);
            let known = parked_before(txn, &record)?;
            return park(txn, rules, record, arrived, Some(&message), (None, known.as_ref()), refused);
        }
    };
    record.kind = head.kind();
    record.control_id.clone_from(&head.control_id);
    record.content = content_hash(&message);
    let known = txn
        .number_of(&head.sender, &head.control_id)?
        .map(|number| txn.message(number))
        .transpose()?
        .flatten();
    if let Some(known) = &known {
        if known.content != record.content {
            let refused = Refused::error(
                "MSH-10",
                "another message had this control id: nothing was changed",
                "give each message its own MSH-10",
            );
            let known = parked_before(txn, &record)?;
            return park(txn, rules, record, arrived, Some(&message), (None, known.as_ref()), refused);
        }
        if known.reason.is_empty() {
            let text = ack::write(Some(&message), AckCode::Accept, None, arrived.received, &rules.zone);
            return Ok(Reply { text, code: AckCode::Accept, repeated: true });
        }
    }
    let sender = (Some(head.sender.as_str()), known.as_ref());
    let mut book = Book::new(txn);
    let applied = hl7::apply(&message, &head, rules, arrived.received, &record.sha256, &mut book);
    match applied {
        Ok(notes) => {
            let changes = Changes::from(book);
            txn.keep(&changes)?;
            record.notes = notes;
            AckCode::Accept.code().clone_into(&mut record.answer);
            store(txn, &mut record, &arrived.bytes, sender)?;
            if !record.notes.is_empty() {
                // What they say may repeat a part of the message: `exchange parked notes` shows it.
                let MessageRecord { feed, kind, number, .. } = &record;
                tracing::info!(feed, kind, number, "a message was taken, but not as it was sent");
            }
            let text = ack::write(Some(&message), AckCode::Accept, None, arrived.received, &rules.zone);
            Ok(Reply { text, code: AckCode::Accept, repeated: false })
        }
        Err(ApplyError::Db(error)) => Err(error),
        Err(ApplyError::Refused(refused)) => {
            txn.keep(&Changes::of_refused(book))?;
            park(txn, rules, record, arrived, Some(&message), sender, refused)
        }
    }
}

/// The same message, parked under no identity of its own. A sender that hears `AE` may send it every few seconds for days.
fn parked_before(txn: &Txn, record: &MessageRecord) -> Result<Option<MessageRecord>, DbError> {
    let same = |known: &MessageRecord| known.content == record.content && known.feed == record.feed;
    Ok(txn.parked()?.into_iter().find(same))
}

/// By which a message is known: its sender, and what became of it before.
type Identity<'a> = (Option<&'a str>, Option<&'a MessageRecord>);

/// A parked message that comes again keeps its number.
fn store(
    txn: &Txn,
    record: &mut MessageRecord,
    bytes: &[u8],
    (sender, known): Identity<'_>,
) -> Result<(), DbError> {
    match known {
        Some(known) => {
            record.number = known.number;
            txn.update_message(record)
        }
        None => txn.add_message(record, bytes, sender),
    }
}

/// Writes down everything of a message that was not applied.
fn park(
    txn: &Txn,
    rules: &Hl7Rules,
    mut record: MessageRecord,
    arrived: &Arrived,
    message: Option<&Message>,
    identity: Identity<'_>,
    refused: Refused,
) -> Result<Reply, DbError> {
    tracing::warn!(
        feed = record.feed,
        kind = record.kind,
        place = refused.place,
        "a message is parked for a person"
    );
    let code = AckCode::parse(refused.code).unwrap_or(AckCode::Error);
    refused.code.clone_into(&mut record.answer);
    (record.place, record.reason, record.remedy) = (refused.place, refused.reason, refused.remedy);
    store(txn, &mut record, &arrived.bytes, identity)?;
    let said = format!("{}: {}; {}", record.place, record.reason, record.remedy);
    let text = ack::write(message, code, Some((&record.place, &said)), arrived.received, &rules.zone);
    Ok(Reply { text, code, repeated: false })
}

/// The message without the time of sending, which a sender may renew when it sends again.
fn content_hash(message: &Message) -> String {
    let mut text = String::new();
    for (at, segment) in message.segments().iter().enumerate() {
        let print = segment.print();
        if at == 0 {
            let field = message.delimiters().field;
            let kept: Vec<&str> = print
                .split(field)
                .enumerate()
                .filter(|(number, _)| *number != 6)
                .map(|(_, raw)| raw)
                .collect();
            text.push_str(&kept.join(&field.to_string()));
        } else {
            text.push_str(&print);
        }
        text.push('\r');
    }
    hex(&sha256(text.as_bytes()))
}
