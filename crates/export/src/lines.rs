//! Lines of a listing, rendered side by side and written in order.

use crate::Listing;
use std::io::{self, Write};
use watchfire_model::Observed;

/// Observables that one thread renders at a time. Their lines take about a megabyte.
const CHUNK: usize = 4096;

/// Writes what `render` makes of each of the listing's observables.
pub(crate) fn write(
    listing: &Listing<'_>,
    out: &mut dyn Write,
    render: impl Fn(&Observed, &mut Vec<u8>) -> io::Result<()> + Sync,
) -> io::Result<()> {
    let render_all = |observed: &[Observed], lines: &mut Vec<u8>| {
        lines.clear();
        observed.iter().try_for_each(|observed| render(observed, lines))
    };
    let mut buffers = vec![Vec::new(); listing.threads.max(1)];
    for wave in listing.observed.chunks(CHUNK * buffers.len()) {
        std::thread::scope(|scope| {
            let mut parts = wave.chunks(CHUNK).zip(&mut buffers);
            let own = parts.next();
            let others: Vec<_> = parts
                .map(|(part, lines)| scope.spawn(|| render_all(part, lines)))
                .collect();
            let mut rendered = own.map_or(Ok(()), |(part, lines)| render_all(part, lines));
            for other in others {
                let other = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                rendered = rendered.and(other);
            }
            rendered
        })?;
        let used = wave.len().div_ceil(CHUNK);
        buffers.iter().take(used).try_for_each(|lines| out.write_all(lines))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_model::{Observable, ObservableType, Untrusted};

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let source = Untrusted::new("source");
        let observed: Vec<Observed> = (0..3 * CHUNK as u64 + 7)
            .map(|number| {
                let mut observed = watchfire_extract::Extractor::new(watchfire_extract::Options::default())
                    .extract(b"203.0.113.7")
                    .observed
                    .remove(0);
                observed.line = number;
                observed
            })
            .collect();
        let check = |threads: usize| {
            let listing = Listing {
                source: &source,
                size: 0,
                occurrences: 0,
                observed: &observed,
                has_parts: false,
                complete: true,
                threads,
            };
            let mut out = Vec::new();
            write(&listing, &mut out, |observed, lines| {
                writeln!(lines, "{}", observed.line)
            })
            .unwrap();
            String::from_utf8(out).unwrap()
        };
        let alone = check(1);
        assert_eq!(alone.lines().count(), observed.len());
        assert_eq!(
            Observable::parse(ObservableType::Ipv4, "203.0.113.7").unwrap(),
            observed[0].observable
        );
        for threads in [0, 2, 3, 8] {
            assert_eq!(check(threads), alone, "{threads}");
        }
    }
}
