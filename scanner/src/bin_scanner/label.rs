//! `scanner label`.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use rights::ident::{BadgeId, BandSerial, DoseId, Gsrn, IdentError, Mrn};
use scanner::interpret::Interpreter;
use scanner::label::{Carrier, Content, Label};

/// What is printed.
#[derive(Debug, Subcommand)]
pub(super) enum Subject {
    /// A dose label: its id, patient-bound and single use.
    Dose {
        /// The dose id.
        id: String,
        #[command(flatten)]
        form: Form,
    },
    /// A wristband: the site's number or, with --gs1, (8018) and (8019).
    Wristband {
        /// The patient's number, or the GSRN with --gs1.
        patient: String,
        /// The number of the band.
        serial: String,
        /// The patient's number is a GSRN.
        #[arg(long)]
        gs1: bool,
        #[command(flatten)]
        form: Form,
    },
    /// A badge: the site's number or, with --gs1, (8017).
    Badge {
        /// The staff member's number, or the GSRN with --gs1.
        id: String,
        /// The number is a GSRN.
        #[arg(long)]
        gs1: bool,
        #[command(flatten)]
        form: Form,
    },
}

/// How it is printed.
#[derive(Debug, Args)]
pub(super) struct Form {
    /// The symbology; by default `data_matrix`, and `code_128` for badges.
    #[arg(long, value_name = "S", value_parser = carrier)]
    symbology: Option<Carrier>,
    /// The file's form.
    #[arg(long, value_enum, default_value_t = Format::Svg)]
    format: Format,
    /// Dots of the printer for each module (PNG, ZPL). At 203 dpi: 4 for a 0.5 mm Data Matrix, 3 for a Code 128.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=32))]
    dots: u8,
    /// Micrometres for each module (SVG).
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(100..=5_000))]
    module: u32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Vector graphics with the caption.
    Svg,
    /// A picture without the caption.
    Png,
    /// Commands of a label printer (ZPL II), with the caption.
    Zpl,
}

fn carrier(name: &str) -> Result<Carrier, String> {
    Carrier::ALL.into_iter().find(|carrier| carrier.symbology().name() == name).ok_or_else(|| {
        let names = Carrier::ALL.map(|carrier| carrier.symbology().name());
        format!("labels are printed as one of {}", names.join(", "))
    })
}

pub(super) fn run(
    interpreter: &Interpreter,
    subject: &Subject,
    output: Option<&Path>,
) -> anyhow::Result<ExitCode> {
    let (content, form, usual) = match subject {
        Subject::Dose { id, form } => (DoseId::parse(id).map(Content::Dose), form, Carrier::DataMatrix),
        Subject::Wristband { patient, serial, gs1, form } => {
            (wristband(patient, serial, *gs1), form, Carrier::DataMatrix)
        }
        Subject::Badge { id, gs1, form } => {
            let content = if *gs1 {
                Gsrn::parse(id).map(Content::gs1_badge)
            } else {
                BadgeId::parse(id).map(Content::site_badge)
            };
            (content, form, Carrier::Code128)
        }
    };
    let content = match content {
        Ok(content) => content,
        Err(error) => {
            eprintln!("scanner: label: {error}");
            return Ok(ExitCode::from(64));
        }
    };
    let label = Label::new(interpreter, &content, form.symbology.unwrap_or(usual))?;
    let dots = usize::from(form.dots);
    let bytes = match form.format {
        Format::Svg => label.svg(f64::from(form.module) / 1_000.0).into_bytes(),
        Format::Png => label.png(dots)?,
        Format::Zpl => label.zpl(dots).into_bytes(),
    };
    match output {
        Some(path) => std::fs::write(path, bytes)
            .map_err(|error| anyhow::anyhow!("{}: cannot be written: {error}", path.display()))?,
        None => std::io::stdout().lock().write_all(&bytes)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn wristband(patient: &str, serial: &str, gs1: bool) -> Result<Content, IdentError> {
    let serial = BandSerial::parse(serial)?;
    Ok(if gs1 {
        Content::gs1_wristband(Gsrn::parse(patient)?, serial)
    } else {
        Content::site_wristband(Mrn::parse(patient)?, serial)
    })
}
