//! Fills templates: `{a|b}` is one of them, `{name}` a name, and the same company throughout a mail.

use super::random::Random;
use std::collections::BTreeMap;

const FIRST: &[&str] = &[
    "Anna", "Ben", "Clara", "David", "Emma", "Felix", "Grace", "Henry", "Ines", "Jonas", "Karin", "Lukas", "Maria",
    "Nils", "Olivia", "Paul", "Rosa", "Simon", "Tina", "Victor", "Sophie", "Thomas", "Laura", "Peter", "Julia",
    "Marco", "Elena", "James", "Sarah", "Pedro", "Piotr", "Hanna", "Wei", "Amir", "Fatima",
];
const LAST: &[&str] = &[
    "Meyer", "Smith", "Garcia", "Rossi", "Dubois", "Jansen", "Kowalski", "Silva", "Becker", "Jones", "Martin", "Novak",
    "Larsen", "Weber", "Lopez", "Bianchi", "Moreau", "Visser", "Nowak", "Santos", "Fischer", "Brown", "Petit", "Conti",
];
const ENDINGS: &[&str] = &[
    "com", "com", "com", "io", "de", "eu", "co.uk", "fr", "net", "org", "it", "nl", "es", "pl",
];

/// Kinds of senders and their names.
const SENDERS: &[(&str, &[&str])] = &[
    (
        "company",
        &[
            "Northbridge",
            "Kestrel Systems",
            "Alderway",
            "Lumen Works",
            "Brightfold",
            "Tidewater Labs",
            "Mosaic Data",
            "Fernwood",
            "Oakline",
            "Pixelgarten",
            "Nordlicht",
            "Castellan",
            "Bluecrate",
            "Quillstack",
            "Papermill",
            "Heliotrop",
            "Granit Software",
        ],
    ),
    (
        "shop",
        &[
            "Wool and Wood",
            "Schuhparadies",
            "Bookbarn",
            "Outdoorland",
            "Maison Verte",
            "Teehaus",
            "Runners Point",
            "Green Garden",
            "Spielwelt",
            "Toolshed",
            "La Bottega",
        ],
    ),
    (
        "bank",
        &[
            "First Harbor Bank",
            "Nordea",
            "Union Savings",
            "Bank of Alder",
            "Lakeside Credit Union",
            "Raiffeisenbank",
            "Banca Nova",
            "Volksbank Nord",
        ],
    ),
    (
        "paper",
        &[
            "The Daily Courier",
            "Tech Weekly",
            "Le Matin",
            "Abendblatt",
            "City Post",
            "Science Letter",
        ],
    ),
    (
        "airline",
        &["Skyline Air", "Lufthansa", "Iberia", "Easyjet", "Nordwind"],
    ),
    (
        "doctor",
        &["Praxis Dr Lang", "Smile Dental", "Cabinet Moreau", "City Clinic"],
    ),
    ("gov", &["Tax Office", "ELSTER", "Service Public", "Vehicle Agency"]),
    ("school", &["Hill School", "Grundschule West", "Lycee Pasteur"]),
];

/// Lists of which `{key}` is one.
const LISTS: &[(&str, &[&str])] = &[
    ("first2", FIRST),
    (
        "free",
        &[
            "gmail.com",
            "gmx.de",
            "yahoo.com",
            "hotmail.com",
            "orange.fr",
            "outlook.com",
            "web.de",
            "icloud.com",
        ],
    ),
    ("day", &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]),
    (
        "month",
        &[
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
    ),
    (
        "city",
        &[
            "London", "Berlin", "Lyon", "Madrid", "Porto", "Milano", "Utrecht", "Krakow", "Boston", "Denver",
            "Hamburg", "Leeds", "Toronto",
        ],
    ),
    ("citylow", &["hamburg", "berlin", "leipzig", "koeln", "bremen"]),
    (
        "product",
        &[
            "Running shoes",
            "Coffee grinder",
            "USB-C cable",
            "Desk lamp",
            "Cloud storage",
            "Photo editor",
            "Winter jacket",
            "Puzzle",
            "Power drill",
            "Cooler",
            "Air fryer",
        ],
    ),
    (
        "doc",
        &[
            "Contract",
            "Offer 2025",
            "Lease agreement",
            "NDA",
            "Budget",
            "Project plan",
            "Invoice",
            "Minutes",
            "Purchase order",
            "Statement of work",
            "Report Q3",
        ],
    ),
    (
        "task",
        &[
            "Import stops at line 4000",
            "Weekly sync",
            "Budget review",
            "Update of the wiki",
            "Release 2.4",
            "Kick-off",
            "Login page broken on mobile",
            "Safety at work",
            "Interview",
            "Printer on floor 2",
        ],
    ),
    ("project", &["OPS", "WEB", "CORE", "parser", "importer"]),
    ("repo", &["acme/parser", "hanna/dotfiles", "tools/importer"]),
    (
        "device",
        &["Windows", "iPhone 14", "Pixel 8", "Chrome on macOS", "Linux"],
    ),
];

/// Fills one mail.
pub(crate) struct Filler<'r> {
    pub(crate) random: &'r mut Random,
    kept: BTreeMap<String, String>,
}

impl<'r> Filler<'r> {
    pub(crate) fn new(random: &'r mut Random) -> Self {
        Self {
            random,
            kept: BTreeMap::new(),
        }
    }

    /// Replaces what stands in braces, the innermost first.
    pub(crate) fn fill(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        while let Some(end) = text.find('}') {
            let (head, tail) = (
                text.get(..end).unwrap_or_default(),
                text.get(end + 1..).unwrap_or_default(),
            );
            let Some((before, inside)) = head.rsplit_once('{') else {
                break;
            };
            let choices: Vec<&str> = inside.split('|').collect();
            let chosen = match choices.as_slice() {
                [key] => self.value(key),
                choices => self.random.one(choices).to_owned(),
            };
            text = [before, &chosen, tail].concat();
        }
        text
    }

    pub(crate) fn first(&mut self) -> &'static str {
        self.random.one(FIRST)
    }

    fn keep(&mut self, key: &str, value: String) -> String {
        self.kept.entry(key.to_owned()).or_insert(value).clone()
    }

    /// What `{key}` stands for; itself where it is no key.
    pub(crate) fn value(&mut self, key: &str) -> String {
        if let Some(kept) = self.kept.get(key) {
            return kept.clone();
        }
        if let Some(count) = key.strip_prefix('n').and_then(|count| count.parse().ok()) {
            return self.random.digits(count);
        }
        if let Some((_, names)) = SENDERS.iter().find(|(kind, _)| *kind == key) {
            let name = self.random.one(names).to_owned();
            return self.keep(key, name);
        }
        if let Some(kind) = key
            .strip_suffix("domain")
            .filter(|kind| SENDERS.iter().any(|(known, _)| known == kind))
        {
            let name = plain(&self.value(kind));
            let domain = format!("{name}.{}", self.random.one(ENDINGS));
            return self.keep(key, domain);
        }
        if let Some((_, list)) = LISTS.iter().find(|(known, _)| *known == key) {
            return self.random.one(list).to_owned();
        }
        self.made(key)
    }

    fn made(&mut self, key: &str) -> String {
        match key {
            "first" | "last" => {
                let name = self.random.one(if key == "first" { FIRST } else { LAST }).to_owned();
                self.keep(key, name)
            }
            "name" => format!("{} {}", self.first(), self.random.one(LAST)),
            "login" => {
                let login = match self.random.below(3) {
                    0 => format!("{}.{}", plain(self.first()), plain(self.random.one(LAST))),
                    1 => format!("{}{}", plain(self.random.one(LAST)), self.random.below(99)),
                    _ => plain(self.first()),
                };
                self.keep(key, login)
            }
            "email" => {
                let name = plain(self.first());
                let address = format!(
                    "{name}@{}",
                    self.random.one(&[
                        "example.com",
                        "corp.example",
                        "gmail.com",
                        "firma.example",
                        "outlook.com"
                    ])
                );
                self.keep(key, address)
            }
            "email2" => format!("{}@{}", plain(self.first()), self.value("companydomain")),
            "amount" => {
                let amount = format!(
                    "{}{}{}",
                    self.random.below(900) + 1,
                    self.random.one(&[".", ".", ","]),
                    self.random.digits(2)
                );
                self.random
                    .one(&["$#", "# €", "€#", "£#", "USD #", "# EUR"])
                    .replace('#', &amount)
            }
            "date" => match self.random.below(3) {
                0 => format!("{} {} 2025", self.random.below(28) + 1, self.value("month")),
                1 => format!("{:02}.{:02}.2025", self.random.below(28) + 1, self.random.below(12) + 1),
                _ => format!("{}/{}/2025", self.random.below(12) + 1, self.random.below(28) + 1),
            },
            "street" => format!(
                "{} {}",
                self.random.one(&[
                    "Hafenstraße",
                    "High Street",
                    "Rue de la Paix",
                    "Calle Mayor",
                    "Elm Avenue",
                    "Via Roma",
                    "Main St"
                ]),
                self.random.below(200) + 1
            ),
            "hex" => {
                let count = [6, 10, 14].get(self.random.below(3)).copied().unwrap_or(10);
                self.random.letters(count).to_uppercase()
            }
            "ip" => (0..4)
                .map(|_| (self.random.below(250) + 1).to_string())
                .collect::<Vec<_>>()
                .join("."),
            other => other.to_owned(),
        }
    }
}

/// Letters a to z of a name, in lower case.
pub(crate) fn plain(name: &str) -> String {
    name.to_lowercase().chars().filter(char::is_ascii_lowercase).collect()
}
