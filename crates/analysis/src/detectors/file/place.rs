//! Something that acts, in a folder where such things do not lie.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a program among devices, fonts, logs, mailboxes, manuals or tasks | 0.40–0.50 | nothing is installed there, and few look there |
//! | a program in shared memory | 0.35 | leaves no trace on a disk |
//! | a program in `/etc`, at the top of `ProgramData` or of the settings of a user | 0.30 | installers make a folder of their own |
//! | a program for everybody to write (`Users\Public`, `/run`, `/tmp`) | 0.15–0.25 | what unpacks itself and what is built lies there too |
//! | something in a recycle bin that was not thrown away | 0.50 | what was thrown away has a name of its own there |
//! | a script for a web server among what visitors hand in | 0.40 | pictures lie there |
//! | a program in the tree of a whole system among temporary files | 0.10 | packages and containers are put together there |
//! | downloads, temporary files of Windows | 0.05–0.10 | everybody has some |

use super::{Folders, about_place, is_program, placed};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_formats::identify::media;
use watchfire_formats::identify::runnable::Runnable;
use watchfire_model::{ArtifactId, Confidence, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct OddPlace;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("file-odd-place"),
    describes: "something that acts lies in a folder where such things do not lie",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 350,
    group: "place",
    techniques: &[TechniqueId::new("T1036.005")],
    false_positives: "what is being built, unpacked or updated, and tools that people keep in folders of their own",
};

/// What weighs there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// Programs and libraries.
    Programs,
    /// Programs, libraries and scripts.
    Acts,
    /// Scripts.
    Scripts,
}

impl What {
    fn is(self, what: Runnable) -> bool {
        match self {
            Self::Programs => is_program(what),
            Self::Acts => is_program(what) || what == Runnable::Script,
            Self::Scripts => what == Runnable::Script,
        }
    }
}

use What::{Acts, Programs, Scripts};

/// Folders of which the same is said.
struct Place {
    said: &'static str,
    /// Patterns, what weighs in them, and how much.
    folders: &'static [(&'static str, What, u16)],
}

const fn place(said: &'static str, folders: &'static [(&'static str, What, u16)]) -> Place {
    Place { said, folders }
}

/// The first that fits counts.
const PLACES: &[Place] = &[
    place(
        "lies in shared memory",
        &[("/dev/shm", Programs, 350), ("/dev/shm", Scripts, 150)],
    ),
    place("lies among the devices", &[("/dev", Acts, 500)]),
    place(
        "lies among temporary files",
        &[
            ("/tmp", Programs, 200),
            ("/var/tmp", Programs, 200),
            ("/private/tmp", Programs, 200),
            ("/private/var/tmp", Programs, 200),
            ("/windows/temp", Programs, 150),
            ("appdata/local/temp", Programs, 100),
        ],
    ),
    place(
        "lies among logs",
        &[("/var/log", Programs, 400), ("/windows/debug", Acts, 350)],
    ),
    place(
        "lies among mailboxes",
        &[("/var/mail", Acts, 400), ("/var/spool/mail", Acts, 400)],
    ),
    place(
        "lies among the pages of a web server",
        &[("/var/www", Programs, 250), ("/srv/www", Programs, 250)],
    ),
    place(
        "lies in a folder that is empty when the system starts",
        &[("/run", Programs, 200)],
    ),
    place("lies among settings", &[("/etc", Programs, 300)]),
    place("lies among manuals", &[("/usr/share/man", Programs, 450)]),
    place("lies among icons", &[("/usr/share/icons", Programs, 450)]),
    place(
        "lies among fonts",
        &[("/usr/share/fonts", Programs, 450), ("/windows/fonts", Acts, 450)],
    ),
    place("lies among translations", &[("/usr/share/locale", Programs, 450)]),
    place("lies among time zones", &[("/usr/share/zoneinfo", Programs, 450)]),
    place("lies among headers for compilers", &[("/usr/include", Programs, 400)]),
    place("lies among what was lost", &[("/lost+found", Acts, 200)]),
    place("lies among cursors", &[("/windows/cursors", Acts, 400)]),
    place("lies among sounds", &[("/windows/media", Acts, 400)]),
    place(
        "lies among tasks",
        &[("/windows/tasks", Acts, 450), ("/windows/system32/tasks", Acts, 450)],
    ),
    place("lies among traces", &[("/windows/tracing", Acts, 400)]),
    place(
        "lies among what Windows remembers of programs",
        &[("/windows/prefetch", Acts, 450)],
    ),
    place(
        "lies among settings of the network",
        &[("/windows/system32/drivers/etc", Acts, 450)],
    ),
    place(
        "lies among profiles of colours",
        &[("/windows/system32/spool/drivers/color", Acts, 450)],
    ),
    place("lies among measurements", &[("/perflogs", Acts, 450)]),
    place(
        "lies in a folder that is the system's own",
        &[("/system volume information", Acts, 450)],
    ),
    place(
        "lies at the top of ProgramData, where installers make folders",
        &[("/programdata/.", Acts, 300)],
    ),
    place(
        "lies at the top of a folder that everybody may write",
        &[("/users/public/.", Acts, 350)],
    ),
    place(
        "lies in a folder that everybody may write",
        &[
            ("/users/public", Programs, 250),
            ("/users/public", Scripts, 200),
            ("/users/shared", Programs, 250),
        ],
    ),
    place(
        "lies at the top of a user's settings, where programs make folders",
        &[
            ("/users/*/appdata/.", Acts, 350),
            ("/users/*/appdata/roaming/.", Acts, 300),
            ("/users/*/appdata/local/.", Acts, 300),
        ],
    ),
    place(
        "lies where only programs with few rights write",
        &[("/users/*/appdata/locallow", Programs, 200)],
    ),
    place("lies among music", &[("/users/*/music", Programs, 150)]),
    place("lies among pictures", &[("/users/*/pictures", Programs, 150)]),
    place("lies among films", &[("/users/*/videos", Programs, 150)]),
    place(
        "lies among downloads",
        &[
            ("/users/*/downloads", Acts, 50),
            ("/home/*/downloads", Acts, 50),
            ("/root/downloads", Acts, 50),
        ],
    ),
];

impl Detector for OddPlace {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let Some((folders, what)) = placed(facts) else { return };
        let listed = || {
            let mut rows = PLACES
                .iter()
                .flat_map(|place| place.folders.iter().map(move |row| (row, place.said)));
            let row = rows.find(|((pattern, acts, _), _)| acts.is(what) && folders.are(pattern));
            row.map(|((.., weight), said)| (*weight, said))
        };
        let found = in_bin(&folders, what)
            .or_else(|| in_tree(&folders, what))
            .or_else(|| in_uploads(&folders, facts))
            .or_else(listed);
        if let Some((weight, said)) = found {
            scene.found(about_place(&INFO, facts, weight, said));
        }
    }
}

/// A whole system, or what is to be packed, is often put together among temporary files.
fn in_tree(folders: &Folders<'_>, what: Runnable) -> Option<(u16, &'static str)> {
    let is_tree = ["usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "usr/libexec"]
        .iter()
        .any(|pattern| folders.are(pattern));
    let is_temporary = folders.are("/tmp") || folders.are("/var/tmp");
    (is_tree && is_temporary && is_program(what)).then_some((100, "lies in a tree of a system among temporary files"))
}

/// Windows keeps what was thrown away as `$R` and six letters in a folder for each user.
fn in_bin(folders: &Folders<'_>, what: Runnable) -> Option<(u16, &'static str)> {
    if !folders.are("$recycle.bin") || !(is_program(what) || matches!(what, Runnable::Script | Runnable::Shortcut)) {
        return None;
    }
    let below = folders.iter().skip_while(|folder| *folder != "$recycle.bin").skip(2);
    let is_thrown_away = below.map(str::to_owned).next().map_or_else(
        || folders.are("$recycle.bin/*/.") && folders.name.to_lowercase().starts_with("$r"),
        |top| top.starts_with("$r"),
    );
    Some(if is_thrown_away {
        (50, "was thrown away")
    } else {
        (500, "lies in a recycle bin and was not thrown away")
    })
}

/// Pages that keep a server from listing a folder, as they are shipped.
const EMPTY_PAGES: &[&[u8]] = &[
    b"<?php",
    b"<?php\n",
    b"<?php\n// Silence is golden.\n",
    b"<?php\n// Silence is golden.",
    b"<?php\r\n// Silence is golden.\r\n",
    b"<?php\n// Silence is golden.\n?>",
    b"<?php\n// Silence is golden.\n?>\n",
    b"<?php // Silence is golden",
    b"<?php // Silence is golden.",
    b"<?php // Silence is golden\n",
    b"<?php // Silence is golden.\n",
];

/// What visitors of a web site hand in is not run by its server.
fn in_uploads(folders: &Folders<'_>, facts: &FactSet) -> Option<(u16, &'static str)> {
    let is_upload =
        folders.are("wp-content/uploads") || folders.are("sites/default/files") || folders.are("media/uploads");
    (facts.media_type == media::PHP && is_upload && !is_empty_page(facts.artifact))
        .then_some((400, "runs on a web server and lies among what its visitors hand in"))
}

/// Anybody can call a page `index.php`: its content tells.
fn is_empty_page(page: ArtifactId) -> bool {
    EMPTY_PAGES.iter().any(|known| ArtifactId::of(known) == page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_empty_by_their_content() {
        assert!(is_empty_page(ArtifactId::of(b"<?php\n// Silence is golden.\n")));
        assert!(!is_empty_page(ArtifactId::of(b"<?php system($_GET[0]);")));
    }
}
