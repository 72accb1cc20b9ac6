//! `kiosk`: the bedside device, its demo, and the player of journeys.

mod cli;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{CommandFactory, Parser, Subcommand};
use cli::{check, pins};
use jiff::Timestamp;
use jiff::civil::Date;
use kiosk::clock::{Clock, DemoClock, SystemClock};
use kiosk::codes::{Codes, PrintedCode};
use kiosk::config::{Config, OrderSource};
use kiosk::device::{Device, Site};
use kiosk::feeds::Feeds;
use kiosk::pin::Cost;
use kiosk::recorder::Recorder;
use kiosk::run::{self, CameraChoice, HandScannerChoice, LiveOrders, OrderFeed, Parts};
use kiosk::view::{CameraState, Mode, Surroundings, Technical};
use kiosk::ward::{self, OrderFiles, StaffFiles, Ward, WardFiles};
use kiosk::{audit, clock, config, demo, origin, replay};
use rights::ident::WardId;

/// Bedside medication administration: scan the badge, the wristband and the medication; the kiosk checks the five rights and
/// records every administration and every attempt in a ledger that anybody can verify.
#[derive(Parser)]
#[command(name = "kiosk", version, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  kiosk demo                                  the demo ward in a window, with a tray of things to scan
  kiosk demo --camera 0                       the same with a real camera
  kiosk demo --headless demo-out              the demo shift as pictures, a transcript and a ledger
  kiosk train --ledger training               learning at the device: invented patients, a ledger of its own
  kiosk replay fixtures/journeys/*.journey    play journeys; exit 1 when one differs
  kiosk set-pins --config kiosk.toml pins.csv hash PINs, so that none stands in the clear
  kiosk check-config kiosk.toml
  kiosk run --config kiosk.toml

Exit codes: 0 fine, 1 a journey differs or the demo's ledger does not verify, 2 could not do it, 64 usage.";

#[derive(Subcommand)]
enum Command {
    /// The demo ward.
    Demo {
        /// Without a window: pictures, transcript and ledger into this new folder.
        #[arg(long, value_name = "DIR")]
        headless: Option<PathBuf>,
        /// The number of a camera; without it, things are taken from the tray.
        #[arg(long, value_name = "N", conflicts_with = "headless")]
        camera: Option<u32>,
        /// The folder of the demo ward.
        #[arg(long, value_name = "DIR", default_value = "fixtures/ward-3b")]
        ward: PathBuf,
        /// The folder of the demo's ledger (in a window); made when it is new.
        #[arg(long, value_name = "DIR", conflicts_with = "headless")]
        ledger: Option<PathBuf>,
    },
    /// Training: the demo ward, visibly other, with a ledger that can never be taken for a real one.
    Train {
        /// The folder of the training ledger; made when it is new. A real ledger is refused.
        #[arg(long, value_name = "DIR")]
        ledger: PathBuf,
        /// The number of a camera; without it, things are taken from the tray.
        #[arg(long, value_name = "N")]
        camera: Option<u32>,
        /// A hand scanner that types, taken as a device of its own, such as `/dev/kiosk-scanner`; without it one is heard through the window.
        #[arg(long, value_name = "PATH")]
        scanner: Option<PathBuf>,
        /// The folder of the ward that is trained with.
        #[arg(long, value_name = "DIR", default_value = "fixtures/ward-3b")]
        ward: PathBuf,
    },
    /// The bedside device.
    Run {
        /// Its configuration.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Plays journey files through the same shell with a real ledger.
    Replay {
        /// One JSON line a journey.
        #[arg(long)]
        json: bool,
        /// Keeps the ledger in this new folder (one journey only).
        #[arg(long, value_name = "DIR")]
        ledger: Option<PathBuf>,
        /// Journey files.
        #[arg(required = true, value_name = "JOURNEY")]
        journeys: Vec<PathBuf>,
    },
    /// Hashes PINs into the file that the configuration names as `pins`; those of others stay as they are.
    SetPins {
        /// The configuration.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// A table with the columns `id,pin`; `-` reads it from standard input, so that it never lies on the device.
        #[arg(value_name = "CSV")]
        table: PathBuf,
    },
    /// Checks a configuration and everything it names.
    CheckConfig {
        /// Of what was refused only the places and how much it is, for a journal: no record, and no reason that could name one.
        #[arg(long)]
        places: bool,
        /// The configuration.
        #[arg(value_name = "FILE")]
        config: PathBuf,
    },
    /// Prints shell completions.
    #[command(hide = true)]
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Prints the manual page.
    #[command(hide = true)]
    Man,
}

fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_env("KIOSK_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let arguments = match Arguments::try_parse().and_then(one_ledger_of_one_journey) {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 64 } else { 0 });
        }
    };
    match carry_out(arguments.command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("kiosk: {}", in_one_line(&error));
            ExitCode::from(2)
        }
    }
}

/// What the usage of `replay` says and its options alone cannot.
fn one_ledger_of_one_journey(arguments: Arguments) -> Result<Arguments, clap::Error> {
    match &arguments.command {
        Command::Replay { ledger: Some(_), journeys, .. } if journeys.len() > 1 => {
            let said = "--ledger DIR keeps the ledger of one journey only";
            Err(Arguments::command().error(clap::error::ErrorKind::TooManyValues, said))
        }
        _ => Ok(arguments),
    }
}

/// The error with its causes; a cause that the text before tells already is not repeated.
fn in_one_line(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |told, cause| match cause.to_string() {
        cause if told.contains(&cause) => told,
        cause if told.is_empty() => cause,
        cause => format!("{told}: {cause}"),
    })
}

/// False is a negative finding.
fn carry_out(command: Command) -> anyhow::Result<bool> {
    match command {
        Command::Demo { headless: Some(folder), ward, .. } => demo_headless(&ward, &folder),
        Command::Demo { headless: None, camera, ward, ledger } => {
            practice(&Practice::demo(), &ward, camera, None, ledger)
        }
        Command::Train { ledger, camera, scanner, ward } => {
            let scanner = scanner.map(HandScannerChoice::Keyboard);
            practice(&Practice::training(), &ward, camera, scanner, Some(ledger))
        }
        Command::Run { config } => run_device(&config).map(|()| true),
        Command::Replay { json, ledger, journeys } => replay_all(&journeys, ledger.as_deref(), json),
        Command::SetPins { config, table } => pins::set(&config::read(&config)?, &table, random()),
        Command::CheckConfig { places, config } => check::check(&config, places),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Arguments::command(), "kiosk", &mut std::io::stdout());
            Ok(true)
        }
        Command::Man => {
            clap_mangen::Man::new(Arguments::command()).render(&mut std::io::stdout())?;
            Ok(true)
        }
    }
}

fn demo_headless(ward: &Path, folder: &Path) -> anyhow::Result<bool> {
    let played = demo::headless(ward, folder).context("the demo shift could not be played")?;
    let transcript = folder.join("transcript.txt");
    print!("{}", std::fs::read_to_string(&transcript).with_context(|| transcript.display().to_string())?);
    for difference in &played.differences {
        println!("line {}: {}", difference.line, difference.problem);
    }
    let ledger = folder.join("ledger");
    let verified = audit::verify(&ledger);
    match &verified {
        Ok(()) => println!("\nledger verified: {}", ledger.display()),
        Err(problem) => println!("\n{problem}"),
    }
    println!("{} pictures, transcript.txt and ledger/ are in {}", played.seen.len(), folder.display());
    Ok(played.differences.is_empty() && verified.is_ok())
}

/// The demo's morning: Monday 30 November 2026, 09:01 in New York.
const DEMO_START: &str = "2026-11-30T09:01:00-05:00";
const DEMO_ZONE: &str = "America/New_York";

/// The demo, or training: the same invented ward, each with its own ledgers.
struct Practice {
    mode: Mode,
    origin: &'static str,
    name: &'static str,
}

impl Practice {
    const fn demo() -> Self {
        Self { mode: Mode::Demo, origin: "demo.example/3b/kiosk-01/g1", name: "demo" }
    }

    const fn training() -> Self {
        Self { mode: Mode::Training, origin: "training.example/3b/kiosk-01/g1", name: "training" }
    }
}

fn practice(
    practice: &Practice,
    folder: &Path,
    camera: Option<u32>,
    scanner: Option<HandScannerChoice>,
    ledger: Option<PathBuf>,
) -> anyhow::Result<bool> {
    let name = practice.name;
    origin::check(practice.origin, Some(practice.mode))?;
    let zone = ward::zone(DEMO_ZONE)?;
    let start: Timestamp = DEMO_START.parse()?;
    let clock = DemoClock::starting_at(start, zone.clone());
    let orders =
        ["ward-3b", "onc-36", "onc-37"].map(|name| folder.join(format!("orders/{name}.json"))).to_vec();
    let files = WardFiles {
        orders: OrderFiles { orders, drugs: folder.join("drugs") },
        staff: StaffFiles {
            staff: folder.join("staff.csv"),
            policy: Some(folder.join("policy.toml")).filter(|path| path.exists()),
        },
    };
    let loaded = ward::load(&files, &zone, clock.moment().date())
        .with_context(|| format!("the demo ward in {} (name another with --ward)", folder.display()))?;
    let temporary = tempfile::tempdir()?;
    let ledger = ledger.unwrap_or_else(|| temporary.path().join("ledger"));
    let recorder = Recorder::open(&ledger, practice.origin, true, &loaded.policy, &clock.evidence())?;
    let site = Site {
        ward: WardId::parse("3B")?,
        zone: zone.clone(),
        policy: loaded.policy,
        formulary: loaded.formulary,
        alone: true,
    };
    // Doses and wrong PINs of an earlier practice are not recalled: each begins at the same instant of a clock of its own, and would find
    // them in its future.
    let pins = ward::hash_pins(&loaded.pins, b"demo", Cost::Demo, || [1; 16])?;
    let place = surroundings("3B", "kiosk-01", practice.origin, Some(practice.mode));
    let device = Device::new(site, loaded.chart, pins, place, random());
    let reads_prints = camera.is_some() || scanner.is_some();
    let tray: Vec<PrintedCode> = if reads_prints {
        Vec::new()
    } else {
        Codes::read(&folder.join("codes.csv"))?.iter().cloned().collect()
    };
    eprintln!("{name}: sign on with badge-alvarez, PIN 2468; the ledger is in {}", ledger.display());
    run::run(Parts {
        camera: camera.map_or(CameraChoice::None, CameraChoice::Number),
        tray,
        scanner,
        // A tray is a window beside it.
        fullscreen: practice.mode == Mode::Training && reads_prints,
        ..Parts::bare(device, recorder, Box::new(clock), zone)
    })?;
    let verified = audit::verify(&ledger);
    match &verified {
        Ok(()) => eprintln!("{name}: the ledger verifies"),
        Err(problem) => eprintln!("{name}: {problem}"),
    }
    Ok(verified.is_ok())
}

fn run_device(path: &Path) -> anyhow::Result<()> {
    run::tell_only_the_place();
    let config = config::read(path)?;
    let clock = SystemClock::new(config.zone.clone());
    let (loaded, feed) = ward_of(&config, clock.today(), path)?;
    for rejection in &loaded.rejections {
        // On a device this is the journal: it names the place, never the record.
        eprintln!(
            "kiosk: not taken over: {} (see `kiosk check-config`)",
            check::without_patient(&rejection.place)
        );
    }
    let recorder = Recorder::open(&config.ledger, &config.origin, false, &loaded.policy, &clock.evidence())?;
    let mut pins = pins::of_device(&config, &loaded, random())?;
    recorder.recall_pins(&mut pins, clock.moment().at)?;
    let site = Site {
        ward: config.ward,
        zone: config.zone.clone(),
        policy: loaded.policy,
        alone: config.hub.is_none(),
        formulary: loaded.formulary,
    };
    let place = Surroundings {
        night: config.device.night,
        ..surroundings(site.ward.as_str(), &config.kiosk, &config.origin, None)
    };
    let mut device = Device::new(site, loaded.chart, pins, place, random());
    device.speak(config.device.language);
    let known = recorder.records()?;
    device.learn(known.clone());
    device.technical().sound.volume = config.device.volume;
    device.technical().cameras = CameraChoice::names();
    run::run(Parts {
        camera: config.camera.map_or(CameraChoice::None, CameraChoice::Number),
        feed: Some(feed),
        scanner: config.device.scanner,
        scanner_frame: config.device.scanner_frame,
        fullscreen: config.fullscreen,
        cosigner: config.cosigner,
        hub: config.hub.map(|hub| (hub, known)),
        pictures: config.pictures,
        ..Parts::bare(device, recorder, Box::new(clock), config.zone)
    })?;
    Ok(())
}

/// The ward of a device, and what brings it new orders. Orders may come later: without them it knows no patient and no drug, gives nothing and
/// says that they are not current.
fn ward_of(config: &Config, today: Date, path: &Path) -> anyhow::Result<(Ward, OrderFeed)> {
    let mut ward = ward::without_orders(&config.staff)?;
    let clinicians = ward.chart.clinicians.clone();
    let (orders, from) = match &config.orders {
        OrderSource::Files(files) => {
            let orders = ward::orders(files, &config.zone, today).map_err(anyhow::Error::from);
            (orders, LiveOrders::Files(files.clone()))
        }
        OrderSource::Feeds(named) => {
            let mut feeds = Feeds::start(named, &config.zone, clock::now)?;
            for (name, address) in feeds.addresses() {
                eprintln!("kiosk: feed {name} is listened to on {address}");
            }
            (feeds.orders(today).map_err(anyhow::Error::from), LiveOrders::Feeds(Box::new(feeds)))
        }
    };
    match orders {
        Ok(orders) => ward.lay(orders),
        // On a device this is the journal, and the reason can name a record.
        Err(_) => eprintln!(
            "kiosk: orders cannot be read, so none are current; they are tried again, `kiosk check-config {}` says why",
            path.display()
        ),
    }
    Ok((ward, OrderFeed { from, clinicians }))
}

fn replay_all(journeys: &[PathBuf], ledger: Option<&Path>, json: bool) -> anyhow::Result<bool> {
    let mut all_as_expected = true;
    for path in journeys {
        let played = replay::replay(path, ledger)?;
        let good = played.differences.is_empty();
        all_as_expected &= good;
        let told = if json {
            serde_json::json!({ "journey": path, "as_expected": good, "played": played }).to_string()
        } else {
            let title =
                format!("{} {}: {}", if good { "ok  " } else { "DIFF" }, path.display(), played.title);
            let differences = played.differences.iter();
            let differences = differences.map(|found| format!("  line {}: {}", found.line, found.problem));
            std::iter::once(title).chain(differences).collect::<Vec<_>>().join("\n")
        };
        if let Err(error) = writeln!(std::io::stdout(), "{told}") {
            // Whoever reads, such as `head`, has enough; what was played so far counts.
            anyhow::ensure!(error.kind() == std::io::ErrorKind::BrokenPipe, error);
            break;
        }
    }
    Ok(all_as_expected)
}

fn surroundings(ward: &str, kiosk: &str, origin: &str, mode: Option<Mode>) -> Surroundings {
    Surroundings {
        place: format!("{ward} · {kiosk}"),
        camera: CameraState::Starts,
        mode,
        night: None,
        technical: Technical::starting(origin),
    }
}

/// The kiosk's one source of randomness for session ids and salts.
fn random() -> Box<dyn FnMut() -> [u8; 16] + Send> {
    use ring::rand::{SecureRandom, SystemRandom};
    let system = SystemRandom::new();
    Box::new(move || {
        let mut bytes = [0; 16];
        // Without randomness a session id could repeat, and a repeated one would make the ledger refuse entries as already
        // recorded: it is refused here instead, loudly.
        assert!(system.fill(&mut bytes).is_ok(), "the system gives no randomness");
        bytes
    })
}
