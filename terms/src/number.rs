//! Numbers that people see: account number and wallet code (requirements 9.1, S-06).

use crate::id::{Account, Organiser, Wallet};

/// The version in the first two digits of an account number.
const VERSION: u64 = 1;

/// The printed account number: 2 digits version, 4 organiser, 9 serial, 1 Luhn (R0-2.4).
pub fn account_number(organiser: Organiser, account: Account) -> String {
    let body = format!("{VERSION:02}{:04}{:09}", organiser.0 % 10_000, account.0 % 1_000_000_000);
    let check = luhn(&body);
    format!("{body}{check}")
}

/// Reads a printed account number; `None` if its form or check digit is wrong.
pub fn parse_account_number(text: &str) -> Option<(Organiser, Account)> {
    let body = checked(text, 16)?;
    let part = |from: usize, to: usize| body[from..to].parse::<u32>().ok();
    (u64::from(part(0, 2)?) == VERSION).then_some((Organiser(part(2, 6)?), Account(part(6, 15)?)))
}

/// The printed wallet code: 13 digits and a Luhn digit.
pub fn wallet_code(wallet: Wallet) -> String {
    let body = format!("7{:012}", wallet.0);
    let check = luhn(&body);
    format!("{body}{check}")
}

/// Reads a printed wallet code.
pub fn parse_wallet_code(text: &str) -> Option<Wallet> {
    let body = checked(text, 14)?;
    if !body.starts_with('7') {
        return None;
    }
    body[1..].parse::<u32>().ok().map(Wallet)
}

/// The printed number of a case: its year and its number within the year (requirements 9.1).
pub fn case_number(year: u32, serial: u32) -> String {
    format!("{year:04}-{serial:06}")
}

/// Reads a printed number of a case: the year and the number within it.
pub fn parse_case_number(text: &str) -> Option<(u32, u32)> {
    let (year, serial) = text.split_once('-')?;
    let parsed = (year.parse().ok()?, serial.parse().ok()?);
    // What prints otherwise was not printed here: signs, too few or too many digits.
    (case_number(parsed.0, parsed.1) == text).then_some(parsed)
}

fn checked(text: &str, length: usize) -> Option<&str> {
    let (body, check) = text.split_at_checked(length - 1)?;
    let right = text.len() == length
        && text.bytes().all(|b| b.is_ascii_digit())
        && luhn(body).to_string() == check;
    right.then_some(body)
}

fn luhn(body: &str) -> u32 {
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(index, byte)| {
            let digit = u32::from(byte - b'0');
            let weighted = if index % 2 == 0 { digit * 2 } else { digit };
            weighted / 10 + weighted % 10
        })
        .sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_numbers_read_back() {
        // R0-2.4
        for n in [0, 1, 7, 999_999_999] {
            let text = account_number(Organiser(12), Account(n));
            assert_eq!(text.len(), 16);
            assert_eq!(parse_account_number(&text), Some((Organiser(12), Account(n))));
            let code = wallet_code(Wallet(n));
            assert_eq!(code.len(), 14);
            assert_eq!(parse_wallet_code(&code), Some(Wallet(n)));
        }
    }

    #[test]
    fn case_numbers_read_back() {
        for (year, serial, text) in
            [(2026, 1, "2026-000001"), (2026, 1_234_567, "2026-1234567"), (2030, 42, "2030-000042")]
        {
            assert_eq!(case_number(year, serial), text);
            assert_eq!(parse_case_number(text), Some((year, serial)));
        }
        for text in ["2026-1", "2026-+00001", "26-000001", "2026", "2026-0000001", "x-000001"] {
            assert_eq!(parse_case_number(text), None, "{text}");
        }
    }

    #[test]
    fn a_wrong_digit_is_found() {
        let good = account_number(Organiser(3), Account(123_456));
        for at in 0..16 {
            let mut bad = good.clone().into_bytes();
            bad[at] = b'0' + (bad[at] - b'0' + 1) % 10;
            assert_eq!(parse_account_number(std::str::from_utf8(&bad).unwrap()), None);
        }
        assert_eq!(parse_account_number("short"), None);
        assert_eq!(parse_wallet_code("тенге"), None);
    }
}
