//! What bounds the ways to outside systems, each with its reason.

use std::time::Duration;

/// For a connection: the systems stand in the same country, and a caller who waits in vain learns
/// it soon enough to try another way.
pub const CONNECT_MAX: Duration = Duration::from_secs(5);

/// For one call from first byte to last; a biometric comparison takes the longest.
pub const CALL_MAX: Duration = Duration::from_secs(30);

/// Bytes of an answer that is a message: a person with every document and address he ever had is
/// below 100 KiB.
pub const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Bytes of a list file: all lists of financial monitoring together are a few MiB; four million
/// numbers with names would be less than this.
pub const LIST_BYTES_MAX: usize = 512 << 20;

/// Bytes of the head of an answer.
pub const HEAD_BYTES_MAX: usize = 32 << 10;

/// Nodes of an XML message: the largest known message has some two thousand.
pub const XML_NODES_MAX: u32 = 32_768;

/// Levels of an XML message: the known ones have a dozen; reading goes down one stack frame a
/// level.
pub const XML_DEPTH_MAX: usize = 64;

/// Declarations of namespaces in an XML message. Each level that declares one copies those above
/// it, so without a bound a small message could take gigabytes.
pub const XML_NAMESPACES_MAX: usize = 256;

/// Bytes of a token: those that are seen are below 2 KiB.
pub const TOKEN_BYTES_MAX: usize = 16 << 10;

/// Bytes of a certificate or public key.
pub const CERTIFICATE_BYTES_MAX: usize = 16 << 10;

/// Bytes of a field that is sent: names and purposes as people write them.
pub const FIELD_BYTES_MAX: usize = 500;

/// Bytes of a code that another system names.
pub const CODE_BYTES_MAX: usize = 40;

/// Clocks of others may be wrong by so much (S-58), nanoseconds.
pub const SKEW_NS: i64 = 60 * 1_000_000_000;

/// Longest life of a token that we sign (S-58), nanoseconds.
pub const OWN_TOKEN_NS_MAX: i64 = 5 * 60 * 1_000_000_000;

/// Term of an answer by way of 1414 (S-56), nanoseconds.
pub const ANSWER_1414_NS: i64 = 24 * 3_600 * 1_000_000_000;

/// Term of an answer by one-time code (S-56), nanoseconds.
pub const ANSWER_CODE_NS: i64 = 10 * 60 * 1_000_000_000;

/// Answers with a verified token that an act of testing needs (R3-11.2).
pub const TRIAL_ANSWERS: usize = 10;

/// Requests of one trial: those that fail are recorded as well, and a trial with more failures
/// than this has something wrong that more requests do not mend.
pub const TRIAL_REQUESTS_MAX: usize = 100;

/// Bytes of one picture or film that is taken for a liveness check.
pub const CAPTURE_BYTES_MAX: usize = 8 << 20;

/// Documents, addresses or records of one person that are read; more are a broken answer.
pub const RECORDS_MAX: usize = 200;

/// Characters of one short message: three parts of seventy Kazakh letters less their heads.
pub const SHORT_MESSAGE_CHARACTERS_MAX: usize = 201;
