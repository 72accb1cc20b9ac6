//! The site's route table: SNOMED CT and site codes. A route is never taken from an equal abbreviation or a display text.

use rights::product::Route;

use crate::coded::CodeTable;
use crate::rejection::Rejection;
use crate::table::TableError;

const DEFAULT: &str = include_str!("../tables/routes.csv");

/// (System, code) to route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTable(CodeTable<Route>);

impl RouteTable {
    /// Reads `system,code,route` lines; `route` is a [`Route::name`].
    ///
    /// # Errors
    /// When it is no such table. Single bad lines are returned beside the table.
    pub fn read(file: &str, bytes: &[u8]) -> Result<(Self, Vec<Rejection>), TableError> {
        let (table, rejections) = CodeTable::read(file, bytes, &["system", "code", "route"], |row, _| {
            let name = row.get("route");
            Route::from_name(name).ok_or_else(|| format!("\"{name}\" is no route"))
        })?;
        Ok((Self(table), rejections))
    }

    /// The route of a code.
    pub fn route(&self, system: &str, code: &str) -> Option<Route> {
        self.0.get(system, code).copied()
    }
}

impl RouteTable {
    /// Whether the code says more than its route: another code of its system has the same one, as the left eye and the right eye.
    pub fn says_more(&self, system: &str, code: &str) -> bool {
        let route = self.0.get(system, code);
        route.is_some() && self.0.others(system, code).any(|other| Some(other) == route)
    }
}

impl Default for RouteTable {
    /// The table in `exchange/tables/routes.csv`; a test proves that each of its lines is good.
    fn default() -> Self {
        Self::read("routes.csv", DEFAULT.as_bytes())
            .map_or_else(|_| Self(CodeTable::default()), |(table, _)| table)
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
            assert!(table.0.meanings().any(|known| known == route), "{route:?}");
        }
    }

    /// R1: a code of one system means nothing in another.
    #[test]
    fn r1_routes_come_from_the_table_alone() {
        let table = RouteTable::default();
        assert_eq!(table.route("http://snomed.info/sct", "26643006"), Some(Route::Oral));
        assert_eq!(table.route("urn:other", "PO"), None);
        assert_eq!(table.route("urn:bcma:route", "pO"), None);
        assert!(table.says_more("urn:bcma:route", "LEFT EYE") && !table.says_more("urn:bcma:route", "PR"));
        assert!(
            !table.says_more("http://snomed.info/sct", "54485002"),
            "codes of other systems are other words for it"
        );
    }
}
