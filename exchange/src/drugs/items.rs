//! `items.csv`.

use std::collections::BTreeSet;

use rights::ident::{AllergyClass, Ingredient, ProductId};
use rights::product::{Controlled, Divisible, Form, Mark, Marks, Product, Release, Route, Strength};
use rights::quantity::Quantity;
use rights::witness::WitnessRule;

use super::DrugFile;
use crate::rejection::Note;
use crate::table::{self, Row, TableError};
use crate::units::UnitTable;

pub(super) const COLUMNS: &[&str] = &[
    "item",
    "rxnorm",
    "name",
    "tall_man",
    "brand",
    "form",
    "release",
    "ingredients",
    "per",
    "package",
    "divisible",
    "routes",
    "high_alert",
    "controlled",
    "allergy_classes",
    "look_alike",
];

/// What the pharmacist says of an item beside its label. A table without them says nothing.
const OPTIONAL: &[&str] = &["marks", "equivalents", "witness"];

pub(super) fn read(file: &mut DrugFile, source: (&str, &[u8]), units: &UnitTable) -> Result<(), TableError> {
    let (name, bytes) = source;
    let (rows, rejections) = table::read_with(name, bytes, COLUMNS, OPTIONAL)?;
    file.rejections.extend(rejections);
    let mut products = Vec::new();
    let mut seen = BTreeSet::new();
    for row in rows {
        match product(&row, units) {
            Ok(product) if !seen.insert(product.id.clone()) => file.rejections.push(table::reject(
                name,
                row.line,
                format!("item {} stands there already", product.id),
                "keep one line an item; the first one is used",
            )),
            Ok(product) => products.push((row, product)),
            Err(reason) => {
                file.rejections.push(table::reject(
                    name,
                    row.line,
                    reason,
                    "correct the line and import again",
                ));
            }
        }
    }
    let known: BTreeSet<ProductId> = products.iter().map(|(_, product)| product.id.clone()).collect();
    for (row, mut product) in products {
        product.look_alike.retain(|other| {
            let found = known.contains(other);
            if !found {
                let text = format!("line {}: look-alike {other} is no item of this file; left out", row.line);
                file.notes.push(Note { resource: name.to_owned(), text });
            }
            found
        });
        for code in row.list("rxnorm") {
            file.rxnorm.entry(code.to_owned()).or_default().insert(product.id.clone());
        }
        file.formulary.add(product);
        file.accepted += 1;
    }
    Ok(())
}

fn product(row: &Row, units: &UnitTable) -> Result<Product, String> {
    let id = ProductId::parse(row.get("item")).map_err(|error| error.to_string())?;
    let name = required(row, "name")?.to_owned();
    if let Some(code) = row.list("rxnorm").find(|code| !code.bytes().all(|b| b.is_ascii_digit())) {
        return Err(format!("rxnorm \"{code}\" is no number"));
    }
    let strengths =
        row.list("ingredients").map(|text| strength(text, units)).collect::<Result<Vec<_>, _>>()?;
    if strengths.is_empty() {
        return Err("ingredients are missing".to_owned());
    }
    let distinct: BTreeSet<_> = strengths.iter().map(|s| &s.ingredient).collect();
    if distinct.len() != strengths.len() {
        return Err("an ingredient stands there twice".to_owned());
    }
    let per = quantity(row.get("per"), units).map_err(|reason| format!("per: {reason}"))?;
    let package = quantity(row.get("package"), units).map_err(|reason| format!("package: {reason}"))?;
    if package.unit.dimension() != per.unit.dimension() {
        return Err(format!("package ({package}) and per ({per}) measure different things"));
    }
    let routes = row
        .list("routes")
        .map(|route| Route::from_name(route).ok_or_else(|| format!("\"{route}\" is no route")))
        .collect::<Result<Vec<_>, _>>()?;
    if routes.is_empty() {
        return Err("routes are missing".to_owned());
    }
    let marks = Marks {
        kinds: marks(row)?,
        equivalents: equivalents(row, &strengths, units)?,
        witness: witness(row)?,
    };
    Ok(Product {
        id,
        name,
        tall_man: optional(row, "tall_man"),
        brand: optional(row, "brand"),
        form: named(row, "form", Form::from_name)?,
        release: named(row, "release", Release::from_name)?,
        strengths,
        per,
        package,
        divisible: named(row, "divisible", Divisible::from_name)?,
        routes,
        high_alert: match row.get("high_alert") {
            "yes" => true,
            "no" => false,
            other => return Err(format!("high_alert is \"{other}\", expected yes or no")),
        },
        controlled: match row.get("controlled") {
            "" => None,
            _ => Some(named(row, "controlled", Controlled::from_name)?),
        },
        allergy_classes: row
            .list("allergy_classes")
            .map(|class| AllergyClass::parse(class).map_err(|error| error.to_string()))
            .collect::<Result<_, _>>()?,
        look_alike: row
            .list("look_alike")
            .map(|item| ProductId::parse(item).map_err(|error| error.to_string()))
            .collect::<Result<_, _>>()?,
        marks,
    })
}

/// Marks, each once.
fn marks(row: &Row) -> Result<Vec<Mark>, String> {
    let all = || Mark::ALL.iter().map(|mark| mark.name()).collect::<Vec<_>>().join(", ");
    let mut kinds = Vec::new();
    for name in row.list("marks") {
        let mark = Mark::from_name(name);
        let mark = mark.ok_or_else(|| format!("column marks: \"{name}\" is none of {}", all()))?;
        if kinds.contains(&mark) {
            return Err(format!("column marks: {name} stands there twice"));
        }
        kinds.push(mark);
    }
    Ok(kinds)
}

/// W1: the rule of the independent double check; none where the cell is empty.
fn witness(row: &Row) -> Result<WitnessRule, String> {
    match row.get("witness") {
        "" => Ok(WitnessRule::No),
        name => WitnessRule::from_name(name).ok_or_else(|| {
            let all: Vec<&str> = WitnessRule::ALL.iter().map(|rule| rule.name()).collect();
            format!("column witness: \"{name}\" is none of {}", all.join(", "))
        }),
    }
}

/// The same content in other dimensions: of an ingredient of the item, and not in a dimension that it has already.
fn equivalents(row: &Row, strengths: &[Strength], units: &UnitTable) -> Result<Vec<Strength>, String> {
    let mut known: Vec<Strength> = strengths.to_vec();
    for text in row.list("equivalents") {
        let column = |reason: String| format!("column equivalents: {reason}");
        let one = strength(text, units).map_err(column)?;
        let dimension = one.amount.unit.dimension();
        let mut same = known.iter().filter(|known| known.ingredient == one.ingredient).peekable();
        if same.peek().is_none() {
            return Err(column(format!("{} is no ingredient of the item", one.ingredient)));
        }
        if same.any(|known| known.amount.unit.dimension() == dimension) {
            return Err(column(format!("\"{text}\" measures what stands there already")));
        }
        known.push(one);
    }
    Ok(known.split_off(strengths.len()))
}

/// `metoprolol tartrate 25 mg`: the last two words are amount and unit; a unit of two words is not possible here.
fn strength(text: &str, units: &UnitTable) -> Result<Strength, String> {
    let wrong = || format!("ingredient \"{text}\": expected name, amount and unit");
    let (rest, unit) = text.rsplit_once(' ').ok_or_else(wrong)?;
    let (name, number) = rest.trim_end().rsplit_once(' ').ok_or_else(wrong)?;
    let name = name.trim();
    if name.chars().any(char::is_uppercase) {
        return Err(format!(
            "ingredient \"{name}\": names are in lower case, so that two spellings cannot differ"
        ));
    }
    let amount =
        quantity(&format!("{number} {unit}"), units).map_err(|reason| format!("{}: {reason}", wrong()))?;
    Ok(Strength { ingredient: Ingredient::parse(name).map_err(|error| error.to_string())?, amount })
}

/// Number, space, unit by the alias table; more than zero.
fn quantity(text: &str, units: &UnitTable) -> Result<Quantity, String> {
    let (number, unit) =
        text.split_once(' ').ok_or_else(|| format!("\"{text}\" is no amount with a unit"))?;
    let amount = rights::amount::Amount::parse(number).map_err(|error| error.to_string())?;
    if !amount.is_positive() {
        return Err(format!("\"{text}\" is not more than zero"));
    }
    let unit = units.dose_unit(unit.trim()).ok_or_else(|| format!("unit \"{unit}\" is in no unit table"))?;
    Ok(Quantity::new(amount, unit))
}

fn required<'a>(row: &'a Row, column: &str) -> Result<&'a str, String> {
    match row.get(column) {
        "" => Err(format!("{column} is missing")),
        text => Ok(text),
    }
}

fn optional(row: &Row, column: &str) -> Option<String> {
    Some(row.get(column)).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn named<T>(row: &Row, column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, String> {
    parse(row.get(column)).ok_or_else(|| format!("\"{}\" is no {column}", row.get(column)))
}
