//! How much, how long and how often, each with its reason.

use terms::Instant;

/// A minute.
pub const MINUTE: i64 = 60 * Instant::SECOND;

/// Characters of a password at least (S-45).
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Bytes of a password at most: hashing longer ones is work for nobody's safety.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Wrong passwords before the next try is delayed (S-45).
pub const PASSWORD_TRIES: u32 = 5;
/// The longest delay is the shortest times two to this power: sixteen minutes. A thief is slowed
/// to ninety tries a day, and an owner is not shut out for the evening.
pub const DELAY_DOUBLINGS_MAX: u32 = 4;
/// The shortest delay after wrong passwords.
pub const DELAY_NS: i64 = MINUTE;
/// How long wrong passwords are remembered after the last.
pub const WRONG_KEPT_NS: i64 = Instant::DAY;

/// How long a one-time code holds (S-45).
pub const CODE_NS: i64 = 3 * MINUTE;
/// Tries of a one-time code (S-45).
pub const CODE_TRIES: u32 = 3;
/// Codes that one number is sent within an hour: messages cost money and annoy.
pub const CODES_PER_HOUR_MAX: u32 = 8;

/// A session ends so long after the last request (S-45).
pub const SESSION_IDLE_NS: i64 = 15 * MINUTE;
/// A session ends so long after the sign-in, however busy it is.
pub const SESSION_NS_MAX: i64 = 12 * 60 * MINUTE;

/// How long a registration that is not finished is kept: a person without his document at hand
/// may come back within the week.
pub const REGISTRATION_NS: i64 = 7 * Instant::DAY;
/// How long an organiser's invitation to register holds: the bettor is at the screen or at the
/// desk when it is made.
pub const INVITATION_NS: i64 = 30 * MINUTE;
/// Tries of identification before somebody of the staff has to look (machine D).
pub const IDENTIFICATION_TRIES: u8 = 3;

/// Characters of a name at most: the longest in the state registers have some ninety.
pub const NAME_CHARS_MAX: usize = 120;
/// Characters of an address at most.
pub const ADDRESS_CHARS_MAX: usize = 300;
/// The oldest that anybody was: an earlier birth date is a slip.
pub const AGE_YEARS_MAX: u32 = 120;

/// How old the last version of a list may be until somebody is called (S-47): half of what the
/// rulebook lets pass, so that there is time to act.
pub const LIST_ALARM_NS: i64 = 12 * 60 * MINUTE;

/// How often a value at the edge is read again when another was faster, until that is no chance.
pub const EDGE_TRIES_MAX: u32 = 64;

/// How long a proposal of a first person waits for a second one: whoever is on leave is back.
pub const PROPOSAL_NS: i64 = 30 * Instant::DAY;
/// How long a form of an officer is known as done: longer than any session in which it was opened.
pub const FORM_KEPT_NS: i64 = Instant::DAY;

/// An hour.
pub const HOUR_NS: i64 = 60 * MINUTE;
/// How long until another code may be sent: the first is on its way.
pub const CODE_AGAIN_NS: i64 = 30 * Instant::SECOND;
/// A session's last use is written this often, and not with each page.
pub const SEEN_EVERY_NS: i64 = 30 * Instant::SECOND;

/// Links of one organiser a minute: twice what the busiest minute of registrations and orders
/// brings.
pub const INVITATIONS_PER_MINUTE_MAX: u32 = 10_000;
/// How long a system that did not answer, or an answer that is awaited, is left alone.
pub const AGAIN_NS: i64 = 5 * Instant::SECOND;
/// Arrows that are done in one call: all of a registration, twice.
pub const STAGES_MAX: usize = 40;
/// Ways that one turn of the duty goes on with.
pub const WAYS_PER_TURN: usize = 1_000;
