//! The command line. Exit codes: 0 fine, 1 a text without a usable meaning, 2 could not do it, 64 wrong usage.

mod json;
mod label;
mod parse;
mod read;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum as _};
use rights::scan::Symbology;
use scanner::interpret::Interpreter;
use scanner::site::SiteFormats;

const EXAMPLES: &str = "\
Examples:
  scanner read --json vial.png wristband.jpg
  scanner read --symbology data_matrix vial.png
  scanner watch --camera 0
  scanner parse '(01)00305910369019(17)271231(10)A1'
  scanner label --output dose.svg dose 7Q2M4X

Exit codes: 0 fine, 1 the text has no usable meaning (parse), 2 could not do it, 64 wrong usage";

/// From light, or a hand scanner, to a Scan.
#[derive(Debug, Parser)]
#[command(name = "scanner", version, about, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Prefix of the site's wristbands.
    #[arg(long, global = true, default_value = "WB-", value_name = "PREFIX")]
    wristband_prefix: String,
    /// Prefix of the site's badges.
    #[arg(long, global = true, default_value = "BG-", value_name = "PREFIX")]
    badge_prefix: String,
    /// Prefix of the site's dose labels.
    #[arg(long, global = true, default_value = "DS-", value_name = "PREFIX")]
    dose_prefix: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read pictures: one line for each, with every symbol in it and what it means. A single picture is never steady: this is
    /// for looking, not for giving.
    #[command(
        after_help = "Example:\n  scanner read --json vial.png\n\nSymbologies: qr_code, micro_qr, data_matrix, aztec, \
        pdf417, code_128, code_39, itf, ean_13, ean_8, upc_a,\nupc_e, databar, databar_limited, databar_expanded, codabar, code_93"
    )]
    Read {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
        /// Look for this symbology only; may be repeated.
        #[arg(long, value_name = "S", value_parser = symbology)]
        symbology: Vec<Symbology>,
        /// PNG or JPEG files; WebP, GIF, BMP and PNM too.
        #[arg(required = true, value_name = "IMAGE")]
        images: Vec<PathBuf>,
    },
    /// Watch a camera: frames a second, milliseconds to decode, and what becomes steady. Ends with Ctrl-C. Other sources of frames
    /// end by themselves.
    #[command(
        after_help = "Examples:\n  scanner watch --camera 1\n  scanner watch --animation hand.gif\n  ffmpeg -i hand.mp4 -s 1280x720 \
        -pix_fmt gray -f rawvideo - | scanner watch --pipe 1280x720"
    )]
    Watch {
        #[command(flatten)]
        origin: watch::Origin,
    },
    /// Explain a text: a GS1 element string, bracketed or raw (U+001D between), a Digital Link, NDC, HIBC or a code of this site.
    #[command(
        after_help = "Example:\n  scanner parse '(01)00305910369014'\n  (01), character 18: check digit 4, expected 9"
    )]
    Parse {
        /// A JSON object.
        #[arg(long)]
        json: bool,
        /// The text, with a symbology identifier such as ]d2 in front if the scanner sent one.
        #[arg(value_name = "TEXT", allow_hyphen_values = true)]
        text: String,
    },
    /// Print a dose label, a wristband or a badge. It is written only after this scanner has read it back.
    #[command(
        after_help = "Examples:\n  scanner label --output dose.svg dose 7Q2M4X\n  scanner label wristband 30017 1 --format zpl | lp -d ward-3b -o raw\n  \
        scanner label --output badge.png badge 4711 --format png --dots 3"
    )]
    Label {
        /// The file; standard output without it.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        #[command(subcommand)]
        subject: label::Subject,
    },
    /// Print a completion script for a shell.
    #[command(hide = true)]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    #[command(hide = true)]
    Man,
}

fn symbology(name: &str) -> Result<Symbology, String> {
    Symbology::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = Symbology::ALL.into_iter().map(Symbology::name).collect();
        format!("no symbology of this name; choose one of {}", names.join(", "))
    })
}

/// Parses the arguments and does what they say.
pub(crate) fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // When the message cannot be printed there is nobody to tell.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(64) } else { ExitCode::SUCCESS };
        }
    };
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .init();
    match dispatch(arguments) {
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("scanner: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn dispatch(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let site = match SiteFormats::new(
        &arguments.wristband_prefix,
        &arguments.badge_prefix,
        &arguments.dose_prefix,
    ) {
        Ok(site) => site,
        Err(error) => {
            eprintln!("scanner: {error}");
            return Ok(ExitCode::from(64));
        }
    };
    // The one place where the program asks for the time of day: the year chooses the century of printed dates.
    let this_year = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).year();
    let interpreter = Interpreter::new(site, this_year);
    match arguments.command {
        Command::Read { json, symbology, images } => {
            read::run(&interpreter, this_year, json, &symbology, &images)
        }
        Command::Watch { origin } => watch::run(interpreter, &origin),
        Command::Parse { json, text } => parse::run(&interpreter, this_year, json, &text),
        Command::Label { output, subject } => label::run(&interpreter, &subject, output.as_deref()),
        Command::Completions { shell } => {
            debug_assert!(clap_complete::Shell::value_variants().contains(&shell));
            clap_complete::generate(shell, &mut Arguments::command(), "scanner", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
        Command::Man => {
            clap_mangen::Man::new(Arguments::command()).render(&mut std::io::stdout())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// `scanner read .. | head` is no failure.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
