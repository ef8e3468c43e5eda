//! Each bad row is told with field, reason and suggestion, and costs no other.

use tern_model::Fuel;
use tern_model::facts::Facts;
use tern_wire::facts_csv::{FAULTS_MAX, FILES, METER_EVENTS, RowFault, Rows, read};

const CHF: &str = "00-DB-12-34-56-78-90-A2";

fn header(file: &str) -> String {
    let file = FILES.iter().find(|known| known.name == file).unwrap();
    file.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(",")
}

fn read_rows(file: &str, rows: &[&str]) -> (Facts, Vec<RowFault>) {
    let mut facts = Facts::default();
    let text = format!("{}\r\n{}\r\n", header(file), rows.join("\r\n"));
    let faults = read(file, text.as_bytes(), &mut facts);
    for fault in &faults {
        assert!(!fault.reason.is_empty() && !fault.suggestion.is_empty() && fault.file == file, "{fault}");
        assert!(fault.row >= 1 && fault.row <= rows.len() as u64 + 1, "{fault}");
    }
    (facts, faults)
}

/// Reads a file of one row and expects exactly these fields and reasons.
#[track_caller]
fn check(file: &str, row: &str, expected: &[(&str, &str)]) {
    let row = row.replace('@', CHF);
    let (_, faults) = read_rows(file, &[&row]);
    let told: Vec<_> = faults.iter().map(|f| (f.field.as_str(), f.reason.as_str())).collect();
    assert_eq!(told, expected, "{file}: {row}");
}

#[test]
fn values_that_are_none_are_told_by_field() {
    check(
        "registration.csv",
        "20x,oil,90-B3,,2021-02-30",
        &[
            ("mpxn", "`20x` is no such value"),
            ("fuel", "`oil` is no such value"),
            ("supplier_id", "`90-B3` is no such value"),
            ("network_operator_id", "the cell is empty"),
            ("effective_from", "`2021-02-30` is no such value"),
        ],
    );
    check(
        "epcl.csv",
        "a,b,c,d,e,f,g,,,p,Approved,2021-01-01",
        &[
            ("gsme_model", "the cell is empty"),
            ("gsme_firmware", "the cell is empty"),
            ("state", "`Approved` is no such value"),
        ],
    );
    check("sims.csv", "@,2341,", &[("imsi", "`2341` is no such value"), ("apn", "the cell is empty")]);
    check(
        "inventory.csv",
        "@,HUB,@,Commissioned,nonsense",
        &[("device_kind", "`HUB` is no such value"), ("by_set", "`nonsense` is no such value")],
    );
    check(
        "exclusions.csv",
        "@,bored,2021-01-01,\"\"",
        &[("category", "`bored` is no such value"), ("evidence", "the cell is empty")],
    );
    check("registration.csv", "1,gas", &[("", "the row has 2 cells, the header has 5")]);
}

#[test]
fn contradictions_inside_a_row_are_told() {
    check(
        "authorisations.csv",
        "R,@,@,2021-01-02,2021-01-01",
        &[("until", "until 2021-01-01 is before from 2021-01-02")],
    );
    check(
        "notices.csv",
        "@,@,migration,2021-01-02,2021-01-01,running",
        &[("earliest", "earliest 2021-01-01 is before issued 2021-01-02")],
    );
    check(
        "smso_configuration.csv",
        "@,@,2021-01-02,2021-01-01",
        &[("tried", "tried 2021-01-01 is before configured 2021-01-02")],
    );
    check(
        "rollback_certificates.csv",
        "@,@,0,NULL,2021-01-02,2021-01-01,",
        &[
            ("until", "until 2021-01-01 is before from 2021-01-02"),
            ("serial", "the Null Certificate ID restores nothing"),
        ],
    );
    check("inventory.csv", "@,ESME,@,Commissioned,", &[("chf_identifier", "this ESME names itself as its hub")]);
    check(
        "inventory.csv",
        "00-00-00-00-00-00-00-01,CHF,00-00-00-00-00-00-00-02,Commissioned,",
        &[("chf_identifier", "this CHF names another as its hub")],
    );
}

#[test]
fn a_second_row_of_one_key_repeats_or_contradicts_the_first() {
    let row = |mpxn: &str, supplier: u8| format!("{mpxn},gas,00-00-00-00-00-00-00-{supplier:02},{CHF},2021-01-01");
    let rows = [row("1", 1), row("2", 1), row("1", 1), row("2", 2), row("3", 1)];
    let (facts, faults) = read_rows("registration.csv", &rows.each_ref().map(String::as_str));
    let told: Vec<_> = faults.iter().map(|f| (f.row, f.reason.as_str())).collect();
    let contradicts = "the row contradicts row 3, which has the same mpxn, fuel, effective_from; row 3 was taken";
    assert_eq!(told, [(4, "the row repeats row 2"), (5, contradicts)]);
    for mpxn in ["1", "2", "3"] {
        let kept = facts.registrations(Fuel::Gas, &mpxn.parse().unwrap());
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].supplier.to_string(), "00-00-00-00-00-00-00-01");
    }
}

#[test]
fn good_rows_are_kept_beside_bad_ones() {
    let good = |n: u64| format!("00-DB-12-34-56-78-90-{n:02},234150000000001,apn.example");
    let rows = [good(1), "rubbish,1,".into(), good(2), "\"".into()];
    let (facts, faults) = read_rows("sims.csv", &rows.each_ref().map(String::as_str));
    assert_eq!(faults.iter().map(|f| f.row).collect::<Vec<_>>(), [3, 3, 3, 5]);
    let kept = [1, 2].map(|n| facts.sim(format!("00-DB-12-34-56-78-90-{n:02}").parse().unwrap()).is_some());
    assert_eq!(kept, [true, true]);
    assert!(facts.given("sims.csv"));
}

#[test]
fn a_quote_that_takes_in_what_stands_after_it_is_told_where_it_opens() {
    let good = |n: u64| format!("00-DB-12-34-56-78-90-{n:02},234150000000001,apn.example");
    let stray = |n: u64| format!("00-DB-12-34-56-78-90-{n:02},\"234150000000001,apn.example");
    let told = |rows: &[String]| {
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let (facts, faults) = read_rows("sims.csv", &rows);
        let told: Vec<_> = faults.iter().map(|f| (f.row, f.field.clone(), f.reason.clone())).collect();
        assert!(faults.iter().all(|f| f.suggestion.contains("quote")), "{faults:?}");
        (told, facts.given("sims.csv"))
    };
    let fault = |row, column: &str, reason: &str, given| (vec![(row, column.to_owned(), reason.to_owned())], given);
    let lines = "a quote opens in this cell and takes in the 3 lines below; nothing of the file after it was read";
    assert_eq!(told(&[good(1), stray(2), good(3), good(4), good(5)]), fault(3, "imsi", lines, false));
    // In the last row it takes in cells alone, and every other row was read.
    let cells = "a quote opens in this cell and takes in the cells after it";
    assert_eq!(told(&[good(1), stray(2)]), fault(3, "imsi", cells, true));
    // The next stray quote closes it, and the row between is lost.
    let open = |n: u64| format!("00-DB-12-34-56-78-90-{n:02},234150000000001,\"apn.example");
    let line = "a quote opens in this cell and takes in the line below; nothing of the file after it was read";
    assert_eq!(told(&[open(1), open(2), good(3)]), fault(2, "apn", line, false));
}

/// Reads a whole file that gives no record, and expects this fault among the first.
#[track_caller]
fn check_file(name: &str, bytes: &[u8], field: &str, reason: &str) {
    let mut facts = Facts::default();
    let faults = read(name, bytes, &mut facts);
    let told = faults.iter().find(|f| f.field == field && f.reason == reason);
    assert!(told.is_some_and(|f| !f.suggestion.is_empty()), "{reason}: {faults:?}");
    assert!(!facts.given(name), "a file with a wrong header was not given");
}

#[test]
fn a_file_with_another_header_gives_nothing() {
    check_file("sims.csv", b"", "", "the file is empty, it has not even a header");
    check_file("sims.csv", b"chf_identifier,imsi\n", "apn", "the column is missing");
    check_file("sims.csv", b"chf_identifier,imsi,apn,colour\n", "colour", "there is no such column");
    check_file("sims.csv", b"chf_identifier,imsi,apn,apn\n", "apn", "the column is there twice");
    check_file("sims.csv", b"chf_identifier;imsi;apn\n", "imsi", "the column is missing");
    check_file("sims.csv", b"chf_identifier,imsi,\xE4pn\n", "", "the file is not UTF-8");
    let utf16: Vec<u8> = "chf_identifier,imsi,apn\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check_file("sims.csv", &utf16, "", "the file is not UTF-8: it looks like UTF-16");
    check_file("sim.csv", b"chf_identifier,imsi,apn\n", "", "this is no file of fact records");
}

#[test]
fn columns_in_another_order_a_mark_and_small_letters_are_fine() {
    let mut facts = Facts::default();
    let text = "\u{feff}apn, imsi ,chf_identifier\r\n apn.example ,234150000000001,00db1234567890a2\r\n";
    assert_eq!(read("sims.csv", text.as_bytes(), &mut facts), []);
    assert_eq!(facts.sim(CHF.parse().unwrap()).unwrap().apn, "apn.example");
    let mut facts = Facts::default();
    let rows = [b"apn,imsi,chf_identifier\n\xE4,234150000000001,".as_slice(), CHF.as_bytes()].concat();
    let faults = read("sims.csv", &rows, &mut facts);
    assert_eq!((faults.len(), faults[0].row, faults[0].reason.as_str()), (1, 2, "the row is not UTF-8"));
}

#[test]
fn faults_are_capped_and_the_rest_is_counted() {
    let rows = "x,y,z\n".repeat(FAULTS_MAX);
    let mut facts = Facts::default();
    let faults = read("sims.csv", format!("{}\n{rows}", header("sims.csv")).as_bytes(), &mut facts);
    assert_eq!(faults.len(), FAULTS_MAX + 1);
    // `x` and `y` are no values, `z` is an APN.
    assert_eq!(faults[FAULTS_MAX].reason, format!("{FAULTS_MAX} faults more are not told"));
}

/// Reads one row of meter events and expects exactly these fields and reasons.
#[track_caller]
fn check_event(row: &str, expected: &[(&str, &str)]) {
    let names: Vec<_> = METER_EVENTS.columns.iter().map(|column| column.name).collect();
    let text = format!("{}\n{}\n", names.join(","), row.replace('@', CHF));
    let mut rows = Rows::open(METER_EVENTS, text.as_bytes()).unwrap();
    let good = rows.next_row().unwrap();
    let faults = rows.into_faults();
    let told: Vec<_> = faults.iter().map(|f| (f.field.as_str(), f.reason.as_str())).collect();
    assert_eq!((told.as_slice(), good.is_some()), (expected, expected.is_empty()), "{row}");
    assert!(faults.iter().all(|f| !f.suggestion.is_empty()));
}

#[test]
fn an_event_has_what_it_needs_and_nothing_else() {
    check_event("@,2021-03-01,payment-mode,credit,,,,", &[]);
    check_event("1100633547032,2021-03-01,supplier-change-planned,,,2021-03-01,@,", &[]);
    check_event("@,2021-03-01,payment-mode,,,,,", &[("payment_mode", "the cell is empty")]);
    check_event("@,2021-03-01,top-up,,,,,", &[("result", "the cell is empty")]);
    check_event("@,2021-03-01,supplier-change-planned,,,,,", &[("takes_effect", "the cell is empty")]);
    check_event(
        "@,2021-03-01,supplier-change-withdrawn,credit,success,2021-03-02,@,",
        &[
            ("payment_mode", "a supplier-change-withdrawn has none"),
            ("result", "a supplier-change-withdrawn has none"),
            ("takes_effect", "a supplier-change-withdrawn has none"),
            ("new_supplier_id", "a supplier-change-withdrawn has none"),
        ],
    );
    check_event(
        "@,2021-03-02,supplier-change-planned,,,2021-03-01,,",
        &[("takes_effect", "takes_effect 2021-03-01 is before day 2021-03-02")],
    );
    check_event(
        "meter,1 March,moved,cash,maybe,,,",
        &[
            ("meter", "`meter` is no such value"),
            ("day", "`1 March` is no such value"),
            ("event", "`moved` is no such value"),
            ("payment_mode", "`cash` is no such value"),
            ("result", "`maybe` is no such value"),
        ],
    );
}
