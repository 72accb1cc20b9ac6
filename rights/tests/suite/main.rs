//! The tests of the decision core, one crate so that it is linked once. Each file is about one family of checks or one part of the
//! session; `docs/requirements.md` says which test shows which requirement.

mod common;

mod as_needed;
mod backdated;
mod between;
mod by_value;
mod conditions;
mod correction;
mod course;
mod custody;
mod dose;
mod due_list;
mod emergency;
mod forget;
mod heard;
mod identity;
mod keyed;
mod kiosks;
mod laws;
mod look_back;
mod mar;
mod medication;
mod oracle;
mod patient;
mod phrase_table;
mod phrases;
mod privacy;
mod renumbered;
mod request;
mod requirements;
mod route;
mod safety;
mod salts;
mod scenarios;
mod session;
mod time;
mod witness;
