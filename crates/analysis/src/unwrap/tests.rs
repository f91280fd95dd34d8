//! Links made to the encodings that the services document.

use super::*;

/// Where `url` leads and through what; `-` where it goes through nothing, `?` before a host that is all that is known.
#[track_caller]
fn check(url: &str, expected: &str) {
    let found = match unwrap(url) {
        None => "-".to_owned(),
        Some(found) => {
            let mark = if found.resolved { "" } else { "?" };
            format!("{mark}{} by {}", found.target, found.through.join(", "))
        }
    };
    assert_eq!(found, expected, "{url}");
}

#[test]
fn link_protection_is_looked_through() {
    let inner = "https%3A%2F%2Fa.example%2Fx%3Fy%3D1%26z";
    let expected = |name: &str| format!("https://a.example/x?y=1&z by {name}");
    for (url, name) in [
        (
            "https://eur01.safelinks.protection.outlook.com/?url=INNER&data=05%7C02&sdata=x&reserved=0",
            "Outlook SafeLinks",
        ),
        (
            "https://gcc02.safelinks.protection.outlook.com/GetUrlReputation?url=INNER",
            "Outlook SafeLinks",
        ),
        (
            "https://usg01.safelinks.protection.office365.us/?url=INNER&data=",
            "Outlook SafeLinks",
        ),
        (
            "https://statics.teams.cdn.office.net/evergreen-assets/safelinks/1/atp-safelinks.html?url=INNER&locale=en",
            "Outlook SafeLinks",
        ),
        (
            "https://nam01.safelinks.protection.outlook.com/?data=1&amp;url=INNER",
            "Outlook SafeLinks",
        ),
        (
            "https://urldefense.proofpoint.com/v1/url?u=INNER&k=abc",
            "Proofpoint URL Defense",
        ),
        (
            "https://linkprotect.cudasvc.com/url?a=INNER&c=E,1,abc,1&typo=1",
            "Barracuda",
        ),
        ("https://secure-web.cisco.com/1a2b-3c/INNER", "Cisco"),
        (
            "https://0w2x.r.eu-west-1.awstrack.me/L0/INNER/1/0102-x/abc=1",
            "Amazon SES",
        ),
        ("https://clicktime.symantec.com/3Lw/7V?u=INNER", "Symantec"),
        (
            "https://imsva91-ctp.trendmicro.com:443/wis/clicktime/v1/query?url=INNER&umid=1",
            "Trend Micro",
        ),
        (
            "https://eu-west-1.protection.sophos.com?d=a.example&u=aHR0cHM6Ly9hLmV4YW1wbGUveD95PTEmeg==&i=1",
            "Sophos",
        ),
        ("https://protect2.fireeye.com/v1/url?k=1-2&q=1&e=2&u=INNER", "FireEye"),
        ("https://link.edgepilot.com/s/0a1b2c3d/abcDEF?u=INNER", "Edgepilot"),
        ("https://urlsand.esvalabs.com/?u=INNER&e=1&h=2", "Libraesva"),
        ("https://scanmail.trustwave.com/?c=1&d=2&s=5&u=INNER", "Trustwave"),
        (
            "https://url.avanan.click/v2/___https://a.example/x?y=1&z___.YXAz",
            "Check Point",
        ),
    ] {
        check(&url.replace("INNER", inner), &expected(name));
    }
}

#[test]
fn url_defense_is_read_in_all_versions() {
    let by = "by Proofpoint URL Defense";
    for (url, target) in [
        (
            "https://urldefense.proofpoint.com/v2/url?u=https-3A__a-2Db.example_x-3Fy-3D1&d=DwMF&c=1",
            "https://a-b.example/x?y=1",
        ),
        (
            "https://urldefense.com/v3/__https://a.example/x__;!!abc!d-e$",
            "https://a.example/x",
        ),
        (
            "https://urldefense.com/v3/__https:/a.example/x__;!!abc$",
            "https://a.example/x",
        ),
        (
            "https://urldefense.us/v3/__https://a.example/x?y=1&z=2__;!!abc$",
            "https://a.example/x?y=1&z=2",
        ),
        // `#` and `%` are listed one by one, in base64 "IyU".
        (
            "https://urldefense.com/v3/__https://a.example/*top*20x__;IyU!!abc$",
            "https://a.example/#top%20x",
        ),
        // Three characters in a row, of which one is not ASCII.
        (
            "https://urldefense.com/v3/__https://a.example/**B/z*__;w6kjJSE!!abc$",
            "https://a.example/é#%/z!",
        ),
    ] {
        check(url, &format!("{target} {by}"));
    }
}

#[test]
fn redirectors_are_looked_through() {
    for (url, expected) in [
        (
            "https://www.google.com/url?sa=t&q=https://a.example/x&usg=1",
            "https://a.example/x by Google",
        ),
        (
            "https://www.google.co.uk/url?rct=j&url=https%3A%2F%2Fa.example%2Fx",
            "https://a.example/x by Google",
        ),
        (
            "https://www.google.com/amp/s/a.example/x",
            "https://a.example/x by Google",
        ),
        (
            "https://www.google.com/imgres?imgurl=https://i.example/1.png&imgrefurl=https://a.example/",
            "https://a.example/ by Google",
        ),
        (
            "https://www.google.com/aclk?sa=l&ai=1&adurl=https://a.example/",
            "https://a.example/ by Google",
        ),
        (
            "https://adclick.g.doubleclick.net/pcs/click?xai=1&adurl=//a.example/x",
            "https://a.example/x by Google",
        ),
        (
            "https://ad.doubleclick.net/ddm/clk/1;2;k?https://a.example/x",
            "https://a.example/x by Google",
        ),
        (
            "https://www-a--b-example.translate.goog/x?y=1&_x_tr_sl=auto&_x_tr_sch=http",
            "http://www.a-b.example/x?y=1 by Google Translate",
        ),
        (
            "https://www.bing.com/ck/a?!&&p=1&u=a1aHR0cHM6Ly9hLmV4YW1wbGUveA&ntb=1",
            "https://a.example/x by Bing",
        ),
        (
            "https://r.search.yahoo.com/_ylt=A/RV=2/RU=https%3a%2f%2fa.example%2fx/RK=2/RS=z-",
            "https://a.example/x by Yahoo",
        ),
        (
            "https://duckduckgo.com/l/?uddg=https%3A%2F%2Fa.example%2F&rut=1",
            "https://a.example/ by DuckDuckGo",
        ),
        (
            "https://www.linkedin.com/redir/redirect?url=https%3A%2F%2Fa%2Eexample&urlhash=1",
            "https://a.example by LinkedIn",
        ),
        (
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fa.example%2F&h=1",
            "https://a.example/ by Facebook",
        ),
        (
            "https://l.instagram.com/?u=https%3A%2F%2Fa.example%2F&e=1",
            "https://a.example/ by Instagram",
        ),
        (
            "https://www.youtube.com/redirect?event=1&q=https%3A%2F%2Fa.example",
            "https://a.example by YouTube",
        ),
    ] {
        check(url, expected);
    }
}

#[test]
fn what_is_kept_by_the_service_is_told_by_its_host() {
    check(
        "https://protect-us.mimecast.com/s/aBc123?domain=a.example",
        "?a.example by Mimecast",
    );
    check(
        "https://url.uk.m.mimecastprotect.com/s/aBc?domain=a.example",
        "?a.example by Mimecast",
    );
    check("https://protect-us.mimecast.com/s/aBc123", "-");
}

#[test]
fn services_in_front_of_services_are_looked_through() {
    check(
        "https://nam01.safelinks.protection.outlook.com/?url=https%3A%2F%2Furldefense.com%2Fv3%2F__https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%3A%2F%2Fa.example%2Fx__%3B!!a%24&data=1",
        "https://a.example/x by Outlook SafeLinks, Proofpoint URL Defense, Google",
    );
    let behind = |layers: usize| {
        let wrapped = |url: String, _| format!("https://www.google.com/url?q={url}");
        let found = unwrap(&(0..layers).fold("https://a.example/".to_owned(), wrapped)).unwrap();
        (found.through.len(), found.target)
    };
    assert_eq!(behind(9), (9, "https://a.example/".to_owned()));
    assert_eq!(behind(LAYERS).1, "https://a.example/");
    let (through, target) = behind(2 * LAYERS);
    assert_eq!(through, LAYERS);
    assert!(target.starts_with("https://www.google.com/url"));
}

#[test]
fn others_are_left_as_they_are() {
    for url in [
        "https://a.example/?url=https://b.example/",
        "https://notmimecast.com/?url=https%3A%2F%2Fa.example",
        "https://safelinks.protection.outlook.com.evil.example/?url=https%3A%2F%2Fa.example",
        "https://www.google.com/search?q=https://a.example",
        "https://login.microsoftonline.com/common/oauth2/authorize?redirect_uri=https%3A%2F%2Fa.example",
        "https://bit.ly/abc",
        "https://eur01.safelinks.protection.outlook.com/?url=javascript%3Aalert(1)",
        "https://urldefense.com/v3/__",
        "https://urldefense.com/v3/__;",
        "mailto:a@b.example",
        "",
    ] {
        check(url, "-");
    }
}

#[test]
fn long_links_take_no_longer_than_their_length() {
    for pattern in ["*", "**A", "%25", "url=", "/", "___", "https://urldefense.com/v3/__"] {
        let long = pattern.repeat(LONGEST / pattern.len() - 40);
        let _ = unwrap(&format!("https://urldefense.com/v3/__https://a.example/{long}"));
        let _ = unwrap(&format!("https://secure-web.cisco.com/{long}"));
        let _ = unwrap(&format!("https://eur01.safelinks.protection.outlook.com/?{long}"));
    }
    assert_eq!(unwrap(&"x".repeat(LONGEST + 1)), None);
}
