//! Plain data that every stage shares: places, values, forms, rounds, submissions, findings, the ledger.
//!
//! Nothing here does I/O and nothing uses a crate of the stack (only std, chrono, serde, and shared strings), so the same types
//! serve the command line, the tests and a later page in the browser.

pub mod answers;
pub mod asking;
pub mod brief;
pub mod catalogue;
pub mod code_list;
pub mod date;
pub mod earlier;
pub mod finding;
pub mod form;
pub mod grid;
pub mod guide;
pub mod ledger;
pub mod letter;
pub mod marker;
pub mod master;
pub mod national;
pub mod once;
pub mod own_note;
pub mod place;
pub mod predicate;
pub mod publication;
pub mod reconcile;
pub mod remind;
pub mod reported;
pub mod returns;
pub mod round;
pub mod rule;
pub mod share;
pub mod sign;
pub mod submission;
pub mod survey;
pub mod value;

pub use answers::Answers;
pub use catalogue::Catalogue;
pub use code_list::{Code, CodeList, CodeLists};
pub use date::{Interval, Precision};
pub use earlier::{EarlierRound, Told};
pub use finding::{Finding, Severity, Waiver};
pub use form::{Block, Field, FieldType, Form, Handling, Layout, Offers, Repeat, Role, Rows, SheetDef, Slot};
pub use grid::{Cell, Content, Grid, Workbook};
pub use place::{Area, CellRef, Place};
pub use predicate::{Predicate, Truth};
pub use round::{Deadline, Division, Item, Round};
pub use rule::{Check, Feasible, Rule};
pub use submission::{Received, ReceivedBasis, Record, State, Submission, Veil};
pub use value::{Answer, Doubt, NoneKind, Note, NoteKind, Value};
