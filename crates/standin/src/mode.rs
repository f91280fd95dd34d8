//! How a provider behaves.

/// What happens to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The value is known, and bad where that can be.
    Found,
    /// The value is not known, in the provider's own words.
    Unknown,
    /// Too many questions, in the provider's own words.
    Quota,
    /// The key is wrong, in the provider's own words.
    Auth,
    /// The answer ends in its middle.
    Malformed,
    /// Nothing comes for a minute.
    Slow,
    /// The connection is closed before an answer.
    Disconnect,
    /// Every field is of another type.
    WrongType,
    /// A web page.
    Html,
    /// A web page that says 404, as a wrong base URL gets it.
    NoPage,
    /// Nothing, with status 200.
    Empty,
    /// Status 503, once; then as [`Mode::Found`].
    Busy,
    /// Every string ends in what acts on terminals, spreadsheets and pages, and is long.
    Hostile,
    /// Twelve million bytes.
    Large,
    /// A hundred thousand lists in one another.
    Nested,
    /// A small answer that unpacks to twenty million bytes.
    Bomb,
}

impl Mode {
    /// Every mode.
    pub const ALL: &'static [Self] = &[
        Self::Found,
        Self::Unknown,
        Self::Quota,
        Self::Auth,
        Self::Malformed,
        Self::Slow,
        Self::Disconnect,
        Self::WrongType,
        Self::Html,
        Self::NoPage,
        Self::Empty,
        Self::Busy,
        Self::Hostile,
        Self::Large,
        Self::Nested,
        Self::Bomb,
    ];

    /// The name in a path.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Unknown => "unknown",
            Self::Quota => "quota",
            Self::Auth => "auth",
            Self::Malformed => "malformed",
            Self::Slow => "slow",
            Self::Disconnect => "disconnect",
            Self::WrongType => "wrong-type",
            Self::Html => "html",
            Self::NoPage => "no-page",
            Self::Empty => "empty",
            Self::Busy => "busy",
            Self::Hostile => "hostile",
            Self::Large => "large",
            Self::Nested => "nested",
            Self::Bomb => "bomb",
        }
    }

    /// The mode of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|mode| mode.name() == name)
    }
}
