//! What is kept of messages, feeds and deliveries.

use serde::{Deserialize, Serialize};

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRecord {
    /// Its number, in the order of arrival.
    pub number: u64,
    /// Which feed brought it.
    pub feed: String,
    /// When it came.
    pub received: String,
    /// MSH-9, such as `RDE^O11`; empty when it could not be read.
    pub kind: String,
    /// MSH-10.
    pub control_id: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// SHA-256 without the time of sending, to tell a repetition from another message under the same id.
    pub content: String,
    /// `AA`, `AE` or `AR`: what was answered.
    pub answer: String,
    /// Where it failed.
    pub place: String,
    /// Why it was not applied; empty when it was.
    pub reason: String,
    /// What to do.
    pub remedy: String,
    /// What of an applied message was not taken as it was sent.
    pub notes: Vec<String>,
}

/// When a feed was last heard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedRecord {
    /// The last sound message or complete pull; empty: never.
    pub heard: String,
    /// Why the last attempt failed, for a feed that is asked.
    pub failure: String,
    /// Silent for so many minutes: orders not current.
    pub silent_after_min: u32,
}

/// What became of one delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// `sent`, `parked`, or `again`: a person has asked for another attempt.
    pub state: String,
    /// The event id: MSH-10, FHIR identifier.
    pub event: String,
    /// The id of the resource at the other system, where there is one.
    pub remote: String,
    /// What the other system said.
    pub said: String,
}
