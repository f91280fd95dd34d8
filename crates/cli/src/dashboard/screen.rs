//! How the dashboard looks, and how it comes onto a terminal. The only file that names `ratatui_core`: its buffers send
//! what changed and nothing else, and its layout fits columns into any width.
//!
//! Text of the network is shown escaped, hosts defanged; the buffer drops control characters besides.

use super::terminal::Tty;
use super::{Look, Place, Tab};
use ratatui_core::backend::{Backend, ClearType, WindowSize};
use ratatui_core::buffer::{Buffer, Cell};
use ratatui_core::layout::{Constraint, Layout, Position, Rect, Size};
use ratatui_core::style::{Color, Modifier, Style};
use ratatui_core::terminal::Terminal;
use ratatui_core::text::{Line, Span};
use ratatui_core::widgets::Widget;
use std::fmt::Write as _;
use std::io;
use std::net::IpAddr;
use std::time::Duration;
use watchfire::bytes;
use watchfire::live::{LiveProgram, LiveSnapshot, LiveTalker, Load};
use watchfire::model::{Severity, Target, Untrusted};

/// Rows of each list of the overview.
const OVERVIEW: usize = 8;
/// Alerts of the overview.
const NEWEST: usize = 3;
/// A screen that has fewer columns shows the lists of the overview below each other.
const WIDE: u16 = 90;

/// A dashboard on a terminal.
pub(super) struct Screen {
    terminal: Terminal<Ansi>,
    look: Look,
}

impl Screen {
    pub(super) fn new(tty: Tty, look: Look) -> io::Result<Self> {
        let terminal = Terminal::new(Ansi {
            tty,
            pending: String::new(),
        })?;
        Ok(Self { terminal, look })
    }

    pub(super) fn draw(&mut self, snapshot: &LiveSnapshot, place: Place) -> io::Result<()> {
        let look = self.look;
        self.terminal
            .draw(|frame| view(snapshot, place, look, frame.area(), frame.buffer_mut()))?;
        Ok(())
    }

    /// The bytes of keys that were pressed within that time.
    pub(super) fn wait(&mut self, longest: Duration) -> io::Result<Vec<u8>> {
        self.terminal.backend_mut().tty.wait(longest)
    }
}

/// Draws everything.
fn view(snapshot: &LiveSnapshot, place: Place, look: Look, area: Rect, buffer: &mut Buffer) {
    let pen = Pen { look };
    let parts = [Constraint::Length(3), Constraint::Min(0), Constraint::Length(1)];
    let [head, body, foot] = Layout::vertical(parts).areas(area);
    pen.head(snapshot, place, head, buffer);
    match place.tab {
        Tab::Overview => pen.overview(snapshot, body, buffer),
        Tab::Alerts => pen.alerts(snapshot, place.top, body, buffer),
        Tab::Talkers => pen.talkers(&snapshot.talkers, place.top, body, buffer),
        Tab::Protocols => pen.protocols(snapshot, place.top, body, buffer),
        Tab::Programs => pen.programs(&snapshot.programs, place.top, body, buffer),
        Tab::Host => pen.host(snapshot, place.top, body, buffer),
    }
    let keys = " q quit   p pause   1-6 or tab other lists   arrows move   (the report says what was found)";
    Line::styled(keys, pen.faint()).render(foot, buffer);
}

/// A list: titles, their columns, and which of them are numbers.
struct Columns<'a> {
    titles: &'a [&'a str],
    widths: &'a [Constraint],
    numbers: &'a [bool],
}

/// Draws with or without colours.
#[derive(Clone, Copy)]
struct Pen {
    look: Look,
}

impl Pen {
    fn colour(self, colour: Color) -> Style {
        if self.look.colour {
            Style::new().fg(colour)
        } else {
            Style::new()
        }
    }

    fn faint(self) -> Style {
        self.colour(Color::DarkGray)
    }

    fn title() -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Two lines on how the capture goes, and the tabs.
    fn head(self, snapshot: &LiveSnapshot, place: Place, area: Rect, buffer: &mut Buffer) {
        let [first, second, third] = Layout::vertical([Constraint::Length(1); 3]).areas(area);
        let counts = &snapshot.counts;
        let mut line = Line::from(vec![
            Span::styled(format!(" {} ", snapshot.interface.shown(16)), Self::title()),
            Span::raw(format!(
                " {}  {} frames  {}",
                clock(snapshot.elapsed),
                grouped(counts.frames),
                bytes(counts.bytes)
            )),
        ]);
        line.push_span(match counts.dropped {
            0 => Span::styled("  no drops", self.colour(Color::Green)),
            dropped => Span::styled(format!("  {} DROPPED", grouped(dropped)), self.colour(Color::Red)),
        });
        if let Some(filter) = &snapshot.filter {
            line.push_span(Span::styled(format!("  filter: {}", filter.shown(60)), self.faint()));
        }
        if place.paused {
            line.push_span(Span::styled("  PAUSED", self.colour(Color::Yellow)));
        }
        line.render(first, buffer);
        let (frames, size) = snapshot.history.last().copied().unwrap_or_default();
        let rate = format!(" {} frames/s  {}/s", grouped(frames), bytes(size));
        let load = load_line(&snapshot.load);
        Line::from(vec![Span::raw(rate), Span::styled(load, self.faint())]).render(second, buffer);
        let mut tabs = Line::from(" ");
        for (number, tab) in Tab::ALL.iter().enumerate() {
            let style = if *tab == place.tab {
                Style::new().add_modifier(Modifier::REVERSED)
            } else {
                self.faint()
            };
            // Without colours, the one that is looked at is in brackets.
            let name = match tab.name() {
                name if *tab == place.tab && !self.look.colour => format!("[{} {name}]", number + 1),
                name => format!(" {} {name} ", number + 1),
            };
            tabs.push_span(Span::styled(name, style));
        }
        tabs.render(third, buffer);
    }

    fn overview(self, snapshot: &LiveSnapshot, area: Rect, buffer: &mut Buffer) {
        let alerts = u16::try_from(snapshot.alerts.len().min(NEWEST)).unwrap_or_default();
        let parts = [
            Constraint::Length(4),
            Constraint::Length(alerts + 2),
            Constraint::Min(0),
        ];
        let [charts, alerts, lists] = Layout::vertical(parts).areas(area);
        let [alerts, _] = Layout::vertical([Constraint::Min(0), Constraint::Length(1)]).areas(alerts);
        self.alerts(snapshot, 0, alerts, buffer);
        let [_, frames, sizes, _] = Layout::vertical([Constraint::Length(1); 4]).areas(charts);
        self.chart(
            "frames/s",
            snapshot.history.iter().map(|(frames, _)| *frames),
            frames,
            buffer,
        );
        self.chart(
            "bytes/s",
            snapshot.history.iter().map(|(_, bytes)| *bytes),
            sizes,
            buffer,
        );
        let rows = Constraint::Length(OVERVIEW as u16 + 2);
        let places = if area.width >= WIDE {
            let [left, right] = Layout::horizontal([Constraint::Fill(1); 2]).spacing(2).areas(lists);
            let [one, two] = Layout::vertical([rows, Constraint::Min(0)]).areas(left);
            let [three, four] = Layout::vertical([rows, Constraint::Min(0)]).areas(right);
            [one, two, three, four]
        } else {
            Layout::vertical([Constraint::Fill(1); 4]).areas(lists)
        };
        let [talkers, programs, protocols, services] = places;
        self.talkers(top(&snapshot.talkers), 0, talkers, buffer);
        self.programs(top(&snapshot.programs), 0, programs, buffer);
        self.list(&PROTOCOLS, carried(snapshot), protocols, buffer);
        self.list(&SERVICES, spoken(snapshot), services, buffer);
    }

    /// A line of bars, of which the last is the newest, and the highest.
    fn chart(self, name: &str, values: impl Iterator<Item = u64>, area: Rect, buffer: &mut Buffer) {
        const UNICODE: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        const ASCII: [char; 9] = [' ', '.', ':', '-', '=', '+', '*', '#', '@'];
        let [label, bars, highest] =
            Layout::horizontal([Constraint::Length(10), Constraint::Min(0), Constraint::Length(14)]).areas(area);
        let values: Vec<u64> = values.collect();
        let shown = values
            .get(values.len().saturating_sub(bars.width.into())..)
            .unwrap_or_default();
        let most = shown.iter().copied().max().unwrap_or(0);
        let glyphs = if self.look.ascii { ASCII } else { UNICODE };
        let line: String = shown
            .iter()
            .map(|value| glyphs.get(height(*value, most)).copied().unwrap_or(' '))
            .collect();
        let most = if name.starts_with("bytes") {
            bytes(most)
        } else {
            grouped(most)
        };
        Line::styled(format!(" {name}"), self.faint()).render(label, buffer);
        Line::styled(line, self.colour(Color::Cyan))
            .right_aligned()
            .render(bars, buffer);
        Line::styled(format!(" max {most}"), self.faint()).render(highest, buffer);
    }

    /// What would be found if the capture ended now: how bad it is, where, what, and who, the newest first.
    fn alerts(self, snapshot: &LiveSnapshot, first: usize, area: Rect, buffer: &mut Buffer) {
        let layout = Layout::horizontal([
            Constraint::Length(13),
            Constraint::Length(11),
            Constraint::Fill(1),
            Constraint::Length(if area.width < WIDE { 0 } else { 24 }),
        ])
        .spacing(1)
        .horizontal_margin(1);
        let title = match snapshot.alerted {
            0 => "ALERTS: none until now".to_owned(),
            count => format!("ALERTS: {}", grouped(count)),
        };
        let [top, rows] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(area);
        Line::styled(format!(" {title}"), Self::title()).render(top, buffer);
        for (alert, row) in snapshot.alerts.iter().skip(first).zip(rows.rows()) {
            let style = match alert.severity {
                Severity::Critical | Severity::High => self.colour(Color::Red),
                Severity::Medium => self.colour(Color::Yellow),
                Severity::Low | Severity::Informational => self.faint(),
            };
            let who: Vec<String> = alert.targets.iter().map(Target::to_string).collect();
            let cells = [
                alert.severity.as_str().to_owned(),
                format!("frame {}", alert.frame),
                alert.title.clone(),
                who.join(", "),
            ];
            for ((number, text), place) in cells.into_iter().enumerate().zip(layout.split(row).iter()) {
                let style = if number == 0 { style } else { Style::new() };
                Line::styled(text, style).render(*place, buffer);
            }
        }
    }

    fn talkers(self, talkers: &[LiveTalker], first: usize, area: Rect, buffer: &mut Buffer) {
        // Where there is little room, the end of a long address is given up for a name.
        let address_width = if area.width < WIDE { 20 } else { 34 };
        let columns = Columns {
            titles: &["TALKER", "NAME", "SENT", "RECEIVED"],
            widths: &[
                Constraint::Length(address_width),
                Constraint::Fill(1),
                Constraint::Length(8),
                Constraint::Length(8),
            ],
            numbers: &[false, false, true, true],
        };
        let rows = talkers.iter().skip(first).map(|talker| {
            let name = talker.name.as_ref().map(host).unwrap_or_default();
            vec![
                address(talker.address),
                name,
                bytes(talker.sent),
                bytes(talker.received),
            ]
        });
        self.list(&columns, rows, area, buffer);
    }

    fn protocols(self, snapshot: &LiveSnapshot, first: usize, area: Rect, buffer: &mut Buffer) {
        let spoken = snapshot.services.iter().map(|(name, flows, said)| {
            let flows = format!("{} flows", grouped(*flows));
            vec![format!("  {name}"), flows, format!("{} said", grouped(*said))]
        });
        self.list(&PROTOCOLS, carried(snapshot).chain(spoken).skip(first), area, buffer);
    }

    fn programs(self, programs: &[LiveProgram], first: usize, area: Rect, buffer: &mut Buffer) {
        let columns = Columns {
            titles: &["PROGRAM", "PROCESS", "SENT", "RECEIVED"],
            widths: &[
                Constraint::Fill(1),
                Constraint::Length(9),
                Constraint::Length(8),
                Constraint::Length(8),
            ],
            numbers: &[false, true, true, true],
        };
        let rows = programs.iter().skip(first).map(|program| {
            let name = match (&program.command, program.user) {
                (Some(command), _) => command.shown(40),
                (None, Some(user)) => format!("(of user {user})"),
                (None, None) => "(not known)".to_owned(),
            };
            let pid = program.pid.map(|pid| pid.to_string()).unwrap_or_default();
            vec![name, pid, bytes(program.sent), bytes(program.received)]
        });
        self.list(&columns, rows, area, buffer);
    }

    fn host(self, snapshot: &LiveSnapshot, first: usize, area: Rect, buffer: &mut Buffer) {
        let (load, counts) = (&snapshot.load, &snapshot.counts);
        let mut lines = vec![
            (
                "processors",
                format!("{} of {}, average {}", share(load.cpu), load.processors, average(load)),
            ),
            (
                "memory",
                format!(
                    "{} of {} in use",
                    bytes(load.memory.saturating_sub(load.available)),
                    bytes(load.memory)
                ),
            ),
            (
                "disks",
                format!("{}/s read, {}/s written", rate(load.disk_read), rate(load.disk_written)),
            ),
            (
                "watchfire",
                format!(
                    "{} of a processor, {} of memory",
                    share(load.own_cpu),
                    bytes(load.own_memory)
                ),
            ),
            (
                "handed over",
                format!("{} frames, {} kept", grouped(counts.frames), bytes(counts.captured)),
            ),
            (
                "let through",
                format!("{} frames by the kernel's filter", grouped(counts.received)),
            ),
            (
                "dropped",
                format!(
                    "{} frames, {} times no room",
                    grouped(counts.dropped),
                    grouped(counts.freezes)
                ),
            ),
            (
                "flows",
                format!(
                    "{} over, {} addresses",
                    grouped(snapshot.flows),
                    grouped(snapshot.addresses as u64)
                ),
            ),
        ];
        lines.extend(snapshot.notes.iter().skip(first).map(|note| ("note", note.shown(200))));
        for ((name, text), row) in lines.into_iter().zip(area.rows().skip(1)) {
            let name = Span::styled(format!(" {name:<12}"), self.faint());
            Line::from(vec![name, Span::raw(text)]).render(row, buffer);
        }
    }

    /// Titles and rows, as many as there is room for.
    fn list(self, columns: &Columns<'_>, rows: impl Iterator<Item = Vec<String>>, area: Rect, buffer: &mut Buffer) {
        let layout = Layout::horizontal(columns.widths.iter().copied())
            .spacing(1)
            .horizontal_margin(1);
        let titles = columns.titles.iter().map(|title| (*title).to_owned()).collect();
        let all = std::iter::once(titles).chain(rows);
        for (number, (cells, row)) in all.zip(area.rows()).enumerate() {
            let style = if number == 0 { Self::title() } else { Style::new() };
            let places = layout.split(row);
            for ((text, place), is_number) in cells.into_iter().zip(places.iter()).zip(columns.numbers) {
                let line = Line::styled(text, style);
                let line = if *is_number { line.right_aligned() } else { line };
                line.render(*place, buffer);
            }
        }
    }
}

const PROTOCOLS: Columns<'static> = Columns {
    titles: &["PROTOCOL", "FRAMES", "BYTES"],
    widths: &[Constraint::Fill(1), Constraint::Length(15), Constraint::Length(12)],
    numbers: &[false, true, true],
};
const SERVICES: Columns<'static> = Columns {
    titles: &["SERVICE", "FLOWS", "SAID"],
    ..PROTOCOLS
};

/// What frames carry.
fn carried(snapshot: &LiveSnapshot) -> impl Iterator<Item = Vec<String>> {
    let carried = snapshot.protocols.iter();
    carried.map(|(name, frames, size)| vec![name.clone(), grouped(*frames), bytes(*size)])
}

/// What is spoken.
fn spoken(snapshot: &LiveSnapshot) -> impl Iterator<Item = Vec<String>> {
    let spoken = snapshot.services.iter();
    spoken.map(|(name, flows, said)| vec![(*name).to_owned(), grouped(*flows), grouped(*said)])
}

fn top<T>(all: &[T]) -> &[T] {
    all.get(..OVERVIEW).unwrap_or(all)
}

/// A host, defanged and escaped.
fn host(name: &Untrusted) -> String {
    Target::Host(name.clone()).to_string()
}

fn address(address: IpAddr) -> String {
    host(&address.to_string().into())
}

/// Eighths of the highest; what is there at all is seen.
fn height(value: u64, most: u64) -> usize {
    let eighths = u128::from(value) * 8 / u128::from(most.max(1));
    let least = usize::from(value > 0);
    usize::try_from(eighths).unwrap_or(8).clamp(least, 8)
}

/// `01:02:03`.
fn clock(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Thousandths as a percentage.
fn share(thousandths: Option<u16>) -> String {
    thousandths.map_or("?".to_owned(), |share| format!("{} %", share / 10))
}

fn rate(per_second: Option<u64>) -> String {
    per_second.map_or("?".to_owned(), bytes)
}

fn average(load: &Load) -> String {
    load.average.map_or("?".to_owned(), |average| {
        format!("{}.{:02}", average / 100, average % 100)
    })
}

fn load_line(load: &Load) -> String {
    let used = load.memory.saturating_sub(load.available);
    let memory = if load.memory == 0 {
        "?".to_owned()
    } else {
        share(u16::try_from(u128::from(used) * 1000 / u128::from(load.memory)).ok())
    };
    format!(
        "   host: CPU {}  memory {memory}  disks {}/s read {}/s written  watchfire {}",
        share(load.cpu),
        rate(load.disk_read),
        rate(load.disk_written),
        share(load.own_cpu),
    )
}

/// A terminal that understands the sequences of ECMA-48, as all of today do.
struct Ansi {
    tty: Tty,
    /// What is still to be sent.
    pending: String,
}

impl Ansi {
    fn style(&mut self, cell: &Cell) {
        self.pending.push_str("\x1b[0");
        for (modifier, number) in [(Modifier::BOLD, 1), (Modifier::REVERSED, 7)] {
            if cell.modifier.contains(modifier) {
                let _ = write!(self.pending, ";{number}");
            }
        }
        let colour = match cell.fg {
            Color::Red => Some(31),
            Color::Green => Some(32),
            Color::Yellow => Some(33),
            Color::Cyan => Some(36),
            Color::DarkGray => Some(90),
            _ => None,
        };
        if let Some(colour) = colour {
            let _ = write!(self.pending, ";{colour}");
        }
        self.pending.push('m');
    }
}

impl Backend for Ansi {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut style = None;
        let mut expected = None;
        for (x, y, cell) in content {
            if expected != Some((x, y)) {
                let _ = write!(self.pending, "\x1b[{};{}H", y + 1, x + 1);
            }
            // A wide character moves the cursor further: the next cell is found anew.
            let is_plain = cell.symbol().len() == 1;
            expected = is_plain.then_some((x + 1, y));
            if style.replace((cell.fg, cell.modifier)) != Some((cell.fg, cell.modifier)) {
                self.style(cell);
            }
            match cell.symbol() {
                symbol if symbol.chars().any(char::is_control) => self.pending.push('?'),
                symbol => self.pending.push_str(symbol),
            }
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.pending.push_str("\x1b[?25l");
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.pending.push_str("\x1b[?25h");
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        let _ = write!(self.pending, "\x1b[{};{}H", position.y + 1, position.x + 1);
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, kind: ClearType) -> io::Result<()> {
        self.pending.push_str(match kind {
            ClearType::All => "\x1b[2J",
            ClearType::AfterCursor => "\x1b[0J",
            ClearType::BeforeCursor => "\x1b[1J",
            ClearType::CurrentLine => "\x1b[2K",
            ClearType::UntilNewLine => "\x1b[0K",
        });
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        self.tty.size().map(Size::from)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.size()?,
            pixels: Size::ZERO,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        let pending = std::mem::take(&mut self.pending);
        self.tty.write(pending.as_bytes())
    }
}

#[cfg(test)]
#[path = "screen_tests.rs"]
mod tests;
