//! Every limit of the core in one place, with its reason.

/// Legs of one bet. Twenty legs of the highest odds fit in 1,024 bits (core 8).
pub const LEGS_MAX: usize = 20;
/// Lines of one system bet: 2^12, the Goliath and its kin many times over (core 8).
pub const LINES_MAX: u32 = 4_096;
/// What may come back of one bet, in tiyn: a hundred thousand million tenge, ten times the sample
/// rulebook's bound. A rulebook sets its bound no higher and no bet that is reported passes it, so
/// that the sums of views hold nine hundred thousand slips of that size.
pub const RETURN_TIYN_MAX: i64 = 10_000_000_000_000;
/// Facts that one command may cause, so that no command holds up the others (core 13).
pub const FACTS_PER_COMMAND_MAX: usize = 64;
/// Items that one `Continue` looks at (core 13).
pub const ITEMS_PER_CONTINUE_MAX: usize = 1_000;
/// Commands of one frame (design 2.3).
pub const COMMANDS_PER_FRAME_MAX: usize = 8_000;
/// Bytes of facts of one frame (design 2.3).
pub const FRAME_BYTES_MAX: usize = 1 << 20;
/// Markets of one event: the widest event of a large bookmaker has about 1,500 over its life. A
/// power of two, since a market's number is made of it.
pub const MARKETS_PER_EVENT_MAX: usize = 4_096;
/// Outcomes of one event: with them an event that has left is read back as one record of less
/// than 400 KiB; a usual one has 2 KiB.
pub const OUTCOMES_PER_EVENT_MAX: usize = 32_768;
/// Outcomes of one market: the widest outright market has a few hundred runners. A
/// power of two, since an outcome's number is made of it.
pub const OUTCOMES_PER_MARKET_MAX: usize = 512;
/// Bytes of records of events that one tick keeps before they leave; one larger event is kept alone
/// (core 13).
pub const EVENTS_KEPT_BYTES_MAX: usize = 16 * 1024;
/// Bytes of a rulebook (core 18).
pub const RULEBOOK_BYTES_MAX: usize = 64 * 1024;
/// Conflicts of one id that are journalled; more tell nothing new (core 14).
pub const CONFLICTS_PER_ID_MAX: u8 = 3;
/// Recent ids held exactly in memory, in each of two generations: about 50 MiB each (core 15).
pub const RECENT_IDS_PER_GENERATION: usize = 900_000;
/// Room for bets that the hot state takes at once: growing a table of a million entries would stop
/// the deciding thread for a tenth of a second. Memory is used only as entries come.
pub const BETS_RESERVED: usize = 3_600_000;
/// Room for open orders, for the same reason.
pub const ORDERS_RESERVED: usize = 900_000;
/// Taxable objects of one organiser; the tax code names eight kinds.
pub const TAXABLE_OBJECTS_MAX: usize = 256;
