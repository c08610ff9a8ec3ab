//! Forms as they are shown: what was typed stays, and what is wrong stands at its field and in a list above.
//!
//! A form is described once, by its groups of fields; the template `organizer/parts.html` shows whatever there is. What is
//! wrong comes from the same checks as the API's, whose pointers name places of a document: [`Faulty`] brings them to the
//! fields.

use std::collections::BTreeMap;

use axum::http::Uri;
use serde::Deserialize;

use super::super::visit::random_text;
use super::filled::Filled;
use super::say::Say;
use crate::catalog::checks::{Fault, Faults};
use crate::http::Problem;

/// What was typed into a form: names and values, in the order of the fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// A form that is filled in beforehand.
    pub(super) fn of<N: Into<String>, V: Into<String>>(values: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(values.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// What stands in the query of an address: the fields of a form that changes nothing.
    pub(super) fn asked(uri: &Uri) -> Self {
        let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Self::of(query.map(|(name, value)| (name.into_owned(), value.into_owned())))
    }

    /// Adds a value.
    pub(super) fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// Removes the fields with such names.
    pub(super) fn remove(&mut self, is_removed: impl Fn(&str) -> bool) {
        self.0.retain(|(name, _)| !is_removed(name));
    }

    /// What a field has; empty if it is not there. Browsers send lines ended as the web has them.
    pub(super) fn get(&self, name: &str) -> String {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or_else(String::new, |(_, value)| value.replace("\r\n", "\n").trim().to_owned())
    }

    /// The same; none if it is empty.
    pub(super) fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|value| !value.is_empty())
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Every value of a field that may be there several times.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect()
    }

    /// Whether a field is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// A whole number, or none if nothing was typed.
    pub(super) fn number<T: std::str::FromStr>(&self, name: &str, faulty: &mut Faulty) -> Option<T> {
        let text = self.some(name)?;
        let number = text.parse().ok();
        if number.is_none() {
            faulty.add(name, "must be a whole number");
        }
        number
    }
}

/// What is wrong with a form, by the names of its fields.
#[derive(Debug, Clone, Default)]
pub(super) struct Faulty(Vec<(String, String)>);

impl Faulty {
    pub(super) fn add(&mut self, field: impl Into<String>, detail: impl Into<String>) {
        self.0.push((field.into(), detail.into()));
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes what checks of a document found; `field` names the field of a pointer, without its slash.
    pub(super) fn take(&mut self, faults: Faults, field: impl Fn(&str) -> String) {
        self.take_all(faults.finish().err().unwrap_or_default(), field);
    }

    fn take_all(&mut self, faults: Vec<Fault>, field: impl Fn(&str) -> String) {
        for Fault { pointer, detail } in faults {
            self.add(field(pointer.trim_start_matches('/')), detail);
        }
    }

    /// Takes the places that a problem names; the problem itself, if it names none.
    pub(super) fn take_problem(
        &mut self,
        problem: Problem,
        field: impl Fn(&str) -> String,
    ) -> Option<Problem> {
        if problem.errors().is_empty() {
            return Some(problem);
        }
        for error in problem.errors() {
            self.add(field(error.pointer.trim_start_matches('/')), error.detail.clone());
        }
        None
    }

    /// What is wrong at a field, in one text.
    pub(super) fn at(&self, field: &str, say: &Say) -> Option<String> {
        let told: Vec<String> =
            self.0.iter().filter(|(name, _)| name == field).map(|(_, detail)| say.fault(detail)).collect();
        (!told.is_empty()).then(|| told.join(" "))
    }
}

/// A pointer's first part: the name of most fields.
pub(super) fn first_part(pointer: &str) -> String {
    pointer.split('/').next().unwrap_or_default().to_owned()
}

/// A form to be shown.
pub(super) struct FormView {
    pub(super) action: String,
    pub(super) hidden: Vec<(String, String)>,
    pub(super) groups: Vec<Group>,
    /// What is wrong, each with the field that it is at.
    pub(super) faults: Vec<FaultView>,
    /// Tells one sending of the form from another.
    pub(super) request: String,
    pub(super) submit: String,
    /// Where who changes their mind goes.
    pub(super) back: String,
}

/// Fields that belong together.
pub(super) struct Group {
    pub(super) legend: String,
    pub(super) hint: String,
    pub(super) fields: Vec<Field>,
}

/// Something wrong, in the list above the form.
pub(super) struct FaultView {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) detail: String,
}

/// A field.
#[derive(Default)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) hint: String,
    pub(super) value: String,
    pub(super) fault: Option<String>,
    /// `text`, `textarea`, `select`, `checks`, `prices`, or a type of input.
    pub(super) kind: &'static str,
    pub(super) is_required: bool,
    /// Whether it takes the whole width.
    pub(super) is_wide: bool,
    pub(super) options: Vec<Choice>,
    /// What may be chosen instead of typing.
    pub(super) suggestions: Vec<Choice>,
    pub(super) autocomplete: &'static str,
    pub(super) inputmode: &'static str,
    pub(super) chars_max: usize,
    pub(super) grid: Option<Grid>,
}

/// Something to choose.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) is_chosen: bool,
}

/// What a ticket costs, by price category and concession.
pub(super) struct Grid {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<GridRow>,
}

pub(super) struct GridRow {
    pub(super) label: String,
    pub(super) color: String,
    pub(super) cells: Vec<Cell>,
}

pub(super) struct Cell {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) value: String,
    pub(super) fault: Option<String>,
}

impl Field {
    /// A line of text.
    pub(super) fn text(name: &str, label: String) -> Self {
        Self::of("text", name, label)
    }

    /// A field of some kind.
    pub(super) fn of(kind: &'static str, name: &str, label: String) -> Self {
        Self { kind, name: name.to_owned(), label, autocomplete: "off", chars_max: 300, ..Self::default() }
    }

    /// A whole number.
    pub(super) fn number(name: &str, label: String) -> Self {
        Self { inputmode: "numeric", chars_max: 9, ..Self::of("text", name, label) }
    }

    /// A choice of one.
    pub(super) fn select(name: &str, label: String, options: Vec<Choice>) -> Self {
        Self { options, ..Self::of("select", name, label) }
    }

    pub(super) fn hint(mut self, hint: String) -> Self {
        self.hint = hint;
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    pub(super) const fn wide(mut self) -> Self {
        self.is_wide = true;
        self
    }

    pub(super) const fn chars(mut self, chars_max: usize) -> Self {
        self.chars_max = chars_max;
        self
    }

    pub(super) const fn autocomplete(mut self, completed_by: &'static str) -> Self {
        self.autocomplete = completed_by;
        self
    }

    pub(super) fn suggest(mut self, suggestions: Vec<Choice>) -> Self {
        self.suggestions = suggestions;
        self
    }

    /// The id of its element.
    pub(super) fn id(&self) -> String {
        id_of(&self.name)
    }

    /// What describes it: its hint and what is wrong with it.
    pub(super) fn described_by(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("hint-{}", self.name));
        let fault = self.fault.as_ref().map(|_fault| format!("fault-{}", self.name));
        hint.into_iter().chain(fault).collect::<Vec<_>>().join(" ")
    }

    fn fill(&mut self, fields: &Fields, faulty: &Faulty, say: &Say) {
        self.fault = faulty.at(&self.name, say);
        match self.kind {
            "checks" => {
                let chosen = fields.all(&self.name);
                self.options.iter_mut().for_each(|option| {
                    option.is_chosen = chosen.contains(&option.value);
                });
            }
            "prices" => {
                let cells =
                    self.grid.iter_mut().flat_map(|grid| &mut grid.rows).flat_map(|row| &mut row.cells);
                for cell in cells {
                    cell.value = fields.get(&cell.name);
                    cell.fault = faulty.at(&cell.name, say);
                }
            }
            _one_value => {
                self.value = fields.get(&self.name);
                let value = &self.value;
                self.options.iter_mut().for_each(|option| option.is_chosen = option.value == *value);
                // A browser's picker of times cannot take the offset that tells one of two times from the other.
                let is_plain = self.value.is_empty() || self.value.len() == "2026-12-05T19:30".len();
                if self.kind == "datetime-local" && (!is_plain || self.fault.is_some()) {
                    self.kind = "text";
                }
            }
        }
    }
}

impl Choice {
    pub(super) fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), is_chosen: false }
    }
}

impl Group {
    pub(super) fn new(legend: String, fields: Vec<Field>) -> Self {
        Self { legend, hint: String::new(), fields }
    }

    pub(super) fn hint(mut self, hint: String) -> Self {
        self.hint = hint;
        self
    }
}

impl FormView {
    /// A form with what was typed and what is wrong with it.
    pub(super) fn new(say: &Say, action: String, mut groups: Vec<Group>, filled: &Filled) -> Self {
        let Filled { fields, faulty, .. } = filled;
        let all = groups.iter_mut().flat_map(|group| &mut group.fields);
        all.for_each(|field| field.fill(fields, faulty, say));
        let labels = labels(&groups);
        let faults = faulty.0.iter().map(|(name, detail)| FaultView {
            id: id_of(name),
            label: labels.get(name).cloned().unwrap_or_default(),
            detail: say.fault(detail),
        });
        Self {
            action,
            hidden: Vec::new(),
            faults: faults.collect(),
            groups,
            request: random_text(),
            submit: say.t("org-save"),
            back: String::new(),
        }
    }

    pub(super) fn submit(mut self, label: String) -> Self {
        self.submit = label;
        self
    }

    pub(super) fn back(mut self, address: impl Into<String>) -> Self {
        self.back = address.into();
        self
    }

    pub(super) fn hide(mut self, name: &str, value: impl Into<String>) -> Self {
        self.hidden.push((name.to_owned(), value.into()));
        self
    }
}

fn labels(groups: &[Group]) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    for field in groups.iter().flat_map(|group| &group.fields) {
        labels.insert(field.name.clone(), field.label.clone());
        for cell in field.grid.iter().flat_map(|grid| &grid.rows).flat_map(|row| &row.cells) {
            labels.insert(cell.name.clone(), cell.label.clone());
        }
    }
    labels
}

fn id_of(name: &str) -> String {
    format!("field-{name}")
}
