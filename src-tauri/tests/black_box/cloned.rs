//! A laptop's disk is copied and put back, or lives twice: a restored backup, a cloned machine, a
//! virtual machine that was set back with everything that lies outside the profile. All lives go
//! on writing and syncing; everything that any of them was told is kept arrives exactly once.

use crate::equality::demand_equal;
use crate::house::House;
use crate::house::chance::Chance;
use crate::house::device::Device;
use guildhall_local::sops::{self, NewSop};
use guildhall_local::write::Why;

const STEPS: usize = 14;
const MOST_LIVES: usize = 4;
/// So often one person may sign in to one server without a pause.
const MOST_SIGN_INS: usize = 20;

/// Runs of the test command, and of the long mode.
fn runs() -> u64 {
    if std::env::var_os("GUILDHALL_LONG").is_some() { 200 } else { 8 }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_any_life_of_a_file_wrote_arrives_once() {
    let seeds: Vec<u64> = (1..=runs()).collect();
    for some in seeds.chunks(MOST_SIGN_INS) {
        let house = House::of_sample().await;
        for seed in some {
            eprintln!("seed {seed}");
            run(&house, *seed).await;
        }
    }
}

async fn run(house: &House, seed: u64) {
    let mut chance = Chance::new(seed);
    let mut lives = vec![house.laptop_of("ana").await];
    let mut written = Vec::new();
    for step in 0..STEPS {
        let life = chance.below(lives.len());
        match chance.below(5) {
            0 if lives.len() < MOST_LIVES => {
                // With what lies outside the profile, or without.
                let copy = lives[life].copy(chance.below(2) == 0);
                lives.push(copy);
            }
            0 | 1 => _ = lives[life].sync().await,
            _ => {
                let section = format!("life-{seed}-{step}");
                write(&lives[life], &section);
                written.push(section);
            }
        }
    }
    for _ in 0..2 {
        for life in &lives {
            life.sync().await;
        }
    }
    for section in &written {
        let arrived: i64 = house
            .ask(format!(
                "select count(*) from guildhall.sops s join guildhall.wal_entries w on w.target_id = s.id
                 where s.section = '{section}' and w.operation_type = 'insert'"
            ))
            .await;
        assert_eq!(arrived, 1, "{section}");
    }
    for life in &lives {
        assert_eq!(life.unsent(), 0);
        demand_equal(house, house.user("ana").0, life).await;
        life.demand_well();
    }
}

fn write(life: &Device, section: &str) {
    let page = NewSop {
        assistant: None,
        category: "booking/access".to_owned(),
        section: section.to_owned(),
        title: section.to_owned(),
        content: format!("Written as {section}.\n"),
        front_matter: String::new(),
    };
    life.write(|write| sops::create(write, &page, Why::default()));
}
