//! The keys of a policy file: which field each sets, and what is allowed there. The ranges are ours: wide enough for any ward,
//! narrow enough that a slip of a unit or a digit is found.

use jiff::SignedDuration;
use rights::amount::Amount;
use rights::ident::{Ingredient, ObservationCode, ReasonCode, SiteCode};
use rights::policy::{OTHER, OnCall, Policy, ReasonList};
use rights::product::{Mark, Route};
use toml::de::DeValue;

use super::value::{Fault, codes, parse_amount, parse_time, show_time, text, texts};

/// One key.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

type Field<T> = fn(&mut Policy) -> &mut T;
type SetLine = fn(&mut Policy, &str, &DeValue<'_>) -> Result<(), Fault>;

/// What stands behind a key. Ranges include both ends.
pub(super) enum Kind {
    Time {
        field: Field<SignedDuration>,
        least: &'static str,
        most: &'static str,
        /// Why it may not be longer, where that does not go without saying.
        why: Option<&'static str>,
    },
    /// A decimal number with this unit; `scale` of it are one in the policy.
    Number {
        field: Field<Amount>,
        unit: &'static str,
        scale: i64,
        least: &'static str,
        most: &'static str,
    },
    Count {
        field: Field<u16>,
        least: u16,
        most: u16,
    },
    OnCall,
    Routes(Field<Vec<Route>>),
    Marks(Field<Vec<Mark>>),
    Reasons(Field<Vec<ReasonCode>>),
    Pairs,
    /// Tables, line by line.
    Ages,
    Sites,
    Lists,
}

macro_rules! keys {
    ($($name:ident: $kind:ident $(($($argument:expr),*))?,)+) => {
        /// Every key, in the order in which they are printed.
        pub(super) const KEYS: &[Key] = &[$(Key { name: stringify!($name), kind: keys!(@ $kind $name $(, $($argument),*)?) },)+];
    };
    (@ Time $name:ident, $least:expr, $most:expr) => {
        Kind::Time { field: |policy| &mut policy.$name, least: $least, most: $most, why: None }
    };
    (@ Window $name:ident, $most:expr, $why:expr) => {
        Kind::Time { field: |policy| &mut policy.$name, least: "1 min", most: $most, why: Some($why) }
    };
    (@ Share $name:ident, $least:expr, $most:expr) => {
        Kind::Number { field: |policy| &mut policy.$name, unit: "%", scale: 100, least: $least, most: $most }
    };
    (@ PumpRate $name:ident, $least:expr, $most:expr) => {
        Kind::Number { field: |policy| &mut policy.$name, unit: "mL/h", scale: 1, least: $least, most: $most }
    };
    (@ Count $name:ident, $least:expr, $most:expr) => {
        Kind::Count { field: |policy| &mut policy.$name, least: $least, most: $most }
    };
    (@ Routes $name:ident) => { Kind::Routes(|policy| &mut policy.$name) };
    (@ Marks $name:ident) => { Kind::Marks(|policy| &mut policy.$name) };
    (@ Reasons $name:ident) => { Kind::Reasons(|policy| &mut policy.$name) };
    (@ $kind:ident $name:ident) => { Kind::$kind };
}

// A dose may be given so long before and after its time without a word (T1), so that two that follow each other may come closer than they
// were ordered by twice as long. With a quarter of the shortest interval that a window is for, half of the interval stays between them; what
// is more often than every four hours has that quarter already. Time-critical doses have any interval: theirs is what clinical.md says.
const TIME_CRITICAL: &str =
    "shorten it: time-critical doses may be due every hour, and with more their windows would overlap";
const SEVERAL_DAILY: &str = "shorten it: it is also for doses that are due every 4 h, and with more two of them within their windows may be less than 2 h apart";
const DAILY: &str = "shorten it: it is also for doses that are due every 24 h, and with more two of them within their windows may be less than 12 h apart";

keys! {
    band_scan_lasts: Time("1 min", "30 min"),
    package_scan_lasts: Time("1 min", "60 min"),
    idle_after: Time("15 s", "15 min"),
    same_code_again: Time("200 ms", "10 s"),
    same_band_within: Time("10 s", "60 min"),
    near_name_edits: Count(0, 5),
    typed_band_lasts: Time("1 min", "60 min"),
    window_time_critical: Window("30 min", TIME_CRITICAL),
    window_frequent_most: Time("1 min", "2 h"),
    window_several_daily: Window("1 h", SEVERAL_DAILY),
    window_daily: Window("6 h", DAILY),
    early_share: Share("1 %", "100 %"),
    repeat_within: Time("0 min", "24 h"),
    daily_maximum_stop: Share("100 %", "200 %"),
    strict_as_needed: Marks,
    pain_reasons: Reasons,
    on_call: OnCall,
    vital_sign_lasts: Time("5 min", "24 h"),
    laboratory_lasts: Time("5 min", "7 d"),
    scale_value_lasts: Time("5 min", "4 h"),
    neonate_days: Count(1, 365),
    child_years: Count(1, 21),
    weight_lasts_neonate: Time("1 h", "7 d"),
    weight_lasts_child: Time("1 h", "90 d"),
    weight_lasts_adult: Time("1 h", "366 d"),
    weight_dose_tolerance: Share("0 %", "50 %"),
    pump_step: PumpRate("0.01 mL/h", "10 mL/h"),
    tube_routes: Routes,
    enteral_routes: Routes,
    contraindicated: Pairs,
    contraindicated_within: Time("1 h", "30 d"),
    witness_within: Time("10 s", "10 min"),
    waste_within: Time("1 min", "24 h"),
    break_glass_lasts: Time("1 min", "4 h"),
    order_link_within: Time("1 min", "24 h"),
    correct_within: Time("1 min", "24 h"),
    effect_after_iv: Time("1 min", "4 h"),
    effect_after_injection: Time("1 min", "4 h"),
    effect_after_oral: Time("1 min", "8 h"),
    effect_grace: Time("0 min", "4 h"),
    backdated_after: Time("1 min", "4 h"),
    backdated_most: Time("1 h", "7 d"),
    claim_answers_within: Time("100 ms", "30 s"),
    claim_lasts: Time("1 min", "60 min"),
    clock_warns: Time("1 s", "10 min"),
    clock_stops: Time("10 s", "60 min"),
    orders_stale: Time("1 min", "24 h"),
    orders_unusable: Time("1 min", "24 h"),
    other_note_characters: Count(1, 200),
    laboratory_ages: Ages,
    sites: Sites,
    reasons: Lists,
}

impl Kind {
    /// How a line of it is set, when it is a table.
    pub(super) const fn table(&self) -> Option<SetLine> {
        match self {
            Self::Ages => Some(set_age),
            Self::Sites => Some(set_sites),
            Self::Lists => Some(set_reasons),
            Self::Time { .. }
            | Self::Number { .. }
            | Self::Count { .. }
            | Self::OnCall
            | Self::Routes(_)
            | Self::Marks(_)
            | Self::Reasons(_)
            | Self::Pairs => None,
        }
    }

    /// Sets the field from a value that is no table.
    pub(super) fn set(&self, policy: &mut Policy, value: &DeValue<'_>) -> Result<(), Fault> {
        match self {
            Self::Time { field, least, most, why } => {
                *field(policy) = time(value, least, most).map_err(|fault| {
                    let why = why.filter(|_| too_long(value, most));
                    Fault { remedy: why.map_or(fault.remedy, str::to_owned), allowed: fault.allowed }
                })?;
            }
            Self::Number { field, unit, scale, least, most } => {
                *field(policy) = number(value, unit, *scale, least, most)?;
            }
            Self::Count { field, least, most } => *field(policy) = count(value, *least, *most)?,
            Self::OnCall => {
                let names = names(OnCall::ALL.iter().map(|one| one.name()));
                let found = text(value).and_then(OnCall::from_name);
                policy.on_call = found.ok_or_else(|| Fault::new(names, "choose one of them, in quotes"))?;
            }
            Self::Routes(field) => {
                *field(policy) =
                    codes(value, Route::from_name, &names(Route::ALL.iter().map(|one| one.name())))?;
            }
            Self::Marks(field) => {
                *field(policy) =
                    codes(value, Mark::from_name, &names(Mark::ALL.iter().map(|one| one.name())))?;
            }
            Self::Reasons(field) => *field(policy) = codes(value, reason, REASONS)?,
            Self::Pairs => policy.contraindicated = pairs(value)?,
            Self::Ages | Self::Sites | Self::Lists => {
                return Err(Fault::new("a table", "write it as the example does"));
            }
        }
        Ok(())
    }

    /// The value as TOML; of a table, its lines.
    pub(super) fn show(&self, policy: &Policy) -> String {
        let mut policy = policy.clone();
        let quoted = |texts: &mut dyn Iterator<Item = String>| {
            format!("[{}]", texts.map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(", "))
        };
        let lines =
            |lines: &mut dyn Iterator<Item = String>| lines.map(|line| line + "\n").collect::<String>();
        match self {
            Self::Time { field, .. } => format!("\"{}\"", show_time(*field(&mut policy))),
            Self::Number { field, unit, scale, .. } => {
                let amount = field(&mut policy).times(Amount::whole(*scale)).unwrap_or(Amount::ZERO);
                format!("\"{amount} {unit}\"")
            }
            Self::Count { field, .. } => field(&mut policy).to_string(),
            Self::OnCall => format!("\"{}\"", policy.on_call.name()),
            Self::Routes(field) => {
                quoted(&mut field(&mut policy).iter().map(|route| route.name().to_owned()))
            }
            Self::Marks(field) => quoted(&mut field(&mut policy).iter().map(|mark| mark.name().to_owned())),
            Self::Reasons(field) => quoted(&mut field(&mut policy).iter().map(ToString::to_string)),
            Self::Pairs => {
                let pairs = policy
                    .contraindicated
                    .iter()
                    .map(|(one, other)| format!("    [\"{one}\", \"{other}\"],\n"));
                format!("[\n{}]", pairs.collect::<String>())
            }
            Self::Ages => lines(
                &mut policy
                    .laboratory_ages
                    .iter()
                    .map(|(what, age)| format!("{what} = \"{}\"", show_time(*age))),
            ),
            Self::Sites => lines(&mut policy.sites.iter().map(|(route, sites)| {
                format!("{} = {}", route.name(), quoted(&mut sites.iter().map(ToString::to_string)))
            })),
            Self::Lists => lines(&mut policy.reasons.iter().map(|(list, reasons)| {
                format!("{} = {}", list.name(), quoted(&mut reasons.iter().map(ToString::to_string)))
            })),
        }
    }
}

fn too_long(value: &DeValue<'_>, most: &str) -> bool {
    text(value).and_then(parse_time).zip(parse_time(most)).is_some_and(|(told, most)| told > most)
}

const REASONS: &str = "reason codes in lower case, digits and hyphens";

fn names(all: impl Iterator<Item = &'static str>) -> String {
    all.collect::<Vec<_>>().join(", ")
}

fn time(value: &DeValue<'_>, least: &str, most: &str) -> Result<SignedDuration, Fault> {
    let found = text(value).and_then(parse_time);
    let inside = |time: &SignedDuration| {
        parse_time(least).is_some_and(|least| least <= *time)
            && parse_time(most).is_some_and(|most| *time <= most)
    };
    let remedy = "write a whole number and ms, s, min, h or d in quotes, such as \"30 min\"";
    found.filter(inside).ok_or_else(|| Fault::new(format!("{least} to {most}"), remedy))
}

fn number(value: &DeValue<'_>, unit: &str, scale: i64, least: &str, most: &str) -> Result<Amount, Fault> {
    let found = text(value).and_then(|text| parse_amount(text, unit));
    let inside = |amount: &Amount| {
        parse_amount(least, unit).is_some_and(|least| least <= *amount)
            && parse_amount(most, unit).is_some_and(|most| *amount <= most)
    };
    let fault = || {
        let remedy = format!("write a number and {unit} in quotes, such as \"{least}\"");
        Fault::new(format!("{least} to {most}"), remedy)
    };
    found.filter(inside).and_then(|amount| amount.over(Amount::whole(scale))).ok_or_else(fault)
}

fn count(value: &DeValue<'_>, least: u16, most: u16) -> Result<u16, Fault> {
    let found = value
        .as_integer()
        .filter(|number| number.radix() == 10)
        .and_then(|number| number.as_str().parse().ok());
    let inside = |count: &u16| (least..=most).contains(count);
    found
        .filter(inside)
        .ok_or_else(|| Fault::new(format!("{least} to {most}"), "write a whole number without quotes"))
}

/// Codes are words for machines: letters in lower case, digits, hyphens.
fn reason(text: &str) -> Option<ReasonCode> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.bytes().all(plain).then(|| ReasonCode::parse(text).ok())?
}

fn pairs(value: &DeValue<'_>) -> Result<Vec<(Ingredient, Ingredient)>, Fault> {
    let fault =
        |remedy: String| Fault::new("a list of pairs of two different ingredients in lower case", remedy);
    let wrong = || fault("write each as [\"one\", \"other\"]".to_owned());
    let mut found: Vec<(Ingredient, Ingredient)> = Vec::new();
    for pair in value.as_array().ok_or_else(wrong)? {
        let names = texts(pair.get_ref()).ok_or_else(wrong)?;
        let [one, other] = names.as_slice() else { return Err(wrong()) };
        let parse = |name: &str| {
            let lower = !name.chars().any(char::is_uppercase);
            lower.then(|| Ingredient::parse(name).ok()).flatten()
        };
        match (parse(one), parse(other)) {
            (Some(a), Some(b)) if a != b => {
                if found.iter().any(|(x, y)| (*x == a && *y == b) || (*x == b && *y == a)) {
                    return Err(fault(format!("remove the second pair of {one} and {other}")));
                }
                found.push((a, b));
            }
            _ => return Err(fault(format!("correct the pair of {one} and {other}"))),
        }
    }
    Ok(found)
}

fn set_age(policy: &mut Policy, name: &str, value: &DeValue<'_>) -> Result<(), Fault> {
    let remedy = "use a name of the observation table, such as potassium";
    let what = ObservationCode::parse(name).map_err(|_| Fault::new("names of laboratory values", remedy))?;
    let age = time(value, "5 min", "7 d")?;
    policy.laboratory_ages.retain(|(known, _)| *known != what);
    policy.laboratory_ages.push((what, age));
    Ok(())
}

fn set_sites(policy: &mut Policy, name: &str, value: &DeValue<'_>) -> Result<(), Fault> {
    let allowed = names(Route::ALL.iter().map(|route| route.name()));
    let route = Route::from_name(name).ok_or_else(|| Fault::new(allowed, "use the name of a route"))?;
    let sites = codes(value, |code| SiteCode::parse(code).ok(), "site codes, such as left-deltoid")?;
    policy.sites.retain(|(known, _)| *known != route);
    // A route without sites needs none.
    if !sites.is_empty() {
        policy.sites.push((route, sites));
    }
    Ok(())
}

fn set_reasons(policy: &mut Policy, name: &str, value: &DeValue<'_>) -> Result<(), Fault> {
    let allowed = names(ReasonList::ALL.iter().map(|list| list.name()));
    let list =
        ReasonList::from_name(name).ok_or_else(|| Fault::new(allowed, "use the name of a reason list"))?;
    let reasons = codes(value, reason, REASONS)?;
    let other = reasons.iter().position(|reason| reason.as_str() == OTHER);
    if reasons.is_empty() || other.is_some_and(|at| at + 1 != reasons.len()) {
        let allowed = format!("at least one reason, \"{OTHER}\" last where it stands");
        return Err(Fault::new(allowed, "add a reason, or move \"other\" to the end"));
    }
    match policy.reasons.iter_mut().find(|(known, _)| *known == list) {
        Some((_, held)) => *held = reasons,
        None => policy.reasons.push((list, reasons)),
    }
    Ok(())
}

/// What is allowed by itself and not together: the key, its value, and what is allowed beside the other one.
pub(super) fn contradictions(policy: &Policy) -> Vec<(&'static str, String, Fault)> {
    let mut found = Vec::new();
    let mut below = |lesser: (&'static str, SignedDuration), greater: (&'static str, SignedDuration)| {
        if lesser.1 > greater.1 {
            let allowed = format!("at most {} ({})", greater.0, show_time(greater.1));
            let value = format!("\"{}\"", show_time(lesser.1));
            found.push((lesser.0, value, Fault::new(allowed, "change one of the two")));
        }
    };
    below(("clock_warns", policy.clock_warns), ("clock_stops", policy.clock_stops));
    below(("orders_stale", policy.orders_stale), ("orders_unusable", policy.orders_unusable));
    below(("backdated_after", policy.backdated_after), ("backdated_most", policy.backdated_most));
    below(
        ("window_time_critical", policy.window_time_critical),
        ("window_several_daily", policy.window_several_daily),
    );
    below(("window_several_daily", policy.window_several_daily), ("window_daily", policy.window_daily));
    below(
        ("weight_lasts_neonate", policy.weight_lasts_neonate),
        ("weight_lasts_child", policy.weight_lasts_child),
    );
    below(
        ("weight_lasts_child", policy.weight_lasts_child),
        ("weight_lasts_adult", policy.weight_lasts_adult),
    );
    if let Some(stray) =
        policy.pain_reasons.iter().find(|reason| !policy.reasons(ReasonList::AsNeeded).contains(reason))
    {
        let fault = Fault::new(
            "reasons of the list as_needed",
            format!("add {stray} to reasons.as_needed, or remove it here"),
        );
        found.push(("pain_reasons", format!("\"{stray}\""), fault));
    }
    found
}
