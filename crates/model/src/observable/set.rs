//! A set of observable types.

use super::ObservableType;
use std::fmt;

/// Which types are wanted. A copyable bit set.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct TypeSet(u128);

impl TypeSet {
    /// No type.
    pub const EMPTY: Self = Self(0);

    /// Every type.
    pub fn all() -> Self {
        ObservableType::ALL.iter().copied().collect()
    }

    /// The types that `extract` looks for without being asked.
    pub fn by_default() -> Self {
        ObservableType::ALL
            .iter()
            .copied()
            .filter(|kind| kind.spec().by_default)
            .collect()
    }

    /// Whether `kind` is in the set.
    pub const fn contains(self, kind: ObservableType) -> bool {
        self.0 >> (kind as u8) & 1 == 1
    }

    /// With `kind`.
    #[must_use]
    pub const fn with(self, kind: ObservableType) -> Self {
        Self(self.0 | 1 << (kind as u8))
    }

    /// Without `kind`.
    #[must_use]
    pub const fn without(self, kind: ObservableType) -> Self {
        Self(self.0 & !(1 << (kind as u8)))
    }

    /// Whether both sets share a type.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Its types in registry order.
    pub fn iter(self) -> impl Iterator<Item = ObservableType> {
        ObservableType::ALL
            .iter()
            .copied()
            .filter(move |kind| self.contains(*kind))
    }
}

impl FromIterator<ObservableType> for TypeSet {
    fn from_iter<I: IntoIterator<Item = ObservableType>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl fmt::Debug for TypeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(ObservableType::name)).finish()
    }
}
