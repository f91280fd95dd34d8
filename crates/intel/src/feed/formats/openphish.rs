//! OpenPhish: URLs of phishing pages, one in each line.
//!
//! | line | becomes |
//! |---|---|
//! | a URL | the URL, reach `exact`, threat `phishing` |
//!
//! The host is not taken: most of the pages live on hosts that serve everybody. Source: <https://openphish.com/phishing_feeds.html>.

use crate::feed::intake::Taker;
use crate::feed::lines::{Input, Lines};
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, Reason, value};
use std::io::Read;
use watchfire_model::{Indicator, ObservableType};

/// See the head of this file.
pub(in crate::feed) struct Openphish;

static INFO: FormatInfo = FormatInfo {
    name: "openphish",
    describes: "OpenPhish, one URL in each line",
    yields: "URLs of phishing pages",
    towards: "malicious",
    fields: "threat",
    reach: "exact",
    source: "https://openphish.com/phishing_feeds.html",
};

impl FeedFormat for Openphish {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], name: &str) -> bool {
        name.contains("openphish") && super::is_text(head)
    }

    fn read(
        &self,
        input: &mut dyn Read,
        options: &Options,
        out: &mut dyn FnMut(Indicator),
    ) -> Result<Intake, FeedError> {
        let mut taker = Taker::new(options, out);
        let mut lines = Lines::new(Input::open(input, "a list of URLs")?);
        while let Some(line) = lines.next()? {
            let text = line.text();
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            if line.is_cut {
                taker.reject(line.place(), Reason::Malformed, "the line is too long", text);
                continue;
            }
            taker.take_typed(line.place(), ObservableType::Url, text, |url| Indicator {
                threat: value::threat(&["phishing"]),
                ..Indicator::new(url)
            });
        }
        Ok(taker.finish())
    }
}
