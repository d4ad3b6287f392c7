//! Consolidates the Excel forms of a Japanese city's divisions into the national report formats, offline.
//!
//! Data flows one way: discover → read → normalise → check → consolidate → write · fill · publish. The engine knows nothing of any form:
//! forms, code lists, rates, sentences and the master's sheets are data in `templates/`.
//!
//! Words: division 課, form 様式, item 対象, field 項目, round 調査回, submission 提出物, finding 指摘, return 差戻し票,
//! roster 提出先一覧, waiver 了承, ledger 取りまとめ, place (file, sheet, cell).
#![forbid(unsafe_code)]

pub mod check;
pub mod cli;
pub mod compare;
pub mod consolidate;
pub mod discover;
pub mod drift;
mod edited;
pub mod error;
pub mod fill;
pub mod fill_in;
pub mod forms;
pub mod freeze;
pub mod init;
pub mod intake;
pub mod isolate;
pub mod issue;
pub mod lock;
pub mod look;
mod made_from;
pub mod model;
mod moving;
pub mod national;
pub mod normalise;
pub mod output;
mod own;
pub mod previous;
pub mod publish;
pub mod read;
mod refused;
pub mod remind;
pub mod report;
pub mod run;
pub mod send_back;
pub mod sent;
pub mod settings;
pub mod survey;
pub mod timings;
mod together;
pub mod unpack;
pub mod watch;
pub mod write;
