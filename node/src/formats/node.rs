//! A JSON value that knows where it stands, read leniently: what is wrong is noted, and reading goes on.

use serde_json::Value;

use crate::catalog::checks::Faults;

/// A value with its place.
#[derive(Clone)]
pub(super) struct Node<'v> {
    pub(super) value: &'v Value,
    pub(super) pointer: String,
}

impl<'v> Node<'v> {
    /// The whole document.
    pub(super) const fn root(value: &'v Value) -> Self {
        Self { value, pointer: String::new() }
    }

    /// A member, if there is one that is not null.
    pub(super) fn get(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        Some(Self {
            value,
            pointer: format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1")),
        })
    }

    /// A member that must be there.
    pub(super) fn need(&self, name: &str, faults: &mut Faults) -> Option<Self> {
        let found = self.get(name);
        if found.is_none() {
            faults.add(&*self.pointer, format!("must have \"{name}\""));
        }
        found
    }

    /// The items of a list; nothing if it is something else, which is noted.
    pub(super) fn items(&self, faults: &mut Faults) -> Vec<Self> {
        match self.value {
            Value::Array(items) => {
                let item = |(nth, value)| Self { value, pointer: format!("{}/{nth}", self.pointer) };
                items.iter().enumerate().map(item).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                faults.add(&*self.pointer, "must be a list");
                Vec::new()
            }
        }
    }

    /// The items of a list, or the value itself.
    pub(super) fn each(&self) -> Vec<Self> {
        match self.value {
            Value::Array(_) => self.items(&mut Faults::default()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                vec![self.clone()]
            }
        }
    }

    /// The text. Numbers are texts to those who write row 1 without quotes.
    pub(super) fn text(&self, faults: &mut Faults) -> Option<String> {
        match self.value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                faults.add(&*self.pointer, "must be a text");
                None
            }
        }
    }

    /// The number.
    pub(super) fn number(&self, faults: &mut Faults) -> Option<f64> {
        let number = self.value.as_f64().filter(|number| number.is_finite());
        if number.is_none() {
            faults.add(&*self.pointer, "must be a number");
        }
        number
    }
}
