//! Journey text to [`Journey`]. Every error names the line and says what would be right there.

mod line;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Journey, JourneyStep, Setup};
use line::{event_line, expectation};

/// Why a text is no journey.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}; {remedy}")]
pub struct JourneyError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What would be right.
    pub remedy: String,
}

fn error<T>(line: usize, problem: impl Into<String>, remedy: impl Into<String>) -> Result<T, JourneyError> {
    Err(JourneyError { line, problem: problem.into(), remedy: remedy.into() })
}

/// Parses a journey. `folder` is where its relative paths start.
///
/// # Errors
/// At the first line that cannot be read.
pub fn parse(text: &str, folder: &Path) -> Result<Journey, JourneyError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut title = None;
    let mut setup = SetupLines::default();
    let mut steps: Vec<JourneyStep> = Vec::new();
    for (place, raw) in text.lines().enumerate() {
        let line = place + 1;
        let content = without_comment(raw);
        if content.trim().is_empty() {
            continue;
        }
        let words = split(content.trim(), line)?;
        if content.starts_with([' ', '\t']) {
            let expectation = expectation(&words, line)?;
            match steps.last_mut() {
                Some(step) => step.expected.push((line, expectation)),
                None => {
                    return error(
                        line,
                        "an expectation before the first event",
                        "put an event line above it",
                    );
                }
            }
        } else if title.is_none() {
            let Some(rest) = content.strip_prefix("journey:") else {
                return error(
                    line,
                    "the first line names the journey",
                    "begin with `journey: what it shows`",
                );
            };
            title = Some(rest.trim().to_owned());
        } else if content.starts_with(|c: char| c.is_ascii_digit()) {
            steps.push(event_line(&words, line)?);
        } else if steps.is_empty() {
            setup.line(content.trim(), line, folder)?;
        } else {
            return error(line, "a setting after the first event", "move it above the first event");
        }
    }
    let Some(title) = title else { return error(1, "an empty file", "begin with `journey: what it shows`") };
    let setup = setup.finish()?;
    in_order(&steps, &setup)?;
    Ok(Journey { title, setup, steps })
}

/// A comment starts with `#` at the beginning or after white space, outside quotes.
fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted && before.is_whitespace() => return &line[..at],
            _ => {}
        }
        before = c;
    }
    line
}

/// A word, or a text in quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Bare(String),
    Quoted(String),
}

impl Word {
    fn text(&self) -> &str {
        match self {
            Self::Bare(text) | Self::Quoted(text) => text,
        }
    }
}

fn split(content: &str, line: usize) -> Result<Vec<Word>, JourneyError> {
    let mut words = Vec::new();
    let mut rest = content.trim_start();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let Some(end) = quoted.find('"') else {
                return error(line, "a quote that does not end", "close it with \"");
            };
            words.push(Word::Quoted(quoted[..end].to_owned()));
            rest = quoted[end + 1..].trim_start();
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            words.push(Word::Bare(rest[..end].to_owned()));
            rest = rest[end..].trim_start();
        }
    }
    Ok(words)
}

/// The shape of a line: bare words as they are, quoted ones as `"`.
fn shape(words: &[Word]) -> Vec<&str> {
    words
        .iter()
        .map(|word| match word {
            Word::Bare(text) => text.as_str(),
            Word::Quoted(_) => "\"",
        })
        .collect()
}

#[derive(Default)]
struct SetupLines {
    orders: Vec<PathBuf>,
    drugs: Option<PathBuf>,
    staff: Option<PathBuf>,
    codes: Option<PathBuf>,
    ward: Option<String>,
    zone: Option<String>,
    policy: Option<PathBuf>,
}

impl SetupLines {
    fn line(&mut self, content: &str, line: usize, folder: &Path) -> Result<(), JourneyError> {
        let Some((key, value)) = content.split_once(':') else {
            return error(
                line,
                format!("\"{content}\" is no setting"),
                "write `key: value`, or a date for an event",
            );
        };
        let value = value.trim();
        let path = || folder.join(value);
        match key.trim() {
            "orders" => self.orders.push(path()),
            "drugs" => self.drugs = Some(path()),
            "staff" => self.staff = Some(path()),
            "codes" => self.codes = Some(path()),
            "ward" => self.ward = Some(value.to_owned()),
            "zone" => self.zone = Some(value.to_owned()),
            "policy" => self.policy = Some(path()),
            other => {
                return error(
                    line,
                    format!("unknown setting \"{other}\""),
                    "use orders, drugs, staff, codes, ward, zone or policy",
                );
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Setup, JourneyError> {
        let need = |what: Option<PathBuf>, name: &str| match what {
            Some(path) => Ok(path),
            None => {
                error(1, format!("no `{name}:` line"), format!("add `{name}: PATH` above the first event"))
            }
        };
        if self.orders.is_empty() {
            return error(1, "no `orders:` line", "add `orders: BUNDLE.json` above the first event");
        }
        Ok(Setup {
            orders: self.orders,
            drugs: need(self.drugs, "drugs")?,
            staff: need(self.staff, "staff")?,
            codes: need(self.codes, "codes")?,
            ward: self.ward.unwrap_or_else(|| "3B".into()),
            zone: self.zone.unwrap_or_else(|| "America/New_York".into()),
            policy: self.policy,
        })
    }
}

/// Time does not run backwards in a journey, and each offset is the zone's at that instant: a wrong one is a slip of the writer.
fn in_order(steps: &[JourneyStep], setup: &Setup) -> Result<(), JourneyError> {
    let Ok(zone) = TimeZone::get(&setup.zone) else {
        return error(1, format!("unknown zone \"{}\"", setup.zone), "use a name such as America/New_York");
    };
    let mut last = Timestamp::MIN;
    for step in steps {
        if step.at < last {
            return error(step.line, "earlier than the event before it", "put the events in order");
        }
        last = step.at;
        let actual = zone.to_offset(step.at);
        if actual != step.offset {
            let remedy = format!("the offset of {} at that instant is {actual}", setup.zone);
            return error(step.line, format!("offset {} is not the zone's", step.offset), remedy);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Expectation, JourneyEvent, OrdersSay};
    use super::*;

    const HEAD: &str = "journey: one\norders: a.json\ndrugs: d\nstaff: s.csv\ncodes: c.csv\n";

    fn parsed(body: &str) -> Result<Journey, JourneyError> {
        parse(&format!("{HEAD}{body}"), Path::new("/j"))
    }

    #[test]
    fn a_journey_is_read_line_by_line() {
        let journey = parsed(
            "# a comment\n2026-11-30 08:00:00 -05:00 nurse scans badge-1   # his own\n    screen pin\n    says \"# 1\"\n\n\
             2026-11-30 08:00:05 -05:00 nurse scans \"(01)0\" as data_matrix\n",
        )
        .unwrap();
        assert_eq!(journey.setup.orders, [PathBuf::from("/j/a.json")]);
        assert_eq!(journey.steps[0].event, JourneyEvent::Scans("badge-1".into()));
        assert_eq!(journey.steps[0].at, "2026-11-30T13:00:00Z".parse().unwrap());
        assert_eq!(journey.steps[0].expected[1], (9, Expectation::Says("# 1".into())));
        assert_eq!(journey.steps[1].event, JourneyEvent::ScansText("(01)0".into(), "data_matrix".into()));
    }

    #[test]
    fn a_second_person_and_a_second_kiosk_have_their_own_words() {
        let journey = parsed(
            "2026-11-30 08:00:00 -05:00 witness scans badge-2\n2026-11-30 08:00:00.1 -05:00 kiosk B: nurse taps \"Send it\"\n\
             2026-11-30 08:00:05 -05:00 orders lab pt-1 potassium \"3.1 mmol/L\" taken \"3 h\" ago\n\
             2026-11-30 08:00:06 -05:00 kiosk waits\n2026-11-30 08:00:06 -05:00 orders change mr-1 dose \"25 mg\"\n",
        )
        .unwrap();
        let events: Vec<&JourneyEvent> = journey.steps.iter().map(|step| &step.event).collect();
        assert_eq!(events[0], &JourneyEvent::Scans("badge-2".into()));
        assert_eq!(
            (journey.steps[1].kiosk.as_str(), events[1]),
            ("B", &JourneyEvent::Taps("Send it".into()))
        );
        let value = OrdersSay::Value {
            patient: "pt-1".into(),
            what: "potassium".into(),
            value: "3.1 mmol/L".into(),
            ago: Some("3 h".into()),
        };
        assert_eq!(events[2], &JourneyEvent::Orders(value));
        assert_eq!((journey.steps[3].kiosk.as_str(), events[3]), ("A", &JourneyEvent::Waits));
        let set = OrdersSay::Set("mr-1".into(), "dose".into(), "25 mg".into());
        assert_eq!(events[4], &JourneyEvent::Orders(set));
    }

    #[test]
    fn every_slip_of_the_pen_is_named_with_its_line() {
        let slips = [
            ("    screen pin\n", 6, "before the first event"),
            ("2026-11-30 08:00:00 nurse scans x\n", 6, "cannot be read"),
            ("2026-11-30 08:00:00 -04:00 nurse scans x\n", 6, "not the zone's"),
            ("2026-11-30 08:00:00 -05:00 nurse sings\n", 6, "not known"),
            ("2026-11-30 08:00:00 -05:00 nurse taps \"x\n", 6, "does not end"),
            ("2026-11-30 08:00:00 -05:00 kiosk waits\n  verdict maybe\n", 7, "not known"),
            (
                "2026-11-30 08:00:01 -05:00 kiosk waits\n2026-11-30 08:00:00 -05:00 kiosk waits\n",
                7,
                "earlier",
            ),
            ("2026-11-30 08:00:00 -05:00 kiosk waits\nward: 3B\n", 7, "after the first event"),
            ("wards: 3B\n", 6, "unknown setting"),
        ];
        for (body, line, what) in slips {
            let error = parsed(body).unwrap_err();
            assert!(error.line == line && error.to_string().contains(what), "{error}");
        }
        assert!(parse("", Path::new("")).unwrap_err().to_string().contains("journey:"));
    }
}
