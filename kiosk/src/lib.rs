//! The bedside kiosk: the imperative shell around `rights`, and the nurse's screen.
//!
//! [`device::Device`] is one kiosk without IO: scans and taps go in, entries to record and sounds come out, and [`view`] says what
//! the screen shows. Whoever runs it carries that out: the window, [`journey`] files, the demo. All of them use the same decoder
//! (`scanner`), the same orders (`exchange`) and a real ledger (`ledger`).
//!
//! What is deliberately absent: any clinical rule (those are in `rights`), any text about a decision (the phrase table is there
//! too), any barcode syntax (`scanner`), any hash (`ledger`).
//!
//! ```
//! use kiosk::journey::parse::parse;
//!
//! let error = parse("journey: a slip\n", std::path::Path::new(".")).unwrap_err();
//! assert_eq!(error.to_string(), "line 1: no `orders:` line; add `orders: BUNDLE.json` above the first event");
//! ```

pub mod audit;
pub mod clock;
pub mod codes;
pub mod config;
pub mod cosigner;
pub mod demo;
pub mod desk;
pub mod device;
pub mod errand;
pub mod feeds;
pub mod headless;
pub mod hub;
pub mod journey;
mod labels;
pub mod model;
pub mod origin;
pub mod pictures;
pub mod pin;
pub mod reading;
pub mod recorder;
pub mod replay;
pub mod run;
pub mod sound;
pub mod view;
pub mod ward;
pub mod window;
