//! Files that searches judged.

use crate::bed::{Opened, at};
use std::collections::HashSet;
use watchfire_store::FileMark;

#[test]
fn marks_stay_for_a_while_and_are_kept_once() {
    let store = Opened::new("searches");
    let searches = store.searches();
    let (one, two) = (FileMark([1; 16]), FileMark([2; 16]));
    let day = 86_400;
    searches.add(&[one, two, one], at(0)).unwrap();
    searches.add(&[two], at(80 * day)).unwrap();
    assert_eq!(searches.judged().unwrap(), HashSet::from([one, two]));
    searches.forget(at(100 * day)).unwrap();
    assert_eq!(searches.judged().unwrap(), HashSet::from([two]));
    store.check().unwrap();
}
