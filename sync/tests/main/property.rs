//! Runs one property over many random inputs.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseResult, TestRunner};
use std::hash::{BuildHasher, Hasher, RandomState};

/// Tries the property on so many inputs, or on as many as `PROPTEST_CASES` says.
pub fn holds<S: Strategy>(cases: u32, inputs: S, property: impl Fn(S::Value) -> TestCaseResult) {
    let asked = Config::default();
    let seed = match asked.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().build_hasher().finish(),
    };
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { cases };
    let rng_seed = RngSeed::Fixed(seed);
    let config = Config {
        cases,
        rng_seed,
        failure_persistence: None,
        max_global_rejects: cases.saturating_mul(4),
        ..asked
    };
    if let Err(failure) = TestRunner::new(config).run(&inputs, property) {
        panic!("{failure}\nrepeat with PROPTEST_RNG_SEED={seed}");
    }
}
