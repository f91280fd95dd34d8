//! Who and what the story is about. Every part of the demo takes its names from here.

/// The organisation's domain.
pub(super) const OWN_DOMAIN: &str = "corp.example";
/// Its mail gateway.
pub(super) const GATEWAY: &str = "mx1.corp.example";
/// Its own vulnerability scanner.
pub(super) const SCANNER: &str = "10.0.9.10";

/// Incident A: the server name that the beacon asks for.
pub(super) const BEACON_NAME: &str = "cdn-update.example";
/// Incident A: the address behind it, which other names share.
pub(super) const BEACON_ADDRESS: &str = "203.0.113.66";
/// Incident A: the clerk's workstation.
pub(super) const VICTIM: &str = "FIN-PC-07";
/// Its address.
pub(super) const VICTIM_ADDRESS: &str = "10.0.5.23";
/// Incident A: who works at it.
pub(super) const CLERK: &str = "ap-clerk";
/// Seconds by which its clock is fast.
pub(super) const FAST: u64 = 97;
/// The controller of the domain, and its address.
pub(super) const CONTROLLER: &str = "DC01";
/// See [`CONTROLLER`].
pub(super) const CONTROLLER_ADDRESS: &str = "10.0.1.1";
/// Where backups are made from, by night, and the account that makes them: the one that is let in after the spray.
pub(super) const BACKUP_ADDRESS: &str = "10.0.1.20";
/// See [`BACKUP_ADDRESS`].
pub(super) const BACKUP: &str = "svc-backup";
/// Incident A: where the program of the disc lies later, under another name.
pub(super) const PLANTED: &str = r"C:\Users\Public\Libraries\OneDriveUpdater.exe";
/// Incident A: what starts it.
pub(super) const TASK: &str = "OneDrive Reporting Task";
/// Incident A: the service on the controller.
pub(super) const SERVICE: &str = "OneDrive Reporting Service";
/// Incident A: where 400 MB are carried to, by name and by address.
pub(super) const DROP_NAME: &str = "files.transfer-box.example";
/// See [`DROP_NAME`].
pub(super) const DROP_ADDRESS: &str = "198.51.100.9";
/// Incident A: the attacker's look-alike domain, which signs its mail correctly.
pub(super) const LURE_DOMAIN: &str = "docusign-secure.example";
/// Incident A: the page that the lure's link leads to.
pub(super) const LURE_PATH: &str = "/s/7f3a/review";
/// Incident A: what is attached to the lure.
pub(super) const ATTACHMENT: &str = "Invoice_88213.zip";
/// Incident A: its password, which stands in the text.
pub(super) const PASSWORD: &str = "Sign-88213";
/// Incident A: the disc in it.
pub(super) const DISC: &str = "Invoice_88213.iso";
/// Incident A: the signed program on the disc.
pub(super) const PROGRAM: &str = "Viewer.exe";
/// Incident A: the library that the program loads.
pub(super) const LIBRARY: &str = "version.dll";
/// Incident A: what the disc shows.
pub(super) const SHORTCUT: &str = "Invoice_88213.pdf.lnk";

/// The publisher of the advisory.
pub(super) const VENDOR: &str = "northgate-research.example";

/// Incident B: where the guesses come from.
pub(super) const GUESSERS: [&str; 3] = ["198.51.100.23", "198.51.100.177", "192.0.2.144"];
/// Incident B's neighbour: the administrator's home address in the remote-access pool.
pub(super) const REMOTE_ADMIN: &str = "10.0.99.12";

/// A value as reports print it: nothing in it can be clicked.
pub(super) fn defanged(value: &str) -> String {
    value.replace("http", "hxxp").replace('.', "[.]")
}
