//! The profile looked over.

use super::output::Output;
use crate::app::App;
use crate::failure::{Code, Failure};
use guildhall_local::doctor::{self, Check};
use serde::Serialize;
use std::fmt::Write;

#[derive(Debug, Serialize)]
struct CheckView {
    name: &'static str,
    is_well: bool,
    found: String,
    advice: Option<&'static str>,
}

/// Fails when something is not well, after saying what.
pub fn examine(app: &App, out: Output) -> Result<(), Failure> {
    let checks: Vec<CheckView> = doctor::examine(&app.store).into_iter().map(view).collect();
    out.answer(checks.as_slice(), print)?;
    match checks.iter().filter(|check| !check.is_well).count() {
        0 => Ok(()),
        1 => Err(Failure::new(Code::Fault, "One check found something.")),
        many => Err(Failure::new(Code::Fault, format!("{many} checks found something."))),
    }
}

fn view(check: Check) -> CheckView {
    let Check { name, is_well, found, advice } = check;
    CheckView { name, is_well, found, advice }
}

fn print(checks: &[CheckView]) -> String {
    checks.iter().fold(String::new(), |mut text, check| {
        let sign = if check.is_well { "ok  " } else { "look" };
        writeln!(text, "{sign}  {:28}  {}", check.name, check.found).ok();
        if let Some(advice) = check.advice {
            writeln!(text, "      {advice}").ok();
        }
        text
    })
}
