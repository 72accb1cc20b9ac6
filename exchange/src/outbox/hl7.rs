//! RAS^O17 to an EHR over MLLP.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::event::Event;
use super::pump::{Delivered, Directory, Target};
use crate::hl7::ack::AckCode;
use crate::hl7::ras::{self, Sender};
use crate::mllp::client::Client;

/// An EHR that takes RAS.
#[derive(Debug)]
pub struct Hl7Target {
    name: String,
    client: Client,
    sender: Sender,
    zone: TimeZone,
}

impl Hl7Target {
    /// A target of this name.
    pub const fn new(name: String, client: Client, sender: Sender, zone: TimeZone) -> Self {
        Self { name, client, sender, zone }
    }
}

impl Target for Hl7Target {
    fn name(&self) -> &str {
        &self.name
    }

    fn deliver(&mut self, event: &Event, directory: &dyn Directory) -> Delivered {
        let known = directory.look_up(event);
        let text = ras::write(event, &known, &self.sender, &self.zone);
        match self.client.send(text.as_bytes(), &event.id) {
            Ok(answer) => match answer.code {
                AckCode::Accept => Delivered::Done { remote: String::new(), said: answer.text },
                AckCode::Error => Delivered::Parked { said: answer.text },
                AckCode::Reject => {
                    Delivered::Later { why: format!("rejected: {}", answer.text), after: None }
                }
            },
            Err(error) => Delivered::Later { why: error.to_string(), after: Some(Duration::from_secs(1)) },
        }
    }
}
