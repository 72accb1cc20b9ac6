//! From light, or a hand scanner, to a [`Scan`](rights::scan::Scan).
//!
//! ```text
//! camera or pictures -> Frame -> Symbol -> steady over several frames -> interpreted -> Scan
//!                       source   decode    steady                        interpret
//! ```
//!
//! A wrong read can kill, no read only costs a second: so the decoder asks for many agreeing lines, several frames must agree
//! before anything counts, whatever contradicts resets, and a text means something only by strict parsing.
//!
//! What this crate deliberately lacks: any clinical rule (whether a wristband is the right patient's, whether a package fits an
//! order), the drug file, and the time of day (frames carry the time since their source was opened; the year of reading is
//! given). It logs no content of any code.
//!
//! The fences: `engine` and `writer` are the only files that know zxing-cpp (reading and printing), `opinion` rqrr,
//! `source::camera` nokhwa, `hand::evdev` evdev, `hand::serial` serialport.
//!
//! # Example
//!
//! The text of a hand scanner; [`pipeline::Reader`] does the same for frames.
//!
//! ```
//! use rights::scan::{Meaning, PackageKey};
//! use scanner::interpret::Interpreter;
//! use scanner::site::SiteFormats;
//!
//! let interpreter = Interpreter::new(SiteFormats::default(), 2026);
//! let scan = interpreter.hand_scan("]d2010030591036901917271231\u{1D}10A1");
//! let Meaning::Package(package) = scan.meaning else { panic!("no package") };
//! assert!(matches!(package.key, PackageKey::Gtin(gtin) if gtin.as_str() == "00305910369019"));
//!
//! // The same text without the mark of GS1 is a copy, not a package.
//! assert_eq!(interpreter.hand_scan("]d1010030591036901917271231").meaning.kind(), "unknown");
//! ```

pub mod decode;
pub mod digital_link;
mod engine;
mod fault;
pub mod frame;
pub mod geometry;
pub mod gs1;
pub mod hand;
pub mod hibc;
pub mod interpret;
mod kinship;
pub mod label;
mod level;
pub mod ndc;
mod opinion;
mod part;
pub mod pipeline;
mod sharpen;
pub mod site;
mod slant;
pub mod source;
pub mod steady;
pub mod still;
pub mod symbol;
mod texture;
mod turn;
pub mod wedge;
mod writer;
