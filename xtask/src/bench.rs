//! `cargo xtask bench`: runs every benchmark of the workspace and prints one table.
//!
//! A benchmark is a `[[bench]]` with `harness = false`. It prints a figure as `FIGURE | name | value | unit | floor`, the floor
//! empty where there is none; every other line is passed on as it is. Figures are printed and fail nothing: machines differ.

use std::process::Command;

use crate::{Failure, process};

/// One line of the table.
struct Figure {
    name: String,
    value: String,
    unit: String,
    floor: String,
}

/// How large the largest set is.
#[derive(Clone, Copy)]
pub enum Sizes {
    /// What a benchmark takes by itself.
    Usual,
    /// 100,000 installations in one set too.
    Large,
}

/// Builds and runs the benchmarks.
pub fn run(sizes: Sizes) -> Result<(), Failure> {
    println!("building and running the benchmarks (release profile) ...");
    let mut command = Command::new("cargo");
    command.args(["bench", "--workspace", "--bench", "*"]);
    if matches!(sizes, Sizes::Large) {
        command.env("TERN_BENCH_SIZES", "1000,10000,100000");
    }
    let said = process::run("bench", &mut command)?;
    if !said.ok {
        return Err(Failure::new(format!("{}    whole output: {}", said.tail(40), said.log.display())));
    }
    let figures: Vec<Figure> = said.lines.iter().filter_map(|line| Figure::read(line)).collect();
    if figures.is_empty() {
        return Err(Failure::new(format!("no benchmark printed a figure; whole output: {}", said.log.display())));
    }
    let width = figures.iter().map(|f| f.name.chars().count()).max().unwrap_or(0);
    println!("{:<width$}  {:>12}  {:<14} floor", "figure", "value", "unit");
    for figure in &figures {
        println!("{:<width$}  {:>12}  {:<14} {}", figure.name, figure.value, figure.unit, figure.verdict());
    }
    println!("whole output: {}", said.log.display());
    Ok(())
}

impl Figure {
    fn read(line: &str) -> Option<Figure> {
        let mut cells = line.strip_prefix("FIGURE |")?.split('|').map(|cell| cell.trim().to_owned());
        Some(Figure { name: cells.next()?, value: cells.next()?, unit: cells.next()?, floor: cells.next()? })
    }

    fn verdict(&self) -> String {
        match (self.value.parse::<f64>(), self.floor.parse::<f64>()) {
            (Ok(value), Ok(floor)) if value >= floor => format!("{} met", self.floor),
            (Ok(_), Ok(_)) => format!("{} NOT met", self.floor),
            _ => "-".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_four_cells() {
        let figure = Figure::read("FIGURE | verify, share of bare ECDSA | 71 | % | 60").expect("a figure");
        assert_eq!((figure.name.as_str(), figure.verdict().as_str()), ("verify, share of bare ECDSA", "60 met"));
        assert!(Figure::read("FIGURE | three | 1 | %").is_none());
        assert_eq!(Figure::read("FIGURE | a | 1.5 | x | 3.0").expect("a figure").verdict(), "3.0 NOT met");
    }
}
