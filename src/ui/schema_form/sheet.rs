//! What the parts of one form share: the form, what is typed, what is wrong with it.

use std::sync::Arc;

use leptos::prelude::*;

use crate::form::{FieldProblem, Form, Values};

/// Handed around by copy.
#[derive(Clone, Copy)]
pub(super) struct Sheet {
    /// What the ids of its parts begin with.
    pub(super) id: StoredValue<String>,
    /// The form.
    pub(super) form: StoredValue<Arc<Form>>,
    /// What is typed.
    pub(super) values: RwSignal<Values>,
    problems: RwSignal<Vec<FieldProblem>>,
}

impl Sheet {
    pub(super) fn new(
        id: String,
        form: Arc<Form>,
        values: RwSignal<Values>,
        problems: RwSignal<Vec<FieldProblem>>,
    ) -> Self {
        Self { id: StoredValue::new(id), form: StoredValue::new(form), values, problems }
    }

    /// Fields become JSON, and JSON fields, where they can hold it.
    pub(super) fn switch(self) {
        let form = self.form.get_value();
        let switched = self.values.with_untracked(|values| match values {
            Values::Fields(_) => Ok(Values::Json(form.as_json(values))),
            Values::Json(_) => form.as_fields(values).map(Values::Fields),
        });
        match switched {
            Ok(values) => {
                self.problems.set(Vec::new());
                self.values.set(values);
            }
            Err(problem) => self.problems.set(vec![problem]),
        }
    }

    /// What is wrong with the field, in words.
    pub(super) fn problem_of(self, name: &str) -> Option<String> {
        let of_it = |problem: &&FieldProblem| problem.name == name;
        self.problems.with(|all| all.iter().find(of_it).map(|problem| problem.error.to_string()))
    }

    pub(super) fn forget_problem(self, name: &str) {
        if self.problems.with_untracked(|all| all.iter().any(|problem| problem.name == name)) {
            self.problems.update(|all| all.retain(|problem| problem.name != name));
        }
    }

    /// What is in the field.
    pub(super) fn text_of(self, name: &str) -> String {
        self.values.with(|values| match values {
            Values::Fields(texts) => texts.get(name).cloned().unwrap_or_default(),
            Values::Json(_) => String::new(),
        })
    }

    pub(super) fn set_text(self, name: &str, text: String) {
        self.forget_problem(name);
        self.values.update(|values| {
            if let Values::Fields(texts) = values {
                texts.insert(name.to_owned(), text);
            }
        });
    }
}
