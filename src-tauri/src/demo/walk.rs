//! The walk-through: one edit on its way from a laptop without a server to a colleague.

use super::{Demo, Laptop, secrets};
use crate::app::{self, App};
use crate::cli::PasswordSource;
use crate::commands::search::{self, SearchRequest};
use crate::commands::{knowledge, status};
use crate::failure::{Code, Failure};
use crate::words;
use guildhall_local::sops::Changes;
use std::time::Duration;

const PAGE: &str = "booking/access/pin-failures";
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Looks until something has to have arrived.
const PATIENCE: usize = 300;

/// Walks, and says each step.
pub fn walk(demo: &Demo, say: &dyn Fn(&str)) -> Result<(), Failure> {
    let [ana, ben] = demo.laptops();
    let (ana, ben) = (open(&ana)?, open(&ben)?);
    let runtime = app::runtime()?;

    say("\n1. Ana looks for what a customer asks.");
    let hits = search::search(
        &ana,
        SearchRequest { text: "pin does not work".to_owned(), tables: Vec::new(), limit: 3 },
    )?;
    hits.hits.iter().for_each(|hit| say(&format!("   {} ({})", hit.title.text, hit.path)));

    say("\n2. The server goes away. Ana corrects the page all the same.");
    demo.stop_server()?;
    let sentence =
        format!("Checked at the desk on {}.", words::date_and_time(guildhall_server::clock::now()));
    let text = with_sentence(&knowledge::content(&ana, PAGE)?, &sentence);
    let changes = Changes { content: Some(text), ..Changes::default() };
    let page = knowledge::edit(&ana, PAGE, &changes, Some("Checked".to_owned()))?;
    say(&format!("   She writes: “{sentence}”"));
    say(&format!("   The page says:   {}", page.mark));
    say(&format!("   The laptop says: {}", runtime.block_on(status::status(&ana))?.chip));

    say("\n3. The server comes back. Nobody presses anything.");
    demo.start_server()?;
    let page = wait_for("Ana's edit to arrive", || {
        Ok(Some(knowledge::show(&ana, PAGE)?).filter(|page| page.mark.starts_with("On server")))
    })?;
    say(&format!("   Ana's page says: {}", page.mark));

    say("\n4. Ben's laptop has it without being asked.");
    let page = wait_for("Ben's laptop to have it", || {
        Ok(Some(knowledge::show(&ben, PAGE)?).filter(|page| page.content.contains(&sentence)))
    })?;
    say(&format!("   “{sentence}”, {} by {}", page.mark, page.updated_by.as_deref().unwrap_or("somebody")));
    Ok(())
}

/// What to try next, with all that has to be typed.
pub fn next_steps(demo: &Demo) -> Result<String, Failure> {
    let [ana, ben] = demo.laptops();
    let program = std::env::current_exe().map_err(Failure::fault)?;
    let program = program.display();
    let at = demo.option();
    let alias = |name: &str, laptop: &Laptop| {
        format!(
            "  alias {name}='{program} --profile {} --password-file {}'\n",
            laptop.dir.display(),
            laptop.password_file.display()
        )
    };
    Ok(format!(
        "\nThe sample guild runs at http://{} until `guildhall demo stop{at}`. Two laptops are signed in:\n\n{}{}\
         \nTry:\n\
         \n  ana search projector black\
         \n  ana sop show {PAGE}\
         \n  {program} demo stop-server{at}\
         \n  ana sop edit {PAGE} --append 'Ask for the booking number first.'\
         \n  ana status\
         \n  {program} demo start-server{at}\
         \n  ben sop show {PAGE}\
         \n  ana import FOLDER            (a folder of Markdown pages; says what it would do)\
         \n  {program} demo stop{at}\n",
        demo.address()?,
        alias("ana", &ana),
        alias("ben", &ben)
    ))
}

/// What is worth a try while the window of one laptop is open.
#[cfg(feature = "desktop")]
pub fn beside_the_window(demo: &Demo, laptop: &Laptop) -> Result<String, Failure> {
    let other = demo.laptops().map(|laptop| laptop.person).into_iter().find(|name| *name != laptop.person);
    let (other, at) = (other.unwrap_or(laptop.person), demo.option());
    let program = std::env::current_exe().map_err(Failure::fault)?;
    let program = program.display();
    Ok(format!(
        "\nThe sample guild runs at http://{} until `guildhall demo stop{at}`; the window belongs to {}'s laptop.\
         \nIts menu has Work offline; the server itself goes and comes with the second and third line:\n\
         \n  {program} demo window {other}{at}\
         \n  {program} demo stop-server{at}\
         \n  {program} demo start-server{at}\n",
        demo.address()?,
        laptop.first_name()
    ))
}

fn open(laptop: &Laptop) -> Result<App, Failure> {
    secrets::read(&laptop.password_file)?;
    let password =
        PasswordSource { password_stdin: false, password_file: Some(laptop.password_file.clone()) };
    App::open(&laptop.dir, &password)
}

/// The page with this sentence at its end, in the place of that of an earlier walk.
fn with_sentence(text: &str, sentence: &str) -> String {
    let kept = text.lines().filter(|line| !line.starts_with("Checked at the desk on "));
    let kept = kept.collect::<Vec<_>>().join("\n");
    format!("{}\n\n{sentence}\n", kept.trim_end())
}

fn wait_for<T>(what: &str, mut look: impl FnMut() -> Result<Option<T>, Failure>) -> Result<T, Failure> {
    for _ in 0..PATIENCE {
        if let Some(found) = look()? {
            return Ok(found);
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Err(Failure::new(Code::Offline, format!("Waited in vain for {what}.")))
}
