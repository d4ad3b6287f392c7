//! Whoever starts the program by a double click: a window of its own, which closes with it.

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

/// The window that will close as soon as the program ends: on Windows, when it was not started from a command prompt (which gives
/// its children `PROMPT`) but by a double click or by dropping a folder on it. That starts no command.
pub(super) const fn closes_at_once(command: bool, windows: bool, prompt: bool) -> bool {
    windows && !command && !prompt
}

/// Whether this process has such a window, and somebody sits before it.
pub(super) fn is_own_window(command: bool) -> bool {
    closes_at_once(command, cfg!(windows), std::env::var_os("PROMPT").is_some())
        && std::io::stdin().is_terminal()
        && std::io::stdout().is_terminal()
}

/// Keeps the window open until it was read.
pub(super) fn wait_for_a_key() {
    println!("\nEnterキーを押すと、この画面を閉じます。");
    // Whether a line could be read does not matter any more.
    let _ = std::io::stdin().read_line(&mut String::new());
}

/// What to do, for somebody who has typed nothing, and whether a round is to be made here: its folder and the municipality's code.
/// Without an answer there is none.
pub(super) fn asked(
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> std::io::Result<Option<(PathBuf, Option<String>)>> {
    writeln!(
        output,
        "調査回のフォルダを、このプログラム（torimatome.exe）のアイコンの上に落とすと、取りまとめます。\n\
         ほかのことは、フォルダのアドレス欄に cmd と入力して開く画面で、torimatome --help と入力すると見られます。\n\n\
         いまのフォルダに、新しい調査回のフォルダを作ることもできます。\n\
         作るときは、調査回の名前（例: 令和4年10月末）を入力して、Enterキーを押してください。作らないときは、そのままEnterキーを押してください。"
    )?;
    let mut answer = |ask: &str| -> std::io::Result<String> {
        write!(output, "{ask}")?;
        output.flush()?;
        let mut line = String::new();
        input.read_line(&mut line)?;
        Ok(line.trim().trim_matches('"').to_string())
    };
    let name = answer("調査回の名前: ")?;
    if name.is_empty() {
        return Ok(None);
    }
    let code = answer("団体コード（6桁。あとで書くときは、そのままEnterキー）: ")?;
    Ok(Some((PathBuf::from(name), Some(code).filter(|c| !c.is_empty()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_window_that_would_vanish_waits() {
        assert!(closes_at_once(false, true, false));
        assert!(!closes_at_once(false, true, true), "a command prompt stays");
        assert!(!closes_at_once(true, true, false), "a command was typed");
        assert!(!closes_at_once(false, false, false));
    }

    #[test]
    fn a_round_is_made_for_a_name_and_for_nothing_else() {
        let asked = |typed: &str| {
            let mut said = Vec::new();
            let answer = asked(&mut typed.as_bytes(), &mut said).expect("asked");
            assert!(String::from_utf8(said).expect("text").contains("torimatome.exe"));
            answer
        };
        assert_eq!(asked(""), None);
        assert_eq!(asked("\r\n"), None);
        assert_eq!(asked("令和4年10月末\r\n042021\r\n"), Some(("令和4年10月末".into(), Some("042021".into()))));
        assert_eq!(asked(" 令和4年10月末 \n\n"), Some(("令和4年10月末".into(), None)));
    }
}
