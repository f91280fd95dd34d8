//! What asking will cost, in words, before anybody is asked: where a person decides whether to go on.

use super::intelligence::grouped;
use watchfire_intel::asking::Cost;
use watchfire_model::counted_as;

/// What asking about one value costs: one line, and one more where terms forbid what many do.
pub(crate) fn of_one(costs: &[Cost]) -> Vec<String> {
    let asked: Vec<&Cost> = costs.iter().filter(|cost| cost.calls > 0).collect();
    if asked.is_empty() {
        return Vec::new();
    }
    let who = asked.iter().map(|cost| match cost.left {
        Some(left) => format!("{} ({} left)", cost.provider, grouped(u64::from(left))),
        None => cost.provider.to_owned(),
    });
    let mut told = vec![format!("a call to each of {}", who.collect::<Vec<_>>().join(", "))];
    let limited = asked.iter().filter(|cost| cost.terms.contains("commercial"));
    let limited: Vec<String> = limited
        .map(|cost| format!("{}: {}", cost.provider, cost.terms))
        .collect();
    if !limited.is_empty() {
        told.push(format!("terms: {}", limited.join("; ")));
    }
    told
}

/// What asking about a list costs: a line for each provider. `more` if the list goes on behind the `values` counted here.
pub(crate) fn of_list(costs: &[Cost], values: u64, more: bool) -> Vec<String> {
    let first = if more { "the first " } else { "" };
    let values = format!("{first}{}", count(values, "value"));
    let asked = costs.iter().filter(|cost| cost.calls + cost.kept + cost.refused > 0);
    let mut told: Vec<String> = asked.map(|cost| price(cost, &values)).collect();
    let unready: Vec<&str> = costs
        .iter()
        .filter(|cost| cost.unready > 0)
        .map(|cost| cost.provider)
        .collect();
    if !unready.is_empty() {
        told.push(format!(
            "not asked for want of a key or a server: {}",
            unready.join(", ")
        ));
    }
    told
}

/// `virustotal: 300 calls for …`
fn price(cost: &Cost, values: &str) -> String {
    let mut parts = vec![format!("{} for {values}", count(u64::from(cost.calls), "call"))];
    if cost.calls > 0 {
        parts.push(match cost.left {
            Some(left) => format!("{left} left in its quota for a list now"),
            None => "no limit known".to_owned(),
        });
    }
    for (number, what) in [(cost.kept, "kept"), (cost.refused, "may not leave")] {
        if number > 0 {
            parts.push(format!("{number} {what}"));
        }
    }
    let short = match cost.left {
        Some(left) if left < cost.calls => "; what is left out can be asked about later by the same command",
        _ => "",
    };
    let terms = if cost.terms.is_empty() {
        String::new()
    } else {
        format!("; {}", cost.terms)
    };
    format!("{}: {}{terms}{short}", cost.provider, parts.join(", "))
}

/// `1 value`, `1,024 values`
pub(crate) fn count(number: u64, what: &str) -> String {
    counted_as(grouped(number), number, what)
}
