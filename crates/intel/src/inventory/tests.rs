//! What inventories give, in every way they are written.

use super::*;

/// Everything of an inventory, one host a line, and how many pieces made no sense.
fn shown(text: &str, columns: &str) -> Result<(String, u64), FeedError> {
    let columns = match columns {
        "" => None,
        map => Some(AssetColumns::parse(map)?),
    };
    let mut lines = String::new();
    let intake = read(&mut text.as_bytes(), columns.as_ref(), &mut |entry| {
        let Entry {
            asset,
            addresses,
            macs,
            hosts,
        } = entry;
        let notes: Vec<String> = asset.notes.iter().map(ToString::to_string).collect();
        let seen = asset.seen.map(|seen| seen.date().to_string()).unwrap_or_default();
        lines.push_str(&format!(
            "{}|{}|{}|{}|{}|{}|{seen}\n",
            asset.name,
            asset.owner,
            addresses.join(" "),
            macs.join(" "),
            hosts.join(" "),
            notes.join("; ")
        ));
        addresses
            .into_iter()
            .filter(|address| address == "x")
            .map(|address| ("not an address", address))
            .collect()
    })?;
    Ok((lines, intake.not_taken()))
}

#[track_caller]
fn check(text: &str, columns: &str, expected: &str, refused: u64) {
    assert_eq!(shown(text, columns).unwrap(), (expected.to_owned(), refused));
}

#[test]
fn columns_are_known_by_their_names_or_mapped() {
    check(
        "Hostname;IP Address;MAC Address;Owner;Role;Last Seen;Price\nFILE01;10.0.0.5, 10.0.1.5;AA-BB-CC-00-11-22;J. Meyer;file server;2026-11-01;5\nws;x;N/A;-;;;\n",
        "",
        "FILE01|J. Meyer|10.0.0.5 10.0.1.5|AA-BB-CC-00-11-22|FILE01|role: file server|2026-11-01\nws||x||ws||\n",
        1,
    );
    check(
        "a,10.0.0.1 - 10.0.0.9,me,x\n",
        "name=1,address=2,owner=3,note=4",
        "a|me|10.0.0.1 - 10.0.0.9||| x|\n".replace("| x", "|x").as_str(),
        0,
    );
    check(
        "Wem,Wo\nA,10.0.0.1\n",
        "owner=Wem,address=Wo",
        "10.0.0.1|A|10.0.0.1||||\n",
        0,
    );
    for (columns, why) in [
        ("owner=1", "no column is called the address"),
        ("value=1", "'value' is none of name, owner,"),
        ("address=Nix", "no column is called 'Nix'"),
    ] {
        let error = shown("a,b\n1,2\n", columns).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    let error = shown("foo,bar\n1,2\n", "").unwrap_err().to_string();
    assert!(error.contains("no column has a known name"), "{error}");
}

const REPORT: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE nmaprun>\n<?xml-stylesheet href=\"x\"?>\n\
    <nmaprun scanner=\"nmap\" start=\"1793448000\">\n\
    <host starttime=\"1\" endtime=\"1793448060\"><status state=\"up\"/><address addr=\"10.0.0.5\" addrtype=\"ipv4\"/>\
    <address addr=\"AA:BB:CC:00:11:22\" addrtype=\"mac\" vendor=\"A &amp; B\"/>\
    <hostnames><hostname name=\"file01.corp.example\" type=\"PTR\"/></hostnames>\
    <ports><extraports state=\"closed\" count=\"98\"/><port protocol=\"tcp\" portid=\"22\"><state state=\"open\"/>\
    <service name=\"ssh\" product=\"OpenSSH\" version=\"9.6\"/></port>\
    <port protocol=\"tcp\" portid=\"23\"><state state=\"closed\"/><service name=\"telnet\"/></port>\
    <port protocol=\"tcp\" portid=\"445\"><state state=\"open\"/></port></ports>\
    <os><osmatch name=\"Linux 6.1\" accuracy=\"98\"/><osmatch name=\"Linux 5\"/></os></host>\n\
    <host><status state=\"down\"/><address addr=\"10.0.0.6\" addrtype=\"ipv4\"/></host>\n\
    <runstats><finished time=\"2\" exit=\"success\"/><hosts up=\"1\" down=\"1\"/></runstats>\n</nmaprun>\n";

#[test]
fn reports_of_nmap_give_hosts_that_are_up() {
    check(
        REPORT,
        "",
        "file01.corp.example||10.0.0.5|AA:BB:CC:00:11:22|file01.corp.example|os: Linux 6.1; vendor: A & B; open: 22/tcp ssh OpenSSH 9.6; open: 445/tcp|2026-10-31\n",
        0,
    );
}

#[test]
fn what_is_no_finished_report_is_refused() {
    for (text, why) in [
        (
            "<!DOCTYPE nmaprun [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><nmaprun>&b;</nmaprun>".to_owned(),
            "declares a document type",
        ),
        ("<other/>".to_owned(), "its root is not 'nmaprun'"),
        (
            REPORT.replace("exit=\"success\"", "exit=\"error\""),
            "ended with an error",
        ),
        (REPORT.replace("</nmaprun>", ""), "ends in the middle"),
        (REPORT.chars().take(500).collect(), "tag not closed"),
        (format!("<nmaprun>{}", "<a>".repeat(100)), "nested too deeply"),
        ("<nmaprun><host></nmaprun>".to_owned(), "not XML"),
    ] {
        let error = shown(&text, "").unwrap_err().to_string();
        assert!(error.contains(why), "{why}: {error}");
    }
}

#[test]
fn hosts_with_very_much_in_them_are_cut() {
    let port = "<port protocol=\"tcp\" portid=\"1\"><state state=\"open\"/></port>";
    let name = "<hostname name=\"h\"/>";
    let text = format!(
        "<nmaprun><host><address addr=\"10.0.0.1\"/>{}{}</host><runstats><finished/></runstats></nmaprun>",
        port.repeat(1000),
        name.repeat(1000)
    );
    let mut seen = None;
    read(&mut text.as_bytes(), None, &mut |entry| {
        seen = Some((entry.asset.notes.len(), entry.hosts.len()));
        Vec::new()
    })
    .unwrap();
    assert_eq!(seen, Some((PORTS_AND_MORE, HANDLES)));
}

/// Forty ports, and that there are more.
const PORTS_AND_MORE: usize = 41;
