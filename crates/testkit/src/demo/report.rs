//! A threat report as vendors publish them: it names three indicators of incident A, defanged, among others of its own,
//! the vendor's links and further reading. Once as text, once as PDF with links that are not in the text.

use super::story::{ATTACHMENT, BEACON_ADDRESS, BEACON_NAME, LURE_DOMAIN, LURE_PATH, VENDOR, defanged};
use super::{DemoFile, lure};
use crate::{Random, document};
use watchfire_model::ArtifactId;

pub(super) fn files(random: &mut Random) -> Vec<DemoFile> {
    let text = advisory(random);
    let own = format!("https://www.{VENDOR}/blog/grey-heron");
    let links = [own.as_str(), "https://docs.example.org/mark-of-the-web"];
    // The standard fonts of PDF know no dash longer than a hyphen.
    let plain = text.replace('–', "-");
    vec![
        DemoFile::new("report/advisory.pdf", document::pdf(&plain, &links)),
        DemoFile::new("report/advisory.txt", text),
    ]
}

fn advisory(random: &mut Random) -> String {
    let dropper = ArtifactId::of(&lure::attachment());
    let loader = ArtifactId::of(&lure::library());
    let older = random.hex(64);
    let sha1 = random.hex(40);
    let md5 = random.hex(32);
    let imphash = random.hex(32);
    let name = defanged(BEACON_NAME);
    let address = defanged(BEACON_ADDRESS);
    let sender = defanged(LURE_DOMAIN);
    format!(
        "TLP:GREEN

{HEADING}
Threat Advisory NTR-2026-041                                            Published 2026-10-28, updated 2026-10-30
Contact: intel@{VENDOR}        https://www.{VENDOR}/blog/grey-heron


SUMMARY

Since the middle of October 2026 we have followed a campaign against finance departments in mid-sized companies. The
lure is an e-mail that pretends to come from an e-signature service. Its attachment, a password-protected archive, holds
a disk image; inside, a shortcut starts a signed program that loads an unsigned version.dll from its own folder. The
loader then asks {name} for work about once a minute, and has been seen to upload several hundred megabytes of
accounting data in one night. We track the activity as GREY HERON and hold, with moderate confidence, that it is
motivated by money.

We have told the hosting provider and the registrar. At the time of writing the server still answers.


HOW IT WORKS

1. Delivery (T1566.001). The message is sent from {sender}, a domain that the attackers own and that has valid SPF,
   DKIM and DMARC records. Passing authentication says nothing here: it proves who sent the mail, and that is them.
   The link in the text, hxxps://{sender}{LURE_PATH}, leads to a page that shows the archive's password again.

2. Execution (T1204.002). The archive is called {ATTACHMENT}. Windows does not carry the mark of the web into
   files of a mounted image (CVE-2022-41091, fixed in November 2022, still widely unpatched), so opening the shortcut
   shows no warning (T1553.005).

3. Side-loading (T1574.001). The shortcut runs OneDriveUpdater.exe, signed by its vendor and harmless by itself. It loads
   version.dll from the folder it was started in. The loader copies both files to
   C:\\Users\\Public\\Libraries\\OneDriveUpdater.exe and writes
   HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\OneDriveUpdater where it may not create a task.

4. Persistence (T1053.005). A scheduled task called \"OneDrive Reporting Task\" starts the program at log-on.

5. Command and control (T1071.001). HTTPS to {address} on port 443, server name {name}, every 60 seconds give
   or take a third. The address belongs to a shared hosting provider: do NOT block it without looking at who else is
   behind it. Block the name.

6. Exfiltration (T1041). In two of three cases one upload of 300 to 500 MB left through the same channel.


INDICATORS OF COMPROMISE

  Type       Indicator                                                          First seen   Note
  ---------  -----------------------------------------------------------------  -----------  -------------------------
  domain     {name:<67}2026-10-14   command and control
  ip         {address:<67}2026-10-14   command and control, shared
  domain     {sender:<67}2026-10-13   sends the lure
  url        hxxps://{sender}{LURE_PATH}{pad}2026-10-21   landing page
  domain     portal-billing[.]example                                           2026-09-02   earlier wave
  ip         198[.]51[.]100[.]201                                               2026-09-02   earlier wave
  email      no-reply[@]portal-billing[.]example                                2026-09-02   earlier wave
  sha256     {dropper}   2026-10-14   {ATTACHMENT}
  sha256     {loader}   2026-10-14   version.dll
  sha256     {older}   2026-09-02   version.dll, earlier
  sha1       {sha1}                           2026-10-14   version.dll
  md5        {md5}                                   2026-10-14   version.dll
  imphash    {imphash}                                   2026-10-14   loader family

  The same list is available as a feed: https://feeds.{VENDOR}/grey-heron.csv


WHAT TO DO

* Search proxy and DNS logs back to 2026-10-13 for {name}.
* Look for version.dll beside programs that do not come from C:\\Windows\\System32.
* Do not rely on SPF, DKIM or DMARC alone: compare the sender's domain with the brand in the text.


REFERENCES

[1] Mark of the web and disk images, https://docs.example.org/mark-of-the-web
[2] DLL search order, https://docs.example.org/dll-search-order
[3] ATT&CK technique T1574.001, https://techniques.example.net/T1574/001
[4] Our earlier report on portal-billing, https://www.{VENDOR}/blog/portal-billing


ABOUT

Northgate Threat Research publishes what it learns. https://www.{VENDOR} – press: press@{VENDOR}
This report may be shared within the community (TLP:GREEN). Indicators are provided without warranty.
",
        HEADING = "GREY HERON: e-signature lures deliver a side-loaded beacon",
        pad = " ".repeat(67_usize.saturating_sub("hxxps://".len() + sender.len() + LURE_PATH.len())),
    )
}
