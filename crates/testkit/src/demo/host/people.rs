//! Who works there, by role.

/// The domain as Windows has it, in both ways.
pub(super) const DOMAIN: &str = "CORP";
/// See [`DOMAIN`].
pub(super) const REALM: &str = "CORP.EXAMPLE";
/// What identifiers in the domain begin with.
pub(super) const DOMAIN_SID: &str = "S-1-5-21-1004336348-1177238915-682003330";
/// Nobody.
pub(super) const NOBODY: &str = "S-1-0-0";

/// People, whose machines are those beside the clerk's, as many as there are machines, and on other floors.
pub(super) const STAFF: [&str; 30] = [
    "ar-clerk",
    "payroll",
    "buyer",
    "ap-clerk",
    "hr-lead",
    "reception",
    "warehouse-1",
    "warehouse-2",
    "logistics",
    "sales-north",
    "sales-south",
    "sales-export",
    "designer",
    "engineer-1",
    "engineer-2",
    "quality",
    "board-office",
    "cfo-office",
    "facilities",
    "marketing",
    "legal",
    "controlling",
    "trainee-1",
    "trainee-2",
    "workshop",
    "shipping",
    "customs",
    "helpdesk",
    "web-admin",
    "print-room",
];
/// Accounts of programs.
pub(super) const SERVICES: [&str; 3] = ["svc-backup", "svc-print", "svc-scan"];

/// The identifier of an account.
pub(super) fn sid(user: &str) -> String {
    // The system itself is the same on any machine.
    if user == "SYSTEM" {
        return "S-1-5-18".to_owned();
    }
    let all = STAFF.iter().chain(&SERVICES);
    let number = all.into_iter().position(|name| *name == user).unwrap_or(70);
    format!("{DOMAIN_SID}-{}", 1_104 + number)
}

/// The address of a member of the staff's machine.
pub(super) fn address(number: usize) -> String {
    if number < 6 {
        format!("10.0.5.{}", 20 + number)
    } else {
        format!("10.0.6.{}", 20 + number)
    }
}
