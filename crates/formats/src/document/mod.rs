//! Documents: visible text with page numbers, links, titles.
