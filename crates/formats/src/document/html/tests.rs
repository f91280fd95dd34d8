//! Pages as they are written, honestly and otherwise.

use super::*;

fn page(source: &str) -> Page {
    read(source, &Budget::default())
}

#[track_caller]
fn check(source: &str, expected: &str) {
    assert_eq!(page(source).text.text, expected, "{source}");
}

#[test]
fn blocks_break_lines_and_words_stay_together() {
    check(
        "<div>a <b>b</b>\n c</div><p>d<p>e<br>f<li>g",
        "a b c\n\nd\n\ne\nf\n\ng\n",
    );
    check(
        "ev<wbr>il&#8203;.exa<span>mple</span> &nbsp; x\u{200d}y",
        "evil.example xy\n",
    );
    check(
        "<h1>T</h1>text<pre>a\n  b\n\n\nc</pre>d",
        "T\n\ntext\n\na\nb\n\nc\n\nd\n",
    );
}

#[test]
fn table_cells_are_separated_by_tabs() {
    check(
        "<table><tr><th>IP</th><th>Port</th></tr><tr><td><p>203[.]0[.]113[.]66</p></td><td><div>443</div></td></tr></table>end",
        "IP\tPort\n203[.]0[.]113[.]66\t443\n\nend\n",
    );
    check("a<table><tr><td><td>b<tr><td><p>c</p><td>d</table>", "a\n\n\tb\nc\td\n");
    check("<table><tr><td>a<td></td><td>c<tr><td>d", "a\t\tc\nd\n");
    check(
        "<table><tr><td><table><tr><td>in</td></tr></table></td><td>out</td></tr></table>",
        "in\tout\n",
    );
}

#[test]
fn what_is_hidden_is_kept_apart() {
    let page = page(
        "<div style='display:none'>one <b>two</b></div>three<span hidden>four</span><p style=font-size:0>five<p>six\
         <script>seven</script><template>eight</template>",
    );
    assert_eq!(page.text.text, "three\n\nsix\n");
    assert_eq!(page.hidden.text, "one two\nfour\n\nfive\n");
}

#[test]
fn titles_and_generators_are_facts() {
    let page = page("<head><meta name=Generator content='Pen &amp; Ink'><title> A\n&lt;b> </title></head><body>x");
    assert_eq!(page.title.as_deref(), Some("A <b>"));
    assert_eq!(page.producer.as_deref(), Some("Pen & Ink"));
    assert_eq!(page.text.text, "A <b>\n\nx\n");
}

#[track_caller]
fn check_links(source: &str, expected: &[(&str, &str, &str)]) {
    let found = page(source).links;
    let found: Vec<_> = found
        .iter()
        .map(|link| {
            let span = link
                .span
                .map(|span| source.get(span.start as usize..span.end as usize).unwrap());
            (link.target.raw(), link.text.raw(), span.unwrap_or_default())
        })
        .collect();
    assert_eq!(found, expected, "{source}");
}

#[test]
fn links_carry_their_text_and_place() {
    check_links(
        "<a href='https://evil.example/?a=1&amp;b'>https://<i>good</i>.example</a> <img src=x.png><form action=/p>",
        &[
            (
                "https://evil.example/?a=1&b",
                "https://good.example",
                "https://evil.example/?a=1&amp;b",
            ),
            ("x.png", "", "x.png"),
            ("/p", "", "/p"),
        ],
    );
    check_links(
        "<a href=one>1<a href=two>2",
        &[("one", "1", "one"), ("two", "2", "two")],
    );
}

#[test]
fn refresh_and_base_are_obeyed() {
    check_links(
        "<base href='https://a.example/d/'><meta http-equiv=Refresh content='0;URL=\"x?y\"'><a href=z>t</a>",
        &[
            ("https://a.example/d/x?y", "", "x?y"),
            ("https://a.example/d/z", "t", "z"),
        ],
    );
}

#[test]
fn text_leads_back_to_its_source() {
    let source = "<p>See &lt;evil&gt;   <b>203.0.113.7</b> \u{200b}and é</p>";
    let text = page(source).text;
    for word in ["See", "evil", "203.0.113.7", "and", "é"] {
        let at = text.text.find(word).unwrap();
        let source_at = text.source_at(at).unwrap() as usize;
        assert!(source.get(source_at..).unwrap().starts_with(word), "{word}");
    }
}

#[test]
fn deep_nesting_stays_linear_and_readable() {
    let source = format!("{}deep{}", "<div>".repeat(50_000), "</div>".repeat(50_000));
    check(&source, "deep\n");
    check(&"<a <b ".repeat(20_000), "");
    check(&"</x>".repeat(50_000), "");
    let links = "<a href=x>".repeat(50_000);
    assert_eq!(page(&links).links.len(), 50_000);
    let _ = page(&"&".repeat(100_000));
    let _ = page(&"<!--".repeat(50_000));
    let _ = page(&"<title><".repeat(50_000));
}

/// Targets and texts of the links that are followed.
fn followed(source: &str) -> Vec<(String, String)> {
    let page = page(source);
    let links = page.links.into_iter().chain(page.outlook).filter(|link| !link.loaded);
    links
        .map(|link| {
            let at = link.span.unwrap();
            let at = usize::try_from(at.start).unwrap()..usize::try_from(at.end).unwrap();
            assert_eq!(source.get(at), Some(link.target.raw()), "{source}");
            (link.target.raw().to_owned(), link.text.raw().to_owned())
        })
        .collect()
}

#[test]
fn shapes_that_outlook_draws_are_links() {
    let check = |source: &str, expected: &[(&str, &str)]| {
        let expected: Vec<(String, String)> = expected
            .iter()
            .map(|(target, text)| ((*target).to_owned(), (*text).to_owned()))
            .collect();
        assert_eq!(followed(source), expected, "{source}");
    };
    let button = "<v:roundrect href=\"https://a.example/x\" fillcolor=red><w:anchorlock/><center>Go &amp; see</center></v:roundrect>";
    check(button, &[("https://a.example/x", "Go & see")]);
    check(
        &format!("<p>é<!--[if mso]>{button}<![endif]--><!--[if !mso]><!-- --><a href=https://b.example/>b</a>"),
        &[("https://b.example/", "b"), ("https://a.example/x", "Go & see")],
    );
    check(
        &format!("<a href=https://b.example/>one<!--[if gte vml 1]>{button}<![endif]--> two</a>"),
        &[("https://b.example/", "one two"), ("https://a.example/x", "Go & see")],
    );
    check(
        "<!--[if (gte mso 9)|(IE)]><a href=https://a.example/>a</a><v:rect href=https://b.example/>b<![endif]-->",
        &[("https://a.example/", "a"), ("https://b.example/", "b")],
    );
    // A shape that leads nowhere ends no link.
    check(
        "<a href=https://b.example/>one<v:shape><v:imagedata src=https://c.example/></v:shape> two</a>",
        &[("https://b.example/", "one two")],
    );
    check(
        &format!("<!--{button}--><!--[if !mso]>{button}<![endif]--><!--[if lt IE 9]>{button}<![endif]-->"),
        &[],
    );
    check(&"<!--[if mso]><v:rect".repeat(2_000), &[]);
}

#[test]
fn pictures_that_nobody_sees_are_told() {
    let unseen = |source: &str| page(source).links.first().map(|link| (link.loaded, link.unseen));
    for seen in [
        "<img src=https://a.example/>",
        "<img src=https://a.example/ width=1>",
        "<img src=https://a.example/ width=1 height=20>",
        "<img src=https://a.example/ width=100% height=1%>",
        "<img src=https://a.example/ style='max-width:0.5em'>",
    ] {
        assert_eq!(unseen(seen), Some((true, false)), "{seen}");
    }
    for hidden in [
        "<img src=https://a.example/ width=1 height='1px'>",
        "<IMG WIDTH=0 SRC=https://a.example/>",
        "<img src=https://a.example/ width=100 style='height: 0px !important'>",
        "<img src=https://a.example/ style='width:1px;max-height:1px'>",
        "<img src=https://a.example/ style='opacity:0'>",
        "<div style='display:none'><p><img src=https://a.example/></div>",
    ] {
        assert_eq!(unseen(hidden), Some((true, true)), "{hidden}");
    }
    assert_eq!(unseen("<div hidden><a href=https://a.example/>"), Some((false, false)));
}

#[test]
fn cancelling_keeps_what_was_read() {
    let budget = Budget::default();
    budget.cancel();
    let page = read(&"<p>a".repeat(2_000), &budget);
    assert_eq!(page.halted, Some(Halt(LimitKind::Time)));
    assert!(page.text.text.starts_with("a\n"));
}

#[test]
fn pages_declare_their_character_set() {
    let check = |head: &str, expected: Option<&str>| assert_eq!(declared_charset(head.as_bytes()).as_deref(), expected);
    check("<meta charset=Shift_JIS>", Some("shift_jis"));
    check("<meta content='text/html; charset=windows-1251'>", Some("windows-1251"));
    check("<?xml version='1.0' encoding='iso-8859-2'?>", Some("iso-8859-2"));
    check("<p>charset", None);
}

#[test]
fn damaged_pages_do_not_panic() {
    let source = "<!doctype html><title>a&amp;</title><table><tr><td hidden>\u{e9}<a href=\"x\">y</a></td></table><!--c--><script>s</script>&#x41;";
    for end in 0..source.len() {
        let mut bytes = source.as_bytes().to_vec();
        let _ = read_bytes(bytes.get(..end).unwrap(), &Hints::default(), &Budget::default());
        for bit in 0..8 {
            if let Some(byte) = bytes.get_mut(end) {
                *byte ^= 1 << bit;
            }
            let _ = read_bytes(&bytes, &Hints::default(), &Budget::default());
        }
    }
}
