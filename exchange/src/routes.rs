//! The site's route table: SNOMED CT and site codes. A route is never taken from an equal abbreviation or a display text.

use std::collections::BTreeMap;

use rights::product::Route;

use crate::rejection::Rejection;
use crate::table::{self, TableError};

const DEFAULT: &str = include_str!("../tables/routes.csv");

/// (System, code) to route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTable {
    routes: BTreeMap<(String, String), Route>,
}

impl RouteTable {
    /// Reads `system,code,route` lines; `route` is a [`Route::name`].
    ///
    /// # Errors
    /// When it is no such table. Single bad lines are returned beside the table.
    pub fn read(file: &str, bytes: &[u8]) -> Result<(Self, Vec<Rejection>), TableError> {
        let (rows, mut rejections) = table::read(file, bytes, &["system", "code", "route"])?;
        let mut routes = BTreeMap::new();
        for row in rows {
            let key = (row.get("system").to_owned(), row.get("code").to_owned());
            let refuse = |reason: String| table::reject(file, row.line, reason, "correct or remove the line");
            match Route::from_name(row.get("route")) {
                _ if key.0.is_empty() || key.1.is_empty() => {
                    rejections.push(refuse("a route needs a system and a code".into()));
                }
                None => rejections.push(refuse(format!("\"{}\" is no route", row.get("route")))),
                Some(_) if routes.contains_key(&key) => {
                    rejections.push(refuse("the code stands there already".into()));
                }
                Some(route) => {
                    routes.insert(key, route);
                }
            }
        }
        Ok((Self { routes }, rejections))
    }

    /// The route of a code.
    pub fn route(&self, system: &str, code: &str) -> Option<Route> {
        self.routes.get(&(system.to_owned(), code.to_owned())).copied()
    }
}

impl Default for RouteTable {
    /// The table in `exchange/tables/routes.csv`; a test proves that each of its lines is good.
    fn default() -> Self {
        Self::read("routes.csv", DEFAULT.as_bytes())
            .map_or_else(|_| Self { routes: BTreeMap::new() }, |(table, _)| table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_line_is_good_and_every_route_has_a_code() {
        let (table, rejections) = RouteTable::read("routes.csv", DEFAULT.as_bytes()).unwrap();
        assert_eq!(rejections, []);
        for route in Route::ALL {
            assert!(table.routes.values().any(|known| known == route), "{route:?}");
        }
    }

    /// R1: a code of one system means nothing in another.
    #[test]
    fn r1_routes_come_from_the_table_alone() {
        let table = RouteTable::default();
        assert_eq!(table.route("http://snomed.info/sct", "26643006"), Some(Route::Oral));
        assert_eq!(table.route("urn:other", "PO"), None);
        assert_eq!(table.route("urn:bcma:route", "pO"), None);
    }
}
