//! What more threads bring: the whole work on each of N threads, against one thread, and against N
//! processes that share nothing, all in turns.
//!
//! Processes that share nothing show what the machine can give: caches and clock frequencies are shared
//! even by them. Threads that do as well lose nothing to sharing.

use crate::clock;
use crate::compare::progress;
use crate::options::Options;
use crate::stats::Series;
use crate::workload::Workload;

/// What one program took with one number of threads.
pub struct Row {
    /// The program.
    pub name: String,
    /// How many threads.
    pub threads: usize,
    /// One thread, once the work.
    pub one: Series,
    /// `threads` threads of a process, each the whole work.
    pub together: Series,
    /// `threads` processes of one thread.
    pub apart: Series,
    /// What went wrong.
    pub problem: Option<String>,
}

impl Row {
    /// How many times the work of one thread the threads do in its time.
    pub fn speedup(&self) -> f64 {
        self.threads as f64 * self.one.median() / self.together.median()
    }

    /// The same of the processes.
    pub fn limit(&self) -> f64 {
        self.threads as f64 * self.one.median() / self.apart.median()
    }

    /// The threads' work relative to the processes'.
    pub fn efficiency(&self) -> f64 {
        self.apart.median() / self.together.median()
    }
}

/// Measures the programs that take a number of threads.
pub fn run(options: &Options, workloads: &[Workload]) -> Vec<Row> {
    let mut rows = Vec::new();
    for workload in workloads.iter().filter(|workload| workload.threaded) {
        for &threads in &options.threads {
            let row = Row {
                name: workload.name.clone(),
                threads,
                one: Series::default(),
                together: Series::default(),
                apart: Series::default(),
                problem: None,
            };
            rows.push((workload, row));
        }
    }
    let bar = progress(rows.len() * options.runs);
    for _ in 0..options.runs {
        for (workload, row) in &mut rows {
            bar.set_message(format!("{}, {} threads", row.name, row.threads));
            if row.problem.is_none() {
                row.problem = sample(options, workload, row).err();
            }
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    rows.into_iter().map(|(_, row)| row).collect()
}

fn sample(options: &Options, workload: &Workload, row: &mut Row) -> Result<(), String> {
    let one = workload.arguments(1);
    let single = clock::run(&options.kit, &one, options.limit)?;
    let many = workload.arguments(row.threads);
    let together = clock::run(&options.kit, &many, options.limit)?;
    let apart = clock::run_together(&options.kit, &one, row.threads, options.limit)?;
    if together.output != single.output || apart.iter().any(|run| run.output != single.output) {
        return Err("the outputs differ".to_owned());
    }
    row.one.push(single.seconds);
    row.together.push(together.seconds);
    row.apart
        .push(apart.first().map_or(f64::NAN, |run| run.seconds));
    Ok(())
}
