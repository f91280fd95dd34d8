//! Objects of JSON, written as they come: members keep their order, and what is not there is left out.

use crate::json;
use serde::Serialize;

/// An object that is being written.
pub(super) struct Object<'o> {
    out: &'o mut Vec<u8>,
    is_empty: bool,
}

impl Object<'_> {
    /// Appends an object.
    pub(super) fn write(out: &mut Vec<u8>, members: impl FnOnce(&mut Object<'_>)) {
        out.push(b'{');
        let mut object = Object { out, is_empty: true };
        members(&mut object);
        object.out.push(b'}');
    }

    fn name(&mut self, name: &str) {
        if !std::mem::take(&mut self.is_empty) {
            self.out.push(b',');
        }
        self.value(&name);
        self.out.push(b':');
    }

    fn value(&mut self, value: &impl Serialize) {
        let before = self.out.len();
        // Texts and numbers can always be written; should one not be, the line is one still.
        if json::compact(value, self.out).is_err() {
            self.out.truncate(before);
            self.out.extend_from_slice(b"null");
        }
    }

    pub(super) fn put(&mut self, name: &str, value: impl Serialize) {
        self.name(name);
        self.value(&value);
    }

    /// Where there is one.
    pub(super) fn perhaps(&mut self, name: &str, value: Option<impl Serialize>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    /// Where it has entries.
    pub(super) fn list<T: Serialize>(&mut self, name: &str, list: &[T]) {
        if !list.is_empty() {
            self.put(name, list);
        }
    }

    /// Where it is so; else it is not said.
    pub(super) fn flag(&mut self, name: &str, is: bool) {
        if is {
            self.put(name, true);
        }
    }

    pub(super) fn object(&mut self, name: &str, members: impl FnOnce(&mut Object<'_>)) {
        self.name(name);
        Object::write(self.out, members);
    }

    /// A list of objects.
    pub(super) fn objects<T>(
        &mut self,
        name: &str,
        list: impl IntoIterator<Item = T>,
        members: impl Fn(&mut Object<'_>, T),
    ) {
        self.name(name);
        self.out.push(b'[');
        for (at, entry) in list.into_iter().enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            Object::write(self.out, |object| members(object, entry));
        }
        self.out.push(b']');
    }
}
