//! What a stretch of a process costs.

use std::fmt;
use std::str::FromStr;
use std::time::Instant;

/// Seconds of processors and of the clock, and the most memory of the process so far in MiB.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub cpu: f64,
    pub wall: f64,
    pub peak: f64,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.cpu, self.wall, self.peak)
    }
}

impl FromStr for Cost {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let [cpu, wall, peak] = text.split(' ').collect::<Vec<_>>()[..] else { return Err(text.to_string()) };
        let number = |t: &str| t.parse::<f64>().map_err(|_| text.to_string());
        Ok(Self { cpu: number(cpu)?, wall: number(wall)?, peak: number(peak)? })
    }
}

/// A stretch that has begun.
pub struct Meter {
    cpu: f64,
    wall: Instant,
}

impl Meter {
    /// From the start of the process, which has only just begun.
    pub fn of_the_process() -> Self {
        Self { cpu: 0.0, wall: Instant::now() }
    }

    /// From here on.
    pub fn from_here() -> Self {
        Self { cpu: cpu(), wall: Instant::now() }
    }

    pub fn cost(&self) -> Cost {
        Cost { cpu: cpu() - self.cpu, wall: self.wall.elapsed().as_secs_f64(), peak: peak() }
    }
}

/// User and system seconds of all threads of this process.
#[cfg(unix)]
fn cpu() -> f64 {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    std::time::Duration::try_from(spent).map_or(f64::NAN, |d| d.as_secs_f64())
}

/// Elsewhere nothing is measured.
#[cfg(not(unix))]
fn cpu() -> f64 {
    f64::NAN
}

/// The most memory so far in MiB; 0 where the system does not say.
pub fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}
