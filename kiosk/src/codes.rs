//! The named barcodes of a ward: codes.csv, for journeys and the demo.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rights::scan::Symbology;
use scanner::gs1::GS;

/// One printed code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrintedCode {
    /// Its name.
    pub name: String,
    /// Its symbology.
    pub symbology: Symbology,
    /// What a reader returns, group separators as U+001D.
    pub text: String,
    /// Whether it is a GS1 symbol.
    pub gs1: bool,
    /// What it is, for people.
    pub what: String,
    /// The folder of its pictures.
    pub pictures: PathBuf,
}

/// Why codes.csv cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CodesError {
    /// The file.
    #[error("{path}: {source}; name the folder of the ward's fixtures")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: csv::Error,
    },
    /// A line.
    #[error("{path} line {line}: {problem}")]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: u64,
        /// What is wrong.
        problem: String,
    },
}

/// The codes of a ward by name.
#[derive(Clone, Debug, Default)]
pub struct Codes(BTreeMap<String, PrintedCode>);

impl Codes {
    /// Reads codes.csv: `name,symbology,text,elements,what,pictures`.
    ///
    /// # Errors
    /// When the file or a line of it cannot be read.
    pub fn read(path: &Path) -> Result<Self, CodesError> {
        let file = |source| CodesError::File { path: path.to_owned(), source };
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut codes = BTreeMap::new();
        for row in csv::Reader::from_path(path).map_err(file)?.records() {
            let row = row.map_err(file)?;
            let line = row.position().map_or(0, csv::Position::line);
            let wrong =
                |problem: &str| CodesError::Line { path: path.to_owned(), line, problem: problem.to_owned() };
            let [name, symbology, text, elements, what, pictures] =
                std::array::from_fn(|at| row.get(at).unwrap_or_default());
            let symbology = Symbology::from_name(symbology).ok_or_else(|| wrong("unknown symbology"))?;
            if name.is_empty() || text.is_empty() {
                return Err(wrong("name and text are needed"));
            }
            let code = PrintedCode {
                name: name.to_owned(),
                symbology,
                text: text.replace("{GS}", &GS.to_string()),
                gs1: !elements.is_empty(),
                what: what.to_owned(),
                pictures: folder.join(pictures),
            };
            codes.insert(name.to_owned(), code);
        }
        Ok(Self(codes))
    }

    /// The code of this name.
    pub fn get(&self, name: &str) -> Option<&PrintedCode> {
        self.0.get(name)
    }

    /// Every code, by name.
    pub fn iter(&self) -> impl Iterator<Item = &PrintedCode> {
        self.0.values()
    }
}

impl PrintedCode {
    /// The code as a hand scanner sends it: with the symbology identifier in front (AIM; ISO/IEC 15424), which says whether
    /// it is a GS1 symbol.
    pub fn as_hand_scan(&self) -> String {
        let identifier = match (self.symbology, self.gs1) {
            (Symbology::DataMatrix, true) => "]d2",
            (Symbology::DataMatrix, false) => "]d1",
            (Symbology::QrCode, true) => "]Q3",
            (Symbology::QrCode, false) => "]Q1",
            (Symbology::Code128, true) => "]C1",
            (Symbology::Code128, false) => "]C0",
            (Symbology::Ean13 | Symbology::UpcA, _) => "]E0",
            (Symbology::DataBar | Symbology::DataBarLimited | Symbology::DataBarExpanded, _) => "]e0",
            (Symbology::Aztec, _) => "]z0",
            (Symbology::Code39, _) => "]A0",
            _ => "",
        };
        let ean = matches!(self.symbology, Symbology::UpcA) && identifier == "]E0";
        // A scanner sends UPC-A as EAN-13 under ]E0: with a zero in front.
        format!("{identifier}{}{}", if ean { "0" } else { "" }, self.text)
    }
}
