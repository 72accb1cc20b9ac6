//! One line: a moment with its event, or an expectation.

use jiff::tz::Offset;
use jiff::{Timestamp, civil};

use super::super::{Expectation, JourneyEvent, JourneyStep, OrderChange, OrdersSay};
use super::{JourneyError, Word, error, shape};

const EVENTS: &str = "expected one of: nurse|witness scans NAME; nurse scans \"TEXT\" as SYMBOLOGY; nurse shows NAME; nurse types \
                      \"DIGITS\"; nurse taps \"LABEL\"; nurse writes \"TEXT\"; orders stop|hold|resume REQUEST; orders set \
                      REQUEST WHAT \"VALUE\"; orders new REQUEST like REQUEST; orders value PATIENT WHAT \"VALUE\" [taken \
                      \"DURATION\" ago]; orders nil-by-mouth|food|discharge PATIENT; orders allergy PATIENT ingredient|class \
                      \"NAME\"; orders move PATIENT to \"WARD\"; orders band PATIENT \"SERIAL\"; orders merge PATIENT into \
                      PATIENT; orders silent|speak; drugs set ITEM WHAT \"VALUE\"; kiosk waits|restarts; power fails; disk \
                      fails|works; network fails|works; clock off|back \"DURATION\"; each after `kiosk B:` for another kiosk";

const EXPECTATIONS: &str = "expected one of: screen NAME; verdict pass|question|stop; finding ID CLASS; no finding ID; right \
                            NAME verified|attested|variance|open; says \"TEXT\"; does not say \"TEXT\"; recorded KIND; \
                            recorded nothing; given REQUEST N; ledger verifies";

pub(super) fn event_line(words: &[Word], line: usize) -> Result<JourneyStep, JourneyError> {
    let [date, time, offset, event @ ..] = words else {
        return error(
            line,
            "an event needs a date, a time and an offset",
            "write `2026-11-30 08:00:00 -05:00 nurse ...`",
        );
    };
    let (at, offset) = moment(date.text(), time.text(), offset.text(), line)?;
    let (kiosk, event) = match event {
        [Word::Bare(kiosk), Word::Bare(name), rest @ ..] if kiosk == "kiosk" && name.ends_with(':') => {
            (name.trim_end_matches(':').to_owned(), rest)
        }
        all => ("A".to_owned(), all),
    };
    Ok(JourneyStep { line, at, offset, kiosk, event: journey_event(event, line)?, expected: Vec::new() })
}

fn moment(date: &str, time: &str, offset: &str, line: usize) -> Result<(Timestamp, Offset), JourneyError> {
    let remedy = "write `2026-11-30 08:00:00 -05:00`";
    let wrong = |what: &str| JourneyError {
        line,
        problem: format!("\"{what}\" cannot be read"),
        remedy: remedy.into(),
    };
    let date: civil::Date = date.parse().map_err(|_| wrong(date))?;
    let time: civil::Time = time.parse().map_err(|_| wrong(time))?;
    let parsed = parse_offset(offset).ok_or_else(|| wrong(offset))?;
    let at = parsed.to_timestamp(date.to_datetime(time)).map_err(|_| wrong(offset))?;
    Ok((at, parsed))
}

/// `-05:00`
fn parse_offset(text: &str) -> Option<Offset> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let seconds = hours.parse::<i32>().ok()? * 3_600 + minutes.parse::<i32>().ok()? * 60;
    Offset::from_seconds(sign * seconds).ok()
}

fn journey_event(words: &[Word], line: usize) -> Result<JourneyEvent, JourneyError> {
    let text = |at: usize| words.get(at).map(|word| word.text().to_owned()).unwrap_or_default();
    Ok(match shape(words).as_slice() {
        ["nurse" | "witness", "scans", "\"", "as", symbology] => {
            JourneyEvent::ScansText(text(2), (*symbology).to_owned())
        }
        ["nurse" | "witness", "scans", name] if *name != "\"" => JourneyEvent::Scans((*name).to_owned()),
        ["nurse" | "witness", "shows", name] => JourneyEvent::Shows((*name).to_owned()),
        ["nurse" | "witness", "types", "\""] => JourneyEvent::Types(text(2)),
        ["nurse" | "witness", "taps", "\""] => JourneyEvent::Taps(text(2)),
        ["nurse" | "witness", "writes", "\""] => JourneyEvent::Writes(text(2)),
        ["orders" | "drugs", ..] => JourneyEvent::Orders(orders_say(words, line)?),
        ["kiosk", "waits"] => JourneyEvent::Waits,
        ["kiosk", "restarts"] => JourneyEvent::Restarts,
        ["power", "fails"] => JourneyEvent::PowerFails,
        ["disk", "fails"] => JourneyEvent::DiskFails,
        ["disk", "works"] => JourneyEvent::DiskWorks,
        ["network", "fails"] => JourneyEvent::NetworkFails,
        ["network", "works"] => JourneyEvent::NetworkWorks,
        ["clock", "off", "\""] => JourneyEvent::ClockOff(text(2)),
        ["clock", "back", "\""] => JourneyEvent::ClockBack(text(2)),
        _ => return error(line, "an event that is not known", EVENTS),
    })
}

/// What other systems say: the order system, the laboratory, the pharmacy's drug file.
fn orders_say(words: &[Word], line: usize) -> Result<OrdersSay, JourneyError> {
    let text = |at: usize| words.get(at).map(|word| word.text().to_owned()).unwrap_or_default();
    let own = |word: &str| word.to_owned();
    let value = |ago| OrdersSay::Value { patient: text(2), what: text(3), value: text(4), ago };
    Ok(match shape(words).as_slice() {
        ["orders", "stop", id] => OrdersSay::Status(own(id), OrderChange::Stop),
        ["orders", "hold", id] => OrdersSay::Status(own(id), OrderChange::Hold),
        ["orders", "resume", id] => OrdersSay::Status(own(id), OrderChange::Resume),
        ["orders", "set" | "change", id, what, "\""] => OrdersSay::Set(own(id), own(what), text(4)),
        ["orders", "new", id, "like", model] => OrdersSay::New(own(id), own(model)),
        ["orders", "value" | "vital" | "lab", _, _, "\""] => value(None),
        ["orders", "value" | "vital" | "lab", _, _, "\"", "taken", "\"", "ago"] => value(Some(text(6))),
        ["orders", "nil-by-mouth", patient] => OrdersSay::NilByMouth(own(patient), true),
        ["orders", "food", patient] => OrdersSay::NilByMouth(own(patient), false),
        ["orders", "allergy", patient, "ingredient", "\""] => {
            OrdersSay::Allergy(own(patient), false, text(4))
        }
        ["orders", "allergy", patient, "class", "\""] => OrdersSay::Allergy(own(patient), true, text(4)),
        ["orders", "discharge", patient] => OrdersSay::Discharge(own(patient)),
        ["orders", "move", patient, "to", "\""] => OrdersSay::Move(own(patient), text(4)),
        ["orders", "band", patient, "\""] => OrdersSay::Band(own(patient), text(3)),
        ["orders", "merge", patient, "into", other] => OrdersSay::Merge(own(patient), own(other)),
        ["orders", "silent"] => OrdersSay::Silent,
        ["orders", "speak"] => OrdersSay::Speak,
        ["drugs", "set", item, what, "\""] => OrdersSay::Drug(own(item), own(what), text(4)),
        _ => return error(line, "an event that is not known", EVENTS),
    })
}

pub(super) fn expectation(words: &[Word], line: usize) -> Result<Expectation, JourneyError> {
    let text = |at: usize| words.get(at).map(|word| word.text().to_owned()).unwrap_or_default();
    let own = |word: &str| word.to_owned();
    Ok(match shape(words).as_slice() {
        ["screen", name] => Expectation::Screen(own(name)),
        ["verdict", class @ ("pass" | "question" | "stop")] => Expectation::Verdict(own(class)),
        ["finding", id, class] => Expectation::Finding(own(id), own(class)),
        ["no", "finding", id] => Expectation::NoFinding(own(id)),
        ["right", name, standing @ ("verified" | "attested" | "variance" | "open")] => {
            Expectation::Right(own(name), own(standing))
        }
        ["says", "\""] => Expectation::Says(text(1)),
        ["does", "not", "say", "\""] => Expectation::DoesNotSay(text(3)),
        ["recorded", "nothing"] => Expectation::RecordedNothing,
        ["recorded", kind] => Expectation::Recorded(own(kind)),
        ["given", request, count] => match count.parse() {
            Ok(count) => Expectation::Given(own(request), count),
            Err(_) => return error(line, format!("\"{count}\" is no number"), "write `given REQUEST 1`"),
        },
        ["ledger", "verifies"] => Expectation::LedgerVerifies,
        _ => return error(line, "an expectation that is not known", EXPECTATIONS),
    })
}
