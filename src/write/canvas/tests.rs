use super::*;

#[test]
fn columns_of_signs_stand_in_the_middle() {
    let heads = ["印", "名", "空", "数"].map(|l| Head::new(l, 8.0)).to_vec();
    let signs = |table: &Table| {
        [0, 1, 2, 3].map(|c| is_of_signs(table.rows.iter().filter_map(|r| r.get(c)).map(Cow::Borrowed)))
    };
    let row = |a: &str, b: &str| vec![Cell::text(a), Cell::text(b), Cell::empty(), Cell::count(3)];
    let mut table = Table { heads, rows: vec![row("○", "A"), row("", "住民記録"), row("DX", "B")] };
    assert_eq!(signs(&table), [true, false, false, false]);
    // An answer that is missing does not decide how the others stand.
    table.rows.push(vec![Cell::text("（未回答）").tone(Tone::Missing)]);
    assert_eq!(signs(&table), [true, false, false, false]);
}

#[test]
fn long_texts_fit_a_cell_and_say_so() {
    let long = "𠮷".repeat(40_000);
    let text = fitting(&long);
    assert!(text.encode_utf16().count() <= 32_767);
    assert!(text.ends_with("（以下はCSVにあります）"));
    assert_eq!(fitting("甲\u{FFFE}"), "甲\u{FFFD}");
}

/// A sheet that is written row by row is the sheet that is held, but for how its strings are numbered.
#[test]
fn a_list_that_is_not_held_is_drawn_the_same() {
    let group = |label: &str, group: Option<&str>| Head { group: group.map(Into::into), ..Head::new(label, 9.0) };
    let heads =
        [group("対象", None), group("予定", Some("移行")), group("実績の長い名前", Some("移行")), group("数", None)];
    let rows: Vec<Vec<Cell>> = (0..40u32)
        .map(|n| {
            let text = "申請".repeat(n as usize % 9);
            vec![Cell::text(n.to_string()), Cell::text(text), Cell::day(None), Cell::count(n as usize)]
        })
        .collect();
    let cells = |passing: bool| {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet =
            if passing { book.add_worksheet_with_low_memory().expect("a passing file") } else { book.add_worksheet() };
        let mut canvas = Canvas::new(sheet, &[9.0; 4]).expect("drawn");
        let next = canvas.title(0, "一覧", "【訓練】").expect("drawn");
        let next = canvas.notes(next, &["注".repeat(80)]).expect("drawn");
        let cell = |row: usize, column: usize| Some(Cow::Borrowed(rows.get(row)?.get(column)?));
        let placed = canvas.made(next, &heads, rows.len(), &cell).expect("drawn");
        if passing {
            canvas.end(placed).expect("drawn");
        }
        canvas.legible(true, false);
        canvas.filtered(placed, 4, 1).expect("drawn");
        let bytes = crate::look::saved(&mut book).expect("saved");
        let limits = crate::read::Limits::default();
        let mut package = crate::read::package::Package::open(&bytes, &limits).expect("a package");
        let text = package.text("xl/worksheets/sheet1.xml").expect("a sheet").expect("text");
        // Of a row its number and height, and which cells are one.
        let tags = text.split('<').filter(|tag| tag.starts_with("row ") || tag.starts_with("mergeCell "));
        let tag = |tag: &str| tag.split(['>', '/']).next().unwrap_or_default().replace(" spans=\"1:4\"", "");
        let mut tags: Vec<String> = tags.map(tag).collect();
        if passing {
            assert_eq!(tags.remove(45), "row r=\"46\"", "the row that ends it");
        }
        let book = crate::read::open(&bytes, "x.xlsx", &limits).expect("opens").workbook;
        (book.sheets.into_iter().map(|s| s.cells).collect::<Vec<_>>(), tags)
    };
    let (held, passing) = (cells(false), cells(true));
    assert!(held.0[0].len() > 120 && held.1.len() > 43, "{} {}", held.0[0].len(), held.1.len());
    assert_eq!(held.1, passing.1);
    assert_eq!(held.0, passing.0);
}
