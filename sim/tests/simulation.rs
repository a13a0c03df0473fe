//! Simulations as tests.

use guildhall_sim::seeds::run;

#[test]
fn some_seeds() {
    let from: u64 = std::env::var("SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let count: u64 = std::env::var("SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(20);
    let mut failed = 0;
    for seed in from..from + count {
        let run = run(seed);
        if let Err(broken) = &run.checked {
            failed += 1;
            println!("seed {seed}: {broken}");
            if count == 1 {
                run.log.iter().for_each(|line| println!("{line}"));
            }
        } else if count == 1 {
            run.log.iter().for_each(|line| println!("{line}"));
        }
    }
    println!("{failed} of {count} failed");
    assert_eq!(failed, 0);
}
