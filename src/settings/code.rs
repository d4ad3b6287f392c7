//! 全国地方公共団体コード: six digits, the last of which is a check digit.
//!
//! Source: 総務省「全国地方公共団体コード」検査数字の算出方法: S = 6a+5b+4c+3d+2e, digit = (11 − S mod 11) mod 10.

use unicode_normalization::UnicodeNormalization;

/// The check digit of five digits.
#[must_use]
pub fn check_digit(five: &[u8; 5]) -> u8 {
    let sum: u32 = five.iter().zip([6u32, 5, 4, 3, 2]).map(|(d, w)| u32::from(*d) * w).sum();
    u8::try_from((11 - sum % 11) % 10).unwrap_or(0)
}

/// The six digits of a code as typed: widths unified, a lost leading zero or a missing check digit put back when the
/// result is beyond doubt.
///
/// # Errors
/// What was expected, in words: the code with its right check digit, or the shape of a code.
pub fn complete(typed: &str) -> Result<String, String> {
    let digits: String = typed.nfkc().filter(|c| !c.is_whitespace()).collect();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) || digits.len() > 6 {
        return Err("6桁の数字".to_string());
    }
    // 6 digits as they are; 5 digits with a lost leading zero (01–09 prefectures); 5 or 4 digits without the check digit.
    let padded = format!("{digits:0>6}");
    if let Some(five) = five(&padded)
        && padded.as_bytes()[5] - b'0' == check_digit(&five)
        && padded != "000000"
        && digits.len() >= 5
    {
        return Ok(padded);
    }
    let stem = if digits.len() == 6 { digits[..5].to_string() } else { format!("{digits:0>5}") };
    let Some(five) = five(&stem) else { return Err("6桁の数字".to_string()) };
    let full = format!("{stem}{}", check_digit(&five));
    if digits.len() == 6 { Err(full) } else { Ok(full) }
}

fn five(text: &str) -> Option<[u8; 5]> {
    let mut five = [0; 5];
    for (to, from) in five.iter_mut().zip(text.as_bytes().get(..5)?) {
        *to = from.checked_sub(b'0')?;
    }
    Some(five)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_of_known_codes() {
        for code in ["042021", "040002", "042145", "045811", "131016", "011002", "473821"] {
            assert_eq!(complete(code), Ok(code.to_string()), "{code}");
        }
    }

    #[test]
    fn lost_zero_and_missing_digit_are_put_back() {
        assert_eq!(complete("42021"), Ok("042021".to_string()));
        assert_eq!(complete("04202"), Ok("042021".to_string()));
        assert_eq!(complete("4202"), Ok("042021".to_string()));
        assert_eq!(complete("０４２０２１"), Ok("042021".to_string()));
        assert_eq!(complete("042020"), Err("042021".to_string()));
        assert!(complete("四二").is_err());
        assert!(complete("0420210").is_err());
    }
}
