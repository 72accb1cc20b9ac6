//! What the devices of a journey want done: entries in their ledgers, doses claimed at the hub, news for the others.

use rights::claims::Grant;
use rights::follow_up::Act as FollowUpAct;
use rights::history::Record;
use rights::scan::Source;

use super::play::Player;
use crate::device::Output;
use crate::pictures::Keep;

impl Player {
    pub(super) fn carry_out(&mut self, at: usize, outputs: Vec<Output>) {
        for output in outputs {
            let kiosk = &mut self.kiosks[at];
            let now = kiosk.now;
            let more = match output {
                Output::Sound(_) => continue,
                Output::Record(entry) => {
                    let clock = kiosk.clock();
                    let receipt =
                        kiosk.recorder.as_mut().and_then(|recorder| recorder.append(&entry, &clock));
                    let done = entry.detached().and_then(|detached| detached.record.clone());
                    if receipt.is_some() {
                        // Nothing is held up while something is typed.
                        if let (Some(recorder), Some(frame), Some(Source::Camera)) =
                            (&kiosk.recorder, &kiosk.frame, Keep::default().asks(&entry))
                        {
                            recorder.keep_picture(&entry.key(), frame);
                        }
                        kiosk.recorded.push(entry.kind());
                        let online = kiosk.online;
                        if let Some(done) = done {
                            self.recorded(at, online, done);
                        }
                    }
                    self.kiosks[at].device.appended(entry.key(), receipt, now)
                }
                Output::Claim(claim) => {
                    let answer = if !kiosk.online {
                        kiosk.offline.push(claim.entry);
                        Ok(Grant::Offline)
                    } else if self.kiosks.len() == 1 {
                        Ok(Grant::Alone)
                    } else {
                        self.hub.claim(&claim, self.now).map(|()| Grant::Ward)
                    };
                    self.kiosks[at].device.claimed(claim.entry, answer, now)
                }
                Output::Release(entry) => {
                    self.hub.release(entry);
                    continue;
                }
            };
            self.carry_out(at, more);
        }
    }

    /// The hub hears at once what was done, the other kiosks a moment later.
    fn recorded(&mut self, at: usize, online: bool, done: Record) {
        if online {
            match &done {
                Record::Administration(done) => self.hub.recorded(done),
                Record::FollowUp(done) if done.act == FollowUpAct::EnteredInError => {
                    self.hub.corrected(done.of, done.at);
                }
                _ => {}
            }
        }
        self.on_its_way.push((self.now, at, done));
    }
}
