//! Why a workbook is not filled: the file as a whole, or some of the cells. Nothing is written then.

use std::fmt;

use super::value::Unwritable;
use crate::model::place::CellRef;
use crate::read::guard::Refusal;

/// Why nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FillRefusal {
    /// The file cannot be read.
    Read(Refusal),
    /// A spreadsheet, but of a format that is not patched.
    OtherFormat {
        /// What it looks like, in the words of a user.
        looks_like: &'static str,
    },
    /// It bears a digital signature, which any change would break.
    Signed,
    /// A part that must be understood is not in UTF-8.
    Encoding {
        /// The part.
        part: String,
    },
    /// The cells of a sheet stand in `mc:AlternateContent`: which of them count is up to each program.
    Alternatives {
        /// The sheet.
        sheet: String,
    },
    /// No sheet has that name.
    SheetNotFound {
        /// What was looked for.
        sheet: String,
        /// What there is.
        names: Vec<String>,
    },
    /// Several sheets have that name, or one part stands for two sheets.
    SheetTwice {
        /// The name.
        sheet: String,
    },
    /// A chart, dialog or macro sheet, or one whose part is not there.
    NotAWorksheet {
        /// The name.
        sheet: String,
    },
    /// Cells that are not written, all of them at once.
    Cells(Vec<CellRefusal>),
}

/// A cell that is not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellRefusal {
    /// The sheet.
    pub sheet: String,
    /// The cell as it was named.
    pub cell: CellRef,
    /// Why.
    pub why: WhyNot,
}

/// Why a cell is not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// A formula stands there, and it was not said that it may be replaced.
    Formula,
    /// Other cells hang on the formula that stands there: the first cell of a shared formula.
    SharedFormula,
    /// It lies in the range of an array formula.
    ArrayFormula,
    /// It lies in the range of a data table (what-if).
    DataTable,
    /// It is the column name of a table, which the table itself repeats.
    TableHeader,
    /// It lies in a pivot table, which draws its cells anew.
    PivotTable,
    /// Two values for one cell (a merge counts as one), which stands also here.
    Twice(CellRef),
    /// The cell stands twice in the file.
    Doubled,
    /// It lies outside the grid.
    OutsideGrid,
    /// The value cannot be written.
    Value(Unwritable),
}

impl From<Refusal> for FillRefusal {
    fn from(refusal: Refusal) -> Self {
        Self::Read(refusal)
    }
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Formula => f.write_str("数式が入っています（置き換えてよいときは、そのように指定してください）"),
            Self::SharedFormula => f.write_str("ほかのセルと共有している数式の先頭なので、置き換えられません"),
            Self::ArrayFormula => f.write_str("配列数式の範囲にあるので、書き込めません"),
            Self::DataTable => f.write_str("データテーブル（What-If分析）の範囲にあるので、書き込めません"),
            Self::TableHeader => f.write_str("テーブルの見出しなので、書き込めません"),
            Self::PivotTable => f.write_str("ピボットテーブルの範囲にあるので、書き込めません（更新すると消えます）"),
            Self::Twice(other) => write!(f, "同じセルに2つの値が指定されています（{other}も同じセルです）"),
            Self::Doubled => f.write_str("ファイルの中に同じセルが2つあります"),
            Self::OutsideGrid => f.write_str("シートの範囲の外です"),
            Self::Value(Unwritable::NotFinite) => f.write_str("数値として書けない値です"),
            Self::Value(Unwritable::TooPrecise) => {
                f.write_str("15桁を超える数です（Excelは15桁までしか数として持てません。コードや番号は文字列として指定してください）")
            }
            Self::Value(Unwritable::TooLong) => {
                f.write_str("文字が多すぎます（1つのセルに入るのは32,767文字までです）")
            }
            Self::Value(Unwritable::OutsideCalendar) => {
                f.write_str("ブックの日付の範囲の外です（文字列として指定してください）")
            }
        }
    }
}

impl fmt::Display for FillRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(refusal) => f.write_str(&read_words(refusal)),
            Self::OtherFormat { looks_like } => {
                write!(f, "{looks_like}には書き込めません。Excelブック（.xlsx）で保存し直したものを使ってください。")
            }
            Self::Signed => f.write_str(
                "デジタル署名が付いています。書き込むと署名が無効になるため、何もしません。署名のないものを使ってください。",
            ),
            Self::Encoding { part } => write!(f, "中の部品「{part}」の文字コードがUTF-8でないため、書き込めません。"),
            Self::Alternatives { sheet } => write!(
                f,
                "シート「{sheet}」のセルはソフトごとに別の内容をもつ作りのため、書き込めません。Excelで開いて保存し直してください。"
            ),
            Self::SheetNotFound { sheet, names } => {
                write!(f, "シート「{sheet}」がありません。このブックにあるのは「{}」です。", names.join("」「"))
            }
            Self::SheetTwice { sheet } => {
                write!(f, "シート「{sheet}」が2つあり、どちらに書き込むか決められません。")
            }
            Self::NotAWorksheet { sheet } => {
                write!(f, "シート「{sheet}」は表のシートではないため、書き込めません。")
            }
            Self::Cells(cells) => {
                write!(f, "書き込めないセルが{}個あります。", cells.len())?;
                cells.iter().try_for_each(|c| write!(f, "\n  「{}」!{}: {}", c.sheet, c.cell, c.why))
            }
        }
    }
}

fn read_words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Empty => "ファイルが空です。".into(),
        Refusal::TooLarge { .. } => "ファイルが大きすぎます。".into(),
        Refusal::Encrypted(_) => "パスワードで保護されています。パスワードを外したものを使ってください。".into(),
        Refusal::OwnerFile { .. } => "Excelがブックを開いている間に置く目印のファイルで、ブックではありません。".into(),
        Refusal::NotASpreadsheet { looks_like }
        | Refusal::Unsupported { looks_like }
        | Refusal::Closed { looks_like }
        | Refusal::Link { looks_like } => {
            format!("Excelブック（.xlsx）ではありません（{looks_like}のようです）。")
        }
        Refusal::Restricted => {
            "秘密度ラベルなどで、開ける人が制限されています。制限を外したものを使ってください。".into()
        }
        Refusal::TooDeep { .. } => "圧縮ファイルの中の圧縮ファイルです。取り出したものを使ってください。".into(),
        Refusal::Damaged { detail } => format!("ファイルが壊れています（{detail}）。"),
        Refusal::Dangerous { detail } => format!("表計算ソフトが作らない形のファイルなので、開きません（{detail}）。"),
    }
}
