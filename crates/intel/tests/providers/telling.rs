//! What leaves this machine, and what of keys and hostile words comes out again.

use super::*;

#[test]
fn hostile_words_are_cut_and_shown_harmless() {
    let standin = Standin::start().unwrap();
    let setup = Setup::new(&standin, Some(Mode::Hostile));
    let rows = setup.run(&samples()).rows.concat();
    assert!(rows.iter().any(|row| row.enrichment.outcome == Outcome::Found));
    for row in rows {
        let enrichment = &row.enrichment;
        assert!(enrichment.detail.raw().len() <= Indicator::MAX_THREAT);
        assert!(enrichment.reference.raw().len() <= Indicator::MAX_REFERENCE);
        let notes: String = row
            .notes
            .iter()
            .map(|note| format!("{}{}", note.name, note.value))
            .collect();
        let shown = format!("{}{}{notes}", enrichment.detail, enrichment.reference);
        assert!(
            !shown.contains(|c: char| c.is_control() || c == '\u{202e}'),
            "{shown:?}"
        );
        assert!(
            row.notes
                .iter()
                .all(|note| note.value.raw().len() <= Indicator::MAX_THREAT)
        );
    }
}

#[test]
fn keys_are_never_told() {
    let standin = Standin::start().unwrap();
    for mode in Mode::ALL.iter().filter(|mode| !matches!(mode, Mode::Slow)) {
        let setup = Setup::new(&standin, Some(*mode));
        let answers = setup.run(&samples());
        let told = format!("{answers:?} {:?} {:?}", setup.providers, setup.cache);
        assert!(!told.contains(KEY), "{mode:?}");
    }
    for configured in Setup::new(&standin, None).providers {
        for what in samples().iter().filter(|what| configured.info().takes(what.kind())) {
            let request = configured.provider.ask(what, &configured.account);
            assert!(!format!("{request:?}").contains(KEY), "{request:?}");
        }
    }
}

#[test]
fn nothing_private_leaves_and_every_refusal_is_told() {
    let standin = Standin::start().unwrap();
    let mut setup = Setup::new(&standin, None);
    // Servers of one's own may be asked about what is one's own.
    let own = |configured: &Configured| configured.info().exposure == Exposure::OwnServer;
    assert_eq!(setup.providers.iter().filter(|configured| own(configured)).count(), 2);
    setup.providers.retain(|configured| !own(configured));
    let list = [
        observable(T::Ipv4, "10.0.0.7"),
        observable(T::Ipv4, "203.0.113.7"),
        observable(T::Ipv6, "fe80::1"),
        observable(T::Domain, "evil.example"),
        observable(T::Url, "http://192.168.1.1/admin"),
        observable(T::Url, "http://user:pw@evil.com/"),
    ];
    let answers = setup.run(&list);
    assert_eq!((answers.calls, standin.requests()), (0, 0));
    for (what, rows) in list.iter().zip(&answers.rows) {
        assert!(!rows.is_empty(), "{what}");
        for row in rows {
            assert_eq!(row.enrichment.outcome, Outcome::NotAsked, "{what}: {row:?}");
        }
    }
    let mut marked = Setup::new(&standin, None);
    marked.gate.pap = Pap::Red;
    let answers = marked.run(&[observable(T::Ipv4, "8.8.4.4")]);
    assert!(
        answers.rows[0]
            .iter()
            .any(|row| row.enrichment.detail.raw() == "PAP:RED")
    );
}

#[test]
fn a_url_is_asked_about_without_what_it_tells() {
    let standin = Standin::start().unwrap();
    let setup = Setup::new(&standin, None).only(&["urlhaus"]);
    let answers = setup.run(&[observable(T::Url, "http://evil.com/a?email=ann%40bank.com")]);
    let enrichment = &answers.rows[0][0].enrichment;
    assert_eq!(enrichment.outcome, Outcome::Found);
    assert_eq!(enrichment.matched.as_ref().unwrap().raw(), "http://evil.com/a");
}

#[test]
fn a_key_that_comes_back_is_neither_told_nor_kept() {
    let standin = Standin::start().unwrap();
    let mut kept = 0;
    for status in [200, 400, 401, 403, 404, 429, 500] {
        let setup = Setup::new(&standin, None);
        let echo = Replay::new(move |request: &Request| {
            let body = String::from_utf8_lossy(&request.body);
            let told = format!("bad {} {:?} {body}", request.url, request.headers);
            let stats = serde_json::json!({"malicious": 3, "suspicious": 0, "harmless": 1, "undetected": 1});
            let body = serde_json::json!({
                "message": told,
                "error": {"message": told},
                "detail": told,
                "data": {"attributes": {"last_analysis_stats": stats, "meaningful_name": told}},
            });
            Ok(Response {
                status,
                headers: Vec::new(),
                body: body.to_string().into_bytes(),
            })
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let answers = runtime.block_on(setup.asking(&echo).run(&samples()));
        let shown = format!("{answers:?}");
        assert!(!shown.contains(KEY), "{status}: {shown}");
        for what in samples() {
            for provider in PROVIDERS {
                let Some(answer) = setup.cache.get(provider.info().name, &what) else {
                    continue;
                };
                let body = String::from_utf8(answer.body).unwrap();
                assert!(!body.contains(KEY), "{body}");
                kept += u32::from(body.contains("***"));
            }
        }
    }
    assert!(kept > 0, "no answer with a key in it was kept");
}

/// Separators of a URL or a form that stand in `text`.
fn separators(text: &str) -> Vec<char> {
    text.chars().filter(|c| "/?&#=".contains(*c)).collect()
}

#[test]
fn no_value_breaks_out_of_its_place_in_a_question() {
    let standin = Standin::start().unwrap();
    let setup = Setup::new(&standin, None);
    let plain = observable(T::Url, "http://evil.com/");
    for nasty in [
        "http://evil.com/../../x?a=b&c=d#e",
        "http://evil.com/%2e%2e%2f%00'\\;",
        "http://evil.com/\"},{\"x\":\"",
        "http://evil.com/{\"$ne\":1}",
        "http://evil.com/\u{202e}é",
    ] {
        let Ok(nasty) = Observable::parse(T::Url, nasty) else {
            continue;
        };
        for configured in setup
            .providers
            .iter()
            .filter(|configured| configured.info().sends_urls())
        {
            let [one, other] = [&plain, &nasty].map(|what| configured.provider.ask(what, &configured.account));
            assert_eq!(separators(&one.url), separators(&other.url), "{}", other.url);
            assert_eq!(one.headers.len(), other.headers.len());
            match serde_json::from_slice::<serde_json::Value>(&one.body) {
                Ok(one) => {
                    let other: serde_json::Value = serde_json::from_slice(&other.body).unwrap();
                    assert_eq!(one.as_object().map(|o| o.len()), other.as_object().map(|o| o.len()));
                }
                Err(_) if one.method == Method::Post => {
                    let [one, other] = [&one, &other].map(|request| String::from_utf8(request.body.clone()).unwrap());
                    assert_eq!(separators(&one), separators(&other));
                }
                Err(_) => {}
            }
        }
    }
}

#[test]
fn a_proxy_is_used_with_its_password_and_passed_by_where_told() {
    let standin = Standin::start().unwrap();
    let proxy = format!("http://{}", standin.proxy());
    let through = |proxy: String, none: Option<&str>| {
        let mut options = HttpOptions::default();
        options.proxies.http = Some(proxy);
        options.proxies.none = none.map(str::to_owned);
        options.plain = ["http://elsewhere.test".to_owned()].into();
        let mut setup = Setup::new(&standin, None).only(&["abuseipdb"]);
        let provider = setup.providers[0].provider;
        setup.providers[0] = Configured::with(provider, "http://elsewhere.test/abuseipdb", Key::new(KEY), None);
        setup.providers[0].retries = 0;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let http = Http::new(options).unwrap();
        let answers = runtime.block_on(setup.asking(&http).run(&[observable(T::Ipv4, "8.8.4.4")]));
        answers.rows.concat()[0].enrichment.clone()
    };
    let with_password = format!("http://{CREDENTIALS}@{}", standin.proxy());
    assert_eq!(through(with_password.clone(), None).outcome, Outcome::Found);
    let without = through(proxy, None);
    assert_eq!(without.outcome, Outcome::Failed);
    assert!(without.detail.raw().contains("proxy"), "{without:?}");
    let past = through(with_password, Some("elsewhere.test"));
    assert_eq!(past.outcome, Outcome::Failed, "there is no such host");
    assert!(!past.detail.raw().contains("s3cret"));
}
