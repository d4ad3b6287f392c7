//! Fonts whose letters are pictures: what each letter shows. A tick in Wingdings is stored as 「ü」.
//!
//! Only what Unicode has a character for is in the tables. Anything else becomes [`UNKNOWN`], which no list of answers has, so
//! that a letter is never taken for the answer that it does not show.

/// What stands for a picture that has no character: the mark that printers put where a type is missing.
pub const UNKNOWN: char = '〓';

/// A kind of font.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Face {
    /// Letters are letters.
    #[default]
    Plain,
    /// Wingdings.
    Wingdings,
    /// Wingdings 2.
    Wingdings2,
    /// Wingdings 3: arrows and triangles.
    Wingdings3,
    /// Webdings.
    Webdings,
    /// Symbol: Greek letters and signs.
    Symbol,
    /// Marlett: the buttons of windows.
    Marlett,
    /// Zapf Dingbats and fonts made after it.
    Dingbats,
}

impl Face {
    /// The kind of a font by its name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let name: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        match name.as_str() {
            "wingdings" => Self::Wingdings,
            "wingdings2" => Self::Wingdings2,
            "wingdings3" => Self::Wingdings3,
            "webdings" => Self::Webdings,
            "symbol" | "standardsymbolsps" | "symbolmt" => Self::Symbol,
            "marlett" => Self::Marlett,
            "zapfdingbats" | "itczapfdingbats" | "dingbats" | "d050000l" => Self::Dingbats,
            _ => Self::Plain,
        }
    }

    /// Whether letters are pictures.
    #[must_use]
    pub fn is_symbols(self) -> bool {
        self != Self::Plain
    }

    /// What a text shows in this font.
    #[must_use]
    pub fn shown(self, text: &str) -> String {
        if self.is_symbols() { text.chars().map(|c| self.character(c)).collect() } else { text.to_string() }
    }

    /// What a character shows. Letters beyond the font's own come from another font and are what they are.
    fn character(self, c: char) -> char {
        let code = match u32::from(c) {
            n @ 0x21..=0xff => n,
            // The same letters as Word and the clipboard write them.
            n @ 0xf021..=0xf0ff => n - 0xf000,
            _ => return c,
        };
        // Windows writes some of them as the characters of its own code page.
        let Ok(code) = u8::try_from(code) else { return c };
        let table: &[(u8, char)] = match self {
            Self::Plain => return c,
            Self::Wingdings => WINGDINGS,
            Self::Wingdings2 => WINGDINGS_2,
            Self::Wingdings3 => WINGDINGS_3,
            Self::Webdings => WEBDINGS,
            Self::Symbol => return greek(code),
            Self::Marlett => MARLETT,
            Self::Dingbats => return dingbat(code),
        };
        table
            .iter()
            .find(|(n, _)| *n == code)
            .map_or_else(|| circled(self, code).unwrap_or(UNKNOWN), |(_, shown)| *shown)
    }
}

/// Numbers in circles, which stand in rows.
fn circled(face: Face, code: u8) -> Option<char> {
    let of = |first: u8, sign: char| char::from_u32(u32::from(sign) + u32::from(code - first));
    match (face, code) {
        (Face::Wingdings, 0x81..=0x8a) => of(0x81, '①'),
        (Face::Wingdings, 0x8c..=0x95) => of(0x8c, '❶'),
        (Face::Wingdings2, 0x6a..=0x73) => of(0x6a, '①'),
        (Face::Wingdings2, 0x75..=0x7e) => of(0x75, '❶'),
        _ => None,
    }
}

const WINGDINGS: &[(u8, char)] = &[
    (b'"', '✂'),
    (b'(', '☎'),
    (b')', '✆'),
    (b'*', '✉'),
    (b'6', '⌛'),
    (b'>', '✇'),
    (b'?', '✍'),
    (b'A', '✌'),
    (b'E', '☜'),
    (b'F', '☞'),
    (b'G', '☝'),
    (b'H', '☟'),
    (b'J', '☺'),
    (b'L', '☹'),
    (b'P', '⚐'),
    (b'R', '☼'),
    (b'V', '†'),
    (b'X', '✠'),
    (b'l', '●'),
    (b'm', '○'),
    (b'n', '■'),
    (b'o', '□'),
    (b'q', '□'),
    (b'r', '□'),
    (b's', '◆'),
    (b't', '◆'),
    (b'u', '◆'),
    (b'v', '❖'),
    (b'x', '☒'),
    (0x80, '⓪'),
    (0x8b, '⓿'),
    (0x9e, '・'),
    (0x9f, '●'),
    (0xa1, '○'),
    (0xa2, '○'),
    (0xa3, '○'),
    (0xa4, '◎'),
    (0xa5, '◎'),
    (0xa7, '■'),
    (0xa8, '□'),
    (0xaa, '✦'),
    (0xab, '★'),
    (0xac, '✶'),
    (0xad, '✴'),
    (0xae, '✹'),
    (0xdf, '←'),
    (0xe0, '→'),
    (0xe1, '↑'),
    (0xe2, '↓'),
    (0xe3, '↖'),
    (0xe4, '↗'),
    (0xe5, '↙'),
    (0xe6, '↘'),
    (0xe7, '←'),
    (0xe8, '→'),
    (0xe9, '↑'),
    (0xea, '↓'),
    (0xef, '⇦'),
    (0xf0, '⇨'),
    (0xf1, '⇧'),
    (0xf2, '⇩'),
    (0xf3, '⬄'),
    (0xf4, '⇳'),
    (0xfb, '✗'),
    (0xfc, '✓'),
    (0xfd, '☒'),
    (0xfe, '☑'),
];

const WINGDINGS_2: &[(u8, char)] = &[
    (b'O', '✗'),
    (b'P', '✓'),
    (b'Q', '☒'),
    (b'R', '☑'),
    (b'S', '☒'),
    (b'T', '☒'),
    (b'U', '✗'),
    (b'V', '✗'),
    (b'i', '⓪'),
    (b't', '⓿'),
    (0x97, '●'),
    (0x98, '●'),
    (0x99, '○'),
    (0x9a, '○'),
    (0x9b, '◎'),
    (0x9f, '■'),
    (0xa0, '■'),
    (0xa2, '□'),
    (0xa3, '□'),
];

const WINGDINGS_3: &[(u8, char)] = &[
    (b'f', '←'),
    (b'g', '→'),
    (b'h', '↑'),
    (b'i', '↓'),
    (b'j', '↖'),
    (b'k', '↗'),
    (b'l', '↙'),
    (b'm', '↘'),
    (b'n', '↔'),
    (b'o', '↕'),
    (b'p', '▲'),
    (b'q', '▼'),
    (b'r', '△'),
    (b's', '▽'),
    (b't', '◀'),
    (b'u', '▶'),
    (b'v', '◁'),
    (b'w', '▷'),
];

const WEBDINGS: &[(u8, char)] = &[
    (b'<', '■'),
    (b'a', '✓'),
    (b'c', '□'),
    (b'g', '■'),
    (b'n', '●'),
    (b'r', '✗'),
    (b'=', '◯'),
    (b'3', '◀'),
    (b'4', '▶'),
    (b'5', '▲'),
    (b'6', '▼'),
    (b'Y', '♥'),
    (0xaf, '✿'),
];

const MARLETT: &[(u8, char)] =
    &[(b'a', '✓'), (b'b', '✓'), (b'h', '●'), (b'i', '●'), (b'r', '✗'), (b't', '▲'), (b'u', '▼')];

/// Letters and signs of Symbol; digits and most of ASCII are themselves.
fn greek(code: u8) -> char {
    const LETTERS: &str = "≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼";
    const SIGNS: &[(u8, char)] = &[
        (b'"', '∀'),
        (b'$', '∃'),
        (b'\'', '∋'),
        (b'*', '∗'),
        (b'-', '−'),
        (0xa2, '′'),
        (0xa3, '≤'),
        (0xa5, '∞'),
        (0xa7, '♣'),
        (0xa8, '♦'),
        (0xa9, '♥'),
        (0xaa, '♠'),
        (0xab, '↔'),
        (0xac, '←'),
        (0xad, '↑'),
        (0xae, '→'),
        (0xaf, '↓'),
        (0xb0, '°'),
        (0xb1, '±'),
        (0xb2, '″'),
        (0xb3, '≥'),
        (0xb4, '×'),
        (0xb7, '・'),
        (0xb8, '÷'),
        (0xb9, '≠'),
        (0xba, '≡'),
        (0xbb, '≈'),
        (0xbc, '…'),
        (0xd6, '√'),
        (0xd7, '⋅'),
        (0xd9, '∧'),
        (0xda, '∨'),
        (0xdb, '⇔'),
        (0xdc, '⇐'),
        (0xdd, '⇑'),
        (0xde, '⇒'),
        (0xdf, '⇓'),
        (0xe0, '◊'),
        (0xe5, '∑'),
    ];
    if let Some((_, shown)) = SIGNS.iter().find(|(n, _)| *n == code) {
        return *shown;
    }
    match code {
        0x40..=0x7e => LETTERS.chars().nth(usize::from(code - 0x40)).unwrap_or(UNKNOWN),
        0x21..=0x3f => char::from(code),
        _ => UNKNOWN,
    }
}

/// Unicode has Zapf Dingbats in their own order.
fn dingbat(code: u8) -> char {
    match code {
        0x25 => '☎',
        0x2a => '☛',
        0x2b => '☞',
        0x48 => '★',
        0x6c => '●',
        0x6e => '■',
        0x73 => '▲',
        0x74 => '▼',
        0x75 => '◆',
        0x76 => '❖',
        0xac..=0xb5 => char::from_u32(u32::from('①') + u32::from(code) - 0xac).unwrap_or(UNKNOWN),
        0x21..=0x7e => char::from_u32(0x2700 + u32::from(code) - 0x20).unwrap_or(UNKNOWN),
        _ => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_what_they_show() {
        let cases = [
            ("Wingdings", "üûþýo¨ln¡", "✓✗☑☒□□●■○"),
            ("Wingdings", "\u{f0fc}\u{f0a8}", "✓□"),
            ("wingdings 2", "PORQ£", "✓✗☑☒□"),
            ("Webdings", "acr", "✓□✗"),
            ("Symbol", "a12-´", "α12−×"),
            ("ZapfDingbats", "34n", "✓✔■"),
            ("Marlett", "b", "✓"),
            ("Wingdings", "\u{81}\u{8c}", "①❶"),
            ("Wingdings", "予定あり ○", "予定あり ○"),
            ("MS Gothic", "ü", "ü"),
        ];
        for (font, text, shown) in cases {
            assert_eq!(Face::of(font).shown(text), shown, "{font} {text}");
        }
        assert_eq!(Face::of("Wingdings").shown("43"), "〓〓", "digits are pictures too");
    }
}
