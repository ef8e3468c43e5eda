//! Tasks: what meters can keep of a tariff, which tasks are critical, and that a journal gives back what it was given.

use tern_requests::task::{
    CalendarDate, Currency, DayProfile, Price, Prices, Season, SpecialDay, Switch, Tariff, Utrn, WeekProfile,
};
use tern_requests::{Task, TaskAnswer};

fn price(amount: i64, scale: i8) -> Price {
    Price { amount, scale }
}

fn prices(rates: &[Price]) -> Prices {
    Prices { currency: Currency::Gbp, standing_charge: price(25, -2), rates: rates.to_vec() }
}

/// Seven hours of the second rate each night.
fn tariff() -> Tariff {
    let schedule = vec![Switch { minute: 0, rate: 2 }, Switch { minute: 420, rate: 1 }];
    Tariff {
        days: vec![DayProfile { name: 1, schedule }],
        weeks: vec![WeekProfile { name: 1, days: [1; 7] }],
        seasons: vec![Season { name: "ALL".to_owned(), start: CalendarDate::default(), week: 1 }],
        special_days: vec![SpecialDay {
            date: CalendarDate { month: Some(12), day: Some(25), ..Default::default() },
            day: 1,
        }],
        thresholds: vec![vec![1000]; 8],
        prices: prices(&[price(28, -2), price(9, -2)]),
    }
}

#[track_caller]
fn unkept(change: fn(&mut Tariff)) -> String {
    let mut tariff = tariff();
    change(&mut tariff);
    tariff.check().expect_err("cannot be kept").to_string()
}

#[test]
fn what_meters_cannot_keep_is_refused_in_words() {
    assert_eq!(tariff().check(), Ok(()));
    let three = |tariff: &mut Tariff| tariff.prices.rates.push(price(1, 0));
    assert_eq!(unkept(three), "3 rates; the meter has 2");
    assert_eq!(unkept(|t| t.prices.rates.clear()), "a tariff without a price");
    assert_eq!(unkept(|t| t.days[0].schedule[1].rate = 3), "day 1 uses rate 3, which has no price");
    assert_eq!(unkept(|t| t.days[0].schedule[1].minute = 0), "the times of day 1 do not rise");
    let late = |tariff: &mut Tariff| tariff.days[0].schedule[0].minute = 5;
    assert_eq!(unkept(late), "day 1 does not say which rate runs from midnight on");
    assert_eq!(unkept(|t| t.weeks[0].days[6] = 2), "day 2 is named, and is not there");
    assert_eq!(unkept(|t| t.special_days[0].day = 3), "day 3 is named, and is not there");
    assert_eq!(unkept(|t| t.seasons[0].week = 4), "week 4 is named, and is not there");
    assert_eq!(unkept(|t| t.seasons.clear()), "a switching table without a day, a week or a season");
}

#[test]
fn prices_differ_by_what_they_are_worth() {
    assert!(!prices(&[price(28, -2)]).has_two_rates());
    assert!(prices(&[price(28, -2), price(28, -2)]).has_two_rates());
    assert!(!prices(&[price(28, -2), price(28, -2)]).differ());
    assert!(!prices(&[price(28, -2), price(280, -3)]).differ());
    assert!(prices(&[price(28, -2), price(28, -3)]).differ());
    assert!(!prices(&[price(0, 127), price(0, -128)]).differ());
    assert!(prices(&[price(1, 127), price(1, -128)]).differ());
}

#[test]
fn a_journal_gives_back_what_it_was_given() {
    let utrn = Utrn::made(1500, 7).expect("pence");
    for task in [Task::SetTariff { tariff: tariff() }, Task::TopUp { utrn }, Task::ReadFirmware] {
        let text = serde_json::to_string(&task).expect("a task");
        assert_eq!(serde_json::from_str::<Task>(&text).expect("the same"), task);
        assert_eq!(task.is_critical(), matches!(task, Task::SetTariff { .. }));
        assert_eq!(task.is_read(), task == Task::ReadFirmware);
    }
    let answer = serde_json::to_string(&TaskAnswer::AlreadyUsed).expect("an answer");
    assert_eq!(answer, r#"{"answer":"already-used"}"#);
}
