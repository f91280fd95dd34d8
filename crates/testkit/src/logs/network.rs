//! Lines of the network's machines: web server, firewall, resolver, sensor, proxy.

use super::Scene;
use std::fmt::Write as _;

/// nginx, combined format.
pub(super) fn nginx(scene: &mut Scene, out: &mut String) {
    const METHODS: &[&str] = &["GET", "GET", "GET", "GET", "POST", "HEAD"];
    const PATHS: &[&str] = &[
        "/",
        "/index.html",
        "/api/v1/items",
        "/login",
        "/static/app.js",
        "/images/logo.png",
        "/wp-login.php",
        "/feed.xml",
        "/search",
        "/.env",
    ];
    const AGENTS: &[&str] = &[
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
        "curl/8.10.1",
        "python-requests/2.32.3",
    ];
    let time = scene.time();
    let from = scene.outside();
    let _ = write!(
        out,
        "{from} - - [{:02}/Nov/2026:{:02}:{:02}:{:02} +0000] \"{} {}",
        time.day,
        time.hour,
        time.minute,
        time.second,
        scene.random.pick(METHODS),
        scene.random.pick(PATHS)
    );
    if scene.random.chance(1, 3) {
        let _ = write!(out, "?id={}", scene.random.below(1_000_000));
    }
    let status = scene.random.pick(&[200_u16, 200, 200, 304, 404, 301, 500]);
    let _ = write!(out, " HTTP/1.1\" {status} {} \"", scene.random.below(100_000));
    if scene.random.chance(1, 2) {
        out.push_str("https://");
        scene.name(out);
        out.push('/');
    } else {
        out.push('-');
    }
    let _ = write!(out, "\" \"{}\"", scene.random.pick(AGENTS));
}

/// UFW, which is iptables' LOG target behind a prefix.
pub(super) fn ufw(scene: &mut Scene, out: &mut String) {
    let time = scene.time();
    time.syslog(out);
    let [a, b, c, d, e, f, ..] = scene.random.bits().to_le_bytes();
    let from = scene.outside();
    let to = scene.inside();
    let _ = write!(
        out,
        " fw-01 kernel: [{}.{:06}] [UFW BLOCK] IN=eth0 OUT= MAC=52:54:00:{a:02x}:{b:02x}:{c:02x}:00:1b:21:{d:02x}:{e:02x}:{f:02x}:08:00 \
         SRC={from} DST={to} LEN={} TOS=0x00 PREC=0x00 TTL={} ID={} DF PROTO=TCP SPT={} DPT={} WINDOW=64240 RES=0x00 SYN URGP=0",
        scene.clock / 1000,
        scene.random.below(1_000_000),
        scene.random.between(40, 1500),
        scene.random.between(30, 255),
        scene.random.below(65_536),
        scene.port(),
        scene.random.pick(&[22_u16, 23, 80, 443, 445, 3389, 5900, 8080]),
    );
}

/// Zeek dns.log, tab-separated.
pub(super) fn zeek_dns(scene: &mut Scene, out: &mut String) {
    let time = scene.time();
    let uid = scene
        .random
        .text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 17);
    let from = scene.inside();
    let _ = write!(
        out,
        "{}.{:03}000\tC{uid}\t{from}\t{}\t10.0.0.53\t53\tudp\t{}\t0.0{:05}\t",
        time.unix,
        time.milli,
        scene.port(),
        scene.random.below(65_536),
        scene.random.below(100_000),
    );
    scene.name(out);
    out.push_str("\t1\tC_INTERNET\t1\tA\t0\tNOERROR\tF\tF\tT\tT\t0\t");
    let answers = scene.random.between(1, 3);
    for number in 0..answers {
        if number > 0 {
            out.push(',');
        }
        let _ = write!(out, "{}", scene.outside());
    }
    let _ = write!(out, "\t{}.000000\tF", scene.random.between(30, 3600));
}

/// Zeek conn.log, tab-separated.
pub(super) fn zeek_conn(scene: &mut Scene, out: &mut String) {
    let time = scene.time();
    let uid = scene
        .random
        .text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 17);
    let from = scene.inside();
    let to = scene.outside();
    let _ = write!(
        out,
        "{}.{:03}000\tC{uid}\t{from}\t{}\t{to}\t443\ttcp\tssl\t{}.{:06}\t{}\t{}\tSF\tT\tF\t0\tShADadFf\t{}\t{}\t{}\t{}\t-",
        time.unix,
        time.milli,
        scene.port(),
        scene.random.below(120),
        scene.random.below(1_000_000),
        scene.random.below(100_000),
        scene.random.below(1_000_000),
        scene.random.between(4, 400),
        scene.random.between(400, 100_000),
        scene.random.between(4, 900),
        scene.random.between(400, 1_000_000),
    );
}

/// Cisco ASA: connections built and torn down, access denied.
pub(super) fn cisco_asa(scene: &mut Scene, out: &mut String) {
    let time = scene.time();
    time.syslog(out);
    let outside = scene.outside();
    let inside = scene.inside();
    let (far, near) = (scene.port(), scene.port());
    let number = scene.random.below(10_000_000);
    let _ = match scene.random.below(3) {
        0 => write!(
            out,
            " asa-01 : %ASA-6-302013: Built outbound TCP connection {number} for outside:{outside}/443 ({outside}/443) \
             to inside:{inside}/{near} (198.51.100.1/{near})"
        ),
        1 => write!(
            out,
            " asa-01 : %ASA-6-302014: Teardown TCP connection {number} for outside:{outside}/443 to inside:{inside}/{near} \
             duration 0:{:02}:{:02} bytes {} TCP FINs",
            scene.random.below(60),
            scene.random.below(60),
            scene.random.below(1_000_000)
        ),
        _ => write!(
            out,
            " asa-01 : %ASA-4-106023: Deny tcp src outside:{outside}/{far} dst inside:{inside}/445 by access-group \"outside_in\" [0x0, 0x0]"
        ),
    };
}

/// A forward proxy, Squid's native format.
pub(super) fn proxy(scene: &mut Scene, out: &mut String) {
    let time = scene.time();
    let from = scene.inside();
    let _ = write!(
        out,
        "{}.{:03} {:>6} {from} TCP_MISS/200 {} GET http://",
        time.unix,
        time.milli,
        scene.random.below(5000),
        scene.random.below(200_000),
    );
    scene.name(out);
    let _ = write!(
        out,
        "/{}/{}.",
        scene.random.pick(&["assets", "download", "v2", "img"]),
        scene.random.hex(8)
    );
    out.push_str(scene.random.pick(&["js", "css", "png", "zip", "html", "exe"]));
    let to = scene.outside();
    let _ = write!(out, " - HIER_DIRECT/{to} application/octet-stream");
}
