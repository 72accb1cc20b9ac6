//! Acknowledgements (original mode, v2.5.1 section 2.9): written for what comes in, read for what went out.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::er7::Message;
use super::time;

/// What an acknowledgement says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AckCode {
    /// Done; it is durable.
    Accept,
    /// It cannot be done; a person has to look.
    Error,
    /// Not now, or not here.
    Reject,
}

impl AckCode {
    /// `AA`, `AE`, `AR`; the codes of enhanced mode (`CA` ..) mean the same to us.
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "AA" | "CA" => Some(Self::Accept),
            "AE" | "CE" => Some(Self::Error),
            "AR" | "CR" => Some(Self::Reject),
            _ => None,
        }
    }

    /// The code in MSA-1.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Accept => "AA",
            Self::Error => "AE",
            Self::Reject => "AR",
        }
    }
}

/// Writes the acknowledgement of a message, or of bytes that could not even be read as one. `problem` is place and text for ERR.
pub fn write(
    message: Option<&Message>,
    code: AckCode,
    problem: Option<(&str, &str)>,
    now: Timestamp,
    zone: &TimeZone,
) -> String {
    let delimiters = message.map_or_else(super::er7::Delimiters::default, Message::delimiters);
    let field = delimiters.field;
    let raw = |number: usize| message.map_or("", |message| message.header().raw(number)).to_owned();
    let control = raw(10);
    let version = if raw(12).is_empty() { "2.5.1".to_owned() } else { raw(12) };
    let processing = if raw(11).is_empty() { "P".to_owned() } else { raw(11) };
    let component = delimiters.component;
    let marks: String =
        [component, delimiters.repetition, delimiters.escape, delimiters.subcomponent].iter().collect();
    let trigger = message.map(|message| message.header().field(9).component(2)).unwrap_or_default();
    let kind = if trigger.is_empty() {
        "ACK".to_owned()
    } else {
        format!("ACK{component}{}{component}ACK", delimiters.escape(&trigger))
    };
    let id = format!("A{}", control.chars().take(18).collect::<String>());
    let header = [
        "MSH".to_owned(),
        marks,
        raw(5),
        raw(6),
        raw(3),
        raw(4),
        time::print(now, zone),
        String::new(),
        kind,
        id,
        processing,
        version,
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        "UNICODE UTF-8".to_owned(),
    ];
    let join = |fields: &[String]| fields.join(&field.to_string());
    let mut text = join(&header);
    text.push('\r');
    let said = problem.map_or(String::new(), |(_, text)| delimiters.escape(text));
    text.push_str(&join(&["MSA".to_owned(), code.code().to_owned(), control, said.clone()]));
    text.push('\r');
    if let Some((place, _)) = problem {
        // ERR-2 location (segment^sequence^field), ERR-3 code of table 0357, ERR-4 severity, ERR-8 text for people.
        let (segment, number) = place.split_once('-').unwrap_or((place, ""));
        let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
        let location = format!("{}{component}1{component}{digits}", delimiters.escape(segment));
        let hl7_code = format!("207{component}Application internal error{component}HL70357");
        let empty = String::new;
        let err =
            ["ERR".to_owned(), empty(), location, hl7_code, "E".to_owned(), empty(), empty(), empty(), said];
        text.push_str(&join(&err));
        text.push('\r');
    }
    text
}

/// What came back for a message that we sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it says.
    pub code: AckCode,
    /// MSA-2: to which message.
    pub control_id: String,
    /// MSA-3 and ERR-8, for a person.
    pub text: String,
}

/// Reads an acknowledgement.
///
/// # Errors
/// When it is none: the message counts as not answered.
pub fn read(bytes: &[u8]) -> Result<Answer, String> {
    let message = Message::read(bytes).map_err(|error| error.to_string())?;
    let msa = message.segment("MSA").ok_or("the answer has no MSA")?;
    let code = AckCode::parse(&msa.text(1)).ok_or("MSA-1 is none of AA, AE, AR")?;
    let mut text = vec![msa.text(3)];
    text.extend(message.segment("ERR").map(|err| err.text(8)));
    text.retain(|part| !part.is_empty());
    Ok(Answer { code, control_id: msa.text(2), text: text.join("; ") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acknowledgement_reads_back_with_the_senders_delimiters() {
        let message =
            Message::read(b"MSH#*~\\&#CPOE#GEN#BCMA#3B#20261130080000##RDE*O11#77#P#2.5.1\rPID#1\r").unwrap();
        let now = "2026-11-30T13:00:00Z".parse().unwrap();
        let text =
            write(Some(&message), AckCode::Error, Some(("ORC-1", "code ZZ # unknown")), now, &TimeZone::UTC);
        assert!(text.starts_with("MSH#*~\\&#BCMA#3B#CPOE#GEN#20261130130000+0000##ACK*O11*ACK#A77#P#2.5.1#"));
        let answer = read(text.as_bytes()).unwrap();
        assert_eq!((answer.code, answer.control_id.as_str()), (AckCode::Error, "77"));
        assert!(answer.text.contains("code ZZ # unknown") && text.contains("ERR##ORC*1*1#"));
        assert!(read(b"MSH|^~\\&|A\r").is_err());
        assert!(Message::read(write(None, AckCode::Reject, None, now, &TimeZone::UTC).as_bytes()).is_ok());
    }
}
