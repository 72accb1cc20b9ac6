//! The ward of the tests: a few people, a drug file that each test fills, a clock that each test sets, and a driver that carries
//! out what the bedside asks against a ledger in memory.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of the ward")]

mod bench;
pub mod life;
mod scans;
mod values;
mod ward;

pub use bench::*;
pub use scans::*;
pub use values::*;
pub use ward::*;
