//! Verifying in a child process with limits. A damaged file can make the database library abort, loop or ask for all memory;
//! whatever it does, the parent says "damaged", never a backtrace.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use thread_priority::{
    NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy,
    thread_native_id,
};

use super::Pace;
use crate::store::Reading;

/// Address space of the child, in bytes.
const MOST_MEMORY: u64 = 16 << 30;

/// What became of the child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It reported; its exit code and what it printed.
    Reported(u8, String),
    /// It did not: the file made it stop.
    Stopped(String),
}

/// Limits this process; the child calls it before it opens anything.
pub fn limit() {
    let hard = getrlimit(Resource::As).maximum;
    let most = hard.map_or(MOST_MEMORY, |hard| hard.min(MOST_MEMORY));
    // A system that refuses leaves the time limit of the parent, and the file is read all the same.
    let _ = setrlimit(Resource::As, Rlimit { current: Some(most), maximum: hard });
    let core = getrlimit(Resource::Core);
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: core.maximum });
}

/// Steps back behind whoever writes the ledger that is read, because the bedside comes first: this thread, and those that it starts, run when a
/// processor has nothing else to do (`SCHED_IDLE`), and rest in between. Nobody writes an export or a closed ledger, and then nothing changes.
pub fn step_back(source: &Path) -> Pace {
    let database = if source.is_dir() { source.join("ledger.redb") } else { source.to_owned() };
    if !(database.is_file() && matches!(Reading::in_use(&database), Ok(true))) {
        return Pace::Full;
    }
    let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
    // A system that refuses leaves the priority as it was.
    let _ = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle);
    Pace::Resting
}

/// Runs `program` with `arguments` until it ends or `most` has passed. `watch` is given each line of its standard error, then an
/// empty one.
///
/// # Errors
/// When it cannot be started.
pub fn run(
    program: &Path,
    arguments: &[std::ffi::OsString],
    most: Duration,
    watch: Option<fn(&str)>,
) -> std::io::Result<Ended> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(if watch.is_some() { Stdio::piped() } else { Stdio::null() })
        .spawn()?;
    let watched = child.stderr.take().zip(watch).map(|(errors, watch)| {
        std::thread::spawn(move || {
            BufReader::new(errors).lines().map_while(Result::ok).for_each(|line| watch(&line));
            watch("");
        })
    });
    let output = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        if let Some(mut output) = output {
            let _ = output.read_to_string(&mut text);
        }
        text
    });
    // What ends later than time can be told never ends.
    let end = Instant::now().checked_add(most);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if end.is_some_and(|end| Instant::now() >= end) {
            child.kill()?;
            child.wait()?;
            return Ok(Ended::Stopped(format!("reading it took more than {} s", most.as_secs())));
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let text = reader.join().unwrap_or_default();
    if let Some(watched) = watched {
        // It only prints; whatever became of it, the result stands.
        let _ = watched.join();
    }
    Ok(match status.code().map(u8::try_from) {
        Some(Ok(code @ 0..=4)) if !text.is_empty() => Ended::Reported(code, text),
        _ => Ended::Stopped("the file made the reading process stop".to_owned()),
    })
}
