//! The site's policy file.

use std::path::PathBuf;

use exchange::policy::{self, MOST_BYTES, PolicyFileError, Problem};
use jiff::SignedDuration;
use proptest::prelude::*;
use rights::amount::Amount;
use rights::policy::{OnCall, Policy, ReasonList};
use rights::product::{Mark, Route};

fn read(text: &str) -> Policy {
    policy::read("policy.toml", text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

fn problems(text: &str) -> Vec<Problem> {
    match policy::read("policy.toml", text.as_bytes()) {
        Err(PolicyFileError::Values { problems, .. }) => problems,
        other => panic!("{text}: {other:?}"),
    }
}

fn example() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/ward-3b/policy.toml")
}

/// The example is the documentation: every key stands in it, each with its default.
#[test]
fn the_example_holds_every_key_with_its_default() {
    assert_eq!(policy::read_file(&example()).unwrap(), Policy::default());
    let text = std::fs::read_to_string(example()).unwrap();
    let keys = |text: &str| -> Vec<String> {
        let named = |line: &str| line.split_once(" = ").map(|(key, _)| key.trim().to_owned());
        let mut keys: Vec<String> =
            text.lines().filter(|line| !line.starts_with('#')).filter_map(named).collect();
        keys.sort_unstable();
        keys
    };
    assert_eq!(keys(&text), keys(&policy::print(&Policy::default())));
}

/// A field without a key could not be set by a site: this stops compiling when `Policy` grows, and the numbers differ when the
/// table of keys does not.
#[test]
fn every_field_of_the_policy_has_a_key() {
    let printed = policy::print(&Policy::default());
    macro_rules! keys {
        ($($field:ident),+ $(,)?) => {{
            let Policy { $($field: _),+ } = Policy::default();
            [$(stringify!($field)),+]
        }};
    }
    let fields = keys![
        backdated_after,
        backdated_most,
        band_scan_lasts,
        break_glass_lasts,
        child_years,
        claim_answers_within,
        claim_lasts,
        clock_stops,
        clock_warns,
        contraindicated,
        contraindicated_within,
        correct_within,
        daily_maximum_stop,
        early_share,
        effect_after_injection,
        effect_after_iv,
        effect_after_oral,
        effect_grace,
        enteral_routes,
        idle_after,
        laboratory_ages,
        laboratory_lasts,
        near_name_edits,
        neonate_days,
        on_call,
        order_link_within,
        orders_stale,
        orders_unusable,
        other_note_characters,
        package_scan_lasts,
        pain_reasons,
        pump_step,
        reasons,
        repeat_within,
        same_band_within,
        same_code_again,
        scale_value_lasts,
        sites,
        strict_as_needed,
        tube_routes,
        typed_band_lasts,
        vital_sign_lasts,
        waste_within,
        weight_dose_tolerance,
        weight_lasts_adult,
        weight_lasts_child,
        weight_lasts_neonate,
        window_daily,
        window_frequent_most,
        window_several_daily,
        window_time_critical,
        witness_within
    ];
    for field in fields {
        let key = printed
            .lines()
            .any(|line| line.starts_with(&format!("{field} = ")) || line == format!("[{field}]"));
        assert!(key, "{field} has no key");
    }
}

#[test]
fn an_empty_file_is_the_default_and_each_key_stands_alone() {
    assert_eq!(read(""), Policy::default());
    assert_eq!(read("\u{FEFF}# nothing\n"), Policy::default());
    let changed = read(
        "window_daily = \"90 min\"\nearly_share = \"62.5 %\"\nnear_name_edits = 3\non_call = \"each_call\"\npump_step = \"0.05 mL/h\"\n\
         tube_routes = []\nstrict_as_needed = [\"opioid\"]\ncontraindicated = [[\"warfarin sodium\", \"aspirin\"]]\n\
         [laboratory_ages]\nlithium = \"12 h\"\n[sites]\niv = [\"left-forearm\"]\nsubcut = []\n[reasons]\nlate = [\"rounds\", \"other\"]\n",
    );
    assert_eq!(changed.window_daily, SignedDuration::from_mins(90));
    assert_eq!(changed.early_share, Amount::fraction(5, 8).unwrap());
    assert_eq!((changed.near_name_edits, changed.on_call), (3, OnCall::EachCall));
    assert_eq!(changed.pump_step, Amount::fraction(1, 20).unwrap());
    assert!(changed.tube_routes.is_empty());
    assert_eq!(changed.strict_as_needed, [Mark::Opioid]);
    assert_eq!(changed.contraindicated.len(), 1, "a list replaces the default");
    let ages: Vec<&str> = changed.laboratory_ages.iter().map(|(what, _)| what.as_str()).collect();
    assert_eq!(ages, ["glucose", "lithium"], "a table adds to the defaults");
    assert_eq!(changed.sites_of(Route::Intravenous).len(), 1);
    assert!(changed.sites_of(Route::Subcutaneous).is_empty());
    assert_eq!(changed.reasons(ReasonList::Late).len(), 2);
    assert_eq!(changed.reasons(ReasonList::Early), Policy::default().reasons(ReasonList::Early));
}

/// Each refusal names the line, the key, the value, what is allowed, and what to do.
#[test]
fn unknown_keys_wrong_units_and_values_out_of_range_are_refused() {
    for (line, key, value, allowed) in [
        ("window_dayly = \"90 min\"", "window_dayly", "\"90 min\"", "docs/operating.md"),
        ("window_daily = 90", "window_daily", "90", "1 min to 6 h"),
        ("window_daily = \"90\"", "window_daily", "\"90\"", "1 min to 6 h"),
        ("window_daily = \"90 mg\"", "window_daily", "\"90 mg\"", "1 min to 6 h"),
        ("window_daily = \"361 min\"", "window_daily", "\"361 min\"", "1 min to 6 h"),
        ("window_daily = \"59 s\"", "window_daily", "\"59 s\"", "1 min to 6 h"),
        ("window_daily = [\"1 h\"]", "window_daily", "a list", "1 min to 6 h"),
        ("early_share = 0.75", "early_share", "0.75", "1 % to 100 %"),
        ("early_share = \"75\"", "early_share", "\"75\"", "1 % to 100 %"),
        ("daily_maximum_stop = \"99 %\"", "daily_maximum_stop", "\"99 %\"", "100 % to 200 %"),
        ("pump_step = \"0.1 mL\"", "pump_step", "\"0.1 mL\"", "0.01 mL/h to 10 mL/h"),
        ("near_name_edits = \"2\"", "near_name_edits", "\"2\"", "0 to 5"),
        ("near_name_edits = 6", "near_name_edits", "6", "0 to 5"),
        ("near_name_edits = -1", "near_name_edits", "-1", "0 to 5"),
        ("near_name_edits = 0x2", "near_name_edits", "2", "0 to 5"),
        ("on_call = \"twice\"", "on_call", "\"twice\"", "once, each_call"),
        ("enteral_routes = [\"mouth\"]", "enteral_routes", "a list", "oral"),
        ("enteral_routes = [\"oral\", \"oral\"]", "enteral_routes", "a list", "each only once"),
        ("enteral_routes = \"oral\"", "enteral_routes", "\"oral\"", "a list of"),
        ("strict_as_needed = [1]", "strict_as_needed", "a list", "a list of"),
        ("pain_reasons = [\"Pain\"]", "pain_reasons", "a list", "lower case"),
        ("pain_reasons = [\"hunger\"]", "pain_reasons", "\"hunger\"", "list as_needed"),
        ("contraindicated = [[\"a\"]]", "contraindicated", "a list", "pairs"),
        ("contraindicated = [[\"a\", \"a\"]]", "contraindicated", "a list", "two different"),
        ("contraindicated = [[\"a\", \"b\"], [\"b\", \"a\"]]", "contraindicated", "a list", "pairs"),
        ("contraindicated = [[\"Warfarin\", \"b\"]]", "contraindicated", "a list", "lower case"),
        ("reasons = [\"x\"]", "reasons", "a list", "a table [reasons]"),
        ("reasons.soon = [\"x\"]", "reasons.soon", "a list", "early, late"),
        ("reasons.early = []", "reasons.early", "a list", "at least one reason"),
        ("reasons.early = [\"other\", \"x\"]", "reasons.early", "a list", "\"other\" last"),
        ("laboratory_ages.potassium = \"8 d\"", "laboratory_ages.potassium", "\"8 d\"", "5 min to 7 d"),
        ("sites.arm = [\"left\"]", "sites.arm", "a list", "subcut"),
        ("sites.im = [\"\"]", "sites.im", "a list", "site codes"),
        ("clock_warns = \"6 min\"", "clock_warns", "\"6 min\"", "at most clock_stops (5 min)"),
        ("orders_unusable = \"30 min\"", "orders_stale", "\"1 h\"", "at most orders_unusable (30 min)"),
        ("window_daily = \"10 min\"", "window_several_daily", "\"1 h\"", "at most window_daily (10 min)"),
    ] {
        let found = problems(&format!("# a comment\n{line}\n"));
        let [problem] = found.as_slice() else { panic!("{line}: {found:?}") };
        assert_eq!((problem.key.as_str(), problem.value.as_str()), (key, value), "{line}");
        assert!(problem.allowed.contains(allowed), "{line}: {problem}");
        assert!(!problem.remedy.is_empty());
        assert!(problem.line == 2 || !line.starts_with(key), "{problem}");
    }
}

/// T1: within their windows two doses never come closer than half of what was ordered between them, whatever a site allows. With `4 h` the
/// 08:00 dose of every 6 h could be given at 11:55 and that of 14:00 at 12:05, and no check said a word.
#[test]
fn t1_windows_that_let_two_doses_meet_are_refused_with_the_reason() {
    for (key, most, beyond, why) in [
        ("window_time_critical", "30 min", "31 min", "would overlap"),
        (
            "window_several_daily",
            "1 h",
            "4 h",
            "every 4 h, and with more two of them within their windows may be less than 2 h",
        ),
        (
            "window_daily",
            "6 h",
            "12 h",
            "every 24 h, and with more two of them within their windows may be less than 12 h",
        ),
    ] {
        let longest = read(&format!("{key} = \"{most}\"\n"));
        assert_eq!(read(&policy::print(&longest)), longest);
        let found = problems(&format!("{key} = \"{beyond}\"\n"));
        let [problem] = found.as_slice() else { panic!("{key}: {found:?}") };
        assert_eq!((problem.key.as_str(), problem.value.clone()), (key, format!("\"{beyond}\"")));
        assert_eq!(problem.allowed, format!("1 min to {most}"));
        assert!(problem.remedy.contains(why), "{problem}");
        // What is no time at all is told how times are written.
        let [problem] = &problems(&format!("{key} = 90\n"))[..] else { panic!("{key}") };
        assert!(problem.remedy.contains("write a whole number"), "{problem}");
    }
}

#[test]
fn all_faults_of_a_file_are_listed_by_line_and_nothing_is_taken_over() {
    let text = "idle_after = \"1 h\"\nwindow_daily = \"2 h\"\nwindow_daly = 1\n[reasons]\nlate = []\n";
    let found: Vec<(usize, String)> = problems(text).into_iter().map(|one| (one.line, one.key)).collect();
    assert_eq!(found, [(1, "idle_after".into()), (3, "window_daly".into()), (5, "reasons.late".into())]);
    let error = policy::read("/etc/policy.toml", text.as_bytes()).unwrap_err().to_string();
    assert_eq!(error.lines().count(), 3);
    assert!(error.lines().all(|line| line.starts_with("/etc/policy.toml: line ")), "{error}");
    assert!(
        error.contains("line 1: idle_after is \"1 h\", allowed are 15 s to 15 min: write a whole number"),
        "{error}"
    );
}

#[test]
fn what_is_no_policy_file_is_refused_whole() {
    let read = |bytes: &[u8]| policy::read("p.toml", bytes).unwrap_err();
    assert!(matches!(
        read(b"idle_after = \"1 min\"\nidle_after = \"2 min\"\n"),
        PolicyFileError::Syntax { line: 2, .. }
    ));
    assert!(matches!(read(b"\n\nidle_after = = 1\n"), PolicyFileError::Syntax { line: 3, .. }));
    assert!(matches!(read(b"idle = \"\xFF\""), PolicyFileError::Encoding { at: 8, .. }));
    assert!(matches!(read(&vec![b'#'; MOST_BYTES + 1]), PolicyFileError::TooLarge { .. }));
    let missing = policy::read_file(&example().with_file_name("no-policy.toml")).unwrap_err();
    assert!(matches!(&missing, PolicyFileError::Unreadable { .. }), "{missing}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// What is printed is read as the same policy.
    #[test]
    fn printing_is_the_inverse_of_reading(
        daily in 121_i64..=360,
        idle in 15_i64..=900,
        tenths in 10_i64..=1000,
        edits in 0_u16..=5,
        routes in prop::sample::subsequence(Route::ALL.to_vec(), 0..Route::ALL.len()),
    ) {
        let policy = Policy {
            window_daily: SignedDuration::from_mins(daily),
            idle_after: SignedDuration::from_secs(idle),
            early_share: Amount::fraction(tenths, 1000).unwrap(),
            near_name_edits: edits,
            enteral_routes: routes,
            ..Policy::default()
        };
        prop_assert_eq!(policy::read("p", policy::print(&policy).as_bytes()), Ok(policy));
    }

    #[test]
    fn any_text_is_taken_without_panic(text in "\\PC{0,200}", key in prop::sample::select(vec!["idle_after", "reasons", "sites", "contraindicated"])) {
        let _ = policy::read("p", text.as_bytes());
        let _ = policy::read("p", format!("{key} = {text}").as_bytes());
    }
}
