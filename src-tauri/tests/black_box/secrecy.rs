//! What a person may not read is on none of their laptop's pages: each file is opened with its own
//! key and searched whole, free pages, write-ahead file and everything beside it.

use crate::house::House;

/// At least so many texts are looked for that must not be there.
const MARKERS: usize = 40;

/// Gives every row that not everybody may read a word of its own: `zq`, what it is, and its id.
const MARK: &str = "
    update guildhall.objective_sections set body_md = body_md || E'\\n\\nzq' || section || left(id::text, 8);
    update guildhall.competitors set strengths = strengths || E'\\n- zqcompetitor' || left(id::text, 8);
    update guildhall.tickets set subject = subject || ' zqticket' || left(id::text, 8);
    update guildhall.user_contacts set email = 'zqcontact' || left(user_id::text, 8) || '@fairway.example';
    update guildhall.public_info set answer = answer || E'\\n\\nzqpublic' || left(id::text, 8);
";

struct Marks {
    classified: Vec<String>,
    tactical: Vec<String>,
    briefs: Vec<String>,
    competitors: Vec<String>,
    tickets_elsewhere: Vec<String>,
    tickets_here: Vec<String>,
    contacts: Vec<String>,
    public: Vec<String>,
}

async fn list(house: &House, word: &str, from: &str) -> Vec<String> {
    let question = format!("select string_agg('zq{word}' || left(id::text, 8), ' ') from guildhall.{from}");
    house.ask::<String>(question).await.split(' ').map(str::to_owned).collect()
}

async fn mark(house: &House) -> Marks {
    house.psql(MARK).await;
    let harbour = house.id_of("locations", "harbourfront");
    let section = |word: &str| format!("objective_sections where section = '{word}'");
    let lowest = house.id_of("ranks", "caddie");
    let open = format!("{} and scope_key = 'rank:{lowest}'", section("brief"));
    Marks {
        classified: list(house, "classified", &section("classified")).await,
        tactical: list(house, "tactical", &section("tactical")).await,
        briefs: list(house, "brief", &open).await,
        competitors: list(house, "competitor", "competitors").await,
        tickets_elsewhere: list(house, "ticket", &format!("tickets where location_id <> '{harbour}'")).await,
        tickets_here: list(house, "ticket", &format!("tickets where location_id = '{harbour}'")).await,
        contacts: list(house, "contact", "users").await,
        public: list(house, "public", "public_info where approved_at is not null").await,
    }
}

async fn demand_secrecy(person: &str, may_read: impl Fn(&House, &Marks) -> Vec<String>) {
    let house = House::of_sample().await;
    // Filled before, so that the marks come as changes of rows; and another one filled after.
    let before = house.laptop_of(person).await;
    let marks = mark(&house).await;
    let after = house.laptop_of(person).await;
    before.sync().await;
    let may_read = may_read(&house, &marks);
    let all = [
        &marks.classified,
        &marks.tactical,
        &marks.briefs,
        &marks.competitors,
        &marks.tickets_elsewhere,
        &marks.tickets_here,
        &marks.contacts,
        &marks.public,
    ];
    let secret: Vec<&str> =
        all.into_iter().flatten().filter(|mark| !may_read.contains(mark)).map(String::as_str).collect();
    assert!(secret.len() >= MARKERS, "{} marks", secret.len());
    let known: Vec<&str> = may_read.iter().map(String::as_str).collect();
    for device in [&before, &after] {
        assert_eq!(device.finds(&secret), [""; 0], "{person} may not read this");
        assert_eq!(device.finds(&known), known, "the control: {person} may read this");
        device.demand_well();
    }
}

fn own_contact(house: &House, person: &str) -> String {
    format!("zqcontact{}", &house.user(person).0.to_string()[..8])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_junior_members_laptop_holds_no_byte_of_what_they_may_not_read() {
    let may_read = |house: &House, marks: &Marks| {
        let open = marks.briefs.iter().chain(&marks.public).cloned();
        open.chain([own_contact(house, "rory")]).collect()
    };
    demand_secrecy("rory", may_read).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_holds_no_byte_of_what_is_not_public() {
    demand_secrecy("kiosk-harbour", |_, marks| marks.public.clone()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_laptop_holds_no_byte_of_what_they_may_not_read() {
    demand_secrecy("ben", |house, marks| {
        let open = marks.briefs.iter().chain(&marks.public).chain(&marks.tickets_here).cloned();
        open.chain([own_contact(house, "ben")]).collect()
    })
    .await;
}
