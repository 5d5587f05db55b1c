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
/// Earlier states of a person that are kept, to judge late reports by: a person changes with lists,
/// age and identification a few times in the forty days that a report may be late, and one of a
/// million persons who changes more often shall not take more room than a hundred others.
pub const PERSON_STATES_KEPT: usize = 16;
/// Records of licences, and of contracts of one kind, that are kept of an organiser, past and to
/// come. A report may be forty days late; nobody is licensed anew more than once a day.
pub const TERMS_KEPT: usize = 64;
/// Changes of an organiser's connection that are kept, for the same reason: an outage or two a day.
pub const CONNECTIONS_KEPT: usize = 256;
/// Events that are mapped to central ones and kept: a season of all organisers and sports that an
/// operator can map by hand or by a feed, at about 300 bytes each.
pub const CENTRAL_EVENTS_KEPT: usize = 16_384;
/// Events of one central event, one of each organiser: a result is compared with all others in one
/// command, which may cause no more facts than [`FACTS_PER_COMMAND_MAX`].
pub const EVENTS_PER_CENTRAL_MAX: usize = 32;
/// Markets of an event that are compared with those of others.
pub const CENTRAL_MARKETS_MAX: usize = 64;
/// Windows of planned works that have not ended: one a week for the half year ahead.
pub const WORKS_OPEN_MAX: usize = 32;
/// How far ahead works may be planned: a year and a month. What lies further is a slip of the pen.
pub const WORKS_AHEAD_NS_MAX: i64 = 400 * crate::Instant::DAY;
/// Taxable objects of one organiser; the tax code names eight kinds.
pub const TAXABLE_OBJECTS_MAX: usize = 256;
/// Persons of one difference of a list or of ages: five bytes each, so that the fact stays well
/// below 16 KiB (core 13).
pub const DIFFERENCE_MAX: usize = 1_000;
/// Persons whom one difference puts on a list that freezes: each opens a case in the same frame, so
/// that none is frozen without a record (D-39), and one command causes at most
/// [`FACTS_PER_COMMAND_MAX`] facts. Such lists name thousands, of whom few are bettors.
pub const FREEZING_DIFFERENCE_MAX: usize = 50;
/// Attempts of persons on lists that freeze that open a case, of one day: the persons on those
/// lists, many times over.
pub const HITS_PER_DAY_MAX: usize = 65_536;
/// Holds on one person's data at a time.
pub const LEGAL_HOLDS_MAX: usize = 16;
/// Accounts, and wallets, of a person that are looked at or change hands in one command: an account
/// for each of some twenty organisers, and as many earlier ones.
pub const HOLDINGS_MAX: usize = 256;
/// The longest term of a rulebook, in days: ten years.
pub const TERM_DAYS_MAX: u64 = 3_660;
/// The highest age, and the longest keeping of data, that a rulebook may set, in years.
pub const YEARS_MAX: u32 = 120;
