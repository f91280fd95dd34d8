//! Content streams: the operators that place text (ISO 32000-2, sections 8 and 9.4).
//!
//! What is filled and which pictures are painted goes to [`Shown`], for the QR codes among them. Text painted invisibly
//! (rendering mode 3) is read: it is how scanned pages carry what they say.

use super::drawing::Fill;
use super::file::File;
use super::font::Font;
use super::layout::{Layout, Painted, Point};
use super::lexer::{Item, Parser};
use super::object::{Dict, Found, Object};
use super::picture::Shown;
use std::collections::BTreeMap;
use std::rc::Rc;
use watchfire_model::{Halt, LimitKind, Problem};

/// Forms inside forms.
const MAX_FORMS: usize = 12;
/// Operands before an operator; of more, the last count.
const MAX_OPERANDS: usize = 64;
/// Saved graphics states.
const MAX_SAVED: usize = 512;

/// `[a b c d e f]`: x' = a·x + c·y + e, y' = b·x + d·y + f.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Matrix(pub(super) [f64; 6]);

impl Matrix {
    pub(super) const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// First `self`, then `next`.
    pub(super) fn then(self, next: Self) -> Self {
        let [a, b, c, d, e, f] = self.0;
        let [na, nb, nc, nd, ne, nf] = next.0;
        Self([
            a * na + b * nc,
            a * nb + b * nd,
            c * na + d * nc,
            c * nb + d * nd,
            e * na + f * nc + ne,
            e * nb + f * nd + nf,
        ])
    }

    pub(super) fn apply(self, (x, y): Point) -> Point {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }

    /// Whether what is painted through it reads the other way round.
    fn mirrors(self) -> bool {
        let [a, b, c, d, ..] = self.0;
        a * d - b * c < 0.0
    }

    fn translation(x: f64, y: f64) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// The matrix in an array of six numbers.
    pub(super) fn read(file: &File<'_>, object: &Object) -> Option<Self> {
        let mut out = [0.0; 6];
        let items = object.as_array()?;
        for (at, slot) in out.iter_mut().enumerate() {
            *slot = file.resolve(items.get(at)?).as_number()?;
        }
        Some(Self(out))
    }
}

/// What `q` saves.
#[derive(Clone, Debug)]
struct State {
    ctm: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    character_spacing: f64,
    word_spacing: f64,
    scale: f64,
    leading: f64,
    rise: f64,
    fill: Fill,
}

impl State {
    fn new(ctm: Matrix) -> Self {
        Self {
            ctm,
            font: None,
            size: 1.0,
            character_spacing: 0.0,
            word_spacing: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
            fill: Fill::default(),
        }
    }
}

/// Reads content streams of one document into a layout.
pub(super) struct Interpreter<'f, 'a> {
    file: &'f File<'a>,
    pub(super) layout: Layout,
    pub(super) shown: Shown,
    /// Fonts by object number.
    fonts: BTreeMap<u32, Rc<Font>>,
    /// For text without a font.
    fallback: Option<Rc<Font>>,
    operators: u64,
    /// Where the data of the forms that are being painted begins.
    forms: Vec<usize>,
}

/// The text object that is open.
struct TextMatrices {
    text: Matrix,
    line: Matrix,
}

impl<'f, 'a> Interpreter<'f, 'a> {
    pub(super) fn new(file: &'f File<'a>) -> Self {
        Self {
            file,
            layout: Layout::default(),
            shown: Shown::new(),
            fonts: BTreeMap::new(),
            fallback: None,
            operators: 0,
            forms: Vec::new(),
        }
    }

    /// Reads one stream. Limits that are reached are noted in the file.
    pub(super) fn run(&mut self, content: &[u8], resources: &Object, ctm: Matrix) {
        let empty = Dict::new();
        let resources = resources.as_dict().unwrap_or(&empty);
        let mut stream = StreamState {
            fonts: self.file.get(resources, "Font"),
            forms: self.file.get(resources, "XObject"),
            resources,
            local_fonts: BTreeMap::new(),
            state: State::new(ctm),
            saved: Vec::new(),
            matrices: TextMatrices {
                text: Matrix::IDENTITY,
                line: Matrix::IDENTITY,
            },
        };
        let mut parser = Parser::of_content(content);
        let mut operands: Vec<Object> = Vec::new();
        while let Some(item) = parser.item() {
            match item {
                Item::Operand(operand) => {
                    if operands.len() >= MAX_OPERANDS {
                        operands.remove(0);
                    }
                    operands.push(operand);
                }
                Item::Operator(b"BI") => {
                    self.shown.inline(&mut parser, content, stream.state.ctm.mirrors());
                    operands.clear();
                }
                Item::Operator(operator) => {
                    if !self.count() {
                        return;
                    }
                    self.operator(operator, &operands, &mut stream);
                    operands.clear();
                }
            }
        }
    }

    /// Counts an operator; `false` if that was one too many.
    fn count(&mut self) -> bool {
        self.operators += 1;
        if self.operators.is_multiple_of(1024) {
            let limits = self.file.budget.limits();
            if let Err(halt) = self.file.budget.check() {
                self.file.halt(halt);
            } else if self.operators > limits.records.saturating_mul(4) {
                self.file.halt(Halt(LimitKind::Records));
            } else if self.layout.len() as u64 > limits.artifact_size {
                self.file.halt(Halt(LimitKind::ArtifactSize));
            }
        }
        self.file.halted().is_none()
    }

    fn operator(&mut self, operator: &[u8], operands: &[Object], stream: &mut StreamState<'_>) {
        let number = |at: usize| operands.get(at).and_then(Object::as_number).unwrap_or(0.0);
        let state = &mut stream.state;
        match operator {
            b"q" if stream.saved.len() < MAX_SAVED => stream.saved.push(state.clone()),
            b"Q" => {
                if let Some(saved) = stream.saved.pop() {
                    *state = saved;
                }
            }
            b"cm" => state.ctm = six(operands).then(state.ctm),
            b"BT" => {
                self.shown.end_drawing(self.file);
                stream.matrices = TextMatrices {
                    text: Matrix::IDENTITY,
                    line: Matrix::IDENTITY,
                }
            }
            b"Tc" => state.character_spacing = number(0),
            b"Tw" => state.word_spacing = number(0),
            b"Tz" => state.scale = number(0) / 100.0,
            b"TL" => state.leading = number(0),
            b"Ts" => state.rise = number(0),
            b"Tf" => {
                state.size = number(1);
                let name = operands.first().and_then(Object::as_name);
                state.font = name.and_then(|name| self.font(name, &stream.fonts, &mut stream.local_fonts));
            }
            b"Td" => stream.next_line(number(0), number(1)),
            b"TD" => {
                state.leading = -number(1);
                stream.next_line(number(0), number(1));
            }
            b"Tm" => {
                stream.matrices = TextMatrices {
                    text: six(operands),
                    line: six(operands),
                }
            }
            b"T*" => stream.next_line_by_leading(),
            b"Tj" => self.show(operands.first(), stream),
            b"TJ" => self.show_adjusted(operands.first(), stream),
            b"'" => {
                stream.next_line_by_leading();
                self.show(operands.first(), stream);
            }
            b"\"" => {
                state.word_spacing = number(0);
                state.character_spacing = number(1);
                stream.next_line_by_leading();
                self.show(operands.get(2), stream);
            }
            b"Do" => {
                if let Some(name) = operands.first().and_then(Object::as_name) {
                    self.shown.end_drawing(self.file);
                    self.painted(name, stream);
                }
            }
            b"cs" => {
                let name = operands.first().and_then(Object::as_name).unwrap_or_default();
                let spaces = self.file.get(stream.resources, "ColorSpace");
                let space = spaces.as_dict().and_then(|spaces| spaces.get(name));
                let space = space.map_or(Found::NOTHING, |space| self.file.resolve(space));
                let kind = space.as_array().and_then(<[Object]>::first);
                state.fill.is_ink = kind.is_some_and(|kind| self.file.resolve(kind).is_name("Separation"));
            }
            _ => {
                let drawing = &mut self.shown.drawing;
                drawing.operator(operator, operands, state.ctm, &mut state.fill);
            }
        }
    }

    fn font(&mut self, name: &[u8], fonts: &Object, local: &mut BTreeMap<Vec<u8>, Rc<Font>>) -> Option<Rc<Font>> {
        match fonts.as_dict()?.get(name)? {
            Object::Reference(id) => {
                if let Some(font) = self.fonts.get(&id.number) {
                    return Some(Rc::clone(font));
                }
                let object = self.file.object(id.number);
                let font = Rc::new(Font::load(self.file, object.as_dict()?));
                self.fonts.insert(id.number, Rc::clone(&font));
                Some(font)
            }
            object => {
                if let Some(font) = local.get(name) {
                    return Some(Rc::clone(font));
                }
                let font = Rc::new(Font::load(self.file, object.as_dict()?));
                local.insert(name.to_vec(), Rc::clone(&font));
                Some(font)
            }
        }
    }

    /// What readers fall back on where no font is set, or the one that is named is not there.
    fn no_font(&mut self) -> Rc<Font> {
        if let Some(font) = &self.fallback {
            return Rc::clone(font);
        }
        self.file.problem(Problem::note(
            "pdf-no-font",
            "text is painted without a font; it was read in the standard encoding",
        ));
        let font = Rc::new(Font::load(self.file, &Dict::new()));
        self.fallback = Some(Rc::clone(&font));
        font
    }

    fn show_adjusted(&mut self, items: Option<&Object>, stream: &mut StreamState<'_>) {
        for item in items.and_then(Object::as_array).unwrap_or_default() {
            match item {
                Object::String(_) => self.show(Some(item), stream),
                other => {
                    let state = &stream.state;
                    let adjustment = -other.as_number().unwrap_or(0.0) / 1000.0 * state.size;
                    let vertical = state.font.as_ref().is_some_and(|font| font.vertical);
                    let step = if vertical {
                        (0.0, adjustment)
                    } else {
                        (adjustment * state.scale, 0.0)
                    };
                    stream.advance(step);
                }
            }
        }
    }

    fn show(&mut self, string: Option<&Object>, stream: &mut StreamState<'_>) {
        let Some(mut rest) = string.and_then(Object::as_string) else {
            return;
        };
        let font = match &stream.state.font {
            Some(font) => Rc::clone(font),
            None => self.no_font(),
        };
        let mut text = String::new();
        while !rest.is_empty() {
            let glyph = font.first(rest);
            rest = rest.get(glyph.length..).unwrap_or_default();
            text.clear();
            font.text(glyph, &mut text);
            let state = &stream.state;
            let mut spacing = state.character_spacing;
            if Font::is_space(glyph) {
                spacing += state.word_spacing;
            }
            // Spacing is not part of the glyph, but a gap of that size is no gap between words.
            let step = if font.vertical {
                (0.0, -state.size + spacing)
            } else {
                ((glyph.width * state.size + spacing) * state.scale, 0.0)
            };
            let to_page = stream.matrices.text.then(state.ctm);
            let origin = to_page.apply((0.0, state.rise));
            let end = to_page.apply((step.0, state.rise + step.1));
            let direction = direction(to_page, font.vertical);
            let height = height(to_page, state.size);
            self.layout.glyph(Painted {
                start: origin,
                end,
                direction,
                size: height,
                text: &text,
            });
            stream.advance(step);
        }
    }

    fn painted(&mut self, name: &[u8], stream: &StreamState<'_>) {
        let Some(object) = stream.forms.as_dict().and_then(|forms| forms.get(name)) else {
            return;
        };
        let object = self.file.resolve(object).keep();
        let is_picture = object
            .as_dict()
            .is_some_and(|dict| self.file.get(dict, "Subtype").is_name("Image"));
        if is_picture {
            self.shown.picture(&object, stream.state.ctm.mirrors());
        } else {
            self.paint_form(&object, stream.resources, stream.state.ctm);
            self.shown.end_drawing(self.file);
        }
    }

    /// Reads a form, with the resources of what it is painted on if it has none.
    pub(super) fn paint_form(&mut self, object: &Object, resources: &Dict, ctm: Matrix) {
        let Some(form) = object.as_stream() else { return };
        let is_open = self.forms.len() >= MAX_FORMS || self.forms.contains(&form.start);
        if is_open || !self.file.get(&form.dict, "Subtype").is_name("Form") {
            return;
        }
        let matrix = Matrix::read(self.file, &self.file.get(&form.dict, "Matrix")).unwrap_or(Matrix::IDENTITY);
        let content = self.file.decode(form);
        let own = self.file.get(&form.dict, "Resources");
        self.forms.push(form.start);
        match own.as_dict() {
            Some(_) => self.run(&content, &own, matrix.then(ctm)),
            None => self.run(&content, &Object::Dict(resources.clone()), matrix.then(ctm)),
        }
        self.forms.pop();
    }
}

/// One stream while it is read.
struct StreamState<'r> {
    fonts: Found<'r>,
    forms: Found<'r>,
    resources: &'r Dict,
    /// Fonts that are not indirect objects, by name.
    local_fonts: BTreeMap<Vec<u8>, Rc<Font>>,
    state: State,
    saved: Vec<State>,
    matrices: TextMatrices,
}

impl StreamState<'_> {
    fn next_line(&mut self, x: f64, y: f64) {
        self.matrices.line = Matrix::translation(x, y).then(self.matrices.line);
        self.matrices.text = self.matrices.line;
    }

    fn next_line_by_leading(&mut self) {
        self.next_line(0.0, -self.state.leading);
    }

    fn advance(&mut self, (x, y): Point) {
        self.matrices.text = Matrix::translation(x, y).then(self.matrices.text);
    }
}

/// The direction of the baseline in the page's space.
fn direction(matrix: Matrix, vertical: bool) -> Point {
    let [a, b, c, d, ..] = matrix.0;
    let (x, y) = if vertical { (-c, -d) } else { (a, b) };
    let length = x.hypot(y);
    if length > 0.0 && length.is_finite() {
        (x / length, y / length)
    } else {
        (1.0, 0.0)
    }
}

/// The font size in the page's space.
fn height(matrix: Matrix, size: f64) -> f64 {
    let [a, b, c, d, ..] = matrix.0;
    let up = c.hypot(d);
    (if up > 0.0 { up } else { a.hypot(b) }) * size.abs()
}

fn six(operands: &[Object]) -> Matrix {
    let mut out = [0.0; 6];
    for (slot, operand) in out.iter_mut().zip(operands) {
        *slot = operand.as_number().unwrap_or(0.0);
    }
    Matrix(out)
}
