//! Signed bundles from a connected host to one without a network, through the binary.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::Bed;
use std::fs;
use std::path::PathBuf;

/// A connected host with a key and two feeds, and a host without a network that trusts the key.
struct Hosts {
    near: Bed,
    far: Bed,
}

impl Hosts {
    fn new(name: &str) -> Self {
        let near = Bed::new(&format!("{name}-near"));
        near.write("botnet.txt", "45.133.1.20\n45.133.1.21\n");
        near.write("phish.txt", "https://evil-login.com/a\n");
        near.run(&["feeds", "import", "-q", "botnet.txt", "phish.txt", "--grade", "A"])
            .expect(0, &[]);
        let key = near.run(&["feeds", "key", "-q", "own.key"]);
        let public = key.expect(0, &[]).stdout.trim().to_owned();
        assert!(public.starts_with("RW") && public.len() == 56, "{public}");
        let far = Bed::new(&format!("{name}-far"));
        far.write(
            "watchfire.toml",
            format!("offline = true\n[bundles]\nkeys = [\"{public}\"]\n"),
        );
        Self { near, far }
    }

    /// Makes a bundle and carries it over.
    fn carry(&self, name: &str) -> PathBuf {
        let arguments = ["feeds", "export", "--bundle", name, "--key", "own.key"];
        self.near.run(&arguments).expect(0, &[]);
        for file in [name.to_owned(), format!("{name}.minisig")] {
            fs::copy(
                self.near.folder.join("in").join(&file),
                self.far.folder.join("in").join(&file),
            )
            .unwrap();
        }
        self.far.folder.join("in").join(name)
    }

    fn far(&self, arguments: &[&str]) -> common::Ran {
        self.far.run(&[&["--config", "watchfire.toml"], arguments].concat())
    }

    /// The verdict of the host without a network.
    #[track_caller]
    fn check(&self, value: &str, expected: &str) {
        let ran = self.far(&["check", "-q", "-f", "ndjson", value]);
        assert_eq!(ran.json_lines()[0]["judgement"]["verdict"], expected, "{ran:?}");
    }

    /// An import that is refused.
    #[track_caller]
    fn refused(&self, name: &str, why: &str, hint: &str) {
        let ran = self.far(&["feeds", "import", name]);
        ran.expect(2, &[&format!("hint: {hint}")]);
        assert!(
            ran.stderr
                .starts_with(&format!("error: cannot import bundle '{name}': "))
                && ran.stderr.contains(why),
            "{why}: {ran:?}"
        );
    }
}

#[test]
fn feeds_and_knowledge_go_to_a_host_without_a_network_and_back() {
    let hosts = Hosts::new("bundle-way");
    hosts.check("45.133.1.20", "unknown");
    hosts.carry("one.bundle");
    let ran = hosts.far(&["feeds", "import", "one.bundle"]);
    ran.expect(0, &["   botnet: 2 indicators", "   phish: 1 indicators"]);
    assert!(ran.stderr.contains("2 feeds, geography"), "{ran:?}");
    hosts.check("45.133.1.20", "malicious");
    hosts.check("https://evil-login.com/a", "malicious");
    let list = hosts.far(&["feeds", "list"]).stdout;
    assert!(list.contains("botnet ") && list.contains("from a bundle"), "{list}");
    // The next one takes the place of this one, and goes again.
    hosts.near.write("botnet.txt", "45.133.1.99\n");
    hosts.near.run(&["feeds", "import", "-q", "botnet.txt"]).expect(0, &[]);
    hosts.carry("two.bundle");
    hosts.far(&["feeds", "import", "-q", "two.bundle"]).expect(0, &[]);
    hosts.check("45.133.1.20", "unknown");
    hosts.check("45.133.1.99", "malicious");
    let history = hosts.far(&["feeds", "bundles"]).stdout;
    assert_eq!(history.matches("in use").count(), 2, "{history}");
    hosts
        .far(&["feeds", "rollback", "--bundle"])
        .expect(0, &["   feeds as they were before: botnet, phish"]);
    hosts.check("45.133.1.20", "malicious");
    hosts.check("45.133.1.99", "unknown");
    hosts.far(&["knowledge", "rollback", "-q"]).expect(0, &[]);
    hosts.check("45.133.1.20", "unknown");
    hosts
        .far(&["feeds", "rollback", "--bundle"])
        .expect(2, &["error: no imported bundle is in use"]);
}

#[test]
fn an_older_bundle_is_refused() {
    let hosts = Hosts::new("bundle-old");
    hosts.carry("one.bundle");
    hosts.near.write("botnet.txt", "45.133.1.99\n");
    hosts.near.run(&["feeds", "import", "-q", "botnet.txt"]).expect(0, &[]);
    hosts.carry("two.bundle");
    hosts.far(&["feeds", "import", "-q", "two.bundle"]).expect(0, &[]);
    let hint = "watchfire feeds rollback --bundle takes the newer one out of use";
    hosts.refused("one.bundle", "is not above", hint);
    hosts.refused("two.bundle", "is not above", hint);
    hosts.check("45.133.1.99", "malicious");
}

#[test]
fn what_is_changed_is_refused_and_what_was_there_stays() {
    let hosts = Hosts::new("bundle-bad");
    hosts.carry("old.bundle");
    hosts.far(&["feeds", "import", "-q", "old.bundle"]).expect(0, &[]);
    let path = hosts.carry("new.bundle");
    let whole = fs::read(&path).unwrap();
    let changed = "copy it again; if that does not help, somebody has changed it";
    let no_fit = "the signature does not fit";
    for end in [600, 2000, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..end]).unwrap();
        hosts.refused("new.bundle", no_fit, changed);
    }
    // A member replaced by another: the third header is that of a feed.
    for at in [100, 700, 1500, 4000, whole.len() - 1200] {
        let mut other = whole.clone();
        other[at] ^= 1;
        fs::write(&path, &other).unwrap();
        hosts.refused("new.bundle", no_fit, changed);
    }
    // A name that climbs out.
    let text = String::from_utf8_lossy(&whole).into_owned();
    assert!(text.contains("feeds/botnet.set"));
    let mut climbing = whole.clone();
    let name = b"feeds/botnet.set";
    while let Some(at) = climbing.windows(name.len()).position(|window| window == name) {
        climbing[at..at + name.len()].copy_from_slice(b"../../botnet.set");
    }
    fs::write(&path, &climbing).unwrap();
    hosts.refused("new.bundle", no_fit, changed);
    fs::write(&path, &whole).unwrap();
    let signature = hosts.far.folder.join("in/new.bundle.minisig");
    let good = fs::read_to_string(&signature).unwrap();
    hosts.far.write("new.bundle.minisig", good.replace("made", "MADE"));
    hosts.refused("new.bundle", no_fit, changed);
    hosts.far.write("new.bundle.minisig", "nothing");
    hosts.refused(
        "new.bundle",
        "not a signature of minisign",
        "keys and signatures are the files that 'minisign -G -W' and 'minisign -S' write",
    );
    fs::remove_file(&signature).unwrap();
    hosts
        .far(&["feeds", "import", "new.bundle"])
        .expect(2, &["hint: the signature of a bundle stands beside it; copy both"]);
    hosts.check("45.133.1.20", "malicious");
    let folder = hosts.far.folder.join("home/.local/share/watchfire/feeds");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = names.filter(|name| name != ".lock").collect();
    assert_eq!(left.len(), 2, "a refused bundle leaves no file: {left:?}");
    fs::write(&signature, good).unwrap();
    hosts.far(&["feeds", "import", "-q", "new.bundle"]).expect(0, &[]);
}

#[test]
fn only_bundles_of_configured_keys_are_taken() {
    let hosts = Hosts::new("bundle-key");
    hosts.carry("one.bundle");
    let other = hosts.near.run(&["feeds", "key", "-q", "other.key"]).stdout;
    let trusting = |key: &str| {
        hosts
            .far
            .write("watchfire.toml", format!("[bundles]\nkeys = [\"{}\"]\n", key.trim()))
    };
    trusting(&other);
    hosts.refused(
        "one.bundle",
        "which is not configured",
        "add the public key to [bundles] keys in watchfire.toml, if you trust it",
    );
    trusting("RWnothing");
    let ran = hosts.far(&["feeds", "import", "one.bundle"]);
    assert!(
        ran.stderr.contains("'RWnothing' is not a public key of minisign"),
        "{ran:?}"
    );
    hosts.far.write("watchfire.toml", "");
    hosts
        .far(&["feeds", "import", "one.bundle"])
        .expect(2, &["error: no key is configured whose bundles are taken"]);
    hosts.check("45.133.1.20", "unknown");
}

#[test]
fn keys_are_kept_and_read_with_care() {
    let hosts = Hosts::new("bundle-keys");
    let near = &hosts.near;
    near.run(&["feeds", "key", "own.key"]).expect(
        2,
        &["error: cannot write the secret key 'own.key': there is a file already"],
    );
    near.run(&["feeds", "export", "--bundle", "x", "--key", "none.key"])
        .expect(2, &["hint: watchfire feeds key none.key makes one"]);
    near.run(&["feeds", "export", "--bundle", "x", "--key", "own.key", "nix"])
        .expect(2, &["error: unknown feed 'nix'"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let key = near.folder.join("in/own.key");
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        near.run(&["feeds", "export", "--bundle", "x", "--key", "own.key"])
            .expect(2, &["error: cannot use the secret key 'own.key': others can read it"]);
    }
    assert!(!near.folder.join("in/x").exists());
}

#[test]
fn rules_go_along_as_one_whole_and_back() {
    let hosts = Hosts::new("bundle-rules");
    let kept = || {
        let folder = hosts.far.folder.join("home/.local/share/watchfire/rules");
        let status = hosts.far(&["knowledge", "status"]).stdout;
        let all = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let named: Vec<PathBuf> = all
            .filter(|path| status.contains(path.file_name().unwrap().to_str().unwrap()))
            .collect();
        assert_eq!(named.len(), 1, "{status}");
        named[0].clone()
    };
    let rule = "title: Encoded PowerShell\nlogsource: {product: windows}\n";
    hosts.near.write("rules/windows/posh.yml", rule);
    hosts
        .near
        .write("rules/loader.yar", "rule loader { condition: false }\n");
    let odd = [
        "my rule (1).yml",
        "it's a+b, [c] & ü.yml",
        &format!("{}.yml", "long".repeat(40)),
    ];
    for name in &odd {
        hosts.near.write(&format!("rules/{name}"), rule);
    }
    hosts.near.write("rules/README.md", "not a rule");
    hosts.near.write("rules/.git/hidden.yml", "not a rule");
    let carry = |name: &str, more: &[&str]| {
        let export = ["feeds", "export", "--bundle", name, "--key", "own.key"];
        let ran = hosts.near.run(&[&export, more].concat());
        for file in [name.to_owned(), format!("{name}.minisig")] {
            fs::copy(
                hosts.near.folder.join("in").join(&file),
                hosts.far.folder.join("in").join(&file),
            )
            .unwrap();
        }
        (ran, hosts.far(&["feeds", "import", name]))
    };
    let (made, taken) = carry("one.bundle", &["--rules", "rules"]);
    for ran in [&made, &taken] {
        assert!(ran.code == 0 && ran.stderr.contains("geography, 5 rules"), "{ran:#?}");
    }
    let first = kept();
    for name in &odd {
        assert!(first.join(name).is_file(), "{name}");
        fs::remove_file(hosts.near.folder.join("in/rules").join(name)).unwrap();
    }
    assert_eq!(fs::read_to_string(first.join("windows/posh.yml")).unwrap(), rule);
    assert!(first.join("loader.yar").is_file() && !first.join("README.md").exists() && !first.join(".git").exists());
    // What is taken out of the folder goes with the next bundle, and comes back with the way back.
    fs::remove_file(hosts.near.folder.join("in/rules/loader.yar")).unwrap();
    carry("two.bundle", &["--rules", "rules"]);
    assert!(kept() != first && kept().join("windows/posh.yml").is_file() && !kept().join("loader.yar").exists());
    hosts.far(&["feeds", "rollback", "--bundle"]).expect(0, &[]);
    assert_eq!(kept(), first);
    // A bundle without rules leaves those that are in use.
    carry("three.bundle", &[]);
    assert_eq!(kept(), first);
}

#[test]
fn rules_that_cannot_be_carried_are_named() {
    let hosts = Hosts::new("bundle-rules-bad");
    let export = |folder: &str, why: &str| {
        let arguments = [
            "feeds", "export", "--bundle", "x.bundle", "--key", "own.key", "--rules", folder,
        ];
        let ran = hosts.near.run(&arguments);
        assert!(ran.code == 2 && ran.stderr.contains(why), "{why}: {ran:#?}");
        assert!(!hosts.near.folder.join("in/x.bundle").exists());
    };
    export("nowhere", "it is no folder");
    hosts.near.write("none/README.md", "");
    export("none", "there are none");
    hosts.near.write("large/a.yml", vec![b'#'; (1 << 20) + 1]);
    export("large", "'a.yml' is larger than");
    hosts.near.write("odd/a:b.yml", "x");
    export("odd", "the name 'rules/a:b.yml' is not safe on every system");
    export("odd", "hint: rename it");
    hosts.near.write("twins/a.yml", "x");
    hosts.near.write("twins/A.YML", "x");
    export("twins", "'rules/A.YML' and 'rules/a.yml' have the same name");
}
