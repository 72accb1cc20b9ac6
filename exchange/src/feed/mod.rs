//! The feeds: what other systems said, durable before it is acknowledged, and read anew for the chart.

pub mod book;
pub mod db;
pub mod inbox;
mod laid;
pub mod live;
mod refused;
pub mod state;
