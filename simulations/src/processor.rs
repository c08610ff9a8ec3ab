//! How much processor time a process has used.

use std::time::Duration;

/// The processor time of a process since it began, in user and kernel mode, of all its threads; none if there is no such
/// process (or no `/proc`).
#[must_use]
pub fn time_used(pid: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let ticks = ticks(&stat)?;
    Some(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
}

/// Fields 14 and 15 of `proc_pid_stat(5)`. The second field, the program's name, may contain anything.
fn ticks(stat: &str) -> Option<u64> {
    let (_name, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_programs_name_does_not_confuse_the_fields() {
        let stat = "42 (a) S b (c) R 1 42 42 0 -1 4194304 1 0 0 0 120 30 0 0 20 0 1 0 5 6 7";
        assert_eq!(ticks(stat), Some(150));
    }

    #[test]
    fn this_process_has_used_some_time_and_a_missing_one_has_none() {
        assert!(time_used(std::process::id()).is_some());
        assert_eq!(time_used(u32::MAX), None);
    }
}
