//! The language of whoever stands before the kiosk: remembered for each clinician as long as the kiosk runs, the site's on a locked screen.

use std::collections::BTreeMap;

use rights::bedside::Phase;
use rights::ident::ClinicianId;
use rights::phrase::Language;

use super::Device;

/// Who reads which language.
#[derive(Debug)]
pub(super) struct Languages {
    site: Language,
    of: BTreeMap<ClinicianId, Language>,
    /// Somebody chose it before signing on.
    chosen: bool,
    /// Whether the kiosk was locked a moment ago.
    locked: bool,
}

impl Languages {
    pub(super) const fn new(site: Language) -> Self {
        Self { site, of: BTreeMap::new(), chosen: false, locked: true }
    }
}

impl Device {
    /// The language of a kiosk that nobody is signed on to, and of everybody who never chose another.
    pub const fn speak(&mut self, language: Language) {
        self.languages.site = language;
        self.desk.language = language;
    }

    /// The other language, from now on; for who is signed on, or for who signs on next.
    pub(super) fn switch_language(&mut self) {
        self.desk.language = match self.desk.language {
            Language::English => Language::Spanish,
            Language::Spanish => Language::English,
        };
        match self.bedside.session() {
            Some(session) => {
                self.languages.of.insert(session.clinician.id.clone(), self.desk.language);
            }
            None => self.languages.chosen = true,
        }
    }

    /// The screen speaks as the one who signs on reads, and as the site does once it is locked again.
    pub(super) fn follow_person(&mut self) {
        let locked = matches!(self.bedside.phase(), Phase::Locked { .. });
        if locked && !self.languages.locked {
            self.desk.language = self.languages.site;
            self.languages.chosen = false;
        }
        self.languages.locked = locked;
        match self.bedside.phase() {
            Phase::Pin { clinician, .. } if !self.languages.chosen => {
                let known = self.languages.of.get(&clinician.id).copied();
                self.desk.language = known.unwrap_or(self.languages.site);
            }
            _ => {}
        }
        if self.languages.chosen
            && let Some(session) = self.bedside.session()
        {
            self.languages.of.insert(session.clinician.id.clone(), self.desk.language);
            self.languages.chosen = false;
        }
    }
}
