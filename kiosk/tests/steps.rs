//! How many acts a task takes at this kiosk, counted from the journeys that play it: the figures of docs/screens.md. A scan, a tap, a typed
//! entry is one act; what a second person does counts as well. The wristband is scanned already.

use std::path::Path;

use kiosk::journey::JourneyEvent;
use kiosk::journey::parse::parse;
use kiosk::journey::play::Player;

#[derive(Debug, Default, PartialEq, Eq)]
struct Acts {
    scans: usize,
    taps: usize,
    entries: usize,
}

impl Acts {
    const fn all(&self) -> usize {
        self.scans + self.taps + self.entries
    }

    fn count(&mut self, event: &JourneyEvent) {
        match event {
            JourneyEvent::Scans(_) | JourneyEvent::ScansText(..) | JourneyEvent::Shows(_) => self.scans += 1,
            JourneyEvent::Taps(_) => self.taps += 1,
            JourneyEvent::Types(_) | JourneyEvent::Writes(_) => self.entries += 1,
            _ => {}
        }
    }
}

/// The acts from the screen `from` (the `nth` time that it appears) up to the entry `recorded`.
fn acts(journey: &str, from: &str, nth: usize, recorded: &str) -> Acts {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../fixtures/journeys/{journey}.journey"));
    let text = std::fs::read_to_string(&path).unwrap();
    let journey = parse(&text, path.parent().unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut player = Player::new(&journey.setup, &folder.path().join("ledger"), journey.steps[0].at).unwrap();
    let mut acts: Option<Acts> = None;
    let mut appeared = 0;
    for step in &journey.steps {
        let (seen, _) = player.step(step).unwrap();
        if let Some(acts) = &mut acts {
            acts.count(&step.event);
            if seen.recorded.contains(&recorded) {
                return std::mem::take(acts);
            }
        }
        if seen.screen == from {
            appeared += 1;
            if appeared == nth {
                acts = Some(Acts::default());
            }
        }
    }
    panic!("{}: nothing was recorded as {recorded}", path.display());
}

/// docs/screens.md, "Steps": each figure there is one of these.
#[test]
fn the_steps_of_five_tasks_are_as_documented() {
    let documented =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/screens.md")).unwrap();
    let tasks = [
        ("plain dose", acts("22-daily-dose-at-10-59", "due-list", 1, "given")),
        ("late dose", acts("22-daily-dose-at-11-05", "due-list", 1, "given")),
        ("dose with a witness", acts("11-heparin-half-a-vial", "due-list", 2, "given")),
        ("waste with a witness", acts("w4-waste-adds-up", "tasks", 2, "waste")),
        ("refusal", acts("not-given-refused-in-three-taps", "due-list", 1, "refused")),
    ];
    for (task, counted) in &tasks {
        let row = documented.lines().find(|line| line.starts_with(&format!("| {task} |")));
        let row = row.unwrap_or_else(|| panic!("docs/screens.md has no row for a {task}: {counted:?}"));
        let figure = format!("| {} |", counted.all());
        assert!(row.contains(&figure), "{task}: {counted:?} are {} acts, documented is {row}", counted.all());
    }
    // kiosk.md section 5: one scan, one tap.
    assert_eq!(tasks[0].1, Acts { scans: 1, taps: 1, entries: 0 });
}
