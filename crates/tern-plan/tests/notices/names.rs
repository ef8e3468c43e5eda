//! Names in the shape of the published samples.

use jiff::civil::date;
use tern_plan::notices::{SmsoName, SupplierFileKind, SupplierFileName};

/// The published sample of a Migration Authorisation.
const SAMPLE: &str = "MA_CGI_70-B3-D5-1F-30-00-A0-08_20190407_182503";

#[test]
fn the_published_sample_is_read_with_and_without_an_ending() {
    for (text, smso) in
        [(SAMPLE.to_owned(), "CGI"), (format!("{SAMPLE}.CSV"), "CGI"), (SAMPLE.replace("CGI", "cgI") + ".csv", "cgi")]
    {
        let name: SupplierFileName = text.parse().expect("a name");
        assert_eq!(name.kind, SupplierFileKind::Authorisation);
        assert_eq!(name.smso, smso.parse::<SmsoName>().expect("a name"));
        assert_eq!(name.supplier.to_string(), "70-B3-D5-1F-30-00-A0-08");
        assert_eq!(name.made, date(2019, 4, 7).at(18, 25, 3, 0));
    }
    let name: SupplierFileName = SAMPLE.parse().expect("a name");
    assert_eq!(name.to_string(), format!("{SAMPLE}.csv"));
}

#[test]
fn every_kind_comes_back_as_it_was_named() {
    for kind in SupplierFileKind::ALL {
        let name = SupplierFileName { kind, ..SAMPLE.parse().expect("a name") };
        assert_eq!(name.to_string().parse::<SupplierFileName>(), Ok(name));
    }
}

#[test]
fn other_names_are_refused_and_an_encrypted_one_says_why() {
    for wrong in [
        "",
        "é",
        "MA_CGI_70-B3-D5-1F-30-00-A0-08_20190407",
        "MA_CGI_70-B3-D5-1F-30-00-A0-08_20190407_182503_1",
        "MX_CGI_70-B3-D5-1F-30-00-A0-08_20190407_182503",
        "MA__70-B3-D5-1F-30-00-A0-08_20190407_182503",
        "MA_C.I_70-B3-D5-1F-30-00-A0-08_20190407_182503",
        "MA_CGI_70-B3-D5-1F-30-00-A0_20190407_182503",
        "MA_CGI_70-B3-D5-1F-30-00-A0-08_20190229_182503",
        "MA_CGI_70-B3-D5-1F-30-00-A0-08_20190407_242503",
        "MA_CGI_70-B3-D5-1F-30-00-A0-08_+1904070_182503",
        "MA_CGI_70-B3-D5-1F-30-00-A0-08_20190407_182503.txt",
    ] {
        assert!(wrong.parse::<SupplierFileName>().is_err(), "{wrong}");
    }
    for day in ["20190229_182503", "20211301_182503", "20190407_242503"] {
        let wrong = SAMPLE.replace("20190407_182503", day).parse::<SupplierFileName>().expect_err("no moment");
        assert!(wrong.expected.starts_with("a date in its name"), "{day}: {wrong}");
    }
    let password = SAMPLE.replace("MA_", "MAPASSWORD_").parse::<SupplierFileName>().expect_err("no name of ours");
    assert!(password.expected.contains("encrypted ones"), "{password}");
}
