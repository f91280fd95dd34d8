//! What the controller of the domain wrote down: the staff's log-ins, a backup by night, typing errors, a scanner of the
//! organisation; then the spray, the one account that was let in, and the service that it made.

use super::events::{
    Logon, Moment, at, let_in, logged_off, privileged, refused, refused_by_kerberos, service_made, service_ticket,
    ticket,
};
use super::people::{SERVICES, STAFF, address};
use super::{Attempt, End, Unlocked, guid, port};
use crate::Random;
use crate::demo::net::Opened;
use crate::demo::story::{
    BACKUP, BACKUP_ADDRESS, CLERK, CONTROLLER, CONTROLLER_ADDRESS, PLANTED, SCANNER, SERVICE, VICTIM, VICTIM_ADDRESS,
};
use crate::evtx::channel::Record;

/// Names that everybody guesses and that do not exist here.
const UNKNOWN: [&str; 5] = ["administrator1", "test", "scanner", "guest1", "sqladmin"];
/// The ports of Kerberos and of shared folders.
pub(super) const KERBEROS: u16 = 88;
/// See [`KERBEROS`].
pub(super) const SMB: u16 = 445;

/// Two rounds over all accounts but the clerk's, each with one password, from 09:30 on; the last attempt is right.
pub(super) fn spray(random: &mut Random) -> Vec<Attempt> {
    let known = STAFF.iter().copied().filter(|user| *user != CLERK);
    let services = SERVICES.iter().copied().filter(|user| *user != BACKUP);
    let users: Vec<&str> = known.chain(services).chain(UNKNOWN).chain([BACKUP]).collect();
    let mut time = at(9, 30, 2);
    let mut attempts = Vec::new();
    for round in 0..2 {
        for user in &users {
            let end = match *user {
                BACKUP if round == 1 => End::LetIn,
                user if UNKNOWN.contains(&user) => End::Ntlm,
                _ => End::Kerberos,
            };
            attempts.push(Attempt {
                time,
                user,
                port: port(random),
                end,
            });
            time += random.between(3_100, 6_900);
        }
    }
    attempts
}

/// When the service was made: behind the last attempt.
fn made(spray: &[Attempt]) -> Moment {
    spray.last().map_or(at(9, 37, 0), |last| last.time) + 41_300
}

pub(super) fn events(random: &mut Random, opened: &[Opened], unlocked: &[Unlocked], spray: &[Attempt]) -> Vec<Record> {
    let mut desk = Desk {
        random,
        records: Vec::new(),
        session: 0x3a_1f2c,
    };
    for (number, user) in STAFF.iter().enumerate() {
        if *user != CLERK {
            desk.of_staff(user, &address(number));
        }
    }
    desk.of_clerk(opened, unlocked);
    desk.of_machines();
    desk.of_services();
    desk.scanned();
    desk.installed();
    desk.sprayed(spray);
    let mut records = desk.records;
    records.sort_by_key(|record| record.time);
    records
}

struct Desk<'r> {
    random: &'r mut Random,
    records: Vec<Record>,
    session: u64,
}

impl Desk<'_> {
    /// Somebody whom Kerberos knows opens a shared folder of the controller, for a while.
    fn visit(&mut self, time: Moment, user: &str, from: &str, number: u16) {
        self.session += self.random.between(0x30, 0x4_000);
        let session = self.session;
        let guid = guid(self.random);
        let service = format!("{CONTROLLER}$");
        self.records
            .push(service_ticket(time, user, &service, (from, number), &guid));
        let logon = Logon {
            user,
            session,
            kind: 3,
            from,
            port: number.saturating_add(3),
            guid: Some(&guid),
            machine: "-",
        };
        self.records.push(let_in(time + 20, &logon));
        let stays = self.random.between(3_000, 400_000);
        self.records.push(logged_off(time + 20 + stays, user, session, 3));
    }

    fn of_staff(&mut self, user: &str, from: &str) {
        let mut time = at(7, 10, 0) + self.random.below(7_200_000);
        if self.random.chance(1, 7) {
            // Monday morning.
            for _ in 0..self.random.between(1, 2) {
                let number = port(self.random);
                self.records.push(refused_by_kerberos(time, user, from, number));
                time += self.random.between(4_000, 15_000);
            }
        }
        let number = port(self.random);
        self.records.push(ticket(time, user, from, number));
        while time < at(11, 59, 0) {
            let number = port(self.random);
            self.visit(time + 300, user, from, number);
            // Group policy is fetched every one and a half to two hours, folders are opened more often.
            time += self.random.between(1_500_000, 5_400_000);
        }
    }

    /// Her ports are those of the capture, as far as it goes.
    fn of_clerk(&mut self, opened: &[Opened], unlocked: &[Unlocked]) {
        for one in unlocked {
            if one.is_first {
                self.records
                    .push(ticket(one.time - 300, CLERK, VICTIM_ADDRESS, one.port - 1));
            }
            let service = format!("{VICTIM}$");
            let ticket = service_ticket(one.time - 200, CLERK, &service, (VICTIM_ADDRESS, one.port), &one.guid);
            self.records.push(ticket);
        }
        for one in opened.iter().filter(|one| is_asked(one, KERBEROS)) {
            self.visit(one.time + 2, CLERK, VICTIM_ADDRESS, one.port);
        }
    }

    /// Machines have accounts of their own.
    fn of_machines(&mut self) {
        for (number, user) in STAFF.iter().enumerate() {
            let machine = if *user == CLERK {
                format!("{VICTIM}$")
            } else {
                format!("WS-{number:03}$")
            };
            let mut time = at(7, 0, 0) + self.random.below(3_600_000);
            while time < at(11, 50, 0) {
                let number_of = port(self.random);
                self.visit(time, &machine, &address(number), number_of);
                time += self.random.between(5_400_000, 7_200_000);
            }
        }
    }

    fn of_services(&mut self) {
        let mut time = at(2, 0, 0);
        for _ in 0..6 {
            let number = port(self.random);
            self.records.push(ticket(time, BACKUP, BACKUP_ADDRESS, number));
            self.visit(time + 200, BACKUP, BACKUP_ADDRESS, number + 1);
            self.records.push(privileged(time + 220, BACKUP, self.session));
            time += self.random.between(240_000, 600_000);
        }
        let mut time = at(0, 10, 0);
        while time < at(11, 55, 0) {
            let number = port(self.random);
            self.visit(time, "svc-print", "10.0.1.3", number);
            time += 1_800_000 + self.random.below(20_000);
        }
    }

    /// The organisation's own scanner asks whether names without a password are let in, at four.
    fn scanned(&mut self) {
        let mut time = at(4, 0, 12);
        for user in ["svc-scan", "guest", "svc-scan", "anonymous"] {
            let number = port(self.random);
            self.records
                .push(refused(time, user, (SCANNER, number), "SCANNER", user != "svc-scan"));
            time += 2_000;
        }
    }

    /// The antivirus program brings a driver with its definitions.
    fn installed(&mut self) {
        let id = guid(self.random).to_uppercase();
        let path = format!(r"C:\ProgramData\Microsoft\Windows Defender\Definition Updates\{{{id}}}\MpKslDrv.sys");
        let name = format!("MpKsl{}", self.random.hex(8));
        self.records
            .push(service_made(at(5, 31, 40), "SYSTEM", &name, &path, "system start"));
    }

    fn sprayed(&mut self, spray: &[Attempt]) {
        for attempt in spray {
            let Attempt { time, user, port, end } = *attempt;
            match end {
                End::Kerberos => self.records.push(refused_by_kerberos(time, user, VICTIM_ADDRESS, port)),
                End::Ntlm => self
                    .records
                    .push(refused(time, user, (VICTIM_ADDRESS, port), VICTIM, true)),
                End::LetIn => {
                    self.records.push(ticket(time, user, VICTIM_ADDRESS, port));
                    self.visit(time + 1_400, user, VICTIM_ADDRESS, port + 1);
                    self.records.push(privileged(time + 1_420, user, self.session));
                }
            }
        }
        self.records
            .push(service_made(made(spray), BACKUP, SERVICE, PLANTED, "auto start"));
    }
}

/// Whether a connection of the capture is one to a service of the controller.
pub(super) fn is_asked(one: &Opened, service: u16) -> bool {
    one.to_port == service && one.to.to_string() == CONTROLLER_ADDRESS
}
