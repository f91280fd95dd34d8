//! Links: where they lead, and what they say of it.

use super::*;

fn link(text: &str, target: &str, expected: &[(&str, u16)]) {
    let link = Link {
        target: target.into(),
        text: text.into(),
        loaded: false,
        unseen: false,
        in_outlook: false,
        span: None,
        page: None,
    };
    check(
        "mail.html",
        media::HTML,
        vec![Fact::Link(link.clone()), Fact::Link(link)],
        expected,
    );
}

#[test]
fn links_are_looked_at_where_they_lead_behind_link_protection() {
    let behind = |inner: &str| format!("https://eur01.safelinks.protection.outlook.com/?url={inner}&data=05");
    link(
        "open",
        &behind("https%3A%2F%2Fpaypal.com%40evil-site.com%2F"),
        &[("link-userinfo", 550)],
    );
    link(
        "open",
        &behind("http%3A%2F%2F3405803842%2F"),
        &[("link-numeric-host", 400)],
    );
    link("docusign.com", &behind("https%3A%2F%2Fwww.docusign.com%2Fx"), &[]);
    link(
        "docusign.com",
        "https://protect-us.mimecast.com/s/aBc?domain=docusign.com",
        &[],
    );
}

#[test]
fn link_text_differs_from_target() {
    let differs = |weight| [("link-text-differs", weight)];
    link(
        "https://www.docusign.com/sign",
        "http://203.0.113.66/gate/doc",
        &differs(450),
    );
    link("www.shop.com", "https://shop-secure.example/a", &differs(350));
    // A well-known name beside what lures use.
    let imitates = [("link-text-differs", 500), ("link-lookalike-host", 350)];
    link("docusign.com", "https://docusign-secure.example/a", &imitates);
    link("youtube.com", "https://youtu.be/a", &[]);
    link("www.example.com", "https://www.example.net/a", &differs(150));
    link(
        "www.shop.com",
        "https://click.mailer.net/?to=https%3A%2F%2Fwww.shop.com%2Foffer",
        &differs(100),
    );
}

#[test]
fn ordinary_links_are_left_alone() {
    for (text, target) in [
        ("www.example.com", "https://example.com/a"),
        ("Example.COM", "https://sub.example.com:8443/a"),
        ("click here", "https://click.mailer.net/a"),
        ("setup.py", "https://github.com/x/setup.py"),
        ("someone@example.com", "https://mailer.net/"),
        (
            "docusign.com",
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.docusign.com%2F&d=1",
        ),
        ("example.org", "https://go.corp.example/r?1"),
        ("", "https://a.example/"),
        ("203.0.113.9", "https://user:secret@git.example/x"),
        ("", "javascript:void(0)"),
        ("", "data:image/png;base64,AAAA"),
        ("", "http://10.0.0.5/setup.exe"),
        ("", "http://198.51.100.7/setup.exe"),
        ("", "https://xn--mnchen-3ya.de/"),
        ("", "mailto:a@b.example"),
        ("", "#top"),
    ] {
        link(text, target, &[]);
    }
}

#[test]
fn links_in_disguise_are_found() {
    link(
        "",
        "https://www.paypal.com@evil.example/login",
        &[("link-userinfo", 550)],
    );
    link(
        "",
        "https://www.paypal.com%2Flogin@evil.example/",
        &[("link-userinfo", 550)],
    );
    for odd in [
        "https:/www.example.com/a",
        r"http:\\www.example.com/a",
        "https:///www.example.com/a",
    ] {
        link("", odd, &[("link-odd-slashes", 300)]);
    }
    link("", "https://xn--80ak6aa92e.com/", &[("link-lookalike-host", 450)]);
    link("", "https://pаypal.com/", &[("link-lookalike-host", 550)]);
    link("", "http://0xcb007142/a", &[("link-numeric-host", 400)]);
    link("docusign[.]com", "hxxps://www[.]docusign[.]com/", &[]);
    link("", "http://203.0.113.66/update.exe?x=1", &[("link-ip-executable", 450)]);
    link("", "http://[2001:db9::1]/a.hta", &[("link-ip-executable", 450)]);
    link(
        "",
        " \u{1}DATA:text/html;base64,PGh0bWw+",
        &[("link-active-scheme", 400)],
    );
    link(
        "",
        "search-ms:query=x&crumb=location:\\\\evil.example",
        &[("link-active-scheme", 500)],
    );
    link("", "file://evil.example/share/x", &[("link-active-scheme", 300)]);
}

#[test]
fn hidden_links_are_found() {
    let links: Vec<Untrusted> = vec!["http://evil.example/".into(), "b.example".into()];
    check(
        "a.html",
        media::HTML,
        vec![Fact::Hidden { links }],
        &[("document-hidden-link", 120)],
    );
}
