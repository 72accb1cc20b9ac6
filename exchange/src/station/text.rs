//! Every text of the station that is no data, in one place.

/// The name in the head of each page.
pub(super) const STATION: &str = "Station";
/// First link of each page, for the keyboard.
pub(super) const SKIP: &str = "Skip to content";
/// Navigation.
pub(super) const NAVIGATION: &str = "Pages";
/// Sign-in.
pub(super) const SIGN_IN: &str = "Sign in";
/// Sign-out.
pub(super) const SIGN_OUT: &str = "Sign out";
/// Label.
pub(super) const USER_ID: &str = "User id";
/// Label.
pub(super) const PASSWORD: &str = "Password";
/// The same for an unknown id, a wrong password and a lock, so that nothing can be learnt from it.
pub(super) const SIGN_IN_REFUSED: &str = "Not signed in. Check user id and password. After five wrong passwords an id is locked for 15 minutes; your administrator can tell.";
/// Below the sign-in form.
pub(super) const SIGN_IN_NOTE: &str = "Every sign-in and every look at a patient's data is recorded, under your name, in a ledger that nobody can change.";
/// The form was too old.
pub(super) const FORM_OLD: &str =
    "This form is too old or was not made by this page. Nothing was done. Open the page again and repeat.";
/// Another site sent the form.
pub(super) const FORM_FOREIGN: &str = "Another site sent this form. Nothing was done.";
/// No such page.
pub(super) const NOT_FOUND: &str = "There is no such page. The links above lead to all pages of your role.";
/// The role may not.
pub(super) const NOT_YOURS: &str =
    "This page is not for your role. The links above lead to all pages that are.";
/// Nothing could be recorded.
pub(super) const NOT_RECORDED: &str = "This look at patient data could not be recorded, so nothing is shown. Tell your administrator; the service's log says why.";
/// Filters.
pub(super) const FILTER: &str = "Rows that contain";
/// Button.
pub(super) const FILTER_DO: &str = "Filter";
/// Link.
pub(super) const FILTER_CLEAR: &str = "Show all rows";
/// Nothing left.
pub(super) const FILTER_NONE: &str = "No row contains this. Shorten the text, or show all rows.";
/// Link.
pub(super) const PAGE_BEFORE: &str = "Rows before";
/// Link.
pub(super) const PAGE_NEXT: &str = "More rows";
/// Overview.
pub(super) const OVERVIEW: &str = "Overview";
/// Reports.
pub(super) const REPORTS: &str = "Reports";
/// Lead of the reports.
pub(super) const REPORTS_LEAD: &str = "Each report names the range of the ledger that it covers and its root hash. The same range gives the same bytes.";
/// What a page of the pharmacy says before all else, after the id of the ledger that was read.
pub(super) const ONE_KIOSK: &str = "was read and no other ledger. Where the ward has another kiosk, a dose that was given there stands here as not given (NO-ADMIN, missed, unaccounted): take these figures from all ledgers of the ward with";
/// Barcodes.
pub(super) const BARCODES: &str = "Unknown barcodes";
/// Lead of barcodes.
pub(super) const BARCODES_LEAD: &str = "Codes that were scanned at the bedside and belong to no item of the drug file. One person proposes the item, another one looks at the package and approves.";
/// Below the field of a code.
pub(super) const NDC_NOTE: &str = "Type an NDC with its hyphens, as it is printed on the package.";
/// Empty.
pub(super) const BARCODES_EMPTY: &str = "No unknown code was scanned. There is nothing to do.";
/// Pictures.
pub(super) const PICTURES: &str = "Pictures of packages";
/// Below their title.
pub(super) const PICTURES_NOTE: &str = "Kept by the kiosk for packages whose code nobody knows and for those that could not be scanned, and thrown away after some days. Each look is recorded: a label may show a name.";
/// Empty.
pub(super) const PICTURES_EMPTY: &str = "No picture is kept. The site decides in kiosk.toml which ones are.";
/// Link.
pub(super) const PICTURE_LOOK: &str = "Look";
/// One of them.
pub(super) const PICTURE: &str = "Picture of a package";
/// Its lead.
pub(super) const PICTURE_LEAD: &str =
    "What the camera saw. Compare the print with the item before you link the code.";
/// Empty.
pub(super) const LINKS_EMPTY: &str = "No link was proposed. Propose one with the form above.";
/// Recalls.
pub(super) const RECALL: &str = "Recall look-back";
/// Lead.
pub(super) const RECALL_LEAD: &str = "Every dose of which this lot was recorded, and every dose of the same items of which no lot was, with its patient. Type the lot as it stands on the recall notice.";
/// Empty.
pub(super) const RECALL_EMPTY: &str = "No dose of which this lot was recorded is in the ledger. Check the spelling, and see below what was given without a recorded lot.";
/// The second table.
pub(super) const RECALL_DOUBTFUL: &str = "Doses that may be of this lot: none was recorded";
/// Empty.
pub(super) const RECALL_DOUBTFUL_EMPTY: &str = "Of every dose of this item the lot is recorded.";
/// Instead of it.
pub(super) const RECALL_ITEMS: &str = "No dose says which item this lot is of. Choose the item of the recall notice to see its doses of which no lot was recorded:";
/// Beside it.
pub(super) const RECALL_OTHER_ITEMS: &str = "A lot is a number of its maker. If the recall notice names another item, choose it to see its doses of which no lot was recorded too:";
/// Below.
pub(super) const RECALL_NOTE: &str = "A code without a lot (UPC-A, a linear NDC) leaves none in the ledger: such a dose may be of any lot of its item. This page knows one kiosk's ledger; for all kiosks of a ward run: ledger report recall --lot LOT LEDGER-1 LEDGER-2 ..";
/// Patients.
pub(super) const PATIENTS: &str = "Patients";
/// Lead.
pub(super) const PATIENTS_LEAD: &str = "Search by name or record number. The list shows nobody before you search; whoever it then shows is recorded as seen by you.";
/// Empty.
pub(super) const PATIENTS_EMPTY: &str =
    "Nobody in the ledger matches. Check the spelling, or search for a part of the name.";
/// Too many.
pub(super) const PATIENTS_MANY: &str =
    "More than 20 patients match, and none is shown. Type more of the name or the record number.";
/// Doses.
pub(super) const DOSES: &str = "Doses";
/// Empty.
pub(super) const DOSES_EMPTY: &str = "No dose of this patient is in this range. Choose another one.";
/// Instead of a plot.
pub(super) const DOSES_MANY: &str = "More than 500 doses are too many to draw. Choose a shorter range.";
/// Discrepancies.
pub(super) const DISCREPANCIES: &str = "Discrepancies";
/// Lead.
pub(super) const DISCREPANCIES_LEAD: &str = "Controlled substances that do not add up to exactly zero. A pharmacist explains each with a second signature and closes it; every step is an entry.";
/// Empty.
pub(super) const DISCREPANCIES_EMPTY: &str = "Nothing is open: every controlled package is accounted for.";
/// What the number of them on the overview leaves out; the list says it in full.
pub(super) const DISCREPANCIES_PART: &str =
    "Of one kiosk's ledger alone: read at the head of the list what that leaves out.";
/// The second signature.
pub(super) const SECOND_REFUSED: &str = "Nothing was changed: the second signature was not accepted. It is the id and password of another pharmacist; after five wrong passwords an id is locked for 15 minutes.";
/// Ledger.
pub(super) const LEDGER: &str = "Ledger and proof";
/// Access.
pub(super) const ACCESS: &str = "Access to this station";
/// Lead.
pub(super) const ACCESS_LEAD: &str = "Who signed in and who saw which patient here, from the station's own ledger. People and patients stand under pseudonyms.";
/// People.
pub(super) const PEOPLE: &str = "People";
/// Lead.
pub(super) const PEOPLE_LEAD: &str = "Who may sign in, from the staff file. To change it edit the file and start the service again: a person without a line cannot sign in.";
