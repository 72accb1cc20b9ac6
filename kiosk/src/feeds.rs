//! The hospital's feeds at the bedside: orders come from the store that `exchange serve` fills, in this process or beside it.

use std::path::PathBuf;

use exchange::feed::live::{FeedAge, Live, LiveError, Pulse};
use exchange::rules::SiteRules;
use exchange::serve::config::{self as exchange_config, ConfigError};
use exchange::serve::{self, Running, ServeError};
use exchange::site::Site;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Which feeds, and who runs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedsConfig {
    /// `exchange.toml`.
    pub exchange: PathBuf,
    /// Who runs them.
    pub run: Run,
    /// The origin of this kiosk's ledger: its own doses are not counted again when a server tells them.
    pub origin: String,
}

/// Who listens to the feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// This kiosk: one device, one process.
    Here,
    /// `exchange serve`, another process on this machine.
    Beside,
}

/// Why the feeds cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FeedsError {
    /// Their configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// They were not started.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// What they brought.
    #[error(transparent)]
    Live(#[from] LiveError),
    /// A dose at 09:00 must mean the same hour on both sides.
    #[error("zone: the kiosk has {kiosk}, {exchange} has {feeds}: name one zone in both", exchange = path.display())]
    Zone {
        /// The kiosk's.
        kiosk: String,
        /// The feeds'.
        feeds: String,
        /// Their configuration.
        path: PathBuf,
    },
}

/// The feeds, open for reading.
#[derive(Debug)]
pub struct Feeds {
    live: Live,
    here: Option<Running>,
}

impl Feeds {
    /// Starts the feeds where they run here, and opens what they bring. `clock` stamps what arrives.
    ///
    /// # Errors
    /// When a configuration is wrong, an address is taken or the store cannot be read.
    pub fn start(
        config: &FeedsConfig,
        zone: &TimeZone,
        clock: fn() -> Timestamp,
    ) -> Result<Self, FeedsError> {
        match config.run {
            Run::Here => {
                let exchange = read(config, zone)?;
                let running = serve::start(&exchange, clock)?;
                let live = running.live(rules(config, zone))?;
                Ok(Self { live, here: Some(running) })
            }
            Run::Beside => Self::look(config, zone),
        }
    }

    /// Opens what the feeds have brought, and starts nothing.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn look(config: &FeedsConfig, zone: &TimeZone) -> Result<Self, FeedsError> {
        let exchange = read(config, zone)?;
        let live = Live::open(&exchange.store, rules(config, zone), exchange.hl7)?;
        Ok(Self { live, here: None })
    }

    /// Everything that is in force.
    ///
    /// # Errors
    /// When something stored cannot be read.
    pub fn orders(&mut self, today: Date) -> Result<Site, FeedsError> {
        Ok(self.live.load(today)?)
    }

    /// Whether [`orders`](Self::orders) would give something else than it did last.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn pulse(&mut self, today: Date) -> Result<Pulse, FeedsError> {
        Ok(self.live.pulse(today)?)
    }

    /// The feed that was silent for longer than its site allows; the one that was heard least lately, when there are several.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn silent(&mut self, now: Timestamp) -> Result<Option<FeedAge>, FeedsError> {
        Ok(self.live.silent_feeds(now)?.into_iter().min_by_key(|feed| feed.heard))
    }

    /// Where the feeds that run here listen, by name.
    pub fn addresses(&self) -> &[(String, std::net::SocketAddr)] {
        self.here.as_ref().map_or(&[], |running| &running.addresses)
    }

    /// Stops what runs here: nothing that was acknowledged is lost.
    pub fn stop(self) {
        if let Some(running) = self.here {
            running.stop();
        }
    }
}

fn rules(config: &FeedsConfig, zone: &TimeZone) -> SiteRules {
    SiteRules { own_ledger: Some(config.origin.clone()), ..SiteRules::new(zone.clone()) }
}

fn read(config: &FeedsConfig, zone: &TimeZone) -> Result<exchange_config::Config, FeedsError> {
    let exchange = exchange_config::read(&config.exchange)?;
    if exchange.zone != *zone {
        let name = |zone: &TimeZone| zone.iana_name().unwrap_or("a zone without a name").to_owned();
        let (kiosk, feeds) = (name(zone), name(&exchange.zone));
        return Err(FeedsError::Zone { kiosk, feeds, path: config.exchange.clone() });
    }
    Ok(exchange)
}
