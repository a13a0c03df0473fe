//! A measured figure beside its floor or peer, and the list of them as a table and as JSON.
//! A missed goal is a figure like any other; only an error ends a run.

use std::io::Write;
use std::path::Path;

use serde::{Serialize, Serializer};

/// What a figure should reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// At most this many units.
    AtMost(f64),
    /// At most this many times what it stands beside.
    Times(f64),
    /// At least this many times what it stands beside.
    AtLeastTimes(f64),
    /// At most this many units more than what it stands beside.
    Beyond(f64),
    /// None: it explains another figure.
    None,
}

#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    pub name: String,
    pub value: f64,
    pub unit: &'static str,
    /// What the figure is compared with, measured in the same run.
    pub beside: Option<String>,
    pub beside_value: Option<f64>,
    pub ratio: Option<f64>,
    #[serde(serialize_with = "goal_in_words")]
    pub goal: (Goal, &'static str),
    pub met: Option<bool>,
}

impl Figure {
    pub fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        let goal = (Goal::None, unit);
        let (beside, beside_value, ratio, met) = (None, None, None, None);
        Self { name: name.into(), value, unit, beside, beside_value, ratio, goal, met }
    }

    pub fn beside(mut self, name: impl Into<String>, value: f64) -> Self {
        self.beside = Some(name.into());
        self.beside_value = Some(value);
        self.ratio = (value > 0.0).then_some(self.value / value);
        self
    }

    /// Said last: it is judged by what the figure stands beside.
    pub fn goal(mut self, goal: Goal) -> Self {
        self.goal.0 = goal;
        self.met = match goal {
            Goal::AtMost(limit) => Some(self.value <= limit),
            Goal::Times(limit) => self.ratio.map(|ratio| ratio <= limit),
            Goal::AtLeastTimes(least) => self.ratio.map(|ratio| ratio >= least),
            Goal::Beyond(limit) => self.beside_value.map(|beside| self.value - beside <= limit),
            Goal::None => None,
        };
        self
    }
}

/// The figures of one part of the run.
#[derive(Debug)]
pub struct Chapter {
    pub title: String,
    pub figures: Vec<Figure>,
}

pub fn write_table(chapters: &[Chapter], out: &mut impl Write) -> std::io::Result<()> {
    let heading = ["", "here", "beside", "there", "ratio", "goal", "met"].map(str::to_owned);
    let rows: Vec<[String; 7]> =
        chapters.iter().flat_map(|chapter| &chapter.figures).map(table_row).collect();
    let widths: Vec<usize> = (0..heading.len())
        .map(|at| rows.iter().chain([&heading]).map(|row| row[at].chars().count()).max().unwrap_or(0))
        .collect();
    let mut rest = rows.iter();
    write_row(&heading, &widths, out)?;
    for chapter in chapters {
        writeln!(out, "\n{}", chapter.title)?;
        for row in rest.by_ref().take(chapter.figures.len()) {
            write_row(row, &widths, out)?;
        }
    }
    Ok(())
}

pub fn write_json(chapters: &[Chapter], path: &Path) -> anyhow::Result<()> {
    let figures: Vec<&Figure> = chapters.iter().flat_map(|chapter| &chapter.figures).collect();
    std::fs::write(path, serde_json::to_vec_pretty(&figures)?)?;
    Ok(())
}

fn table_row(figure: &Figure) -> [String; 7] {
    let met = match figure.met {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "",
    };
    [
        format!("  {}", figure.name),
        format!("{} {}", number(figure.value), figure.unit),
        figure.beside.clone().unwrap_or_default(),
        figure.beside_value.map_or_else(String::new, |value| format!("{} {}", number(value), figure.unit)),
        figure.ratio.map_or_else(String::new, |ratio| format!("{} ×", number(ratio))),
        goal_text(figure.goal),
        met.to_owned(),
    ]
}

/// Names to the left, numbers to the right.
fn write_row(row: &[String; 7], widths: &[usize], out: &mut impl Write) -> std::io::Result<()> {
    let cells: Vec<String> = row
        .iter()
        .zip(widths)
        .enumerate()
        .map(|(at, (cell, &width))| match at {
            1 | 3 | 4 => format!("{cell:>width$}"),
            _ => format!("{cell:<width$}"),
        })
        .collect();
    writeln!(out, "{}", cells.join("  ").trim_end())
}

/// Three digits that count, and no more.
fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 99.95 || size == 0.0 => format!("{value:.0}"),
        size if size >= 9.995 => format!("{value:.1}"),
        size if size >= 0.01 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

fn goal_text((goal, unit): (Goal, &str)) -> String {
    match goal {
        Goal::AtMost(limit) => format!("≤ {limit} {unit}"),
        Goal::Times(limit) => format!("≤ {limit} ×"),
        Goal::AtLeastTimes(least) => format!("≥ {least} ×"),
        Goal::Beyond(limit) => format!("≤ {limit} {unit} more"),
        Goal::None => String::new(),
    }
}

fn goal_in_words<S: Serializer>(goal: &(Goal, &'static str), serializer: S) -> Result<S::Ok, S::Error> {
    match goal.0 {
        Goal::None => serializer.serialize_none(),
        _ => serializer.serialize_str(&goal_text(*goal)),
    }
}
