//! What rules call the fields of records, remembered by the numbers of names.

use watchfire_formats::log::NameId;
use watchfire_sigma::FieldId;

/// See the module. The numbers of names are a reader's: another begins anew.
#[derive(Debug, Default)]
pub(super) struct Bound {
    /// By the places of origins or formats and the numbers of names: where their fields begin and how many they are.
    known: Vec<Vec<Option<(u32, u32)>>>,
    ids: Vec<FieldId>,
    /// Those of a name without a number, as long as it is at hand.
    carried: Vec<FieldId>,
}

impl Bound {
    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.known.clear();
        self.ids.clear();
    }

    /// Fields that a name means at a place; `called` adds those of one that was not met there.
    #[inline]
    pub(super) fn ids(&mut self, place: usize, name: NameId, called: impl FnOnce(&mut Vec<FieldId>)) -> &[FieldId] {
        if name == NameId::NONE {
            self.carried.clear();
            called(&mut self.carried);
            return &self.carried;
        }
        let known = self.known.get(place).and_then(|names| *names.get(name.index())?);
        let (from, count) = known.unwrap_or_else(|| self.add(place, name.index(), called));
        let (from, count) = (from as usize, count as usize);
        self.ids.get(from..from.saturating_add(count)).unwrap_or_default()
    }

    #[cold]
    fn add(&mut self, place: usize, name: usize, called: impl FnOnce(&mut Vec<FieldId>)) -> (u32, u32) {
        let from = self.ids.len();
        called(&mut self.ids);
        let pair = u32::try_from(from).ok().zip(u32::try_from(self.ids.len() - from).ok());
        if self.known.len() <= place {
            self.known.resize(place + 1, Vec::new());
        }
        if let Some(names) = self.known.get_mut(place) {
            if names.len() <= name {
                names.resize(name + 1, None);
            }
            if let Some(known) = names.get_mut(name) {
                *known = pair;
            }
        }
        pair.unwrap_or_default()
    }

    /// All fields that names with numbers meant.
    pub(super) fn all(&self) -> &[FieldId] {
        &self.ids
    }
}
