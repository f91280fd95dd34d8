//! How many flows one table may hold, so that all together hold no more than they may.
//!
//! A table may hold whatever the others leave. So nobody is pushed out before there is no room in any of them, whoever
//! chooses addresses whose flows are all in one. Where there is no room left, the fullest tables come down to one level,
//! and the others keep what they have.

/// Flows that each table may hold, where tables hold `open` and all together may hold `most`. At least one, and at least an
/// equal share.
pub(crate) fn level(open: &[usize], most: usize) -> usize {
    let sum: usize = open.iter().sum();
    if sum <= most {
        return (open.iter().max().copied().unwrap_or_default() + most - sum).max(1);
    }
    let mut open = open.to_vec();
    open.sort_unstable();
    let mut left = most;
    for (tables, open) in (1..=open.len()).rev().zip(open) {
        let share = left / tables;
        if open > share {
            return share.max(1);
        }
        left -= open;
    }
    left.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(open: &[usize], most: usize, expected: usize) {
        assert_eq!(level(open, most), expected, "{open:?} of {most}");
    }

    #[test]
    fn a_table_holds_what_others_leave() {
        check(&[0, 0, 0, 0], 100, 100);
        check(&[90, 2, 0, 0], 100, 98);
        check(&[30, 30, 20, 20], 100, 30);
        check(&[100, 0, 0, 0], 100, 100);
    }

    #[test]
    fn where_there_is_no_room_the_fullest_come_down() {
        check(&[120, 10, 10, 10], 100, 70);
        check(&[70, 70, 10, 10], 100, 40);
        check(&[50, 50, 50, 50], 100, 25);
        check(&[5, 5, 5, 5], 2, 1);
    }

    #[test]
    fn no_table_gets_less_than_its_share_and_all_fit_at_the_level() {
        for seed in 1..2_000_usize {
            let open: Vec<usize> = (1..=16)
                .map(|table| (seed * table * 2_654_435_761) >> 7 & 255)
                .collect();
            let most = 16 + seed * 40_503 % 2_048;
            let level = level(&open, most);
            assert!(level >= most / 16, "{open:?} of {most}: {level}");
            assert!(open.iter().map(|open| *open.min(&level)).sum::<usize>() <= most);
        }
    }
}
