//! MLLP: framing without IO ([`frame`]), the server for what comes in, the client for what goes out.

pub mod client;
pub mod frame;
pub mod server;
